/* Gaussian weights of the points around a place. */
#include "aetlas/num/cells.h"

#include "cells_priv.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* exp(x) for -700 < x <= 0 to two units in the last place; unlike libm's, on whole vectors.  With
 * k = round(x / ln 2), exp(x) = 2^k exp(f), |f| < 0.35: Taylor's series ends below 2e-17 of it.  Adding
 * 1.5 2^52 rounds to whole numbers and leaves them in the last bits, from where they go to the exponent. */
static void exp_all(int n, double *x)
{
    static const double per_ln2 = 1.4426950408889634, round_up = 0x1.8p52;
    static const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
    for (int i = 0; i < n; i++) {
        double t = x[i] * per_ln2 + round_up, k = t - round_up;
        double f = (x[i] - k * ln2_high) - k * ln2_low, sum = 1.0 / 6227020800;
        sum = sum * f + 1.0 / 479001600;
        sum = sum * f + 1.0 / 39916800;
        sum = sum * f + 1.0 / 3628800;
        sum = sum * f + 1.0 / 362880;
        sum = sum * f + 1.0 / 40320;
        sum = sum * f + 1.0 / 5040;
        sum = sum * f + 1.0 / 720;
        sum = sum * f + 1.0 / 120;
        sum = sum * f + 1.0 / 24;
        sum = sum * f + 1.0 / 6;
        sum = sum * f + 0.5;
        sum = sum * f + 1.0;
        sum = sum * f + 1.0;
        uint64_t bits;
        memcpy(&bits, &t, sizeof bits);
        bits = (bits << 52) + ((uint64_t)1023 << 52);
        memcpy(&t, &bits, sizeof t);
        x[i] = sum * t;
    }
}

int aet_cells_weigh(const aet_cells *c, const double p[3], double sigma, double r, int *index,
                    double *weight)
{
    const double factor = -0.5 / (sigma * sigma), r2 = r * r;
    aet_cell_block b = aet_cells_block(c, p, r);
    int n = 0, first, end;
    for (int iz = b.low[2]; iz <= b.high[2]; iz++)
        for (int iy = b.low[1]; iy <= b.high[1]; iy++) {
            aet_cells_ball_run(c, p, r, iy, iz, &first, &end);
            for (int q = first; q < end; q++) { /* without branches: kept only when n moves on */
                double d2 = aet_cells_distance2(c, q, p);
                index[n] = q;
                weight[n] = factor * d2;
                n += d2 <= r2;
            }
        }
    exp_all(n, weight);
    for (int k = 0; k < n; k++)
        index[k] = c->item[index[k]];
    return n;
}

double aet_cells_gauss(const aet_cells *c, const double p[3], double sigma)
{
    double reach = 5.0 * sigma, factor = -0.5 / (sigma * sigma), sum = 0.0;
    aet_cell_block b = aet_cells_block(c, p, reach);
    int first, end;
    for (int iz = b.low[2]; iz <= b.high[2]; iz++)
        for (int iy = b.low[1]; iy <= b.high[1]; iy++) {
            aet_cells_ball_run(c, p, reach, iy, iz, &first, &end);
            for (int q = first; q < end; q++) {
                double d2 = aet_cells_distance2(c, q, p);
                if (d2 <= reach * reach)
                    sum += exp(factor * d2);
            }
        }
    return sum;
}
