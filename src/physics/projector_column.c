#include "physics/projector_priv.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* A run of voxels of one column on which the pixels touched follow each other without a jump: voxel
 * k goes to pixels (row + j, v + k) and (row + j, v + k + 1), with weights linear in k. */
typedef struct {
    int y, length;
    int row, v;
    float fv, dfv;           /* fraction of voxel k along v: fv + k dfv */
    float w[TAPS], dw[TAPS]; /* weight of tap j: w[j] + k dw[j] */
    bool seen;               /* some of it lies in the image */
    bool flat;               /* weights are constant */
    bool aligned;            /* and v falls on whole pixels */
} piece;

/* Voxels until floor(fraction + k slope) changes; at least 1. */
static double room(double fraction, double slope)
{
    if (slope > 0)
        return fmax(ceil((1 - fraction) / slope), 1); /* a fraction may round to 1 */
    if (slope < 0)
        return floor(fraction / -slope) + 1;
    return RUN_MAX;
}

/* Weights along u of the piece that starts at position u; gives how long they stay linear. */
static double cut_u(const aet_view *w, double u, piece *p)
{
    double floors[OFFSETS], reach = RUN_MAX, low = INFINITY;
    double share = 1.0 / w->n_offsets;

    for (int k = 0; k < w->n_offsets; k++) {
        floors[k] = floor(u + w->offset[k]);
        low = fmin(low, floors[k]);
        if (w->uy != 0)
            reach = fmin(reach, room(u + w->offset[k] - floors[k], w->uy));
    }
    for (int j = 0; j < TAPS; j++)
        p->w[j] = p->dw[j] = 0;
    for (int k = 0; k < w->n_offsets; k++) {
        int j = (int)(floors[k] - low);
        double fraction = u + w->offset[k] - floors[k];
        p->w[j] += (float)(share * (1 - fraction));
        p->dw[j] -= (float)(share * w->uy);
        p->w[j + 1] += (float)(share * fraction);
        p->dw[j + 1] += (float)(share * w->uy);
    }
    p->row = (int)low;
    return reach;
}

/* Leaves out the voxels that fall beside the image along v. */
static void clip_v(const aet_frame *f, piece *p)
{
    int skip = -1 - p->v > 0 ? -1 - p->v : 0;
    int stop = f->nv - p->v < p->length ? f->nv - p->v : p->length;

    p->seen = skip < stop && p->row >= -RIM_LOW && p->row < f->nu;
    p->y += skip;
    p->v += skip;
    p->length = stop - skip;
    p->fv += (float)skip * p->dfv;
    for (int j = 0; j < TAPS; j++)
        p->w[j] += (float)skip * p->dw[j];
}

/* Cuts the piece that starts at voxel y, where the column's voxel 0 is seen at (u, v); gives the
 * voxel after it. */
static int cut(const aet_view *w, const aet_frame *f, double u, double v, int y, int y1, piece *p)
{
    double reach = cut_u(w, u + w->uy * y, p);
    double shift = v + w->vy * y, whole = floor(shift);
    double slope = w->vy - 1;

    if (slope != 0)
        reach = fmin(reach, room(shift - whole, slope));
    p->length = (int)fmin(reach, y1 - y);
    p->y = y;
    p->v = (int)whole;
    p->fv = (float)(shift - whole);
    p->dfv = (float)slope;
    p->flat = w->uy == 0;
    p->aligned = p->flat && p->fv == 0 && p->dfv == 0;
    int next = y + p->length;
    clip_v(f, p);
    return next;
}

/* ---- forward ---- */

static void add2(float *restrict r0, float *restrict r1, const float *restrict g, const float *w,
                 int n)
{
    float w0 = w[0], w1 = w[1];

    for (int k = 0; k < n; k++) {
        r0[k] += w0 * g[k];
        r1[k] += w1 * g[k];
    }
}

static void add3(float *restrict r0, float *restrict r1, float *restrict r2,
                 const float *restrict g, const float *w, int n)
{
    float w0 = w[0], w1 = w[1], w2 = w[2];

    for (int k = 0; k < n; k++) {
        r0[k] += w0 * g[k];
        r1[k] += w1 * g[k];
        r2[k] += w2 * g[k];
    }
}

static void add3_sloped(float *restrict r0, float *restrict r1, float *restrict r2,
                        const float *restrict g, const float *restrict h, const float *w,
                        const float *dw, int n)
{
    float w0 = w[0], w1 = w[1], w2 = w[2], d0 = dw[0], d1 = dw[1], d2 = dw[2];

    for (int k = 0; k < n; k++) {
        r0[k] += w0 * g[k] + d0 * h[k];
        r1[k] += w1 * g[k] + d1 * h[k];
        r2[k] += w2 * g[k] + d2 * h[k];
    }
}

