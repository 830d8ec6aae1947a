/* Which points of the Fourier grid images measure (Pryor et al., Sci. Rep. 7, 10409 (2017)).
 *
 * The transform of a projection is a central plane of the object's transform.  A grid point k is
 * measured by an image when it lies nearer than the radius to that plane (DFT gridding: its value is
 * the image's transform at the foot of k) or when a sample of the image's padded transform lies so
 * near to it (FFT gridding; with a radius above one half a sample may measure several points).  Several
 * images are averaged with weights 1 / distance. */
#include "aetlas/num/fft.h"
#include "aetlas/physics/geometry.h"
#include "recon/fourier_priv.h"
#include <math.h>
#include <stdlib.h>

/* A point exactly in a plane would have infinite weight; value of the published codes. */
#define LEAST_DISTANCE 1e-5

typedef struct {
    const recon_grid *g;
    double R[3][3];
    int limit, first_ky, last_ky;
    recon_foot_fn fn;
    void *context;
} feet;

int recon_grid_size(int nx, int ny, const int size[3], double oversampling)
{
    int side = nx > ny ? nx : ny;

    for (int a = 0; a < 3; a++)
        side = size[a] > side ? size[a] : side;
    return aet_fft_good_size((int)ceil(side * oversampling));
}

/* y is the axis of every tilt, up to rounding. */
static bool single_axis(const aet_tilt *t)
{
    bool single = true;

    for (int i = 0; i < t->n; i++) {
        double R[3][3];
        aet_rotation(t->angles_deg[i], R);
        single &= fabs(R[1][0]) < 1e-9 && fabs(R[1][2]) < 1e-9 && R[1][1] > 0;
    }
    return single;
}

recon_grid recon_grid_of(const aet_tilt *tilt, const int size[3], const aet_recon_params *p)
{
    recon_grid g = {.m = recon_grid_size(tilt->nx, tilt->ny, size, p->oversampling),
                    .step = 1,
                    .params = p,
                    .limit = (aet_recon_limit)p->limit};
    bool single = single_axis(tilt);

    if (g.limit == AET_LIMIT_AUTO)
        g.limit = single ? AET_LIMIT_CYLINDER : AET_LIMIT_SPHERE;
    /* samples that reach over to the next ky measure less at the ends of ky */
    bool reach = p->gridding == AET_GRIDDING_FFT && p->radius >= 1;
    g.columns = single && g.limit != AET_LIMIT_SPHERE && !reach;
    return g;
}

double recon_length2(const recon_grid *g, int kx, int ky, int kz)
{
    double y = g->limit == AET_LIMIT_CYLINDER || g->columns ? 0 : ky;

    return (double)kx * kx + y * y + (double)kz * kz;
}

double recon_reach2(const recon_grid *g, double cutoff)
{
    double reach = (1 - cutoff) * g->m / 2;

    return reach < 0 ? -1 : reach * reach;
}

static double along(const double axis[3], const int k[3])
{
    return axis[0] * k[0] + axis[1] * k[1] + axis[2] * k[2];
}

static bool too_long(const feet *f, const int k[3])
{
    double half = f->g->m / 2.0;

    return f->g->limit != AET_LIMIT_NONE && recon_length2(f->g, k[0], k[1], k[2]) > half * half;
}

/* ---- DFT gridding ---- */

static void dft_point(const feet *f, const int k[3])
{
    double distance = fabs(along(f->R[2], k)), half = f->g->m / 2.0;
    double k1 = along(f->R[0], k), k2 = along(f->R[1], k);

    if (distance >= f->g->params->radius || fabs(k1) > half || fabs(k2) > half || too_long(f, k))
        return;
    recon_foot foot = {
        .k = {k[0], k[1], k[2]}, .k1 = k1, .k2 = k2, .weight = 1 / fmax(distance, LEAST_DISTANCE)};
    f->fn(f->context, &foot);
}

