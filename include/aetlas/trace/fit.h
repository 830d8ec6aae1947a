/* Sub-voxel positions: fits of one atom in a small box of voxels.  Everything is Local.
 *
 * A box is [n][n][n], x fastest, n = 2*half+1; positions are in voxels from its central voxel.
 */
#ifndef AET_TRACE_FIT_H
#define AET_TRACE_FIT_H

#include "aetlas/base/error.h"
#include <stdbool.h>

#define AET_FIT_HALF_MAX  5
#define AET_FIT_SIDE_MAX  (2 * AET_FIT_HALF_MAX + 1)
#define AET_POLY_HALF_MAX 4

/* An axis-aligned Gaussian on a constant: b + A exp(-sum_i (x_i - x0_i)^2 / (2 s_i^2)). */
typedef struct {
    double at[3];
    double height;
    double width[3]; /* standard deviations, voxels */
    double background;
    double residual; /* root mean square of data - model over the box, in units of |height| */
    int iterations;
    bool converged; /* the last step was below 1e-7 voxel (and 1e-7 relative) */
} aet_gauss;

/* What a fit may change; the rest stays as it was given. */
typedef enum {
    AET_FIT_PLACE = 4,     /* height and position */
    AET_FIT_WIDTHS = 7,    /* and the three widths */
    AET_FIT_BACKGROUND = 8 /* and the constant */
} aet_fit_free;

/* Local.  Least-squares fit of the Gaussian by Levenberg-Marquardt with analytic derivatives, from
 * the values in *g (at, width) as start.  The model and its derivatives are products of functions
 * of one coordinate, so the normal equations on a full box come from sums over lines (Gram matrix)
 * and one contraction of the data: about 4 n^3 multiplications per iteration in place of 36 n^3.
 * Widths are kept in [0.3, 5] voxels.  Returns false (*g is then of no use) when the box holds no
 * hill: the fit runs away by more than half + 1 voxels, or its height is not positive. */
bool aet_fit_gauss(int half, const double *box, aet_fit_free what, aet_gauss *g);
/* Local.  The same on a box of `side` voxels, 2 to AET_FIT_SIDE_MAX, even ones too; positions are
 * from voxel side/2 (integer division). */
bool aet_fit_gauss_box(int side, const double *box, aet_fit_free what, aet_gauss *g);

/* Local.  Adds factor times the Gaussian (without background) of centre `at`, from voxel side/2, to
 * a box of `side` voxels. */
void aet_gauss_add(int side, const aet_gauss *g, const double at[3], double factor, double *box);

/* Local.  The 27-point quadratic about the centre of a box: the
 * stationary point of the least-squares parabola of the central 3^3
 * voxels, clamped to +-0.5 where it is not a maximum inside that. */
void aet_fit_quadratic(int half, const double *box, double at[3]);

/* The 4th-order polynomial with Gaussian weights of Rogers, Waigh & Lu, Phys. Biol. 4, 220 (2007),
 * as used for atoms by Yang et al., Nature 542, 75 (2017): 35 coefficients from the voxels of the
 * ball r <= half + 1/2, weight exp(-|r - p|^2 / half^2) on data and model, p the estimate so far.
 * It is a linear least-squares problem: its pseudo-inverses for 3^3 sub-voxel places of p are made
 * once, a fit is then a product of one of them with the box.  The position is the stationary point
 * of the whole polynomial (Newton steps of at most half a voxel), repeated with the weights at the
 * place nearest to it until that place does not change. */
typedef struct aet_poly aet_poly;
/* Local.  half 2..4.  NUMERIC, NOMEM. */
aet_err aet_poly_create(int half, aet_poly **poly);
void aet_poly_free(aet_poly **poly);
int aet_poly_half(const aet_poly *poly);
/* Local.  box: [n][n][n] of the polynomial's half; at: the start in, the maximum out; value (NULL:
 * not wanted): the polynomial there.  false when the stationary point is not a maximum, leaves the
 * ball, or is not found. */
bool aet_poly_fit(const aet_poly *poly, const double *box, double at[3], double *value);

#endif
