/* XYZ and extended XYZ texts.  All Local.
 *
 * Read: the first frame; plain (element x y z, further words ignored) or with Properties=... in the
 * second line (libAtoms/ASE, OVITO): species, pos, and further real or integer properties, which
 * become columns.  Blanks and tabs may be mixed; the element may be an atomic number.  Written:
 * extended XYZ with all columns of the atoms; scalars as key=value in the second line.
 */
#ifndef AET_IO_XYZ_H
#define AET_IO_XYZ_H

#include "aetlas/data/atoms.h"

/* INPUT, with the line, when it is not XYZ or not what it says; *a belongs to the caller. */
aet_err aet_xyz_read(const char *path, aet_atoms **a);
/* OUTPUT when it cannot be written. */
aet_err aet_xyz_write(const char *path, const aet_atoms *a);

#endif
