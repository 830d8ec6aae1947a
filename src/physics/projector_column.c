#include "physics/projector_priv.h"

#include <math.h>
#include <stddef.h>

/* A run of voxels of one column on which the pixels touched follow each other without a jump: voxel
 * k is shared between pixels row, row + 1 along u and v + k, v + k + 1 along v. */
typedef struct {
    int y, length;
    int row, v;
    float c, dc;   /* share of row + 1, before it is clamped to 0 ... 1: c + k dc */
    float fv, dfv; /* share of v + k + 1: fv + k dfv */
    bool seen;     /* some of it lies in the image */
} piece;

/* Voxels until floor(fraction + k slope) changes; at least 1 (a fraction may round to 1). */
static inline double room(double fraction, double slope, double per_slope)
{
    double up = (1 - fraction) * per_slope, down = fraction * per_slope;

    if (slope > 0)
        return up > 1 ? ceil(up) : 1;
    return floor(down) + 1;
}

/* Leaves out the voxels that fall beside the image along v. */
static inline void clip_v(const aet_frame *f, piece *p)
{
    int skip = -1 - p->v > 0 ? -1 - p->v : 0;
    int stop = f->nv - p->v < p->length ? f->nv - p->v : p->length;

    p->seen = skip < stop && p->row >= -1 && p->row < f->nu;
    p->y += skip;
    p->v += skip;
    p->length = stop - skip;
    p->fv += (float)skip * p->dfv;
    p->c += (float)skip * p->dc;
}

/* Cuts the piece that starts at voxel y, where the column's voxel 0 is seen at (u, v); gives the
 * voxel after it. */
static inline int cut(const aet_view *w, const aet_frame *f, double u, double v, int y, int y1,
                      piece *p)
{
    double here = u + w->uy * y, row = floor(here);
    double shift = v + w->vy * y, whole = floor(shift), drift = w->vy - 1;
    double reach = y1 - y, fu = here - row, fv = shift - whole;

    if (w->uy != 0 && room(fu, w->uy, w->per_uy) < reach)
        reach = room(fu, w->uy, w->per_uy);
    if (drift != 0 && room(fv, drift, w->per_drift) < reach)
        reach = room(fv, drift, w->per_drift);
    p->length = (int)reach;
    p->y = y;
    p->row = (int)row;
    p->v = (int)whole;
    p->c = (float)((fu - (1 - w->width) / 2) * w->per_width);
    p->dc = (float)(w->uy * w->per_width);
    p->fv = (float)fv;
    p->dfv = (float)drift;
    clip_v(f, p);
    return y + (int)reach;
}

static inline float clamp(float c)
{
    return c < 0 ? 0 : c > 1 ? 1 : c;
}

/* The loops below run over whole blocks of LANES, without a scalar rest; ivdep: pixels of a row, of the next
 * row and voxels do not overlap. */
static inline int blocks(int n)
{
    return (n + LANES - 1) & ~(LANES - 1);
}

/* ---- any angles ---- */

/* Pixel k takes the staying share of voxel k and the passing share of voxel k - 1. */
static void spread(const piece *p, const float *x, float *r0, float *r1)
{
    float c0 = p->c, dc = p->dc, fv = p->fv, dfv = p->dfv;
    int n = p->length, end = blocks(n + 1);

#pragma GCC ivdep
    for (int k = 0; k < end; k++) {
        float at = (float)k, here = x[k], last = x[k - 1];
        here = k < n ? here : 0;
        last = k > 0 && k <= n ? last : 0;
        float f = fv + at * dfv;
        float stay = here - f * here, pass = (f - dfv) * last;
        float second = clamp(c0 + at * dc) * stay + clamp(c0 - dc + at * dc) * pass;
        r1[k] += second;
        r0[k] += stay + pass - second;
    }
}

static void collect(const piece *p, float *x, const float *r0, const float *r1)
{
    float c0 = p->c, dc = p->dc, fv = p->fv, dfv = p->dfv;
    int n = p->length, end = blocks(n);

#pragma GCC ivdep
    for (int k = 0; k < end; k++) {
        float at = (float)k, f = fv + at * dfv;
        float low = r0[k] + f * (r0[k + 1] - r0[k]), high = r1[k] + f * (r1[k + 1] - r1[k]);
        float sum = low + clamp(c0 + at * dc) * (high - low);
        x[k] += k < n ? sum : 0;
    }
}

/* ---- plain tilts: one piece, constant weights, no share between pixels along v ---- */

static void spread_straight(int n, float c, const float *x, float *r0, float *r1)
{
    float d = 1 - c;
    int end = blocks(n);

#pragma GCC ivdep
    for (int k = 0; k < end; k++) {
        float here = x[k];
        here = k < n ? here : 0;
        r0[k] += d * here;
        r1[k] += c * here;
    }
}

