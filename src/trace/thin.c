#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/cells.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
    int origin;
    float strength;
    int index;
} ranked;

/* First pass before second, then falling strength; equal ones in order of planes, rows, columns. */
static int by_strength(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    if (p->origin != q->origin)
        return p->origin - q->origin;
    if (p->strength != q->strength)
        return p->strength > q->strength ? -1 : 1;
    return p->index - q->index;
}

aet_err aet_trace_order(const aet_peaks *peaks, int **order)
{
    ranked *r = NULL;
    *order = NULL;
    AET_TRY(AET_ARRAY(peaks->n, "order of peaks", &r));
    for (int i = 0; i < peaks->n; i++)
        r[i] = (ranked){peaks->peak[i].origin, peaks->peak[i].strength, i};
    qsort(r, (size_t)peaks->n, sizeof *r, by_strength);
    aet_err err = AET_ARRAY(peaks->n, "order of peaks", order);
    for (int i = 0; err == AET_OK && i < peaks->n; i++)
        (*order)[i] = r[i].index;
    aet_release(&r);
    return err;
}

void aet_trace_keep(aet_peaks *peaks, const bool *keep)
{
    int n = 0, own = 0, n_own = 0;
    for (int i = 0; i < peaks->n; i++) {
        if (!keep[i])
            continue;
        own += i < peaks->own;
        n_own += i >= peaks->own && i < peaks->own + peaks->n_own;
        peaks->peak[n++] = peaks->peak[i];
    }
    peaks->n = n;
    peaks->own = own;
    peaks->n_own = n_own;
}

/* keep[i]: accepted, going from the strongest to the weakest. */
static aet_err accept(const aet_peaks *peaks, const aet_neighbours *nb, bool *keep)
{
    int *order = NULL;
    AET_TRY(aet_trace_order(peaks, &order));
    for (int i = 0; i < peaks->n; i++) {
        int j = order[i];
        keep[j] = true;
        for (int64_t k = nb->start[j]; k < nb->start[j + 1] && keep[j]; k++)
            keep[j] = !keep[nb->index[k]]; /* false still for all weaker ones */
    }
    aet_release(&order);
    return AET_OK;
}

aet_err aet_trace_thin(aet_peaks *peaks, double reach, int *dropped)
{
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    aet_neighbours *nb = NULL;
    double(*x)[3] = NULL;
    bool *keep = NULL;
    int before = peaks->n;

    *dropped = 0;
    if (reach <= 0)
        return AET_OK;
    AET_GO(AET_ARRAY(peaks->n, "accepted peaks", &keep));
    AET_GO(AET_ARRAY(peaks->n, "positions of peaks", &x));
    for (int i = 0; i < peaks->n; i++)
        memcpy(x[i], peaks->peak[i].at, sizeof x[i]);
    AET_GO(aet_cells_create(peaks->n, (const double(*)[3])x, 0.5 * reach, &cells));
    AET_GO(aet_neighbours_find(cells, reach, &nb));
    AET_GO(accept(peaks, nb, keep));
    aet_trace_keep(peaks, keep);
    *dropped = before - peaks->n;
done:
    aet_neighbours_free(&nb);
    aet_cells_free(&cells);
    aet_release(&x);
    aet_release(&keep);
    return err;
}

typedef struct {
    const aet_peak *peak;
    int index;
} placed;

static int by_voxel(const void *a, const void *b)
{
    const placed *p = a, *q = b;
    for (int k = 2; k >= 0; k--)
        if (p->peak->voxel[k] != q->peak->voxel[k])
            return p->peak->voxel[k] - q->peak->voxel[k];
    return p->index - q->index;
}

static void find_own(const aet_volume *v, aet_peaks *peaks)
{
    peaks->own = peaks->n_own = 0;
    for (int i = 0; i < peaks->n; i++) {
        int z = peaks->peak[i].voxel[2];
        peaks->own += z < v->slab.start;
        peaks->n_own += z >= v->slab.start && z < v->slab.start + v->slab.count;
    }
}

aet_err aet_trace_insert(const aet_volume *v, aet_peaks *peaks, const aet_peak *extra, int n)
{
    placed *order = NULL;
    aet_peak *all = NULL;
    int total = peaks->n + n;
    aet_err err = AET_ARRAY(total, "order of peaks", &order);
    if (err == AET_OK)
        err = AET_ARRAY(total, "peaks", &all);
    if (err == AET_OK) {
        for (int i = 0; i < total; i++)
            order[i] = (placed){i < peaks->n ? &peaks->peak[i] : &extra[i - peaks->n], i};
        qsort(order, (size_t)total, sizeof *order, by_voxel);
        for (int i = 0; i < total; i++)
            all[i] = *order[i].peak;
        aet_release(&peaks->peak);
        peaks->peak = all;
        peaks->n = total;
        find_own(v, peaks);
    }
    aet_release(&order);
    return err;
}
