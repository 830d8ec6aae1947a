/* Oblique views: with a few degrees of phi and psi a column of voxels, along y, is seen slanted by
 * shear = uy / vy pixels of u per pixel of v.  So it is first projected to a sheared image, where it runs
 * along v as under a plain tilt, one pair of rows per column; and this image, not the volume, is sheared:
 * an interpolation along u alone, by six points per pixel, whose weights depend on v alone.  They are a sinc
 * under a Kaiser window, made to sum to 1, so that mass is kept and nothing is blurred. */
#include "aetlas/data/units.h"
#include "aetlas/num/special.h"
#include "physics/projector_priv.h"
#include <math.h>
#include <string.h>

enum { TAPS = AET_SHEAR_TAPS };
/* The best compromise at six points: right to 1 % up to 0.38 of the sampling frequency, and to
 * 1e-3 up to 0.27. */
#define KAISER 5.0

/* Where pixel (u, v) of the image lies in the view, relative to u. */
static double slant(const aet_view *w, int v)
{
    return -w->shear * (v - w->pivot);
}

int aet_shear_rim(const aet_view *w, int nv)
{
    return w->shear == 0 ? 0 : (int)ceil(fmax(fabs(slant(w, 0)), fabs(slant(w, nv)))) + TAPS / 2;
}

static double kernel(double t)
{
    double u = t / (TAPS / 2);

    return u * u < 1 ? aet_sinc(AET_PI * t) * aet_bessel_i0(KAISER * sqrt(1 - u * u)) : 0;
}

void aet_shear_weights(const aet_view *w, int nv, float *taps)
{
    for (int v = 0; v < nv; v++) {
        double at = slant(w, v), f = at - floor(at), share[TAPS], sum = 0;
        for (int j = 0; j < TAPS; j++)
            sum += share[j] = kernel(f + TAPS / 2 - 1 - j);
        for (int j = 0; j < TAPS; j++)
            taps[j * nv + v] = (float)(share[j] / sum);
    }
}

/* Pixels from v on that have their six rows in common, and the first of these, relative to u. */
static int common(const aet_view *w, int v, int nv, int *row)
{
    int end = v + 1;

    *row = (int)floor(slant(w, v)) - TAPS / 2 + 1 + aet_shear_rim(w, nv);
    while (end < nv && floor(slant(w, end)) == floor(slant(w, v)))
        end++;
    return end;
}

static inline int64_t at(const aet_frame *f, int row, int v)
{
    return (int64_t)(row + RIM) * f->stride + v + LANES;
}

void aet_shear_forward(const aet_view *w, const aet_frame *f, const float *taps, const float *frame,
                       int nu, float *image)
{
    int nv = f->nv, row;

    for (int v0 = 0, v1; v0 < nv; v0 = v1) {
        v1 = common(w, v0, nv, &row);
        for (int u = 0; u < nu; u++) {
            float *to = image + (int64_t)u * nv;
            memset(to + v0, 0, (size_t)(v1 - v0) * sizeof *to);
            for (int j = 0; j < TAPS; j++) {
                const float *from = frame + at(f, row + u + j, 0), *share = taps + j * nv;
                for (int v = v0; v < v1; v++)
                    to[v] += share[v] * from[v];
            }
        }
    }
}

void aet_shear_adjoint(const aet_view *w, const aet_frame *f, const float *taps, const float *image,
                       int nu, float *frame)
{
    int nv = f->nv, row;

    for (int v0 = 0, v1; v0 < nv; v0 = v1) {
        v1 = common(w, v0, nv, &row);
        for (int u = 0; u < nu; u++) {
            const float *from = image + (int64_t)u * nv;
            for (int j = 0; j < TAPS; j++) {
                float *restrict to = frame + at(f, row + u + j, 0);
                const float *share = taps + j * nv;
                for (int v = v0; v < v1; v++)
                    to[v] += share[v] * from[v];
            }
        }
    }
}
