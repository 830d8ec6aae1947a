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
    int half = (w->m - 1) / 2 + 1; /* kx = 0 ... (m-1)/2 */

    return rank < half ? (half - rank - 1) / w->size + 1 : 0;
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
            w->waves[k].re[l] = l < z.count ? w->wave[2 * at] : 0;
            w->waves[k].im[l] = l < z.count ? w->wave[2 * at + 1] : 0;
        }
}

static bool wanted(const recon_pruned *p, const recon_point *q)
{
    return q->withheld == p->withheld && recon_point_k2(p->grid, q) < p->reach2;
}

/* The sum along kz of each line, where y's transform wants it; false if there is no point. */
static bool along_z(const pruned_work *w, int plane)
{
    const recon_pruned *p = w->p;
    bool any = false;

    memset(w->line, 0, (size_t)w->m * sizeof *w->line);
    for (int64_t i = w->from[plane]; i < w->from[plane + 1]; i++) {
        const recon_point *q = p->points + i;
        if (!wanted(p, q))
            continue;
        const aet_cell *e = w->waves + (q->kz < 0 ? q->kz + w->m : q->kz);
        aet_cell *to = w->line + w->place[q->ky < 0 ? q->ky + w->m : q->ky];
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

    memset(to, 0, (size_t)w->rows * sizeof *to);
    if (!any)
        return;
    aet_lanes_backward(w->plan, w->line);
    for (int y = 0; y < ny; y++)
        to[y] = w->line[(y + w->p->first_y + w->m) % w->m];
}

static void towards(const pruned_work *w, int round)
{
    aet_cell *to = w->sent;

    for (int r = 0; r < w->size; r++) {
        aet_slab z = pruned_round_of(w, r, round);
        if (z.count == 0)
            continue;
        pruned_waves(w, z);
        for (int plane = 0; plane < w->planes; plane++, to += w->rows)
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
    MPI_Type_contiguous(w->rows * 2 * AET_LANES, MPI_FLOAT, &rows);
    MPI_Type_commit(&rows);
    if (back)
        MPI_Alltoallv(w->met, here, here + w->size, rows, w->sent, there, there + w->size, rows,
                      w->comm);
    else
        MPI_Alltoallv(w->sent, there, there + w->size, rows, w->met, here, here + w->size, rows,
                      w->comm);
    MPI_Type_free(&rows);
}

/* ---- along x ---- */

/* Two rows a, b of half a spectrum, of real a and b, as the spectrum of a + ib. */
static void pair_load(const pruned_work *w, int kx, const aet_cell *a, const aet_cell *b)
{
    aet_cell *low = w->line + w->place[kx];

    if (kx == 0) { /* both Friedel mates are there: half of each */
        *low = (aet_cell){a->re, b->re};
        return;
    }
    *low = (aet_cell){a->re - b->im, a->im + b->re};
    w->line[w->place[w->m - kx]] = (aet_cell){a->re + b->im, b->re - a->im};
}

static void rows_store(const pruned_work *w, int row)
{
    const recon_pruned *p = w->p;
    float scale = (float)(1 / ((double)w->m * w->m * w->m));
    aet_lane a[AET_LANES], b[AET_LANES];

    for (int x = 0; x < w->pitch; x += AET_LANES) {
        for (int i = 0; i < AET_LANES; i++) {
            const aet_cell *from = w->line + (x + i + p->first_x + w->m) % w->m;
            a[i] = scale * from->re;
            b[i] = scale * from->im;
        }
        aet_lanes_transpose(a);
        aet_lanes_transpose(b);
        for (int z = 0; z < AET_LANES; z++) {
            float *to = w->out + ((int64_t)z * w->rows + row) * w->pitch + x;
            *(aet_lane *)to = a[z];
            *(aet_lane *)(to + w->pitch) = b[z];
        }
    }
}

static void along_x(const pruned_work *w)
{
    for (int row = 0; row < w->rows; row += 2) {
        const aet_cell *from = w->size > 1 ? w->met : w->sent;
        memset(w->line, 0, (size_t)w->m * sizeof *w->line);
        for (int r = 0; r < w->size; r++)
            for (int i = 0; i < pruned_planes_of(w, r); i++, from += w->rows)
                pair_load(w, r + i * w->size, from + row, from + row + 1);
        aet_lanes_backward(w->plan, w->line);
        rows_store(w, row);
    }
}

static void rounds(const pruned_work *w, aet_boxconv_plane take, void *context)
{
    int most = aet_slab_of(w->p->nz, 0, w->size).count;

    for (int round = 0; round * AET_LANES < most; round++) {
        int n = pruned_round_of(w, w->rank, round).count;
        towards(w, round);
        if (w->size > 1)
            pruned_exchange(w, round, false);
        if (n > 0)
            along_x(w);
        for (int z = 0; z < n; z++)
            take(context, round * AET_LANES + z, w->out + (int64_t)z * w->rows * w->pitch);
    }
}

/* ---- set-up ---- */

static aet_err tables_make(pruned_work *w)
{
    int m = w->m;

    AET_TRY(aet_lanes_create(m, &w->plan));
    AET_TRY(AET_ARRAY(m, "order of frequencies", &w->place));
    AET_TRY(AET_ARRAY(2 * m, "waves", &w->wave));
    AET_TRY(AET_ARRAY(w->planes + 1, "planes of Fourier points", &w->from));
    for (int k = 0; k < m; k++) {
        w->place[aet_lanes_frequency(w->plan, k)] = k;
        w->wave[2 * k] = (float)cos(2 * M_PI * k / m);
        w->wave[2 * k + 1] = (float)sin(2 * M_PI * k / m);
    }
    for (int64_t i = 0; i < w->p->n_points; i++)
        w->from[(w->p->points[i].kx - w->rank) / w->size + 1]++;
    for (int i = 0; i < w->planes; i++)
        w->from[i + 1] += w->from[i];
    return AET_OK;
}

static aet_err arrays(pruned_work *w)
{
    int64_t half = (w->m - 1) / 2 + 1, rows = w->rows;

    AET_TRY(tables_make(w));
    AET_TRY(AET_ARRAY(w->m, "waves", &w->waves));
    AET_TRY(AET_ARRAY(w->m, "line of waves", &w->line));
    AET_TRY(AET_ARRAY((int64_t)w->planes * w->size * rows, "lines to exchange", &w->sent));
    if (w->size > 1)
        AET_TRY(AET_ARRAY(half * rows, "lines exchanged", &w->met));
    return AET_ARRAY(AET_LANES * rows * w->pitch, "planes of a sum of waves", &w->out);
}

aet_err pruned_begin(MPI_Comm comm, const recon_pruned *p, pruned_work *w)
{
    *w = (pruned_work){.p = p,
                       .comm = comm,
                       .m = p->grid->m,
                       .rows = p->ny + p->ny % 2,
                       .pitch = (p->nx + AET_LANES - 1) / AET_LANES * AET_LANES};
    MPI_Comm_rank(comm, &w->rank);
    MPI_Comm_size(comm, &w->size);
    w->planes = pruned_planes_of(w, w->rank);
    w->tables = AET_NEW(int, 4 * w->size);
    return AET_AGREE(comm, arrays(w));
}

void pruned_end(pruned_work *w)
{
    aet_lanes_free(&w->plan);
    aet_release(&w->place);
    aet_release(&w->from);
    aet_release(&w->wave);
    aet_release(&w->waves);
    aet_release(&w->line);
    aet_release(&w->sent);
    aet_release(&w->met);
    aet_release(&w->out);
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
