/* ranks: 1 2 */
/* The projector pair, where RESIRE spends its time, at 128^3 and 41 tilts, against the textbook loop: each voxel
 * spread over the four nearest pixels, x fastest; and against the reads of the volume that it cannot avoid. */
#include "aetlas/base/mem.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/projector.h"
#include "bench.h"
#include <math.h>

enum { N = 128, TILTS = 41 };

/* Textbook forward projection of this rank's planes, summed over the ranks. */
static void textbook(const aet_slab *slab, const double (*angles)[3], const float *x, float *images)
{
    for (int64_t i = 0; i < (int64_t)TILTS * N * N; i++)
        images[i] = 0;
    for (int t = 0; t < TILTS; t++) {
        double R[3][3];
        float *image = images + (int64_t)t * N * N;
        aet_rotation(angles[t], R);
        for (int k = 0; k < slab->count; k++)
            for (int j = 0; j < N; j++)
                for (int i = 0; i < N; i++) {
                    double p[3] = {i - N / 2, j - N / 2, slab->start + k - N / 2}, q[3];
                    aet_rotate(R, p, q);
                    double u = q[0] + N / 2, v = q[1] + N / 2;
                    int iu = (int)floor(u), iv = (int)floor(v);
                    if (iu < 0 || iu >= N - 1 || iv < 0 || iv >= N - 1)
                        continue;
                    float a = (float)(u - iu), b = (float)(v - iv);
                    float value = x[((int64_t)k * N + j) * N + i];
                    float *at = image + (int64_t)iv * N + iu;
                    at[0] += (1 - a) * (1 - b) * value;
                    at[1] += a * (1 - b) * value;
                    at[N] += (1 - a) * b * value;
                    at[N + 1] += a * b * value;
                }
    }
    MPI_Allreduce(MPI_IN_PLACE, images, TILTS * N * N, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

static float sum_reads(const float *x, int64_t n, int times)
{
    float sum = 0;
    for (int t = 0; t < times; t++)
        for (int64_t i = 0; i < n; i++)
            sum += x[i];
    return sum;
}

static void bench(bool fine, const double (*angles)[3])
{
    aet_projector_setup setup = {N, N, N, TILTS, N, N, angles, fine, NULL};
    aet_linop *op;
    double forward, adjoint, plain, reads;
    B_OK(aet_projector_create(MPI_COMM_WORLD, &setup, &op));
    float *x = AET_NEW(float, op->n_domain + 1), *y = AET_NEW(float, op->n_range);
    for (int64_t i = 0; i < op->n_domain; i++)
        x[i] = (float)(i % 7);
    aet_slab slab = aet_slab_mine(N, MPI_COMM_WORLD);
    B_TIME(plain, 1, textbook(&slab, angles, x, y));
    volatile float sink = 0;
    B_TIME(reads, 2, sink = sum_reads(x, op->n_domain, TILTS));
    (void)sink;
    B_TIME(forward, 3, aet_linop_forward(op, x, y));
    B_TIME(adjoint, 3, aet_linop_adjoint(op, y, x));
    const char *kind = fine ? "fine" : "linear";
    char name[64];
    snprintf(name, sizeof name, "project_forward_%s", kind);
    B_RATIO(name, forward, plain, "128^3, 41 tilts; baseline: textbook loop over voxels");
    snprintf(name, sizeof name, "project_adjoint_%s", kind);
    B_RATIO(name, adjoint, plain, "the same, adjoint, against the textbook forward");
    snprintf(name, sizeof name, "project_reads_%s", kind);
    B_RATIO(name, forward, reads, "baseline: summing the volume once per tilt");
    aet_release(&x);
    aet_release(&y);
    aet_linop_free(&op);
}

int main(int argc, char **argv)
{
    double angles[TILTS][3] = {{0}};
    B_START(argc, argv);
    for (int t = 0; t < TILTS; t++)
        angles[t][1] = -60 + 3 * t;
    bench(false, (const double(*)[3])angles);
    bench(true, (const double(*)[3])angles);
    B_END();
}
