/* ranks: 1 2 3 4 */
/* The real-space projector: adjointness, mass, symmetry, and Gaussians against their line
 * integrals. */
#include "test.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/projector.h"
#include <math.h>

/* Both sides are sums of ~1e5 products of floats, rounded independently. */
#define TOL_ADJOINT 1e-6
/* Relative rounding of float sums along a beam. */
#define TOL_SUM 2e-6
/* Sharing a voxel between two pixels adds up to 1/4, on average 1/6, to the variance 2.5^2 of a
 * Gaussian along each axis: 2.7 % of the peak on average, 4 % at most.  Plain interpolation has the
 * Moire pattern of 2 sinc^2(sqrt 2) = 9.5 % at 45 degrees. */
#define TOL_GAUSS_FINE  0.04
#define TOL_GAUSS_PLAIN 0.10

static aet_rng key = {11, 0, AET_RNG_TEST};

/* Every kind of column: plain tilts, slanted ones, far off, right angles. */
static const double angles[][3] = {{0, 0, 0},     {0, 45, 0},   {0, -63, 0},     {0.3, 30, -0.4},
                                   {-2, 60, 3},   {4, -20, 6},  {50, 20, 70},    {-130, 80, 15},
                                   {90, 0, 0},    {0, 90, 0},   {0, 0, 90},      {180, 0, 0},
                                   {0, -90, 180}, {12, 90, -7}, {170, -35, -160}};
enum { N = sizeof angles / sizeof *angles };

static aet_linop *make(int nx, int ny, int nz, int nu, int nv, bool fine, const uint8_t *mask)
{
    aet_linop *op = NULL;
    aet_projector_setup s = {.nx = nx,
                             .ny = ny,
                             .nz = nz,
                             .n = N,
                             .nu = nu,
                             .nv = nv,
                             .angles_deg = angles,
                             .fine = fine,
                             .mask = mask};

    T_OK(aet_projector_create(MPI_COMM_WORLD, &s, &op));
    return op;
}

static float *array(int64_t n)
{
    float *a = NULL;

    T_OK(AET_ARRAY(n, "test", &a));
    return a;
}

static void check_adjoint(void)
{
    static const int sizes[][5] = {{20, 18, 22, 20, 18},
                                   {9, 31, 3, 12, 40},
                                   {30, 10, 17, 11, 25},
                                   {1, 1, 1, 5, 5},
                                   {5, 70, 2, 8, 33}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int fine = 0; fine < 2; fine++) {
            const int *s = sizes[i];
            aet_linop *op = make(s[0], s[1], s[2], s[3], s[4], fine, NULL);
            double error = 1;
            T_OK(aet_linop_adjoint_error(op, i, &error));
            T_NEAR(error, 0, TOL_ADJOINT);
            aet_linop_free(&op);
            T_CHECK(op == NULL);
        }
}

/* The volume as a function of its global position: independent of the slabs. */
static void fill(float *x, aet_slab slab, int nx, int ny, int item, double scale)
{
    int64_t plane = (int64_t)nx * ny;

    key.item = (uint32_t)item;
    for (int64_t i = 0; i < slab.count * plane; i++)
        x[i] += (float)(scale * aet_rng_uniform(key, (uint64_t)(slab.start * plane + i)));
}

static void check_linear(void)
{
    aet_linop *op = make(12, 14, 10, 13, 12, true, NULL);
    aet_slab slab = aet_slab_mine(10, MPI_COMM_WORLD);
    float *x = array(op->n_domain), *a = array(op->n_range), *b = array(op->n_range);
    float *c = array(op->n_range);
    double worst = 0;

    fill(x, slab, 12, 14, 1, 1);
    aet_linop_forward(op, x, a);
    memset(x, 0, (size_t)op->n_domain * sizeof *x);
    fill(x, slab, 12, 14, 2, 1);
    aet_linop_forward(op, x, b);
    memset(x, 0, (size_t)op->n_domain * sizeof *x);
    fill(x, slab, 12, 14, 1, 2);
    fill(x, slab, 12, 14, 2, -3);
    aet_linop_forward(op, x, c);
    for (int64_t i = 0; i < op->n_range; i++)
        worst = fmax(worst, fabs((double)(2 * a[i] - 3 * b[i] - c[i])));
    T_NEAR(worst / 30, 0, TOL_SUM); /* values of about 3 x 10 voxels per beam */
    aet_release(&x);
    aet_release(&a);
    aet_release(&b);
    aet_release(&c);
    aet_linop_free(&op);
}