static void collect_straight(int n, float c, float *x, const float *r0, const float *r1)
{
    float d = 1 - c;
    int end = blocks(n);

#pragma GCC ivdep
    for (int k = 0; k < end; k++) {
        float sum = d * r0[k] + c * r1[k];
        x[k] += k < n ? sum : 0;
    }
}

/* The only piece of a column under a plain tilt; false if it is not seen. */
static inline bool straight(const aet_view *w, const aet_frame *f, double u, int y0, int y1,
                            piece *p)
{
    double row = floor(u);
    int shift = (int)w->v0, low = -shift > y0 ? -shift : y0;
    int high = f->nv - shift < y1 ? f->nv - shift : y1;

    p->y = low;
    p->length = high - low;
    p->row = (int)row;
    p->v = low + shift;
    p->c = clamp((float)((u - row - (1 - w->width) / 2) * w->per_width));
    return low < high && p->row >= -1 && p->row < f->nu;
}

/* ---- voxel by voxel, for columns that run across the pixels ---- */

/* The four weights of a voxel and its first pixel; false if none is in the image. */
static inline bool voxel(const aet_view *w, const aet_frame *f, double u, double v, float share[4],
                         ptrdiff_t *at)
{
    double row = floor(u), col = floor(v);
    float c = clamp((float)((u - row - (1 - w->width) / 2) * w->per_width)), fv = (float)(v - col);

    if (!(row >= -1 && row < f->nu && col >= -1 && col < f->nv))
        return false;
    *at = (ptrdiff_t)((int)row + RIM) * f->stride + (int)col + LANES;
    share[0] = (1 - c) * (1 - fv);
    share[1] = (1 - c) * fv;
    share[2] = c * (1 - fv);
    share[3] = c * fv;
    return true;
}

static void scatter(const aet_view *w, const aet_frame *f, double u, double v, int y0, int y1,
                    const float *restrict x, float *restrict image)
{
    float s[4];
    ptrdiff_t at;

    for (int y = y0; y < y1; y++) {
        if (!voxel(w, f, u + w->uy * y, v + w->vy * y, s, &at))
            continue;
        float *p = image + at, *q = p + f->stride;
        p[0] += s[0] * x[y];
        p[1] += s[1] * x[y];
        q[0] += s[2] * x[y];
        q[1] += s[3] * x[y];
    }
}

static void gather(const aet_view *w, const aet_frame *f, double u, double v, int y0, int y1,
                   float *restrict x, const float *restrict image)
{
    float s[4];
    ptrdiff_t at;

    for (int y = y0; y < y1; y++) {
        if (!voxel(w, f, u + w->uy * y, v + w->vy * y, s, &at))
            continue;
        const float *p = image + at, *q = p + f->stride;
        x[y] += s[0] * p[0] + s[1] * p[1] + s[2] * q[0] + s[3] * q[1];
    }
}

/* ---- columns ---- */

static inline ptrdiff_t pixel(const aet_frame *f, const piece *p)
{
    return (ptrdiff_t)(p->row + RIM) * f->stride + p->v + LANES;
}

void aet_column_forward(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        const float *x, float *image)
{
    double u = w->u0 + w->ux * ix + w->uz * iz, v = w->v0 + w->vx * ix + w->vz * iz;
    piece p;

    if (w->straight) {
        if (straight(w, f, u, y0, y1, &p)) {
            float *r = image + pixel(f, &p);
            spread_straight(p.length, p.c, x + p.y, r, r + f->stride);
        }
        return;
    }
    if (w->oblique) {
        scatter(w, f, u, v, y0, y1, x, image);
        return;
    }
    for (int y = y0; y < y1;) {
        y = cut(w, f, u, v, y, y1, &p);
        if (p.seen) {
            float *r = image + pixel(f, &p);
            spread(&p, x + p.y, r, r + f->stride);
        }
    }
}

void aet_column_adjoint(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        float *x, const float *image)
{
    double u = w->u0 + w->ux * ix + w->uz * iz, v = w->v0 + w->vx * ix + w->vz * iz;
    piece p;

    if (w->straight) {
        if (straight(w, f, u, y0, y1, &p)) {
            const float *r = image + pixel(f, &p);
            collect_straight(p.length, p.c, x + p.y, r, r + f->stride);
        }
        return;
    }
    if (w->oblique) {
        gather(w, f, u, v, y0, y1, x, image);
        return;
    }
    for (int y = y0; y < y1;) {
        y = cut(w, f, u, v, y, y1, &p);
        if (p.seen) {
            const float *r = image + pixel(f, &p);
            collect(&p, x + p.y, r, r + f->stride);
        }
    }
}
