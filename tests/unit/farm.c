/* ranks: 1 2 3 4 */
#include "farm_cases.h"

#include "aetlas/par/stop.h"

/* Items of unequal length, longest first: 6 items on the ranks that there are.  Rests cost no
 * processor, so the figure holds on a machine of fewer cores too. */
static aet_err rest_item(MPI_Comm group, int i, void *ctx)
{
    (void)group, (void)ctx;
    rest(0.25 - 0.02 * i);
    return AET_OK;
}

static void test_busy(void)
{
    aet_farm_report r;
    T_OK(aet_farm_run(MPI_COMM_WORLD, 6, NULL, 1, rest_item, NULL, NULL, &r));
    T_CHECK(r.on_demand && r.groups == t_size);
    T_CHECK(r.busy_fraction > 0.9);
}

/* Waiting for items must not cost processor time on rank 0: the master sleeps. */
static void test_master_sleeps(void)
{
    aet_farm_report r;
    clock_t before = clock();
    T_OK(aet_farm_run(MPI_COMM_WORLD, t_size, NULL, 1, rest_item, NULL, NULL, &r));
    double used_s = (double)(clock() - before) / CLOCKS_PER_SEC;
    if (t_size ==
        1) /* with more ranks the leaders' own receives may spin for the last stragglers */
        T_CHECK(used_s < 0.5 * r.wall_s);
}

static aet_err stop_item(MPI_Comm group, int i, void *ctx)
{
    (void)ctx;
    if (i == 3)
        aet_stop_request();
    rest(0.01);
    return aet_stop_now(group) ? AET_ERR_STOPPED : AET_OK;
}

/* Last test: the request to stop stays. */
static void test_stop(void)
{
    aet_farm_report r;
    T_FAILS(aet_farm_run(MPI_COMM_WORLD, 400, NULL, 1, stop_item, NULL, NULL, &r), AET_ERR_STOPPED,
            "run again");
    T_CHECK(r.finished + r.not_run == 400);
    T_CHECK(r.finished < 40); /* one rank was asked, all groups stop */
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    for (int g = 1; g <= t_size; g++)
        test_all_items(g);
    test_few_items();
    test_busy();
    test_master_sleeps();
    test_stop();
    T_END();
}
