/* HDF5 datasets: looking, reading, writing, listing. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "h5_priv.h"
#include <string.h>

#define PIECE_BYTES   ((int64_t)1 << 30) /* MPI-IO takes counts as int */
#define CHUNK_RATIO   2000               /* more than gzip (1032) can shrink */
#define COUNT_MAX     ((int64_t)1 << 46)
#define ELEMENT_BYTES 16

/* ---- looking ---- */

static aet_err look_space(const aet_h5 *f, const char *path, hid_t d, aet_h5_shape *s)
{
    hsize_t dims[H5S_MAX_RANK];
    hid_t space = H5Dget_space(d);
    H5S_class_t class = H5Sget_simple_extent_type(space);
    s->ndim = class == H5S_SIMPLE ? H5Sget_simple_extent_dims(space, dims, NULL) : 0;
    H5Sclose(space);
    AET_CHECK(class == H5S_SIMPLE || class == H5S_SCALAR, AET_ERR_INPUT, "%s: %s holds no values",
              f->path, path);
    AET_CHECK(s->ndim >= 0 && s->ndim <= AET_H5_MAX_DIMS, AET_ERR_INPUT,
              "%s: %s has %d dimensions, at most %d are understood", f->path, path, s->ndim,
              AET_H5_MAX_DIMS);
    s->count = 1;
    for (int i = 0; i < s->ndim; i++) {
        AET_CHECK(dims[i] == 0 ||
                      s->count <=
                          COUNT_MAX / (int64_t)(dims[i] > COUNT_MAX ? COUNT_MAX + 1 : dims[i]),
                  AET_ERR_INPUT, "%s: %s claims an impossible size (%llu along dimension %d)",
                  f->path, path, (unsigned long long)dims[i], i);
        s->dims[i] = (int64_t)dims[i];
        s->count *= s->dims[i];
    }
    return AET_OK;
}

static void look_type(hid_t d, aet_h5_shape *s)
{
    hid_t type = H5Dget_type(d);
    H5T_class_t class = H5Tget_class(type);
    s->bytes = (int)H5Tget_size(type);
    s->integer = class == H5T_INTEGER;
    s->numeric =
        (class == H5T_INTEGER || class == H5T_FLOAT) && s->bytes > 0 && s->bytes <= ELEMENT_BYTES;
    H5Tclose(type);
}

/* What the dataset claims must lie in the file. */
static aet_err look_storage(const aet_h5 *f, const char *path, hid_t d, const aet_h5_shape *s)
{
    hid_t dcpl = H5Dget_create_plist(d);
    H5D_layout_t layout = H5Pget_layout(dcpl);
    int external = H5Pget_external_count(dcpl);
    H5Pclose(dcpl);
    AET_CHECK(external <= 0 &&
                  (layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED || layout == H5D_COMPACT),
              AET_ERR_INPUT, "%s: %s has its values in other files, which is not read", f->path,
              path);
    int64_t need = s->count * s->bytes, stored = (int64_t)H5Dget_storage_size(d);
    AET_CHECK(layout != H5D_CHUNKED || need / CHUNK_RATIO <= stored, AET_ERR_INPUT,
              "%s: %s claims %lld values, but only %lld bytes are stored for it", f->path, path,
              (long long)s->count, (long long)stored);
    if (layout == H5D_CONTIGUOUS && need > 0) {
        haddr_t at = H5Dget_offset(d);
        AET_CHECK(at != HADDR_UNDEF && (int64_t)at >= 0 && need <= f->bytes &&
                      (int64_t)at <= f->bytes - need,
                  AET_ERR_INPUT,
                  "%s: %s claims %lld values of %d bytes, more than the file holds (%lld bytes)",
                  f->path, path, (long long)s->count, s->bytes, (long long)f->bytes);
    }
    return AET_OK;
}

aet_err aet_h5_look(const aet_h5 *f, const char *path, aet_h5_shape *shape)
{
    *shape = (aet_h5_shape){0};
    AET_CHECK(aet_h5_has(f, path), AET_ERR_INPUT, "%s: there is no %s in it", f->path, path);
    hid_t d = H5Dopen2(f->id, path, H5P_DEFAULT);
    if (d < 0)
        return h5_fail(AET_ERR_INPUT, "%s: %s is not a dataset", f->path, path);
    look_type(d, shape);
    aet_err err = look_space(f, path, d, shape);
    if (err == AET_OK && shape->numeric)
        err = look_storage(f, path, d, shape);
    H5Dclose(d);
    return err;
}

/* ---- reading ---- */

