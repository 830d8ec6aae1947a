#include "aetlas/physics/projector.h"

#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/geometry.h"
#include "physics/projector_priv.h"
#include <math.h>
#include <string.h>

/* Bytes of volume that are swept over all images at a time: about half of a core's second cache. */
#define SWEEP_BYTES (512 * 1024)

typedef struct {
    int start, stop;
} run;

typedef struct {
    int nx, ny, n, nu, nv;
    aet_slab slab;
    aet_view *views;
    aet_frame frame;
    float *work; /* n images with rims */
    run *runs;   /* [slab.count][nx]: where along y the support lies; NULL: everywhere */
} projector;

/* Distances between quarter points and the voxel centre, seen along u. */
static void view_offsets(aet_view *w, bool fine)
{
    double a = (w->ux + w->uz) / 4, b = (w->ux - w->uz) / 4;

    w->n_offsets = fine ? 4 : 1;
    w->offset[0] = fine ? a : 0;
    w->offset[1] = -a;
    w->offset[2] = b;
    w->offset[3] = -b;
}

static aet_view view_of(const aet_projector_setup *s, int i)
{
    double R[3][3];
    aet_view w;
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
    view_offsets(&w, s->fine);
    return w;
}

static aet_frame frame_of(int nu, int nv)
{
    aet_frame f = {nu, nv, (nv + RIM_LOW + RIM_HIGH + 15) / 16 * 16, 0};

    f.pixels = (int64_t)(nu + RIM_LOW + RIM_HIGH) * f.stride;
    return f;
}

double aet_projector_bytes(int n, int nu, int nv)
{
    return (double)frame_of(nu, nv).pixels * n * sizeof(float);
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

/* Planes swept together: they stay in cache while all images pass by. */
static int block_planes(const projector *p)
{
    int planes = (int)(SWEEP_BYTES / ((int64_t)p->nx * p->ny * (int64_t)sizeof(float)));

    return planes < 1 ? 1 : planes;
}

static int block_end(const projector *p, int iz)
{
    int end = iz + block_planes(p);

    return end < p->slab.count ? end : p->slab.count;
}

static void frames_to_range(const projector *p, float *y)
{
    for (int64_t line = 0; line < (int64_t)p->n * p->nu; line++) {
        int64_t i = line / p->nu, u = line % p->nu;
        memcpy(y + line * p->nv,
               p->work + i * p->frame.pixels + (u + RIM_LOW) * p->frame.stride + RIM_LOW,
               (size_t)p->nv * sizeof *y);
    }
}

static void range_to_frames(const projector *p, const float *y)
{
    memset(p->work, 0, (size_t)(p->n * p->frame.pixels) * sizeof *y);
    for (int64_t line = 0; line < (int64_t)p->n * p->nu; line++) {
        int64_t i = line / p->nu, u = line % p->nu;
        memcpy(p->work + i * p->frame.pixels + (u + RIM_LOW) * p->frame.stride + RIM_LOW,
               y + line * p->nv, (size_t)p->nv * sizeof *y);
    }
}

static void block_forward(const projector *p, int z0, int z1, const float *x)
{
    for (int i = 0; i < p->n; i++)
        for (int iz = z0; iz < z1; iz++)
            for (int ix = 0; ix < p->nx; ix++) {
                int64_t column = (int64_t)iz * p->nx + ix;
                run r = run_of(p, column);
                aet_column_forward(p->views + i, &p->frame, ix, iz + p->slab.start, r.start, r.stop,
                                   x + column * p->ny, p->work + i * p->frame.pixels);
            }
}

static void block_adjoint(const projector *p, int z0, int z1, float *x)
{
    for (int i = 0; i < p->n; i++)
        for (int iz = z0; iz < z1; iz++)
            for (int ix = 0; ix < p->nx; ix++) {
                int64_t column = (int64_t)iz * p->nx + ix;
                run r = run_of(p, column);
                aet_column_adjoint(p->views + i, &p->frame, ix, iz + p->slab.start, r.start, r.stop,
                                   x + column * p->ny, p->work + i * p->frame.pixels);
            }
}

static void forward(const aet_linop *op, const float *x, float *y)
{
    const projector *p = op->ctx;

    memset(p->work, 0, (size_t)(p->n * p->frame.pixels) * sizeof *y);
    for (int iz = 0; iz < p->slab.count; iz = block_end(p, iz))
        block_forward(p, iz, block_end(p, iz), x);
    frames_to_range(p, y);
    aet_sum_float(op->comm, y, op->n_range);
}

static void adjoint(const aet_linop *op, const float *y, float *x)
{
    const projector *p = op->ctx;

    memset(x, 0, (size_t)op->n_domain * sizeof *x);
    range_to_frames(p, y);
    for (int iz = 0; iz < p->slab.count; iz = block_end(p, iz))
        block_adjoint(p, iz, block_end(p, iz), x);
}

static void free_ctx(void *ctx)
{
    projector *p = ctx;

    aet_release(&p->views);
    aet_release(&p->work);
    aet_release(&p->runs);
    aet_free_bytes(p);
}

static aet_err arrays(projector *p, const aet_projector_setup *s)
{
    AET_TRY(AET_ARRAY(p->frame.pixels * p->n, "projector images", &p->work));
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
    p->frame = frame_of(s->nu, s->nv);
    p->views = AET_NEW(aet_view, s->n);
    for (int i = 0; i < s->n; i++)
        p->views[i] = view_of(s, i);
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
