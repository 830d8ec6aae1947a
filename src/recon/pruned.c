/* The big Fourier grid's points as a sum over waves in the few voxels that are wanted:
 *
 *     out(x, y, z) = 1/m^3 sum_k value(k) exp(2 pi i k.(x, y, z) / m)
 *
 * for 16 planes z at a time, which are the lanes of all that follows, so that the grid of m^3 never
 * exists.  A rank has some planes of kx.  Per plane of kx, along z: the few points of each line (kx, ky)
 * are summed as they are, which needs no transform; along y: one transform, cropped.  Then ranks change
 * from kx to z, and along x: one transform of two rows at once, as its results are real. */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "recon/pruned_priv.h"
#include <math.h>
#include <string.h>

int pruned_planes_of(const pruned_work *w, int rank)
{
    return recon_rows_planes(w->m, rank, w->size);
}

aet_slab pruned_round_of(const pruned_work *w, int rank, int round)
{
    aet_slab s = aet_slab_of(w->p->nz, rank, w->size);
    int left = s.count - round * AET_LANES;

    s.start += round * AET_LANES;
    s.count = left < 0 ? 0 : left < AET_LANES ? left : AET_LANES;
    return s;
}

/* ---- along z and y ---- */

void pruned_waves(const pruned_work *w, aet_slab z)
{
    for (int k = 0; k < w->m; k++)
        for (int l = 0; l < AET_LANES; l++) {
            int64_t at = (int64_t)k * (z.start + l) % w->m;
            w->waves[k].re[l] = l < z.count ? w->x.wave[2 * at] : 0;
            w->waves[k].im[l] = l < z.count ? w->x.wave[2 * at + 1] : 0;
        }
}

static bool wanted(const recon_pruned *p, const recon_point *q)
{
    return q->withheld == p->withheld && recon_length2(p->grid, q->kx, q->ky, q->kz) < p->reach2;
}

/* The sum along kz of each line, where y's transform wants it; false if there is no point. */
static bool along_z(const pruned_work *w, int plane)
{
    const recon_pruned *p = w->p;
    bool any = false;

    memset(w->x.line, 0, (size_t)w->m * sizeof *w->x.line);
    for (int64_t i = w->from[plane]; i < w->from[plane + 1]; i++) {
        const recon_point *q = p->points + i;
        if (!wanted(p, q))
            continue;
        const aet_cell *e = w->waves + (q->kz < 0 ? q->kz + w->m : q->kz);
        aet_cell *to = w->x.line + w->x.place[q->ky < 0 ? q->ky + w->m : q->ky];
        if (p->values) {
            to->re += e->re * q->re - e->im * q->im;
            to->im += e->re * q->im + e->im * q->re;
        } else {
            to->re += e->re;
            to->im += e->im;
        }
        any = true;
    }
    return any;
}

static void along_y(const pruned_work *w, bool any, aet_cell *to)
{
    int ny = w->p->ny;

    memset(to, 0, (size_t)w->x.rows * sizeof *to);
    if (!any)
        return;
    aet_lanes_backward(w->x.plan, w->x.line);
    for (int y = 0; y < ny; y++)
        to[y] = w->x.line[(y + w->p->first_y + w->m) % w->m];
}

static void towards(const pruned_work *w, int round)
{
    aet_cell *to = w->sent;

    for (int r = 0; r < w->size; r++) {
        aet_slab z = pruned_round_of(w, r, round);
        if (z.count == 0)
            continue;
        pruned_waves(w, z);
        for (int plane = 0; plane < w->planes; plane++, to += w->x.rows)
            along_y(w, along_z(w, plane), to);
    }
}

/* ---- between ranks ---- */

void pruned_exchange(const pruned_work *w, int round, bool back)
{
    int *there = w->tables, *here = w->tables + 2 * w->size, sent = 0, met = 0;
    bool mine = pruned_round_of(w, w->rank, round).count > 0;
    MPI_Datatype rows;

    for (int r = 0; r < w->size; r++) {
        there[r] = pruned_round_of(w, r, round).count > 0 ? w->planes : 0;
        here[r] = mine ? pruned_planes_of(w, r) : 0;
        there[w->size + r] = sent;
        here[w->size + r] = met;
        sent += there[r];
        met += here[r];
    }
    MPI_Type_contiguous(w->x.rows * 2 * AET_LANES, MPI_FLOAT, &rows);
    MPI_Type_commit(&rows);
    if (back)
        MPI_Alltoallv(w->met, here, here + w->size, rows, w->sent, there, there + w->size, rows,
                      w->comm);
    else
        MPI_Alltoallv(w->sent, there, there + w->size, rows, w->met, here, here + w->size, rows,
                      w->comm);
    MPI_Type_free(&rows);
}

/* ---- the whole ---- */

static void rounds(pruned_work *w, aet_boxconv_plane take, void *context)
{
    int most = aet_slab_of(w->p->nz, 0, w->size).count;

    for (int round = 0; round * AET_LANES < most; round++) {
        int n = pruned_round_of(w, w->rank, round).count;
        towards(w, round);
        if (w->size > 1)
            pruned_exchange(w, round, false);
        if (n > 0)
            recon_rows_make(&w->x, w->size > 1 ? w->met : w->sent, w->size);
        for (int z = 0; z < n; z++)
            take(context, round * AET_LANES + z, w->x.out + (int64_t)z * w->x.rows * w->x.pitch);
    }
}

/* ---- set-up ---- */

static aet_err arrays(pruned_work *w)
{
    const recon_pruned *p = w->p;
    int64_t half = (w->m - 1) / 2 + 1;

    AET_TRY(recon_rows_create(w->m, p->nx, p->first_x, p->ny, 1 / pow(w->m, 3), &w->x));
    AET_TRY(AET_ARRAY(w->planes + 1, "planes of Fourier points", &w->from));
    for (int64_t i = 0; i < p->n_points; i++)
        w->from[(p->points[i].kx - w->rank) / w->size + 1]++;
    for (int i = 0; i < w->planes; i++)
        w->from[i + 1] += w->from[i];
    AET_TRY(AET_ARRAY(w->m, "waves", &w->waves));
    AET_TRY(AET_ARRAY((int64_t)w->planes * w->size * w->x.rows, "lines to exchange", &w->sent));
    if (w->size == 1)
        return AET_OK;
    return AET_ARRAY(half * w->x.rows, "lines exchanged", &w->met);
}

aet_err pruned_begin(MPI_Comm comm, const recon_pruned *p, pruned_work *w)
{
    *w = (pruned_work){.p = p, .comm = comm, .m = p->grid->m};
    MPI_Comm_rank(comm, &w->rank);
    MPI_Comm_size(comm, &w->size);
    w->planes = pruned_planes_of(w, w->rank);
    w->tables = AET_NEW(int, 4 * w->size);
    return AET_AGREE(comm, arrays(w));
}

void pruned_end(pruned_work *w)
{
    recon_rows_free(&w->x);
    aet_release(&w->from);
    aet_release(&w->waves);
    aet_release(&w->sent);
    aet_release(&w->met);
    aet_release(&w->tables);
}

aet_err recon_pruned_sum(MPI_Comm comm, const recon_pruned *p, aet_boxconv_plane take,
                         void *context)
{
    pruned_work w;
    aet_err err = pruned_begin(comm, p, &w);

    if (!err)
        rounds(&w, take, context);
    pruned_end(&w);
    return err;
}
