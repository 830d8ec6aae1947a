#include "aetlas/data/boundary.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/halo.h"
#include "aetlas/num/histogram.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BINS 1024

static aet_err otsu_of(const aet_volume *v, const float *x, double *threshold)
{
    double range[2] = {-INFINITY, -INFINITY};
    int64_t counts[BINS] = {0};
    for (int64_t i = 0; i < aet_volume_count(v); i++) {
        range[0] = fmax(range[0], -(double)x[i]);
        range[1] = fmax(range[1], (double)x[i]);
    }
    MPI_Allreduce(MPI_IN_PLACE, range, 2, MPI_DOUBLE, MPI_MAX, v->comm);
    AET_CHECK(range[1] > -range[0], AET_ERR_INPUT,
              "the smoothed volume is constant (%g): no boundary", range[1]);
    aet_histogram_add(aet_volume_count(v), x, -range[0], range[1], BINS, counts);
    MPI_Allreduce(MPI_IN_PLACE, counts, BINS, MPI_INT64_T, MPI_SUM, v->comm);
    return aet_otsu(BINS, counts, -range[0], range[1], threshold);
}

/* Disjoint sets by path halving; the root of a set is its smallest member. */
static int root_of(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static void join(int *parent, int i, int j)
{
    i = root_of(parent, i);
    j = root_of(parent, j);
    if (i < j)
        parent[j] = i;
    else
        parent[i] = j;
}

/* id[], not below 0 where something is, becomes -1 outside and 0.. for the pieces of this rank, in order of their first voxels;
 * gives their number. */
static int label_own(const aet_volume *v, int *id)
{
    int n = (int)aet_volume_count(v), plane = v->ny * v->nx, pieces = 0;
    for (int i = 0; i < n; i++) {
        if (id[i] < 0)
            continue;
        id[i] = i;
        if (i % v->nx > 0 && id[i - 1] >= 0)
            join(id, i, i - 1);
        if (i % plane >= v->nx && id[i - v->nx] >= 0)
            join(id, i, i - v->nx);
        if (i >= plane && id[i - plane] >= 0)
            join(id, i, i - plane);
    }
    /* A root is its set's first voxel, so walking upwards a root has its number before its members
     * ask for it; numbers are stored as -2 - number to tell them from voxels. */
    for (int i = 0; i < n; i++)
        if (id[i] >= 0)
            id[i] = id[i] == i ? -2 - pieces++ : id[id[i]];
    for (int i = 0; i < n; i++)
        if (id[i] < -1)
            id[i] = -2 - id[i];
    return pieces;
}

/* Pairs of pieces that touch across the lower face of this rank's slab; ids are global. */
static aet_err touching(const aet_volume *v, const int *id, int **pairs, int *n_pairs)
{
    int plane = v->ny * v->nx, first, count, *wide = NULL;
    size_t bytes = (size_t)plane * sizeof(int);
    aet_halo_range(v->slab, 1, &first, &count);
    *n_pairs = 0;
    aet_err err = AET_AGREE(v->comm, AET_ARRAY((int64_t)count * plane, "labels with halo", &wide));
    if (err == AET_OK)
        err = AET_AGREE(v->comm, AET_ARRAY((int64_t)plane * 2, "pairs of pieces", pairs));
    if (err == AET_OK) {
        aet_halo_exchange(v->comm, v->nz, 1, bytes, id, wide);
        for (int i = 0; v->slab.count > 0 && v->slab.start > 0 && i < plane; i++) {
            int low = wide[i], high = wide[plane + i], n = *n_pairs;
            if (low < 0 || high < 0 ||
                (n > 0 && (*pairs)[2 * n - 2] == low && (*pairs)[2 * n - 1] == high))
                continue;
            (*pairs)[2 * n] = low;
            (*pairs)[2 * n + 1] = high;
            (*n_pairs)++;
        }
    }
    aet_release(&wide);
    return err;
}

/* All ranks' int lists one after the other.  Small
 * lists: one per piece or per contact of pieces. */
static int *gather_ints(MPI_Comm comm, const int *mine, int n, int *total, int *my_start)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int *count = AET_NEW(int, 2 * size), *start = count + size;
    MPI_Allgather(&n, 1, MPI_INT, count, 1, MPI_INT, comm);
    for (int r = 1; r < size; r++)
        start[r] = start[r - 1] + count[r - 1];
    *total = start[size - 1] + count[size - 1];
    *my_start = start[rank];
    int *all = AET_NEW(int, *total + 1);
    MPI_Allgatherv(mine, n, MPI_INT, all, count, start, MPI_INT, comm);
    aet_release(&count);
    return all;
}

