#include "aetlas/par/slab.h"

static int block(int n, int size)
{
    return n > 0 ? (n + size - 1) / size : 1;
}

aet_slab aet_slab_of(int n, int rank, int size)
{
    int b = block(n, size);
    long long start = (long long)rank * b;
    if (start > n)
        start = n;
    int count = n - (int)start < b ? n - (int)start : b;
    return (aet_slab){n, (int)start, count};
}

aet_slab aet_slab_mine(int n, MPI_Comm comm)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    return aet_slab_of(n, rank, size);
}

int aet_slab_owner(int n, int plane, int size)
{
    return plane / block(n, size);
}