/* The range of kz in which |n.k| < radius. */
static void kz_range(const feet *f, int kx, int ky, int *low, int *high)
{
    double n = f->R[2][2], rest = f->R[2][0] * kx + f->R[2][1] * ky;
    double r = f->g->params->radius;

    *low = -f->limit;
    *high = f->limit;
    if (fabs(n) * f->g->m < r) /* the plane holds the whole line or nothing of it */
        return;
    double a = (-rest - r) / n, b = (-rest + r) / n;
    *low = (int)fmax(*low, floor(fmin(a, b)));
    *high = (int)fmin(*high, ceil(fmax(a, b)));
}

static void dft_feet(const feet *f)
{
    for (int kx = f->g->first; kx <= f->limit; kx += f->g->step)
        for (int ky = f->first_ky; ky <= f->last_ky; ky++) {
            int low, high;
            if (too_long(f, (int[3]){kx, ky, 0}))
                continue;
            kz_range(f, kx, ky, &low, &high);
            for (int kz = low; kz <= high; kz++)
                dft_point(f, (int[3]){kx, ky, kz});
        }
}

/* ---- FFT gridding ---- */

/* Whole numbers as near as can be; halves go up. */
static int nearest(double p)
{
    return (int)floor(p + 0.5);
}

/* A grid point k, at the square distance d2 of the sample. */
static void fft_point(const feet *f, recon_foot *foot, double d2)
{
    const recon_grid *g = f->g;

    if (foot->k[0] < g->first || foot->k[0] > f->limit || (foot->k[0] - g->first) % g->step != 0)
        return;
    if (foot->k[1] < f->first_ky || foot->k[1] > f->last_ky || abs(foot->k[2]) > f->limit ||
        sqrt(d2) > g->params->radius || too_long(f, foot->k))
        return;
    foot->weight = 1 / (sqrt(d2) + LEAST_DISTANCE);
    f->fn(f->context, foot);
}

/* The sample (k1, k2) goes to the grid points near R^T (k1, k2, 0): the nearest of all, and others where
 * the radius reaches them. */
static void fft_sample(const feet *f, int k1, int k2)
{
    int reach = (int)ceil(f->g->params->radius - 0.5);
    double p[3];

    for (int a = 0; a < 3; a++)
        p[a] = f->R[0][a] * k1 + f->R[1][a] * k2;
    if (p[0] + reach + 1 < 0) /* in the half that is not stored */
        return;
    for (int dx = -reach; dx <= reach; dx++)
        for (int dy = -reach; dy <= reach; dy++)
            for (int dz = -reach; dz <= reach; dz++) {
                const int k[3] = {nearest(p[0]) + dx, nearest(p[1]) + dy, nearest(p[2]) + dz};
                recon_foot foot = {.k = {k[0], k[1], k[2]}, .k1 = k1, .k2 = k2};
                double d2 = (p[0] - k[0]) * (p[0] - k[0]) + (p[1] - k[1]) * (p[1] - k[1]) +
                            (p[2] - k[2]) * (p[2] - k[2]);
                fft_point(f, &foot, d2);
            }
}

/* Of the grid of columns, exactly what makes it one. */
static void rotation(const recon_grid *g, const double angles_deg[3], double R[3][3])
{
    aet_rotation(angles_deg, R);
    if (g->columns) {
        R[0][1] = R[1][0] = R[1][2] = R[2][1] = 0;
        R[1][1] = 1;
    }
}

void recon_feet(const recon_grid *g, const double angles_deg[3], recon_foot_fn fn, void *context)
{
    feet f = {.g = g, .limit = (g->m - 1) / 2, .fn = fn, .context = context};

    /* The planes at exactly -m/2 are left out: they are their own mates and hold no definite phase,
     * except along the axis of columns, which have all of ky. */
    f.last_ky = g->flat ? 0 : f.limit;
    f.first_ky = g->flat ? 0 : g->columns ? -(g->m / 2) : -f.limit;
    rotation(g, angles_deg, f.R);
    if (g->params->gridding == AET_GRIDDING_DFT) {
        dft_feet(&f);
        return;
    }
    for (int k2 = f.first_ky; k2 <= f.last_ky; k2++)
        for (int k1 = -f.limit; k1 <= f.limit; k1++)
            fft_sample(&f, k1, k2);
}
