#include "trace/images_priv.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include <math.h>
#include <string.h>

#define AET_PARAM_OWNER aet_fit_params
AET_PARAMS_TABLE(aet_fit_table, "fit", "Refinement of an atom model against the images",
                 AET_FIT_PARAMS);

enum { VISITS = 2 /* to the sites of a crystal */ };
enum { NEWTON = 2, LAST_STEPS = 3 }; /* the latter: times `steps` at the end */
/* While atoms are missing and too many, heights tell which: they are free to do so. */
#define LOOSE 0.4
/* Editing that makes R1 so much worse tears the model down. */
#define ASTRAY       1.5
#define ASTRAY_LEAST 0.05
#define SETTLED      0.002 /* of the atoms: so few edits are not worth another round */

/* Heights, widths and weights to the positions as they are. */
static aet_err settle_species(images_fit *f, images_misfit *m)
{
    AET_TRY(images_weights(f, false));
    for (int i = 0; i < NEWTON; i++) {
        AET_TRY(images_residuals(f, NULL, m));
        AET_TRY(images_newton(f, f->p->widths));
    }
    return images_residuals(f, NULL, m);
}

/* What the atoms of a species share belongs to its height. */
static void share_excess(images_fit *f)
{
    for (int s = 0; s < f->n_kinds; s++) {
        double sum = 0;
        int n = 0;
        for (int a = 0; a < f->n; a++) {
            bool sure = f->species[a] == s && f->width[a] <= 0;
            sum += sure ? f->excess[a] : 0;
            n += sure;
        }
        double mean = n > 0 ? sum / n : 0;
        f->kind[s].height *= 1 + mean;
        for (int a = 0; a < f->n; a++)
            if (f->species[a] == s)
                f->excess[a] = (1 + f->excess[a]) / (1 + mean) - 1;
    }
}

static aet_err settle(images_fit *f, int steps, images_misfit *m)
{
    AET_TRY(images_settle(f, steps));
    share_excess(f);
    return settle_species(f, m);
}

/* Add, edit, fit; true in *done when nothing was to edit.  Atoms are added before any move: later
 * their neighbours would have closed the gap.  Species are judged from the second round on. */
static aet_err one_round(images_fit *f, bool *done)
{
    images_misfit m;
    aet_fit_report *r = f->report, before = *r;
    if (f->p->add)
        AET_TRY(images_add(f));
    AET_TRY(images_residuals(f, NULL, &m));
    AET_TRY(images_edit(f, r->rounds > 0));
    int edits = r->dropped + r->added + r->changed - before.dropped - before.added - before.changed;
    *done = edits <= (int)(SETTLED * f->n) && r->rounds > 0;
    AET_TRY(settle(f, f->p->steps, &m));
    r->rounds++;
    aet_info("fit: round %d, R1 = %.4f, %d added, %d dropped, %d changed, %d atoms", r->rounds,
             m.r1, r->added - before.added, r->dropped - before.dropped,
             r->changed - before.changed, f->n);
    AET_CHECK(
        m.r1 < ASTRAY * r->r1_before || m.r1 < r->r1_before + ASTRAY_LEAST, AET_ERR_NUMERIC,
        "the fit goes astray: R1 = %.3f after round %d, %.3f before; too many atoms are wrong "
        "or missing to start from. Trace a better reconstruction, or, to edit nothing, set "
        "fit.rounds = 0",
        m.r1, r->rounds, r->r1_before);
    return AET_OK;
}

/* A crystal's sites, and then the images again: what is too much there goes. */
static aet_err by_sites(images_fit *f, aet_fit_guide *guide)
{
    images_misfit m;
    for (int i = 0, edits = 1; i < VISITS && edits > 0; i++) {
        AET_TRY(images_to_sites(f, guide, &edits));
        AET_TRY(settle(f, f->p->steps, &m));
        AET_TRY(images_edit(f, true));
        if (edits)
            aet_info("fit: sites of the crystal, R1 = %.4f, %d atoms placed, %d atoms in all", m.r1,
                     edits, f->n);
    }
    return AET_OK;
}

