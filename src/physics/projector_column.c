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

/* ---- columns that follow v but for a slow drift ---- */

/* A run of voxels that follow the pixels along v without a jump: voxel k is
 * shared between pixels v + k and v + k + 1, and along u it is seen at u + k du. */
typedef struct {
    int y, length, v;
    float fv, dfv; /* share of v + k + 1: fv + k dfv */
    double u, du;
    float per_width,
        most; /* share of a row at distance d: most - d per_width, clamped to 0 ... 1 */
} piece;

/* Voxels until floor(fraction + k slope) changes; at least 1 (a fraction may round to 1). */
static inline double room(double fraction, double slope, double per_slope)
{
    double up = (1 - fraction) * per_slope, down = fraction * per_slope;

    if (slope > 0)
        return up > 1 ? ceil(up) : 1;
    return floor(down) + 1;
}

/* Cuts the piece that starts at voxel y, where the column's voxel 0 is seen at (u, v),
 * and leaves out of it what falls beside the image along v; gives the voxel after it. */
static inline int cut(const aet_view *w, const aet_frame *f, double u, double v, int y, int y1,
                      piece *p)
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
    p->u = u + w->uy * p->y;
    p->du = w->uy;
    p->per_width = (float)w->per_width;
    p->most = (float)((1 + w->width) / 2 * w->per_width);
    return y + length;
}

/* The rows that a piece of n voxels touches, within the image. */
static inline void rows_of(const piece *p, const aet_frame *f, int *low, int *high)
{
    double a = p->u, b = p->u + p->du * (p->length - 1);

    *low = (int)floor(a < b ? a : b);
    *high = (int)floor(a < b ? b : a) + 1;
    *low = *low < 0 ? 0 : *low;
    *high = *high < f->nu ? *high : f->nu - 1;
}

/* The voxels that may touch a row, n at most, from a whole block on. */
static inline void reach_of(const piece *p, const aet_view *w, int row, int n, int *low, int *high)
{
    *low = 0;
    *high = n;
    if (w->uy == 0)
        return;
    double a = (row - p->u) * w->per_uy * (w->uy > 0 ? 1 : -1),
           far = w->per_uy * (1 + w->width) / 2 + 1;
    if (a - far > 0)
        *low = (int)(a - far) & ~(LANES - 1);
    if (a + far < n)
        *high = (int)(a + far) + 1;
}

/* Divides n voxels over the n + 1 pixels along v: what stays at k, and what passes from k - 1. */
static void divide(const piece *p, const float *x, float *restrict stay, float *restrict pass)
{
    float fv = p->fv, dfv = p->dfv;
    const float *before = x - 1;
    int n = p->length;

    for (unsigned k = 0, end = blocks(n + 1); k != end; k++) {
        float here = x[k], last = before[k], f = fv + (float)(int)k * dfv;
        here = (int)k < n ? here : 0;
        last = k > 0 && (int)k <= n ? last : 0;
        stay[k] = here - f * here;
        pass[k] = (f - dfv) * last;
    }
}

/* d0: distance of the first pixel's voxel from the row */
static void spread(const piece *p, float d0, int n, const float *stay, const float *pass, float *r)
{
    float du = (float)p->du, most = p->most, per = p->per_width;

#pragma GCC ivdep
    for (unsigned k = 0, end = blocks(n); k != end; k++) {
        float d = d0 + (float)(int)k * du;
        float here = clamp(most - per * fabsf(d)), last = clamp(most - per * fabsf(d - du));
        r[k] += here * stay[k] + last * pass[k];
    }
}

/* The same for the adjoint, of n voxels; f0: the first one's share of the next pixel. */
static void collect(const piece *p, float d0, float f0, int n, float *x, const float *r)
{
    float du = (float)p->du, most = p->most, per = p->per_width, dfv = p->dfv;

#pragma GCC ivdep
    for (unsigned k = 0, end = blocks(n); k != end; k++) {
        float at = (float)(int)k, share = clamp(most - per * fabsf(d0 + at * du));
        float sum = share * (r[k] + (f0 + at * dfv) * (r[k + 1] - r[k]));
        x[k] += (int)k < n ? sum : 0;
    }
}

static inline ptrdiff_t pixel(const aet_frame *f, int row, int v)
{
    return (ptrdiff_t)(row + RIM) * f->stride + v + LANES;
}

static void piece_forward(const piece *p, const aet_view *w, const aet_frame *f, const float *x,
                          float *image)
{
    float stay[RUN_MAX + 2 * LANES], pass[RUN_MAX + 2 * LANES];
    int first, last, low, high;

    divide(p, x + p->y, stay, pass);
    rows_of(p, f, &first, &last);
    for (int row = first; row <= last; row++) {
        reach_of(p, w, row, p->length + 1, &low, &high);
        if (low < high)
            spread(p, (float)(p->u - row + low * p->du), high - low, stay + low, pass + low,
                   image + pixel(f, row, p->v + low));
    }
}

static void piece_adjoint(const piece *p, const aet_view *w, const aet_frame *f, float *x,
                          const float *image)
{
    int first, last, low, high;

    rows_of(p, f, &first, &last);
    for (int row = first; row <= last; row++) {
        reach_of(p, w, row, p->length, &low, &high);
        if (low < high)
            collect(p, (float)(p->u - row + low * p->du), p->fv + (float)low * p->dfv, high - low,
                    x + p->y + low, image + pixel(f, row, p->v + low));
    }
}

/* ---- plain tilts: one piece, constant weights, no share between pixels along v ---- */

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
static inline bool straight(const aet_view *w, const aet_frame *f, double u, int y0, int y1, int *y,
                            int *length, float *c, ptrdiff_t *at)
{
    double row = floor(u);
    int shift = (int)w->v0, low = -shift > y0 ? -shift : y0;
    int high = f->nv - shift < y1 ? f->nv - shift : y1;

    if (low >= high || !(row >= -1 && row < f->nu))
        return false;
    *y = low;
    *length = high - low;
    *c = clamp((float)((u - row - (1 - w->width) / 2) * w->per_width));
    *at = pixel(f, (int)row, low + shift);
    return true;
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
    int y, length;
    float c;
    ptrdiff_t at;
    piece p;

    if (w->straight) {
        if (straight(w, f, u, y0, y1, &y, &length, &c, &at))
            spread_straight(length, c, x + y, image + at, image + at + f->stride);
    } else if (w->oblique) {
        scatter(w, f, u, v, y0, y1, x, image);
    } else {
        for (y = y0; y < y1;) {
            y = cut(w, f, u, v, y, y1 < y + RUN_MAX ? y1 : y + RUN_MAX, &p);
            if (p.length > 0)
                piece_forward(&p, w, f, x, image);
        }
    }
}

void aet_column_adjoint(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        float *x, const float *image)
{
    double u = w->u0 + w->ux * ix + w->uz * iz, v = w->v0 + w->vx * ix + w->vz * iz;
    int y, length;
    float c;
    ptrdiff_t at;
    piece p;

    if (w->straight) {
        if (straight(w, f, u, y0, y1, &y, &length, &c, &at))
            collect_straight(length, c, x + y, image + at, image + at + f->stride);
    } else if (w->oblique) {
        gather(w, f, u, v, y0, y1, x, image);
    } else {
        for (y = y0; y < y1;) {
            y = cut(w, f, u, v, y, y1 < y + RUN_MAX ? y1 : y + RUN_MAX, &p);
            if (p.length > 0)
                piece_adjoint(&p, w, f, x, image);
        }
    }
}
