/* Stacks of equal items in HDF5: filled one by one, copied as they are stored, put together from
 * several files as one virtual array. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "h5_priv.h"

enum { CHUNK_BYTES = 8 << 20 };

/* A chunk: one item, and of its planes the largest share that is a whole part of them and fits. */
static void set_chunks(hid_t dcpl, aet_h5_type type, int ndim, const int64_t *dims, int level)
{
    hsize_t chunk[AET_H5_MAX_DIMS] = {1};
    int64_t plane = (int64_t)h5_type_bytes(type), planes = ndim > 1 ? dims[1] : 1;
    for (int i = 2; i < ndim; i++)
        plane *= dims[i];
    while (planes > 1 && (planes * plane > CHUNK_BYTES || dims[1] % planes))
        planes--;
    for (int i = 1; i < ndim; i++)
        chunk[i] = (hsize_t)(i == 1 ? planes : dims[i]);
    H5Pset_chunk(dcpl, ndim, chunk);
    H5Pset_shuffle(dcpl);
    H5Pset_deflate(dcpl, (unsigned)level);
}

static aet_err finish(aet_h5 *f, const aet_h5_field *field, hid_t d)
{
    if (d < 0)
        return h5_fail(AET_ERR_OUTPUT, "%s: cannot make %s", f->path, field->path);
    H5Dclose(d);
    return h5_describe(f, field);
}

aet_err aet_h5_make(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims, int level)
{
    AET_ASSERT(f->size == 1 && ndim >= 1 && ndim <= AET_H5_MAX_DIMS && level >= 0 && level <= 9);
    AET_TRY(h5_make_groups(f, field->path, false));
    hid_t dcpl = H5Pcreate(H5P_DATASET_CREATE);
    if (level > 0)
        set_chunks(dcpl, field->type, ndim, dims, level);
    else
        H5Pset_alloc_time(dcpl, H5D_ALLOC_TIME_EARLY);
    hid_t d = h5_new_dataset(f, field, ndim, dims, dcpl);
    H5Pclose(dcpl);
    return finish(f, field, d);
}

/* Writes item `at` of an open dataset. */
static herr_t put(hid_t d, aet_h5_type type, int64_t at, const void *data)
{
    hsize_t start[AET_H5_MAX_DIMS] = {(hsize_t)at}, n[AET_H5_MAX_DIMS];
    hid_t file = H5Dget_space(d);
    int ndim = H5Sget_simple_extent_dims(file, n, NULL);
    n[0] = 1;
    hid_t mem = H5Screate_simple(ndim, n, NULL);
    herr_t rc = H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, n, NULL);
    if (rc >= 0)
        rc = H5Dwrite(d, h5_mem_type(type), mem, file, H5P_DEFAULT, data);
    H5Sclose(mem);
    H5Sclose(file);
    return rc;
}

aet_err aet_h5_put(aet_h5 *f, const aet_h5_field *field, int64_t at, const void *data)
{
    hid_t d = H5Dopen2(f->id, field->path, H5P_DEFAULT);
    aet_err err = AET_OK;
    if (d < 0 || put(d, field->type, at, data) < 0)
        err = h5_fail(AET_ERR_OUTPUT, "%s: cannot write item %lld of %s (disk full?)", f->path,
                      (long long)at, field->path);
    if (d >= 0)
        H5Dclose(d);
    return err;
}

/* ---- copying ---- */

/* Chunks of the only item of `in`, as they are, to item `at` of `out`. */
static aet_err copy_chunks(hid_t out, int64_t at, hid_t in, const hsize_t *dims,
                           const hsize_t *chunk)
{
    aet_err err = AET_OK;
    char *buffer = NULL;
    for (hsize_t z = 0; z < dims[1] && !err; z += chunk[1]) {
        hsize_t from[AET_H5_MAX_DIMS] = {0, z}, to[AET_H5_MAX_DIMS] = {(hsize_t)at, z}, bytes = 0;
        uint32_t filters = 0;
        bool ok = H5Dget_chunk_storage_size(in, from, &bytes) >= 0;
        if (ok)
            AET_GO(AET_ARRAY((int64_t)bytes, "a compressed chunk", &buffer));
        ok = ok && H5Dread_chunk(in, H5P_DEFAULT, from, &filters, buffer) >= 0 &&
             H5Dwrite_chunk(out, H5P_DEFAULT, filters, to, bytes, buffer) >= 0;
        if (!ok)
            err = h5_fail(AET_ERR_OUTPUT, "a compressed chunk cannot be copied");
        aet_release(&buffer);
    }
done:
    aet_release(&buffer);
    return err;
}