/* ---- the result ---- */

/* Columns of the given model, for the atoms that are still there. */
static void copy_columns(const images_fit *f, const aet_atoms *given, aet_atoms *fitted)
{
    for (int c = 0; c < given->n_columns; c++) {
        const aet_column *old = &given->columns[c];
        aet_column *fresh =
            aet_atoms_add_column(fitted, old->name, old->width, old->unit, old->description);
        for (int a = 0; a < f->n; a++)
            if (f->origin[a] >= 0)
                memcpy(fresh->values + (int64_t)a * old->width,
                       old->values + (int64_t)f->origin[a] * old->width,
                       (size_t)old->width * sizeof(double));
    }
}

static double *column(aet_atoms *a, const char *name, const char *unit, const char *text)
{
    return aet_atoms_add_column(a, name, 1, unit, text)->values;
}

static void new_columns(const images_fit *f, const images_verdict *verdict, const aet_atoms *given,
                        aet_atoms *fitted)
{
    double *height = column(fitted, "image_height", "1",
                            "best height of an atom of the heaviest species here / that species'");
    for (int a = 0; a < f->n; a++)
        height[a] = verdict[a].height[f->n_kinds - 1];
    double *gain = column(fitted, "image_gain", "1",
                          "fall of the misfit by this atom / noise: square of its significance");
    for (int a = 0; a < f->n; a++)
        gain[a] = verdict[a].gain[f->species[a]] / fmax(f->noise, 1e-300);
    double *margin = column(fitted, "image_margin", "1", "the same against the next best species");
    for (int a = 0; a < f->n; a++) {
        double other = 0;
        for (int s = 0; s < f->n_kinds; s++)
            if (s != f->species[a])
                other = fmax(other, verdict[a].gain[s]);
        margin[a] = gain[a] - other / fmax(f->noise, 1e-300);
    }
    double *move = column(fitted, "image_move_A", "A", "from where it was; -1: added by the fit");
    for (int a = 0; a < f->n; a++) {
        double sum = 0;
        for (int k = 0; k < 3 && f->origin[a] >= 0; k++)
            sum += pow(f->at[a][k] - given->position_A[f->origin[a]][k], 2);
        move[a] = f->origin[a] >= 0 ? sqrt(sum) : -1;
    }
}

static aet_err make_atoms(const images_fit *f, const images_verdict *verdict,
                          const aet_atoms *given, aet_atoms **fitted)
{
    AET_TRY(images_atoms(f, fitted));
    copy_columns(f, given, *fitted);
    for (int i = 0; i < given->n_scalars; i++)
        aet_atoms_add_scalar(*fitted, given->scalars[i].name, given->scalars[i].value,
                             given->scalars[i].unit, given->scalars[i].description);
    new_columns(f, verdict, given, *fitted);
    return AET_OK;
}

/* Ashman's D of the heights of species s and s + 1. */
static double separation_of(const images_fit *f, const double *height, int s)
{
    double sum[2] = {0}, sum2[2] = {0}, mean[2];
    for (int which = 0; which < 2; which++) {
        int n = f->kind[s + which].count;
        for (int a = 0; a < f->n; a++)
            sum[which] += f->species[a] == s + which ? height[a] : 0;
        mean[which] = n > 0 ? sum[which] / n : 0;
        for (int a = 0; a < f->n; a++)
            sum2[which] += f->species[a] == s + which ? pow(height[a] - mean[which], 2) / n : 0;
    }
    return fabs(mean[1] - mean[0]) / sqrt(0.5 * (sum2[0] + sum2[1]) + 1e-300);
}