/* parent[] of all pieces, joined across slabs; sizes in voxels added up at the roots; gives the
 * largest (the first of equals, which does not depend on the slabs since pieces are numbered in
 * order of their first voxels). */
static int largest_piece(int n, const int *size, int n_pairs, const int *pairs, int *parent)
{
    int64_t *sum = AET_NEW(int64_t, n + 1);
    int best = -1;
    for (int i = 0; i < n; i++)
        parent[i] = i;
    for (int k = 0; k < n_pairs; k++)
        join(parent, pairs[2 * k], pairs[2 * k + 1]);
    for (int i = 0; i < n; i++)
        sum[root_of(parent, i)] += size[i];
    for (int i = 0; i < n; i++)
        if (sum[i] > 0 && (best < 0 || sum[i] > sum[best]))
            best = i;
    aet_release(&sum);
    return best;
}

/* Keeps in id[] (1 inside, 0 outside) the largest piece of the whole volume. */
static aet_err keep_largest(const aet_volume *v, int *id, int pieces)
{
    int n = (int)aet_volume_count(v), total, offset, at, n_mine, n_pairs, *pairs = NULL;
    int *own = AET_NEW(int, pieces + 1);
    for (int i = 0; i < n; i++)
        if (id[i] >= 0)
            own[id[i]]++;
    int *sizes = gather_ints(v->comm, own, pieces, &total, &offset);
    for (int i = 0; i < n; i++)
        id[i] += id[i] >= 0 ? offset : 0;
    aet_err err = touching(v, id, &pairs, &n_mine);
    if (err == AET_OK) {
        int *all = gather_ints(v->comm, pairs, 2 * n_mine, &n_pairs, &at);
        int *parent = AET_NEW(int, total + 1);
        int best = largest_piece(total, sizes, n_pairs / 2, all, parent);
        for (int i = 0; i < n; i++)
            id[i] = id[i] >= 0 && root_of(parent, id[i]) == best;
        aet_release(&parent);
        aet_release(&all);
    }
    aet_release(&pairs);
    aet_release(&sizes);
    aet_release(&own);
    return err;
}

/* Numbers the pieces of what id[] marks (not below 0) and keeps the largest: 1 there, 0 elsewhere. */
static aet_err largest_of(const aet_volume *v, int *id)
{
    int pieces = label_own(v, id);
    return keep_largest(v, id, pieces);
}

aet_err aet_volume_boundary(const aet_volume *v, double sigma, double factor, int **inside)
{
    aet_err err = AET_OK;
    float *x = NULL;
    double otsu;
    *inside = NULL;
    AET_GO(aet_volume_smooth(v, sigma, &x));
    AET_GO(otsu_of(v, x, &otsu));
    AET_GO(AET_AGREE(v->comm, AET_ARRAY(aet_volume_count(v), "labels of voxels", inside)));
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        (*inside)[i] = (double)x[i] > factor * otsu ? 0 : -1;
    err = largest_of(v, *inside);
done:
    aet_release(&x);
    if (err)
        aet_release(inside);
    return err;
}

aet_err aet_volume_fill(const aet_volume *v, int *inside)
{
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        inside[i] = inside[i] ? -1 : 0;
    AET_TRY(largest_of(v, inside));
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        inside[i] = !inside[i];
    return AET_OK;
}
