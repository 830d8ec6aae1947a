/* Where the matter of a volume ends. */
#ifndef AET_DATA_BOUNDARY_H
#define AET_DATA_BOUNDARY_H

#include "aetlas/data/volume.h"

#define AET_SMOOTH_REACH 3.0 /* standard deviations at which the Gaussian is cut */

/* Collective.  The volume smoothed by a Gaussian (sigma in voxels; values outside
 * count as the nearest inside): *out, owned by the caller, [slab.count][ny][nx].  NOMEM. */
aet_err aet_volume_smooth(const aet_volume *v, double sigma, float **out);

/* Collective.  The Otsu boundary: the volume smoothed, cut at `factor` times its Otsu threshold, and
 * the largest connected piece (over faces of voxels) kept.  *inside: owned by the caller,
 * [slab.count][ny][nx], 1 within and 0 without.  INPUT for a constant volume, NOMEM. */
aet_err aet_volume_boundary(const aet_volume *v, double sigma, double factor, int **inside);

/* Collective.  Fills holes: all but the largest piece of what is outside becomes inside.  NOMEM. */
aet_err aet_volume_fill(const aet_volume *v, int *inside);

#endif
