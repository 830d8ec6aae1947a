#include "aetlas/physics/projector.h"

#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/geometry.h"
#include "physics/projector_priv.h"
#include <math.h>
#include <string.h>

/* Bytes of work images that are swept together: half of
 * a core's second cache, while the volume passes by. */
#define SWEEP_BYTES (1 << 20)

typedef struct {
    int start, stop;
} run;

typedef struct {
    int nx, ny, n, nu, nv;
    aet_slab slab;
    aet_view *views;
    aet_frame *frames; /* [n]: the images as their views see them, with rims */
    int64_t *start;    /* [n+1]: where each begins in work */
    float *work;
    float *taps;   /* [n][AET_SHEAR_TAPS][nv], of sheared views */
    float *column; /* one column, with room before and behind */
    run *runs;     /* [slab.count][nx]: where along y the support lies; NULL: everywhere */
} projector;

/* Pieces per voxel from which on single voxels are cheaper: slanted by 31 degrees or more. */
#define OBLIQUE_FROM 0.15

/* From u to u - shear (v - pivot), in which columns run along v; counted from the first row of its frame. */
static void straighten(aet_view *w, const aet_projector_setup *s)
{
    w->shear = w->uy / w->vy;
    w->u0 += aet_shear_rim(w, s->nv) - w->shear * (w->v0 - w->pivot);
    w->ux -= w->shear * w->vx;
    w->uz -= w->shear * w->vz;
    w->uy = 0;
    if (s->fine)
        w->width = fmax(fabs(w->ux), fabs(w->uz));
}

static aet_view view_of(const aet_projector_setup *s, int i)
{
    double R[3][3];
    aet_view w = {0};
    int cx = s->nx / 2, cy = s->ny / 2, cz = s->nz / 2;

    aet_rotation(s->angles_deg[i], R);
    w.ux = R[0][0];
    w.uy = R[0][1];
    w.uz = R[0][2];
    w.vx = R[1][0];
    w.vy = R[1][1];
    w.vz = R[1][2];
    w.u0 = s->nu / 2 - w.ux * cx - w.uy * cy - w.uz * cz;
    w.v0 = s->nv / 2 - w.vx * cx - w.vy * cy - w.vz * cz;
    if (s->shift_px) {
        w.u0 += s->shift_px[i][0];
        w.v0 += s->shift_px[i][1];
    }
    w.pivot = s->nv / 2 + (s->shift_px ? s->shift_px[i][1] : 0);
    w.per_drift = 1 / fabs(w.vy - 1);
    w.oblique = fabs(w.vy - 1) > OBLIQUE_FROM;
    w.width = s->fine ? fmax(fabs(w.ux), fmax(fabs(w.uy), fabs(w.uz))) : 1;
    if (!w.oblique)
        straighten(&w, s);
    w.per_width = 1 / w.width;
    w.straight = !w.oblique && w.vx == 0 && w.vz == 0 && w.vy == 1 && w.v0 == floor(w.v0);
    return w;
}

static aet_frame frame_of(int nu, int nv)
{
    aet_frame f = {nu, nv, LANES + (nv + RIM + LANES - 1) / LANES * LANES, 0};

    f.pixels = (int64_t)(nu + 2 * RIM) * f.stride;
    return f;
}

/* Rows beside the image for views that are slanted by up to 6 degrees. */
double aet_projector_bytes(int n, int nu, int nv)
{
    int rim = (int)ceil(0.05 * nv) + AET_SHEAR_TAPS / 2;

    return ((double)frame_of(nu + 2 * rim, nv).pixels + AET_SHEAR_TAPS * nv) * n * sizeof(float);
}

/* The first and last voxel of each column that the mask lets through. */
static void runs_fill(projector *p, const uint8_t *mask)
{
    for (int64_t c = 0; c < (int64_t)p->slab.count * p->nx; c++) {
        const uint8_t *m = mask + c * p->ny;
        run r = {0, p->ny};
        while (r.start < r.stop && !m[r.start])
            r.start++;
        while (r.stop > r.start && !m[r.stop - 1])
            r.stop--;
        p->runs[c] = r;
    }
}

