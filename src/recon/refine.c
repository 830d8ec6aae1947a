#include "aetlas/recon/refine.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/timing.h"
#include "recon/recon_priv.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

#define AET_PARAM_OWNER aet_refine_params
AET_PARAMS_TABLE(aet_refine_table, "refine", "Refinement of orientations and places of the images",
                 AET_REFINE_PARAMS);
#undef AET_PARAM_OWNER

/* By how much the mean R1 of a volume may be worse with poses from atoms. */
#define ROOM 1.05

typedef struct {
    MPI_Comm comm;
    const aet_tilt *tilt;
    const aet_refine_params *params;
    const aet_recon_params *recon;
    refine_unknowns unknowns;
    aet_refine_report *report; /* before: as given; after: where they are now */
    aet_progress progress;
} job;

/* ---- one round ---- */

/* Steps of all images, [n][REFINE_MOST], from the residuals of the volume. */
static void steps_of_all(const refine_level *l, const refine_jacobian *j, double *step)
{
    memset(step, 0, (size_t)l->n * REFINE_MOST * sizeof *step);
    for (int i = 0; i < l->mine; i++)
        refine_jacobian_step(l, j, i, l->r + (l->first + i) * l->m,
                             step + (int64_t)(l->first + i) * REFINE_MOST);
    aet_sum_double(l->comm, step, (int64_t)l->n * REFINE_MOST);
}

/* Linear theory holds for about a pixel: no shift goes further at once, and no edge of the frame by
 * turning. */
static void limit_step(const refine_level *l, const refine_unknowns *u, double *step)
{
    double reach = (l->nu < l->nv ? l->nu : l->nv) / 2.0, worst = 1;

    for (int k = 0; k < u->n; k++)
        worst = fmax(worst, fabs(step[k]) * (u->of[k] >= REFINE_X ? 1 : reach));
    for (int k = 0; k < u->n; k++)
        step[k] /= worst;
}

static void move_all(const job *w, const refine_level *l, double *steps)
{
    const refine_unknowns *u = &w->unknowns;

    for (int i = 0; i < l->n; i++) {
        double *step = steps + (int64_t)i * REFINE_MOST;
        limit_step(l, u, step);
        for (int k = 0; k < u->n; k++)
            if (u->of[k] >= REFINE_X)
                step[k] *= l->bin;
        refine_move(u, step, &w->report->after[i]);
    }
}

static double shift_between(const aet_pose *a, const aet_pose *b)
{
    return hypot(a->shift_px[0] - b->shift_px[0], a->shift_px[1] - b->shift_px[1]);
}

/* Moves are counted with what all tilts have in common taken out; those beyond a limit do not take
 * part in the next volume. */
static aet_err settle(const job *w, refine_level *l)
{
    aet_refine_report *r = w->report;
    double *weight = AET_NEW(double, l->n);
    aet_err err = AET_OK;

    for (int i = 0; i < l->n; i++)
        weight[i] = l->used[i] ? 1 : 0;
    err = refine_gauge(w->params, l->n, r->before, weight, r->after);
    for (int i = 0; i < l->n; i++)
        l->used[i] = refine_angle_between(r->before[i].angles_deg, r->after[i].angles_deg) <=
                         w->params->max_angle_deg &&
                     shift_between(&r->before[i], &r->after[i]) <= w->params->max_shift_px;
    aet_release(&weight);
    return err;
}

static void rms_moves(int n, const aet_pose *a, const aet_pose *b, double *angle_deg,
                      double *shift_px)
{
    double angle2 = 0, shift2 = 0;

    for (int i = 0; i < n; i++) {
        angle2 += pow(refine_angle_between(a[i].angles_deg, b[i].angles_deg), 2);
        shift2 += pow(shift_between(&a[i], &b[i]), 2);
    }
    *angle_deg = sqrt(angle2 / n);
    *shift_px = sqrt(shift2 / n);
}

static double misfit(const refine_level *l)
{
    double one = 0, all = 0;

    for (int64_t i = 0; i < l->n * l->m; i++) {
        one += (double)fabsf(l->r[i]);
        all += (double)fabsf(l->b[i]);
    }
    return one / all;
}

static aet_err one_round(job *w, refine_level *l, refine_jacobian *j, double *steps,
                         double *angle_deg, double *shift_px)
{
    aet_refine_report *r = w->report;
    refine_hold hold = {w->params->hold_deg, r->before, r->after};
    aet_pose *last = AET_NEW(aet_pose, l->n);
    aet_err err = AET_OK;
    char note[96];

    memcpy(last, r->after, (size_t)l->n * sizeof *last);
    AET_GO(refine_level_poses(l, r->after));
    AET_GO(refine_level_volume(l, j->column ? j : NULL,
                               j->column ? w->params->iterations : w->params->start));
    AET_GO(refine_jacobian_make(l, &w->unknowns, &hold, j));
    steps_of_all(l, j, steps);
    move_all(w, l, steps);
    AET_GO(settle(w, l));
    rms_moves(l->n, last, r->after, angle_deg, shift_px);
    r->rounds++;
    aet_fmt(note, sizeof note, "binning %d: R1 %.4f, moves %.3f deg, %.3f pixels", l->bin,
            misfit(l), *angle_deg, *shift_px);
    aet_debug("round %d, %s", r->rounds, note);
    aet_progress_step(&w->progress, note);
done:
    aet_release(&last);
    return err;
}

