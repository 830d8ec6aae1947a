/* Raw series in HDF5; every rank reads and writes the frames of its own tilts. */
#include "aetlas/base/mem.h"
#include "aetlas/io/h5.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "io_priv.h"
#include <limits.h>

#define HEAD_BYTES ((int64_t)1 << 18)

static const aet_h5_field f_frames = {
    "/raw/frames", AET_H5_F32, "counts",
    "frames [tilt][frame][y][x] as the detector gave them, tilt axis y, pivot at (nx/2, ny/2)"};
static const aet_h5_field f_angles = {
    "/raw/angles_deg", AET_H5_F64, "deg",
    "recorded (nominal) Euler angles phi, theta, psi of each tilt; theta is the tilt"};
static const aet_h5_field t_angles = {"/truth/angles_deg", AET_H5_F64, "deg",
                                      "true Euler angles phi, theta, psi of each tilt"};
static const aet_h5_field t_offset = {
    "/truth/offset_px", AET_H5_F64, "px",
    "where each frame shows the pivot of the specimen, from its own pivot pixel: x, y"};
static const aet_h5_field t_matrix = {
    "/truth/matrix", AET_H5_F64, "1",
    "xx, xy, yx, yy: a point p from the pivot is seen at offset + matrix p (pixels)"};

/* ---- reading ---- */

typedef struct {
    int n[4]; /* tilts, frames, ny, nx */
    double pixel_A, dose;
    bool truth;
} head;

static aet_err look_at(const aet_h5 *f, const aet_h5_field *field, const char *file, int ndim,
                       aet_h5_shape *s)
{
    AET_TRY(aet_h5_look(f, field->path, s));
    AET_CHECK(s->numeric && s->ndim == ndim, AET_ERR_INPUT,
              "%s: %s has %d dimensions, expected numbers with %d", file, field->path, s->ndim,
              ndim);
    for (int i = 0; i < ndim; i++)
        AET_CHECK(s->dims[i] > 0 && s->dims[i] <= INT_MAX, AET_ERR_INPUT,
                  "%s: dimension %d of %s is %lld", file, i, field->path, (long long)s->dims[i]);
    return AET_OK;
}

/* Rank 0: what all must know before they read. */
static aet_err read_head(const aet_h5 *f, const char *path, head *h)
{
    aet_h5_shape s;
    AET_CHECK(aet_h5_has(f, f_frames.path), AET_ERR_INPUT,
              "%s: is not a raw series (it has no %s); 'aetlas info' tells what it holds", path,
              f_frames.path);
    AET_TRY(look_at(f, &f_frames, path, 4, &s));
    for (int i = 0; i < 4; i++)
        h->n[i] = (int)s.dims[i];
    AET_TRY(aet_h5_get_real(f, "/raw", "pixel_A", &h->pixel_A));
    if (aet_h5_get_real(f, "/raw", "dose_e_per_A2", &h->dose) != AET_OK) {
        aet_error_clear();
        h->dose = 0.0;
    }
    h->truth = aet_h5_has(f, t_angles.path);
    return AET_OK;
}

static aet_err read_table(const aet_h5 *f, const aet_h5_field *field, int64_t rows, int width,
                          double *values)
{
    aet_h5_shape s;
    AET_TRY(aet_h5_look(f, field->path, &s));
    AET_CHECK(s.count == rows * width, AET_ERR_INPUT,
              "%s holds %lld numbers; the frames need %lld x %d", field->path, (long long)s.count,
              (long long)rows, width);
    return aet_h5_read(f, field->path, AET_H5_F64, s.count, values);
}

/* Rank 0: what lies on every rank. */
static aet_err read_tables(const aet_h5 *f, aet_raw *r)
{
    int64_t all = (int64_t)r->n * r->frames;
    AET_TRY(read_table(f, &f_angles, r->n, 3, &r->angles_deg[0][0]));
    if (!r->truth)
        return AET_OK;
    AET_TRY(read_table(f, &t_angles, r->n, 3, &r->truth->angles_deg[0][0]));
    AET_TRY(read_table(f, &t_offset, all, 2, &r->truth->offset_px[0][0]));
    return read_table(f, &t_matrix, all, 4, &r->truth->matrix[0][0]);
}

