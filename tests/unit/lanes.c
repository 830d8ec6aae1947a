/* ranks: 1 */
/* Transforms of 16 lines side by side: against sums, there and back, and the turn of a square. */
#include "test.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/num/lanes.h"
#include <complex.h>

/* Values below 1, so coefficients of some sqrt(n): a rounding or two of 6e-8 per pass, with room. */
#define TOL 1e-6

static float value(int x, int lane, int part)
{
    aet_rng key = {3, (uint32_t)part, AET_RNG_TEST};

    return (float)(2 * aet_rng_uniform(key, (uint64_t)(x * AET_LANES + lane)) - 1);
}

static aet_cell *cells(int n)
{
    aet_cell *x = AET_NEW(aet_cell, n);

    for (int i = 0; i < n; i++)
        for (int l = 0; l < AET_LANES; l++) {
            x[i].re[l] = value(i, l, 0);
            x[i].im[l] = value(i, l, 1);
        }
    return x;
}

static double complex sum(int n, int lane, int k)
{
    double complex s = 0;

    for (int x = 0; x < n; x++) {
        double a = -2 * M_PI * (double)((int64_t)x * k % n) / n;
        s += CMPLX((double)value(x, lane, 0), (double)value(x, lane, 1)) * CMPLX(cos(a), sin(a));
    }
    return s;
}

static void check_size(int n)
{
    aet_lanes *f = NULL;
    aet_cell *x = cells(n);
    double worst = 0;
    bool *seen = AET_NEW(bool, n);

    T_OK(aet_lanes_create(n, &f));
    aet_lanes_forward(f, x);
    for (int p = 0; p < n; p++) {
        int k = aet_lanes_frequency(f, p), l = p % AET_LANES;
        T_CHECK(k >= 0 && k < n && !seen[k]);
        seen[k] = true;
        worst = fmax(worst,
                     cabs(CMPLX((double)x[p].re[l], (double)x[p].im[l]) - sum(n, l, k)) / sqrt(n));
    }
    T_NEAR(worst, 0, TOL);
    aet_lanes_backward(f, x);
    worst = 0;
    for (int i = 0; i < n; i++)
        for (int l = 0; l < AET_LANES; l++) {
            worst = fmax(worst, fabs((double)(x[i].re[l] / (float)n - value(i, l, 0))));
            worst = fmax(worst, fabs((double)(x[i].im[l] / (float)n - value(i, l, 1))));
        }
    T_NEAR(worst, 0, TOL);
    aet_lanes_free(&f);
    T_CHECK(f == NULL);
    aet_release(&x);
    aet_release(&seen);
}

static void check_transpose(void)
{
    aet_lane *v = (aet_lane *)AET_NEW(aet_cell, AET_LANES);
    int wrong = 0;

    for (int i = 0; i < AET_LANES; i++)
        for (int l = 0; l < AET_LANES; l++)
            v[i][l] = (float)(100 * i + l);
    aet_lanes_transpose(v);
    for (int i = 0; i < AET_LANES; i++)
        for (int l = 0; l < AET_LANES; l++)
            wrong += lround((double)v[i][l]) != 100 * l + i;
    T_CHECK(wrong == 0);
    aet_release(&v);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    static const int n[] = {1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  12,  14,
                            15,  16,  21,  25,  32,  35,  49,  64,  96,  100, 105, 128,
                            144, 150, 192, 210, 243, 256, 343, 384, 512, 625};
    aet_lanes *none = NULL;

    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        check_size(n[i]);
    check_transpose();
    T_FAILS(aet_lanes_create(22, &none), AET_ERR_INPUT, "22 points");
    T_FAILS(aet_lanes_create(0, &none), AET_ERR_INPUT, "0 points");
    T_CHECK(none == NULL);
    T_END();
}
