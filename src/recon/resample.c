#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "aetlas/recon/refine.h"
#include <math.h>

/* exp(-2 pi i k d / n); at the highest frequency of an even n its even part, so that what is real
 * stays real. */
static double complex ramp(int k, int n, double d)
{
    double t = 2 * AET_PI * aet_fft_signed(k, n) * d / n;

    return 2 * k == n ? CMPLX(cos(t), 0) : CMPLX(cos(t), -sin(t));
}

/* The image twice as wide and high, mirrored at its last column and row. */
static void unfold(const float *in, int ny, int nx, double *out)
{
    for (int y = 0; y < 2 * ny; y++)
        for (int x = 0; x < 2 * nx; x++) {
            int from_x = x < nx ? x : 2 * nx - 1 - x, from_y = y < ny ? y : 2 * ny - 1 - y;
            out[(int64_t)y * 2 * nx + x] = (double)in[(int64_t)from_y * nx + from_x];
        }
}

aet_err aet_image_shift(const float *in, int ny, int nx, double dx, double dy, float *out)
{
    aet_fft2 *fft = NULL;
    int wide = 2 * nx, high = 2 * ny, row = nx + 1;

    AET_TRY(aet_fft2_create(wide, high, &fft));
    unfold(in, ny, nx, aet_fft2_real(fft));
    aet_fft2_forward(fft);
    double complex *s = aet_fft2_spectrum(fft), *ramps = AET_NEW(double complex, row);
    for (int kx = 0; kx < row; kx++)
        ramps[kx] = ramp(kx, wide, dx) / ((double)wide * high);
    for (int ky = 0; ky < high; ky++) {
        double complex up = ramp(ky, high, dy);
        for (int kx = 0; kx < row; kx++)
            s[(int64_t)ky * row + kx] *= up * ramps[kx];
    }
    aet_release(&ramps);
    aet_fft2_backward(fft);
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++)
            out[(int64_t)y * nx + x] = (float)aet_fft2_real(fft)[(int64_t)y * wide + x];
    aet_fft2_free(&fft);
    return AET_OK;
}