/* ---- one level ---- */

static aet_err rounds(job *w, refine_level *l)
{
    const aet_refine_params *p = w->params;
    refine_jacobian j = {0};
    double *steps = AET_NEW(double, (int64_t)l->n *REFINE_MOST);
    double angle_deg = INFINITY, shift_px = INFINITY;
    aet_err err = AET_OK;
    int round = 0;

    while (round < p->rounds && (angle_deg > p->tolerance_deg * l->bin ||
                                 shift_px > p->tolerance_px * l->bin || round < 2)) {
        AET_GO(one_round(w, l, &j, steps, &angle_deg, &shift_px));
        round++;
    }
    aet_info("binning %d: %d rounds, R1 = %.4f, last moves %.4f deg and %.4f pixels (RMS)", l->bin,
             round, misfit(l), angle_deg, shift_px);
done:
    aet_progress_at(&w->progress, w->progress.done + p->rounds - round, NULL);
    refine_jacobian_free(&j);
    aet_release(&steps);
    return err;
}

/* R1 of every image, from a volume of all of them. */
static aet_err measure(const job *w, refine_level *l, const aet_pose *poses, double *r1,
                       double *mean)
{
    aet_recon_report report = {0};

    AET_TRY(refine_level_poses(l, poses));
    AET_TRY(refine_level_volume(l, NULL, w->params->start));
    recon_report_start(&report, l->n, 1);
    recon_r_factors(l->r, l->b, l->n, l->m, &report);
    memcpy(r1, report.r1, (size_t)l->n * sizeof *r1);
    *mean = report.mean_r1;
    aet_recon_report_free(&report);
    return AET_OK;
}

/* Puts back what was lost, and the reference tilt where it was. */
static aet_err finish(const job *w, refine_level *l)
{
    aet_refine_report *r = w->report;

    AET_TRY(refine_gauge_reference(w->params, l->n, r->before, r->reference, r->after));
    for (int i = 0; i < l->n; i++) {
        r->lost[i] = !l->used[i];
        if (!r->lost[i])
            continue;
        r->after[i] = r->before[i];
        r->n_lost++;
        aet_warn("tilt %d (theta %.2f deg) moved further than refine.max_angle_deg or "
                 "refine.max_shift_px from the others: it is left as it was",
                 i, r->before[i].angles_deg[1]);
    }
    rms_moves(l->n, r->before, r->after, &r->rms_angle_deg, &r->rms_shift_px);
    for (int i = 0; i < l->n; i++)
        l->used[i] = true;
    return measure(w, l, r->after, r->r1_after, &r->mean_r1_after);
}

/* ---- by atoms ---- */

/* Poses from the last level's images as they are, sharper than those that the rounds compare; NULL where the
 * object is not of atoms, or poses are too far off as yet. */
static aet_err by_atoms(const job *w, int bin, aet_pose **poses)
{
    const aet_refine_params *p = w->params;
    refine_level l = {0};
    bool found = false;
    aet_err err = AET_OK;

    *poses = NULL;
    if (!p->theta || bin != p->finest || bin == p->coarsest)
        return AET_OK;
    *poses = AET_NEW(aet_pose, w->tilt->n);
    AET_GO(refine_level_create(w->comm, w->tilt, w->recon, bin, 0, &l));
    AET_GO(settle(w, &l)); /* tells which images are in use */
    memcpy(*poses, w->report->after, (size_t)l.n * sizeof **poses);
    AET_GO(refine_by_beads(&l, &w->unknowns, p, *poses, &found));
done:
    if (!found)
        aet_release(poses);
    refine_level_free(&l);
    return err;
}

/* Takes these poses if a volume explains the images with them as well as with those of the levels before:
 * it tells little of how the tilts are stretched, but all of what is badly wrong. */
static aet_err take(job *w, refine_level *l, const aet_pose *poses, bool *taken)
{
    aet_refine_report *r = w->report;
    double mean[2];

    AET_TRY(measure(w, l, r->after, r->r1_after, &mean[0]));
    AET_TRY(measure(w, l, poses, r->r1_after, &mean[1]));
    *taken = mean[1] < ROOM * mean[0];
    aet_info("R1 = %.4f with poses from atoms, %.4f before%s", mean[1], mean[0],
             *taken ? "" : ": not used");
    if (!*taken)
        return AET_OK;
    memcpy(r->after, poses, (size_t)l->n * sizeof *poses);
    aet_progress_at(&w->progress, w->progress.done + w->params->rounds, NULL);
    return settle(w, l);
}

