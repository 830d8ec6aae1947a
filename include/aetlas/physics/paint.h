/* Adding atoms to a plane of pixels: the inner loop of every linear projection.  Everything is
 * Local. */
#ifndef AET_PHYSICS_PAINT_H
#define AET_PHYSICS_PAINT_H

#include "aetlas/physics/potential.h"

/* Adds weight * profile(r) to plane [ny][nx], r^2 = (dx^2 + dy^2) pixel_A^2 + dz_A^2, where (x, y)
 * is the atom's place in pixels (any real numbers; pixel centres at integers) and dz_A its distance
 * from the plane (0 in a projection).  The profile is sampled at the pixel centres, not averaged
 * over pixels: it is band-limited by its Gaussian, and the sum over the plane keeps the integral to
 * exp(-2 pi^2 sigma^2 / pixel^2).  Pixels beyond the plane's edge are left out.  Cost: the pixels
 * within the cutoff. */
void aet_paint_atom(double *plane, int nx, int ny, double pixel_A, const aet_profile *p,
                    double weight, double x, double y, double dz_A);

#endif
