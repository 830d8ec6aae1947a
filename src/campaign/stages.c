/* One particle through all stages. */
#include "aetlas/base/hash.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/campaign.h"
#include "aetlas/campaign/tracing.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/picture.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "campaign/precision_priv.h"
#include <math.h>

typedef struct {
    MPI_Comm group;
    int rank;
    const aet_campaign *campaign;
    const aet_particle *particle;
    aet_tilt *tilt; /* kept from stage to stage, else read when wanted */
    aet_volume *volume;
    aet_atoms *atoms;
} work;

typedef struct {
    const char *name, *file; /* the file is the stage's result */
    aet_err (*run)(work *w, const char *path);
} stage;

static aet_err need_tilt(work *w, const char *file)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, file, path);
    return w->tilt ? AET_OK : aet_tilt_read(w->group, path, &w->tilt);
}

/* What reconstruction and fit are made of. */
static const char *final_tilt(const work *w)
{
    return w->campaign->params.refine ? "refined.h5" : "tilt.h5";
}

static aet_err need_volume(work *w)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, "volume.h5", path);
    return w->volume ? AET_OK : aet_volume_read(w->group, path, &w->volume);
}

static aet_err need_atoms(work *w, const char *file)
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

static void draw_tilt(const work *w)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, "tilt.png", path);
    if (w->campaign->params.pictures && w->rank == 0)
        after_picture(aet_picture_tilt(path, w->tilt));
}

static void draw_volume(const work *w)
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

static aet_err run_import(work *w, const char *path)
{
    AET_TRY(aet_campaign_load(w->group, w->particle, &w->tilt));
    draw_tilt(w);
    return aet_tilt_write(w->group, path, w->tilt);
}

static aet_err run_refine(work *w, const char *path)
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

static aet_err read_support(work *w, aet_volume **support)
{
    *support = NULL;
    return w->campaign->recon.support[0]
               ? aet_volume_read(w->group, w->campaign->recon.support, support)
               : AET_OK;
}

static aet_err run_reconstruct(work *w, const char *path)
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
static aet_err keep_quality(work *w)
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

static aet_err run_trace(work *w, const char *path)
{
    int z[8], n;
    aet_trace_report report;
    const aet_particle *p = w->particle;
    AET_TRY(aet_element_list(p->species[0] ? p->species : w->campaign->params.species, z, &n));
    AET_TRY(need_volume(w));
    AET_TRY(aet_tracing(w->volume, z, n, &w->campaign->trace, p->edits, &w->atoms, &report));
    aet_volume_free(&w->volume);
    AET_TRY(keep_quality(w));
    AET_TRY(aet_atoms_write(w->group, path, w->atoms));
    aet_info("traced: %d atoms", w->atoms->n);
    return AET_OK;
}

static aet_err run_fit(work *w, const char *path)
{
    aet_atoms *fitted = NULL;
    aet_fit_report report;
    AET_TRY(need_atoms(w, "atoms.h5"));
    AET_TRY(need_tilt(w, final_tilt(w)));
    AET_TRY(aet_fit_images(w->group, w->tilt, w->atoms, &w->campaign->fit, &fitted, NULL, &report));
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

static aet_err run_analyse(work *w, const char *path)
{
    AET_TRY(need_atoms(w, w->campaign->params.fit ? "fitted.h5" : "atoms.h5"));
    if (w->campaign->analyse.surface == AET_SURFACE_BY_MASK)
        AET_TRY(need_volume(w));
    AET_TRY(aet_analyse_with(w->group, w->atoms, w->volume, &w->campaign->analyse));
    aet_volume_free(&w->volume);
    return aet_atoms_write(w->group, path, w->atoms);
}

/* Of the measures: the same atoms, and those that a campaign going on finds. */
static aet_err run_precision(work *w, const char *path)
{
    AET_TRY(need_atoms(w, "measures.h5"));
    AET_TRY(need_tilt(w, final_tilt(w)));
    return precision_stage(w->group, w->campaign, w->particle->name, w->atoms, w->tilt, path);
}

enum { IMPORT, REFINE, RECONSTRUCT, TRACE, FIT, ANALYSE, PRECISION };
static const stage stages[] = {
    {"import", "tilt.h5", run_import},
    {"refine", "refined.h5", run_refine},
    {"reconstruct", "volume.h5", run_reconstruct},
    {"trace", "atoms.h5", run_trace},
    {"fit", "fitted.h5", run_fit},
    {"analyse", "measures.h5", run_analyse},
    {"precision", "precision.h5", run_precision},
};
enum { N_STAGES = sizeof stages / sizeof *stages };

static bool is_wanted(const aet_campaign *c, int s)
{
    return (s != REFINE || c->params.refine) && (s != FIT || c->params.fit) &&
           (s != PRECISION || c->params.precision);
}

/* Fingerprint of stage s, given that of the stage before. */
static aet_err fingerprint(const aet_campaign *c, const aet_particle *p, int s, uint64_t *hash)
{
    switch (s) {
    case IMPORT:
        *hash = aet_hash_bytes(AET_HASH_START, &p->pixel_A, sizeof p->pixel_A);
        *hash = aet_hash_text(*hash, p->variable);
        AET_TRY(aet_hash_file(hash, p->input));
        return p->angles[0] ? aet_hash_file(hash, p->angles) : AET_OK;
    case REFINE:
        if (is_wanted(c, s))
            *hash = aet_hash_bytes(*hash, &c->refine_hash, sizeof c->refine_hash);
        return AET_OK;
    case RECONSTRUCT:
        *hash = aet_hash_bytes(*hash, &c->recon_hash, sizeof c->recon_hash);
        return c->recon.support[0] ? aet_hash_file(hash, c->recon.support) : AET_OK;
    case TRACE:
        *hash = aet_hash_text(*hash, p->species[0] ? p->species : c->params.species);
        *hash = aet_hash_bytes(*hash, &c->trace_hash, sizeof c->trace_hash);
        return p->edits[0] ? aet_hash_file(hash, p->edits) : AET_OK;
    case PRECISION:
        *hash = aet_hash_bytes(*hash, &c->precision_hash, sizeof c->precision_hash);
        return AET_OK;
    case FIT:
        if (is_wanted(c, s))
            *hash = aet_hash_bytes(*hash, &c->fit_hash, sizeof c->fit_hash);
        return AET_OK;
    default:
        *hash = aet_hash_bytes(*hash, &c->analyse_hash, sizeof c->analyse_hash);
        return AET_OK;
    }
}

static bool is_done(const work *w, int s, uint64_t hash)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, stages[s].file, path);
    const aet_journal_line *l =
        aet_journal_find(w->campaign->journal, w->particle->name, stages[s].name);
    return l && l->done && l->fingerprint == hash && aet_file_exists(path);
}