static aet_err level(job *w, int bin)
{
    const aet_refine_params *p = w->params;
    aet_refine_report *r = w->report;
    aet_pose *poses = NULL;
    bool taken = false;
    refine_level l = {0};
    aet_err err = AET_OK;

    AET_GO(by_atoms(w, bin, &poses));
    AET_GO(refine_level_create(w->comm, w->tilt, w->recon, bin, p->blur, &l));
    if (bin == p->finest)
        AET_GO(measure(w, &l, r->before, r->r1_before, &r->mean_r1_before));
    if (poses)
        AET_GO(take(w, &l, poses, &taken));
    if (!taken)
        AET_GO(rounds(w, &l));
    if (bin == p->finest)
        AET_GO(finish(w, &l));
done:
    aet_release(&poses);
    refine_level_free(&l);
    return err;
}

/* ---- the whole ---- */

static int nearest_to_flat(const aet_tilt *t)
{
    int best = 0;

    for (int i = 1; i < t->n; i++)
        if (fabs(t->angles_deg[i][1]) < fabs(t->angles_deg[best][1]))
            best = i;
    return best;
}

static aet_err check(const aet_tilt *t, const aet_refine_params *p)
{
    AET_TRY(aet_tilt_check(t));
    AET_CHECK(t->n >= 3, AET_ERR_INPUT, "a series of %d images cannot be refined: 3 at least",
              t->n);
    AET_CHECK(p->phi || p->theta || p->psi || p->in_plane || p->shift, AET_ERR_USAGE,
              "nothing to refine: one of refine.phi, theta, psi, in_plane and shift must be true");
    AET_CHECK(p->reference < t->n, AET_ERR_USAGE, "refine.reference = %d: the tilts are 0 to %d",
              p->reference, t->n - 1);
    AET_CHECK(p->coarsest >= p->finest, AET_ERR_USAGE,
              "refine.coarsest = %d is finer than refine.finest = %d", p->coarsest, p->finest);
    return AET_OK;
}

static void report_start(const aet_tilt *t, const aet_refine_params *p, aet_refine_report *r)
{
    *r = (aet_refine_report){.n = t->n};
    r->before = AET_NEW(aet_pose, t->n);
    r->after = AET_NEW(aet_pose, t->n);
    r->r1_before = AET_NEW(double, t->n);
    r->r1_after = AET_NEW(double, t->n);
    r->lost = AET_NEW(bool, t->n);
    r->reference = p->reference < 0 ? nearest_to_flat(t) : p->reference;
    for (int i = 0; i < t->n; i++)
        memcpy(r->before[i].angles_deg, t->angles_deg[i], sizeof r->before[i].angles_deg);
    memcpy(r->after, r->before, (size_t)t->n * sizeof *r->after);
}

/* Each rank shifts its own images; then all get all. */
static aet_err resample(const job *w, aet_tilt **out)
{
    const aet_tilt *t = w->tilt;
    int64_t m = (int64_t)t->nx * t->ny;
    int rank, size;
    aet_err err;

    MPI_Comm_rank(w->comm, &rank);
    MPI_Comm_size(w->comm, &size);
    err = aet_tilt_create(t->n, t->ny, t->nx, t->pixel_A, out);
    for (int i = rank; i < t->n && !err; i += size) {
        const double *s = w->report->after[i].shift_px;
        err = aet_image_shift(aet_tilt_image(t, i), t->ny, t->nx, -s[0], -s[1],
                              aet_tilt_image(*out, i));
    }
    AET_TRY(AET_AGREE(w->comm, err));
    for (int i = 0; i < t->n; i++) {
        aet_bcast_bytes(w->comm, aet_tilt_image(*out, i), m * (int64_t)sizeof(float), i % size);
        memcpy((*out)->angles_deg[i], w->report->after[i].angles_deg, sizeof *t->angles_deg);
    }
    return AET_OK;
}

aet_err aet_refine(MPI_Comm comm, const aet_tilt *tilt, const aet_refine_params *params,
                   const aet_recon_params *recon, aet_tilt **out, aet_refine_report *report)
{
    job w = {comm, tilt, params, recon, refine_unknowns_of(params), report, {0}};
    double start = aet_clock_s();
    aet_err err = AET_OK;
    int levels = 0;

    *out = NULL;
    report_start(tilt, params, report);
    AET_TRY(AET_AGREE(comm, check(tilt, params)));
    for (int bin = params->coarsest; bin >= params->finest; bin /= 2)
        levels++;
    w.progress = aet_progress_begin("refine", (long)levels * params->rounds);
    for (int bin = params->coarsest; bin > params->finest; bin /= 2)
        AET_GO(level(&w, bin));
    AET_GO(level(&w, params->finest));
    AET_GO(resample(&w, out));
done:
    aet_progress_end(&w.progress);
    report->seconds = aet_clock_s() - start;
    if (err)
        aet_tilt_free(out);
    return err;
}
