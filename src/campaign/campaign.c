#include "aetlas/campaign/campaign.h"

#include "aetlas/base/hash.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/par/agree.h"

#define AET_PARAM_OWNER aet_campaign_params
AET_PARAMS_TABLE(aet_campaign_table, "campaign", "a whole campaign", AET_CAMPAIGN_PARAMS);

enum { TABLE_BYTES = 1 << 24 };

static aet_err load(const aet_config *config, const aet_param_table *table, void *params,
                    uint64_t *hash)
{
    AET_TRY(aet_config_load(config, table, params));
    if (hash) {
        char *text = aet_config_text(table, params);
        *hash = aet_hash_text(AET_HASH_START, text);
        aet_release(&text);
    }
    return AET_OK;
}

static aet_err load_all(const aet_config *config, aet_campaign *c)
{
    AET_TRY(load(config, &aet_campaign_table, &c->params, NULL));
    AET_TRY(load(config, &aet_recon_table, &c->recon, NULL));
    c->recon_hash = aet_recon_fingerprint(&c->recon);
    AET_TRY(load(config, &aet_refine_table, &c->refine, NULL));
    c->refine_hash = aet_refine_fingerprint(&c->refine, &c->recon);
    AET_TRY(load(config, &aet_trace_table, &c->trace, &c->trace_hash));
    AET_TRY(load(config, &aet_fit_table, &c->fit, &c->fit_hash));
    AET_TRY(load(config, &aet_analyse_table, &c->analyse, &c->analyse_hash));
    AET_TRY(aet_precision_load(config, &c->precision));
    c->precision.params.fit |= c->params.fit; /* the model's own path */
    c->precision_hash = aet_precision_fingerprint(&c->precision);
    return AET_OK;
}

static aet_err read_particles(MPI_Comm comm, const char *path, aet_campaign *c)
{
    char *text = NULL;
    AET_TRY(aet_read_text_all(comm, path, TABLE_BYTES, &text));
    aet_err err = aet_particles_parse(text, path, &c->particles, &c->n);
    aet_release(&text);
    return err;
}

aet_err aet_campaign_open(MPI_Comm comm, const aet_config *config, const char *dir,
                          aet_campaign **c)
{
    aet_err err = AET_OK;
    char table[AET_PATH_MAX];
    aet_campaign *made = AET_NEW(aet_campaign, 1);
    *c = NULL;
    AET_GO(load_all(config, made));
    aet_path_join(table, sizeof table, dir, made->params.particles);
    aet_path_join(made->output, sizeof made->output, dir, made->params.output);
    aet_path_join(made->journal_path, sizeof made->journal_path, made->output, "campaign.journal");
    AET_GO(read_particles(comm, table, made));
    AET_GO(aet_journal_read(comm, made->journal_path, &made->journal));
    *c = made;
    return AET_OK;
done:
    aet_campaign_free(&made);
    return err;
}

void aet_campaign_free(aet_campaign **c)
{
    if (!*c)
        return;
    aet_journal_free(&(*c)->journal);
    aet_release(&(*c)->particles);
    aet_release(c);
}

void aet_campaign_path(const aet_campaign *c, const aet_particle *p, const char *file,
                       char path[AET_PATH_MAX])
{
    char folder[AET_PATH_MAX];
    aet_path_join(folder, sizeof folder, c->output, p->name);
    aet_path_join(path, AET_PATH_MAX, folder, file);
}

aet_err aet_campaign_reload(MPI_Comm comm, aet_campaign *c)
{
    aet_journal_free(&c->journal);
    return aet_journal_read(comm, c->journal_path, &c->journal);
}

aet_err aet_campaign_load(MPI_Comm comm, const aet_particle *p, aet_tilt **t)
{
    aet_load_tilt_options options = {.variable = p->variable[0] ? p->variable : NULL,
                                     .angles = p->angles[0] ? p->angles : NULL,
                                     .pixel_A = p->pixel_A};
    return aet_load_tilt(comm, p->input, &options, t);
}

aet_err aet_campaign_load_atoms(MPI_Comm comm, const aet_campaign *c, const aet_particle *p,
                                aet_atoms **a)
{
    aet_load_atoms_options options = {.variable = p->variable[0] ? p->variable : NULL,
                                      .types = p->types[0] ? p->types : NULL,
                                      .unit_A = p->pixel_A,
                                      .min_distance_A = c->analyse.min_distance_A};
    AET_TRY(aet_element_list(p->species[0] ? p->species : c->params.species, options.species,
                             &options.n_species));
    return aet_load_atoms(comm, p->input, &options, a);
}
