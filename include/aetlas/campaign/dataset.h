/* Data sets for training: thousands of simulated tomograms (input) with what they should have been
 * (target), after the recipes of Lee, Jeong, Yang, Nat. Commun. 12, 1962 (2021) and its successors.
 *
 * An item: a random particle -> its atoms -> a noisy tilt series with angle errors -> the
 * reconstruction, divided by its mean over 3x3x3 voxels at the atoms = input.  Target: the blurred
 * potential of the same atoms, divided by the same number, or Gaussians of height 1.  Everything
 * random follows from dataset.seed, the split and the number of the item in it.
 *
 * Files, under the output folder:
 *   SPLIT-00000.h5   shards of dataset.per_shard items, SPLIT train, validation or test
 *     /input, /target [items][z][y][x]; f32, f16 or u16 (value = scale * number)
 *     /good u8 [items]; /table/NAME f64 [items]; reasons of bad items as attributes of /bad
 *     /truth/position_A f32 [atoms][3], /truth/species u8 [atoms] of all items one after another,
 *     /truth/first i64 [items + 1] where each begins
 *   SPLIT.h5         the same names over all shards, as virtual arrays: opens as one
 *   manifest.csv     a line per item: split, number, shard, row, all of /table, reason
 *   recipe.ini       the effective parameters
 *   dataset.journal  when each item was done, by seconds (aetlas/campaign/journal.h)
 *   items/           finished items of unfinished shards
 *
 * What is there is kept: a run that was killed goes on at the item, and ends with the same bytes in
 * all files but the journal as one that was not, on any number of groups.  (Groups of another number of
 * ranks round differently.)  An item that cannot be made (its error: USAGE, INPUT, NUMERIC) is zero,
 * marked bad, and costs itself only; one that failed for want of memory or disk is tried again by the
 * next run.
 */
#ifndef AET_CAMPAIGN_DATASET_H
#define AET_CAMPAIGN_DATASET_H

#include "aetlas/base/config.h"
#include "aetlas/base/file.h"
#include "aetlas/io/h5.h"
#include "aetlas/par/farm.h"
#include "aetlas/recon/reconstruct.h"
#include "aetlas/simulate/particle.h"
#include "aetlas/simulate/project.h"
#include <mpi.h>

#define AET_DATASET_PARAMS(X)                                                                      \
    X(INT, train, 4000, 0, 100000000, "items", "items to train with")                              \
    X(INT, validation, 400, 0, 100000000, "items", "items to watch the training with")             \
    X(INT, test, 400, 0, 100000000, "items", "items to judge the trained network by")              \
    X(INT, per_shard, 16, 1, 65536, "items", "items in one file")                                  \
    X(INT, seed, 1, 0, 2147483647, "", "seed of everything random")                                \
    X(REAL, vacancies_max, 0.005, 0, 0.5, "fraction",                                              \
      "largest fraction of sites left empty (uniform from 0); 0: particle.vacancies")              \
    X(CHOICE, outside, "cut", 0, 0, "cut|refuse",                                                  \
      "atoms that do not lie in all images, because a particle is large for its box: they are "    \
      "left out, or the item is bad")                                                              \
    X(REAL, sigma_sd_A, 0.11, 0, 1, "A",                                                           \
      "spread of the Gaussian width of the atoms from item to item, about simulate.sigma_A; "      \
      "widths beyond half and one and a half times the mean are drawn again")                      \
    X(INT, tilts, 41, 1, 10000, "", "images of a tilt series")                                     \
    X(REAL, tilt_first_deg, -65, -180, 180, "deg", "first tilt")                                   \
    X(REAL, tilt_last_deg, 65, -180, 180, "deg", "last tilt, in equal steps")                      \
    X(REAL, tilt_error_deg, 0.3, 0, 30, "deg", "largest error of a tilt angle (uniform)")          \
    X(REAL, axis_error_deg, 0.3, 0, 30, "deg", "the same of the angles phi and psi")               \
    X(REAL, peak_counts, 10, 0, 1e9, "electrons",                                                  \
      "mean count at the brightest pixel of a series; 0: from simulate.dose_e_per_A2")             \
    X(CHOICE, target, "potential", 0, 0, "potential|gaussians",                                    \
      "target: blurred potentials of width simulate.sigma_A, or Gaussians of height 1")            \
    X(TEXT, normalise, "", 0, 0, "",                                                               \
      "elements at whose atoms the mean of 3x3x3 voxels becomes 1, e.g. Pt; empty: all")           \
    X(CHOICE, store, "f16", 0, 0, "f32|f16|u16", "numbers of the files")                           \
    X(INT, compress, 0, 0, 9, "", "zlib level; 0: none")                                           \
    X(INT, ranks_per_item, 0, 0, 100000, "ranks", "0: as few as memory allows")                    \
    X(REAL, memory_per_rank_GiB, 4, 0.01, 10000, "GiB", "memory that one rank may use")
