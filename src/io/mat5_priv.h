/* The reader of MATLAB files of version 5 (mat5.c), used by mat.c. */
#ifndef AET_MAT5_PRIV_H
#define AET_MAT5_PRIV_H

#include "aetlas/io/raster.h"

/* Lists the variables (r NULL), or reads variable number `index` into *r. */
aet_err mat5_scan(const char *path, aet_raster_info **infos, int *n, int index, bool wide,
                  aet_raster **r);

#endif
