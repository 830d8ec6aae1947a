/* XDMF: a small XML file that tells ParaView and VisIt how to read one
 * of our HDF5 files (XDMF 3 model and format, xdmf.org).  The data stay
 * in the HDF5 file, which must not be moved away from it.  All Local; OUTPUT
 * when the file cannot be written. */
#ifndef AET_IO_XDMF_H
#define AET_IO_XDMF_H

#include "aetlas/data/atoms.h"
#include "aetlas/data/volume.h"

/* h5: the path of the file that holds the noun. */
aet_err aet_xdmf_write_volume(const char *path, const char *h5, const aet_volume *v);
/* Every map of a file of maps.  INPUT when the file is damaged. */
aet_err aet_xdmf_write_maps(const char *path, const char *h5);
/* Atoms as points, species and every column as attributes. */
aet_err aet_xdmf_write_atoms(const char *path, const char *h5, const aet_atoms *a);

#endif
