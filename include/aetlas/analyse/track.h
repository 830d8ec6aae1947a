/* The same particle at several stages: which atoms stayed, changed, went and came.
 *
 * Two models lie over each other; mutual nearest atoms nearer than common_A are common positions,
 * consistent where the species is the same and exchanged where it is not; what has no partner is
 * lost in the earlier stage and new in the later one (Xie et al., on Pd@Pt
 * nanocatalysts through their life).  The time-invariant core is what stays common through all
 * stages, with averaged positions (Meana-Paneda et al., Sci. Adv. (2025)): stage after stage is
 * paired with the list so far, which keeps the paired atoms only.
 */
#ifndef AET_ANALYSE_TRACK_H
#define AET_ANALYSE_TRACK_H

#include "aetlas/analyse/analyse.h"
#include "aetlas/analyse/superpose.h"

#define AET_TRACK_PARAMS(X)                                                                        \
    X(REAL, common_A, 0, 0, 5, "A",                                                                \
      "largest distance of a common pair; 0: half the first valley of the pair distribution")      \
    X(CHOICE, superpose, "turned", 0, 0, "turned|near|no",                                         \
      "models are laid over each other first: however they lie, only if turned by less than 20 "   \
      "degrees, or not at all")                                                                    \
    X(REAL, depth_bin_A, 1, 0.1, 20, "A", "bin of the tables against depth")
AET_PARAMS_STRUCT(aet_track_params, AET_TRACK_PARAMS);
extern const aet_param_table aet_track_table; /* section "track" */

enum { AET_TRACK_TURNED, AET_TRACK_NEAR, AET_TRACK_AS_THEY_LIE };
/* Values of the columns fate and history. */
enum { AET_FATE_CONSISTENT, AET_FATE_EXCHANGED, AET_FATE_SINGLE };

/* From a stage to the next. */
typedef struct {
    int n_a, n_b, common, consistent, lost, gained;
    double max_A, rmsd_A;
    aet_superposition motion; /* of the later stage onto the earlier one */
} aet_track_step;

/* Collective; the models are the same on every rank, and so are the results.  Stages 1 .. n-1 are
 * moved onto the one before; all are analysed (aet_analyse) and get the columns
 *   fate, next_atom        0 consistent, 1 exchanged, 2 lost; index in the next stage or -1
 *   history, previous_atom  0 consistent, 1 exchanged, 2 new; index in the stage before or -1
 *   core                   1 in the time-invariant core
 * and the curves fate_depth, fate_coordination, history_depth, history_coordination (atoms of each
 * kind against mesh_distance_A or coordination) and, in a later stage of an alloy, region_change
 * (enrichment by the 14 directions, before, after, difference).  step: [n-1].  *core: owned by the
 * caller, averaged positions, species of the first stage, columns stays (1 where no species
 * changed) and spread_A (RMS distance of the stages from the average).  USAGE for fewer than two
 * stages, and as aet_analyse. */
aet_err aet_track(MPI_Comm comm, aet_atoms **stages, int n, const aet_analyse_params *analyse,
                  const aet_track_params *params, aet_track_step *step, aet_atoms **core);

#endif