static void share_tables(aet_raw *r)
{
    int64_t n = r->n, all = n * r->frames, real = (int64_t)sizeof(double);
    aet_bcast_bytes(r->comm, r->angles_deg, n * 3 * real, 0);
    if (!r->truth)
        return;
    aet_bcast_bytes(r->comm, r->truth->angles_deg, n * 3 * real, 0);
    aet_bcast_bytes(r->comm, r->truth->offset_px, all * 2 * real, 0);
    aet_bcast_bytes(r->comm, r->truth->matrix, all * 4 * real, 0);
}

aet_err aet_raw_read(MPI_Comm comm, const char *path, aet_raw **r)
{
    int rank;
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    head h = {{0}, 0.0, 0.0, false};
    *r = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = aet_h5_open(path, &f);
    if (rank == 0 && !err)
        err = read_head(f, path, &h);
    AET_GO(AET_AGREE(comm, err));
    MPI_Bcast(&h, sizeof h, MPI_BYTE, 0, comm);
    AET_GO(aet_raw_create(comm, h.n[0], h.n[1], h.n[2], h.n[3], h.pixel_A, r));
    (*r)->dose_e_per_A2 = h.dose;
    if (h.truth)
        aet_raw_add_truth(*r);
    AET_GO(AET_AGREE(comm, rank == 0 ? aet_error_frame(read_tables(f, *r), "%s", path) : AET_OK));
    share_tables(*r);
    const int64_t dims[4] = {h.n[0], h.n[1], h.n[2], h.n[3]};
    AET_GO(aet_h5_read_slab(comm, path, f_frames.path, AET_H5_F32, 4, dims, (*r)->slab.start,
                            (*r)->slab.count, (*r)->images));
    err = aet_error_frame(aet_raw_check(*r), "%s", path);
done:
    aet_h5_close(&f);
    if (err)
        aet_raw_free(r);
    return err;
}

/* ---- writing ---- */

static aet_err write_truth(aet_h5 *f, const aet_raw *r)
{
    const int64_t angles[2] = {r->n, 3}, offset[3] = {r->n, r->frames, 2},
                  matrix[3] = {r->n, r->frames, 4};
    if (!r->truth)
        return AET_OK;
    AET_TRY(aet_h5_write_root(f, &t_angles, 2, angles, r->truth->angles_deg));
    AET_TRY(aet_h5_write_root(f, &t_offset, 3, offset, r->truth->offset_px));
    return aet_h5_write_root(f, &t_matrix, 3, matrix, r->truth->matrix);
}

aet_err aet_raw_write(MPI_Comm comm, const char *path, const aet_raw *r)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    const int64_t dims[4] = {r->n, r->frames, r->ny, r->nx}, angles[2] = {r->n, 3};
    int64_t all = dims[0] * dims[1];
    AET_TRY(aet_raw_check(r));
    AET_TRY(aet_h5_create(comm, path, all * dims[2] * dims[3] * 4 + all * 72 + HEAD_BYTES, &f));
    AET_GO(aet_h5_write(f, &f_frames, 4, dims, r->slab.start, r->slab.count, r->images));
    AET_GO(aet_h5_write_root(f, &f_angles, 2, angles, r->angles_deg));
    AET_GO(aet_agree(comm, aet_h5_set_real(f, "/raw", "pixel_A", r->pixel_A)));
    AET_GO(aet_agree(comm, aet_h5_set_real(f, "/raw", "dose_e_per_A2", r->dose_e_per_A2)));
    AET_GO(write_truth(f, r));
    AET_GO(aet_agree(comm, provenance_write(f)));
    err = aet_h5_commit(&f);
done:
    aet_h5_close(&f);
    return err;
}
