/* What each stage of a particle does: reads what it needs, calls, draws, writes. */
#include "aetlas/analyse/expected.h"
#include "aetlas/base/log.h"
#include "aetlas/campaign/tracing.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/picture.h"
#include "campaign/precision_priv.h"
#include "campaign/stages_priv.h"
#include <math.h>

static aet_err need_tilt(stage_work *w, const char *file)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, file, path);
    return w->tilt ? AET_OK : aet_tilt_read(w->group, path, &w->tilt);
}

/* What reconstruction and fit are made of. */
static const char *final_tilt(const stage_work *w)
{
    return w->campaign->params.refine ? "refined.h5" : "tilt.h5";
}

static const char *final_atoms(const stage_work *w)
{
    return w->campaign->params.fit && !aet_particle_is_model(w->particle) ? "fitted.h5"
                                                                          : "atoms.h5";
}

static aet_err need_volume(stage_work *w)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, "volume.h5", path);
    return w->volume ? AET_OK : aet_volume_read(w->group, path, &w->volume);
}

static aet_err need_atoms(stage_work *w, const char *file)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, file, path);
    return w->atoms ? AET_OK : aet_atoms_read(w->group, path, &w->atoms);
}

/* A picture that fails is no reason to lose the particle. */
static void after_picture(aet_err err)
{
    if (err)
        aet_warn("picture left out: %s", aet_error_text());
    aet_error_clear();
}

static void draw_tilt(const stage_work *w)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, "tilt.png", path);
    if (w->campaign->params.pictures && w->rank == 0)
        after_picture(aet_picture_tilt(path, w->tilt));
}

static void draw_volume(const stage_work *w)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, "volume.png", path);
    if (!w->campaign->params.pictures)
        return;
    after_picture(aet_picture_volume(path, w->volume));
    aet_campaign_path(w->campaign, w->particle, "reconstruction.png", path);
    after_picture(aet_figure_reconstruction(w->group, w->volume, w->particle->name, path));
    aet_campaign_path(w->campaign, w->particle, "fsc.png", path);
    if (w->campaign->recon.halves)
        after_picture(aet_figure_fsc(w->group, w->volume, w->particle->name, path));
}

static aet_err run_import(stage_work *w, const char *path)
{
    AET_TRY(aet_campaign_load(w->group, w->particle, &w->tilt));
    draw_tilt(w);
    return aet_tilt_write(w->group, path, w->tilt);
}

/* Atoms that are there already. */
static aet_err run_model(stage_work *w, const char *path)
{
    AET_TRY(aet_campaign_load_atoms(w->group, w->campaign, w->particle, &w->atoms));
    return aet_atoms_write(w->group, path, w->atoms);
}

static aet_err run_refine(stage_work *w, const char *path)
{
    aet_tilt *refined = NULL;
    aet_refine_report report = {0};
    aet_err err = AET_OK;
    AET_GO(need_tilt(w, "tilt.h5"));
    AET_GO(aet_refine(w->group, w->tilt, &w->campaign->refine, &w->campaign->recon, &refined,
                      &report));
    aet_refine_note(&report);
    AET_GO(aet_tilt_write(w->group, path, refined));
    aet_info("refined: R1 = %.4f, before %.4f; moves of %.3f degrees and %.3f pixels (RMS)",
             report.mean_r1_after, report.mean_r1_before, report.rms_angle_deg,
             report.rms_shift_px);
    aet_tilt_free(&w->tilt);
    w->tilt = refined;
    refined = NULL;
done:
    aet_tilt_free(&refined);
    aet_refine_report_free(&report);
    return err;
}

static aet_err read_support(stage_work *w, aet_volume **support)
{
    *support = NULL;
    return w->campaign->recon.support[0]
               ? aet_volume_read(w->group, w->campaign->recon.support, support)
               : AET_OK;
}

static aet_err run_reconstruct(stage_work *w, const char *path)
{
    char checkpoint[AET_PATH_MAX];
    aet_volume *support = NULL;
    aet_recon_report report = {0};
    aet_err err = AET_OK;
    AET_GO(need_tilt(w, final_tilt(w)));
    AET_GO(read_support(w, &support));
    aet_campaign_path(w->campaign, w->particle, "volume.h5.checkpoint", checkpoint);
    AET_GO(aet_reconstruct_kept(w->group, w->tilt, support, &w->campaign->recon, checkpoint,
                                &w->volume, &report));
    if (w->campaign->recon.halves)
        AET_GO(aet_recon_halves(w->group, w->tilt, support, &w->campaign->recon, checkpoint,
                                w->volume));
    aet_tilt_free(&w->tilt);
    aet_recon_note(&w->campaign->recon, &report);
    draw_volume(w);
    AET_GO(aet_volume_write(w->group, path, w->volume));
    aet_recon_checkpoint_remove(w->group, checkpoint);
    aet_info("reconstructed: R1 = %.4f, R2 = %.4f, %d iterations", report.mean_r1, report.mean_r2,
             report.iterations);
done:
    aet_volume_free(&support);
    aet_recon_report_free(&report);
    return err;
}

