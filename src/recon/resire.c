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
 * Running on fits noise, the accelerated method sooner, so it must know when to stop.
 *
 * Nothing withheld: when the cost has come to a plateau.  Spatial frequencies above n / (pi D), for n
 * images and a diameter D (Crowther, DeRosier, Klug, Proc. R. Soc. A 317, 319 (1970)), are in one image
 * alone and have eigenvalues of about L / n; when they are fitted too, what is left is noise and what no
 * object explains, and the cost falls slowly.  Plain iterations are stopped there by their slowness.
 *
 * Or pixels are withheld from the fit, at random, scattered so that no second pass need use them.  While
 * density is found they are predicted better and better (R_free falls), while noise is fitted, worse.
 * Only an object that predicts them better beyond doubt replaces the best one so far, which is given
 * back (in the spirit of the one-standard-error rule of Breiman, Friedman, Olshen, Stone, Classification
 * and Regression Trees (1984), on paired differences).  This is the sharper rule where images are
 * noisy, and wrong where they are not: a frequency that one image alone holds cannot be predicted, and
 * R_free does not wait for it. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/timing.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

/* Power steps for the bound of L: after three it is within a few per cent on tilt series. */
#define BOUND_STEPS 3
/* R_free has fallen when it is lower by at least this share: on clean data it creeps on for ever. */
#define FREE_GAIN 1e-4

typedef struct {
    const aet_linop *op;
    const float *b;
    int n;
    const uint8_t *mask;
    const aet_recon_params *params;
    recon_keep *keep;
    bool fast;
    uint8_t *apart;    /* of the range: 1 where a pixel is withheld; NULL: none is */
    float *now, *next; /* the object; the gradient, then the object after the step */
    float *spare;      /* one of the two, ours; the other is the caller's */
    float *ahead;      /* where the step starts; the object itself when plain */
    float *best;       /* the object given back if pixels are withheld and the method is fast */
    float *y;          /* images of `ahead`, then their residual */
    float *image, *residual; /* fast: images of the object, and their residual */
    float *best_residual;
    double t, beta; /* momentum, and what of it led to `ahead` */
    double best_free, best_at;
} descent;

/* ---- errors ---- */

static void withhold(descent *d)
{
    int64_t m = d->op->n_range / d->n;
    double share = recon_withheld(d->params);

    for (int64_t i = 0; i < d->op->n_range; i++) {
        aet_rng key = {(uint64_t)d->params->seed, (uint32_t)(i / m), AET_RNG_WITHHOLD};
        d->apart[i] = aet_rng_uniform(key, (uint64_t)(i % m)) < share;
    }
}

/* Sums of squares of a over the pixels fitted and over those withheld. */
static void squares(const descent *d, const float *a, double sum[2])
{
    sum[0] = sum[1] = 0;
    for (int64_t i = 0; i < d->op->n_range; i++)
        sum[d->apart && d->apart[i]] += (double)a[i] * (double)a[i];
}

static aet_recon_step errors(const descent *d, const float *residual, aet_recon_report *report)
{
    double fitted[2], measured[2], none = (double)NAN;

    recon_r_factors(residual, d->b, d->n, d->op->n_range / d->n, report);
    squares(d, residual, fitted);
    if (d->apart)
        squares(d, d->b, measured);
    return (aet_recon_step){report->mean_r1, report->mean_r2, fitted[0] / 2, none,
                            d->apart && measured[1] > 0 ? sqrt(fitted[1] / measured[1]) : none};
}

static void subtract(const float *a, const float *b, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = a[i] - b[i];
}

/* A ahead = (1 + beta) A now - beta A before: the images of the object now. */
static void image_of_object(descent *d)
{
    float before = (float)(d->beta / (1 + d->beta)), ahead = (float)(1 / (1 + d->beta));

    for (int64_t i = 0; i < d->op->n_range; i++)
        d->image[i] = ahead * d->y[i] + before * d->image[i];
}

/* ---- steps ---- */

/* next = P( ahead - t next ), with next the gradient there. */
static void project(const descent *d, float t)
{
    const float *restrict from = d->ahead;
    float *restrict to = d->next, low = d->params->positivity ? 0 : -INFINITY;

    for (int64_t i = 0; i < d->op->n_domain; i++) {
        float down = from[i] - t * to[i];
        to[i] = down > low ? down : low;
    }
    if (d->mask)
        for (int64_t i = 0; i < d->op->n_domain; i++)
            to[i] = d->mask[i] ? to[i] : 0;
}

