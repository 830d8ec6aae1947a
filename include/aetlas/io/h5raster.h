/* Arrays of numbers in any HDF5 file: EMD, MATLAB 7.3, plain.  All Local: one rank reads. */
#ifndef AET_IO_H5RASTER_H
#define AET_IO_H5RASTER_H

#include "aetlas/io/raster.h"

/* All datasets, by path; of a MATLAB 7.3 file its variables.  Free with aet_release. */
aet_err aet_h5raster_list(const char *path, aet_raster_info **infos, int *n);
/* The dataset that is wanted.  pixel_A is taken from an EMD file whose axes (dim1, dim2, ... beside
 * the dataset) are in nm or Angstrom (Berkeley EMD 0.2, emdatasets.com). */
aet_err aet_h5raster_read(const char *path, const aet_raster_want *want, aet_raster **r);

#endif
