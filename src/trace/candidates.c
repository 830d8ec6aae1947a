#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/histogram.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

#define BINS 1024

static aet_err largest_density(const aet_volume *v, double *high)
{
    double mine = -INFINITY;
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        mine = fmax(mine, (double)v->density[i]);
    MPI_Allreduce(&mine, high, 1, MPI_DOUBLE, MPI_MAX, v->comm);
    AET_CHECK(*high > 0, AET_ERR_INPUT,
              "the volume holds no positive density (largest value %g): nothing to trace", *high);
    return AET_OK;
}

aet_err aet_trace_threshold(const aet_volume *v, const aet_trace_params *p, double *threshold)
{
    double high, otsu;
    int64_t counts[BINS] = {0};
    AET_TRY(largest_density(v, &high)); /* the same on all ranks */
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        if (v->density[i] > 0)
            aet_histogram_add(1, &v->density[i], 0, high, BINS, counts);
    MPI_Allreduce(MPI_IN_PLACE, counts, BINS, MPI_INT64_T, MPI_SUM, v->comm);
    if (aet_otsu(BINS, counts, 0, high, &otsu) != AET_OK)
        AET_FAIL(AET_ERR_INPUT,
                 "the volume is constant where it is positive (%g): no peaks to trace", high);
    *threshold = p->threshold_density > 0 ? p->threshold_density : p->threshold * otsu;
    return AET_OK;
}

/* Larger than the neighbours before it in the file and not smaller than those after it: of equal
 * neighbours the first counts, so a flat top gives one peak. */
static bool is_peak(const aet_block *b, int z, int y, int x)
{
    float top = aet_block_row(b, z, y)[x];
    for (int dz = -1; dz <= 1; dz++)
        for (int dy = -1; dy <= 1; dy++) {
            const float *row = aet_block_row(b, z + dz, y + dy) + x;
            for (int dx = -1; dx <= 1; dx++) {
                bool before = dz < 0 || (dz == 0 && (dy < 0 || (dy == 0 && dx < 0)));
                if (before ? row[dx] >= top : row[dx] > top)
                    return false;
            }
        }
    return true;
}

static aet_err push(aet_peaks *q, int *room, int x, int y, int z, float strength, float density)
{
    if (q->n_own == *room) {
        aet_peak *more;
        *room = *room ? 2 * *room : 1024;
        AET_TRY(AET_ARRAY(*room, "peaks", &more));
        if (q->n_own > 0)
            memcpy(more, q->peak, (size_t)q->n_own * sizeof *more);
        aet_release(&q->peak);
        q->peak = more;
    }
    q->peak[q->n_own++] = (aet_peak){.voxel = {x, y, z},
                                     .strength = strength,
                                     .density = density,
                                     .at = {x, y, z},
                                     .box = {x, y, z},
                                     .inside = true,
                                     .origin = AET_ORIGIN_TRACED};
    return AET_OK;
}

/* The sub-voxel start: the parabola through the 27 voxels. */
static void set_start(const aet_block *b, aet_peak *q)
{
    double box[27], at[3];
    for (int k = 0; k < 27; k++)
        box[k] = (double)aet_block_row(b, q->voxel[2] + k / 9 - 1,
                                       q->voxel[1] + k / 3 % 3 - 1)[q->voxel[0] + k % 3 - 1];
    aet_fit_quadratic(1, box, at);
    for (int a = 0; a < 3; a++)
        q->start[a] = q->at[a] = q->centre[a] = q->voxel[a] + at[a];
}

/* Peaks of the block where the volume is above the threshold. */
static aet_err find_own(const aet_volume *v, const aet_block *b, double threshold, int border,
                        aet_peaks *q)
{
    int room = 0, first = v->slab.start > border ? v->slab.start : border;
    int end = v->slab.start + v->slab.count;
    end = end < v->nz - border ? end : v->nz - border;
    for (int z = first; z < end; z++)
        for (int y = border; y < v->ny - border; y++) {
            const float *strength = aet_block_row(b, z, y);
            const float *row = v->density + ((int64_t)(z - v->slab.start) * v->ny + y) * v->nx;
            for (int x = border; x < v->nx - border; x++)
                if ((double)row[x] > threshold && is_peak(b, z, y, x)) {
                    AET_TRY(push(q, &room, x, y, z, strength[x], row[x]));
                    set_start(b, &q->peak[q->n_own - 1]);
                }
        }
    return AET_OK;
}

aet_err aet_trace_share(MPI_Comm comm, aet_peaks *q)
{
    int rank, size, unit = (int)sizeof(aet_peak);
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int *count = AET_NEW(int, 2 * size), *start = count + size;
    MPI_Allgather(&q->n_own, 1, MPI_INT, count, 1, MPI_INT, comm);
    for (int r = 1; r < size; r++)
        start[r] = start[r - 1] + count[r - 1];
    int total = start[size - 1] + count[size - 1];
    aet_peak *all = NULL;
    aet_err err = AET_AGREE(comm, AET_ARRAY(total, "peaks", &all));
    if (err == AET_OK) {
        MPI_Datatype type;
        MPI_Type_contiguous(unit, MPI_BYTE, &type);
        MPI_Type_commit(&type);
        MPI_Allgatherv(q->peak ? q->peak + q->own : NULL, q->n_own, type, all, count, start, type,
                       comm);
        MPI_Type_free(&type);
        aet_release(&q->peak);
        q->n = total;
        q->own = start[rank];
        q->peak = all;
    }
    aet_release(&count);
    return err;
}

aet_err aet_trace_candidates(const aet_volume *v, const float *strength, double threshold,
                             int border, aet_peaks *peaks)
{
    aet_err err = AET_OK;
    aet_block *block = NULL;
    aet_volume sought = *v;

    *peaks = (aet_peaks){0};
    sought.density = (float *)strength;
    AET_GO(aet_halo_block(&sought, 1, &block));
    AET_GO(AET_AGREE(v->comm, find_own(v, block, threshold, border, peaks)));
    AET_GO(aet_trace_share(v->comm, peaks));
    AET_GO_CHECK(peaks->n > 0, AET_ERR_INPUT,
                 "no peak of the volume (%d x %d x %d) is above "
                 "the threshold %g and %d voxels from the faces",
                 v->nx, v->ny, v->nz, threshold, border);
done:
    aet_block_free(&block);
    return err;
}
