/* GENFIRE: alternating between measured Fourier points and what is known of the object (Pryor et
 * al., Sci. Rep. 7, 10409 (2017)).
 *
 * The object lives in a box in the corner of a grid of m^3 points, zero elsewhere: its origin voxel
 * has index (nx/2, ny/2, nz/2), which the measured values are turned to once.  The grid is spread
 * in slabs along z in real space and along ky in Fourier space, so the box lies on the ranks that
 * hold the first planes; planes move once at the start (support) and once at the end (result). */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "recon/recon_priv.h"
#include <complex.h>
#include <math.h>
#include <string.h>

typedef struct {
    MPI_Comm comm;
    const aet_recon_params *params;
    int nx, ny, nz, m;
    int planes; /* of the box on this rank */
    aet_fft3 *fft;
    recon_point *points;
    int64_t n_points;
    float *now, *best; /* box planes of this rank, [planes][ny][nx] */
    float *support;    /* the same shape, or NULL */
    double best_error;
    double cutoff; /* points with 1 - |k|/k_max above it are enforced */
} genfire_job;

int recon_grid_size(int nx, int ny, const int size[3], double oversampling)
{
    int side = nx > ny ? nx : ny;

    for (int a = 0; a < 3; a++)
        side = size[a] > side ? size[a] : side;
    return aet_fft_good_size((int)ceil(side * oversampling));
}

/* ---- planes between two block distributions ---- */

/* Planes below n that both slabs hold; *start: the first of them, counted within a. */
static int overlap(aet_slab a, aet_slab b, int n, int *start)
{
    int low = a.start > b.start ? a.start : b.start;
    int high = a.start + a.count < b.start + b.count ? a.start + a.count : b.start + b.count;

    high = high < n ? high : n;
    *start = high > low ? low - a.start : 0;
    return high > low ? high - low : 0;
}

/* Moves planes 0 .. n-1 from slabs of n_from planes to slabs of n_to planes. */
static void planes_move(MPI_Comm comm, int64_t plane, int n, int n_from, const float *in, int n_to,
                        float *out)
{
    int rank, size;
    MPI_Datatype type;

    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    int *table = AET_NEW(int, 4 * size);
    for (int r = 0; r < size; r++) {
        table[r] = overlap(aet_slab_of(n_from, rank, size), aet_slab_of(n_to, r, size), n,
                           &table[size + r]);
        table[2 * size + r] = overlap(aet_slab_of(n_to, rank, size), aet_slab_of(n_from, r, size),
                                      n, &table[3 * size + r]);
    }
    MPI_Type_contiguous((int)plane, MPI_FLOAT, &type);
    MPI_Type_commit(&type);
    MPI_Alltoallv(in, table, table + size, type, out, table + 2 * size, table + 3 * size, type,
                  comm);
    MPI_Type_free(&type);
    aet_release(&table);
}

/* ---- object and grid ---- */

static int64_t box_count(const genfire_job *j)
{
    return (int64_t)j->planes * j->ny * j->nx;
}

static void object_put(genfire_job *j)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(j->fft);
    float *grid = aet_fft3_buffer(j->fft);

    memset(grid, 0, (size_t)s->reals * sizeof *grid);
    for (int z = 0; z < j->planes; z++)
        for (int y = 0; y < j->ny; y++)
            memcpy(grid + ((int64_t)z * j->m + y) * s->row,
                   j->now + ((int64_t)z * j->ny + y) * j->nx, (size_t)j->nx * sizeof *grid);
}

static void object_take(genfire_job *j)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(j->fft);
    const float *grid = aet_fft3_buffer(j->fft);
    float scale = (float)(1 / ((double)j->m * j->m * j->m));
    float low = j->params->positivity ? 0 : -INFINITY;

    for (int64_t line = 0; line < (int64_t)j->planes * j->ny; line++) {
        const float *from = grid + (line / j->ny * j->m + line % j->ny) * s->row;
        float *to = j->now + line * j->nx;
        for (int x = 0; x < j->nx; x++)
            to[x] = from[x] * scale > low ? from[x] * scale : low;
    }
    if (j->support)
        for (int64_t i = 0; i < box_count(j); i++)
            j->now[i] = j->support[i] > 0 ? j->now[i] : 0;
}