static run run_of(const projector *p, int64_t column)
{
    return p->runs ? p->runs[column] : (run){0, p->ny};
}

static void frame_to_image(const projector *p, int i, float *y)
{
    const aet_frame *f = p->frames + i;
    const float *frame = p->work + p->start[i];

    if (p->views[i].shear != 0)
        aet_shear_forward(p->views + i, f, p->taps + (int64_t)i * AET_SHEAR_TAPS * p->nv, frame,
                          p->nu, y);
    else
        for (int u = 0; u < p->nu; u++)
            memcpy(y + (int64_t)u * p->nv, frame + (int64_t)(u + RIM) * f->stride + LANES,
                   (size_t)p->nv * sizeof *y);
}

static void image_to_frame(const projector *p, int i, const float *y)
{
    const aet_frame *f = p->frames + i;
    float *frame = p->work + p->start[i];

    memset(frame, 0, (size_t)f->pixels * sizeof *frame);
    if (p->views[i].shear != 0)
        aet_shear_adjoint(p->views + i, f, p->taps + (int64_t)i * AET_SHEAR_TAPS * p->nv, y, p->nu,
                          frame);
    else
        for (int u = 0; u < p->nu; u++)
            memcpy(frame + (int64_t)(u + RIM) * f->stride + LANES, y + (int64_t)u * p->nv,
                   (size_t)p->nv * sizeof *y);
}

/* Copies a column to where its surroundings are harmless; narrows the run to what is not 0. */
static run column_in(const projector *p, const float *x, run r)
{
    while (r.start < r.stop && x[r.start] == 0)
        r.start++;
    while (r.stop > r.start && x[r.stop - 1] == 0)
        r.stop--;
    if (r.start < r.stop)
        memcpy(p->column + r.start, x + r.start, (size_t)(r.stop - r.start) * sizeof *x);
    return r;
}

static void sweep_forward(const projector *p, int first, int last, const float *x)
{
    for (int64_t c = 0; c < (int64_t)p->slab.count * p->nx; c++) {
        int ix = (int)(c % p->nx), iz = (int)(c / p->nx) + p->slab.start;
        run r = column_in(p, x + c * p->ny, run_of(p, c));
        for (int i = first; i < last; i++)
            aet_column_forward(p->views + i, p->frames + i, ix, iz, r.start, r.stop, p->column,
                               p->work + p->start[i]);
    }
}

static void sweep_adjoint(const projector *p, int first, int last, float *x)
{
    for (int64_t c = 0; c < (int64_t)p->slab.count * p->nx; c++) {
        int ix = (int)(c % p->nx), iz = (int)(c / p->nx) + p->slab.start;
        run r = run_of(p, c);
        memcpy(p->column, x + c * p->ny, (size_t)p->ny * sizeof *x);
        for (int i = first; i < last; i++)
            aet_column_adjoint(p->views + i, p->frames + i, ix, iz, r.start, r.stop, p->column,
                               p->work + p->start[i]);
        memcpy(x + c * p->ny, p->column, (size_t)p->ny * sizeof *x);
    }
}

static int sweep_end(const projector *p, int first)
{
    int last = first + 2;

    while (last < p->n &&
           (p->start[last + 1] - p->start[first]) * (int64_t)sizeof(float) <= SWEEP_BYTES)
        last++;
    return last < p->n ? last : p->n;
}

static void forward(const aet_linop *op, const float *x, float *y)
{
    const projector *p = op->ctx;
    int64_t m = (int64_t)p->nu * p->nv;

    memset(p->work, 0, (size_t)p->start[p->n] * sizeof *y);
    for (int i = 0; i < p->n; i = sweep_end(p, i))
        sweep_forward(p, i, sweep_end(p, i), x);
    for (int i = 0; i < p->n; i++)
        frame_to_image(p, i, y + i * m);
    aet_sum_float(op->comm, y, op->n_range);
}

