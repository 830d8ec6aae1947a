/* ranks: 1 2 3 4 */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include "test.h"

static aet_err fail_on_last(void)
{
    AET_CHECK(t_rank != t_size - 1, AET_ERR_INPUT, "broken on rank %d", t_rank);
    return AET_OK;
}

static void test_agree(void)
{
    char want[64];
    snprintf(want, sizeof want, "broken on rank %d", t_size - 1);
    T_OK(AET_AGREE(MPI_COMM_WORLD, AET_OK));
    T_FAILS(AET_AGREE(MPI_COMM_WORLD, fail_on_last()), AET_ERR_INPUT, want);
    T_CHECK(aet_any(MPI_COMM_WORLD, t_rank == 0));
    T_CHECK(!aet_any(MPI_COMM_WORLD, false));
}

/* Slabs tile 0 .. n-1 in order without gaps, and the owner of each plane is the one that holds it.
 */
static void test_slabs(void)
{
    for (int n = 1; n < 40; n++)
        for (int size = 1; size < 9; size++) {
            int next = 0;
            for (int r = 0; r < size; r++) {
                aet_slab s = aet_slab_of(n, r, size);
                T_CHECK(s.count == 0 || s.start == next);
                for (int z = s.start; z < s.start + s.count; z++)
                    T_CHECK(aet_slab_owner(n, z, size) == r);
                next += s.count;
            }
            T_CHECK(next == n);
        }
}

static void test_sums(void)
{
    double *x = AET_NEW(double, 1000);
    for (int i = 0; i < 1000; i++)
        x[i] = t_rank + i;
    aet_sum_double(MPI_COMM_WORLD, x, 1000);
    for (int i = 0; i < 1000; i++)
        T_NEAR(x[i], t_size * (t_size - 1) / 2.0 + (double)t_size * i,
               0.0); /* small integers: exact */
    aet_release(&x);
    T_CHECK(x == NULL);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_agree();
    test_slabs();
    test_sums();
    T_END();
}
