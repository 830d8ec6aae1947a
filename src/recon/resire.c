/* RESIRE: projected gradient descent on || A x - b ||^2 / 2 with x >= 0 in the support (Pham, Yuan,
 * Rana, Osher, Miao, Sci. Rep. 13, 5624 (2023)):  x <- P+( x - t A^T (A x - b) ).
 *
 * The published step is t = step / (n N), n images and N voxels along the beam, since n N bounds
 * the largest eigenvalue L of A^T A for rays that cross N voxels.  Tilted and laterally extended
 * volumes have longer rays, so L is bounded by the operator itself: monotone descent holds for step
 * <= 1, convergence for step < 2 (projected gradient of a convex function with Lipschitz gradient).
 *
 * The problem is convex, so the accelerated method has the same fixed points and an error that falls
 * with the square of the iterations (Beck and Teboulle, SIAM J. Imaging Sci. 2, 183 (2009)): the step
 * starts from a point ahead of the object, x + beta (x - x before), with the momentum dropped whenever
 * it points uphill (O'Donoghue and Candes, Found. Comput. Math. 15, 715 (2015)).  As A is linear, the
 * images of the object follow from those of the point ahead and of the object before, so the errors
 * are those of the object and cost no projection.
 *
 * With A on Fourier slices and images that are 0 beside their frame, A^T A is one convolution
 * (aetlas/physics/gram.h), and A^T b and |b|^2 are made once: an iteration needs no projection at all.
 *
 * Running on fits noise, the accelerated method sooner, so it must know when to stop.
 *
 * Nothing withheld: when the cost has come to a plateau.  Spatial frequencies above n / (pi D), for n
 * images and a diameter D (Crowther, DeRosier, Klug, Proc. R. Soc. A 317, 319 (1970)), are in one image
 * alone and have eigenvalues of about L / n; when they are fitted too, what is left is noise and what no
 * object explains, and the cost falls slowly.  Plain iterations are stopped there by their slowness.
 *
 * Or whole images are withheld from the fit.  While density is found they are predicted better and better
 * (R_free falls), while noise is fitted, worse.  A second pass fits all images, from the start, in as many
 * iterations as still predicted the withheld ones well.
 *
 * Or pixels are, at random, scattered so that no second pass need use them.  As an object that fits the noise
 * of an image also shows it at the pixels between, R_free rises late.  Only an object that predicts them
 * better beyond doubt replaces the best one so far, which is given back (in the spirit of the
 * one-standard-error rule of Breiman, Friedman, Olshen, Stone, Classification and Regression Trees (1984), on
 * paired differences).
 *
 * Withholding is the sharper rule where images are noisy, and wrong where they are not: a frequency that one
 * image alone holds cannot be predicted, and R_free does not wait for it. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/timing.h"
#include "recon/resire_priv.h"
#include <math.h>
#include <string.h>

/* Power steps for the bound of L: after three it is within a few per cent on tilt series. */
#define BOUND_STEPS 3
/* The first of two passes is over. */
static bool again(const resire_job *d, int it)
{
    const aet_recon_params *p = d->params;

    return d->twice && d->settled_at < 0 && (it >= p->iterations || it - d->best_at >= p->patience);
}

static bool ended(const resire_job *d, int it, const aet_recon_step *curve)
{
    const aet_recon_params *p = d->params;

    if (it >= d->last)
        return true;
    if (d->twice)
        return false;
    if (d->best)
        return it - d->best_at >= p->patience;
    return d->fast && p->plateau > 0 && it > p->patience &&
           curve[it - 1].cost > (1 - p->plateau) * curve[it - 1 - p->patience].cost;
}

/* The second pass: with all images, from the start, as many iterations as foretold the withheld well. */
static void start_again(resire_job *d, int it, aet_recon_report *report)
{
    int64_t n = d->op->n_domain;

    aet_info("resire-fast: withheld images foretold best in iteration %d, well until %d; now with "
             "all images",
             (int)d->best_at, (int)d->well_at);
    d->settled_at = fmax(d->well_at, 1); /* no object at all is no result */
    d->last = it + d->settled_at;
    report->settled = (int)d->settled_at;
    d->t = 1;
    d->beta = 0;
    memset(d->now, 0, (size_t)n * sizeof *d->now);
    memset(d->ahead, 0, (size_t)n * sizeof *d->ahead);
    aet_release(&d->apart);
}

static void resume(resire_job *d, aet_recon_report *report, int *first)
{
    recon_keep_load(d->keep, report, first);
    report->settled = (int)d->settled_at;
    if (d->settled_at < 0)
        d->last = d->params->iterations; /* more or fewer may be asked for */
    else
        aet_release(&d->apart);
}

static aet_err iterate(resire_job *d, aet_recon_report *report)
{
    double start = aet_clock_s();
    char note[64];
    int first;

    resume(d, report, &first);
    aet_progress progress = aet_progress_begin_at("resire", first, (long)d->last);
    for (int it = first;; it++) {
        if (again(d, it))
            start_again(d, it, report);
        if (ended(d, it, report->curve))
            break;
        progress.total = (long)d->last;
        AET_TRY(recon_keep_visit(d->keep, report, "RESIRE", it));
        AET_TRY(resire_step(d, it, report));
        aet_fmt(note, sizeof note, "R2 = %.4f", report->curve[it].r2);
        aet_progress_step(&progress, note);
    }
    aet_progress_end(&progress);
    report->seconds = aet_clock_s() - start;
    return AET_OK;
}

/* ---- set-up ---- */