/* A ball of mass well inside the frame keeps its sum in every image; what lies outside vanishes. */
static void check_mass(bool fine)
{
    enum { S = 24 };
    aet_linop *op = make(S, S, S, S, S, fine, NULL);
    aet_slab slab = aet_slab_mine(S, MPI_COMM_WORLD);
    float *x = array(op->n_domain), *y = array(op->n_range);
    double mass = 0;

    fill(x, slab, S, S, 3, 1);
    for (int64_t i = 0; i < op->n_domain; i++) {
        int iz = (int)(i / (S * S)) + slab.start - S / 2, ix = (int)(i / S % S) - S / 2;
        int iy = (int)(i % S) - S / 2;
        if (ix * ix + iy * iy + iz * iz > 49) /* and 3 pixels for what is interpolated */
            x[i] = 0;
        mass += (double)x[i];
    }
    aet_sum_double(MPI_COMM_WORLD, &mass, 1);
    aet_linop_forward(op, x, y);
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int64_t k = 0; k < S * S; k++)
            sum += (double)y[i * S * S + k];
        T_NEAR(sum / mass, 1, TOL_SUM);
    }
    aet_release(&x);
    aet_release(&y);
    aet_linop_free(&op);
}

/* Right angles move voxels to pixels: no interpolation, so exact against a direct sum. */
static void check_right_angles(void)
{
    enum { S = 11 }; /* odd: the origin is the middle */
    aet_linop *op = make(S, S, S, S, S, true, NULL);
    aet_slab slab = aet_slab_mine(S, MPI_COMM_WORLD);
    float *x = array(op->n_domain), *y = array(op->n_range), *all = array(S * S * S);
    double want[S][S];
    static const int tested[] = {0, 8, 9, 10, 11, 12};

    fill(x, slab, S, S, 4, 1);
    memcpy(all + (int64_t)slab.start * S * S, x, (size_t)op->n_domain * sizeof *x);
    aet_sum_float(MPI_COMM_WORLD, all, S * S * S);
    aet_linop_forward(op, x, y);
    for (size_t t = 0; t < sizeof tested / sizeof *tested; t++) {
        double R[3][3], worst = 0;
        aet_rotation(angles[tested[t]], R);
        memset(want, 0, sizeof want);
        for (int i = 0; i < S * S * S; i++) {
            double r[3] = {i / S % S - S / 2, i % S - S / 2, i / (S * S) - S / 2};
            int u = (int)lround(R[0][0] * r[0] + R[0][1] * r[1] + R[0][2] * r[2]) + S / 2;
            int v = (int)lround(R[1][0] * r[0] + R[1][1] * r[1] + R[1][2] * r[2]) + S / 2;
            want[u][v] += (double)all[i];
        }
        for (int i = 0; i < S * S; i++)
            worst = fmax(worst, fabs((double)y[tested[t] * S * S + i] - want[i / S][i % S]));
        T_NEAR(worst / S, 0, TOL_SUM);
    }
    aet_release(&x);
    aet_release(&y);
    aet_release(&all);
    aet_linop_free(&op);
}

/* A Gaussian off the centre: its image is where and as wide as geometry says, with its handedness.
 */
static void check_gauss(bool fine)
{
    enum { S = 48 };
    const double at[3] = {5, -3, 7}, s = 2.5, line = s * sqrt(2 * AET_PI);
    aet_linop *op = make(S, S, S, S, S, fine, NULL);
    aet_slab slab = aet_slab_mine(S, MPI_COMM_WORLD);
    float *x = array(op->n_domain), *y = array(op->n_range);

    for (int64_t i = 0; i < op->n_domain; i++) {
        double dx = (double)(i / S % S) - S / 2 - at[0], dy = (double)(i % S) - S / 2 - at[1];
        double dz = (double)(i / (S * S)) + slab.start - S / 2 - at[2];
        x[i] = (float)exp(-(dx * dx + dy * dy + dz * dz) / (2 * s * s));
    }
    aet_linop_forward(op, x, y);
    for (int i = 0; i < N; i++) {
        double R[3][3], worst = 0;
        aet_rotation(angles[i], R);
        double u = R[0][0] * at[0] + R[0][1] * at[1] + R[0][2] * at[2] + S / 2;
        double v = R[1][0] * at[0] + R[1][1] * at[1] + R[1][2] * at[2] + S / 2;
        for (int k = 0; k < S * S; k++) {
            double d2 = (k / S - u) * (k / S - u) + (k % S - v) * (k % S - v);
            double want = line * exp(-d2 / (2 * s * s));
            worst = fmax(worst, fabs((double)y[i * S * S + k] - want));
        }
        T_NEAR(worst / line, 0, fine ? TOL_GAUSS_FINE : TOL_GAUSS_PLAIN);
    }
    aet_release(&x);
    aet_release(&y);
    aet_linop_free(&op);
}

