/* A step of RESIRE, plain or accelerated, and the errors of the object it starts from. */
#include "aetlas/base/rng.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "recon/resire_priv.h"
#include <math.h>
#include <string.h>

/* R_free has fallen when it is lower by at least this share: on clean data it creeps on for ever. */
#define FREE_GAIN 1e-4

/* ---- errors ---- */

void resire_withhold(resire_job *d, const bool *images)
{
    int64_t m = d->op->n_range / d->n;
    double share = recon_withheld(d->params);

    for (int64_t i = 0; i < d->op->n_range; i++) {
        aet_rng key = {(uint64_t)d->params->seed, (uint32_t)(i / m), AET_RNG_WITHHOLD};
        d->apart[i] = images ? images[i / m] : aet_rng_uniform(key, (uint64_t)(i % m)) < share;
    }
}

/* Sums of squares of a over the pixels fitted and over those withheld. */
static void squares(const resire_job *d, const float *a, double sum[2])
{
    sum[0] = sum[1] = 0;
    for (int64_t i = 0; i < d->op->n_range; i++)
        sum[d->apart && d->apart[i]] += (double)a[i] * (double)a[i];
}

static aet_recon_step errors(const resire_job *d, const float *residual, aet_recon_report *report)
{
    double fitted[2], measured[2], none = (double)NAN;

    recon_r_factors(residual, d->b, d->n, d->op->n_range / d->n, report);
    squares(d, residual, fitted);
    if (d->apart)
        squares(d, d->b, measured);
    return (aet_recon_step){report->mean_r1, report->mean_r2, fitted[0] / 2, none,
                            d->apart && measured[1] > 0 ? sqrt(fitted[1] / measured[1]) : none};
}

void resire_subtract(const float *a, const float *b, int64_t n, float *out)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = a[i] - b[i];
}

/* A ahead = (1 + beta) A now - beta A before: the images of the object now. */
static void image_of_object(resire_job *d)
{
    float before = (float)(d->beta / (1 + d->beta)), ahead = (float)(1 / (1 + d->beta));

    for (int64_t i = 0; i < d->op->n_range; i++)
        d->image[i] = ahead * d->y[i] + before * d->image[i];
}

/* ---- steps ---- */

/* next = P( ahead - t next ), with next the gradient there. */
static void project(const resire_job *d, float t)
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
static bool uphill(const resire_job *d)
{
    double sum = 0;

    for (int64_t i = 0; i < d->op->n_domain; i++)
        sum += (double)((d->ahead[i] - d->next[i]) * (d->next[i] - d->now[i]));
    aet_sum_double(d->op->comm, &sum, 1);
    return sum > 0;
}

static void go_ahead(resire_job *d)
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
static bool better(const resire_job *d)
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

static void keep_best(resire_job *d, int it, double free2, aet_recon_report *report)
{
    if (d->twice && d->settled_at < 0) {
        if (free2 < d->best_free) {
            d->best_free = free2;
            d->best_at = it;
        }
        if (free2 <= RECON_WELL * d->best_free)
            d->well_at = it;
    }
    if (!d->best || free2 > d->best_free * (1 - FREE_GAIN) || (it > 0 && !better(d)))
        return;
    d->best_free = free2;
    d->best_at = it;
    report->best = it;
    memcpy(d->best, d->now, (size_t)d->op->n_domain * sizeof *d->best);
    memcpy(d->best_residual, d->residual, (size_t)d->op->n_range * sizeof *d->residual);
}

/* What the object's images lack; the residual of `ahead` stays in y, without the withheld pixels. */
static aet_recon_step residuals(resire_job *d, aet_recon_report *report)
{
    int64_t n = d->op->n_range;
    aet_recon_step step;

    if (d->fast) {
        image_of_object(d);
        resire_subtract(d->image, d->b, n, d->residual);
        step = errors(d, d->residual, report);
    }
    resire_subtract(d->y, d->b, n, d->y);
    if (!d->fast)
        step = errors(d, d->y, report);
    if (d->apart)
        for (int64_t i = 0; i < n; i++)
            d->y[i] = d->apart[i] ? 0 : d->y[i];
    return step;
}

/* Where A^T A stands for the projector: the cost is the quadratic of the point ahead. */
static aet_recon_step gradient_gram(resire_job *d)
{
    double form = aet_gram_apply(d->gram, d->ahead, d->next), none = (double)NAN;
    double cost = form / 2 - aet_linop_dot_domain(d->op, d->ahead, d->back) + d->b2 / 2;

    resire_subtract(d->next, d->back, d->op->n_domain, d->next);
    return (aet_recon_step){none, sqrt(fmax(2 * cost, 0) / d->b2), cost, none, none};
}

/* next = the gradient at `ahead`. */
static aet_recon_step gradient(resire_job *d, aet_recon_report *report)
{
    if (d->gram)
        return gradient_gram(d);
    aet_phase_begin("project");
    aet_linop_forward(d->op, d->ahead, d->y);
    aet_phase_end("project");
    aet_recon_step step = residuals(d, report);
    aet_phase_begin("back project");
    aet_linop_adjoint(d->op, d->y, d->next);
    aet_phase_end("back project");
    return step;
}

/* The errors are of the object before its step. */
aet_err resire_step(resire_job *d, int it, aet_recon_report *report)
{
    report->curve[it] = gradient(d, report);
    report->iterations = it + 1;
    /* the cost is the same number on every rank: images are whole everywhere, products summed */
    AET_CHECK(isfinite(report->curve[it].cost), AET_ERR_NUMERIC,
              "RESIRE diverged at iteration %d; take reconstruct.step below 2", it);
    keep_best(d, it, report->curve[it].r_free2, report);
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