static aet_err bound(const resire_job *d, double *norm2)
{
    float *x = NULL;

    if (!d->gram)
        return aet_linop_norm2_bound(d->op, d->mask, BOUND_STEPS, norm2);
    AET_TRY(AET_AGREE(d->op->comm, AET_ARRAY(d->op->n_domain, "RESIRE bound", &x)));
    *norm2 = aet_gram_bound(d->gram, d->mask, BOUND_STEPS, x, d->next);
    aet_release(&x);
    return AET_OK;
}

static aet_err step_size(const resire_job *d, aet_recon_report *report)
{
    double want = d->params->step;

    aet_phase_begin("resire bound");
    aet_err err = bound(d, &report->norm2);
    aet_phase_end("resire bound");
    AET_TRY(err);
    AET_CHECK(report->norm2 > 0, AET_ERR_INPUT,
              "no voxel of the volume is seen in any image: check support, sizes and angles");
    report->step = (d->fast && want > 1 ? 1 : want) / report->norm2;
    if (want >= 2 && !d->fast)
        aet_warn("reconstruct.step = %g: convergence is guaranteed below 2 only", want);
    return AET_OK;
}

static aet_err arrays(resire_job *d)
{
    int64_t n = d->op->n_domain, m = d->op->n_range;

    AET_TRY(AET_ARRAY(m, "RESIRE residual", &d->y));
    AET_TRY(AET_ARRAY(n, "RESIRE gradient", &d->spare));
    d->next = d->spare;
    if (recon_withheld(d->params) > 0)
        AET_TRY(AET_ARRAY(m, "withheld pixels", &d->apart));
    if (d->gram)
        AET_TRY(AET_ARRAY(n, "RESIRE right-hand side", &d->back));
    if (!d->fast)
        return AET_OK;
    AET_TRY(AET_ARRAY(n, "RESIRE momentum", &d->ahead));
    memcpy(d->ahead, d->now, (size_t)n * sizeof *d->now);
    if (d->gram)
        return AET_OK;
    AET_TRY(AET_ARRAY(m, "RESIRE images", &d->image));
    AET_TRY(AET_ARRAY(m, "RESIRE residual of the object", &d->residual));
    if (!d->apart || d->twice)
        return AET_OK;
    AET_TRY(AET_ARRAY(n, "RESIRE best object", &d->best));
    return AET_ARRAY(m, "RESIRE best residual", &d->best_residual);
}

/* What the next iteration depends on. */
static void remember(resire_job *d)
{
    recon_keep_array(d->keep, "object", &d->now, d->op->n_domain);
    if (!d->fast)
        return;
    recon_keep_array(d->keep, "ahead", &d->ahead, d->op->n_domain);
    recon_keep_number(d->keep, "t", &d->t);
    recon_keep_number(d->keep, "beta", &d->beta);
    if (d->image)
        recon_keep_whole(d->keep, "images", &d->image, d->op->n_range);
    if (!d->apart)
        return;
    recon_keep_number(d->keep, "best_free", &d->best_free);
    recon_keep_number(d->keep, "best_at", &d->best_at);
    if (d->twice) {
        recon_keep_number(d->keep, "well_at", &d->well_at);
        recon_keep_number(d->keep, "settled_at", &d->settled_at);
        recon_keep_number(d->keep, "last", &d->last);
        return;
    }
    recon_keep_array(d->keep, "best", &d->best, d->op->n_domain);
    recon_keep_whole(d->keep, "best_residual", &d->best_residual, d->op->n_range);
}

static void release(resire_job *d)
{
    if (d->fast)
        aet_release(&d->ahead);
    aet_release(&d->spare);
    aet_release(&d->back);
    aet_release(&d->best);
    aet_release(&d->best_residual);
    aet_release(&d->y);
    aet_release(&d->image);
    aet_release(&d->residual);
    aet_release(&d->apart);
}

/* The object given back, in the caller's x; its R factors. */
static void finish(resire_job *d, float *x, aet_recon_report *report)
{
    const float *given = d->best ? d->best : d->now;

    if (given != x)
        memcpy(x, given, (size_t)d->op->n_domain * sizeof *x);
    aet_linop_forward(d->op, x, d->y);
    resire_subtract(d->y, d->b, d->op->n_range, d->y);
    recon_r_factors(d->y, d->b, d->n, d->op->n_range / d->n, report);
}

aet_err recon_resire(const aet_linop *op, aet_gram *gram, const float *b, int n, const bool *apart,
                     const uint8_t *mask, const aet_recon_params *p, recon_keep *keep, float *x,
                     aet_recon_report *report)
{
    aet_err err = AET_OK;
    resire_job d = {.op = op,
                    .gram = gram,
                    .b = b,
                    .n = n,
                    .mask = mask,
                    .params = p,
                    .keep = keep,
                    .fast = p->method == AET_RECON_RESIRE_FAST,
                    .twice = p->method == AET_RECON_RESIRE_FAST && apart,
                    .now = x,
                    .t = 1,
                    .best_free = INFINITY,
                    .settled_at = -1};

    AET_GO(AET_AGREE(op->comm, arrays(&d)));
    if (!d.fast)
        d.ahead = d.now;
    if (d.apart)
        resire_withhold(&d, apart);
    if (gram) {
        aet_linop_adjoint(op, b, d.back);
        d.b2 = aet_linop_dot_range(op, b, b);
    }
    remember(&d);
    AET_GO(step_size(&d, report));
    AET_GO(iterate(&d, report));
    finish(&d, x, report);
done:
    release(&d);
    return err;
}
