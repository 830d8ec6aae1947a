/* A campaign: many particles, each taken from its tilt series, or from atoms that are there already, to
 * atoms and measures, spread over groups of ranks; what is missing is done, what is done is kept.
 *
 * Output, under campaign.output:
 *   NAME/tilt.h5 volume.h5 atoms.h5 measures.h5    of each particle
 *   NAME/refined.h5                                where campaign.refine is on
 *   NAME/fitted.h5                                 where campaign.fit is on
 *   NAME/precision.h5                              where campaign.precision is on
 *   NAME/volume.png reconstruction.png map_*.png   pictures, where campaign.pictures is on
 *   campaign.journal                               aetlas/campaign/journal.h
 *   summary.csv groups.csv report.html figures/    aetlas/campaign/summary.h
 *
 * A stage counts as done when its file is there and the journal's last line for it carries the
 * present fingerprint: a hash of the input files, of the parameters of this stage, and of all
 * stages before it.
 */
#ifndef AET_CAMPAIGN_CAMPAIGN_H
#define AET_CAMPAIGN_CAMPAIGN_H

#include "aetlas/analyse/analyse.h"
#include "aetlas/base/config.h"
#include "aetlas/campaign/journal.h"
#include "aetlas/campaign/particles.h"
#include "aetlas/campaign/precision.h"
#include "aetlas/io/load.h"
#include "aetlas/par/farm.h"
#include "aetlas/recon/reconstruct.h"
#include "aetlas/recon/refine.h"
#include "aetlas/trace/images.h"
#include "aetlas/trace/trace.h"
#include <mpi.h>

#define AET_CAMPAIGN_PARAMS(X)                                                                     \
    X(TEXT, name, "campaign", 0, 0, "", "title of the report")                                     \
    X(TEXT, particles, "particles.tsv", 0, 0, "file", "particle table, beside the campaign file")  \
    X(TEXT, output, "results", 0, 0, "folder", "where results go, beside the campaign file")       \
    X(TEXT, species, "Ni,Pt", 0, 0, "", "elements of the particles, lighter first")                \
    X(BOOL, refine, false, 0, 1, "",                                                               \
      "refine the angles and places of the images before the reconstruction")                      \
    X(BOOL, fit, false, 0, 1, "",                                                                  \
      "refine the traced atoms against the images before the analysis")                            \
    X(BOOL, precision, false, 0, 1, "",                                                            \
      "simulate images of every model, reconstruct and trace them again: position error and "      \
      "identification rate of each particle; with PRISM most of the time goes there")              \
    X(INT, ranks_per_item, 0, 0, 100000, "ranks",                                                  \
      "ranks that work on one particle together; 0: as few as memory allows")                      \
    X(REAL, memory_per_rank_GiB, 2.0, 0.01, 10000, "GiB", "memory that one rank may use")          \
    X(BOOL, pictures, true, 0, 1, "", "PNG pictures of every particle, and the report's figures")
AET_PARAMS_STRUCT(aet_campaign_params, AET_CAMPAIGN_PARAMS);
extern const aet_param_table aet_campaign_table; /* section "campaign" */

typedef struct {
    aet_campaign_params params;
    aet_refine_params refine;
    aet_recon_params recon;
    aet_trace_params trace;
    aet_fit_params fit;
    aet_analyse_params analyse;
    aet_precision_recipe precision;
    uint64_t refine_hash, recon_hash, trace_hash, fit_hash, analyse_hash,
        precision_hash;      /* of the effective parameters */
    aet_particle *particles; /* owned, [n] */
    int n;
    char output[AET_PATH_MAX];
    char journal_path[AET_PATH_MAX];
    aet_journal *journal; /* owned; as it was when the campaign was opened */
} aet_campaign;

/* Collective.  Loads parameters, particle table and
 * journal; paths are relative to dir.  USAGE, INPUT. */
aet_err aet_campaign_open(MPI_Comm comm, const aet_config *config, const char *dir,
                          aet_campaign **c);
void aet_campaign_free(aet_campaign **c);
/* Local.  Path of a file of a particle's folder. */
void aet_campaign_path(const aet_campaign *c, const aet_particle *p, const char *file,
                       char path[AET_PATH_MAX]);

/* Collective.  A particle's tilt series from its input. */
aet_err aet_campaign_load(MPI_Comm comm, const aet_particle *p, aet_tilt **t);

/* Collective.  Its atoms, of a particle that is a model. */
aet_err aet_campaign_load_atoms(MPI_Comm comm, const aet_campaign *c, const aet_particle *p,
                                aet_atoms **a);

/* Collective.  Runs what is missing; only: index of the one particle to run, or -1 for all. PARTIAL
 * when some particles failed (the others are finished), STOPPED on request. */
aet_err aet_campaign_run(MPI_Comm comm, const aet_campaign *c, int only, aet_farm_report *report);

/* Collective.  Reads the journal again, after a run. */
aet_err aet_campaign_reload(MPI_Comm comm, aet_campaign *c);
/* Local.  True when all stages of a particle are done; else *reason is why it failed last, "" if it
 * was not tried (borrowed from the journal). */
bool aet_campaign_state(const aet_campaign *c, const aet_particle *p, const char **reason);

/* Collective.  Statistics and report over the
 * particles that have measures, into campaign.output. */
aet_err aet_campaign_summary(MPI_Comm comm, const aet_campaign *c);

/* Collective over group.  All stages of one particle that are not done. */
aet_err aet_campaign_particle(MPI_Comm group, const aet_campaign *c, const aet_particle *p);

/* What one particle needs. */
typedef struct {
    int n, ny, nx;       /* images; of a model: atoms, 0, 0 */
    int ranks;           /* per item */
    double GiB_per_rank; /* of the largest stage */
    double core_hours;
    bool done; /* all its stages */
} aet_campaign_need;

/* Collective.  needs: [c->n].  Each rank reads its share of the inputs, whole, so that
 * what is wrong with one shows before a job is queued: it gets n = 0 and a warning. */
aet_err aet_campaign_plan(MPI_Comm comm, const aet_campaign *c, aet_campaign_need *needs);

#endif
