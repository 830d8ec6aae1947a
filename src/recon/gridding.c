/* From images to measured points of the Fourier grid (Pryor et al., Sci. Rep. 7, 10409 (2017)).
 *
 * The transform of a projection is a central plane of the object's transform.  A grid point k is
 * measured by image i when it lies nearer than the radius to that plane; several images are
 * averaged with weights 1 / distance. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "aetlas/physics/geometry.h"
#include "recon/recon_priv.h"
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A point exactly in a plane would have infinite weight; value of the published codes. */
#define LEAST_DISTANCE 1e-5

typedef struct {
    uint64_t index : 63;
    uint64_t apart : 1; /* from images withheld only */
    double weight;
    double re, im;
} sample;

typedef struct {
    sample *items;
    int64_t n, room;
} sample_list;

typedef struct {
    const recon_grid *grid;
    const aet_tilt *tilt;
    sample_list list;
    bool *apart; /* [tilt->n]: images withheld */
    int i;       /* image at hand */
    double R[3][3];
    /* DFT gridding: the images' sums along y at frequency k2, and the last k2 */
    double last_k2;
    double *sum_re, *sum_im; /* [nx] */
} gridder;

int recon_grid_size(int nx, int ny, const int size[3], double oversampling)
{
    int side = nx > ny ? nx : ny;

    for (int a = 0; a < 3; a++)
        side = size[a] > side ? size[a] : side;
    return aet_fft_good_size((int)ceil(side * oversampling));
}

static aet_err list_add(sample_list *l, sample s)
{
    if (l->n == l->room) {
        int64_t room = l->room ? 2 * l->room : 4096;
        sample *more = NULL;
        AET_TRY(AET_ARRAY(room, "measured Fourier points", &more));
        if (l->n > 0)
            memcpy(more, l->items, (size_t)l->n * sizeof *more);
        aet_release(&l->items);
        l->items = more;
        l->room = room;
    }
    l->items[l->n++] = s;
    return AET_OK;
}

/* Index of k in this rank's spectrum; -1 if it lies elsewhere or in the half that is not stored.
 * The planes at exactly -M/2 are left out: they are their own mates and hold no definite phase. */
static int64_t point_index(const recon_grid *g, const int k[3])
{
    int limit = (g->m - 1) / 2;
    int row = (k[1] + g->m) % g->m - g->ky0;

    if (k[0] < 0 || k[0] > limit || abs(k[1]) > limit || abs(k[2]) > limit)
        return -1;
    if (row < 0 || row >= g->ny)
        return -1;
    return ((int64_t)row * g->m + (k[2] + g->m) % g->m) * (g->m / 2 + 1) + k[0];
}

static double along(const double axis[3], const int k[3])
{
    return axis[0] * k[0] + axis[1] * k[1] + axis[2] * k[2];
}

static aet_err add(gridder *g, int64_t index, double weight, double complex f)
{
    return list_add(&g->list, (sample){.index = (uint64_t)index,
                                       .apart = g->apart[g->i],
                                       .weight = weight,
                                       .re = weight * creal(f),
                                       .im = weight * cimag(f)});
}

/* ---- DFT gridding ---- */

/* S(x) = sum_y b(x, y) exp(-2 pi i k2 y / M), y relative to the pivot. */
static void sum_along_y(gridder *g, double k2)
{
    const aet_tilt *t = g->tilt;
    const float *b = aet_tilt_image(t, g->i);

    memset(g->sum_re, 0, (size_t)t->nx * sizeof *g->sum_re);
    memset(g->sum_im, 0, (size_t)t->nx * sizeof *g->sum_im);
    for (int y = 0; y < t->ny; y++) {
        double a = -2 * AET_PI * k2 * (y - t->ny / 2) / g->grid->m;
        double c = cos(a), s = sin(a);
        const float *row = b + (int64_t)y * t->nx;
        double *restrict re = g->sum_re, *restrict im = g->sum_im;
        for (int x = 0; x < t->nx; x++) {
            re[x] += c * (double)row[x];
            im[x] += s * (double)row[x];
        }
    }
    g->last_k2 = k2;
}

/* The exact transform of image i at a frequency that need not be whole. */
static double complex image_transform(gridder *g, double k1, double k2)
{
    int nx = g->tilt->nx;
    double complex sum = 0;
    double angle = -2 * AET_PI * k1 / g->grid->m, first = -angle * (nx / 2);
    double complex turn = CMPLX(cos(angle), sin(angle)), e = CMPLX(cos(first), sin(first));

    if (!(k2 == g->last_k2)) /* also after NAN */
        sum_along_y(g, k2);
    for (int x = 0; x < nx; x++) {
        sum += CMPLX(g->sum_re[x], g->sum_im[x]) * e;
        e *= turn;
    }
    return sum;
}

