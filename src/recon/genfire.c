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
#include "recon/genfire_priv.h"
#include <math.h>
#include <string.h>

/* ---- the constraint set ---- */

static aet_err quadratic(genfire_job *j, bool withheld, double cutoff, recon_quadratic *q)
{
    recon_pruned which = {.grid = &j->grid,
                          .points = j->points,
                          .n_points = j->n_points,
                          .withheld = withheld,
                          .reach2 = recon_reach2(&j->grid, cutoff)};

    aet_phase_begin("genfire kernel");
    aet_err err = j->slices ? recon_slices_quadratic(j->slices, j->conv, withheld, which.reach2, q)
                            : recon_quadratic_make(j->conv, &which, q);
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
    j->best_at = j->well_at = it;
    j->t = 1;
    j->beta = 0;
    return AET_OK;
}

/* ---- iterations ---- */

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
    recon_quadratic_join(j->conv, &j->data, &j->free);
    j->watch = false;
    return AET_OK;
}

/* How well the best object foretells what is withheld, by resolution. */
static aet_err measure(genfire_job *j)
{
    return j->sliced ? recon_slices_measure(j->slices, j->best, &j->shells)
                     : recon_shells_measure(&j->shells, j->best);
}

/* The second pass: with all data, from the start, as many iterations as foretold the withheld well. */
static aet_err start_again(genfire_job *j, int it, aet_recon_report *report)
{
    aet_info(
        "genfire-fast: withheld data foretold best in iteration %d, well until %d; now with all "
        "data",
        (int)j->best_at, (int)j->well_at);
    AET_TRY(measure(j));
    AET_TRY(take_all(j));
    j->settled_at = j->well_at;
    j->last = it + j->settled_at + 1;
    report->settled = (int)j->settled_at;
    j->best_error = INFINITY;
    j->t = 1;
    j->beta = 0;
    memset(j->now, 0, (size_t)j->n * sizeof *j->now);
    return AET_OK;
}

static aet_err iteration(genfire_job *j, int it, aet_recon_report *report)
{
    AET_TRY(enforce(j, it));
    aet_phase_begin("genfire steps");
    genfire_step(j, it, report);
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
    if (j->watch)
        AET_TRY(measure(j));
    report->kernel_seconds = j->making_s;
    report->seconds = aet_clock_s() - start - (j->making_s - made);
    return AET_OK;
}

/* ---- set-up ---- */

/* The volume itself is one of the three objects, where it lies as they do. */
static aet_err arrays(genfire_job *j, const aet_volume *support, aet_volume *v)
{
    AET_TRY(AET_ARRAY(j->n, "GENFIRE object", &j->own[0]));
    AET_TRY(AET_ARRAY(j->n, "GENFIRE step", &j->own[1]));
    j->now = j->own[0];
    j->before = j->own[1];
    j->best = v->density;
    j->support = support ? support->density : NULL;
    if (!j->sliced)
        return AET_OK;
    AET_TRY(AET_ARRAY(j->n, "GENFIRE best object", &j->own[2]));
    j->best = j->own[2];
    if (support)
        AET_TRY(AET_ARRAY(j->n, "GENFIRE support", &j->own[3]));
    return AET_OK;
}

static void support_turn(genfire_job *j, const aet_volume *support)
{
    const int size[3] = {support->nx, support->ny, support->nz};

    recon_to_slices(j->comm, size, support->density, j->own[3]);
    j->support = j->own[3];
}

/* What the next iteration depends on. */
static void remember(genfire_job *j)
{
    recon_keep_array(j->keep, "object", &j->now, j->n);
    recon_keep_array(j->keep, "best", &j->best, j->n);
    if (j->fast) {
        recon_keep_array(j->keep, "before", &j->before, j->n);
        recon_keep_number(j->keep, "beta", &j->beta);
    }
    if (j->shells.sums)
        recon_keep_whole(j->keep, "shells", &j->shells.sums, 3 * (int64_t)j->shells.n_shells);
    recon_keep_number(j->keep, "cutoff", &j->cutoff);
    recon_keep_number(j->keep, "best_error", &j->best_error);
    recon_keep_number(j->keep, "best_at", &j->best_at);
    recon_keep_number(j->keep, "well_at", &j->well_at);
    recon_keep_number(j->keep, "t", &j->t);
    recon_keep_number(j->keep, "settled_at", &j->settled_at);
    recon_keep_number(j->keep, "last", &j->last);
}

