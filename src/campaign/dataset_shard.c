/* A shard: the finished items of a stretch of a split, put into one file by one rank, in order, in one
 * go, so that equal items give equal files. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "dataset_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const aet_dataset *d;
    int first, n;    /* items */
    aet_h5 *f;       /* the shard */
    double *table;   /* [columns][n] */
    uint8_t *good;   /* [n] */
    int64_t *begins; /* [n + 1] */
    float *position; /* [begins[n]][3] */
    uint8_t *species;
    char *zeros; /* a volume of a bad item */
} work;

/* ---- the atoms and numbers of all items ---- */

static aet_err grow(work *w, int64_t atoms)
{
    AET_CHECK(atoms < (int64_t)1 << 33, AET_ERR_NOMEM, "too many atoms in one shard");
    float *position = realloc(w->position, (size_t)(atoms + 1) * 3 * sizeof *position);
    AET_CHECK(position, AET_ERR_NOMEM, "no memory for the atoms of a shard");
    w->position = position;
    uint8_t *species = realloc(w->species, (size_t)atoms + 1);
    AET_CHECK(species, AET_ERR_NOMEM, "no memory for the atoms of a shard");
    w->species = species;
    return AET_OK;
}

static aet_err read_numbers(work *w, int k, const aet_h5 *item)
{
    aet_h5_shape s;
    double row[AET_DATASET_COLUMNS];
    AET_TRY(aet_h5_read(item, "/row", AET_H5_F64, w->d->n_columns, row));
    for (int c = 0; c < w->d->n_columns; c++)
        w->table[c * w->n + k] = row[c];
    AET_TRY(aet_h5_look(item, dataset_species.path, &s));
    int64_t at = w->begins[k];
    AET_TRY(grow(w, at + s.count));
    AET_TRY(
        aet_h5_read(item, dataset_position.path, AET_H5_F32, 3 * s.count, w->position + 3 * at));
    AET_TRY(aet_h5_read(item, dataset_species.path, AET_H5_U8, s.count, w->species + at));
    w->begins[k + 1] = at + s.count;
    return AET_OK;
}

/* ---- volumes ---- */

static aet_err add_bad(work *w, int k, const char *reason)
{
    char name[32];
    aet_h5_field input = dataset_input(w->d), target = dataset_target(w->d);
    int number = dataset_item_place(w->d, w->first + k).number;
    for (int c = 0; c < w->d->n_columns; c++)
        w->table[c * w->n + k] = 0;
    w->begins[k + 1] = w->begins[k];
    AET_TRY(aet_h5_put(w->f, &input, k, w->zeros));
    AET_TRY(aet_h5_put(w->f, &target, k, w->zeros));
    aet_fmt(name, sizeof name, "%d", number);
    return aet_h5_set_text(w->f, "/bad", name, reason);
}

static aet_err add_good(work *w, int k)
{
    char path[AET_PATH_MAX];
    aet_err err = AET_OK;
    aet_h5 *item = NULL;
    aet_h5_field input = dataset_input(w->d), target = dataset_target(w->d);
    dataset_item_path(w->d, w->first + k, "h5", path);
    AET_TRY(aet_h5_open(path, &item));
    AET_GO(aet_h5_copy_item(w->f, &input, k, item));
    AET_GO(aet_h5_copy_item(w->f, &target, k, item));
    AET_GO(read_numbers(w, k, item));
    w->good[k] = 1;
done:
    aet_h5_close(&item);
    return aet_error_frame(err, "%s", path);
}

static aet_err add_items(work *w)
{
    char reason[AET_ERROR_TEXT_MAX];
    int64_t side = w->d->simulate.size;
    const int64_t dims[4] = {w->n, side, side, side};
    aet_h5_field input = dataset_input(w->d), target = dataset_target(w->d);
    AET_TRY(aet_h5_make(w->f, &input, 4, dims, w->d->params.compress));
    AET_TRY(aet_h5_make(w->f, &target, 4, dims, w->d->params.compress));
    for (int k = 0; k < w->n; k++) {
        if (!dataset_item_reason(w->d, w->first + k, reason, sizeof reason)) {
            AET_TRY(add_good(w, k));
            continue;
        }
        if (!w->zeros)
            AET_TRY(AET_ARRAY(side * side * side * 4, "the volume of a bad item", &w->zeros));
        AET_TRY(add_bad(w, k, reason));
    }
    return AET_OK;
}