static aet_err dft_point(gridder *g, const int k[3])
{
    int64_t index = point_index(g->grid, k);
    double distance = fabs(along(g->R[2], k)), half = g->grid->m / 2.0;
    double k1 = along(g->R[0], k), k2 = along(g->R[1], k);

    if (index < 0 || distance >= g->grid->params->radius)
        return AET_OK;
    if (fabs(k1) > half || fabs(k2) > half || (g->grid->params->circle && recon_length(k) > half))
        return AET_OK;
    double complex f = image_transform(g, k1, k2);
    return add(g, index, 1 / fmax(distance, LEAST_DISTANCE), f);
}

/* The range of kz in which |n.k| < radius. */
static void kz_range(const gridder *g, int kx, int ky, int *low, int *high)
{
    double n = g->R[2][2], rest = g->R[2][0] * kx + g->R[2][1] * ky;
    double r = g->grid->params->radius;
    int limit = (g->grid->m - 1) / 2;

    *low = -limit;
    *high = limit;
    if (fabs(n) * g->grid->m < r) /* the plane holds the whole line or nothing of it */
        return;
    double a = (-rest - r) / n, b = (-rest + r) / n;
    *low = (int)fmax(*low, floor(fmin(a, b)));
    *high = (int)fmin(*high, ceil(fmax(a, b)));
}

static aet_err dft_image(gridder *g)
{
    int limit = (g->grid->m - 1) / 2;

    g->last_k2 = (double)NAN;
    for (int row = 0; row < g->grid->ny; row++) {
        int ky = aet_fft_signed(g->grid->ky0 + row, g->grid->m);
        for (int kx = 0; kx <= limit; kx++) {
            int low, high;
            kz_range(g, kx, ky, &low, &high);
            for (int kz = low; kz <= high; kz++)
                AET_TRY(dft_point(g, (int[3]){kx, ky, kz}));
        }
    }
    return AET_OK;
}

/* ---- FFT gridding ---- */

static void pad_image(const aet_tilt *t, int i, int m, double *out)
{
    const float *b = aet_tilt_image(t, i);

    memset(out, 0, (size_t)m * (size_t)m * sizeof *out);
    for (int y = 0; y < t->ny; y++)
        for (int x = 0; x < t->nx; x++) {
            int py = (y - t->ny / 2 + m) % m, px = (x - t->nx / 2 + m) % m;
            out[(int64_t)py * m + px] = (double)b[(int64_t)y * t->nx + x];
        }
}

/* The sample (k1, k2) of image i goes to the grid point nearest to R^T (k1, k2, 0). */
static aet_err fft_sample(gridder *g, int k1, int k2, double complex f)
{
    int k[3];
    double d2 = 0;

    for (int a = 0; a < 3; a++) {
        double p = g->R[0][a] * k1 + g->R[1][a] * k2;
        k[a] = (int)lround(p);
        d2 += (p - k[a]) * (p - k[a]);
    }
    int64_t index = point_index(g->grid, k);
    if (index < 0 || sqrt(d2) > g->grid->params->radius)
        return AET_OK;
    if (g->grid->params->circle && recon_length(k) > g->grid->m / 2.0)
        return AET_OK;
    return add(g, index, 1 / (sqrt(d2) + LEAST_DISTANCE), f);
}

static aet_err fft_image(gridder *g, aet_fft2 *plan)
{
    int m = g->grid->m, limit = (m - 1) / 2;
    const double complex *f = aet_fft2_spectrum(plan);

    pad_image(g->tilt, g->i, m, aet_fft2_real(plan));
    aet_fft2_forward(plan);
    for (int k2 = -limit; k2 <= limit; k2++)
        for (int k1 = 0; k1 <= limit; k1++) {
            double complex here = f[(int64_t)((k2 + m) % m) * (m / 2 + 1) + k1];
            AET_TRY(fft_sample(g, k1, k2, here));
            if (k1 > 0) /* its Friedel mate */
                AET_TRY(fft_sample(g, -k1, -k2, conj(here)));
        }
    return AET_OK;
}

/* ---- samples to points ---- */

/* Also by weight and value, so that sums do not depend on how the sort treats equals. */
static int by_index(const void *a, const void *b)
{
    const sample *s = a, *t = b;

    if (s->index != t->index)
        return s->index < t->index ? -1 : 1;
    if (s->weight != t->weight)
        return s->weight < t->weight ? -1 : 1;
    return (s->re > t->re) - (s->re < t->re);
}

static void point_fill(const recon_grid *g, const sample *s, recon_point *p)
{
    int half = g->m / 2 + 1;
    int64_t index = (int64_t)s->index, line = index / half;
    int k[3] = {(int)(index % half), aet_fft_signed((int)(line / g->m) + g->ky0, g->m),
                aet_fft_signed((int)(line % g->m), g->m)};

    *p = (recon_point){.index = index,
                       .re = (float)(s->re / s->weight),
                       .im = (float)(s->im / s->weight),
                       .distance = (float)(recon_length(k) / (g->m / 2.0)),
                       .twice = k[0] > 0};
    if (g->params->withhold == AET_WITHHOLD_IMAGES)
        p->withheld = s->apart;
    else
        p->withheld = recon_withhold_point(g, k);
}

