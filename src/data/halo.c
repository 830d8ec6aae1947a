#include "aetlas/data/halo.h"

#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include <string.h>

void aet_halo_range(aet_slab slab, int depth, int *first, int *count)
{
    int end = slab.start + slab.count + depth;
    *first = slab.start - depth < 0 ? 0 : slab.start - depth;
    *count = slab.count == 0 ? 0 : (end > slab.n ? slab.n : end) - *first;
}

/* How many planes the slab `from` holds of those that `to` wants, and the first of them. */
static int overlap(aet_slab from, aet_slab to, int depth, int *first)
{
    int want, n;
    aet_halo_range(to, depth, &want, &n);
    int end = want + n, from_end = from.start + from.count;
    *first = want > from.start ? want : from.start;
    end = end < from_end ? end : from_end;
    return end > *first ? end - *first : 0;
}

void aet_halo_exchange(MPI_Comm comm, int n, int depth, size_t plane_bytes, const void *own,
                       void *wide)
{
    int rank, size, first, planes, n_req = 0, at;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    aet_slab mine = aet_slab_of(n, rank, size);
    aet_halo_range(mine, depth, &first, &planes);
    MPI_Datatype plane;
    MPI_Type_contiguous((int)plane_bytes, MPI_BYTE, &plane);
    MPI_Type_commit(&plane);
    MPI_Request *req = AET_NEW(MPI_Request, 2 * size);
    for (int r = 0; r < size; r++) {
        aet_slab other = aet_slab_of(n, r, size);
        int count = r == rank ? 0 : overlap(other, mine, depth, &at);
        if (count > 0)
            MPI_Irecv((char *)wide + (size_t)(at - first) * plane_bytes, count, plane, r, 0, comm,
                      &req[n_req++]);
        count = r == rank ? 0 : overlap(mine, other, depth, &at);
        if (count > 0)
            MPI_Isend((const char *)own + (size_t)(at - mine.start) * plane_bytes, count, plane, r,
                      0, comm, &req[n_req++]);
    }
    if (mine.count > 0)
        memcpy((char *)wide + (size_t)(mine.start - first) * plane_bytes, own,
               (size_t)mine.count * plane_bytes);
    MPI_Waitall(n_req, req, MPI_STATUSES_IGNORE);
    MPI_Type_free(&plane);
    aet_release(&req);
}

aet_err aet_halo_block(const aet_volume *v, int depth, aet_block **block)
{
    aet_block *b = AET_NEW(aet_block, 1);
    *block = NULL;
    b->nx = v->nx;
    b->ny = v->ny;
    b->nz = v->nz;
    aet_halo_range(v->slab, depth, &b->z0, &b->count);
    aet_err err = AET_AGREE(
        v->comm, AET_ARRAY((int64_t)b->count * v->ny * v->nx, "planes with halo", &b->density));
    if (err != AET_OK) {
        aet_block_free(&b);
        return err;
    }
    aet_halo_exchange(v->comm, v->nz, depth, (size_t)v->ny * (size_t)v->nx * sizeof(float),
                      v->density, b->density);
    *block = b;
    return AET_OK;
}

void aet_block_free(aet_block **block)
{
    if (*block)
        aet_release(&(*block)->density);
    aet_release(block);
}
