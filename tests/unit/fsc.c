/* ranks: 1 2 3 4 */
/* Fourier shell correlation: of equals, of noise, of signal with noise, on shapes of all kinds. */
#include "test.h"

#include "aetlas/base/rng.h"
#include "aetlas/data/fsc.h"

/* White noise, the same on any number of ranks: a uniform number has variance 1/12. */
static void add_noise(aet_volume *v, uint32_t item, double amplitude)
{
    const aet_rng key = {11, item, AET_RNG_TEST};
    int64_t first = (int64_t)v->slab.start * v->ny * v->nx;

    for (int64_t i = 0; i < aet_volume_count(v); i++)
        v->density[i] += (float)(amplitude * (aet_rng_uniform(key, (uint64_t)(first + i)) - 0.5));
}

static aet_volume *empty(int nx, int ny, int nz)
{
    aet_volume *v = NULL;

    T_OK(aet_volume_create(MPI_COMM_WORLD, nx, ny, nz, 0.5, &v));
    return v;
}

static double at(const aet_volume *v, int row, const char *head)
{
    const aet_curve *c = aet_volume_find_curve(v, "fsc");

    return c->values[row * c->width + aet_curve_column(c, head)];
}

/* Sums of some thousand products of floats. */
#define TOL 1e-5

static void check_equal(int nx, int ny, int nz)
{
    aet_volume *v = empty(nx, ny, nz), *minus = empty(nx, ny, nz);
    int side = nx > ny ? nx : ny;
    double points = 0;

    side = nz > side ? nz : side;
    add_noise(v, 0, 1);
    add_noise(minus, 0, -3);
    T_OK(aet_volume_fsc(v, v, v));
    T_OK(aet_volume_fsc(v, minus, minus));
    const aet_curve *c = aet_volume_find_curve(v, "fsc");
    T_CHECK(c && c->n == side / 2 + 1);
    for (int s = 0; s < c->n; s++) {
        T_NEAR(at(v, s, "frequency_per_A"), s / (side * 0.5), 1e-12);
        T_NEAR(at(v, s, "fsc"), 1, TOL);
        T_NEAR(at(minus, s, "fsc"), -1, TOL);
        points += at(v, s, "points");
    }
    /* a ball of frequencies of radius 1/2 in a cube of 1, its surface half a shell blurred */
    T_NEAR(points / ((double)nx * ny * nz), M_PI / 6, 3.0 / side);
    T_NEAR(aet_fsc_resolution(c, 0.143), side * 0.5 / (side / 2), 1e-9); /* Nyquist */
    aet_volume_free(&v);
    aet_volume_free(&minus);
}

/* Independent noise: 0 +- 1/sqrt(points), in each shell and cone.  4 sigma, for 33 shells. */
static void check_noise(void)
{
    aet_volume *a = empty(64, 64, 64), *b = empty(64, 64, 64);

    add_noise(a, 0, 1);
    add_noise(b, 1, 1);
    T_OK(aet_volume_fsc(a, b, a));
    for (int s = 1; s < 33; s++)
        T_CHECK(fabs(at(a, s, "fsc")) <= 4 / sqrt(at(a, s, "points")));
    T_CHECK(isnan(aet_fsc_resolution(aet_volume_find_curve(a, "fsc"), 0.5)));
    aet_volume_free(&a);
    aet_volume_free(&b);
}

/* The same white signal in both with independent noise of variance 1/SNR: FSC = SNR / (1 + SNR). */
static void check_signal(double snr)
{
    aet_volume *a = empty(48, 50, 46), *b = empty(48, 50, 46);

    add_noise(a, 0, 1);
    add_noise(b, 0, 1);
    add_noise(a, 1, 1 / sqrt(snr));
    add_noise(b, 2, 1 / sqrt(snr));
    T_OK(aet_volume_fsc(a, b, b));
    for (int s = 1; s < 26; s++)
        T_NEAR(at(b, s, "fsc"), snr / (1 + snr), 4 / sqrt(at(b, s, "points")));
    aet_volume_free(&a);
    aet_volume_free(&b);
}

/* Noise that varies along z alone lies on the axis of z: only that cone has something. */
static void check_cones(void)
{
    aet_volume *a = empty(16, 16, 16);

    for (int64_t i = 0; i < aet_volume_count(a); i++)
        a->density[i] = (float)((a->slab.start + i / 256) * 37 % 11);
    T_OK(aet_volume_fsc(a, a, a));
    T_NEAR(at(a, 4, "fsc_z"), 1, TOL);
    T_NEAR(at(a, 4, "fsc"), 1, TOL);
    T_CHECK(!(at(a, 4, "fsc_x") > 0.99) || !isfinite(at(a, 4, "fsc_x")));
    aet_volume_free(&a);
}

/* Where the correlation falls linearly from 1 to 0, between two shells. */
static void check_resolution(void)
{
    static const char *const heads[] = {"frequency_per_A", "fsc"};
    aet_curve *list = NULL;
    int n = 0;
    aet_curve *c = aet_curve_add(&list, &n, "fsc", 5, 2, heads, "");
    const double values[10] = {0, 1, 0.1, 0.9, 0.2, 0.7, 0.3, 0.1, 0.4, 0.8};

    memcpy(c->values, values, sizeof values);
    T_NEAR(1 / aet_fsc_resolution(c, 0.5), 0.2 + 0.1 * 0.2 / 0.6, 1e-12);
    T_NEAR(1 / aet_fsc_resolution(c, 0.05), 0.4, 1e-12);
    T_CHECK(isnan(aet_fsc_resolution(c, 0.95)));
    aet_curves_free(&list, &n);
}

static void check_shapes(void)
{
    aet_volume *a = empty(8, 8, 8), *b = empty(8, 8, 9);

    T_FAILS(aet_volume_fsc(a, b, a), AET_ERR_INPUT, "8 x 8 x 8 and 8 x 8 x 9");
    aet_volume_free(&a);
    aet_volume_free(&b);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_equal(32, 32, 32);
    check_equal(30, 24, 17);
    check_equal(15, 21, 35);
    check_noise();
    check_signal(1);
    check_signal(4);
    check_cones();
    check_resolution();
    check_shapes();
    T_END();
}