/* ---- tables ---- */

static aet_err add_tables(work *w)
{
    char path[AET_H5_PATH_MAX];
    const int64_t n[1] = {w->n}, ends[1] = {w->n + 1}, atoms[2] = {w->begins[w->n], 3};
    AET_TRY(aet_h5_write_root(w->f, &dataset_good, 1, n, w->good));
    for (int c = 0; c < w->d->n_columns; c++) {
        aet_h5_field field = dataset_column(w->d, c, path);
        AET_TRY(aet_h5_write_root(w->f, &field, 1, n, w->table + c * w->n));
    }
    AET_TRY(aet_h5_write_root(w->f, &dataset_first, 1, ends, w->begins));
    AET_TRY(aet_h5_write_root(w->f, &dataset_position, 2, atoms, w->position));
    return aet_h5_write_root(w->f, &dataset_species, 1, atoms, w->species);
}

static aet_err write_shard(work *w, const char *path)
{
    static const int64_t width[] = {4, 2, 2};
    int64_t side = w->d->simulate.size, volume = side * side * side;
    int64_t bytes = 2 * w->n * volume * width[w->d->params.store];
    /* positions of atoms: no more than one in 8 A^3 */
    double atoms = (double)w->n * (double)volume * pow(w->d->simulate.pixel_A, 3) / 8;
    AET_TRY(AET_ARRAY(w->d->n_columns * w->n, "the table of a shard", &w->table));
    AET_TRY(AET_ARRAY(w->n, "the items of a shard", &w->good));
    AET_TRY(AET_ARRAY(w->n + 1, "the items of a shard", &w->begins));
    AET_TRY(grow(w, 0));
    AET_TRY(aet_h5_create(MPI_COMM_SELF, path, bytes + (int64_t)(13 * atoms) + (1 << 18), &w->f));
    AET_TRY(add_items(w));
    AET_TRY(add_tables(w));
    AET_TRY(dataset_mark(w->d, w->f));
    return aet_h5_commit(&w->f);
}

/* ---- the doors ---- */

aet_err dataset_shard_state(const aet_dataset *d, int shard, bool *there)
{
    char name[64], path[AET_PATH_MAX];
    dataset_shard_name(d, shard, name, sizeof name);
    dataset_path(d, name, path);
    return dataset_is_ours(d, path, there);
}

void dataset_shard_sweep(const aet_dataset *d, int shard)
{
    static const char *const kinds[] = {"h5", "bad", "h5.part", "bad.part"};
    char path[AET_PATH_MAX];
    int first, n = dataset_shard_items(d, shard, &first);
    for (int i = first; i < first + n; i++)
        for (int k = 0; k < 4; k++) {
            dataset_item_path(d, i, kinds[k], path);
            unlink(path); /* mostly it is not there */
        }
}

aet_err dataset_shard_join(const aet_dataset *d, int shard, bool *done)
{
    char name[64], path[AET_PATH_MAX];
    work w = {.d = d};
    w.n = dataset_shard_items(d, shard, &w.first);
    *done = true;
    for (int k = 0; k < w.n && *done; k++)
        AET_TRY(dataset_item_state(d, w.first + k, done));
    if (!*done)
        return AET_OK;
    dataset_shard_name(d, shard, name, sizeof name);
    dataset_path(d, name, path);
    aet_err err = write_shard(&w, path);
    aet_h5_close(&w.f);
    aet_release(&w.table);
    aet_release(&w.good);
    aet_release(&w.begins);
    aet_release(&w.zeros);
    free(w.position);
    free(w.species);
    if (!err)
        dataset_shard_sweep(d, shard);
    return aet_error_frame(err, "%s", name);
}
