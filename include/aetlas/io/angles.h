/* Tilt angles out of MATLAB files, HDF5 files and texts (.rawtlt, .tlt, .csv, .txt).  All Local.
 *
 * One column: theta, the tilt about y, with phi = psi = 0.  Three columns: phi, theta, psi.  A
 * MATLAB array may also be one row, or three.
 */
#ifndef AET_IO_ANGLES_H
#define AET_IO_ANGLES_H

#include "aetlas/base/error.h"

/* variable: name in a MATLAB or HDF5 file, NULL for the only one that fits.  *angles_deg [n][3]:
 * free with aet_release.  INPUT when a value is not finite or beyond 360 degrees. */
aet_err aet_angles_read(const char *path, const char *variable, int *n, double (**angles_deg)[3]);

#endif