static void adjoint(const aet_linop *op, const float *y, float *x)
{
    const projector *p = op->ctx;
    int64_t m = (int64_t)p->nu * p->nv;

    memset(x, 0, (size_t)op->n_domain * sizeof *x);
    for (int i = 0; i < p->n; i++)
        image_to_frame(p, i, y + i * m);
    for (int i = 0; i < p->n; i = sweep_end(p, i))
        sweep_adjoint(p, i, sweep_end(p, i), x);
}

static void free_ctx(void *ctx)
{
    projector *p = ctx;

    aet_release(&p->views);
    aet_release(&p->frames);
    aet_release(&p->start);
    aet_release(&p->taps);
    aet_release(&p->work);
    if (p->column)
        p->column -= LANES;
    aet_release(&p->column);
    aet_release(&p->runs);
    aet_free_bytes(p);
}

static void views_fill(projector *p, const aet_projector_setup *s)
{
    p->views = AET_NEW(aet_view, s->n);
    p->frames = AET_NEW(aet_frame, s->n);
    p->start = AET_NEW(int64_t, s->n + 1);
    p->taps = AET_NEW(float, (int64_t)s->n *AET_SHEAR_TAPS * s->nv);
    for (int i = 0; i < s->n; i++) {
        aet_view *w = p->views + i;
        *w = view_of(s, i);
        p->frames[i] = frame_of(s->nu + 2 * aet_shear_rim(w, s->nv), s->nv);
        p->start[i + 1] = p->start[i] + p->frames[i].pixels;
        if (w->shear != 0)
            aet_shear_weights(w, s->nv, p->taps + (int64_t)i * AET_SHEAR_TAPS * s->nv);
    }
}

static aet_err arrays(projector *p, const aet_projector_setup *s)
{
    AET_TRY(AET_ARRAY(p->start[p->n] + 2 * LANES, "projector images", &p->work));
    AET_TRY(AET_ARRAY(p->ny + 3 * LANES, "projector column", &p->column));
    p->column += LANES;
    if (s->mask)
        AET_TRY(AET_ARRAY((int64_t)p->slab.count * p->nx, "projector support", &p->runs));
    return AET_OK;
}

aet_err aet_projector_create(MPI_Comm comm, const aet_projector_setup *s, aet_linop **op)
{
    projector *p = AET_NEW(projector, 1);

    *op = NULL;
    p->nx = s->nx;
    p->ny = s->ny;
    p->n = s->n;
    p->nu = s->nu;
    p->nv = s->nv;
    p->slab = aet_slab_mine(s->nz, comm);
    views_fill(p, s);
    aet_err err = AET_AGREE(comm, arrays(p, s));
    if (err != AET_OK) {
        free_ctx(p);
        return err;
    }
    if (s->mask)
        runs_fill(p, s->mask);
    *op = AET_NEW(aet_linop, 1);
    **op = (aet_linop){.name = "real-space projector",
                       .comm = comm,
                       .n_domain = (int64_t)p->slab.count * s->nx * s->ny,
                       .n_range = (int64_t)s->n * s->nu * s->nv,
                       .ctx = p,
                       .forward = forward,
                       .adjoint = adjoint,
                       .free_ctx = free_ctx};
    return AET_OK;
}

void aet_transpose(const float *in, int a, int b, float *out)
{
    enum { TILE = 16 };

    for (int i0 = 0; i0 < a; i0 += TILE)
        for (int j0 = 0; j0 < b; j0 += TILE)
            for (int i = i0; i < a && i < i0 + TILE; i++)
                for (int j = j0; j < b && j < j0 + TILE; j++)
                    out[(int64_t)j * a + i] = in[(int64_t)i * b + j];
}

void aet_projector_domain(const aet_volume *v, float *x)
{
    int64_t plane = (int64_t)v->nx * v->ny;

    for (int iz = 0; iz < v->slab.count; iz++)
        aet_transpose(v->density + iz * plane, v->ny, v->nx, x + iz * plane);
}

void aet_projector_volume(const float *x, aet_volume *v)
{
    int64_t plane = (int64_t)v->nx * v->ny;

    for (int iz = 0; iz < v->slab.count; iz++)
        aet_transpose(x + iz * plane, v->nx, v->ny, v->density + iz * plane);
}