/* Sums the samples of each grid point. */
static int64_t merge(sample *s, int64_t n)
{
    int64_t out = 0;

    for (int64_t i = 0; i < n; i++) {
        if (out > 0 && s[out - 1].index == s[i].index) {
            s[out - 1].weight += s[i].weight;
            s[out - 1].re += s[i].re;
            s[out - 1].im += s[i].im;
            s[out - 1].apart &= s[i].apart;
        } else {
            s[out++] = s[i];
        }
    }
    return out;
}

static aet_err collect(gridder *g)
{
    aet_err err = AET_OK;
    aet_fft2 *plan = NULL;

    if (g->grid->params->gridding == AET_GRIDDING_FFT)
        AET_GO(aet_fft2_create(g->grid->m, g->grid->m, &plan));
    for (g->i = 0; g->i < g->tilt->n; g->i++) {
        aet_rotation(g->tilt->angles_deg[g->i], g->R);
        if (plan)
            AET_GO(fft_image(g, plan));
        else
            AET_GO(dft_image(g));
    }
done:
    aet_fft2_free(&plan);
    return err;
}

aet_err recon_points(const recon_grid *grid, const aet_tilt *tilt, recon_point **points, int64_t *n)
{
    aet_err err = AET_OK;
    gridder g = {.grid = grid, .tilt = tilt};

    *points = NULL;
    *n = 0;
    g.sum_re = AET_NEW(double, tilt->nx);
    g.sum_im = AET_NEW(double, tilt->nx);
    g.apart = AET_NEW(bool, tilt->n);
    if (grid->params->withhold == AET_WITHHOLD_IMAGES)
        recon_withhold_images(tilt, recon_withheld(grid->params), g.apart);
    AET_GO(collect(&g));
    if (g.list.n > 0)
        qsort(g.list.items, (size_t)g.list.n, sizeof *g.list.items, by_index);
    g.list.n = merge(g.list.items, g.list.n);
    AET_GO(AET_ARRAY(g.list.n, "measured Fourier points", points));
    for (int64_t i = 0; i < g.list.n; i++)
        point_fill(grid, g.list.items + i, *points + i);
    *n = g.list.n;
done:
    aet_release(&g.list.items);
    aet_release(&g.sum_re);
    aet_release(&g.sum_im);
    aet_release(&g.apart);
    return err;
}

void recon_points_turn(const recon_grid *g, const int size[3], recon_point *points, int64_t n)
{
    int half = g->m / 2 + 1;

    for (int64_t i = 0; i < n; i++) {
        recon_point *p = points + i;
        int64_t line = p->index / half;
        int64_t phase = (p->index % half) * (size[0] / 2) + (line / g->m + g->ky0) * (size[1] / 2) +
                        (line % g->m) * (size[2] / 2);
        double angle = -2 * AET_PI * (double)(phase % g->m) / g->m;
        double complex turn = CMPLX(cos(angle), sin(angle));
        double complex value = CMPLX((double)p->re, (double)p->im) * turn;
        p->re = (float)creal(value);
        p->im = (float)cimag(value);
    }
}

aet_err recon_points_make(const recon_box *b, const aet_tilt *tilt, const aet_recon_params *p,
                          recon_point **points, int64_t *n, int64_t *withheld,
                          aet_recon_report *report)
{
    aet_slab ky = aet_slab_mine(b->m, b->comm);
    recon_grid grid = {b->m, ky.start, ky.count, p};
    const int size[3] = {b->nx, b->ny, b->nz};

    aet_phase_begin("fourier gridding");
    aet_err err = AET_AGREE(b->comm, recon_points(&grid, tilt, points, n));
    aet_phase_end("fourier gridding");
    AET_TRY(err);
    recon_points_turn(&grid, size, *points, *n);
    int64_t counts[2] = {*n, 0};
    for (int64_t i = 0; i < *n; i++)
        counts[1] += (*points)[i].withheld;
    MPI_Allreduce(MPI_IN_PLACE, counts, 2, MPI_INT64_T, MPI_SUM, b->comm);
    report->points = counts[0];
    *withheld = counts[1];
    AET_CHECK(counts[0] > 0, AET_ERR_INPUT,
              "no Fourier grid point lies within reconstruct.radius = %g of a measured plane",
              p->radius);
    double all = (double)b->m * b->m * b->m;
    aet_info("genfire: grid of %d^3 points, %lld of its half space measured (%.1f %%); convolution "
             "on %d x %d x %d",
             b->m, (long long)counts[0], 200.0 * (double)counts[0] / all, b->cx, b->cy, b->cz);
    return AET_OK;
}
