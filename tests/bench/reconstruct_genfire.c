/* ranks: 1 2 */
/* GENFIRE at 128^3 (with BIG=1 also 256^3; an argument sets another size): wall time of one iteration
 *
 * - against the literal algorithm on the whole oversampled grid (FFTW-MPI, single precision, real to complex,
 *   transposed order, measured plans; at s = 4 it takes 0.6 GB for 128^3, 4.3 GB for 256^3);
 * - over one full pair of transforms of twice the size; of single-axis series, over their pairs in two dimensions.
 *
 * Last what a rank sends in an iteration at 384^3, and from that and the time of a voxel a model of many ranks. */
#include "bench.h"

#include "../unit/genfire_literal.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/boxconv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILTS = 41 };

static double slowest(double s)
{
    MPI_Allreduce(MPI_IN_PLACE, &s, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return s;
}

static aet_tilt *genfire_series(int n)
{
    aet_tilt *t = NULL;

    B_OK(aet_tilt_create(TILTS, n, n, 1.0, &t));
    for (int i = 0; i < TILTS; i++) {
        t->angles_deg[i][1] = -72 + 3.0 * i;
        for (int k = 0; k < n * n; k++) { /* two discs: what is in the images does not matter */
            int x = k % n - n / 2, y = k / n - n / 2;
            aet_tilt_image(t, i)[k] =
                (float)((x * x + y * y < n * n / 9) + (abs(x - 3) < n / 9 && y > 0));
        }
    }
    return t;
}

static aet_recon_params genfire_params(double oversampling, int iterations)
{
    aet_recon_params p;

    B_OK(aet_config_load(NULL, &aet_recon_table, &p));
    p.method = AET_RECON_GENFIRE;
    p.iterations = iterations;
    p.oversampling = oversampling;
    p.gridding = AET_GRIDDING_FFT;
    p.limit = AET_LIMIT_SPHERE; /* not slice by slice */
    return p;
}

static double genfire_ours(const aet_tilt *t, double oversampling, aet_recon_limit limit,
                           double *kernel_s)
{
    aet_recon_params p = genfire_params(oversampling, 20);
    aet_recon_report r;
    aet_volume *v = NULL;

    p.limit = limit;
    B_OK(aet_reconstruct(MPI_COMM_WORLD, t, NULL, &p, &v, &r));
    double s = slowest(r.seconds / r.iterations);
    *kernel_s = r.kernel_seconds;
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    return s;
}

static double genfire_literal(const aet_tilt *t, double oversampling)
{
    aet_recon_params p = genfire_params(oversampling, 3);
    aet_recon_report r;
    const int size[3] = {t->nx, t->nx, t->nx};
    double k_error;

    recon_report_start(&r, t->n, p.iterations);
    B_OK(literal_genfire(MPI_COMM_WORLD, t, NULL, &p, size, NULL, &r, &k_error));
    double s = slowest(r.seconds / r.iterations);
    aet_recon_report_free(&r);
    return s;
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

/* ---- many ranks ---- */

/* Nodes of 64 cores with one network port: 25 GB/s each way, 2 us a message; ranks of a node share it.
 * Rows travel in portions of 8 MB, each to every other rank.  What ranks of a node take from each other's
 * memory bandwidth is left out. */
static void bench_scaling(double ns_per_voxel)
{
    enum { N = 384, NODE = 64 };
    const double port = 25e9, message = 2e-6, portion = 8e6;

    if (b_rank)
        return;
    printf("model of %d^3: %.1f ns per voxel and core (measured above), 25 GB/s and 2 us per node "
           "of %d ranks; slabs of planes end at %d ranks\n",
           N, ns_per_voxel, NODE, N);
    for (int ranks = 1; ranks <= 1024; ranks *= 2) {
        int used = ranks < N ? ranks : N, share = used < NODE ? used : NODE;
        double sent = aet_boxconv_sent_bytes(N, N, N, true, used);
        double compute = 1e-9 * ns_per_voxel * N * N * aet_slab_of(N, 0, used).count;
        double away = used > NODE ? 1 - (double)NODE / used : 0;
        double wire = sent * away * share / port + ceil(sent / portion) * (used - 1) * message;
        printf(
            "model_%d = %.4f s per iteration: %.4f s of work, %.4f s of network; %.1f MB sent by a "
            "rank\n",
            ranks, compute + wire, compute, wire, 1e-6 * sent);
    }
}

int main(int argc, char **argv)
{
    B_START(argc, argv);
    int sizes[2] = {argc > 1 ? atoi(argv[1]) : 128, getenv("BIG") ? 256 : 0};
    double s = 0, last = 1;

    for (int k = 0; k < 2 && sizes[k]; k++) {
        char size[16];
        int n = sizes[k];
        snprintf(size, sizeof size, "%d", n);
        s = bench_iteration(n, 2, "1.5");
        last = n;
        at_most("genfire_pair", size, s, genfire_pair(n), "a full pair of transforms of (2N)^3");
        s = bench_iteration(n, 4, "12");
        at_most("genfire_slices", size, slices_ours(n), slices_full(n),
                "full pairs of transforms of (2N)^2");
    }
    bench_scaling(1e9 * s * b_size / (last * last * last));
    B_END();
}
