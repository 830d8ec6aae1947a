#include "aetlas/num/blur.h"

#include "aetlas/base/mem.h"
#include <math.h>
#include <stddef.h>

double *aet_blur_weights(double sigma, int reach)
{
    double *w = AET_NEW(double, 2 * reach + 1), sum = 0;

    for (int k = -reach; k <= reach; k++)
        sum += w[k + reach] = k ? exp(-0.5 * k * k / (sigma * sigma)) : 1;
    for (int k = 0; k <= 2 * reach; k++)
        w[k] /= sum;
    return w;
}

/* n values that lie `stride` apart. */
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

void aet_blur(float *a, int n0, int n1, int n2, double sigma, double cut)
{
    int reach = (int)ceil(cut * sigma), longest = n0 > n1 ? n0 : n1;
    double *w = aet_blur_weights(sigma, reach);
    double *copy = AET_NEW(double, (longest > n2 ? longest : n2) + 2 * reach);
    ptrdiff_t plane = (ptrdiff_t)n1 * n2;

    for (ptrdiff_t i = 0; i < (ptrdiff_t)n0 * n1 && n2 > 1; i++)
        blur_line(a + i * n2, n2, 1, w, reach, copy);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)n0 * n2 && n1 > 1; i++)
        blur_line(a + i / n2 * plane + i % n2, n1, n2, w, reach, copy);
    for (ptrdiff_t i = 0; i < plane && n0 > 1; i++)
        blur_line(a + i, n0, plane, w, reach, copy);
    aet_release(&w);
    aet_release(&copy);
}
