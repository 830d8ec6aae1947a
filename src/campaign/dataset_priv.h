/* Inside the data sets: items, shards, index. */
#ifndef AET_DATASET_PRIV_H
#define AET_DATASET_PRIV_H

#include "aetlas/campaign/dataset.h"

/* First rows of the table; counts and widths of each element follow. */
enum {
    COLUMN_SEED,
    COLUMN_VOLUME,
    COLUMN_VACANCIES,
    COLUMN_OUTSIDE,
    COLUMN_ATOMS,
    COLUMN_NORMALISATION,
    COLUMN_CORRELATION,
    COLUMN_RMSE,
    COLUMN_INPUT_SCALE,
    COLUMN_TARGET_SCALE,
    COLUMNS
};

/* Everything here is Local unless it says otherwise. */

/* An item by its number over all splits; a shard likewise. */
typedef struct {
    const aet_dataset_split *split;
    int number; /* in its split */
} dataset_place;
dataset_place dataset_item_place(const aet_dataset *d, int item);
dataset_place dataset_shard_place(const aet_dataset *d, int shard);
/* Items of a shard: *first, and how many. */
int dataset_shard_items(const aet_dataset *d, int shard, int *first);

/* Paths: of an item (kind "h5" or "bad"), of a shard (and its name alone), of other files. */
void dataset_item_path(const aet_dataset *d, int item, const char *kind, char path[AET_PATH_MAX]);
void dataset_shard_name(const aet_dataset *d, int shard, char *name, size_t size);
void dataset_path(const aet_dataset *d, const char *file, char path[AET_PATH_MAX]);

/* The datasets of items and shards. */
aet_h5_field dataset_input(const aet_dataset *d);
aet_h5_field dataset_target(const aet_dataset *d);
extern const aet_h5_field dataset_position, dataset_species, dataset_first, dataset_good;
/* Row k of the table; path is filled with its name. */
aet_h5_field dataset_column(const aet_dataset *d, int k, char path[AET_H5_PATH_MAX]);

/* Whether a file of ours is there; INPUT for one that cannot be read, USAGE for one of another
 * recipe. */
aet_err dataset_is_ours(const aet_dataset *d, const char *path, bool *there);
aet_err dataset_mark(const aet_dataset *d, aet_h5 *f);

/* An item at work. */
typedef struct {
    MPI_Comm group;
    int rank;
    const aet_dataset *d;
    int item;
    double *seconds;              /* [AET_DATASET_PHASES]: added to */
    aet_simulate_params simulate; /* of this item */
    aet_atoms *atoms;
    float *input, *target;              /* whole, on rank 0 of the group */
    double column[AET_DATASET_COLUMNS]; /* its row of the table */
} dataset_work;
/* Divides input and target as the recipe says, and compares them.  NUMERIC: nothing at the atoms. */
aet_err dataset_normalise(dataset_work *w);
/* Packs the volumes (they are floats no more) and writes the item's file. */
aet_err dataset_item_write(dataset_work *w);

/* Collective over group.  Makes an item and its file; seconds: added to.  *bad: it cannot be made, and
 * that is written down. */
aet_err dataset_item_make(MPI_Comm group, const aet_dataset *d, int item,
                          double seconds[AET_DATASET_PHASES], bool *bad);
/* Why an item is bad; false when it is not. */
bool dataset_item_reason(const aet_dataset *d, int item, char *reason, size_t size);
/* An item is there, good or bad. */
aet_err dataset_item_state(const aet_dataset *d, int item, bool *there);

/* Puts the items of a shard into its file and removes theirs; *done false (and nothing happens) while
 * some are missing. */
aet_err dataset_shard_join(const aet_dataset *d, int shard, bool *done);
aet_err dataset_shard_state(const aet_dataset *d, int shard, bool *there);
/* Removes the items of a shard that is there. */
void dataset_shard_sweep(const aet_dataset *d, int shard);

/* The index files, the manifest and the recipe, when all shards are there. */
aet_err dataset_index_write(const aet_dataset *d);

#endif
