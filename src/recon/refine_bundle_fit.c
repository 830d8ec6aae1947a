/* Poses from beads: peaks of a volume, then beads and poses fitted together until they rest. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

/* Weights below this part of the mean are no atoms.  The mean is that of weights by weight; the lightest atoms
 * of an alloy have a third of the heaviest ones'. */
#define LEAST_WEIGHT 0.2

/* Pixels that a bead goes at most in a step: half its width or less. */
#define FARTHEST 0.5

/* Of an object that is made of atoms, apart from each other and not single pixels: peaks, their width
 * in pixels, and the part of the images (norm) that beads leave. */
#define FEWEST   20
#define SHARPEST 0.6
#define BROADEST (REFINE_BEAD_REACH / 4.0)
#define WORST    0.3

/* Last moves, in tolerances, of poses that find no rest: with beads missing or too many, or not atoms. */
#define REST     2
#define RESTLESS 10

enum {
    STILL = 2, /* first steps, in which poses stay: beads come from peaks half a width off */
    STEPS = 8  /* of poses */
};

static void count(refine_bundle *w)
{
    w->poses_at = 4 * (int64_t)w->b->n;
    w->width_at = w->poses_at + (int64_t)w->l->n * w->u->n;
    w->size = w->width_at + 1;
}

static void move_beads(const refine_bundle *w, const double *x)
{
    refine_beads *b = w->b;

    for (int a = 0; a < b->n; a++) {
        const double *own = x + 4 * (int64_t)a;
        double far = sqrt(own[0] * own[0] + own[1] * own[1] + own[2] * own[2]);
        for (int c = 0; c < 3; c++)
            b->at[a][c] += own[c] * (far > FARTHEST ? FARTHEST / far : 1);
        b->weight[a] *= fmax(0.01, 1 + own[3]);
    }
    b->sigma *= fmax(0.8, fmin(1.25, exp(x[w->width_at])));
}

/* RMS of the moves: degrees, pixels of the series. */
static void move_poses(const refine_bundle *w, const double *x, double *angle_deg, double *shift_px)
{
    double step[REFINE_MOST], square[2] = {0};

    for (int i = 0; i < w->l->n; i++) {
        for (int k = 0; k < w->u->n; k++) {
            bool shift = w->u->of[k] >= REFINE_X;
            step[k] = x[w->poses_at + (int64_t)i * w->u->n + k] * (shift ? w->l->bin : 1);
            square[shift] += step[k] * step[k] / w->l->n;
        }
        refine_move(w->u, step, &w->poses[i]);
    }
    *angle_deg = sqrt(square[0]) * AET_DEG_PER_RAD;
    *shift_px = sqrt(square[1]);
}

static void prune(refine_bundle *w)
{
    refine_beads *b = w->b;
    double sum = 0, sum2 = 0;
    int n = 0;

    for (int a = 0; a < b->n; a++) {
        sum += b->weight[a];
        sum2 += b->weight[a] * b->weight[a];
    }
    for (int a = 0; a < b->n; a++)
        if (b->weight[a] * sum > LEAST_WEIGHT * sum2) {
            memcpy(b->at[n], b->at[a], sizeof *b->at);
            b->weight[n++] = b->weight[a];
        }
    b->n = n;
    count(w);
}

static bool atomic(const refine_beads *b)
{
    return b->n >= FEWEST && b->sigma >= SHARPEST && b->sigma <= BROADEST;
}

static double norm2(const refine_level *l)
{
    double sum = 0;

    for (int64_t k = 0; k < l->n * l->m; k++)
        sum += l->used[k / l->m] ? (double)l->b[k] * (double)l->b[k] : 0;
    return sum;
}

/* What beads leave of the images, back into the volume, where those show that are missing. */
static aet_err add_missing(refine_bundle *w, refine_level *l)
{
    memset(l->r, 0, (size_t)(l->n * l->m) * sizeof *l->r);
    memcpy(l->r + l->first * l->m, w->r, (size_t)(l->mine * l->m) * sizeof *l->r);
    aet_sum_float(l->comm, l->r, l->n * l->m);
    AET_TRY(refine_level_poses(l, w->poses));
    aet_linop_adjoint(l->op, l->r, l->x);
    AET_TRY(refine_beads_add(l, w->b));
    count(w);
    return AET_OK;
}

/* One step; *far: of the poses, in tolerances. */
static aet_err one_step(refine_bundle *w, const aet_refine_params *p, double *far)
{
    double *vectors = NULL, angle_deg = 0, shift_px = 0;

    AET_CHECK(!aet_stop_now(w->l->comm), AET_ERR_STOPPED, "the refinement was stopped");
    AET_TRY(AET_AGREE(w->l->comm, AET_ARRAY(7 * w->size, "unknowns of atoms and poses", &vectors)));
    w->diagonal = vectors + 6 * w->size;
    refine_bundle_solve(w, vectors, vectors + w->size);
    move_beads(w, vectors);
    if (!w->still) {
        move_poses(w, vectors, &angle_deg, &shift_px);
        *far = fmax(angle_deg / p->tolerance_deg, shift_px / p->tolerance_px);
    }
    aet_debug("%d atoms of width %.3f pixels: moves %.4f deg, %.4f pixels", w->b->n, w->b->sigma,
              angle_deg, shift_px);
    aet_release(&vectors);
    return AET_OK;
}

/* Steps until the poses rest, or nearly so after the last one. */
static aet_err steps(refine_bundle *w, refine_level *l, const aet_refine_params *p, bool *found)
{
    double far = INFINITY, all = norm2(l), part = 1, lost = p->max_angle_deg / p->tolerance_deg;

    for (int step = 0; step < STILL + STEPS && far > REST && atomic(w->b); step++) {
        w->still = step < STILL;
        refine_bundle_residual(w);
        if (step == STILL || step == STILL + 2) {
            AET_TRY(add_missing(w, l));
            refine_bundle_residual(w);
        }
        AET_TRY(one_step(w, p, &far));
        prune(w);
        if (!w->still && far > lost)
            break;
    }
    part = sqrt(refine_bundle_residual(w) / all);
    *found = atomic(w->b) && part < WORST && far < RESTLESS;
    aet_info("%d atoms explain all but %.4f of the images (norm)%s", w->b->n, part,
             *found ? "" : ": not used");
    return AET_OK;
}

static aet_err fit(refine_bundle *w, refine_level *l, const aet_refine_params *p, bool *found)
{
    aet_err err = AET_ARRAY(l->mine * l->m, "residual images of atoms", &w->r);

    if (!err)
        err = AET_ARRAY(l->m, "image of atoms", &w->image);
    AET_GO(AET_AGREE(l->comm, err));
    AET_GO(steps(w, l, p, found));
done:
    aet_release(&w->r);
    aet_release(&w->image);
    return err;
}

aet_err refine_by_beads(refine_level *l, const refine_unknowns *u, const aet_refine_params *p,
                        aet_pose *poses, bool *found)
{
    refine_beads beads = {0};
    refine_bundle w = {.l = l, .u = u, .b = &beads, .poses = poses};
    aet_err err = AET_OK;

    *found = false;
    AET_GO(refine_level_poses(l, poses));
    AET_GO(refine_level_volume(l, NULL, p->start));
    AET_GO(refine_beads_find(l, &beads));
    if (!atomic(&beads)) {
        aet_debug("%d peaks of width %.2f: no atoms", beads.n, beads.sigma);
        goto done;
    }
    count(&w);
    AET_GO(fit(&w, l, p, found));
done:
    refine_beads_free(&beads);
    return err;
}