/* ---- the constraint set ---- */

/* Cutoffs of the published codes: nothing but low resolution first, then all, then back. */
static double cutoff_at(aet_recon_enforce mode, int it, int iterations)
{
    const double first = 0.95, stride = 0.1;
    int n = mode == AET_ENFORCE_EXTEND ? 14 : 34; /* 12 steps out, 2 or 10 open, 12 steps back */

    if (mode == AET_ENFORCE_ALL)
        return -INFINITY;
    int k = iterations > 1 ? (int)((int64_t)it * n / iterations) : n - 1;
    if (k < 12)
        return first - stride * k;
    if (mode == AET_ENFORCE_EXTEND || k < 22)
        return -INFINITY;
    return first - stride * (33 - k);
}

static bool enforced(const genfire_job *j, const recon_point *p)
{
    return !p->withheld && 1 - (double)p->distance > j->cutoff;
}

/* sums: || K | - | Km ||, | Km | over enforced points; | K - Km |, | Km | over withheld ones. */
static void errors(const genfire_job *j, aet_recon_step *step)
{
    const float complex *k = aet_fft3_buffer(j->fft);
    double sums[4] = {0, 0, 0, 0};

    for (int64_t i = 0; i < j->n_points; i++) {
        const recon_point *p = j->points + i;
        double twice = p->twice ? 2 : 1;
        double complex have = (double complex)k[p->index],
                       want = CMPLX((double)p->re, (double)p->im);
        if (enforced(j, p)) {
            sums[0] += twice * fabs(cabs(have) - cabs(want));
            sums[1] += twice * cabs(want);
        } else if (p->withheld) {
            sums[2] += twice * cabs(have - want);
            sums[3] += twice * cabs(want);
        }
    }
    aet_sum_double(j->comm, sums, 4);
    *step =
        (aet_recon_step){(double)NAN, (double)NAN, (double)NAN, sums[1] > 0 ? sums[0] / sums[1] : 0,
                         sums[3] > 0 ? sums[2] / sums[3] : (double)NAN};
}

static void replace(genfire_job *j)
{
    float complex *k = aet_fft3_buffer(j->fft);

    for (int64_t i = 0; i < j->n_points; i++)
        if (enforced(j, j->points + i))
            k[j->points[i].index] = CMPLXF(j->points[i].re, j->points[i].im);
}

/* ---- iteration ---- */

/* Keeps the object with the least error under the constraint set at hand. */
static void keep_best(genfire_job *j, int it, double error, aet_recon_report *report)
{
    if (error >= j->best_error)
        return;
    j->best_error = error;
    report->best = it;
    memcpy(j->best, j->now, (size_t)box_count(j) * sizeof *j->best);
}

static aet_err iterate(genfire_job *j, aet_recon_report *report)
{
    aet_progress progress = aet_progress_begin("genfire", j->params->iterations);
    double start = aet_clock_s(), last_cutoff = (double)NAN;
    char note[64];

    for (int it = 0; it < j->params->iterations; it++) {
        if (aet_stop_now(j->comm))
            AET_FAIL(AET_ERR_STOPPED, "GENFIRE stopped at iteration %d of %d", it,
                     j->params->iterations);
        j->cutoff = cutoff_at((aet_recon_enforce)j->params->enforce, it, j->params->iterations);
        if (!(j->cutoff == last_cutoff))
            j->best_error = INFINITY;
        last_cutoff = j->cutoff;
        aet_phase_begin("fourier transforms");
        object_put(j);
        aet_fft3_forward(j->fft);
        errors(j, report->curve + it);
        keep_best(j, it, report->curve[it].k_error, report);
        report->iterations = it + 1;
        replace(j);
        aet_fft3_backward(j->fft);
        object_take(j);
        aet_phase_end("fourier transforms");
        aet_fmt(note, sizeof note, "K error = %.4f", report->curve[it].k_error);
        aet_progress_step(&progress, note);
    }
    aet_progress_end(&progress);
    report->seconds = aet_clock_s() - start;
    return AET_OK;
}

