#include "physics/projector_priv.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static inline float clamp(float c)
{
    return c < 0 ? 0 : c > 1 ? 1 : c;
}

/* The loops below run over whole blocks of LANES, and are written so that the
 * compiler sees it and makes no scalar rest: unsigned counts, a multiple of LANES,
 * compared by !=.  ivdep: pixels of a row, of the next row and voxels do not overlap. */
static inline unsigned blocks(int n)
{
    return ((unsigned)n + LANES - 1) / LANES * LANES;
}

/* ---- columns that run along v but for a slow drift ---- */

/* A run of voxels that follow the pixels along v without a jump: voxel k is
 * shared between pixels v + k and v + k + 1. */
typedef struct {
    int y, length, v;
    float fv, dfv; /* share of v + k + 1: fv + k dfv */
} piece;

/* Voxels until floor(fraction + k slope) changes; at least 1 (a fraction may round to 1). */
static inline double room(double fraction, double slope, double per_slope)
{
    double up = (1 - fraction) * per_slope, down = fraction * per_slope;

    if (slope > 0)
        return up > 1 ? ceil(up) : 1;
    return floor(down) + 1;
}

/* Cuts the piece that starts at voxel y, where the column's voxel 0 is seen at v, and
 * leaves out of it what falls beside the image along v; gives the voxel after it. */
static inline int cut(const aet_view *w, const aet_frame *f, double v, int y, int y1, piece *p)
{
    double shift = v + w->vy * y, whole = floor(shift), fv = shift - whole, drift = w->vy - 1;
    double reach = y1 - y;

    if (drift != 0 && room(fv, drift, w->per_drift) < reach)
        reach = room(fv, drift, w->per_drift);
    int length = (int)reach, first = (int)whole;
    int skip = -1 - first > 0 ? -1 - first : 0;
    int stop = f->nv - first < length ? f->nv - first : length;
    p->y = y + skip;
    p->v = first + skip;
    p->length = stop - skip;
    p->fv = (float)(fv + skip * drift);
    p->dfv = (float)drift;
    return y + length;
}

static inline ptrdiff_t pixel(const aet_frame *f, int row, int v)
{
    return (ptrdiff_t)(row + RIM) * f->stride + v + LANES;
}

/* The row of a column seen at u and the next one's share; false if it is not seen. */
static inline bool row_of(const aet_view *w, const aet_frame *f, double u, int *row, float *c)
{
    double whole = floor(u);

    *row = (int)whole;
    *c = clamp((float)((u - whole - (1 - w->width) / 2) * w->per_width));
    return whole >= -1 && whole < f->nu;
}

/* n voxels to n + 1 pixels of two rows: pixel k gets what voxel k keeps and what k - 1 passes on. */
static void spread(const piece *p, float c, const float *x, float *r0, float *r1)
{
    float fv = p->fv, dfv = p->dfv, d = 1 - c;
    const float *before = x - 1;
    int n = p->length;

#pragma GCC ivdep
    for (unsigned k = 0, end = blocks(n + 1); k != end; k++) {
        float here = x[k], last = before[k], f = fv + (float)(int)k * dfv;
        here = (int)k < n ? here : 0;
        last = k > 0 && (int)k <= n ? last : 0;
        float sum = here - f * here + (f - dfv) * last;
        r0[k] += d * sum;
        r1[k] += c * sum;
    }
}

static void collect(const piece *p, float c, float *x, const float *r0, const float *r1)
{
    float fv = p->fv, dfv = p->dfv, d = 1 - c;
    const float *next0 = r0 + 1, *next1 = r1 + 1;
    int n = p->length;

#pragma GCC ivdep
    for (unsigned k = 0, end = blocks(n); k != end; k++) {
        float here = d * r0[k] + c * r1[k], next = d * next0[k] + c * next1[k];
        float sum = here + (fv + (float)(int)k * dfv) * (next - here);
        x[k] += (int)k < n ? sum : 0;
    }
}

/* ---- plain tilts: one piece, no share between pixels along v ---- */

static void spread_straight(int n, float c, const float *x, float *r0, float *r1)
{
    float d = 1 - c;

#pragma GCC ivdep
    for (unsigned k = 0, end = blocks(n); k != end; k++) {
        float here = x[k];
        here = (int)k < n ? here : 0;
        r0[k] += d * here;
        r1[k] += c * here;
    }
}

static void collect_straight(int n, float c, float *x, const float *r0, const float *r1)
{
    float d = 1 - c;

#pragma GCC ivdep
    for (unsigned k = 0, end = blocks(n); k != end; k++) {
        float sum = d * r0[k] + c * r1[k];
        x[k] += (int)k < n ? sum : 0;
    }
}

/* The only piece of a column under a plain tilt; false if it is not seen. */
static inline bool straight(const aet_view *w, const aet_frame *f, int y0, int y1, int *y,
                            int *length, int *v)
{
    int shift = (int)w->v0, low = -shift > y0 ? -shift : y0;
    int high = f->nv - shift < y1 ? f->nv - shift : y1;

    *y = low;
    *length = high - low;
    *v = low + shift;
    return low < high;
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

void aet_column_forward(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        const float *x, float *image)
{
    double u = w->u0 + w->ux * ix + w->uz * iz, v = w->v0 + w->vx * ix + w->vz * iz;
    int row, y, length, at;
    float c;
    piece p;

    if (w->oblique) {
        scatter(w, f, u, v, y0, y1, x, image);
        return;
    }
    if (!row_of(w, f, u, &row, &c))
        return;
    float *r = image + pixel(f, row, 0);
    if (w->straight) {
        if (straight(w, f, y0, y1, &y, &length, &at))
            spread_straight(length, c, x + y, r + at, r + at + f->stride);
        return;
    }
    for (y = y0; y < y1;) {
        y = cut(w, f, v, y, y1, &p);
        if (p.length > 0)
            spread(&p, c, x + p.y, r + p.v, r + p.v + f->stride);
    }
}

void aet_column_adjoint(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        float *x, const float *image)
{
    double u = w->u0 + w->ux * ix + w->uz * iz, v = w->v0 + w->vx * ix + w->vz * iz;
    int row, y, length, at;
    float c;
    piece p;

    if (w->oblique) {
        gather(w, f, u, v, y0, y1, x, image);
        return;
    }
    if (!row_of(w, f, u, &row, &c))
        return;
    const float *r = image + pixel(f, row, 0);
    if (w->straight) {
        if (straight(w, f, y0, y1, &y, &length, &at))
            collect_straight(length, c, x + y, r + at, r + at + f->stride);
        return;
    }
    for (y = y0; y < y1;) {
        y = cut(w, f, v, y, y1, &p);
        if (p.length > 0)
            collect(&p, c, x + p.y, r + p.v, r + p.v + f->stride);
    }
}