static aet_err copy_values(hid_t out, int64_t at, hid_t in, aet_h5_type type, int64_t count)
{
    char *buffer = NULL;
    AET_TRY(AET_ARRAY(count * (int64_t)h5_type_bytes(type), "an item of a stack", &buffer));
    bool ok = H5Dread(in, h5_mem_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer) >= 0 &&
              put(out, type, at, buffer) >= 0;
    aet_err err = ok ? AET_OK : h5_fail(AET_ERR_OUTPUT, "an item cannot be copied");
    aet_release(&buffer);
    return err;
}

aet_err aet_h5_copy_item(aet_h5 *to, const aet_h5_field *field, int64_t at, const aet_h5 *from)
{
    aet_h5_shape shape;
    hsize_t dims[AET_H5_MAX_DIMS] = {0}, chunk[AET_H5_MAX_DIMS] = {0};
    AET_TRY(aet_h5_look(from, field->path, &shape));
    AET_CHECK(shape.ndim >= 2 && shape.dims[0] == 1, AET_ERR_INPUT, "%s: %s is not one item",
              from->path, field->path);
    for (int i = 0; i < shape.ndim; i++)
        dims[i] = (hsize_t)shape.dims[i];
    hid_t in = H5Dopen2(from->id, field->path, H5P_DEFAULT);
    hid_t out = H5Dopen2(to->id, field->path, H5P_DEFAULT);
    hid_t dcpl = in >= 0 ? H5Dget_create_plist(in) : -1;
    bool chunked = dcpl >= 0 && H5Pget_chunk(dcpl, AET_H5_MAX_DIMS, chunk) > 0;
    aet_err err = in < 0 || out < 0 ? h5_fail(AET_ERR_OUTPUT, "cannot open %s", field->path)
                  : chunked         ? copy_chunks(out, at, in, dims, chunk)
                                    : copy_values(out, at, in, field->type, shape.count);
    if (dcpl >= 0)
        H5Pclose(dcpl);
    if (out >= 0)
        H5Dclose(out);
    if (in >= 0)
        H5Dclose(in);
    return aet_error_frame(err, "%s, item %lld of %s", to->path, (long long)at, field->path);
}

/* ---- virtual datasets ---- */

static herr_t add_part(hid_t dcpl, hid_t all, const aet_h5_field *field, int ndim,
                       const hsize_t *dims, hsize_t start, const aet_h5_part *part)
{
    hsize_t at[AET_H5_MAX_DIMS] = {start}, n[AET_H5_MAX_DIMS];
    for (int i = 0; i < ndim; i++)
        n[i] = i ? dims[i] : (hsize_t)part->count;
    hid_t source = H5Screate_simple(ndim, n, NULL);
    herr_t rc = H5Sselect_hyperslab(all, H5S_SELECT_SET, at, NULL, n, NULL);
    if (rc >= 0)
        rc = H5Pset_virtual(dcpl, all, part->file, field->path, source);
    H5Sclose(source);
    return rc;
}

aet_err aet_h5_virtual(aet_h5 *f, const aet_h5_field *field, int ndim, const int64_t *dims,
                       const aet_h5_part *parts, int n)
{
    hsize_t d[AET_H5_MAX_DIMS], start = 0;
    herr_t rc = 0;
    AET_ASSERT(ndim >= 1 && ndim <= AET_H5_MAX_DIMS);
    AET_TRY(h5_make_groups(f, field->path, false));
    for (int i = 0; i < ndim; i++)
        d[i] = (hsize_t)dims[i];
    hid_t all = H5Screate_simple(ndim, d, NULL), dcpl = H5Pcreate(H5P_DATASET_CREATE);
    for (int i = 0; i < n && rc >= 0; i++) {
        if (parts[i].count > 0)
            rc = add_part(dcpl, all, field, ndim, d, start, &parts[i]);
        start += (hsize_t)parts[i].count;
    }
    hid_t made = rc >= 0 ? h5_new_dataset(f, field, ndim, dims, dcpl) : -1;
    H5Pclose(dcpl);
    H5Sclose(all);
    return finish(f, field, made);
}
