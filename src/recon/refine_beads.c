/* Images of beads, and how they change with the beads and with the poses.
 *
 * A bead is a sum of two Gaussians, the wide one of twice the narrow one's variance; the width is common to
 * all.  Its image is a product of a factor in u and one in v for each Gaussian, and so are the
 * derivatives: a factor g of exp(-d^2 / 2 s^2), h by the place and t by the logarithm of the width.
 */
#include "aetlas/data/units.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

/* Widths of the narrow Gaussian to the edge of the patch: 3e-3 of the narrow and 0.05 of the wide one
 * are left out. */
#define REACH 3.5

/* Of the wide Gaussian in the integral: with it a projected potential blurred to 0.7 A is met to 2 per cent of its
 * top. Fitted beside the width and the weights it would be all but undetermined. */
#define SHARE 0.4

enum { ROOM = 2 * REFINE_BEAD_REACH + 1 };

typedef struct {
    int start, n;
    float g[2][ROOM], h[2][ROOM], t[2][ROOM];
} factor;

/* Pixels around c, which is a place along an axis of `limit` pixels; one exponential by squaring gives both. */
static void factors(double sigma, double c, int limit, factor *f)
{
    int reach = (int)ceil(REACH * sigma), low, high;
    double narrow2 = sigma * sigma, wide2 = 2 * narrow2;
    const double by[2] = {1 / narrow2, 1 / wide2};

    f->start = f->n = 0;
    if (!(c > -reach && c < limit - 1 + reach))
        return;
    low = (int)lrint(c) - reach;
    high = low + 2 * reach + 1;
    f->start = low > 0 ? low : 0;
    f->n = (high < limit ? high : limit) - f->start;
    double d = f->start - c, wide = exp(-d * d / (2 * wide2));
    double ratio = exp(-(2 * d + 1) / (2 * wide2)), fall = exp(-1 / wide2);
    for (int k = 0; k < f->n; k++, d++) {
        const double g[2] = {wide * wide, wide};
        for (int j = 0; j < 2; j++) {
            f->g[j][k] = (float)g[j];
            f->h[j][k] = (float)(g[j] * d * by[j]);
            f->t[j][k] = (float)(g[j] * (d * d * by[j] - 1));
        }
        wide *= ratio;
        ratio *= fall;
    }
}

/* Heights of the two Gaussians of an image of integral 1. */
static void heights(const refine_beads *b, double height[2])
{
    double unit = 1 / (2 * AET_PI * b->sigma * b->sigma);

    height[0] = (1 - SHARE) * unit;
    height[1] = SHARE * unit / 2;
}

double refine_bead_top(const refine_beads *b)
{
    double height[2];

    heights(b, height);
    return height[0] + height[1];
}

void refine_bead_norms(const refine_beads *b, double *flat, double *slope)
{
    const double s2[2] = {b->sigma * b->sigma, 2 * b->sigma * b->sigma};
    double height[2];

    heights(b, height);
    *flat = *slope = 0;
    for (int e = 0; e < 4; e++) {
        double one = s2[e / 2], other = s2[e % 2], sum = one + other;
        double part = height[e / 2] * height[e % 2] * 2 * AET_PI * one * other / sum;
        *flat += part;
        *slope += part / sum;
    }
}

void refine_bead_paint(const refine_beads *b, const double at[2], const double change[4], int nu,
                       int nv, float *image)
{
    double height[2];
    factor u, v;

    heights(b, height);
    factors(b->sigma, at[0], nu, &u);
    factors(b->sigma, at[1], nv, &v);
    for (int a = 0; a < u.n; a++)
        for (int j = 0; j < 2; j++) {
            double g = (double)u.g[j][a];
            float by_g = (float)(height[j] * (change[0] * g + change[1] * (double)u.h[j][a] +
                                              change[3] * (double)u.t[j][a]));
            float by_h = (float)(change[2] * height[j] * g);
            float by_t = (float)(change[3] * height[j] * g);
            float *row = image + (int64_t)(u.start + a) * nv + v.start;
            for (int k = 0; k < v.n; k++)
                row[k] += by_g * v.g[j][k] + by_h * v.h[j][k] + by_t * v.t[j][k];
        }
}

void refine_bead_gather(const refine_beads *b, const double at[2], const float *image, int nu,
                        int nv, double sum[4])
{
    double height[2];
    factor u, v;

    memset(sum, 0, 4 * sizeof *sum);
    heights(b, height);
    factors(b->sigma, at[0], nu, &u);
    factors(b->sigma, at[1], nv, &v);
    for (int a = 0; a < u.n; a++)
        for (int j = 0; j < 2; j++) {
            const float *row = image + (int64_t)(u.start + a) * nv + v.start;
            float g = 0, h = 0, t = 0;
            for (int k = 0; k < v.n; k++) {
                g += row[k] * v.g[j][k];
                h += row[k] * v.h[j][k];
                t += row[k] * v.t[j][k];
            }
            double ug = (double)u.g[j][a], uh = (double)u.h[j][a], ut = (double)u.t[j][a];
            sum[0] += height[j] * ug * (double)g;
            sum[1] += height[j] * uh * (double)g;
            sum[2] += height[j] * ug * (double)h;
            sum[3] += height[j] * (ut * (double)g + ug * (double)t);
        }
}
