/* ranks: 1 2 */
/* GENFIRE at 128^3 (with BIG=1 also 256^3; an argument sets another size): wall time of one iteration
 *
 * - against the literal algorithm on the whole oversampled grid (FFTW-MPI, single precision, real to complex,
 *   transposed order, measured plans; at s = 4 it takes 0.6 GB for 128^3, 4.3 GB for 256^3);
 * - over one full pair of transforms of twice the size; of single-axis series, over their pairs in two dimensions. */
#include "bench.h"
#include "genfire_series.h"

#include "../unit/genfire_literal.h"

#include "aetlas/base/mem.h"
#include <stdlib.h>
#include <string.h>

/* Of so short runs the fastest counts. */
static int repeats(int n)
{
    return n <= 128 ? 3 : 2;
}

static double slowest(double s)
{
    MPI_Allreduce(MPI_IN_PLACE, &s, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return s;
}

static double genfire_ours(const aet_tilt *t, double oversampling, aet_recon_limit limit,
                           double *kernel_s)
{
    aet_recon_params p = genfire_params(oversampling, 20);
    double best = INFINITY;

    p.limit = limit;
    for (int i = 0; i < repeats(t->nx); i++) {
        aet_recon_report r;
        aet_volume *v = NULL;
        B_OK(aet_reconstruct(MPI_COMM_WORLD, t, NULL, &p, &v, &r));
        best = fmin(best, slowest(r.seconds / r.iterations));
        *kernel_s = r.kernel_seconds;
        aet_recon_report_free(&r);
        aet_volume_free(&v);
    }
    return best;
}

static double genfire_literal(const aet_tilt *t, double oversampling)
{
    aet_recon_params p = genfire_params(oversampling, 3);
    const int size[3] = {t->nx, t->nx, t->nx};
    double k_error, best = INFINITY;

    for (int i = 0; i < repeats(t->nx); i++) {
        aet_recon_report r;
        recon_report_start(&r, t->n, p.iterations);
        B_OK(literal_genfire(MPI_COMM_WORLD, t, NULL, &p, size, NULL, &r, &k_error));
        best = fmin(best, slowest(r.seconds / r.iterations));
        aet_recon_report_free(&r);
    }
    return best;
}

/* One pair of transforms of (2n)^3. */
static double genfire_pair(int n)
{
    aet_fft3 *f = NULL;
    double s;

    B_OK(aet_fft3_create(MPI_COMM_WORLD, 2 * n, 2 * n, 2 * n, true, &f));
    B_TIME(s, 5, (aet_fft3_forward(f), aet_fft3_backward(f)));
    aet_fft3_free(&f);
    return s;
}

static void at_most(const char *name, const char *size, double ours, double whole, const char *what)
{
    if (b_rank == 0)
        printf("ratio %s_%s = %.2f   (ours, %.4f s, over %s, %.4f s) [target at most %s]\n", name,
               size, ours / whole, ours, what, whole,
               strcmp(name, "genfire_slices") ? "0.5" : "0.9");
}

static double bench_iteration(int n, double oversampling, const char *target)
{
    aet_tilt *t = genfire_series(n);
    double kernel_s, mine = genfire_ours(t, oversampling, AET_LIMIT_SPHERE, &kernel_s);
    double all = genfire_literal(t, oversampling);

    if (b_rank == 0) {
        printf("genfire %d^3, oversampling %g: %.4f s per iteration, kernel and right-hand side in "
               "%.2f s\n",
               n, oversampling, mine, kernel_s);
        printf("ratio genfire_literal_%d_s%g = %.1f   (whole oversampled grid, %.3f s, over ours) "
               "[target %s]\n",
               n, oversampling, all / mine, all, target);
    }
    aet_tilt_free(&t);
    return mine;
}

/* ---- slices ---- */

static double slices_ours(int n)
{
    aet_tilt *t = genfire_series(n);
    double kernel_s, s = genfire_ours(t, 4, AET_LIMIT_CYLINDER, &kernel_s);

    aet_tilt_free(&t);
    return s;
}

/* A full pair of (2n)^2 for each of this rank's planes. */
static double slices_full(int n)
{
    aet_fft3 *f = NULL;
    int planes = aet_slab_mine(n, MPI_COMM_WORLD).count;
    double s;

    B_OK(aet_fft3_create(MPI_COMM_SELF, 2 * n, 2 * n, 1, true, &f));
    B_TIME(s, 3, for (int i = 0; i < planes; i++)(aet_fft3_forward(f), aet_fft3_backward(f)));
    aet_fft3_free(&f);
    return s;
}

int main(int argc, char **argv)
{
    B_START(argc, argv);
    int sizes[2] = {argc > 1 ? atoi(argv[1]) : 128, getenv("BIG") ? 256 : 0};

    for (int k = 0; k < 2 && sizes[k]; k++) {
        char size[16];
        int n = sizes[k];
        snprintf(size, sizeof size, "%d", n);
        double s = bench_iteration(n, 2, "1.5");
        at_most("genfire_pair", size, s, genfire_pair(n), "a full pair of transforms of (2N)^3");
        bench_iteration(n, 4, "12");
        at_most("genfire_slices", size, slices_ours(n), slices_full(n),
                "full pairs of transforms of (2N)^2");
    }
    B_END();
}
