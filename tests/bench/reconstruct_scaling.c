/* ranks: 4 */
/* Strong scaling of a GENFIRE iteration: 1 to 4 ranks measured at 128^3, which says something on as many free
 * cores; what a rank sends in an iteration; and from that and the processor time of a voxel on one rank a model
 * of many ranks at 384^3. */
#include "genfire_series.h"

#include "aetlas/num/boxconv.h"
#include "aetlas/par/slab.h"
#include <math.h>
#include <time.h>
#include <unistd.h>

enum { MEASURED = 128, ITERATIONS = 10, REPEATS = 3 };

/* Until all are here, without taking the cores of those at work. */
static void rest(void)
{
    MPI_Request all;
    int there = 0;

    MPI_Ibarrier(MPI_COMM_WORLD, &all);
    while (!there) {
        nanosleep(&(struct timespec){0, 5000000}, NULL);
        MPI_Test(&all, &there, MPI_STATUS_IGNORE);
    }
}

/* Seconds of an iteration on the first `ranks` ranks, on each of which it is the same number. */
static double iteration_s(MPI_Comm comm, const aet_tilt *t)
{
    aet_recon_params p = genfire_params(4, ITERATIONS);
    double best = INFINITY;

    for (int i = 0; i < REPEATS; i++) {
        aet_recon_report r;
        aet_volume *v = NULL;
        B_OK(aet_reconstruct(comm, t, NULL, &p, &v, &r));
        best = fmin(best, r.seconds / r.iterations);
        aet_recon_report_free(&r);
        aet_volume_free(&v);
    }
    MPI_Allreduce(MPI_IN_PLACE, &best, 1, MPI_DOUBLE, MPI_MAX, comm);
    return best;
}

static void measure(void)
{
    aet_tilt *t = genfire_series(MEASURED);
    double one = 0;

    for (int ranks = 1; ranks <= b_size; ranks++) {
        MPI_Comm some;
        MPI_Comm_split(MPI_COMM_WORLD, b_rank < ranks, b_rank, &some);
        double s = b_rank < ranks ? iteration_s(some, t) : 0;
        double sent = aet_boxconv_sent_bytes(MEASURED, MEASURED, MEASURED, true, ranks);
        one = ranks == 1 ? s : one;
        if (b_rank == 0)
            printf("scaling_%d = %.4f s per iteration of %d^3: %.2f times one rank's speed on %ld "
                   "cores; %.1f MB sent by a rank\n",
                   ranks, s, MEASURED, one / s, sysconf(_SC_NPROCESSORS_ONLN), 1e-6 * sent);
        rest();
        MPI_Comm_free(&some);
    }
    aet_tilt_free(&t);
}

/* Processor seconds of a whole reconstruction on this rank alone. */
static double processor_s(const aet_tilt *t, int iterations)
{
    aet_recon_params p = genfire_params(4, iterations);
    aet_recon_report r;
    aet_volume *v = NULL;
    struct timespec start, end;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    B_OK(aet_reconstruct(MPI_COMM_SELF, t, NULL, &p, &v, &r));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    return (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
}

/* Of iterations alone: those that one run has more than another. */
static double ns_per_voxel(void)
{
    aet_tilt *t = genfire_series(MEASURED);
    double few = INFINITY, more = INFINITY;

    for (int i = 0; i < REPEATS; i++) {
        few = fmin(few, processor_s(t, 2));
        more = fmin(more, processor_s(t, 2 + ITERATIONS));
    }
    aet_tilt_free(&t);
    return 1e9 * (more - few) / ITERATIONS / pow(MEASURED, 3);
}

/* Nodes of 64 cores with one network port: 25 GB/s each way, 2 us a message; ranks of a node share it.
 * Rows travel in portions of 8 MB, each to every other rank.  What ranks of a node take from each other's
 * memory bandwidth is left out. */
static void model(double ns)
{
    enum { N = 384, NODE = 64 };
    const double port = 25e9, message = 2e-6, portion = 8e6;

    printf("model of %d^3: %.1f ns per voxel and core (measured above), 25 GB/s and 2 us per node "
           "of %d ranks; slabs of planes end at %d ranks\n",
           N, ns, NODE, N);
    for (int ranks = 1; ranks <= 1024; ranks *= 2) {
        int used = ranks < N ? ranks : N, share = used < NODE ? used : NODE;
        double sent = aet_boxconv_sent_bytes(N, N, N, true, used);
        double compute = 1e-9 * ns * N * N * aet_slab_of(N, 0, used).count;
        double away = used > NODE ? 1 - (double)NODE / used : 0;
        double wire = sent * away * share / port + ceil(sent / portion) * (used - 1) * message;
        printf(
            "model_%d = %.4f s per iteration: %.4f s of work, %.4f s of network; %.1f MB sent by a "
            "rank\n",
            ranks, compute + wire, compute, wire, 1e-6 * sent);
    }
    printf("slices one by one (y the only tilt axis) send nothing but sums while iterating\n");
}

int main(int argc, char **argv)
{
    B_START(argc, argv);

    measure();
    if (b_rank == 0)
        model(ns_per_voxel());
    rest();
    B_END();
}