/* How well the volume explains the images, and what it resolves, belong beside what is read off it. */
static aet_err keep_quality(stage_work *w)
{
    char path[AET_PATH_MAX];
    double r1, resolution_A;
    aet_campaign_path(w->campaign, w->particle, "volume.h5", path);
    AET_TRY(aet_provenance_number(w->group, path, "r1", &r1));
    AET_TRY(aet_provenance_number(w->group, path, "resolution_0.143_A", &resolution_A));
    if (isfinite(r1))
        aet_atoms_add_scalar(w->atoms, "reconstruct_r1", r1, "1",
                             "mean over tilts of sum |calculated - measured| / sum |measured|");
    if (isfinite(resolution_A))
        aet_atoms_add_scalar(w->atoms, "reconstruct_resolution_A", resolution_A, "A",
                             "detail at which halves of the tilts correlate by 0.143");
    return AET_OK;
}

static aet_err run_trace(stage_work *w, const char *path)
{
    int z[8], n;
    aet_trace_report report;
    AET_TRY(aet_element_list(stage_species(w->campaign, w->particle), z, &n));
    AET_TRY(need_volume(w));
    AET_TRY(
        aet_tracing(w->volume, z, n, &w->campaign->trace, w->particle->edits, &w->atoms, &report));
    aet_volume_free(&w->volume);
    AET_TRY(keep_quality(w));
    AET_TRY(aet_atoms_write(w->group, path, w->atoms));
    aet_info("traced: %d atoms", w->atoms->n);
    return AET_OK;
}

static aet_err run_fit(stage_work *w, const char *path)
{
    aet_atoms *fitted = NULL;
    aet_fit_report report;
    AET_TRY(need_atoms(w, "atoms.h5"));
    AET_TRY(need_tilt(w, final_tilt(w)));
    AET_TRY(aet_fit_images(w->group, w->tilt, w->atoms, &w->campaign->fit, aet_expected_find,
                           &fitted, NULL, &report));
    aet_tilt_free(&w->tilt);
    aet_atoms_free(&w->atoms);
    w->atoms = fitted;
    aet_fit_note(&report, w->atoms);
    AET_TRY(aet_atoms_write(w->group, path, w->atoms));
    aet_info("fitted: R1 = %.4f, before %.4f; %d atoms, %d added, %d dropped, %d changed",
             report.r1_after, report.r1_before, report.atoms, report.added, report.dropped,
             report.changed);
    return AET_OK;
}

enum { MAP_PIXELS = 400 };

static void draw_maps(const stage_work *w)
{
    char folder[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, "", folder);
    if (w->campaign->params.pictures && w->rank == 0)
        after_picture(aet_figure_maps_write(w->atoms, false, MAP_PIXELS, folder));
}

static aet_err run_analyse(stage_work *w, const char *path)
{
    AET_TRY(need_atoms(w, final_atoms(w)));
    if (w->campaign->analyse.surface == AET_SURFACE_BY_MASK &&
        !aet_particle_is_model(w->particle)) /* which has none; the analysis says so */
        AET_TRY(need_volume(w));
    AET_TRY(aet_analyse_with(w->group, w->atoms, w->volume, &w->campaign->analyse));
    aet_volume_free(&w->volume);
    AET_TRY(aet_atoms_write(w->group, path, w->atoms));
    draw_maps(w); /* after the measures, whose age tells the summary that they are up to date */
    return AET_OK;
}

/* Of the measures: the same atoms, and those that a campaign going on finds. */
static aet_err run_precision(stage_work *w, const char *path)
{
    AET_TRY(need_atoms(w, "measures.h5"));
    AET_TRY(need_tilt(w, final_tilt(w)));
    return precision_stage(w->group, w->campaign, w->particle->name, w->atoms, w->tilt, path);
}

const stage aet_stages[STAGES] = {
    [STAGE_MODEL] = {"import", "atoms.h5", run_model},
    [STAGE_IMPORT] = {"import", "tilt.h5", run_import},
    [STAGE_REFINE] = {"refine", "refined.h5", run_refine},
    [STAGE_RECONSTRUCT] = {"reconstruct", "volume.h5", run_reconstruct},
    [STAGE_TRACE] = {"trace", "atoms.h5", run_trace},
    [STAGE_FIT] = {"fit", "fitted.h5", run_fit},
    [STAGE_ANALYSE] = {"analyse", "measures.h5", run_analyse},
    [STAGE_PRECISION] = {"precision", "precision.h5", run_precision},
};