/* At 45 degrees plain interpolation shows the voxel lattice; the fine footprint must not. */
static void check_moire(void)
{
    enum { S = 40 };
    double ripple[2];

    for (int fine = 0; fine < 2; fine++) {
        aet_linop *op = make(S, 4, S, S, 4, fine, NULL);
        float *x = array(op->n_domain), *y = array(op->n_range);
        double low = INFINITY, high = 0;
        for (int64_t i = 0; i < op->n_domain; i++)
            x[i] = 1;
        aet_linop_forward(op, x, y);
        /* lengths of neighbouring rays change by 2 per pixel: take that out */
        for (int u = S / 2 - 8; u < S / 2 + 8; u++) {
            double ray = sqrt(2.0) * (S - sqrt(2.0) * fabs(u - (double)(S / 2)));
            double r = (double)y[(S + u) * 4 + 1] / ray;
            low = fmin(low, r);
            high = fmax(high, r);
        }
        ripple[fine] = high - low;
        aet_release(&x);
        aet_release(&y);
        aet_linop_free(&op);
    }
    T_CHECK(ripple[0] > 0.1); /* 2 sinc^2(sqrt 2) = 9.5 % to either side */
    T_CHECK(ripple[1] < 0.05);
}

/* The images do not depend on how the volume is cut, but for the order of sums: rank 0 does it
 * alone. */
static void check_slabs(void)
{
    aet_linop *op = make(13, 9, 11, 12, 10, true, NULL), *alone = NULL;
    aet_projector_setup s = {.nx = 13,
                             .ny = 9,
                             .nz = 11,
                             .n = N,
                             .nu = 12,
                             .nv = 10,
                             .angles_deg = angles,
                             .fine = true};
    float *x = array(op->n_domain), *y = array(op->n_range), *z = array(op->n_range);
    float *all = array(13 * 9 * 11);
    double worst = 0;

    T_OK(aet_projector_create(MPI_COMM_SELF, &s, &alone));
    fill(x, aet_slab_mine(11, MPI_COMM_WORLD), 13, 9, 5, 1);
    fill(all, aet_slab_mine(11, MPI_COMM_SELF), 13, 9, 5, 1);
    aet_linop_forward(op, x, y);
    aet_linop_forward(alone, all, z);
    for (int64_t i = 0; i < op->n_range; i++)
        worst = fmax(worst, fabs((double)(y[i] - z[i])));
    T_NEAR(worst / 11, 0, TOL_SUM);
    /* the adjoint has no sum over ranks: bitwise */
    aet_linop_adjoint(op, z, x);
    aet_linop_adjoint(alone, z, all);
    aet_slab slab = aet_slab_mine(11, MPI_COMM_WORLD);
    T_CHECK(op->n_domain == 0 ||
            memcmp(x, all + slab.start * 13 * 9, (size_t)op->n_domain * sizeof *x) == 0);
    aet_release(&x);
    aet_release(&y);
    aet_release(&z);
    aet_release(&all);
    aet_linop_free(&op);
    aet_linop_free(&alone);
}

