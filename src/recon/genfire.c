/* GENFIRE without its big grid (Pryor et al., Sci. Rep. 7, 10409 (2017), for the iteration).
 *
 * The published iteration pads the object x into a grid of m^3 points, transforms, overwrites the
 * measured points (mask M) with their values v, transforms back, crops, and clips.  Only measured
 * points change, so with F the transform of the grid and P the constraints on the object
 *
 *     x <- P[ x + F^-1 M (v - F x) ] = P[ x + b - h*x ],    b = crop F^-1 v,   h = F^-1 M,
 *
 * a convolution with a fixed kernel, whose cost does not depend on the oversampling m/n.  It is a
 * step of length 1 of projected gradient descent on the convex || M (F x - v) ||^2 / 2, whose
 * gradient has Lipschitz constant 1 since M is a projection.  So the accelerated method applies too
 * (Beck and Teboulle, SIAM J. Imaging Sci. 2, 183 (2009)), restarted whenever the momentum points
 * uphill (O'Donoghue and Candes, Found. Comput. Math. 15, 715 (2015)). */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/timing.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

/* R_free of the accelerated method costs half an iteration: it is looked at this often. */
enum { CHECK_EVERY = 5 };

typedef struct {
    MPI_Comm comm;
    const aet_recon_params *params;
    recon_keep *keep;
    bool fast;
    recon_box box;
    recon_point *points;
    int64_t n_points;
    recon_quadratic data, free; /* of enforced and of withheld points */
    bool watch;                 /* there are withheld points */
    float *now, *best;          /* box planes of this rank */
    float *support;             /* the same shape, or NULL */
    double best_error, cutoff;  /* points with 1 - |k|/k_max above cutoff are enforced */
    double made;                /* cutoff of the kernel at hand */
    /* accelerated only: the point a step starts from, the next object, the momentum's t */
    float *ahead, *next;
    double t, best_at;
    double settled_at; /* iteration that foretold the withheld data best; -1 while that is sought */
    double last;       /* iterations in all */
    double making_s;   /* kernels and right-hand sides */
} genfire_job;

/* ---- the constraint set ---- */

static aet_err quadratic(genfire_job *j, bool withheld, double cutoff, recon_quadratic *q)
{
    recon_pruned which = {.m = j->box.m,
                          .points = j->points,
                          .n_points = j->n_points,
                          .withheld = withheld,
                          .cutoff = cutoff};

    aet_phase_begin("genfire kernel");
    aet_err err = recon_quadratic_make(&j->box, &which, q);
    aet_phase_end("genfire kernel");
    return err;
}

static double cutoff_at(const genfire_job *j, int it)
{
    int n = j->params->iterations;

    return recon_cutoff((aet_recon_enforce)j->params->enforce, it < n ? it : n - 1, n);
}

/* The kernel and right-hand side of this iteration's constraint set. */
static aet_err kernel_at(genfire_job *j, int it)
{
    double start = aet_clock_s();

    if (cutoff_at(j, it) == j->made)
        return AET_OK;
    j->made = cutoff_at(j, it);
    aet_err err = quadratic(j, false, j->made, &j->data);
    j->making_s += aet_clock_s() - start;
    return err;
}

static aet_err enforce(genfire_job *j, int it)
{
    AET_TRY(kernel_at(j, it));
    if (j->made == j->cutoff)
        return AET_OK;
    j->cutoff = j->made;
    j->best_error = INFINITY;
    j->best_at = it;
    j->t = 1;
    if (j->ahead)
        memcpy(j->ahead, j->now, (size_t)j->box.n * sizeof *j->now);
    return AET_OK;
}

/* ---- steps ---- */