aet_err aet_h5_read(const aet_h5 *f, const char *path, aet_h5_type type, int64_t count, void *data)
{
    aet_h5_shape shape;
    AET_TRY(aet_h5_look(f, path, &shape));
    AET_CHECK(shape.numeric, AET_ERR_INPUT, "%s: %s does not hold numbers", f->path, path);
    AET_CHECK(shape.count == count, AET_ERR_INPUT, "%s: %s holds %lld values, expected %lld",
              f->path, path, (long long)shape.count, (long long)count);
    if (count == 0)
        return AET_OK;
    hid_t d = H5Dopen2(f->id, path, H5P_DEFAULT);
    bool ok = d >= 0 && H5Dread(d, h5_mem_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    aet_err err = ok ? AET_OK : h5_fail(AET_ERR_INPUT, "%s: %s cannot be read", f->path, path);
    if (d >= 0)
        H5Dclose(d);
    return err;
}

/* Moves planes [start, start+count) between memory and an open dataset, piece by piece. Independent
 * transfers: every rank has one contiguous stretch, so there is nothing to gain by collecting. */
static herr_t move_planes(hid_t d, aet_h5_type type, int ndim, const int64_t *dims, int64_t start,
                          int64_t count, void *in, const void *out)
{
    hsize_t at[AET_H5_MAX_DIMS] = {0}, n[AET_H5_MAX_DIMS];
    int64_t plane = (int64_t)h5_type_bytes(type);
    herr_t rc = 0;
    for (int i = 0; i < ndim; i++) {
        n[i] = (hsize_t)dims[i];
        plane *= i ? dims[i] : 1;
    }
    int64_t most = plane >= PIECE_BYTES ? 1 : PIECE_BYTES / plane;
    hid_t file = H5Dget_space(d);
    for (int64_t done = 0; done < count && rc >= 0; done += most) {
        at[0] = (hsize_t)(start + done);
        n[0] = (hsize_t)(count - done < most ? count - done : most);
        hid_t mem = H5Screate_simple(ndim, n, NULL);
        rc = H5Sselect_hyperslab(file, H5S_SELECT_SET, at, NULL, n, NULL);
        if (rc >= 0 && in)
            rc = H5Dread(d, h5_mem_type(type), mem, file, H5P_DEFAULT, (char *)in + done * plane);
        else if (rc >= 0)
            rc = H5Dwrite(d, h5_mem_type(type), mem, file, H5P_DEFAULT,
                          (const char *)out + done * plane);
        H5Sclose(mem);
    }
    H5Sclose(file);
    return rc;
}

aet_err aet_h5_read_slab(MPI_Comm comm, const char *path, const char *dataset, aet_h5_type type,
                         int ndim, const int64_t *dims, int64_t start, int64_t count, void *data)
{
    int size;
    aet_err err = AET_OK;
    hid_t d = -1;
    MPI_Comm_size(comm, &size);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t fapl = h5_access(comm, size), id = H5Fopen(path, H5F_ACC_RDONLY, fapl);
    if (id >= 0)
        d = H5Dopen2(id, dataset, H5P_DEFAULT);
    if (d < 0 || (count > 0 && move_planes(d, type, ndim, dims, start, count, data, NULL) < 0))
        err = h5_fail(AET_ERR_INPUT, "%s: %s cannot be read", path, dataset);
    H5Pclose(fapl);
    if (d >= 0)
        H5Dclose(d);
    err = aet_agree(comm, err);
    if (id >= 0)
        H5Fclose(id);
    return err;
}

/* ---- writing ---- */

hid_t h5_new_dataset(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims,
                     hid_t dcpl)
{
    hsize_t n[AET_H5_MAX_DIMS];
    for (int i = 0; i < ndim; i++)
        n[i] = (hsize_t)dims[i];
    hid_t space = ndim ? H5Screate_simple(ndim, n, NULL) : H5Screate(H5S_SCALAR);
    H5Pset_fill_time(dcpl, H5D_FILL_TIME_NEVER); /* every value is written */
    H5Pset_obj_track_times(dcpl, false);         /* equal inputs give equal files */
    hid_t d = H5Dcreate2(f->id, field->path, h5_file_type(field->type), space, H5P_DEFAULT, dcpl,
                         H5P_DEFAULT);
    H5Sclose(space);
    return d;
}

static hid_t create_dataset(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims)
{
    hid_t dcpl = H5Pcreate(H5P_DATASET_CREATE), d = h5_new_dataset(f, field, ndim, dims, dcpl);
    H5Pclose(dcpl);
    return d;
}

static herr_t write_values(hid_t d, const aet_h5 *f, aet_h5_type type, int ndim,
                           const int64_t *dims, int64_t start, int64_t count, const void *data)
{
    for (int i = 1; i < ndim; i++)
        if (dims[i] == 0)
            return 0;
    if (ndim)
        return move_planes(d, type, ndim, dims, start, count, NULL, data);
    return f->rank ? 0 : H5Dwrite(d, h5_mem_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
}

aet_err aet_h5_write(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims,
                     int64_t start, int64_t count, const void *data)
{
    AET_ASSERT(ndim >= 0 && ndim <= AET_H5_MAX_DIMS);
    aet_err err = h5_make_groups(f, field->path, false);
    hid_t d = err == AET_OK ? create_dataset(f, field, ndim, dims) : -1;
    if (d < 0 && err == AET_OK)
        err = h5_fail(AET_ERR_OUTPUT, "%s: cannot make %s", f->path, field->path);
    if (d >= 0 && write_values(d, f, field->type, ndim, dims, start, count, data) < 0)
        err = h5_fail(AET_ERR_OUTPUT, "%s: cannot write %s (disk full?)", f->path, field->path);
    if (d >= 0)
        H5Dclose(d);
    AET_TRY(aet_agree(f->comm, err));
    return h5_describe(f, field);
}

aet_err h5_describe(aet_h5 *f, const aet_h5_field *field)
{
    if (field->unit && field->unit[0])
        AET_TRY(aet_agree(f->comm, aet_h5_set_text(f, field->path, "unit", field->unit)));
    if (field->description && field->description[0])
        AET_TRY(
            aet_agree(f->comm, aet_h5_set_text(f, field->path, "description", field->description)));
    return AET_OK;
}

aet_err aet_h5_write_root(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims,
                          const void *data)
{
    return aet_h5_write(f, field, ndim, dims, 0, f->rank || !ndim ? 0 : dims[0], data);
}

/* ---- listing ---- */

typedef struct {
    char (*names)[AET_H5_PATH_MAX];
    int n;
} name_list;

static herr_t add_name(hid_t g, const char *name, const H5L_info_t *info, void *ctx)
{
    (void)g;
    (void)info;
    name_list *l = ctx;
    if (strlen(name) < AET_H5_PATH_MAX && l->n < AET_H5_ENTRY_MAX)
        (void)aet_fmt(l->names[l->n++], AET_H5_PATH_MAX, "%s", name);
    return 0;
}

aet_err aet_h5_members(const aet_h5 *f, const char *group, char (**names)[AET_H5_PATH_MAX], int *n)
{
    name_list l = {aet_new_bytes((size_t)AET_H5_ENTRY_MAX * AET_H5_PATH_MAX), 0};
    aet_err err = AET_OK;
    *n = 0;
    if (aet_h5_has(f, group)) {
        unsigned order = 0;
        hid_t g = H5Gopen2(f->id, group, H5P_DEFAULT), gcpl = g < 0 ? -1 : H5Gget_create_plist(g);
        if (gcpl >= 0)
            H5Pget_link_creation_order(gcpl, &order);
        H5_index_t index = order & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
        if (g < 0 || H5Literate(g, index, H5_ITER_INC, NULL, add_name, &l) < 0)
            err = h5_fail(AET_ERR_INPUT, "%s: the group %s cannot be read", f->path, group);
        if (gcpl >= 0)
            H5Pclose(gcpl);
        if (g >= 0)
            H5Gclose(g);
    }
    *names = l.names;
    *n = l.n;
    return err;
}

typedef struct {
    const aet_h5 *f;
    aet_h5_entry *entries;
    int n;
} entry_list;

static herr_t add_entry(hid_t root, const char *name, const H5O_info_t *info, void *ctx)
{
    (void)root;
    entry_list *l = ctx;
    if (info->type != H5O_TYPE_DATASET || l->n >= AET_H5_ENTRY_MAX)
        return 0;
    aet_h5_entry *e = &l->entries[l->n];
    if (!aet_fmt(e->path, sizeof e->path, "/%s", name))
        return 0;
    if (aet_h5_look(l->f, e->path, &e->shape) != AET_OK)
        return 0;
    aet_h5_get_text(l->f, e->path, "MATLAB_class", e->matlab_class, sizeof e->matlab_class);
    l->n++;
    return 0;
}

aet_err aet_h5_list(const aet_h5 *f, aet_h5_entry **entries, int *n)
{
    entry_list l = {f, AET_NEW(aet_h5_entry, AET_H5_ENTRY_MAX), 0};
    aet_err err = AET_OK;
    if (H5Ovisit2(f->id, H5_INDEX_NAME, H5_ITER_INC, add_entry, &l, H5O_INFO_BASIC) < 0)
        err = h5_fail(AET_ERR_INPUT, "%s: its contents cannot be listed", f->path);
    *entries = l.entries;
    *n = l.n;
    return err;
}
