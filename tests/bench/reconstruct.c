/* ranks: 1 2 */
/* RESIRE at 128^3 voxels from 41 images: time of one iteration (projection, back projection, update) against
 * the literal algorithm, a scalar loop over voxels that spreads each over four pixels; and the projector
 * against the limit of its inner loop, two rows updated from one with everything in the first cache.
 *
 * Times are processor seconds, the most of any rank: other work on the machine disturbs them less. */
#include "bench.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "aetlas/num/linop.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/gram.h"
#include "aetlas/physics/projector.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { N = 128, TILTS = 41, REPEATS = 3, ROW = N };

static double angles[TILTS][3];

static double cpu_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double slowest(double s)
{
    MPI_Allreduce(MPI_IN_PLACE, &s, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return s;
}

static float *array(int64_t n)
{
    float *a = NULL;

    if (AET_ARRAY(n, "benchmark", &a) != AET_OK)
        MPI_Abort(MPI_COMM_WORLD, 5);
    return a;
}

/* ---- the literal algorithm ---- */

typedef struct {
    double R[3][3];
    const float *volume;
    float *image, *sum;
} literal;

/* One voxel: spread over four pixels (sum NULL) or gathered from them. */
static void literal_voxel(const literal *l, int ix, int iy, int iz, int64_t at)
{
    double x = ix - N / 2, y = iy - N / 2, z = iz - N / 2;
    double u = l->R[0][0] * x + l->R[0][1] * y + l->R[0][2] * z + N / 2;
    double v = l->R[1][0] * x + l->R[1][1] * y + l->R[1][2] * z + N / 2;
    int iu = (int)floor(u), iv = (int)floor(v);
    double fu = u - iu, fv = v - iv, sum = 0;

    for (int k = 0; k < 4; k++) {
        int pu = iu + k % 2, pv = iv + k / 2;
        double w = (k % 2 ? fu : 1 - fu) * (k / 2 ? fv : 1 - fv);
        if (pu < 0 || pu >= N || pv < 0 || pv >= N)
            continue;
        if (l->sum)
            sum += w * (double)l->image[pv * N + pu];
        else
            l->image[pv * N + pu] += (float)(w * (double)l->volume[at]);
    }
    if (l->sum)
        l->sum[at] += (float)sum;
}

static void literal_sweep(aet_slab slab, const float *x, float *y, float *sum)
{
    for (int i = 0; i < TILTS; i++) {
        literal l = {.volume = x, .image = y + (int64_t)i * N * N, .sum = sum};
        int64_t at = 0;
        aet_rotation(angles[i], l.R);
        for (int iz = slab.start; iz < slab.start + slab.count; iz++)
            for (int iy = 0; iy < N; iy++)
                for (int ix = 0; ix < N; ix++)
                    literal_voxel(&l, ix, iy, iz, at++);
    }
}

static void update(float *x, const float *g, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float down = x[i] - 1e-6F * g[i];
        x[i] = down > 0 ? down : 0;
    }
}

