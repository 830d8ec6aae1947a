/* The other way round than pruned.c: from the voxels of the box to the big grid's transform at a few points,
 *
 *     F x(k) = sum over voxels r of x(r) exp(-2 pi i k.r / m),
 *
 * 16 planes z at a time.  Along x: one transform of two rows at once, as they are real; then ranks change
 * from z to kx; along y: one transform per plane of kx; along z: the lanes of a point's line, times its
 * waves, are summed as they are. */
#include "aetlas/base/mem.h"
#include "recon/pruned_priv.h"
#include <string.h>

/* ---- along x ---- */

/* Rows `row` and the next of n planes, as real and imaginary parts. */
static void rows_load(const pruned_work *w, const float *x, int row, int n)
{
    const recon_pruned *p = w->p;
    int64_t plane = (int64_t)p->nx * p->ny;
    bool two = row + 1 < p->ny;

    memset(w->x.line, 0, (size_t)w->m * sizeof *w->x.line);
    for (int z = 0; z < n; z++) {
        const float *from = x + z * plane + (int64_t)row * p->nx;
        for (int i = 0; i < p->nx; i++) {
            w->x.line[i].re[z] = from[i];
            w->x.line[i].im[z] = two ? from[i + p->nx] : 0;
        }
    }
}

/* The spectrum of a + ib, of real a and b, becomes theirs at kx. */
static void pair_store(const pruned_work *w, int kx, aet_cell *a, aet_cell *b)
{
    aet_cell f = w->x.line[w->x.place[kx]], g = w->x.line[w->x.place[(w->m - kx) % w->m]];

    *a = (aet_cell){0.5F * (f.re + g.re), 0.5F * (f.im - g.im)};
    *b = (aet_cell){0.5F * (f.im + g.im), 0.5F * (g.re - f.re)};
}

void pruned_along_x(const pruned_work *w, const float *x, int n)
{
    for (int row = 0; row < w->x.rows; row += 2) {
        aet_cell *to = w->size > 1 ? w->met : w->sent;
        rows_load(w, x, row, n);
        aet_lanes_forward(w->x.plan, w->x.line);
        for (int r = 0; r < w->size; r++)
            for (int i = 0; i < pruned_planes_of(w, r); i++, to += w->x.rows)
                pair_store(w, r + i * w->size, to + row, to + row + 1);
    }
}

/* ---- along y and z ---- */

static void along_z(const pruned_work *w, int plane, double (*values)[2])
{
    for (int64_t i = w->from[plane]; i < w->from[plane + 1]; i++) {
        const recon_point *q = w->p->points + i;
        const aet_cell *e = w->waves + (q->kz < 0 ? q->kz + w->m : q->kz);
        const aet_cell *f = w->x.line + w->x.place[q->ky < 0 ? q->ky + w->m : q->ky];
        aet_lane re = f->re * e->re + f->im * e->im, im = f->im * e->re - f->re * e->im;
        for (int l = 0; l < AET_LANES; l++) {
            values[i][0] += (double)re[l];
            values[i][1] += (double)im[l];
        }
    }
}

static void from_others(const pruned_work *w, int round, double (*values)[2])
{
    const aet_cell *from = w->sent;

    for (int r = 0; r < w->size; r++) {
        aet_slab z = pruned_round_of(w, r, round);
        if (z.count == 0)
            continue;
        pruned_waves(w, z);
        for (int plane = 0; plane < w->planes; plane++, from += w->x.rows) {
            if (w->from[plane + 1] == w->from[plane])
                continue;
            memset(w->x.line, 0, (size_t)w->m * sizeof *w->x.line);
            memcpy(w->x.line, from, (size_t)w->p->ny * sizeof *from);
            aet_lanes_forward(w->x.plan, w->x.line);
            along_z(w, plane, values);
        }
    }
}

aet_err recon_pruned_at(MPI_Comm comm, const recon_pruned *p, const float *x, double (*values)[2])
{
    pruned_work w;
    aet_err err = pruned_begin(comm, p, &w);
    int most = aet_slab_of(p->nz, 0, w.size).count;

    if (p->n_points > 0)
        memset(values, 0, (size_t)p->n_points * sizeof *values);
    for (int round = 0; !err && round * AET_LANES < most; round++) {
        aet_slab z = pruned_round_of(&w, w.rank, round);
        if (z.count > 0)
            pruned_along_x(&w, x + (int64_t)round * AET_LANES * p->nx * p->ny, z.count);
        if (w.size > 1)
            pruned_exchange(&w, round, true);
        from_others(&w, round, values);
    }
    pruned_end(&w);
    return err;
}