AET_PARAMS_STRUCT(aet_dataset_params, AET_DATASET_PARAMS);
extern const aet_param_table aet_dataset_table; /* section "dataset" */

enum { AET_DATASET_SPLITS = 3, AET_DATASET_SPECIES = 8, AET_DATASET_COLUMNS = 32 };
typedef enum { AET_OUTSIDE_CUT, AET_OUTSIDE_REFUSE } aet_dataset_outside;
typedef enum { AET_TARGET_POTENTIAL, AET_TARGET_GAUSSIANS } aet_dataset_target;
typedef enum { AET_STORE_F32, AET_STORE_F16, AET_STORE_U16 } aet_dataset_store;

typedef struct {
    const char *name;
    int items, first_item; /* of the numbering over all splits */
    int shards, first_shard;
} aet_dataset_split;

typedef struct {
    aet_dataset_params params;
    aet_particle_params particle;
    aet_simulate_params simulate;
    aet_recon_params recon;
    char dir[AET_PATH_MAX], journal[AET_PATH_MAX];
    char *recipe;         /* owned: the effective parameters as INI text */
    uint64_t fingerprint; /* of all that decides what the files hold */
    aet_dataset_split splits[AET_DATASET_SPLITS];
    int n_items, n_shards;
    int n_species, z[AET_DATASET_SPECIES];
    double sigma_A[256];     /* mean widths by atomic number */
    double (*angles_deg)[3]; /* owned, [tilts]: nominal */
    int n_columns;
    char column[AET_DATASET_COLUMNS][48]; /* names of the table */
} aet_dataset;

/* Local.  The recipe; dir: the output folder.  USAGE for what cannot be. */
aet_err aet_dataset_open(const aet_config *config, const char *dir, aet_dataset **d);
void aet_dataset_free(aet_dataset **d);

typedef enum {
    AET_DATASET_PARTICLE,
    AET_DATASET_PROJECTION,
    AET_DATASET_RECONSTRUCTION,
    AET_DATASET_TARGET,
    AET_DATASET_WRITE,
    AET_DATASET_PHASES
} aet_dataset_phase;
extern const char *const aet_dataset_phase_names[AET_DATASET_PHASES];

typedef struct {
    int items;                          /* made by this run, bad ones too */
    int bad, failed;                    /* of them: marked bad; to be tried again */
    int shards, shards_left;            /* finished by this run; still unfinished */
    double seconds[AET_DATASET_PHASES]; /* over all groups, of this run's items */
    double item_seconds;                /* the same, in all */
    double peak_MiB;                    /* of the fullest rank */
    double wall_s, busy_fraction;
    int groups, ranks_per_item;
} aet_dataset_report;

/* Collective.  Makes the shards that are missing of part k of n (equal, consecutive parts of the
 * shards; 0 of 1 is all), then, of the whole and when no shard is missing, the index files and the
 * manifest.  USAGE: the folder holds another recipe; PARTIAL: items failed that are to be tried
 * again; STOPPED; OUTPUT. */
aet_err aet_dataset_run(MPI_Comm comm, const aet_dataset *d, int k, int n,
                        aet_dataset_report *report);

/* Local.  What the whole needs: memory of a rank, ranks of an item, core seconds (good to a factor
 * of two), bytes on disk before compression. */
typedef struct {
    double GiB_per_rank, core_seconds_per_item, bytes;
    int ranks_per_item;
} aet_dataset_need;
void aet_dataset_plan(const aet_dataset *d, aet_dataset_need *need);

#endif