static double literal_iteration(float *x, float *g, float *y, const float *b)
{
    aet_slab slab = aet_slab_mine(N, MPI_COMM_WORLD);
    int64_t n = (int64_t)slab.count * N * N, m = (int64_t)TILTS * N * N;
    double start = cpu_s();

    memset(y, 0, (size_t)m * sizeof *y);
    memset(g, 0, (size_t)n * sizeof *g);
    literal_sweep(slab, x, y, NULL);
    MPI_Allreduce(MPI_IN_PLACE, y, (int)m, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    for (int64_t i = 0; i < m; i++)
        y[i] -= b[i];
    literal_sweep(slab, NULL, y, g);
    update(x, g, n);
    return slowest(cpu_s() - start);
}

/* ---- ours ---- */

static double our_iteration(const aet_linop *op, float *x, float *g, float *y, const float *b,
                            double *project_s)
{
    double start = cpu_s();

    aet_linop_forward(op, x, y);
    double mid = cpu_s();
    for (int64_t i = 0; i < op->n_range; i++)
        y[i] -= b[i];
    double after = cpu_s();
    aet_linop_adjoint(op, y, g);
    double end = cpu_s();
    update(x, g, op->n_domain);
    *project_s = slowest(mid - start + end - after);
    return slowest(cpu_s() - start);
}

/* ---- the limit: rows in the first cache ---- */

static void rows_forward(const float *restrict x, float *restrict a, float *restrict b)
{
    for (int k = 0; k < ROW; k++) {
        a[k] += 0.25F * x[k];
        b[k] += 0.75F * x[k];
    }
}

static void rows_adjoint(float *restrict x, const float *restrict a, const float *restrict b)
{
    for (int k = 0; k < ROW; k++)
        x[k] += 0.25F * a[k] + 0.75F * b[k];
}

/* Seconds for all columns of this rank's slab and all images, both ways. */
static double limit(int64_t columns)
{
    float *rows = array(3 * ROW);
    int64_t rounds = 2000000;
    double start = cpu_s();

    for (int64_t i = 0; i < rounds; i++) {
        rows_forward(rows, rows + ROW, rows + 2 * ROW);
        rows_adjoint(rows, rows + ROW, rows + 2 * ROW);
        __asm__ volatile("" : : "r"(rows) : "memory");
    }
    double s = (cpu_s() - start) / (double)rounds;
    aet_release(&rows);
    return slowest(s * (double)columns * TILTS);
}

/* ---- */

static aet_linop *projector(double euler)
{
    aet_linop *op = NULL;

    for (int i = 0; i < TILTS; i++) {
        angles[i][0] = euler * (i % 5 - 2) / 2;
        angles[i][1] = -70 + 3.5 * i;
        angles[i][2] = euler * (i % 3 - 1);
    }
    aet_projector_setup s = {.nx = N,
                             .ny = N,
                             .nz = N,
                             .n = TILTS,
                             .nu = N,
                             .nv = N,
                             .angles_deg = (const double(*)[3])angles,
                             .fine = true};
    if (aet_projector_create(MPI_COMM_WORLD, &s, &op) != AET_OK)
        MPI_Abort(MPI_COMM_WORLD, 5);
    return op;
}

static void bench(double euler, const char *name)
{
    aet_linop *op = projector(euler);
    aet_rng key = {1, 0, AET_RNG_TEST};
    float *x = array(op->n_domain), *g = array(op->n_domain), *y = array(op->n_range);
    float *b = array(op->n_range);
    double ours = 1e9, project = 1e9, work = (double)N * N * N * TILTS;
    int rank, size;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (int64_t i = 0; i < op->n_domain; i++)
        x[i] = (float)aet_rng_uniform(key, (uint64_t)i);
    for (int r = 0; r < REPEATS; r++) {
        double p, s = our_iteration(op, x, g, y, b, &p);
        ours = fmin(ours, s);
        project = fmin(project, p);
    }
    double bound = limit(op->n_domain / N);
    double plain = literal_iteration(x, g, y, b);
    if (rank == 0) {
        printf("%s: %.3f s per iteration, %.3f ns per voxel and tilt for both projectors on one "
               "core\n",
               name, ours, 1e9 * project * size / work);
        printf("ratio resire_iteration_%s = %.1f   (scalar loop over voxels, %.2f s, over ours)\n",
               name, plain / ours, plain);
        printf("ratio projector_limit_%s = %.2f   (two rows updated in the first cache, %.3f s, "
               "over ours)\n",
               name, bound / project, bound);
    }
    aet_release(&x);
    aet_release(&g);
    aet_release(&y);
    aet_release(&b);
    aet_linop_free(&op);
}

/* An iteration without blur, on Fourier slices and as one convolution. */
static void bench_slices(double euler)
{
    aet_linop *real = projector(euler), *slices = NULL;
    aet_gram *gram = NULL;
    aet_projector_setup s = {.nx = N,
                             .ny = N,
                             .nz = N,
                             .n = TILTS,
                             .nu = N,
                             .nv = N,
                             .angles_deg = (const double(*)[3])angles};
    float *x = array(real->n_domain), *g = array(real->n_domain), *y = array(real->n_range);
    double convolved, sliced, made;

    B_OK(aet_slice_create(MPI_COMM_WORLD, &s, 1, &slices));
    B_TIME(made, 1, B_OK(aet_gram_create(MPI_COMM_WORLD, &s, 1, &gram)));
    for (int64_t i = 0; i < real->n_domain; i++)
        x[i] = (float)(i % 7);
    B_TIME(sliced, REPEATS, (aet_linop_forward(slices, x, y), aet_linop_adjoint(slices, y, g)));
    B_TIME(convolved, REPEATS, aet_gram_apply(gram, x, g));
    if (b_rank == 0)
        printf("Fourier slices: %.3f s per iteration; as a convolution %.4f s, its kernel %.2f s\n",
               sliced, convolved, made);
    B_RATIO("resire_convolution", convolved, sliced, "projection and back projection by slices");
    aet_release(&x);
    aet_release(&g);
    aet_release(&y);
    aet_linop_free(&real);
    aet_linop_free(&slices);
    aet_gram_free(&gram);
}

int main(int argc, char **argv)
{
    B_START(argc, argv);
    bench(0, "tilt");
    bench(0.4, "euler_0.4deg");
    bench(3, "euler_3deg");
    bench_slices(3);
    B_END();
}
