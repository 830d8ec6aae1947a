/* A data set's recipe: parameters, splits, shards, names. */
#include "aetlas/campaign/dataset.h"

#include "aetlas/base/hash.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "dataset_priv.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AET_PARAM_OWNER aet_dataset_params
AET_PARAMS_TABLE(aet_dataset_table, "dataset", "a data set to train networks with",
                 AET_DATASET_PARAMS);

const char *const aet_dataset_phase_names[AET_DATASET_PHASES] = {
    "particle", "projection", "reconstruction", "target", "write"};

/* ---- the recipe ---- */

/* What decides what the files hold: not how many ranks make them. */
static void set_recipe(aet_dataset *d)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    AET_ASSERT(f);
    aet_dataset_params p = d->params;
    p.memory_per_rank_GiB = 0;
    aet_config_print(f, &aet_dataset_table, &d->params, false);
    aet_config_print(f, &aet_particle_table, &d->particle, false);
    aet_config_print(f, &aet_simulate_table, &d->simulate, false);
    aet_config_print(f, &aet_recon_table, &d->recon, false);
    fclose(f);
    d->recipe = aet_strdup(text);
    free(text);
    text = aet_config_text(&aet_dataset_table, &p);
    d->fingerprint = aet_hash_text(AET_HASH_START, text);
    d->fingerprint = aet_hash_text(d->fingerprint, strstr(d->recipe, "[particle]"));
    aet_release(&text);
}

static aet_err load(const aet_config *config, aet_dataset *d)
{
    AET_TRY(aet_config_load(config, &aet_dataset_table, &d->params));
    AET_TRY(aet_config_load(config, &aet_particle_table, &d->particle));
    AET_TRY(aet_config_load(config, &aet_simulate_table, &d->simulate));
    return aet_config_load(config, &aet_recon_table, &d->recon);
}

static aet_err check_box(const aet_dataset *d)
{
    const aet_simulate_params *s = &d->simulate;
    AET_CHECK(
        s->size > 0 && (s->size_y == 0 || s->size_y == s->size), AET_ERR_USAGE,
        "simulate.size = %d, size_y = %d: items of a data set are cubes of one size, which the "
        "recipe must give",
        s->size, s->size_y);
    AET_CHECK(d->recon.size_x + d->recon.size_y + d->recon.size_z == 0 && d->recon.crop,
              AET_ERR_USAGE, "reconstruct.size_* and crop: inputs have the size of the images");
    AET_CHECK(d->recon.support[0] == 0, AET_ERR_USAGE,
              "reconstruct.support: every item has a shape of its own; leave it out");
    return AET_OK;
}

static aet_err check_elements(const aet_dataset *d)
{
    int z[AET_DATASET_SPECIES], n = 0;
    for (int i = 0; i < d->n_species; i++)
        AET_CHECK(d->sigma_A[d->z[i]] > 0, AET_ERR_USAGE,
                  "simulate.sigma_A = %s gives no width for %s", d->simulate.sigma_A,
                  aet_element_symbol(d->z[i]));
    if (d->params.normalise[0] == 0)
        return AET_OK;
    AET_TRY(aet_error_frame(aet_element_list(d->params.normalise, z, &n), "dataset.normalise"));
    for (int i = 0; i < n; i++) {
        bool known = false;
        for (int k = 0; k < d->n_species; k++)
            known |= d->z[k] == z[i];
        AET_CHECK(known, AET_ERR_USAGE,
                  "dataset.normalise = %s: %s is not in particle.species = %s", d->params.normalise,
                  aet_element_symbol(z[i]), d->particle.species);
    }
    return AET_OK;
}

/* ---- splits, shards, columns ---- */

static aet_err set_splits(aet_dataset *d)
{
    static const char *const names[AET_DATASET_SPLITS] = {"train", "validation", "test"};
    const int items[AET_DATASET_SPLITS] = {d->params.train, d->params.validation, d->params.test};
    for (int s = 0; s < AET_DATASET_SPLITS; s++) {
        int shards = (items[s] + d->params.per_shard - 1) / d->params.per_shard;
        d->splits[s] = (aet_dataset_split){names[s], items[s], d->n_items, shards, d->n_shards};
        d->n_items += items[s];
        d->n_shards += shards;
    }
    AET_CHECK(d->n_items > 0, AET_ERR_USAGE,
              "the data set has no items: dataset.train, validation and test are 0");
    return AET_OK;
}

