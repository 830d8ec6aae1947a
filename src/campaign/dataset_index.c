/* What lies over the shards: virtual arrays for each split, the manifest, the recipe. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "dataset_priv.h"
#include <unistd.h>

/* The tables of one split, gathered from its shards. */
typedef struct {
    const aet_dataset *d;
    const aet_dataset_split *split;
    double *table;        /* [columns][items] */
    uint8_t *good;        /* [items] */
    int64_t *first;       /* [items + 1] */
    aet_h5_part *volumes; /* [shards] */
    aet_h5_part *atoms;   /* [shards] */
    char (*reasons)[512]; /* [items] */
} work;

static aet_err make_room(work *w)
{
    int n = w->split->items;
    AET_TRY(AET_ARRAY(w->d->n_columns * (int64_t)n, "the table of a data set", &w->table));
    AET_TRY(AET_ARRAY(n, "the items of a data set", &w->good));
    AET_TRY(AET_ARRAY(n + 1, "the items of a data set", &w->first));
    AET_TRY(AET_ARRAY(n, "the reasons of a data set", &w->reasons));
    AET_TRY(AET_ARRAY(w->split->shards, "the shards of a data set", &w->volumes));
    return AET_ARRAY(w->split->shards, "the shards of a data set", &w->atoms);
}

static aet_err read_columns(work *w, const aet_h5 *f, int at, int n)
{
    char path[AET_H5_PATH_MAX], name[32];
    for (int c = 0; c < w->d->n_columns; c++) {
        aet_h5_field field = dataset_column(w->d, c, path);
        AET_TRY(aet_h5_read(f, field.path, AET_H5_F64, n,
                            w->table + (int64_t)c * w->split->items + at));
    }
    AET_TRY(aet_h5_read(f, dataset_good.path, AET_H5_U8, n, w->good + at));
    for (int i = at; i < at + n; i++) {
        aet_fmt(name, sizeof name, "%d", i);
        if (!w->good[i])
            aet_h5_get_text(f, "/bad", name, w->reasons[i], sizeof *w->reasons);
    }
    return AET_OK;
}

/* Shard s of the split. */
static aet_err read_shard(work *w, int s)
{
    char path[AET_PATH_MAX];
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    int64_t *begins = NULL;
    int item, n = dataset_shard_items(w->d, w->split->first_shard + s, &item);
    int at = item - w->split->first_item;
    dataset_shard_name(w->d, w->split->first_shard + s, w->volumes[s].file,
                       sizeof w->volumes[s].file);
    dataset_path(w->d, w->volumes[s].file, path);
    AET_GO(aet_h5_open(path, &f));
    AET_GO(AET_ARRAY(n + 1, "the items of a shard", &begins));
    AET_GO(aet_h5_read(f, dataset_first.path, AET_H5_I64, n + 1, begins));
    for (int i = 0; i < n; i++)
        w->first[at + i + 1] = w->first[at] + begins[i + 1];
    w->atoms[s] = w->volumes[s];
    w->volumes[s].count = n;
    w->atoms[s].count = begins[n];
    err = read_columns(w, f, at, n);
done:
    aet_release(&begins);
    aet_h5_close(&f);
    return aet_error_frame(err, "%s", w->volumes[s].file);
}

/* ---- the index of a split ---- */

static aet_err write_tables(const work *w, aet_h5 *f)
{
    char path[AET_H5_PATH_MAX], name[32];
    const int64_t n[1] = {w->split->items}, ends[1] = {w->split->items + 1};
    AET_TRY(aet_h5_write_root(f, &dataset_good, 1, n, w->good));
    for (int c = 0; c < w->d->n_columns; c++) {
        aet_h5_field field = dataset_column(w->d, c, path);
        AET_TRY(aet_h5_write_root(f, &field, 1, n, w->table + (int64_t)c * n[0]));
    }
    for (int i = 0; i < n[0]; i++) {
        aet_fmt(name, sizeof name, "%d", i);
        if (!w->good[i])
            AET_TRY(aet_h5_set_text(f, "/bad", name, w->reasons[i]));
    }
    return aet_h5_write_root(f, &dataset_first, 1, ends, w->first);
}

