/* ranks: 1 2 3 4 */
/* A^T A as a convolution against the projector and its transpose, with images as wide as the field. */
#include "test.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/physics/gram.h"
#include <math.h>

static const double angles[][3] = {{0, 0, 0},   {0, 45, 0},   {0, -63, 0},     {0.3, 30, -0.4},
                                   {-2, 60, 3}, {7, -20, 6},  {50, 20, 70},    {-130, 80, 15},
                                   {90, 0, 0},  {12, 90, -7}, {170, -35, -160}};
enum { N = sizeof angles / sizeof *angles };
/* Twice the interpolation of the projector, each right to 6e-6, and rounding of floats. */
#define TOL 3e-5

static float *array(int64_t n)
{
    float *a = NULL;

    T_OK(AET_ARRAY(n, "test", &a));
    return a;
}

static void check(int nx, int ny, int nz, double oversampling)
{
    aet_projector_setup s = {
        .nx = nx, .ny = ny, .nz = nz, .n = N, .nu = nx, .nv = ny, .angles_deg = angles};
    aet_gram *gram = NULL;
    aet_linop *op = NULL;
    int field[2], first = aet_slab_mine(nz, MPI_COMM_WORLD).start * nx * ny;

    T_OK(aet_gram_create(MPI_COMM_WORLD, &s, oversampling, &gram));
    aet_slice_field(&s, oversampling, field);
    s.nu = field[0];
    s.nv = field[1];
    T_OK(aet_slice_create(MPI_COMM_WORLD, &s, 1, &op));
    float *x = array(op->n_domain), *y = array(op->n_range), *want = array(op->n_domain);
    float *got = array(op->n_domain);
    for (int64_t i = 0; i < op->n_domain; i++)
        x[i] = (float)aet_rng_uniform((aet_rng){3, 0, AET_RNG_TEST}, (uint64_t)(first + i)) - 0.3F;
    aet_linop_forward(op, x, y);
    aet_linop_adjoint(op, y, want);
    double form = aet_gram_apply(gram, x, got), worst = 0, most = 0;
    for (int64_t i = 0; i < op->n_domain; i++) {
        worst = fmax(worst, fabs((double)(got[i] - want[i])));
        most = fmax(most, fabs((double)want[i]));
    }
    MPI_Allreduce(MPI_IN_PLACE, &most, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    T_NEAR(worst / most, 0, TOL);
    T_NEAR(form / aet_linop_dot_range(op, y, y), 1, TOL);
    /* the bound lies above the Rayleigh quotient of the vector it has come to, and not far */
    double bound = aet_gram_bound(gram, NULL, 4, x, got);
    form = aet_gram_apply(gram, x, got);
    double rayleigh = form / aet_linop_dot_domain(op, x, x);
    T_CHECK(bound >= rayleigh * (1 - 1e-5) && bound < 1.5 * rayleigh);
    aet_release(&x);
    aet_release(&y);
    aet_release(&want);
    aet_release(&got);
    aet_linop_free(&op);
    aet_gram_free(&gram);
    T_CHECK(gram == NULL);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check(12, 11, 10, 1);
    check(7, 20, 9, 2);
    check(16, 5, 3, 1.5);
    T_END();
}
