/* One tilt and configuration by PRISM, on one rank or several. */
#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include "aetlas/par/stop.h"
#include "stem_prism.h"

typedef struct {
    MPI_Comm group;
    int rank, size, tilt;
    double left_A[2];
    const aet_stem_specimen *specimen;
    aet_stem_scan scan;
} work;

static aet_err detect(aet_stem_job *j, const work *w, const float *probe, int index)
{
    int64_t image = (int64_t)w->tilt * j->nx * j->ny;
    return aet_stem_add(&j->sum[image + w->scan.probe[index]], aet_stem_prism_detect(j, probe));
}

/* Local.  All beams are here: tile by tile. */
static aet_err run_alone(aet_stem_job *j, const work *w)
{
    int64_t probe = (int64_t)2 * j->prism->wx * j->prism->wy;
    AET_TRY(aet_stem_prism_fill(j, w->specimen, w->left_A, 0, 1, 0));
    for (int u = 0; u < w->scan.units; u++) {
        const aet_stem_unit *tile = &w->scan.unit[u];
        AET_CHECK(!aet_stop_asked(), AET_ERR_STOPPED, "stopped in tile %d of %d", u, w->scan.units);
        aet_stem_prism_sum(j, &w->scan, tile, w->left_A, false, j->prism->probes);
        for (int i = 0; i < tile->count; i++)
            AET_TRY(detect(j, w, j->prism->probes + i * probe, tile->first + i));
    }
    return AET_OK;
}

/* Collective over group.  The waves of probes first .. first + n - 1, summed over ranks, each to the rank that
 * detects it. */
static aet_err share_out(aet_stem_job *j, const work *w, int first, int n)
{
    int probe = 2 * j->prism->wx * j->prism->wy;
    aet_err err = AET_OK;
    for (int r = 0; r < w->size; r++) {
        aet_slab part = aet_slab_of(n, r, w->size);
        float *data = j->prism->probes + (int64_t)part.start * probe;
        MPI_Reduce(r == w->rank ? MPI_IN_PLACE : data, data, part.count * probe, MPI_FLOAT, MPI_SUM,
                   r, w->group);
    }
    aet_slab mine = aet_slab_of(n, w->rank, w->size);
    for (int i = mine.start; i < mine.start + mine.count && err == AET_OK; i++)
        err = detect(j, w, j->prism->probes + (int64_t)i * probe, first + i);
    return err;
}

/* Collective over group.  Tiles from..to - 1, all parts of the beams. */
static aet_err run_chunk(aet_stem_job *j, const work *w, int from, int to)
{
    struct aet_stem_prism *s = j->prism;
    int first = w->scan.unit[from].first,
        n = w->scan.unit[to - 1].first + w->scan.unit[to - 1].count - first;
    for (int pass = 0; pass < s->passes; pass++) {
        AET_CHECK(!aet_stop_now(w->group), AET_ERR_STOPPED, "stopped in tile %d of %d", from,
                  w->scan.units);
        if (s->passes > 1 || from == 0)
            AET_TRY(AET_AGREE(
                w->group, aet_stem_prism_fill(j, w->specimen, w->left_A, w->rank, w->size, pass)));
        for (int u = from; u < to; u++)
            aet_stem_prism_sum(j, &w->scan, &w->scan.unit[u], w->left_A, pass > 0,
                               s->probes +
                                   (int64_t)(w->scan.unit[u].first - first) * 2 * s->wx * s->wy);
    }
    return AET_AGREE(w->group, share_out(j, w, first, n));
}

/* Collective over group.  Chunks of whole tiles, as many probes as there is room for. */
static aet_err run_shared(aet_stem_job *j, const work *w)
{
    for (int from = 0, to; from < w->scan.units; from = to) {
        int n = 0;
        for (to = from; to < w->scan.units && n + w->scan.unit[to].count <= j->prism->chunk; to++)
            n += w->scan.unit[to].count;
        AET_TRY(run_chunk(j, w, from, to));
    }
    return AET_OK;
}

aet_err aet_stem_prism(MPI_Comm group, aet_stem_job *j, int tilt, const aet_stem_specimen *specimen)
{
    work w = {.group = group, .tilt = tilt, .specimen = specimen};
    MPI_Comm_rank(group, &w.rank);
    MPI_Comm_size(group, &w.size);
    w.left_A[0] = j->middle_A[tilt][0] - 0.5 * j->lx;
    w.left_A[1] = j->middle_A[tilt][1] - 0.5 * j->ly;
    aet_err err = AET_AGREE(group, aet_stem_scan_create(j, tilt, &w.scan));
    if (err == AET_OK && j->prism->parents)
        err = aet_stem_parents_fly(group, j, specimen, w.left_A);
    if (err == AET_OK)
        err = j->prism->chunk == 0 ? run_alone(j, &w) : run_shared(j, &w);
    aet_stem_scan_free(&w.scan);
    return err;
}
