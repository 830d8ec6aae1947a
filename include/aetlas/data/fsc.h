/* Fourier shell correlation: down to which detail two volumes say the same.
 *
 * FSC(q) = sum Re(A B*) / sqrt(sum |A|^2 sum |B|^2) over the shell of spatial frequencies about q (van
 * Heel and Schatz, J. Struct. Biol. 151, 250 (2005)).  For halves of one data set, 0.143 is where the
 * whole correlates with the truth by 0.5 (Rosenthal and Henderson, J. Mol. Biol. 333, 721 (2003)).
 * Independent noise gives 0 +- 1/sqrt(points).  The same within 30 degrees of each axis (Diebolder,
 * Faas, Koster, Koning, J. Struct. Biol. 190, 215 (2015)) tells how directions differ: a tilt series
 * about y with a missing wedge sees little along z.
 */
#ifndef AET_DATA_FSC_H
#define AET_DATA_FSC_H

#include "aetlas/data/volume.h"

/* Collective.  Adds the curve "fsc" to the volume `to` (which may be one of the two): one row for each
 * shell of width 1 / (longest side), from frequency 0 to Nyquist's; columns frequency_per_A, fsc, fsc_x,
 * fsc_y, fsc_z, points (of the whole shell; NAN where a shell is empty).  The same on any number of
 * ranks up to the rounding of single-precision transforms.  INPUT when shapes differ; NOMEM: twice the
 * volumes. */
aet_err aet_volume_fsc(const aet_volume *a, const aet_volume *b, aet_volume *to);

/* Local.  The detail in Angstrom, 1/q, at which the column fsc first falls below the threshold, linear
 * between shells; that of the last shell where it never does, NAN where the first is below. */
double aet_fsc_resolution(const aet_curve *fsc, double threshold);

#endif
