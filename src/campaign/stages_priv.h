/* The stages of a particle: what each does (stage_runs.c), and which are to do (stages.c). */
#ifndef AET_STAGES_PRIV_H
#define AET_STAGES_PRIV_H

#include "aetlas/campaign/campaign.h"

typedef struct {
    MPI_Comm group;
    int rank;
    const aet_campaign *campaign;
    const aet_particle *particle;
    aet_tilt *tilt; /* kept from stage to stage, else read when wanted */
    aet_volume *volume;
    aet_atoms *atoms;
} stage_work;

typedef struct {
    const char *name, *file;                         /* the file is the stage's result */
    aet_err (*run)(stage_work *w, const char *path); /* Collective over w->group */
} stage;

/* In the order in which they follow each other.  A particle that is a model has the first in place of
 * images. */
enum {
    STAGE_MODEL,
    STAGE_IMPORT,
    STAGE_REFINE,
    STAGE_RECONSTRUCT,
    STAGE_TRACE,
    STAGE_FIT,
    STAGE_ANALYSE,
    STAGE_PRECISION,
    STAGES
};
extern const stage aet_stages[STAGES];

/* The elements of a particle, as text. */
static inline const char *stage_species(const aet_campaign *c, const aet_particle *p)
{
    return p->species[0] ? p->species : c->params.species;
}

#endif