/* Momentum uphill: the step just made, ahead - next, against the way travelled, next - now. */
static bool uphill(const descent *d)
{
    double sum = 0;

    for (int64_t i = 0; i < d->op->n_domain; i++)
        sum += (double)((d->ahead[i] - d->next[i]) * (d->next[i] - d->now[i]));
    aet_sum_double(d->op->comm, &sum, 1);
    return sum > 0;
}

static void go_ahead(descent *d)
{
    double t = (1 + sqrt(1 + 4 * d->t * d->t)) / 2;

    d->beta = (d->t - 1) / t;
    if (uphill(d)) {
        t = 1;
        d->beta = 0;
    }
    d->t = t;
    float beta = (float)d->beta;
    for (int64_t i = 0; i < d->op->n_domain; i++)
        d->ahead[i] = d->next[i] + beta * (d->next[i] - d->now[i]);
}

/* Withheld pixels are predicted better than by the best object, beyond doubt: the squares of their
 * residuals fell in the mean by more than two standard errors of that mean. */
static bool better(const descent *d)
{
    double sum = 0, sum2 = 0;

    for (int64_t i = 0; i < d->op->n_range; i++)
        if (d->apart[i]) {
            double was = (double)d->best_residual[i], is = (double)d->residual[i];
            double fall = was * was - is * is;
            sum += fall;
            sum2 += fall * fall;
        }
    return sum > 2 * sqrt(sum2);
}

static void keep_best(descent *d, int it, double free2, aet_recon_report *report)
{
    if (!d->best || free2 > d->best_free * (1 - FREE_GAIN) || (it > 0 && !better(d)))
        return;
    d->best_free = free2;
    d->best_at = it;
    report->best = it;
    memcpy(d->best, d->now, (size_t)d->op->n_domain * sizeof *d->best);
    memcpy(d->best_residual, d->residual, (size_t)d->op->n_range * sizeof *d->residual);
}

/* What the object's images lack; the residual of `ahead` stays in y, without the withheld pixels. */
static aet_recon_step residuals(descent *d, aet_recon_report *report)
{
    int64_t n = d->op->n_range;
    aet_recon_step step;

    if (d->fast) {
        image_of_object(d);
        subtract(d->image, d->b, n, d->residual);
        step = errors(d, d->residual, report);
    }
    subtract(d->y, d->b, n, d->y);
    if (!d->fast)
        step = errors(d, d->y, report);
    if (d->apart)
        for (int64_t i = 0; i < n; i++)
            d->y[i] = d->apart[i] ? 0 : d->y[i];
    return step;
}

/* One iteration; the errors are of the object before its step. */
static aet_err step(descent *d, int it, aet_recon_report *report)
{
    aet_phase_begin("project");
    aet_linop_forward(d->op, d->ahead, d->y);
    aet_phase_end("project");
    report->curve[it] = residuals(d, report);
    report->iterations = it + 1;
    /* the cost is the same number on every rank: y is whole everywhere */
    AET_CHECK(isfinite(report->curve[it].cost), AET_ERR_NUMERIC,
              "RESIRE diverged at iteration %d; take reconstruct.step below 2", it);
    keep_best(d, it, report->curve[it].r_free2, report);
    aet_phase_begin("back project");
    aet_linop_adjoint(d->op, d->y, d->next);
    aet_phase_end("back project");
    project(d, (float)report->step);
    if (d->fast)
        go_ahead(d);
    float *old = d->now;
    d->now = d->next;
    d->next = old;
    if (!d->fast)
        d->ahead = d->now;
    return AET_OK;
}

static bool settled(const descent *d, int it, const aet_recon_step *curve)
{
    const aet_recon_params *p = d->params;

    if (d->best)
        return it - d->best_at >= p->patience;
    return d->fast && p->plateau > 0 && it > p->patience &&
           curve[it - 1].cost > (1 - p->plateau) * curve[it - 1 - p->patience].cost;
}

static aet_err iterate(descent *d, aet_recon_report *report)
{
    const aet_recon_params *p = d->params;
    double start = aet_clock_s();
    char note[64];
    int first;

    recon_keep_load(d->keep, report, &first);
    aet_progress progress = aet_progress_begin_at("resire", first, p->iterations);
    for (int it = first; it < p->iterations && !settled(d, it, report->curve); it++) {
        AET_TRY(recon_keep_visit(d->keep, report, "RESIRE", it));
        AET_TRY(step(d, it, report));
        aet_fmt(note, sizeof note, "R1 = %.4f", report->mean_r1);
        aet_progress_step(&progress, note);
    }
    aet_progress_end(&progress);
    report->seconds = aet_clock_s() - start;
    return AET_OK;
}