/* Rank 0 of the group decides which stages are to do:
 * files may appear at different times on other nodes. */
static aet_err decide(const work *w, bool todo[N_STAGES], uint64_t hashes[N_STAGES])
{
    uint64_t hash = 0;
    for (int s = 0; s < N_STAGES; s++) {
        AET_TRY(fingerprint(w->campaign, w->particle, s, &hash));
        hashes[s] = hash;
        todo[s] = is_wanted(w->campaign, s) && !is_done(w, s, hash);
    }
    char folder[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, "", folder);
    return aet_dir_make(folder);
}

static aet_err note(const work *w, int s, uint64_t hash, aet_err err, double seconds)
{
    aet_journal_line l = {.done = err == AET_OK, .seconds = seconds, .fingerprint = hash};
    if (w->rank != 0 || err == AET_ERR_STOPPED)
        return AET_OK;
    aet_fmt(l.item, sizeof l.item, "%s", w->particle->name);
    aet_fmt(l.stage, sizeof l.stage, "%s", stages[s].name);
    aet_fmt(l.reason, sizeof l.reason, "%s", err ? aet_error_text() : "");
    return aet_journal_append(w->campaign->journal_path, &l);
}

static aet_err run_stage(work *w, int s, uint64_t hash)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, stages[s].file, path);
    AET_CHECK(!aet_stop_now(w->group), AET_ERR_STOPPED, "stopped before the stage %s",
              stages[s].name);
    aet_phase_begin(stages[s].name);
    double begin_s = aet_clock_s();
    aet_err err = stages[s].run(w, path);
    aet_phase_end(stages[s].name);
    aet_err noted = AET_AGREE(w->group, note(w, s, hash, err, aet_clock_s() - begin_s));
    return aet_error_frame(err ? err : noted, "%s", stages[s].name);
}

static aet_err run_stages(work *w)
{
    bool todo[N_STAGES];
    uint64_t hashes[N_STAGES];
    aet_err err = AET_OK;
    if (w->rank == 0) {
        err = decide(w, todo, hashes);
        if (err)
            note(w, 0, 0, err, 0.0); /* should that fail too, the first reason is the one to tell */
    }
    AET_TRY(AET_AGREE(w->group, err));
    MPI_Bcast(todo, sizeof todo, MPI_BYTE, 0, w->group);
    MPI_Bcast(hashes, N_STAGES, MPI_UINT64_T, 0, w->group);
    for (int s = 0; s < N_STAGES && !err; s++)
        if (todo[s])
            err = run_stage(w, s, hashes[s]);
    return err;
}

aet_err aet_campaign_particle(MPI_Comm group, const aet_campaign *c, const aet_particle *p)
{
    work w = {.group = group, .campaign = c, .particle = p};
    MPI_Comm_rank(group, &w.rank);
    aet_log_item(p->name);
    aet_provenance_forget();
    aet_err err = run_stages(&w);
    aet_tilt_free(&w.tilt);
    aet_volume_free(&w.volume);
    aet_atoms_free(&w.atoms);
    aet_log_item(NULL);
    return aet_error_frame(err, "%s", p->name);
}

bool aet_campaign_state(const aet_campaign *c, const aet_particle *p, const char **reason)
{
    work w = {.campaign = c, .particle = p};
    uint64_t hash = 0;
    *reason = "";
    for (int s = 0; s < N_STAGES; s++) {
        if (!is_wanted(c, s))
            continue;
        const aet_journal_line *l = aet_journal_find(c->journal, p->name, stages[s].name);
        if (l && !l->done)
            *reason = l->reason;
        if (fingerprint(c, p, s, &hash) != AET_OK || !is_done(&w, s, hash))
            return false;
    }
    return true;
}