static void set_columns(aet_dataset *d)
{
    static const char *const fixed[COLUMNS] = {
        "seed",          "volume_A3",   "vacancies", "outside",     "atoms",
        "normalisation", "correlation", "rmse",      "input_scale", "target_scale"};
    for (int k = 0; k < COLUMNS; k++)
        aet_fmt(d->column[k], sizeof d->column[k], "%s", fixed[k]);
    for (int s = 0; s < d->n_species; s++) {
        const char *symbol = aet_element_symbol(d->z[s]);
        aet_fmt(d->column[COLUMNS + 2 * s], sizeof *d->column, "atoms_%s", symbol);
        aet_fmt(d->column[COLUMNS + 2 * s + 1], sizeof *d->column, "sigma_A_%s", symbol);
    }
    d->n_columns = COLUMNS + 2 * d->n_species;
}

static aet_err set_angles(aet_dataset *d)
{
    const aet_dataset_params *p = &d->params;
    int n = p->tilts;
    AET_TRY(AET_ARRAY(n, "tilt angles", &d->angles_deg));
    for (int i = 0; i < n; i++)
        d->angles_deg[i][1] =
            n == 1 ? p->tilt_first_deg
                   : p->tilt_first_deg + (p->tilt_last_deg - p->tilt_first_deg) * i / (n - 1);
    return AET_OK;
}

aet_err aet_dataset_open(const aet_config *config, const char *dir, aet_dataset **out)
{
    aet_err err = AET_OK;
    aet_dataset *d = AET_NEW(aet_dataset, 1);
    *out = NULL;
    AET_GO(load(config, d));
    aet_fmt(d->dir, sizeof d->dir, "%s", dir);
    aet_path_join(d->journal, sizeof d->journal, dir, "dataset.journal");
    AET_GO(aet_element_list(d->particle.species, d->z, &d->n_species));
    AET_GO(aet_simulate_widths(d->simulate.sigma_A, d->sigma_A));
    AET_GO(check_box(d));
    AET_GO(check_elements(d));
    AET_GO(set_splits(d));
    AET_GO(set_angles(d));
    set_columns(d);
    set_recipe(d);
    *out = d;
    return AET_OK;
done:
    aet_dataset_free(&d);
    return err;
}

void aet_dataset_free(aet_dataset **d)
{
    if (!*d)
        return;
    aet_release(&(*d)->recipe);
    aet_release(&(*d)->angles_deg);
    aet_release(d);
}

/* ---- places and names ---- */

dataset_place dataset_item_place(const aet_dataset *d, int item)
{
    int s = AET_DATASET_SPLITS - 1;
    while (item < d->splits[s].first_item)
        s--;
    return (dataset_place){&d->splits[s], item - d->splits[s].first_item};
}

dataset_place dataset_shard_place(const aet_dataset *d, int shard)
{
    int s = AET_DATASET_SPLITS - 1;
    while (shard < d->splits[s].first_shard)
        s--;
    return (dataset_place){&d->splits[s], shard - d->splits[s].first_shard};
}

int dataset_shard_items(const aet_dataset *d, int shard, int *first)
{
    dataset_place p = dataset_shard_place(d, shard);
    int at = p.number * d->params.per_shard, left = p.split->items - at;
    *first = p.split->first_item + at;
    return left < d->params.per_shard ? left : d->params.per_shard;
}

void dataset_path(const aet_dataset *d, const char *file, char path[AET_PATH_MAX])
{
    aet_path_join(path, AET_PATH_MAX, d->dir, file);
}

void dataset_item_path(const aet_dataset *d, int item, const char *kind, char path[AET_PATH_MAX])
{
    char name[128];
    dataset_place p = dataset_item_place(d, item);
    aet_fmt(name, sizeof name, "items/%s-%07d.%s", p.split->name, p.number, kind);
    dataset_path(d, name, path);
}

