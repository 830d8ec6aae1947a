/* ranks: 1 2 3 4 */
/* FFT: against a naive transform, and by its properties (round trip, Parseval, linearity, shift).
 */
#include "test.h"

#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include <complex.h>
#include <unistd.h>

/* Relative to the largest coefficient (at most the number of points for values below 1): a few
 * roundings per pass, with room. */
#define TOL_D 1e-13
#define TOL_F 1e-6

/* The value of the test function at a global point, the same on every rank. */
static double value(int item, int x, int y, int z)
{
    aet_rng key = {7, (uint32_t)item, AET_RNG_TEST};

    return 2 * aet_rng_uniform(key, (uint64_t)((z * 128 + y) * 128 + x)) - 1;
}

static void put(aet_fft3 *f, bool single, int64_t i, double v)
{
    if (single)
        ((float *)aet_fft3_buffer(f))[i] = (float)v;
    else
        ((double *)aet_fft3_buffer(f))[i] = v;
}

static double get(aet_fft3 *f, bool single, int64_t i)
{
    return single ? (double)((float *)aet_fft3_buffer(f))[i] : ((double *)aet_fft3_buffer(f))[i];
}

static double complex coefficient(aet_fft3 *f, bool single, int64_t i)
{
    return CMPLX(get(f, single, 2 * i), get(f, single, 2 * i + 1));
}

/* a * value(0) + b * value(1), shifted by s along every axis */
static void fill(aet_fft3 *f, bool single, double a, double b, int s)
{
    const aet_fft3_shape *h = aet_fft3_get_shape(f);

    for (int z = 0; z < h->z.count; z++)
        for (int y = 0; y < h->ny; y++)
            for (int x = 0; x < h->nx; x++) {
                int gx = (x + s) % h->nx, gy = (y + s) % h->ny, gz = (z + h->z.start + s) % h->nz;
                put(f, single, ((int64_t)z * h->ny + y) * h->row + x,
                    a * value(0, gx, gy, gz) + b * value(1, gx, gy, gz));
            }
}

static double complex naive_of(int item, const aet_fft3_shape *h, int kx, int ky, int kz)
{
    double complex sum = 0;

    for (int z = 0; z < h->nz; z++)
        for (int y = 0; y < h->ny; y++)
            for (int x = 0; x < h->nx; x++) {
                double t = (double)kx * x / h->nx + (double)ky * y / h->ny + (double)kz * z / h->nz;
                sum += value(item, x, y, z) * CMPLX(cos(2 * AET_PI * t), -sin(2 * AET_PI * t));
            }
    return sum;
}

static double complex naive(const aet_fft3_shape *h, int kx, int ky, int kz)
{
    return naive_of(0, h, kx, ky, kz);
}

typedef double complex (*expectation)(const aet_fft3_shape *h, int kx, int ky, int kz);

/* Largest deviation of the spectrum from what is expected, over all ranks. */
static double deviation(aet_fft3 *f, bool single, expectation want)
{
    const aet_fft3_shape *h = aet_fft3_get_shape(f);
    double worst = 0;

    for (int y = 0; y < h->y.count; y++)
        for (int z = 0; z < h->nz; z++)
            for (int x = 0; x <= h->nx / 2; x++) {
                int64_t i = ((int64_t)y * h->nz + z) * (h->nx / 2 + 1) + x;
                worst =
                    fmax(worst, cabs(coefficient(f, single, i) - want(h, x, y + h->y.start, z)));
            }
    MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return worst;
}

static double complex sum_spectrum(const aet_fft3_shape *h, int kx, int ky, int kz)
{
    return 3 * naive_of(0, h, kx, ky, kz) - 2 * naive_of(1, h, kx, ky, kz);
}

static double complex shifted(const aet_fft3_shape *h, int kx, int ky, int kz)
{
    double t = 2 * AET_PI * ((double)kx / h->nx + (double)ky / h->ny + (double)kz / h->nz);

    return naive(h, kx, ky, kz) * CMPLX(cos(t), sin(t));
}

/* Sum of squares in real space against the half spectrum. */
static void parseval(aet_fft3 *f, bool single, double tol)
{
    const aet_fft3_shape *h = aet_fft3_get_shape(f);
    double sums[2] = {0, 0}, n = (double)h->nx * h->ny * h->nz;

    fill(f, single, 1, 0, 0);
    for (int64_t line = 0; line < (int64_t)h->z.count * h->ny; line++)
        for (int x = 0; x < h->nx; x++)
            sums[0] += pow(get(f, single, line * h->row + x), 2);
    aet_fft3_forward(f);
    for (int64_t line = 0; line < (int64_t)h->y.count * h->nz; line++)
        for (int x = 0; x <= h->nx / 2; x++) {
            bool alone = x == 0 || 2 * x == h->nx;
            double a = cabs(coefficient(f, single, line * (h->nx / 2 + 1) + x));
            sums[1] += (alone ? 1 : 2) * a * a / n;
        }
    MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    T_NEAR(sums[1] / sums[0], 1, tol);
}

