/* Between slabs of planes z and slabs of planes y. */
#include "aetlas/base/mem.h"
#include "recon/recon_priv.h"

/* Rows of nx: `outer` groups of `inner` rows, apart by so many rows. */
static MPI_Datatype rows_type(int nx, int outer, int outer_apart, int inner, int inner_apart)
{
    MPI_Datatype row, block, all;
    MPI_Aint bytes = nx * (MPI_Aint)sizeof(float);

    MPI_Type_contiguous(nx, MPI_FLOAT, &row);
    MPI_Type_create_hvector(inner, 1, inner_apart * bytes, row, &block);
    MPI_Type_create_hvector(outer, 1, outer_apart * bytes, block, &all);
    MPI_Type_commit(&all);
    MPI_Type_free(&row);
    MPI_Type_free(&block);
    return all;
}

typedef struct {
    MPI_Comm comm;
    int ranks;
    int *one, *in_slabs, *in_slices; /* [ranks]: counts, where a part begins in bytes */
    MPI_Datatype *slabs, *slices;    /* [ranks] */
} parts;

static parts parts_of(MPI_Comm comm, const int size[3])
{
    parts p = {.comm = comm};
    int rank;

    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &p.ranks);
    aet_slab my_z = aet_slab_of(size[2], rank, p.ranks), my_y = aet_slab_of(size[1], rank, p.ranks);
    p.one = AET_NEW(int, 3 * p.ranks);
    p.in_slabs = p.one + p.ranks;
    p.in_slices = p.in_slabs + p.ranks;
    p.slabs = AET_NEW(MPI_Datatype, 2 * p.ranks);
    p.slices = p.slabs + p.ranks;
    for (int r = 0; r < p.ranks; r++) {
        aet_slab z = aet_slab_of(size[2], r, p.ranks), y = aet_slab_of(size[1], r, p.ranks);
        p.one[r] = 1;
        p.in_slabs[r] = y.count > 0 ? y.start * size[0] * (int)sizeof(float) : 0;
        p.in_slices[r] = z.count > 0 ? z.start * size[0] * (int)sizeof(float) : 0;
        /* in slabs rows y of a plane z follow each other; in slices rows z of a plane y */
        p.slabs[r] = rows_type(size[0], my_z.count, size[1], y.count, 1);
        p.slices[r] = rows_type(size[0], z.count, 1, my_y.count, size[2]);
    }
    return p;
}

static void parts_free(parts *p)
{
    for (int r = 0; r < 2 * p->ranks; r++)
        MPI_Type_free(p->slabs + r);
    aet_release(&p->slabs);
    aet_release(&p->one);
}

void recon_to_slices(MPI_Comm comm, const int size[3], const float *slabs, float *slices)
{
    parts p = parts_of(comm, size);

    MPI_Alltoallw(slabs, p.one, p.in_slabs, p.slabs, slices, p.one, p.in_slices, p.slices, comm);
    parts_free(&p);
}

void recon_from_slices(MPI_Comm comm, const int size[3], const float *slices, float *slabs)
{
    parts p = parts_of(comm, size);

    MPI_Alltoallw(slices, p.one, p.in_slices, p.slices, slabs, p.one, p.in_slabs, p.slabs, comm);
    parts_free(&p);
}
