#include "aetlas/analyse/analyse.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "analyse/analyse_priv.h"

#include <math.h>
#include <string.h>

#define AET_PARAM_OWNER aet_analyse_params
AET_PARAMS_TABLE(aet_analyse_table, "analyse", "atoms -> measures", AET_ANALYSE_PARAMS);

void analyse_add_for(analysis *m, const char *prefix, int species, const char *suffix, double value,
                     const char *unit, const char *description)
{
    char name[48];
    aet_fmt(name, sizeof name, "%s_%s%s", prefix, aet_element_symbol(m->z[species]), suffix);
    aet_atoms_add_scalar(m->a, name, value, unit, description);
}

static aet_err find_species(analysis *m)
{
    int total = 0;
    m->n_species = aet_atoms_species(m->a, m->z);
    for (int s = 0; s < m->n_species; s++) {
        m->count[s] = aet_atoms_count(m->a, m->z[s]);
        total += m->count[s];
    }
    AET_CHECK(total == m->a->n, AET_ERR_INPUT,
              "the model has more than 8 species; at most 8 were expected");
    AET_TRY(AET_ARRAY(m->a->n, "species of atoms", &m->kind));
    for (int i = 0; i < m->a->n; i++)
        for (int s = 0; s < m->n_species; s++)
            if (m->a->species[i] == m->z[s])
                m->kind[i] = (uint8_t)s;
    return AET_OK;
}

aet_err analyse_prepare(analysis *m)
{
    AET_CHECK(m->a->n > 0, AET_ERR_INPUT, "the model has no atoms: nothing to analyse");
    AET_TRY(aet_atoms_check(m->a, m->params->min_distance_A));
    AET_TRY(find_species(m));
    /* Cells of 1.7 A: half of a usual neighbour distance. */
    AET_TRY(aet_cells_create(m->a->n, (const double(*)[3])m->a->position_A, 1.7, &m->cells));
    aet_atoms_add_scalar(m->a, "atoms", m->a->n, "1", "number of atoms");
    return AET_OK;
}

static aet_err first_shells(analysis *m)
{
    m->shells = aet_pairs_shells(&m->pairs, fmax(1.0, m->params->min_distance_A));
    return AET_OK;
}

const analyse_step analyse_steps[] = {{"first shells", first_shells},
                                      {"lattices", analyse_lattice},
                                      {"neighbours", analyse_neighbours},
                                      {"grain pairs", analyse_grain_pairs},
                                      {"surface", analyse_surface},
                                      {"pair distribution", analyse_pairs},
                                      {"short-range order", analyse_order},
                                      {"enrichment", analyse_enrichment},
                                      {"shape", analyse_shape},
                                      {"bonds and faults", analyse_bonds},
                                      {"layers", analyse_layers},
                                      {"facets", analyse_facets},
                                      {"strain", analyse_strain},
                                      {"strain in layers", analyse_strain_layers},
                                      {"activity", analyse_activity},
                                      {"activity from strain", analyse_strain_activity},
                                      {"surface means", analyse_surface_means},
                                      {0}};

static aet_err measure(analysis *m)
{
    for (const analyse_step *s = analyse_steps; s->run; s++)
        AET_TRY(s->run(m));
    return AET_OK;
}

void analyse_release(analysis *m)
{
    aet_pairs_free(&m->pairs);
    aet_cells_free(&m->cells);
    aet_neighbours_free(&m->nb);
    aet_release(&m->kind);
    aet_release(&m->skin);
    aet_release(&m->surface);
    aet_release(&m->depth_A);
    aet_grains_free(&m->grains);
    aet_release(&m->near_grain);
    aet_release(&m->member);
    aet_release(&m->counted);
    aet_release(&m->strain);
    aet_release(&m->strained);
    aet_release(&m->stacking);
}

aet_err aet_analyse(MPI_Comm comm, aet_atoms *a, const aet_analyse_params *params)
{
    return aet_analyse_with(comm, a, NULL, params);
}

aet_err aet_analyse_with(MPI_Comm comm, aet_atoms *a, const aet_volume *v,
                         const aet_analyse_params *params)
{
    aet_err err = AET_OK;
    analysis m = {.a = a, .params = params};
    aet_phase_begin("analyse");
    AET_GO(AET_AGREE(comm, analyse_prepare(&m)));
    if (params->surface == AET_SURFACE_BY_MASK)
        AET_GO(analyse_skin(comm, v, &m));
    AET_GO(aet_pairs_count(comm, m.cells, m.kind, m.n_species, params->pair_range_A,
                           params->pair_bin_A, &m.pairs));
    AET_GO(AET_AGREE(comm, measure(&m)));
    AET_GO(analyse_crystallinity(comm, &m));
done:
    aet_phase_end("analyse");
    analyse_release(&m);
    return err;
}