/* A mask changes nothing for volumes that are 0 outside it. */
static void check_mask(void)
{
    enum { S = 16 };
    aet_slab slab = aet_slab_mine(S, MPI_COMM_WORLD);
    int64_t n = (int64_t)slab.count * S * S;
    float *x = array(n), *y = array(N * S * S), *z = array(N * S * S);
    uint8_t *mask = NULL;

    T_OK(AET_ARRAY(n, "mask", &mask));
    fill(x, slab, S, S, 6, 1);
    for (int64_t i = 0; i < n; i++) {
        mask[i] = i % S > 3 && i % S < 9 + i / S % 4 && i / S % S > 2;
        x[i] *= mask[i];
    }
    aet_linop *plain = make(S, S, S, S, S, true, NULL), *masked = make(S, S, S, S, S, true, mask);
    aet_linop_forward(plain, x, y);
    aet_linop_forward(masked, x, z);
    T_CHECK(memcmp(y, z, (size_t)(N * S * S) * sizeof *y) == 0);
    aet_linop_adjoint(plain, y, x);
    float *w = array(n);
    aet_linop_adjoint(masked, y, w);
    bool same = true;
    for (int64_t i = 0; i < n; i++)
        same = same && (!mask[i] || fabsf(w[i] - x[i]) <= 1e-6F * fabsf(x[i]));
    T_CHECK(same);
    aet_release(&x);
    aet_release(&y);
    aet_release(&z);
    aet_release(&w);
    aet_release(&mask);
    aet_linop_free(&plain);
    aet_linop_free(&masked);
}

/* The Collatz-Wielandt bound lies above the Rayleigh quotient of a vector near the leading one. */
static void check_norm(void)
{
    aet_linop *op = make(15, 12, 15, 15, 12, true, NULL);
    float *x = array(op->n_domain), *y = array(op->n_range);
    double one, five;

    T_OK(aet_linop_norm2_bound(op, NULL, 1, &one));
    T_OK(aet_linop_norm2_bound(op, NULL, 5, &five));
    for (int64_t i = 0; i < op->n_domain; i++)
        x[i] = 1;
    for (int k = 0; k < 8; k++) {
        aet_linop_forward(op, x, y);
        aet_linop_adjoint(op, y, x);
        double norm = sqrt(aet_linop_dot_domain(op, x, x));
        for (int64_t i = 0; i < op->n_domain; i++)
            x[i] = (float)((double)x[i] / norm);
    }
    aet_linop_forward(op, x, y);
    double rayleigh = aet_linop_dot_range(op, y, y);
    T_CHECK(five <= one);
    T_CHECK(five >= rayleigh * (1 - 1e-5)); /* rounding of floats */
    T_CHECK(one <= 1.6 * rayleigh);
    aet_release(&x);
    aet_release(&y);
    aet_linop_free(&op);
}

/* Shifts: by whole pixels the same image elsewhere; by fractions still an exact pair. */
static void check_shift(void)
{
    enum { S = 20 };
    double shift[N][2], error = 1, worst = 0;
    aet_projector_setup s = {S, S, S, N, S, S, angles, shift, true, NULL};
    aet_linop *still = make(S, S, S, S, S, true, NULL), *moved = NULL;
    float *x = array(still->n_domain), *a = array(still->n_range), *b = array(still->n_range);

    for (int i = 0; i < N; i++) {
        shift[i][0] = 2;
        shift[i][1] = -3;
    }
    T_OK(aet_projector_create(MPI_COMM_WORLD, &s, &moved));
    fill(x, aet_slab_mine(S, MPI_COMM_WORLD), S, S, 4, 1);
    aet_linop_forward(still, x, a);
    aet_linop_forward(moved, x, b);
    for (int k = 0; k < N * S * S; k++)
        if (k / S % S >= 2 && k % S < S - 3)
            worst = fmax(worst, fabs((double)(b[k] - a[k - 2 * S + 3])));
    T_NEAR(worst / S, 0, TOL_SUM); /* beams of about S voxels of up to 1 */
    aet_linop_free(&moved);
    for (int i = 0; i < N; i++) {
        shift[i][0] = 0.3 * i - 2;
        shift[i][1] = 1.7 - 0.4 * i;
    }
    T_OK(aet_projector_create(MPI_COMM_WORLD, &s, &moved));
    T_OK(aet_linop_adjoint_error(moved, 5, &error));
    T_NEAR(error, 0, TOL_ADJOINT);
    aet_linop_free(&moved);
    aet_linop_free(&still);
    aet_release(&x);
    aet_release(&a);
    aet_release(&b);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_shift();
    check_adjoint();
    check_linear();
    check_mass(false);
    check_mass(true);
    check_right_angles();
    check_gauss(false);
    check_gauss(true);
    check_moire();
    check_slabs();
    check_mask();
    check_norm();
    T_END();
}
