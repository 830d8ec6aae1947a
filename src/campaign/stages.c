/* One particle through all stages. */
#include "aetlas/base/hash.h"
#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "campaign/stages_priv.h"

/* Of a model: its import and analysis; of images, all but that import, and the refinement as told. */
static bool is_wanted(const aet_campaign *c, bool model, int s)
{
    switch (s) {
    case STAGE_MODEL:
        return model;
    case STAGE_ANALYSE:
        return true;
    case STAGE_REFINE:
        return !model && c->params.refine;
    case STAGE_FIT:
        return !model && c->params.fit;
    case STAGE_PRECISION:
        return !model && c->params.precision;
    default:
        return !model;
    }
}

static aet_err fingerprint_input(const aet_particle *p, bool model, uint64_t *hash)
{
    *hash = aet_hash_bytes(AET_HASH_START, &p->pixel_A, sizeof p->pixel_A);
    *hash = aet_hash_text(*hash, p->variable);
    if (model)
        *hash = aet_hash_text(*hash, "atoms");
    AET_TRY(aet_hash_file(hash, p->input));
    if (p->types[0])
        AET_TRY(aet_hash_file(hash, p->types));
    return p->angles[0] ? aet_hash_file(hash, p->angles) : AET_OK;
}

/* Fingerprint of stage s, given that of the wanted stage before. */
static aet_err fingerprint(const aet_campaign *c, const aet_particle *p, int s, uint64_t *hash)
{
    switch (s) {
    case STAGE_MODEL:
        AET_TRY(fingerprint_input(p, true, hash));
        *hash = aet_hash_text(*hash, stage_species(c, p));
        return AET_OK;
    case STAGE_IMPORT:
        return fingerprint_input(p, false, hash);
    case STAGE_REFINE:
        *hash = aet_hash_bytes(*hash, &c->refine_hash, sizeof c->refine_hash);
        return AET_OK;
    case STAGE_RECONSTRUCT:
        *hash = aet_hash_bytes(*hash, &c->recon_hash, sizeof c->recon_hash);
        return c->recon.support[0] ? aet_hash_file(hash, c->recon.support) : AET_OK;
    case STAGE_TRACE:
        *hash = aet_hash_text(*hash, stage_species(c, p));
        *hash = aet_hash_bytes(*hash, &c->trace_hash, sizeof c->trace_hash);
        return p->edits[0] ? aet_hash_file(hash, p->edits) : AET_OK;
    case STAGE_PRECISION:
        *hash = aet_hash_bytes(*hash, &c->precision_hash, sizeof c->precision_hash);
        return AET_OK;
    case STAGE_FIT:
        *hash = aet_hash_bytes(*hash, &c->fit_hash, sizeof c->fit_hash);
        return AET_OK;
    default:
        *hash = aet_hash_bytes(*hash, &c->analyse_hash, sizeof c->analyse_hash);
        return AET_OK;
    }
}

static bool is_done(const stage_work *w, int s, uint64_t hash)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, aet_stages[s].file, path);
    const aet_journal_line *l =
        aet_journal_find(w->campaign->journal, w->particle->name, aet_stages[s].name);
    return l && l->done && l->fingerprint == hash && aet_file_exists(path);
}

/* Rank 0 of the group decides which stages are to do:
 * files may appear at different times on other nodes. */
static aet_err decide(const stage_work *w, bool todo[STAGES], uint64_t hashes[STAGES])
{
    uint64_t hash = 0;
    bool model = aet_particle_is_model(w->particle);
    for (int s = 0; s < STAGES; s++) {
        todo[s] = is_wanted(w->campaign, model, s);
        if (todo[s])
            AET_TRY(fingerprint(w->campaign, w->particle, s, &hash));
        hashes[s] = hash;
        todo[s] = todo[s] && !is_done(w, s, hash);
    }
    char folder[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, "", folder);
    return aet_dir_make(folder);
}

static aet_err note(const stage_work *w, int s, uint64_t hash, aet_err err, double seconds)
{
    aet_journal_line l = {.done = err == AET_OK, .seconds = seconds, .fingerprint = hash};
    if (w->rank != 0 || err == AET_ERR_STOPPED)
        return AET_OK;
    aet_fmt(l.item, sizeof l.item, "%s", w->particle->name);
    aet_fmt(l.stage, sizeof l.stage, "%s", aet_stages[s].name);
    aet_fmt(l.reason, sizeof l.reason, "%s", err ? aet_error_text() : "");
    return aet_journal_append(w->campaign->journal_path, &l);
}

static aet_err run_stage(stage_work *w, int s, uint64_t hash)
{
    char path[AET_PATH_MAX];
    aet_campaign_path(w->campaign, w->particle, aet_stages[s].file, path);
    AET_CHECK(!aet_stop_now(w->group), AET_ERR_STOPPED, "stopped before the stage %s",
              aet_stages[s].name);
    aet_phase_begin(aet_stages[s].name);
    double begin_s = aet_clock_s();
    aet_err err = aet_stages[s].run(w, path);
    aet_phase_end(aet_stages[s].name);
    aet_err noted = AET_AGREE(w->group, note(w, s, hash, err, aet_clock_s() - begin_s));
    return aet_error_frame(err ? err : noted, "%s", aet_stages[s].name);
}

static aet_err run_stages(stage_work *w)
{
    bool todo[STAGES];
    uint64_t hashes[STAGES];
    aet_err err = AET_OK;
    if (w->rank == 0) {
        err = decide(w, todo, hashes);
        if (err)
            note(w, 0, 0, err, 0.0); /* should that fail too, the first reason is the one to tell */
    }
    AET_TRY(AET_AGREE(w->group, err));
    MPI_Bcast(todo, sizeof todo, MPI_BYTE, 0, w->group);
    MPI_Bcast(hashes, STAGES, MPI_UINT64_T, 0, w->group);
    for (int s = 0; s < STAGES && !err; s++)
        if (todo[s])
            err = run_stage(w, s, hashes[s]);
    return err;
}

aet_err aet_campaign_particle(MPI_Comm group, const aet_campaign *c, const aet_particle *p)
{
    stage_work w = {.group = group, .campaign = c, .particle = p};
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
    stage_work w = {.campaign = c, .particle = p};
    uint64_t hash = 0;
    bool model = aet_particle_is_model(p);
    *reason = "";
    for (int s = 0; s < STAGES; s++) {
        if (!is_wanted(c, model, s))
            continue;
        const aet_journal_line *l = aet_journal_find(c->journal, p->name, aet_stages[s].name);
        if (l && !l->done)
            *reason = l->reason;
        if (fingerprint(c, p, s, &hash) != AET_OK || !is_done(&w, s, hash))
            return false;
    }
    return true;
}
