/* Tilt series and volumes out of any file. */
#include "aetlas/io/load.h"
#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/angles.h"
#include "aetlas/io/h5raster.h"
#include "aetlas/io/mat.h"
#include "aetlas/io/mrc.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/share.h"
#include "aetlas/io/tiff.h"
#include "aetlas/par/agree.h"
#include <limits.h>
#include <math.h>
#include <string.h>

static bool is_3d(const aet_raster_info *i)
{
    return i->ndim == 3 && i->count > 0;
}

/* The array of a foreign file with images or density. */
static aet_err read_raster(const char *path, aet_format format, const char *variable,
                           const char *what, aet_raster **r)
{
    const aet_raster_want want = {variable, is_3d, what, false};
    int64_t size;
    AET_TRY(aet_file_size(path, &size));
    switch (format) {
    case AET_FORMAT_TILT:
    case AET_FORMAT_VOLUME:
    case AET_FORMAT_ATOMS:
    case AET_FORMAT_HDF5:
        return aet_h5raster_read(path, &want, r);
    case AET_FORMAT_MAT:
        return aet_mat_read(path, &want, r);
    case AET_FORMAT_MRC:
        return aet_mrc_read(path, r);
    case AET_FORMAT_TIFF:
        return aet_tiff_read(path, r);
    default:
        AET_FAIL(AET_ERR_INPUT, "%s: cannot be %s: expected HDF5, EMD, MATLAB, MRC or TIFF", path,
                 what);
    }
}

/* Two dimensions (a single image that was named) become one plane. */
static aet_err need_3d(const char *path, aet_raster *r)
{
    if (r->ndim == 2) {
        memmove(r->dims + 1, r->dims, 2 * sizeof *r->dims);
        r->dims[0] = 1;
        r->ndim = 3;
    }
    AET_CHECK(r->ndim == 3, AET_ERR_INPUT, "%s: has %d dimensions, expected 3", path, r->ndim);
    for (int i = 0; i < 3; i++)
        AET_CHECK(r->dims[i] < INT_MAX, AET_ERR_INPUT, "%s: dimension %d is %lld", path, i,
                  (long long)r->dims[i]);
    return AET_OK;
}

static aet_err choose_pixel(const char *path, double given, double from_file, double fallback,
                            double *pixel_A)
{
    *pixel_A = given > 0.0 ? given : from_file > 0.0 ? from_file : fallback;
    AET_CHECK(*pixel_A > 0.0, AET_ERR_INPUT,
              "%s: does not say the pixel size; give it in Angstrom with --pixel", path);
    if (given > 0.0 && from_file > 0.0 && fabs(given - from_file) > 1e-3 * given)
        aet_warn("%s: says a pixel of %g A; %g A is used as told", path, from_file, given);
    return AET_OK;
}

/* ---- tilt ---- */

static aet_err build_tilt(const char *path, const aet_load_tilt_options *o, aet_raster *r,
                          aet_tilt **t)
{
    aet_err err = AET_OK;
    double pixel_A, (*angles)[3] = NULL;
    int n = 0;
    AET_GO(need_3d(path, r));
    AET_GO(choose_pixel(path, o->pixel_A, r->pixel_A, o->fallback_A, &pixel_A));
    AET_GO_CHECK(o->angles, AET_ERR_INPUT, "%s: give the file of its angles with --angles", path);
    AET_GO(aet_angles_read(o->angles, o->angles_variable, &n, &angles));
    AET_GO_CHECK(n == r->dims[0], AET_ERR_INPUT,
                 "%s has %d angles, but %s has %lld images; there must be one angle "
                 "for each image (%lld x %lld pixels)",
                 o->angles, n, path, (long long)r->dims[0], (long long)r->dims[2],
                 (long long)r->dims[1]);
    AET_GO(aet_error_frame(aet_tilt_create(n, (int)r->dims[1], (int)r->dims[2], pixel_A, t), "%s",
                           path));
    aet_release(&(*t)->images);
    (*t)->images = r->f32; /* taken over, not copied */
    r->f32 = NULL;
    memcpy((*t)->angles_deg, angles, (size_t)n * sizeof *angles);
    err = aet_error_frame(aet_tilt_check(*t), "%s", path);
done:
    aet_release(&angles);
    if (err)
        aet_tilt_free(t);
    return err;
}

static aet_err load_tilt(const char *path, aet_format format, const aet_load_tilt_options *o,
                         aet_tilt **t)
{
    aet_raster *r = NULL;
    aet_err err = read_raster(path, format, o->variable, "a tilt series (three-dimensional)", &r);
    if (!err)
        err = build_tilt(path, o, r, t);
    aet_raster_free(&r);
    return err;
}

aet_err aet_load_tilt(MPI_Comm comm, const char *path, const aet_load_tilt_options *o, aet_tilt **t)
{
    int rank, format = AET_FORMAT_UNKNOWN;
    aet_err err = AET_OK;
    *t = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        format = aet_format_of(path);
    MPI_Bcast(&format, 1, MPI_INT, 0, comm);
    if (format == AET_FORMAT_TILT && !o->angles && !o->variable) {
        AET_TRY(aet_tilt_read(comm, path, t));
        if (o->pixel_A > 0.0)
            (*t)->pixel_A = o->pixel_A;
        return AET_OK;
    }
    if (rank == 0)
        err = load_tilt(path, (aet_format)format, o, t);
    return aet_tilt_share(comm, err, t);
}

/* ---- volume ---- */

static aet_err load_volume(const char *path, aet_format format, const aet_load_volume_options *o,
                           aet_raster **r, double *voxel_A)
{
    AET_TRY(read_raster(path, format, o->variable, "a volume (three-dimensional)", r));
    AET_TRY(need_3d(path, *r));
    return choose_pixel(path, o->pixel_A, (*r)->pixel_A, o->fallback_A, voxel_A);
}

aet_err aet_load_volume(MPI_Comm comm, const char *path, const aet_load_volume_options *o,
                        aet_volume **v)
{
    int rank, format = AET_FORMAT_UNKNOWN, n[3] = {0};
    aet_err err = AET_OK;
    aet_raster *r = NULL;
    double voxel_A = 0.0;
    *v = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        format = aet_format_of(path);
    MPI_Bcast(&format, 1, MPI_INT, 0, comm);
    if (format == AET_FORMAT_VOLUME && !o->variable) {
        AET_TRY(aet_volume_read(comm, path, v));
        if (o->pixel_A > 0.0)
            (*v)->voxel_A = o->pixel_A;
        return AET_OK;
    }
    if (rank == 0)
        err = load_volume(path, (aet_format)format, o, &r, &voxel_A);
    for (int i = 0; rank == 0 && !err && i < 3; i++)
        n[i] = (int)r->dims[2 - i];
    err = aet_volume_share(comm, err, n, voxel_A, r ? r->f32 : NULL, v);
    aet_raster_free(&r);
    if (!err)
        err = aet_error_frame(aet_volume_check(*v), "%s", path);
    if (err)
        aet_volume_free(v);
    return err;
}