static aet_err kernels(genfire_job *j)
{
    if (j->watch)
        AET_TRY(quadratic(j, true, -INFINITY, &j->free));
    AET_TRY(kernel_at(j, recon_keep_peek(j->keep)));
    if (j->params->enforce == AET_ENFORCE_ALL) { /* no other kernel will be made */
        aet_release(&j->points);
        if (!j->watch)
            recon_slices_free(&j->slices);
    }
    return AET_OK;
}

/* The convolution and the measured points, of the whole or of its slices. */
static aet_err problem(genfire_job *j, const aet_tilt *tilt, const aet_volume *v, bool slices,
                       aet_recon_report *report)
{
    const int size[3] = {v->nx, v->ny, v->nz};
    int64_t withheld;

    j->grid = recon_grid_of(tilt, size, j->params);
    report->limit = j->grid.limit;
    j->sliced = report->slices = slices && j->grid.columns;
    MPI_Comm_rank(j->comm, &j->grid.first);
    MPI_Comm_size(j->comm, &j->grid.step);
    if (j->sliced) {
        AET_TRY(aet_boxconv_create(j->comm, v->nx, v->nz, v->ny, false, &j->conv));
        AET_TRY(recon_slices_create(j->comm, &j->grid, size, tilt, &withheld, report, &j->slices));
    } else {
        AET_TRY(aet_boxconv_create(j->comm, v->nx, v->ny, v->nz, true, &j->conv));
        AET_TRY(recon_points_make(j->comm, &j->grid, size, tilt, &j->points, &j->n_points,
                                  &withheld, report));
    }
    j->shape = aet_boxconv_get_shape(j->conv);
    j->n = (int64_t)j->shape->slab.count * j->shape->rows * j->shape->nx;
    j->watch = withheld > 0;
    if (j->watch)
        AET_TRY(recon_shells_begin(j->comm, &j->grid, size, j->points, j->n_points, &j->shells));
    AET_CHECK(report->points > 0, AET_ERR_INPUT,
              "no Fourier grid point lies within reconstruct.radius = %g of a measured plane",
              j->params->radius);
    return AET_OK;
}

static void tell(const genfire_job *j, const aet_recon_report *report)
{

    double all = pow(j->grid.m, 3);

    aet_info("genfire: grid of %d^3 points, %lld of its half space measured (%.1f %%), limit: %s%s",
             j->grid.m, (long long)report->points, 200.0 * (double)report->points / all,
             recon_limit_name(report->limit), report->slices ? "; slices one by one" : "");
    if (j->fast && !j->watch)
        aet_info(
            "genfire-fast: nothing is withheld that would tell when to stop: all %d iterations "
            "will be done",
            j->params->iterations);
}

static aet_err set_up(genfire_job *j, const aet_tilt *tilt, const aet_volume *support,
                      aet_volume *v, bool slices, aet_recon_report *report)
{
    AET_TRY(problem(j, tilt, v, slices, report));
    tell(j, report);
    AET_TRY(kernels(j)); /* before the arrays: making a kernel needs the most memory */
    AET_TRY(AET_AGREE(j->comm, arrays(j, support, v)));
    if (support && j->sliced)
        support_turn(j, support);
    remember(j);
    return AET_OK;
}

aet_err recon_genfire_as(const aet_tilt *tilt, const aet_volume *support, const aet_recon_params *p,
                         bool slices, recon_keep *keep, aet_volume *v, aet_recon_report *report)
{
    aet_err err = AET_OK;
    genfire_job j = {.comm = v->comm,
                     .params = p,
                     .keep = keep,
                     .fast = p->method == AET_RECON_GENFIRE_FAST,
                     .cutoff = (double)NAN,
                     .made = (double)NAN,
                     .settled_at = -1};
    const int size[3] = {v->nx, v->ny, v->nz};

    AET_GO(set_up(&j, tilt, support, v, slices, report));
    AET_GO(iterate(&j, report));
    if (j.shells.sums)
        recon_shells_report(&j.shells, report);
    if (j.sliced)
        recon_from_slices(v->comm, size, j.best, v->density);
    else if (j.best != v->density)
        memcpy(v->density, j.best, (size_t)j.n * sizeof *j.best);
done:
    aet_boxconv_free(&j.conv);
    recon_slices_free(&j.slices);
    recon_quadratic_free(&j.data);
    recon_quadratic_free(&j.free);
    aet_release(&j.points);
    recon_shells_free(&j.shells);
    for (int i = 0; i < 4; i++)
        aet_release(&j.own[i]);
    return err;
}

aet_err recon_genfire(const aet_tilt *tilt, const aet_volume *support, const aet_recon_params *p,
                      recon_keep *keep, aet_volume *v, aet_recon_report *report)
{
    return recon_genfire_as(tilt, support, p, true, keep, v, report);
}
