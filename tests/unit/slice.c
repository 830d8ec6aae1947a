/* ranks: 1 2 3 4 */
/* The Fourier-slice projector: against the sum over voxels it stands for, and its transpose; Gaussians;
 * what lies beside the frame. */
#include "test.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/slice.h"
#include <math.h>

/* Both sides are sums of ~1e5 products of floats, rounded independently. */
#define TOL_ADJOINT 2e-6
/* Of a kernel of 6 points on a doubled grid: about 1e-5 of the root mean square, at points. */
#define TOL_DIRECT 2e-5

static aet_rng key = {12, 0, AET_RNG_TEST};

static const double angles[][3] = {{0, 0, 0},   {0, 45, 0},  {0, -63, 0},  {0.3, 30, -0.4},
                                   {-2, 60, 3}, {7, -20, 6}, {50, 20, 70}, {-130, 80, 15},
                                   {90, 0, 0},  {0, 90, 0},  {12, 90, -7}, {170, -35, -160}};
static const double shifts[][2] = {{0, 0}, {0.3, -1.2}, {-2, 0},   {0, 0.5}, {1.7, 0.1}, {0, 0},
                                   {0, 0}, {0.25, 0},   {0, -3.1}, {0, 0},   {4, 4},     {0, 0}};
enum { N = sizeof angles / sizeof *angles };

static aet_projector_setup setup(int nx, int ny, int nz, int nu, int nv)
{
    return (aet_projector_setup){.nx = nx,
                                 .ny = ny,
                                 .nz = nz,
                                 .n = N,
                                 .nu = nu,
                                 .nv = nv,
                                 .angles_deg = angles,
                                 .shift_px = shifts};
}

static aet_linop *make(MPI_Comm comm, const aet_projector_setup *s, double oversampling)
{
    aet_linop *op = NULL;

    T_OK(aet_slice_create(comm, s, oversampling, &op));
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
                                   {30, 10, 17, 11, 25}, /* extended: three times the frame */
                                   {1, 1, 1, 5, 5},
                                   {5, 70, 2, 8, 33}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int *s = sizes[i];
        aet_projector_setup set = setup(s[0], s[1], s[2], s[3], s[4]);
        aet_linop *op = make(MPI_COMM_WORLD, &set, 1 + 0.5 * (double)i);
        double error = 1;
        T_OK(aet_linop_adjoint_error(op, i, &error));
        T_NEAR(error, 0, TOL_ADJOINT);
        aet_linop_free(&op);
        T_CHECK(op == NULL);
    }
}

/* ---- the sum over voxels ---- */

static double dirichlet(double t, int p)
{
    double s = sin(AET_PI * t / p);

    return fabs(s) < 1e-12 ? 1 : sin(AET_PI * t) / (p * s); /* p odd: 1 at every multiple of p */
}

static void direct(const aet_projector_setup *s, const int field[2], const float *x, int i,
                   double *image)
{
    double R[3][3];

    aet_rotation(angles[i], R);
    memset(image, 0, (size_t)(s->nu * s->nv) * sizeof *image);
    for (int k = 0; k < s->nx * s->ny * s->nz; k++) {
        double r[3] = {k / s->ny % s->nx - s->nx / 2, k % s->ny - s->ny / 2,
                       k / s->ny / s->nx - s->nz / 2};
        double at[3];
        aet_rotate((const double(*)[3])R, r, at);
        for (int u = 0; u < s->nu; u++)
            for (int v = 0; v < s->nv; v++)
                image[u * s->nv + v] += (double)x[k] *
                                        dirichlet(u - s->nu / 2 - at[0] - shifts[i][0], field[0]) *
                                        dirichlet(v - s->nv / 2 - at[1] - shifts[i][1], field[1]);
    }
}

/* Random voxels, the whole of them known to every rank: no object is harder. */
static void check_direct(int nx, int ny, int nz, int nu, int nv, double oversampling)
{
    aet_projector_setup s = setup(nx, ny, nz, nu, nv);
    aet_linop *op = make(MPI_COMM_WORLD, &s, oversampling);
    int64_t n = (int64_t)nx * ny * nz;
    float *all = array(n), *y = array(op->n_range);
    double *want = AET_NEW(double, nu *nv), sum = 0, sum2 = 0, worst = 0;
    int field[2];

    for (int64_t i = 0; i < n; i++)
        all[i] = (float)aet_rng_uniform(key, (uint64_t)i);
    aet_slice_field(&s, oversampling, field);
    T_CHECK(field[0] % 2 == 1 && field[0] >= nu * oversampling && field[0] >= nx);
    aet_linop_forward(op, all + (int64_t)aet_slab_mine(nz, MPI_COMM_WORLD).start * nx * ny, y);
    for (int i = 0; i < N; i++) {
        direct(&s, field, all, i, want);
        for (int k = 0; k < nu * nv; k++) {
            double error = (double)y[i * nu * nv + k] - want[k];
            worst = fmax(worst, fabs(want[k]));
            sum2 = fmax(sum2, fabs(error));
            sum += error;
        }
    }
    T_NEAR(sum2 / worst, 0, TOL_DIRECT);
    aet_release(&all);
    aet_release(&y);
    aet_release(&want);
    aet_linop_free(&op);
}

