/* ranks: 1 */
/* Band-limited transforms against sums written out, and products with fields. */
#include "aetlas/num/fft_band.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "test.h"
#include <string.h>

/* single precision over some thousands of terms of size 1: a few 1e-7 of the root of their sum of squares */
#define ROUNDING 2e-6

static void fill(float complex *a, int n, int item)
{
    aet_rng key = {3, (uint32_t)item, AET_RNG_TEST};
    for (int i = 0; i < n; i++) {
        double z[4];
        aet_rng_normal4(key, (uint64_t)i, z);
        a[i] = CMPLXF((float)z[0], (float)z[1]);
    }
}

static double complex as_double(float complex z)
{
    return CMPLX((double)crealf(z), (double)cimagf(z));
}

static double complex turn(double fraction)
{
    return CMPLX(cos(2 * AET_PI * fraction), sin(2 * AET_PI * fraction));
}

static double worst(const float complex *a, const double complex *b, int n)
{
    double top = 0, scale = 0;
    for (int i = 0; i < n; i++) {
        top = fmax(top, cabs(as_double(a[i]) - b[i]));
        scale = fmax(scale, cabs(b[i]));
    }
    return top / scale;
}

/* field[y][x] = sum over the band, by definition. */
static void slow_backward(int nx, int ny, int hx, int hy, const float complex *s, double complex *f)
{
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++) {
            double complex sum = 0;
            for (int kx = -hx; kx <= hx; kx++)
                for (int ky = -hy; ky <= hy; ky++)
                    sum += as_double(s[(kx + hx) * (2 * hy + 1) + ky + hy]) *
                           turn((double)kx * x / nx + (double)ky * y / ny);
            f[y * nx + x] = sum;
        }
}

/* The band of the product of a field with what s stands for, times fx fy. */
static void slow_multiply(int nx, int ny, int hx, int hy, const double complex *wave,
                          const float complex *field, const float complex *fx,
                          const float complex *fy, const int *limit, double complex *out)
{
    for (int kx = -hx; kx <= hx; kx++)
        for (int ky = -hy; ky <= hy; ky++) {
            double complex sum = 0;
            for (int y = 0; y < ny; y++)
                for (int x = 0; x < nx; x++)
                    sum += wave[y * nx + x] * as_double(field[y * nx + x]) *
                           turn(-(double)kx * x / nx - (double)ky * y / ny);
            bool inside = abs(ky) <= limit[kx + hx];
            out[(kx + hx) * (2 * hy + 1) + ky + hy] =
                inside ? sum * as_double(fx[kx + hx]) * as_double(fy[ky + hy]) : 0;
        }
}

/* A field from rows and back, as the transforms want them. */
static void to_cells(const aet_fft_band *p, int nx, int ny, const float complex *rows,
                     aet_cell *field)
{
    static float re[48 * 48], im[48 * 48];
    for (int i = 0; i < nx * ny; i++) {
        re[i] = crealf(rows[i]);
        im[i] = cimagf(rows[i]);
    }
    aet_fft_band_pack(p, re, im, nx, field);
}

static void to_rows(const aet_fft_band *p, int nx, int ny, const aet_cell *field,
                    float complex *rows)
{
    static float re[48 * 50], im[48 * 50];
    int stride = nx + 2;
    for (int i = 0; i < stride * ny; i++)
        re[i] = im[i] = -77;
    aet_fft_band_unpack(p, field, re, im, stride);
    for (int y = 0; y < ny; y++) {
        for (int x = 0; x < nx; x++)
            rows[y * nx + x] = CMPLXF(re[y * stride + x], im[y * stride + x]);
        T_CHECK(re[y * stride + nx] == -77 &&
                im[y * stride + nx + 1] == -77); /* not a number too far */
    }
}