/* ---- set-up ---- */

static aet_err step_size(const descent *d, aet_recon_report *report)
{
    double want = d->params->step;

    aet_phase_begin("resire bound");
    aet_err err = aet_linop_norm2_bound(d->op, d->mask, BOUND_STEPS, &report->norm2);
    aet_phase_end("resire bound");
    AET_TRY(err);
    AET_CHECK(report->norm2 > 0, AET_ERR_INPUT,
              "no voxel of the volume is seen in any image: check support, sizes and angles");
    report->step = (d->fast && want > 1 ? 1 : want) / report->norm2;
    if (want >= 2 && !d->fast)
        aet_warn("reconstruct.step = %g: convergence is guaranteed below 2 only", want);
    return AET_OK;
}

static aet_err arrays(descent *d)
{
    int64_t n = d->op->n_domain, m = d->op->n_range;

    AET_TRY(AET_ARRAY(m, "RESIRE residual", &d->y));
    AET_TRY(AET_ARRAY(n, "RESIRE gradient", &d->spare));
    d->next = d->spare;
    if (recon_withheld(d->params) > 0)
        AET_TRY(AET_ARRAY(m, "withheld pixels", &d->apart));
    if (!d->fast)
        return AET_OK;
    AET_TRY(AET_ARRAY(m, "RESIRE images", &d->image));
    AET_TRY(AET_ARRAY(m, "RESIRE residual of the object", &d->residual));
    AET_TRY(AET_ARRAY(n, "RESIRE momentum", &d->ahead));
    memcpy(d->ahead, d->now, (size_t)n * sizeof *d->now);
    if (!d->apart)
        return AET_OK;
    AET_TRY(AET_ARRAY(n, "RESIRE best object", &d->best));
    return AET_ARRAY(m, "RESIRE best residual", &d->best_residual);
}

/* What the next iteration depends on. */
static void remember(descent *d)
{
    recon_keep_array(d->keep, "object", &d->now, d->op->n_domain);
    if (!d->fast)
        return;
    recon_keep_array(d->keep, "ahead", &d->ahead, d->op->n_domain);
    recon_keep_whole(d->keep, "images", &d->image, d->op->n_range);
    recon_keep_number(d->keep, "t", &d->t);
    recon_keep_number(d->keep, "beta", &d->beta);
    if (!d->best)
        return;
    recon_keep_array(d->keep, "best", &d->best, d->op->n_domain);
    recon_keep_whole(d->keep, "best_residual", &d->best_residual, d->op->n_range);
    recon_keep_number(d->keep, "best_free", &d->best_free);
    recon_keep_number(d->keep, "best_at", &d->best_at);
}

static void release(descent *d)
{
    if (d->fast)
        aet_release(&d->ahead);
    aet_release(&d->spare);
    aet_release(&d->best);
    aet_release(&d->best_residual);
    aet_release(&d->y);
    aet_release(&d->image);
    aet_release(&d->residual);
    aet_release(&d->apart);
}

/* The object given back, in the caller's x; its R factors. */
static void finish(descent *d, float *x, aet_recon_report *report)
{
    const float *given = d->best ? d->best : d->now;

    if (given != x)
        memcpy(x, given, (size_t)d->op->n_domain * sizeof *x);
    aet_linop_forward(d->op, x, d->y);
    subtract(d->y, d->b, d->op->n_range, d->y);
    recon_r_factors(d->y, d->b, d->n, d->op->n_range / d->n, report);
}

aet_err recon_resire(const aet_linop *op, const float *b, int n, const uint8_t *mask,
                     const aet_recon_params *p, recon_keep *keep, float *x,
                     aet_recon_report *report)
{
    aet_err err = AET_OK;
    descent d = {.op = op,
                 .b = b,
                 .n = n,
                 .mask = mask,
                 .params = p,
                 .keep = keep,
                 .fast = p->method == AET_RECON_RESIRE_FAST,
                 .now = x,
                 .t = 1,
                 .best_free = INFINITY};

    AET_GO(AET_AGREE(op->comm, arrays(&d)));
    if (!d.fast)
        d.ahead = d.now;
    if (d.apart)
        withhold(&d);
    remember(&d);
    AET_GO(step_size(&d, report));
    AET_GO(iterate(&d, report));
    finish(&d, x, report);
done:
    release(&d);
    return err;
}