static aet_err write_index(const work *w)
{
    char name[64], path[AET_PATH_MAX];
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    int64_t n = w->split->items, side = w->d->simulate.size;
    const int64_t volumes[4] = {n, side, side, side}, atoms[2] = {w->first[n], 3};
    aet_h5_field input = dataset_input(w->d), target = dataset_target(w->d);
    int parts = w->split->shards;
    aet_fmt(name, sizeof name, "%s.h5", w->split->name);
    dataset_path(w->d, name, path);
    AET_TRY(aet_h5_create(MPI_COMM_SELF, path,
                          (int64_t)w->d->n_columns * n * 8 + 512 * (int64_t)parts + (1 << 20), &f));
    AET_GO(aet_h5_virtual(f, &input, 4, volumes, w->volumes, parts));
    AET_GO(aet_h5_virtual(f, &target, 4, volumes, w->volumes, parts));
    AET_GO(write_tables(w, f));
    AET_GO(aet_h5_virtual(f, &dataset_position, 2, atoms, w->atoms, parts));
    AET_GO(aet_h5_virtual(f, &dataset_species, 1, atoms, w->atoms, parts));
    AET_GO(aet_h5_set_real(f, "/", "voxel_A", w->d->simulate.pixel_A));
    AET_GO(aet_h5_set_text(f, "/", "parameters", w->d->recipe));
    AET_GO(dataset_mark(w->d, f));
    err = aet_h5_commit(&f);
done:
    aet_h5_close(&f);
    return err;
}

/* ---- the manifest ---- */

static void print_rows(const work *w, FILE *f)
{
    for (int i = 0; i < w->split->items; i++) {
        int s = i / w->d->params.per_shard;
        fprintf(f, "%s,%d,%s,%d,%d", w->split->name, i, w->volumes[s].file,
                i % w->d->params.per_shard, w->good[i]);
        for (int c = 0; c < w->d->n_columns; c++)
            fprintf(f, ",%.10g", w->table[(int64_t)c * w->split->items + i]);
        fprintf(f, ",\"");
        for (const char *p = w->reasons[i]; *p; p++) {
            fputc(*p, f);
            if (*p == '"')
                fputc('"', f);
        }
        fprintf(f, "\"\n");
    }
}

static aet_err write_split(const aet_dataset *d, int split, FILE *manifest)
{
    aet_err err = AET_OK;
    work w = {.d = d, .split = &d->splits[split]};
    if (w.split->items == 0)
        return AET_OK;
    AET_GO(make_room(&w));
    for (int s = 0; s < w.split->shards; s++)
        AET_GO(read_shard(&w, s));
    AET_GO(write_index(&w));
    print_rows(&w, manifest);
done:
    aet_release(&w.table);
    aet_release(&w.good);
    aet_release(&w.first);
    aet_release(&w.reasons);
    aet_release(&w.volumes);
    aet_release(&w.atoms);
    return err;
}

static aet_err write_recipe(const aet_dataset *d)
{
    char path[AET_PATH_MAX];
    FILE *f = NULL;
    dataset_path(d, "recipe.ini", path);
    AET_TRY(aet_writer_open(path, &f));
    fputs(d->recipe, f);
    return aet_writer_close(path, &f);
}

aet_err dataset_index_write(const aet_dataset *d)
{
    char path[AET_PATH_MAX];
    aet_err err = AET_OK;
    FILE *f = NULL;
    AET_TRY(write_recipe(d));
    dataset_path(d, "manifest.csv", path);
    AET_TRY(aet_writer_open(path, &f));
    fprintf(f, "split,item,shard,row,good");
    for (int c = 0; c < d->n_columns; c++)
        fprintf(f, ",%s", d->column[c]);
    fprintf(f, ",reason\n");
    for (int s = 0; s < AET_DATASET_SPLITS && !err; s++)
        err = write_split(d, s, f);
    if (err)
        aet_writer_abandon(path, &f);
    else
        err = aet_writer_close(path, &f);
    if (!err) {
        dataset_path(d, "items", path);
        rmdir(path); /* empty by now, but for what is not ours */
    }
    return err;
}