static void fill_report(const images_fit *f, const aet_atoms *fitted, aet_fit_report *r)
{
    const double *move = aet_atoms_find_column(fitted, "image_move_A")->values;
    const double *height = aet_atoms_find_column(fitted, "image_height")->values;
    double sum = 0, heaviest = f->kind[f->n_kinds - 1].height;
    int kept = 0;
    r->n_species = f->n_kinds;
    r->scale = heaviest;
    r->noise = f->noise;
    r->atoms = f->n;
    for (int s = 0; s < f->n_kinds; s++) {
        r->z[s] = f->kind[s].z;
        r->count[s] = f->kind[s].count;
        r->b_A2[s] = 2 * AET_PI * AET_PI * f->kind[s].variance;
        r->height[s] = f->kind[s].height / heaviest;
        if (s + 1 < f->n_kinds) {
            double d = separation_of(f, height, s);
            r->separation = s == 0 ? d : fmin(d, r->separation);
        }
    }
    for (int a = 0; a < f->n; a++)
        if (move[a] >= 0) {
            sum += move[a] * move[a];
            kept++;
            r->held += move[a] > 0.999 * f->p->max_move_A;
        }
    r->rms_move_A = kept > 0 ? sqrt(sum / kept) : 0;
}

static void fill_poses(const images_fit *f, aet_fit_pose *poses, aet_fit_report *r)
{
    double angle = 0, shift = 0;
    for (int i = 0; i < f->tilt->n; i++) {
        for (int k = 0; k < 3; k++)
            angle += pow(f->pose[i].angles_deg[k] - f->tilt->angles_deg[i][k], 2);
        for (int k = 0; k < 2; k++)
            shift += pow(f->pose[i].shift_px[k], 2);
        if (poses) {
            memcpy(poses[i].angles_deg, f->pose[i].angles_deg, sizeof poses[i].angles_deg);
            memcpy(poses[i].shift_px, f->pose[i].shift_px, sizeof poses[i].shift_px);
        }
    }
    r->rms_angle_deg = sqrt(angle / f->tilt->n);
    r->rms_shift_px = sqrt(shift / f->tilt->n);
}

static aet_err finish(images_fit *f, const aet_atoms *given, aet_atoms **fitted,
                      aet_fit_pose *poses)
{
    aet_err err = AET_OK;
    images_verdict *verdict = NULL;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(f->n, "verdicts on atoms", &verdict)));
    AET_GO(images_judge(f, verdict));
    AET_GO(AET_AGREE(f->comm, make_atoms(f, verdict, given, fitted)));
    fill_report(f, *fitted, f->report);
    fill_poses(f, poses, f->report);
done:
    aet_release(&verdict);
    return err;
}

aet_err aet_fit_images(MPI_Comm comm, const aet_tilt *tilt, const aet_atoms *atoms,
                       const aet_fit_params *params, aet_fit_guide *guide, aet_atoms **fitted,
                       aet_fit_pose *poses, aet_fit_report *report)
{
    aet_err err = AET_OK;
    images_fit f = {0};
    aet_fit_report own, *r = report ? report : &own;
    images_misfit m;
    bool done = false;
    double begin_s = aet_clock_s();

    *fitted = NULL;
    *r = (aet_fit_report){0};
    if (params->rounds <= 0 || !params->crystal || !params->positions)
        guide = NULL;
    aet_phase_begin("fit");
    AET_GO(images_begin(comm, tilt, atoms, params, r, &f));
    AET_GO(settle_species(&f, &m));
    r->r1_before = m.r1;
    aet_info("fit: %d atoms in %d images, R1 = %.4f", f.n, tilt->n, m.r1);
    f.spread = fmax(LOOSE, params->height_spread);
    for (int i = 0; i < params->rounds && !done; i++)
        AET_GO(one_round(&f, &done));
    if (guide)
        AET_GO(by_sites(&f, guide));
    if (params->rounds > 0 && params->reclassify)
        AET_GO(images_species(&f, guide));
    f.spread = params->height_spread;
    int placed;
    if (guide)
        AET_GO(images_to_sites(&f, guide, &placed));
    AET_GO(settle(&f, LAST_STEPS * params->steps, &m));
    r->r1_after = m.r1;
    AET_GO(finish(&f, atoms, fitted, poses));
    r->seconds = aet_clock_s() - begin_s;
    r->seconds_per_product = r->products > 0 ? r->product_seconds / r->products : 0;
done:
    images_end(&f);
    if (err != AET_OK)
        aet_atoms_free(fitted);
    aet_phase_end("fit");
    return err;
}