/* Sizes with remainders against blocks of sixteen rows and columns, bands full and small. */
static void against_sums(int nx, int ny, int hx, int hy)
{
    enum { MOST = 48 * 48 };
    static float complex s[MOST], field[MOST], fx[48], fy[48], forth[MOST];
    aet_cell *cells = NULL;
    static double complex slow[MOST], product[MOST];
    int limit[48], mx = 2 * hx + 1, my = 2 * hy + 1;
    aet_fft_band *p = NULL;
    T_OK(aet_fft_band_create(nx, ny, hx, hy, &p));
    T_OK(AET_ARRAY(aet_fft_band_cells(nx, ny), "field", &cells));
    fill(s, mx * my, 1);
    fill(field, nx * ny, 2);
    fill(fx, mx, 3);
    fill(fy, my, 4);
    for (int k = 0; k < mx; k++)
        limit[k] = k == 0 && mx > 1 ? -1 : k % 3 == 0 ? hy : hy / 2;
    slow_backward(nx, ny, hx, hy, s, slow);
    aet_fft_band_backward(p, s, cells);
    to_rows(p, nx, ny, cells, forth);
    T_NEAR(worst(forth, slow, nx * ny), 0, ROUNDING);
    slow_multiply(nx, ny, hx, hy, slow, field, fx, fy, limit, product);
    to_cells(p, nx, ny, field, cells);
    to_rows(p, nx, ny, cells, forth);
    T_CHECK(memcmp(forth, field, sizeof *field * (size_t)(nx * ny)) == 0);
    aet_fft_band_multiply(p, s, cells, fx, fy, limit);
    T_NEAR(worst(s, product, mx * my), 0, ROUNDING);
    for (int i = 0; i < mx * my; i++) /* outside of the limit: exactly nothing */
        T_CHECK(cabs(product[i]) > 0 || (crealf(s[i]) == 0 && cimagf(s[i]) == 0));
    aet_release(&cells);
    aet_fft_band_free(&p);
}

/* Forward undoes backward, times the number of points. */
static void there_and_back(int nx, int ny, int hx, int hy)
{
    int mx = 2 * hx + 1, my = 2 * hy + 1;
    float complex *s = NULL, *back = NULL;
    aet_cell *field = NULL;
    aet_fft_band *p = NULL;
    T_OK(AET_ARRAY(mx * my, "spectrum", &s));
    T_OK(AET_ARRAY(mx * my, "spectrum", &back));
    T_OK(AET_ARRAY(aet_fft_band_cells(nx, ny), "field", &field));
    T_OK(aet_fft_band_create(nx, ny, hx, hy, &p));
    fill(s, mx * my, 5);
    aet_fft_band_backward(p, s, field);
    aet_fft_band_forward(p, field, back, NULL);
    double top = 0;
    for (int i = 0; i < mx * my; i++)
        top = fmax(top, cabs(as_double(back[i]) / ((double)nx * ny) - as_double(s[i])));
    T_CHECK(top <= ROUNDING);
    aet_fft_band_free(&p);
    aet_release(&s);
    aet_release(&back);
    aet_release(&field);
}

static void sizes(void)
{
    for (int n = 1; n < 3000; n += 37)
        for (int multiple = 1; multiple <= 16; multiple *= 2) {
            int m = aet_fft_band_size(n, multiple), rest = m;
            for (int p = 2; p <= 7; p++)
                while (rest % p == 0)
                    rest /= p;
            T_CHECK(m >= n && m % multiple == 0 && rest == 1);
            T_CHECK(m <= 1.5 * n + 2 * multiple);
        }
    T_CHECK(aet_fft_band_size(496, 2) == 512);
    T_CHECK(aet_fft_band_size(512, 2) == 512);
    T_CHECK(aet_fft_band_size(1000, 2) ==
            1024); /* 8 8 4 4 rather than 5 5 5 8, by what was measured */
}

int main(int argc, char **argv)
{
    aet_fft_band *p;
    T_START(argc, argv);
    against_sums(24, 20, 7, 6);
    against_sums(21, 35, 10, 17);
    against_sums(40, 9, 19, 0);
    against_sums(18, 25, 8, 12);
    against_sums(30, 48, 0, 15);
    there_and_back(200, 256, 66, 127);
    there_and_back(252, 196, 125, 10);
    sizes();
    T_FAILS(aet_fft_band_create(16, 16, 8, 3, &p), AET_ERR_INPUT, "+-8");
    T_FAILS(aet_fft_band_create(22, 16, 3, 3, &p), AET_ERR_INPUT, "2, 3, 5 and 7");
    T_FAILS(aet_fft_band_create(0, 16, 0, 3, &p), AET_ERR_INPUT, "0 x 16");
    T_END();
}
