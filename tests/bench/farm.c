/* ranks: 2 4 */
/* The farm against what no schedule can beat: 6 items of unequal length, and 200 brief ones, where the
 * handing out counts. */
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

static aet_err brief(MPI_Comm group, int item, void *ctx)
{
    (void)group, (void)item, (void)ctx;
    struct timespec t = {0, 5000000};
    nanosleep(&t, NULL);
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

int main(int argc, char **argv)
{
    double s;
    B_START(argc, argv);
    B_TIME(s, 2, B_OK(aet_farm_run(MPI_COMM_WORLD, 6, NULL, 1, rest, NULL, NULL, NULL)));
    B_RATIO("farm_schedule", s, bound_s(b_size),
            "6 resting items; baseline: lower bound of any schedule");
    B_TIME(s, 3, B_OK(aet_farm_run(MPI_COMM_WORLD, 200, NULL, 1, brief, NULL, NULL, NULL)));
    B_RATIO("farm_brief_items", s, 200 * 0.005 / b_size,
            "200 items of 5 ms; baseline: their sum shared evenly");
    B_END();
}