/* ---- set-up ---- */

/* From values for an origin at index 0 to values for the box in the corner. */
static void points_turn(genfire_job *j)
{
    int half = j->m / 2 + 1, ky0 = aet_fft3_get_shape(j->fft)->y.start;

    for (int64_t i = 0; i < j->n_points; i++) {
        recon_point *p = j->points + i;
        int64_t line = p->index / half;
        int64_t phase = (p->index % half) * (j->nx / 2) + (line / j->m + ky0) * (j->ny / 2) +
                        (line % j->m) * (j->nz / 2);
        double angle = -2 * AET_PI * (double)(phase % j->m) / j->m;
        double complex turn = CMPLX(cos(angle), sin(angle));
        double complex value = CMPLX((double)p->re, (double)p->im) * turn;
        p->re = (float)creal(value);
        p->im = (float)cimag(value);
    }
}

static aet_err points_make(genfire_job *j, const aet_tilt *tilt, aet_recon_report *report)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(j->fft);
    recon_grid grid = {j->m, s->y.start, s->y.count, j->params};

    aet_phase_begin("fourier gridding");
    aet_err err = AET_AGREE(j->comm, recon_points(&grid, tilt, &j->points, &j->n_points));
    aet_phase_end("fourier gridding");
    AET_TRY(err);
    points_turn(j);
    report->points = j->n_points;
    MPI_Allreduce(MPI_IN_PLACE, &report->points, 1, MPI_INT64_T, MPI_SUM, j->comm);
    AET_CHECK(report->points > 0, AET_ERR_INPUT,
              "no Fourier grid point lies within reconstruct.radius = %g of a measured plane",
              j->params->radius);
    aet_info("genfire: grid of %d^3 points, %lld of its half space measured (%.1f %%)", j->m,
             (long long)report->points,
             200.0 * (double)report->points / ((double)j->m * j->m * j->m));
    return AET_OK;
}

static aet_err arrays(genfire_job *j, bool support)
{
    AET_TRY(AET_ARRAY(box_count(j), "GENFIRE object", &j->now));
    AET_TRY(AET_ARRAY(box_count(j), "GENFIRE best object", &j->best));
    if (support)
        AET_TRY(AET_ARRAY(box_count(j), "GENFIRE support", &j->support));
    return AET_OK;
}

static aet_err set_up(genfire_job *j, const aet_tilt *tilt, const aet_volume *support,
                      aet_recon_report *report)
{
    AET_TRY(aet_fft3_create(j->comm, j->m, j->m, j->m, true, &j->fft));
    aet_slab z = aet_fft3_get_shape(j->fft)->z;
    int left = j->nz - z.start;
    j->planes = left < 0 ? 0 : left < z.count ? left : z.count;
    AET_TRY(AET_AGREE(j->comm, arrays(j, support != NULL)));
    if (support)
        planes_move(j->comm, (int64_t)j->ny * j->nx, j->nz, j->nz, support->density, j->m,
                    j->support);
    return points_make(j, tilt, report);
}

aet_err recon_genfire(const aet_tilt *tilt, const aet_volume *support, const aet_recon_params *p,
                      aet_volume *v, aet_recon_report *report)
{
    aet_err err = AET_OK;
    const int size[3] = {v->nx, v->ny, v->nz};
    genfire_job j = {.comm = v->comm, .params = p, .nx = v->nx, .ny = v->ny, .nz = v->nz};

    j.m = recon_grid_size(tilt->nx, tilt->ny, size, p->oversampling);
    AET_GO(set_up(&j, tilt, support, report));
    AET_GO(iterate(&j, report));
    planes_move(v->comm, (int64_t)v->ny * v->nx, v->nz, j.m, j.best, v->nz, v->density);
done:
    aet_fft3_free(&j.fft);
    aet_release(&j.points);
    aet_release(&j.now);
    aet_release(&j.best);
    aet_release(&j.support);
    return err;
}