static double dot(const float *restrict a, const float *restrict b, int64_t n)
{
    double sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static double relative(double form, double product, double norm2)
{
    double square = form - 2 * product + norm2;

    if (!isfinite(square))
        return (double)NAN;
    return norm2 > 0 ? sqrt(fmax(square, 0) / norm2) : 0;
}

/* Of x, given its forms, for which its transform was at hand (Parseval); free_form NAN: not wanted. */
static void errors(const genfire_job *j, const float *x, double form, double free_form,
                   aet_recon_step *step)
{
    const double none = (double)NAN;
    bool watch = !isnan(free_form);
    double sums[4] = {form, dot(x, j->data.b, j->box.n), 0, 0};

    if (watch) {
        sums[2] = free_form;
        sums[3] = dot(x, j->free.b, j->box.n);
    }
    aet_sum_double(j->comm, sums, 4);
    *step = (aet_recon_step){none, none, none, relative(sums[0], sums[1], j->data.norm2),
                             watch ? relative(sums[2], sums[3], j->free.norm2) : none};
}

/* Of x, whose transform is in the box's buffer. */
static double free_form(const genfire_job *j)
{
    return j->watch ? recon_box_form(&j->box, &j->free) : (double)NAN;
}

/* to = P[from + down] */
static void project(const genfire_job *j, const float *from, const float *down, float *to)
{
    float low = j->params->positivity ? 0 : -INFINITY;

    for (int64_t i = 0; i < j->box.n; i++) {
        float x = from[i] + down[i];
        to[i] = x > low ? x : low;
    }
    if (j->support)
        for (int64_t i = 0; i < j->box.n; i++)
            to[i] = j->support[i] > 0 ? to[i] : 0;
}

/* Keeps the object with the least error under the constraint set at hand. */
static void keep_best(genfire_job *j, int it, double error, aet_recon_report *report)
{
    if (error >= j->best_error)
        return;
    j->best_error = error;
    j->best_at = it;
    report->best = it;
    memcpy(j->best, j->now, (size_t)j->box.n * sizeof *j->best);
}

static void step_plain(genfire_job *j, int it, aet_recon_report *report)
{
    aet_recon_step *step = report->curve + it;

    recon_box_forward(&j->box, j->now);
    double apart = free_form(j);
    double form = recon_box_descent(&j->box, &j->data, j->next);
    errors(j, j->now, form, apart, step);
    keep_best(j, it, step->k_error2, report);
    project(j, j->now, j->next, j->now);
}

/* Momentum uphill: the step just made, next - ahead, against the way travelled, next - now. */
static bool uphill(const genfire_job *j)
{
    double sum = 0;

    for (int64_t i = 0; i < j->box.n; i++)
        sum += (double)(j->ahead[i] - j->next[i]) * (double)(j->next[i] - j->now[i]);
    aet_sum_double(j->comm, &sum, 1);
    return sum > 0;
}

static void go_ahead(genfire_job *j)
{
    double t = (1 + sqrt(1 + 4 * j->t * j->t)) / 2;
    float beta = (float)((j->t - 1) / t);

    if (uphill(j)) {
        t = 1;
        beta = 0;
    }
    j->t = t;
    for (int64_t i = 0; i < j->box.n; i++)
        j->ahead[i] = j->next[i] + beta * (j->next[i] - j->now[i]);
    float *old = j->now;
    j->now = j->next;
    j->next = old;
}

/* Errors are of the object itself, not of the point ahead of it. */
static void step_fast(genfire_job *j, int it, aet_recon_report *report)
{
    aet_recon_step *step = report->curve + it;

    recon_box_forward(&j->box, j->ahead);
    double form = recon_box_descent(&j->box, &j->data, j->next);
    errors(j, j->ahead, form, (double)NAN, step);
    if (it % CHECK_EVERY == 0 || it == (int)j->last - 1) {
        /* the buffer is free again, next holds what the step needs */
        recon_box_forward(&j->box, j->now);
        errors(j, j->now, recon_box_form(&j->box, &j->data), free_form(j), step);
        keep_best(j, it, j->watch ? step->r_free2 : step->k_error2, report);
    }
    project(j, j->ahead, j->next, j->next);
    go_ahead(j);
}

/* Only under the last constraint set: before, there is more to come. */
static bool settled(const genfire_job *j, int it)
{
    if (!j->fast || !j->watch)
        return false;
    return it >= j->params->iterations || (it - j->best_at >= j->params->patience &&
                                           j->cutoff == cutoff_at(j, j->params->iterations));
}

/* No data are withheld from here on. */
static aet_err take_all(genfire_job *j)
{
    if (isfinite(j->cutoff)) /* of the withheld points too, only these */
        AET_TRY(quadratic(j, true, j->cutoff, &j->free));
    recon_quadratic_join(&j->box, &j->data, &j->free);
    j->watch = false;
    return AET_OK;
}

/* The second pass: with all data, from the start, as many iterations as foretold the withheld best. */
static aet_err start_again(genfire_job *j, int it, aet_recon_report *report)
{
    aet_info("genfire-fast: withheld data foretold best in iteration %d; now with all data",
             (int)j->best_at);
    AET_TRY(take_all(j));
    j->settled_at = j->best_at;
    j->last = it + j->settled_at + 1;
    report->settled = (int)j->settled_at;
    j->best_error = INFINITY;
    j->t = 1;
    memset(j->now, 0, (size_t)j->box.n * sizeof *j->now);
    memset(j->ahead, 0, (size_t)j->box.n * sizeof *j->ahead);
    return AET_OK;
}

static aet_err iteration(genfire_job *j, int it, aet_recon_report *report)
{
    AET_TRY(enforce(j, it));
    aet_phase_begin("genfire steps");
    if (j->fast)
        step_fast(j, it, report);
    else
        step_plain(j, it, report);
    aet_phase_end("genfire steps");
    report->iterations = it + 1;
    AET_CHECK(isfinite(report->curve[it].k_error2), AET_ERR_NUMERIC,
              "GENFIRE: the error of iteration %d is no number: the images' values are too large "
              "for single precision; scale them down",
              it);
    return AET_OK;
}

static aet_err resume(genfire_job *j, aet_recon_report *report, int *first)
{
    recon_keep_load(j->keep, report, first);
    report->settled = (int)j->settled_at;
    if (j->settled_at < 0)
        j->last = j->params->iterations; /* more or fewer may be asked for */
    else
        AET_TRY(take_all(j));
    return AET_OK;
}

static aet_err iterate(genfire_job *j, aet_recon_report *report)
{
    double start = aet_clock_s(), made = j->making_s;
    char note[64];
    int first;

    AET_TRY(resume(j, report, &first));
    aet_progress progress = aet_progress_begin_at("genfire", first, (long)j->last);
    for (int it = first; it < j->last || settled(j, it); it++) {
        if (settled(j, it))
            AET_TRY(start_again(j, it, report));
        progress.total = (long)j->last;
        AET_TRY(recon_keep_visit(j->keep, report, "GENFIRE", it));
        AET_TRY(iteration(j, it, report));
        aet_fmt(note, sizeof note, "K error = %.4f", report->curve[it].k_error2);
        aet_progress_step(&progress, note);
    }
    aet_progress_end(&progress);
    report->kernel_seconds = j->making_s;
    report->seconds = aet_clock_s() - start - (j->making_s - made);
    return AET_OK;
}

/* ---- set-up ---- */

static aet_err arrays(genfire_job *j, bool support)
{
    AET_TRY(AET_ARRAY(j->box.n, "GENFIRE object", &j->now));
    AET_TRY(AET_ARRAY(j->box.n, "GENFIRE best object", &j->best));
    AET_TRY(AET_ARRAY(j->box.n, "GENFIRE step", &j->next));
    if (j->fast)
        AET_TRY(AET_ARRAY(j->box.n, "GENFIRE momentum", &j->ahead));
    if (support)
        AET_TRY(AET_ARRAY(j->box.n, "GENFIRE support", &j->support));
    return AET_OK;
}

/* What the next iteration depends on. */
static void remember(genfire_job *j)
{
    recon_keep_array(j->keep, "object", &j->now, j->box.n);
    recon_keep_array(j->keep, "best", &j->best, j->box.n);
    if (j->fast)
        recon_keep_array(j->keep, "ahead", &j->ahead, j->box.n);
    recon_keep_number(j->keep, "cutoff", &j->cutoff);
    recon_keep_number(j->keep, "best_error", &j->best_error);
    recon_keep_number(j->keep, "best_at", &j->best_at);
    recon_keep_number(j->keep, "t", &j->t);
    recon_keep_number(j->keep, "settled_at", &j->settled_at);
    recon_keep_number(j->keep, "last", &j->last);
}

static aet_err set_up(genfire_job *j, const aet_tilt *tilt, const aet_volume *support,
                      const aet_volume *v, aet_recon_report *report)
{
    const int size[3] = {v->nx, v->ny, v->nz};
    int m = recon_grid_size(tilt->nx, tilt->ny, size, j->params->oversampling);

    AET_TRY(recon_box_create(j->comm, v->nx, v->ny, v->nz, m, &j->box));
    int64_t withheld;
    AET_TRY(
        recon_points_make(&j->box, tilt, j->params, &j->points, &j->n_points, &withheld, report));
    j->watch = withheld > 0;
    if (j->watch)
        AET_TRY(quadratic(j, true, -INFINITY, &j->free));
    else if (j->fast)
        aet_info(
            "genfire-fast: nothing is withheld that would tell when to stop: all %d iterations "
            "will be done",
            j->params->iterations);
    /* before the arrays: making a kernel needs the most memory */
    AET_TRY(kernel_at(j, recon_keep_peek(j->keep)));
    AET_TRY(AET_AGREE(j->comm, arrays(j, support != NULL)));
    remember(j);
    if (support)
        recon_box_from_slabs(&j->box, support->density, j->support);
    return AET_OK;
}

aet_err recon_genfire(const aet_tilt *tilt, const aet_volume *support, const aet_recon_params *p,
                      recon_keep *keep, aet_volume *v, aet_recon_report *report)
{
    aet_err err = AET_OK;
    genfire_job j = {.comm = v->comm,
                     .params = p,
                     .keep = keep,
                     .fast = p->method == AET_RECON_GENFIRE_FAST,
                     .cutoff = (double)NAN,
                     .made = (double)NAN,
                     .settled_at = -1};

    AET_GO(set_up(&j, tilt, support, v, report));
    AET_GO(iterate(&j, report));
    recon_box_to_slabs(&j.box, j.best, v->density);
done:
    recon_box_free(&j.box);
    recon_quadratic_free(&j.data);
    recon_quadratic_free(&j.free);
    aet_release(&j.points);
    aet_release(&j.now);
    aet_release(&j.best);
    aet_release(&j.support);
    aet_release(&j.next);
    aet_release(&j.ahead);
    return err;
}
