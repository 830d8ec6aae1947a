/* Checks of the farm, run with and without a thread-safe MPI. */
#include "aetlas/par/farm.h"
#include "aetlas/par/timing.h"
#include "test.h"
#include <time.h>

enum { ITEMS = 23 };
typedef struct {
    int runs[ITEMS], done[ITEMS], failed[ITEMS];
    char text[ITEMS][128];
    double seconds;
} tally;

static void rest(double seconds)
{
    struct timespec t = {0, (long)(seconds * 1e9)};
    nanosleep(&t, NULL);
}

/* Item 5 fails on the last rank of its group only: the farm must see it all the same. */
static aet_err item(MPI_Comm group, int i, void *ctx)
{
    tally *t = ctx;
    int rank, size;
    MPI_Comm_rank(group, &rank);
    MPI_Comm_size(group, &size);
    t->runs[i] += rank == 0;
    rest(t->seconds);
    AET_CHECK(i != 5 || rank != size - 1, AET_ERR_INPUT, "item five is bad");
    return AET_OK;
}

static void done(int i, aet_err code, const char *text, double seconds, void *ctx)
{
    tally *t = ctx;
    t->done[i]++;
    t->failed[i] = code != AET_OK;
    snprintf(t->text[i], sizeof t->text[i], "%s", text);
    if (seconds < 0.0)
        t->failed[i] = -1;
}

/* Every item runs once, whatever the group size; one bad item costs itself only. */
static void test_all_items(int group_size)
{
    tally t = {.seconds = 0.002};
    aet_farm_report r;
    T_FAILS(aet_farm_run(MPI_COMM_WORLD, ITEMS, NULL, group_size, item, done, &t, &r),
            AET_ERR_PARTIAL, "1 of 23");
    MPI_Allreduce(MPI_IN_PLACE, t.runs, ITEMS, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    T_CHECK(r.finished == ITEMS && r.failed == 1 && r.not_run == 0);
    for (int i = 0; i < ITEMS; i++) {
        T_CHECK(t.runs[i] == 1);
        T_CHECK(t_rank != 0 || (t.done[i] == 1 && t.failed[i] == (i == 5)));
    }
    T_CHECK(t_rank != 0 || strcmp(t.text[5], "item five is bad") == 0);
}

static aet_err nothing(MPI_Comm group, int i, void *ctx)
{
    (void)group, (void)i, (void)ctx;
    return AET_OK;
}

static void test_few_items(void)
{
    aet_farm_report r;
    T_OK(aet_farm_run(MPI_COMM_WORLD, 0, NULL, 1, nothing, NULL, NULL, &r));
    T_OK(aet_farm_run(MPI_COMM_WORLD, 1, NULL, 1, nothing, NULL, NULL, &r));
    T_CHECK(r.groups == 1 && r.finished == 1);
}