/* A Gaussian off the centre: an image right to a millionth of its height, whatever the angle, since its
 * transform is 2e-9 of the peak at Nyquist for this width.  The real-space projector is 3 % off. */
#define TOL_GAUSS 2e-5
static void check_gauss(void)
{
    enum { S = 40 };
    const double at[3] = {5, -3, 4}, s = 2, line = s * sqrt(2 * AET_PI);
    aet_projector_setup set = setup(S, S, S, S, S);
    aet_linop *op = make(MPI_COMM_WORLD, &set, 1.5);
    aet_slab slab = aet_slab_mine(S, MPI_COMM_WORLD);
    float *x = array(op->n_domain), *y = array(op->n_range);

    for (int64_t i = 0; i < op->n_domain; i++) {
        double dx = (double)(i / S % S) - S / 2 - at[0], dy = (double)(i % S) - S / 2 - at[1];
        double dz = (double)(i / (S * S)) + slab.start - S / 2 - at[2];
        x[i] = (float)exp(-(dx * dx + dy * dy + dz * dz) / (2 * s * s));
    }
    aet_linop_forward(op, x, y);
    for (int i = 0; i < N; i++) {
        double R[3][3], q[3], worst = 0;
        aet_rotation(angles[i], R);
        aet_rotate((const double(*)[3])R, at, q);
        for (int k = 0; k < S * S; k++) {
            double du = k / S - q[0] - shifts[i][0] - S / 2,
                   dv = k % S - q[1] - shifts[i][1] - S / 2;
            double want = line * exp(-(du * du + dv * dv) / (2 * s * s));
            worst = fmax(worst, fabs((double)y[i * S * S + k] - want));
        }
        T_NEAR(worst / line, 0, TOL_GAUSS);
    }
    aet_release(&x);
    aet_release(&y);
    aet_linop_free(&op);
}

/* A film wider than its frame: what lies beside the frame is not in the images (but for the tail of its
 * sinc, which a smooth object does not have), at any oversampling. */
static void check_beside(void)
{
    enum { NX = 60, NY = 16, NZ = 20, U = 20, V = 16 };
    aet_projector_setup set = setup(NX, NY, NZ, U, V);
    aet_linop *op = NULL;
    aet_slab slab = aet_slab_mine(NZ, MPI_COMM_WORLD);

    set.n = 3; /* tilts only */
    op = make(MPI_COMM_WORLD, &set, 1);
    float *x = array(op->n_domain), *y = array(op->n_range);
    for (int64_t i = 0; i < op->n_domain; i++) { /* 26 from the origin: at 63 degrees, seen at 12 */
        double dx = (double)(i / NY % NX) - NX / 2 - 24, dy = (double)(i % NY) - NY / 2;
        double dz = (double)(i / NY / NX) + slab.start - NZ / 2;
        x[i] = (float)exp(-(dx * dx + dy * dy + dz * dz) / (2 * 1.5 * 1.5));
    }
    aet_linop_forward(op, x, y);
    double most[3] = {0};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < U * V; k++)
            most[i] = fmax(most[i], fabs((double)y[i * U * V + k]));
    T_NEAR(most[0], 0, 1e-3); /* seen at 24 and 17 from the pivot, the frame ends at 10 */
    T_NEAR(most[1], 0, 1e-3);
    T_CHECK(most[2] > 0.1);
    aet_release(&x);
    aet_release(&y);
    aet_linop_free(&op);
}

/* The same on one rank alone, but for the order of sums. */
static void check_slabs(void)
{
    aet_projector_setup s = setup(13, 9, 11, 12, 10);
    aet_linop *op = make(MPI_COMM_WORLD, &s, 2), *alone = make(MPI_COMM_SELF, &s, 2);
    float *all = array(13 * 9 * 11), *y = array(op->n_range), *z = array(op->n_range);
    float *x = array(op->n_domain);
    int64_t first = (int64_t)aet_slab_mine(11, MPI_COMM_WORLD).start * 13 * 9;
    double worst = 0;

    for (int64_t i = 0; i < 13 * 9 * 11; i++)
        all[i] = (float)aet_rng_uniform(key, (uint64_t)i);
    aet_linop_forward(op, all + first, y);
    aet_linop_forward(alone, all, z);
    for (int64_t i = 0; i < op->n_range; i++)
        worst = fmax(worst, fabs((double)(y[i] - z[i])));
    T_NEAR(worst / 11, 0, 1e-6);
    aet_linop_adjoint(op, z, x);
    aet_linop_adjoint(alone, z, all);
    for (int64_t i = 0; i < op->n_domain; i++)
        T_NEAR((double)x[i], (double)all[first + i], 1e-4); /* values of about N 10 */
    aet_release(&all);
    aet_release(&x);
    aet_release(&y);
    aet_release(&z);
    aet_linop_free(&op);
    aet_linop_free(&alone);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_adjoint();
    check_direct(9, 8, 7, 9, 8, 2);
    check_direct(12, 5, 6, 7, 10, 1);
    check_direct(3, 14, 15, 10, 11, 3);
    check_gauss();
    check_beside();
    check_slabs();
    T_END();
}