void dataset_shard_name(const aet_dataset *d, int shard, char *name, size_t size)
{
    dataset_place p = dataset_shard_place(d, shard);
    aet_fmt(name, size, "%s-%05d.h5", p.split->name, p.number);
}

/* ---- what the files hold ---- */

static aet_h5_type stored_type(const aet_dataset *d)
{
    static const aet_h5_type types[] = {AET_H5_F32, AET_H5_F16, AET_H5_U16};
    return types[d->params.store];
}

aet_h5_field dataset_input(const aet_dataset *d)
{
    return (aet_h5_field){
        "/input", stored_type(d), "1",
        "reconstructed volumes [item][z][y][x]; of u16: times /table/input_scale"};
}

aet_h5_field dataset_target(const aet_dataset *d)
{
    return (aet_h5_field){"/target", stored_type(d), "1",
                          "true volumes [item][z][y][x]; of u16: times /table/target_scale"};
}

const aet_h5_field dataset_position = {
    "/truth/position_A", AET_H5_F32, "A",
    "x, y, z of the atoms of all items, one after another; origin at voxel n/2"};
const aet_h5_field dataset_species = {"/truth/species", AET_H5_U8, "1", "their atomic numbers"};
const aet_h5_field dataset_first = {"/truth/first", AET_H5_I64, "1",
                                    "first atom of each item; the last entry: how many in all"};
const aet_h5_field dataset_good = {"/good", AET_H5_U8, "1",
                                   "0: the item could not be made and is zero; /bad says why"};

aet_h5_field dataset_column(const aet_dataset *d, int k, char path[AET_H5_PATH_MAX])
{
    aet_fmt(path, AET_H5_PATH_MAX, "/table/%s", d->column[k]);
    return (aet_h5_field){path, AET_H5_F64, "", ""};
}

/* ---- whose files ---- */

aet_err dataset_mark(const aet_dataset *d, aet_h5 *f)
{
    char text[32];
    aet_fmt(text, sizeof text, "%016" PRIx64, d->fingerprint);
    return aet_h5_set_text(f, "/", "recipe", text);
}

aet_err dataset_is_ours(const aet_dataset *d, const char *path, bool *there)
{
    aet_h5 *f = NULL;
    char text[32], mine[32];
    *there = aet_file_exists(path);
    if (!*there)
        return AET_OK;
    AET_TRY(aet_h5_open(path, &f));
    aet_h5_get_text(f, "/", "recipe", text, sizeof text);
    aet_h5_close(&f);
    aet_fmt(mine, sizeof mine, "%016" PRIx64, d->fingerprint);
    AET_CHECK(strcmp(text, mine) == 0, AET_ERR_USAGE,
              "%s was made by another recipe; give another folder, or remove this one", path);
    return AET_OK;
}

/* ---- planning ---- */

void aet_dataset_plan(const aet_dataset *d, aet_dataset_need *need)
{
    static const double GiB = 1024.0 * 1024 * 1024, width[] = {4, 2, 2};
    enum { MOST_RANKS = 1 << 14 };
    int n = d->simulate.size, first = d->params.ranks_per_item > 0 ? d->params.ranks_per_item : 1;
    double voxels = pow(n, 3), bytes = 0, seconds = 0;
    for (need->ranks_per_item = first; need->ranks_per_item <= MOST_RANKS;
         need->ranks_per_item *= 2) {
        aet_recon_memory(d->params.tilts, n, n, &d->recon, need->ranks_per_item, &bytes, &seconds);
        /* afterwards, input and target on one rank, and one of them in the numbers of the file */
        bytes = fmax(bytes, 60e6 + voxels * (8 + width[d->params.store]));
        if (d->params.ranks_per_item > 0 || bytes <= d->params.memory_per_rank_GiB * GiB)
            break;
    }
    need->GiB_per_rank = bytes / GiB;
    need->core_seconds_per_item = seconds * need->ranks_per_item;
    need->bytes = 2 * voxels * width[d->params.store] * d->n_items;
}
