#include "aetlas/physics/paint.h"
#include <math.h>

/* One row: r^2 = rest + (first + i)^2 pixel^2, all within the cutoff. */
static void paint_row(double *restrict row, int n, double first, double pixel2, double rest,
                      const double *restrict value, double inv_step, double weight)
{
    double scale = pixel2 * inv_step, offset = rest * inv_step;
    for (int i = 0; i < n; i++) {
        double d = first + i, t = d * d * scale + offset;
        int k = (int)t;
        row[i] += weight * (value[k] + (t - k) * (value[k + 1] - value[k]));
    }
}

void aet_paint_atom(double *plane, int nx, int ny, double pixel_A, const aet_profile *p,
                    double weight, double x, double y, double dz_A)
{
    double inv = 1 / pixel_A, reach2 = (p->cutoff_A2 - dz_A * dz_A) * inv * inv; /* pixels^2 */
    if (!(reach2 > 0))
        return;
    double reach = sqrt(reach2);
    if (!(x + reach >= 0 && x - reach <= nx - 1 && y + reach >= 0 && y - reach <= ny - 1))
        return;
    int y0 = (int)fmax(0.0, ceil(y - reach)), y1 = (int)fmin(ny - 1.0, floor(y + reach));
    for (int iy = y0; iy <= y1; iy++) {
        double dy = iy - y, half2 = reach2 - dy * dy;
        if (half2 < 0) /* rounding at the rim */
            continue;
        double half = sqrt(half2);
        int x0 = (int)fmax(0.0, ceil(x - half)), x1 = (int)fmin(nx - 1.0, floor(x + half));
        paint_row(plane + (long)iy * nx + x0, x1 - x0 + 1, x0 - x, pixel_A * pixel_A,
                  dy * dy * pixel_A * pixel_A + dz_A * dz_A, p->value, p->inv_step, weight);
    }
}
