/* ranks: 1 2 4 */
/* The same farm on an MPI that gives no thread support: items are dealt out in turn. */
#include "farm_cases.h"

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &t_rank);
    MPI_Comm_size(MPI_COMM_WORLD, &t_size);
    aet_log_init(t_rank, AET_LOG_WARN);
    for (int g = 1; g <= t_size; g++)
        test_all_items(g);
    test_few_items();
    T_END();
}
