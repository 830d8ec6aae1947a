/* MATLAB files: version 5 to 7.2 (our own strict
 * reader) and 7.3 (HDF5).  All Local: one rank reads.
 *
 * Full real arrays of all numeric classes and logicals are read.  Cells,
 * structs, sparse and complex arrays, texts and serialised objects are
 * listed, and refused by name.  Version 4 files are refused.
 */
#ifndef AET_IO_MAT_H
#define AET_IO_MAT_H

#include "aetlas/io/raster.h"

/* True when the file begins like a MATLAB file (5 or 7.3). */
bool aet_mat_is(const char *path);
/* What it holds.  Free with aet_release.  INPUT when it is damaged. */
aet_err aet_mat_list(const char *path, aet_raster_info **infos, int *n);
/* The variable that is wanted; its name stands in want->name or it is the only one that fits. */
aet_err aet_mat_read(const char *path, const aet_raster_want *want, aet_raster **r);

#endif
