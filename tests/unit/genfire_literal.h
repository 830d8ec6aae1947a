/* The published GENFIRE iteration to the letter (Pryor et al., Sci. Rep. 7, 10409 (2017)), on the whole
 * oversampled grid: the oracle of tests and the peer of benchmarks.  Its points, schedule and constraints are
 * those of the program; only the iteration differs.
 *
 * The object lies in a box in the corner of a grid of m^3 points, zero elsewhere.  The grid is spread in slabs
 * along z in real space and along ky in Fourier space, so the box lies on the ranks that hold the first planes.
 *
 * In single precision, as a peer; in double with LITERAL_DOUBLE defined, as an oracle. */
#ifndef AET_GENFIRE_LITERAL_H
#define AET_GENFIRE_LITERAL_H

#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

#ifdef LITERAL_DOUBLE
typedef double literal_real;
typedef double complex literal_complex;
#else
typedef float literal_real;
typedef float complex literal_complex;
#endif
enum { LITERAL_SINGLE = sizeof(literal_real) == sizeof(float) };

/* A measured point of this rank's spectrum, [ky local][kz][kx]. */
typedef struct {
    int64_t index;
    double complex value;
    double k2;
    bool twice, withheld;
} literal_point;

typedef struct {
    MPI_Comm comm;
    const aet_recon_params *params;
    int nx, ny, nz, m, planes;
    aet_fft3 *fft;
    recon_grid grid;
    literal_point *points;
    int64_t n_points;
    literal_real *now, *best; /* box planes of this rank, [planes][ny][nx] */
    float *support;           /* the same */
    double best_error, cutoff;
} literal_job;

static int64_t literal_count(const literal_job *j)
{
    return (int64_t)j->planes * j->ny * j->nx;
}

static void literal_put(literal_job *j)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(j->fft);
    literal_real *grid = aet_fft3_buffer(j->fft);

    memset(grid, 0, (size_t)s->reals * sizeof *grid);
    for (int z = 0; z < j->planes; z++)
        for (int y = 0; y < j->ny; y++)
            memcpy(grid + ((int64_t)z * j->m + y) * s->row,
                   j->now + ((int64_t)z * j->ny + y) * j->nx, (size_t)j->nx * sizeof *grid);
}

static void literal_take(literal_job *j)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(j->fft);
    const literal_real *grid = aet_fft3_buffer(j->fft);
    literal_real scale = (literal_real)(1 / ((double)j->m * j->m * j->m));
    literal_real low = j->params->positivity ? 0 : -INFINITY;

    for (int64_t line = 0; line < (int64_t)j->planes * j->ny; line++) {
        const literal_real *from = grid + (line / j->ny * j->m + line % j->ny) * s->row;
        literal_real *to = j->now + line * j->nx;
        for (int x = 0; x < j->nx; x++)
            to[x] = from[x] * scale > low ? from[x] * scale : low;
    }
    if (j->support)
        for (int64_t i = 0; i < literal_count(j); i++)
            j->now[i] = j->support[i] > 0 ? j->now[i] : 0;
}

static bool literal_enforced(const literal_job *j, const literal_point *p)
{
    return !p->withheld && p->k2 < recon_reach2(&j->grid, j->cutoff);
}

/* Over enforced points, over withheld ones: sums of |K - Km|^2, |Km|^2; and the published K error. */
static void literal_errors(literal_job *j, aet_recon_step *step, double *k_error)
{
    const literal_complex *k = aet_fft3_buffer(j->fft);
    double sums[6] = {0};

    for (int64_t i = 0; i < j->n_points; i++) {
        const literal_point *p = j->points + i;
        double twice = p->twice ? 2 : 1;
        double complex have = (double complex)k[p->index], want = p->value;
        double *to = literal_enforced(j, p) ? sums : p->withheld ? sums + 2 : NULL;
        if (!to)
            continue;
        to[0] += twice * pow(cabs(have - want), 2);
        to[1] += twice * pow(cabs(want), 2);
        if (to == sums) {
            sums[4] += twice * fabs(cabs(have) - cabs(want));
            sums[5] += twice * cabs(want);
        }
    }
    aet_sum_double(j->comm, sums, 6);
    step->k_error2 = sums[1] > 0 ? sqrt(sums[0] / sums[1]) : 0;
    step->r_free2 = sums[3] > 0 ? sqrt(sums[2] / sums[3]) : (double)NAN;
    *k_error = sums[5] > 0 ? sums[4] / sums[5] : 0;
}

static void literal_replace(literal_job *j)
{
    literal_complex *k = aet_fft3_buffer(j->fft);

    for (int64_t i = 0; i < j->n_points; i++)
        if (literal_enforced(j, j->points + i))
            k[j->points[i].index] = (literal_complex)j->points[i].value;
}

