/* From any file that is understood to a noun: the way in for commands and campaigns.
 *
 * The format is told by content, not by name (texts by name).  Rank 0 reads and checks, then every
 * rank gets its noun; all aet_load_* are Collective over comm, the rest is Local.  INPUT says what
 * is wrong with which file and what was expected; the noun has passed its _check.
 */
#ifndef AET_IO_LOAD_H
#define AET_IO_LOAD_H

#include "aetlas/data/atoms.h"
#include "aetlas/data/tilt.h"
#include "aetlas/data/volume.h"
#include <mpi.h>

typedef enum {
    AET_FORMAT_UNKNOWN,
    AET_FORMAT_TILT,   /* ours, HDF5 */
    AET_FORMAT_VOLUME, /* ours, HDF5 */
    AET_FORMAT_ATOMS,  /* ours, HDF5: atoms and measures */
    AET_FORMAT_HDF5,   /* any other, EMD for one */
    AET_FORMAT_MAT,    /* MATLAB 5 to 7.3 */
    AET_FORMAT_MRC,
    AET_FORMAT_TIFF,
    AET_FORMAT_XYZ,
    AET_FORMAT_TEXT, /* numbers in columns */
    AET_FORMAT_MAPS  /* ours, HDF5 */
} aet_format;

/* UNKNOWN also when the file cannot be read. */
aet_format aet_format_of(const char *path);
const char *aet_format_name(aet_format format);

typedef struct {
    const char *variable; /* array in a MATLAB or HDF5 file; NULL: the only one that fits */
    const char *angles;   /* file of the angles; NULL only when the images are a tilt.h5 */
    const char *angles_variable;
    double pixel_A;    /* 0: as the file says */
    double fallback_A; /* when neither says it; 0: INPUT */
} aet_load_tilt_options;
/* INPUT when there are not as many angles as images. */
aet_err aet_load_tilt(MPI_Comm comm, const char *path, const aet_load_tilt_options *options,
                      aet_tilt **t);

typedef struct {
    const char *variable;
    double pixel_A, fallback_A; /* as above */
} aet_load_volume_options;
aet_err aet_load_volume(MPI_Comm comm, const char *path, const aet_load_volume_options *options,
                        aet_volume **v);

typedef struct {
    const char *variable; /* positions: one dimension is 3 */
    const char *types;    /* file of the types; NULL: in the file itself, if it has any */
    const char *types_variable;
    int n_species; /* types are 1 .. n_species, or atomic numbers of this list; 0: atomic numbers */
    int species[8];
    double unit_A;         /* length of the file's unit; 0: 1 A */
    bool center;           /* move the mean position to the origin */
    double min_distance_A; /* nearer pairs are an error that names them; 0: no check */
    /* Nearer pairs become one atom at their mean, of the first one's species; 0: none. */
    double merge_below_A;
} aet_load_atoms_options;
aet_err aet_load_atoms(MPI_Comm comm, const char *path, const aet_load_atoms_options *options,
                       aet_atoms **a);

#endif
