/* Gaussian blur of images and of bricks of a volume. */
#include "aetlas/base/mem.h"
#include "recon/refine_priv.h"
#include <math.h>

/* Weights of a Gaussian to `reach` pixels on either side, of sum 1. */
static double *gaussian(double sigma, int reach)
{
    double *w = AET_NEW(double, 2 * reach + 1), sum = 0;

    for (int k = -reach; k <= reach; k++)
        sum += w[k + reach] = reach ? exp(-k * k / (2 * sigma * sigma)) : 1;
    for (int k = 0; k <= 2 * reach; k++)
        w[k] /= sum;
    return w;
}

/* Blurs n values that lie `stride` apart; beyond the ends the last value goes on. */
static void blur_line(float *line, int n, ptrdiff_t stride, const double *w, int reach,
                      double *copy)
{
    for (int k = -reach; k < n + reach; k++)
        copy[k + reach] = (double)line[stride * (k < 0 ? 0 : k < n ? k : n - 1)];
    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int k = 0; k <= 2 * reach; k++)
            sum += w[k] * copy[i + k];
        line[stride * i] = (float)sum;
    }
}

void refine_blur(float *a, int n0, int n1, int n2, double sigma)
{
    int reach = (int)ceil(3 * sigma), longest = n0 > n1 ? n0 : n1;
    double *w = gaussian(sigma, reach);
    double *copy = AET_NEW(double, (longest > n2 ? longest : n2) + 2 * reach);
    ptrdiff_t plane = (ptrdiff_t)n1 * n2;

    for (ptrdiff_t i = 0; i < (ptrdiff_t)n0 * n1; i++)
        blur_line(a + i * n2, n2, 1, w, reach, copy);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)n0 * n2; i++)
        blur_line(a + i / n2 * plane + i % n2, n1, n2, w, reach, copy);
    for (ptrdiff_t i = 0; i < plane && n0 > 1; i++)
        blur_line(a + i, n0, plane, w, reach, copy);
    aet_release(&w);
    aet_release(&copy);
}
