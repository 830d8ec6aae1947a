/* Tables for a spreadsheet: comma separated, one heading line, full precision.  All Local;
 * OUTPUT when the file cannot be written. */
#ifndef AET_IO_CSV_H
#define AET_IO_CSV_H

#include "aetlas/data/atoms.h"
#include "aetlas/data/tilt.h"

/* index, element, x_A, y_A, z_A and one column per
 * value of each column (NAME_0, NAME_1 .. for vectors). */
aet_err aet_csv_write_atoms(const char *path, const aet_atoms *a);
/* The rows of one of n curves; cells without a value are empty.  INPUT, naming the curves there are,
 * when it does not exist. */
aet_err aet_csv_write_curve(const char *path, const aet_curve *curves, int n, const char *name);
/* name, value, unit, description. */
aet_err aet_csv_write_scalars(const char *path, const aet_atoms *a);
/* phi_deg, theta_deg, psi_deg; plain: theta alone without a heading (.tlt, .rawtlt). */
aet_err aet_csv_write_angles(const char *path, const aet_tilt *t, bool plain);

#endif