static void literal_iterate(literal_job *j, aet_recon_report *report, double *k_error)
{
    double start = aet_clock_s();

    for (int it = 0; it < j->params->iterations; it++) {
        double cutoff =
            recon_cutoff((aet_recon_enforce)j->params->enforce, it, j->params->iterations);
        if (it == 0 || cutoff != j->cutoff)
            j->best_error = INFINITY;
        j->cutoff = cutoff;
        literal_put(j);
        aet_fft3_forward(j->fft);
        literal_errors(j, report->curve + it, k_error);
        if (report->curve[it].k_error2 < j->best_error) {
            j->best_error = report->curve[it].k_error2;
            report->best = it;
            memcpy(j->best, j->now, (size_t)literal_count(j) * sizeof *j->best);
        }
        report->iterations = it + 1;
        literal_replace(j);
        aet_fft3_backward(j->fft);
        literal_take(j);
    }
    report->seconds = aet_clock_s() - start;
}

/* Planes of a volume, whole on every rank, that this rank's part of the grid holds. */
static aet_err literal_planes(literal_job *j, const aet_volume *v, float **out)
{
    aet_err err = AET_OK;
    float *all = NULL;
    int64_t first = (int64_t)aet_fft3_get_shape(j->fft)->z.start * j->ny * j->nx;

    AET_GO(aet_volume_gather(v, -1, &all));
    AET_GO(AET_AGREE(j->comm, AET_ARRAY(literal_count(j), "literal support", out)));
    if (literal_count(j) > 0)
        memcpy(*out, all + first, (size_t)literal_count(j) * sizeof **out);
done:
    aet_release(&all);
    return err;
}

/* Those with ky in this rank's slab, of all. */
static aet_err literal_points(literal_job *j, const aet_tilt *tilt)
{
    const int size[3] = {j->nx, j->ny, j->nz};
    aet_slab y = aet_fft3_get_shape(j->fft)->y;
    recon_point *all = NULL;
    int64_t n = 0;

    j->grid = recon_grid_of(tilt, size, j->params);
    AET_TRY(AET_AGREE(j->comm, recon_points(&j->grid, tilt, &all, &n)));
    recon_points_turn(&j->grid, size, all, n);
    int side = j->nx > j->ny ? j->nx : j->ny;
    if (j->params->withhold == AET_WITHHOLD_POINTS)
        recon_withhold_points(MPI_COMM_SELF, &j->grid, j->nz > side ? j->nz : side,
                              recon_withheld(j->params), all, n);
    AET_TRY(AET_AGREE(j->comm, AET_ARRAY(n, "literal points", &j->points)));
    for (int64_t i = 0; i < n; i++) {
        const recon_point *p = all + i;
        int row = (p->ky + j->m) % j->m - y.start;
        if (row >= 0 && row < y.count)
            j->points[j->n_points++] = (literal_point){
                .index = ((int64_t)row * j->m + (p->kz + j->m) % j->m) * (j->m / 2 + 1) + p->kx,
                .value = CMPLX((double)p->re, (double)p->im),
                .k2 = recon_length2(&j->grid, p->kx, p->ky, p->kz),
                .twice = p->kx > 0,
                .withheld = p->withheld};
    }
    aet_release(&all);
    return AET_OK;
}

static aet_err literal_set_up(literal_job *j, const aet_tilt *tilt, const aet_volume *support)
{
    const int size[3] = {j->nx, j->ny, j->nz};

    j->m = recon_grid_size(tilt->nx, tilt->ny, size, j->params->oversampling);
    AET_TRY(aet_fft3_create(j->comm, j->m, j->m, j->m, LITERAL_SINGLE, &j->fft));
    const aet_fft3_shape *s = aet_fft3_get_shape(j->fft);
    int left = j->nz - s->z.start;
    j->planes = left < 0 ? 0 : left < s->z.count ? left : s->z.count;
    AET_TRY(AET_AGREE(j->comm, AET_ARRAY(literal_count(j), "literal object", &j->now)));
    AET_TRY(AET_AGREE(j->comm, AET_ARRAY(literal_count(j), "literal best", &j->best)));
    if (support)
        AET_TRY(literal_planes(j, support, &j->support));
    return literal_points(j, tilt);
}

/* Into all [nz][ny][nx], the same on all ranks: box planes lie in ascending order of ranks. */
static void literal_all(const literal_job *j, float *all)
{
    int64_t n = (int64_t)j->nz * j->ny * j->nx;
    int64_t first = (int64_t)aet_fft3_get_shape(j->fft)->z.start * j->ny * j->nx;

    memset(all, 0, (size_t)n * sizeof *all);
    for (int64_t i = 0; i < literal_count(j); i++)
        all[first + i] = (float)j->best[i];
    aet_sum_float(j->comm, all, n);
}

/* Collective.  The best object into all (NULL: not wanted); the report is to be started by the caller. */
static aet_err literal_genfire(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                               const aet_recon_params *p, const int size[3], float *all,
                               aet_recon_report *report, double *k_error)
{
    aet_err err = AET_OK;
    literal_job j = {.comm = comm, .params = p, .nx = size[0], .ny = size[1], .nz = size[2]};

    AET_GO(literal_set_up(&j, tilt, support));
    literal_iterate(&j, report, k_error);
    if (all)
        literal_all(&j, all);
done:
    aet_fft3_free(&j.fft);
    aet_release(&j.points);
    aet_release(&j.now);
    aet_release(&j.best);
    aet_release(&j.support);
    return err;
}

#endif
