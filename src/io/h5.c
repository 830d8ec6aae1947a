/* HDF5 files: opening, closing, groups and attributes. */
#include "aetlas/io/h5.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "h5_priv.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_MAX ((int64_t)32 << 20) /* bytes up to which one rank writes by way of memory */

/* ---- errors ---- */

static herr_t innermost(unsigned n, const H5E_error2_t *e, void *ctx)
{
    (void)n;
    char *buf = ctx;
    if (e->desc && e->desc[0] && !buf[0])
        (void)aet_fmt(buf, 160, "%s", e->desc);
    return 0;
}

aet_err h5_fail(aet_err code, const char *fmt, ...)
{
    char text[AET_ERROR_TEXT_MAX / 2], reason[160] = "";
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, reason);
    return aet_error_set(code, __FILE__, __LINE__, "%s%s%s%s", text, reason[0] ? " (HDF5: " : "",
                         reason, reason[0] ? ")" : "");
}

static void silence(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* ---- opening ---- */

hid_t h5_access(MPI_Comm comm, int size)
{
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(fapl, H5F_CLOSE_STRONG);
    /* Files become visible by a rename, so locks protect
     * nothing, and they fail on some network disks. */
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
    H5Pset_file_locking(fapl, false, true);
#endif
    if (size > 1)
        H5Pset_fapl_mpio(fapl, comm, MPI_INFO_NULL);
    return fapl;
}

static aet_h5 *new_handle(MPI_Comm comm, const char *path)
{
    aet_h5 *f = AET_NEW(aet_h5, 1);
    f->comm = comm;
    f->id = -1;
    f->size = 1;
    if (comm != MPI_COMM_NULL) {
        MPI_Comm_rank(comm, &f->rank);
        MPI_Comm_size(comm, &f->size);
    }
    (void)aet_fmt(f->path, sizeof f->path, "%s", path);
    return f;
}

aet_err aet_h5_open(const char *path, aet_h5 **out)
{
    int64_t bytes = 0;
    *out = NULL;
    silence();
    AET_TRY(aet_file_size(path, &bytes));
    AET_CHECK(H5Fis_hdf5(path) > 0, AET_ERR_INPUT, "%s: is not an HDF5 file", path);
    hid_t fapl = h5_access(MPI_COMM_NULL, 1);
    hid_t id = H5Fopen(path, H5F_ACC_RDONLY, fapl);
    aet_err err = AET_OK;
    if (id < 0) /* asked at once: the next call forgets the reason */
        err = h5_fail(AET_ERR_INPUT, "%s: this HDF5 file is damaged or cut short", path);
    H5Pclose(fapl);
    AET_TRY(err);
    *out = new_handle(MPI_COMM_NULL, path);
    (*out)->id = id;
    (*out)->bytes = bytes;
    return AET_OK;
}

static aet_err create_file(aet_h5 *f)
{
    aet_err err = AET_OK;
    char part[AET_PATH_MAX];
    aet_part_name(f->path, part);
    hid_t fapl = h5_access(f->comm, f->size), fcpl = H5Pcreate(H5P_FILE_CREATE);
    if (f->in_memory)
        h5_memory_driver(f, fapl);
    /* Attributes beyond 64 kB (long parameter texts) need the 1.8 format. */
    H5Pset_libver_bounds(fapl, H5F_LIBVER_V18, H5F_LIBVER_LATEST);
    H5Pset_link_creation_order(fcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(fcpl, false); /* equal inputs give equal files */
    f->id = H5Fcreate(part, H5F_ACC_TRUNC, fcpl, fapl);
    if (f->id < 0)
        err = h5_fail(AET_ERR_OUTPUT, "%s: cannot be created", f->path);
    H5Pclose(fcpl);
    H5Pclose(fapl);
    return err;
}

aet_err aet_h5_create(MPI_Comm comm, const char *path, int64_t bytes, aet_h5 **out)
{
    aet_err err = AET_OK;
    *out = NULL;
    silence();
    aet_h5 *f = new_handle(comm, path);
    f->in_memory = f->size == 1 && bytes <= IMAGE_MAX;
    if (f->rank == 0)
        err = h5_check_room(path, bytes);
    AET_GO(aet_agree(comm, err));
    AET_GO(aet_agree(comm, create_file(f)));
    if (f->rank == 0 && !f->in_memory)
        err = h5_reserve(f, bytes);
    AET_GO(aet_agree(comm, err));
    *out = f;
    return AET_OK;
done:
    aet_h5_close(&f);
    return err;
}

/* ---- closing ---- */

void aet_h5_close(aet_h5 **fp)
{
    aet_h5 *f = *fp;
    if (!f)
        return;
    if (f->id >= 0 && f->comm != MPI_COMM_NULL && !f->in_memory)
        h5_make_room(f);
    if (f->id >= 0)
        H5Fclose(f->id);
    if (f->comm != MPI_COMM_NULL && f->rank == 0 && !f->committed)
        aet_part_discard(f->path);
    free(f->image);
    aet_release(&f);
    *fp = NULL;
}

aet_err aet_h5_commit(aet_h5 **fp)
{
    aet_h5 *f = *fp;
    aet_err err = AET_OK;
    if (!f->in_memory && H5Fflush(f->id, H5F_SCOPE_GLOBAL) < 0)
        err = h5_fail(AET_ERR_OUTPUT, "%s: cannot be written (disk full?)", f->path);
    AET_GO(aet_agree(f->comm, err));
    hid_t id = f->id;
    f->id = -1;
    if (H5Fclose(id) < 0)
        err = h5_fail(AET_ERR_OUTPUT, "%s: cannot be finished (disk full?)", f->path);
    AET_GO(aet_agree(f->comm, err));
    if (f->rank == 0)
        err = f->in_memory ? h5_memory_save(f) : h5_trim_commit(f);
    err = aet_agree(f->comm, err);
    f->committed = err == AET_OK;
done:
    aet_h5_close(fp);
    return err;
}

/* ---- groups and attributes ---- */

static hid_t make_group(hid_t loc, const char *name)
{
    if (H5Lexists(loc, name, H5P_DEFAULT) > 0)
        return H5Gopen2(loc, name, H5P_DEFAULT);
    hid_t gcpl = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_link_creation_order(gcpl, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    H5Pset_obj_track_times(gcpl, false);
    hid_t id = H5Gcreate2(loc, name, H5P_DEFAULT, gcpl, H5P_DEFAULT);
    H5Pclose(gcpl);
    return id;
}

aet_err h5_make_groups(aet_h5 *f, const char *path, bool whole)
{
    char part[AET_H5_PATH_MAX];
    for (const char *p = strchr(path + 1, '/'); p || whole; p = strchr(p + 1, '/')) {
        size_t length = p ? (size_t)(p - path) : strlen(path);
        AET_CHECK(length < sizeof part, AET_ERR_OUTPUT, "%s: the name %s is too long", f->path,
                  path);
        memcpy(part, path, length);
        part[length] = 0;
        hid_t g = make_group(f->id, part);
        if (g < 0)
            return h5_fail(AET_ERR_OUTPUT, "%s: cannot make the group %s", f->path, part);
        H5Gclose(g);
        if (!p)
            break;
    }
    return AET_OK;
}

static aet_err set_attribute(aet_h5 *f, const char *path, const char *name, hid_t type,
                             const void *value)
{
    if (H5Lexists(f->id, path, H5P_DEFAULT) <= 0)
        AET_TRY(h5_make_groups(f, path, true));
    hid_t space = H5Screate(H5S_SCALAR);
    if (H5Aexists_by_name(f->id, path, name, H5P_DEFAULT) > 0)
        H5Adelete_by_name(f->id, path, name, H5P_DEFAULT);
    hid_t a =
        H5Acreate_by_name(f->id, path, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = a >= 0 && H5Awrite(a, type, value) >= 0;
    aet_err err = ok ? AET_OK
                     : h5_fail(AET_ERR_OUTPUT, "%s: cannot write the attribute %s of %s", f->path,
                               name, path);
    if (a >= 0)
        H5Aclose(a);
    H5Sclose(space);
    return err;
}

aet_err aet_h5_set_real(aet_h5 *f, const char *path, const char *name, double value)
{
    return set_attribute(f, path, name, H5T_NATIVE_DOUBLE, &value);
}

aet_err aet_h5_set_text(aet_h5 *f, const char *path, const char *name, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    size_t n = strlen(text);
    H5Tset_size(type, n ? n : 1);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    H5Tset_cset(type, H5T_CSET_UTF8);
    aet_err err = set_attribute(f, path, name, type, text);
    H5Tclose(type);
    return err;
}

static hid_t open_attribute(const aet_h5 *f, const char *path, const char *name)
{
    if (!aet_h5_has(f, path) || H5Aexists_by_name(f->id, path, name, H5P_DEFAULT) <= 0)
        return -1;
    return H5Aopen_by_name(f->id, path, name, H5P_DEFAULT, H5P_DEFAULT);
}

aet_err aet_h5_get_real(const aet_h5 *f, const char *path, const char *name, double *value)
{
    hid_t a = open_attribute(f, path, name);
    AET_CHECK(a >= 0, AET_ERR_INPUT, "%s: the attribute %s of %s is missing", f->path, name, path);
    hid_t space = H5Aget_space(a), type = H5Aget_type(a);
    H5T_class_t class = H5Tget_class(type);
    bool ok = H5Sget_simple_extent_npoints(space) == 1 &&
              (class == H5T_FLOAT || class == H5T_INTEGER) &&
              H5Aread(a, H5T_NATIVE_DOUBLE, value) >= 0;
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(a);
    AET_CHECK(ok, AET_ERR_INPUT, "%s: the attribute %s of %s is not a single number", f->path, name,
              path);
    return AET_OK;
}

static bool read_text(hid_t a, hid_t type, char *buf, size_t size)
{
    if (H5Tget_class(type) != H5T_STRING)
        return false;
    if (H5Tis_variable_str(type) > 0) {
        char *s = NULL;
        hid_t mem = H5Tcopy(H5T_C_S1);
        H5Tset_size(mem, H5T_VARIABLE);
        H5Tset_cset(mem, H5Tget_cset(type));
        bool ok = H5Aread(a, mem, &s) >= 0 && s;
        if (ok)
            (void)aet_fmt(buf, size, "%s", s);
        H5free_memory(s);
        H5Tclose(mem);
        return ok;
    }
    size_t n = H5Tget_size(type);
    if (n > (size_t)64 << 20)
        return false;
    char *s = aet_new_bytes(n + 1);
    bool ok = H5Aread(a, type, s) >= 0;
    if (ok)
        (void)aet_fmt(buf, size, "%s", s);
    aet_release(&s);
    return ok;
}

bool aet_h5_get_text(const aet_h5 *f, const char *path, const char *name, char *buf, size_t size)
{
    buf[0] = 0;
    hid_t a = open_attribute(f, path, name);
    if (a < 0)
        return false;
    hid_t space = H5Aget_space(a), type = H5Aget_type(a);
    bool ok = H5Sget_simple_extent_npoints(space) == 1 && read_text(a, type, buf, size);
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(a);
    return ok;
}

bool aet_h5_has(const aet_h5 *f, const char *path)
{
    if (!strcmp(path, "/"))
        return true;
    char part[AET_H5_PATH_MAX];
    for (const char *p = strchr(path + 1, '/');; p = strchr(p + 1, '/')) {
        size_t length = p ? (size_t)(p - path) : strlen(path);
        if (length >= sizeof part)
            return false;
        memcpy(part, path, length);
        part[length] = 0;
        if (H5Lexists(f->id, part, H5P_DEFAULT) <= 0)
            return false;
        if (!p)
            return H5Oexists_by_name(f->id, part, H5P_DEFAULT) > 0;
    }
}
