/* ranks: 2 4 */
/* The farm: 6 items of unequal length against the best that any schedule could do, and the cost of an empty
 * item against a round of messages. */
#include "aetlas/par/farm.h"
#include "bench.h"
#include <time.h>

static const double length_s[] = {0.5, 0.45, 0.4, 0.3, 0.25, 0.2};

static aet_err rest(MPI_Comm group, int item, void *ctx)
{
    (void)group, (void)ctx;
    struct timespec t = {0, (long)(length_s[item] * 1e9)};
    nanosleep(&t, NULL);
    return AET_OK;
}

static aet_err nothing(MPI_Comm group, int item, void *ctx)
{
    (void)group, (void)item, (void)ctx;
    return AET_OK;
}

/* No schedule ends before the longest item, nor before the sum shared evenly. */
static double bound_s(int workers)
{
    double sum = 0, longest = 0;
    for (int i = 0; i < 6; i++) {
        sum += length_s[i];
        longest = length_s[i] > longest ? length_s[i] : longest;
    }
    return sum / workers > longest ? sum / workers : longest;
}

static void ring(int rounds)
{
    char c = 0;
    int next = (b_rank + 1) % b_size, last = (b_rank + b_size - 1) % b_size;
    for (int i = 0; i < rounds; i++)
        MPI_Sendrecv_replace(&c, 1, MPI_CHAR, next, 0, last, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

int main(int argc, char **argv)
{
    double s, baseline;
    B_START(argc, argv);
    B_TIME(s, 2, B_OK(aet_farm_run(MPI_COMM_WORLD, 6, NULL, 1, rest, NULL, NULL, NULL)));
    B_RATIO("farm_schedule", s, bound_s(b_size),
            "6 resting items; baseline: lower bound of any schedule");
    enum { N = 200 };
    B_TIME(s, 3, B_OK(aet_farm_run(MPI_COMM_WORLD, N, NULL, 1, nothing, NULL, NULL, NULL)));
    B_TIME(baseline, 3, ring(N));
    B_RATIO("farm_overhead", s, baseline,
            "200 empty items; baseline: 200 one-byte rounds between the ranks");
    B_END();
}
