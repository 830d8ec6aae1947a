/* Adding atoms to a plane of pixels: the inner loop
 * of every linear projection.  Everything is Local.
 *
 * An atom is a short sum of Gaussians (aetlas/physics/potential.h), each a product of one factor in
 * x and one in y: a patch of pixels is an outer product of rank 6 to 20, a few multiply-adds per
 * pixel and no function of the distance.  The factors themselves come from a table of exp(-alpha
 * i^2) at whole pixels times the powers of exp(2 alpha d) for the sub-pixel part d: four
 * exponentials per term and atom.
 *
 * The profile is sampled at the pixel centres, not averaged over pixels: it is band-limited by its
 * Gaussian, and the sum over the plane keeps the integral to exp(-2 pi^2 sigma^2 / pixel^2).
 */
#ifndef AET_PHYSICS_PAINT_H
#define AET_PHYSICS_PAINT_H

#include "aetlas/physics/potential.h"
#include <stdbool.h>

/* A profile made ready for one size of pixels. */
typedef struct aet_brush aet_brush;

/* USAGE for a pixel so small that the patch has more than 4096 pixels along x; NOMEM. */
aet_err aet_brush_create(const aet_profile *p, double pixel_A, aet_brush **b);
void aet_brush_free(aet_brush **b);

/* Adds the projection of an atom to plane [ny][nx], in V A; (x, y): its place in pixels, any real
 * numbers, pixel centres at integers.  Pixels beyond the plane's edge are left out.  Not
 * thread-safe on one brush. */
void aet_paint_atom(double *plane, int nx, int ny, aet_brush *b, double x, double y);

/* The same on scan lines that are not where they should be: pixel i of line j looks at
 * (line_x[j] + i, line_y[j]), in pixels of the brush, and the atom is sampled there: no image is
 * interpolated.  line_x, line_y: [ny], any finite numbers. */
void aet_paint_lines(double *plane, int nx, int ny, const double *line_x, const double *line_y,
                     aet_brush *b, double x, double y);

/* Adds the blurred potential of an atom at the voxel place (x, y, z) of a volume, in V, to its
 * planes first ... first + nz - 1, brick [nz][ny][nx], cubic voxels.  What a voxel gets does not
 * depend on how the volume is cut into bricks, to the last bit. */
void aet_paint_brick(double *brick, int nx, int ny, int first, int nz, aet_brush *b, double x,
                     double y, double z);

#endif