/* Spreads n voxels over the n + 1 pixels along v: g, and h the same with voxel k weighted by k. */
static void spread_v(const piece *p, const float *restrict x, float *restrict g, float *restrict h)
{
    float up[RUN_MAX + 1];
    int n = p->length;

    up[0] = 0;
    for (int k = 0; k < n; k++)
        up[k + 1] = (p->fv + (float)k * p->dfv) * x[k];
    for (int k = 0; k < n; k++) {
        float stay = x[k] - up[k + 1];
        g[k] = stay + up[k];
        h[k] = (float)k * stay + (float)(k - 1) * up[k];
    }
    g[n] = up[n];
    h[n] = (float)(n - 1) * up[n];
}

static void piece_forward(const piece *p, const aet_frame *f, int taps, const float *x,
                          float *image)
{
    float g[RUN_MAX + 1], h[RUN_MAX + 1];
    float *r = image + (ptrdiff_t)(p->row + RIM_LOW) * f->stride + p->v + RIM_LOW;
    int n = p->length;

    if (!p->aligned) {
        spread_v(p, x, g, h);
        x = g;
        n++;
    }
    if (!p->flat)
        add3_sloped(r, r + f->stride, r + 2 * f->stride, x, h, p->w, p->dw, n);
    else if (taps == 2)
        add2(r, r + f->stride, x, p->w, n);
    else
        add3(r, r + f->stride, r + 2 * f->stride, x, p->w, n);
}

/* ---- adjoint ---- */

static void take2(float *restrict x, const float *restrict r0, const float *restrict r1,
                  const float *w, int n)
{
    float w0 = w[0], w1 = w[1];

    for (int k = 0; k < n; k++)
        x[k] += w0 * r0[k] + w1 * r1[k];
}

static void take3(float *restrict x, const float *restrict r0, const float *restrict r1,
                  const float *restrict r2, const float *w, int n)
{
    float w0 = w[0], w1 = w[1], w2 = w[2];

    for (int k = 0; k < n; k++)
        x[k] += w0 * r0[k] + w1 * r1[k] + w2 * r2[k];
}

static void take3_sloped(float *restrict x, const float *restrict r0, const float *restrict r1,
                         const float *restrict r2, const piece *p, int n)
{
    float w0 = p->w[0], w1 = p->w[1], w2 = p->w[2];
    float d0 = p->dw[0], d1 = p->dw[1], d2 = p->dw[2], fv = p->fv, dfv = p->dfv;

    for (int k = 0; k < n; k++) {
        float a0 = w0 + (float)k * d0, a1 = w1 + (float)k * d1, a2 = w2 + (float)k * d2;
        float here = a0 * r0[k] + a1 * r1[k] + a2 * r2[k];
        float next = a0 * r0[k + 1] + a1 * r1[k + 1] + a2 * r2[k + 1];
        x[k] += here + (fv + (float)k * dfv) * (next - here);
    }
}

static void piece_adjoint(const piece *p, const aet_frame *f, int taps, float *x,
                          const float *image)
{
    const float *r = image + (ptrdiff_t)(p->row + RIM_LOW) * f->stride + p->v + RIM_LOW;

    if (!p->aligned)
        take3_sloped(x, r, r + f->stride, r + 2 * f->stride, p, p->length);
    else if (taps == 2)
        take2(x, r, r + f->stride, p->w, p->length);
    else
        take3(x, r, r + f->stride, r + 2 * f->stride, p->w, p->length);
}

void aet_column_forward(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        const float *x, float *image)
{
    double u = w->u0 + w->ux * ix + w->uz * iz, v = w->v0 + w->vx * ix + w->vz * iz;
    int taps = w->n_offsets == 1 ? 2 : 3;
    piece p;

    for (int y = y0; y < y1;) {
        y = cut(w, f, u, v, y, y1, &p);
        if (p.seen)
            piece_forward(&p, f, taps, x + p.y, image);
    }
}

void aet_column_adjoint(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        float *x, const float *image)
{
    double u = w->u0 + w->ux * ix + w->uz * iz, v = w->v0 + w->vx * ix + w->vz * iz;
    int taps = w->n_offsets == 1 ? 2 : 3;
    piece p;

    for (int y = y0; y < y1;) {
        y = cut(w, f, u, v, y, y1, &p);
        if (p.seen)
            piece_adjoint(&p, f, taps, x + p.y, image);
    }
}
