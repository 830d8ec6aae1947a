/* RESIRE: projected gradient descent on || A x - b ||^2 / 2 with x >= 0 in the support (Pham, Yuan,
 * Rana, Osher, Miao, Sci. Rep. 13, 5624 (2023)):  x <- P+( x - t A^T (A x - b) ).
 *
 * The published step is t = step / (n N), n images and N voxels along the beam, since n N bounds
 * the largest eigenvalue L of A^T A for rays that cross N voxels.  Tilted and laterally extended
 * volumes have longer rays, so L is bounded by the operator itself: monotone descent holds for step
 * <= 1, convergence for step < 2 (projected gradient of a convex function with Lipschitz gradient).
 */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "recon/recon_priv.h"
#include <math.h>

/* Power steps for the bound of L: after three it is within a few per cent on tilt series. */
#define BOUND_STEPS 3

static double subtract(float *y, const float *b, int64_t n)
{
    double sum = 0;

    for (int64_t i = 0; i < n; i++) {
        y[i] -= b[i];
        sum += (double)y[i] * (double)y[i];
    }
    return sum / 2;
}

static void descend(float *restrict x, const float *restrict g, const uint8_t *restrict mask,
                    int64_t n, float t, bool positivity)
{
    float low = positivity ? 0 : -INFINITY;

    for (int64_t i = 0; i < n; i++) {
        float down = x[i] - t * g[i];
        x[i] = down > low ? down : low;
    }
    if (mask)
        for (int64_t i = 0; i < n; i++)
            x[i] = mask[i] ? x[i] : 0;
}

static aet_err step_size(const aet_linop *op, const uint8_t *mask, double step,
                         aet_recon_report *report)
{
    aet_phase_begin("resire bound");
    aet_err err = aet_linop_norm2_bound(op, mask, BOUND_STEPS, &report->norm2);
    aet_phase_end("resire bound");
    AET_TRY(err);
    AET_CHECK(report->norm2 > 0, AET_ERR_INPUT,
              "no voxel of the volume is seen in any image: check support, sizes and angles");
    report->step = step / report->norm2;
    if (step >= 2)
        aet_warn("reconstruct.step = %g: convergence is guaranteed below 2 only", step);
    return AET_OK;
}

static aet_err iterate(const aet_linop *op, const float *b, int n, const uint8_t *mask,
                       const aet_recon_params *p, float *x, float *y, float *g,
                       aet_recon_report *report)
{
    aet_progress progress = aet_progress_begin("resire", p->iterations);
    double start = aet_clock_s();
    char note[64];

    for (int it = 0; it < p->iterations; it++) {
        if (aet_stop_now(op->comm))
            AET_FAIL(AET_ERR_STOPPED, "RESIRE stopped at iteration %d of %d", it, p->iterations);
        aet_phase_begin("project");
        aet_linop_forward(op, x, y);
        aet_phase_end("project");
        double cost = subtract(y, b, op->n_range);
        recon_r_factors(y, b, n, op->n_range / n, report);
        report->curve[it] =
            (aet_recon_step){report->mean_r1, report->mean_r2, cost, (double)NAN, (double)NAN};
        report->iterations = it + 1;
        /* cost is the same number on every rank: y is whole everywhere */
        AET_CHECK(isfinite(cost), AET_ERR_NUMERIC,
                  "RESIRE diverged at iteration %d; take reconstruct.step below 2", it);
        aet_phase_begin("back project");
        aet_linop_adjoint(op, y, g);
        aet_phase_end("back project");
        descend(x, g, mask, op->n_domain, (float)report->step, p->positivity);
        aet_fmt(note, sizeof note, "R1 = %.4f", report->mean_r1);
        aet_progress_step(&progress, note);
    }
    aet_progress_end(&progress);
    report->seconds = aet_clock_s() - start;
    return AET_OK;
}

aet_err recon_resire(const aet_linop *op, const float *b, int n, const uint8_t *mask,
                     const aet_recon_params *p, float *x, aet_recon_report *report)
{
    aet_err err = AET_OK;
    float *y = NULL, *g = NULL;

    AET_GO(AET_AGREE(op->comm, AET_ARRAY(op->n_range, "RESIRE residual", &y)));
    AET_GO(AET_AGREE(op->comm, AET_ARRAY(op->n_domain, "RESIRE gradient", &g)));
    AET_GO(step_size(op, mask, p->step, report));
    AET_GO(iterate(op, b, n, mask, p, x, y, g, report));
    aet_linop_forward(op, x, y);
    subtract(y, b, op->n_range);
    recon_r_factors(y, b, n, op->n_range / n, report);
done:
    aet_release(&y);
    aet_release(&g);
    return err;
}