static void round_trip(aet_fft3 *f, bool single, double tol)
{
    const aet_fft3_shape *h = aet_fft3_get_shape(f);
    double worst = 0, n = (double)h->nx * h->ny * h->nz;

    fill(f, single, 1, 0, 0);
    aet_fft3_forward(f);
    aet_fft3_backward(f);
    for (int z = 0; z < h->z.count; z++)
        for (int y = 0; y < h->ny; y++)
            for (int x = 0; x < h->nx; x++) {
                double v = get(f, single, ((int64_t)z * h->ny + y) * h->row + x) / n;
                worst = fmax(worst, fabs(v - value(0, x, y, z + h->z.start)));
            }
    T_NEAR(worst, 0, tol);
}

static void check_size(int nx, int ny, int nz, bool single)
{
    aet_fft3 *f = NULL;
    double tol = single ? TOL_F : TOL_D, n = (double)nx * ny * nz;

    T_OK(aet_fft3_create(MPI_COMM_WORLD, nx, ny, nz, single, &f));
    if (!f)
        return;
    T_CHECK(get(f, single, 0) == 0);
    fill(f, single, 1, 0, 0);
    aet_fft3_forward(f);
    T_NEAR(deviation(f, single, naive) / n, 0, tol);
    fill(f, single, 3, -2, 0);
    aet_fft3_forward(f);
    T_NEAR(deviation(f, single, sum_spectrum) / n, 0, 5 * tol);
    fill(f, single, 1, 0, 1);
    aet_fft3_forward(f);
    T_NEAR(deviation(f, single, shifted) / n, 0, tol);
    parseval(f, single, tol * 10);
    round_trip(f, single, tol * 10);
    aet_fft3_free(&f);
    T_CHECK(f == NULL);
}

/* Too large for a naive sum: measured plans, checked by the round trip and Parseval. */
static void check_measured(bool single)
{
    aet_fft3 *f = NULL;

    T_OK(aet_fft3_create(MPI_COMM_WORLD, 66, 64, 65, single, &f));
    parseval(f, single, single ? 1e-5 : 1e-12);
    round_trip(f, single, single ? 1e-5 : 1e-12);
    aet_fft3_free(&f);
}

static void check_2d(int nx, int ny)
{
    aet_fft2 *f = NULL;
    double worst = 0;

    T_OK(aet_fft2_create(nx, ny, &f));
    for (int i = 0; i < nx * ny; i++)
        aet_fft2_real(f)[i] = value(0, i % nx, i / nx, 0);
    aet_fft2_forward(f);
    for (int ky = 0; ky < ny; ky++)
        for (int kx = 0; kx <= nx / 2; kx++) {
            aet_fft3_shape h = {.nx = nx, .ny = ny, .nz = 1};
            double complex got = aet_fft2_spectrum(f)[ky * (nx / 2 + 1) + kx];
            worst = fmax(worst, cabs(got - naive(&h, kx, ky, 0)));
        }
    T_NEAR(worst / (nx * ny), 0, TOL_D);
    aet_fft2_backward(f);
    worst = 0;
    for (int i = 0; i < nx * ny; i++)
        worst = fmax(worst, fabs(aet_fft2_real(f)[i] / (nx * ny) - value(0, i % nx, i / nx, 0)));
    T_NEAR(worst, 0, TOL_D);
    aet_fft2_free(&f);
}

static void check_good_size(void)
{
    T_CHECK(aet_fft_good_size(0) == 1);
    T_CHECK(aet_fft_good_size(1) == 1);
    T_CHECK(aet_fft_good_size(11) == 12);
    T_CHECK(aet_fft_good_size(121) == 125);
    T_CHECK(aet_fft_good_size(1536) == 1536);
    T_CHECK(aet_fft_good_size(496) == 500);
    T_CHECK(aet_fft_signed(0, 5) == 0 && aet_fft_signed(2, 5) == 2 && aet_fft_signed(3, 5) == -2);
    T_CHECK(aet_fft_signed(2, 4) == -2 && aet_fft_signed(1, 4) == 1);
}

/* What one run measured, the next finds: the files exist and are read without complaint. */
static void check_wisdom(void)
{
    char name[64], base[32];

    snprintf(base, sizeof base, "fft-test-wisdom.%d", t_size);
    aet_fft_start(MPI_COMM_WORLD, base);
    check_measured(true);
    aet_fft_finish(MPI_COMM_WORLD);
    snprintf(name, sizeof name, "%s.f32.%d", base, t_size);
    T_CHECK(t_rank != 0 || aet_file_exists(name));
    aet_fft_start(MPI_COMM_WORLD, base);
    check_measured(true);
    aet_fft_finish(MPI_COMM_WORLD);
    if (t_rank == 0) {
        unlink(name);
        snprintf(name, sizeof name, "%s.f64.%d", base, t_size);
        unlink(name);
    }
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    static const int size[][3] = {{1, 1, 1}, {2, 3, 1}, {8, 6, 4},
                                  {7, 5, 9}, {6, 9, 2}, {12, 2, 3}};

    check_wisdom();
    aet_fft_start(MPI_COMM_WORLD, NULL);
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        for (int single = 0; single < 2; single++)
            check_size(size[i][0], size[i][1], size[i][2], single);
    check_measured(false);
    check_2d(8, 6);
    check_2d(5, 7);
    check_2d(1, 4);
    check_good_size();
    aet_fft3 *none = NULL;
    T_FAILS(aet_fft3_create(MPI_COMM_WORLD, 0, 4, 4, true, &none), AET_ERR_INPUT, "0 x 4 x 4");
    T_CHECK(none == NULL);
    aet_fft_finish(MPI_COMM_WORLD);
    T_END();
}
