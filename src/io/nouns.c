/* Tilt series and volumes in HDF5; atoms are in atoms_h5.c. */
#include "aetlas/io/nouns.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/h5.h"
#include "aetlas/io/share.h"
#include "aetlas/par/agree.h"
#include "io_priv.h"
#include <limits.h>

#define HEAD_BYTES ((int64_t)1 << 18) /* room for groups and attributes */

static const aet_h5_field f_images = {
    "/tilt/images", AET_H5_F32, "1",
    "images [n][ny][nx], tilt axis y, pivot at pixel (nx/2, ny/2)"};
static const aet_h5_field f_angles = {
    "/tilt/angles_deg", AET_H5_F64, "deg",
    "Euler angles phi, theta, psi of each image; theta is the tilt"};
static const aet_h5_field f_density = {"/volume/density", AET_H5_F32, "1",
                                       "density [nz][ny][nx], origin at voxel (nx/2, ny/2, nz/2)"};

/* The shape of a numeric dataset of ndim dimensions whose sides fit an int. */
static aet_err look_at(const aet_h5 *f, const char *path, const char *file, int ndim, int dims[])
{
    aet_h5_shape s;
    AET_TRY(aet_h5_look(f, path, &s));
    AET_CHECK(s.numeric && s.ndim == ndim, AET_ERR_INPUT,
              "%s: %s is %s with %d dimensions, expected numbers with %d", file, path,
              s.numeric ? "numbers" : "no numbers", s.ndim, ndim);
    for (int i = 0; i < ndim; i++) {
        AET_CHECK(s.dims[i] > 0 && s.dims[i] <= INT_MAX, AET_ERR_INPUT,
                  "%s: dimension %d of %s is %lld", file, i, path, (long long)s.dims[i]);
        dims[i] = (int)s.dims[i];
    }
    return AET_OK;
}

/* ---- tilt ---- */

static aet_err read_tilt(const char *path, aet_tilt **t)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    int n[3] = {0}, m[2] = {0};
    double pixel_A;
    AET_GO(aet_h5_open(path, &f));
    AET_GO_CHECK(aet_h5_has(f, f_images.path), AET_ERR_INPUT,
                 "%s: is not a tilt series (it has no %s); 'aetlas info' tells what it holds", path,
                 f_images.path);
    AET_GO(look_at(f, f_images.path, path, 3, n));
    AET_GO(look_at(f, f_angles.path, path, 2, m));
    AET_GO_CHECK(m[0] == n[0] && m[1] == 3, AET_ERR_INPUT,
                 "%s: %d images need %d x 3 angles, found %d x %d", path, n[0], n[0], m[0], m[1]);
    AET_GO(aet_h5_get_real(f, "/tilt", "pixel_A", &pixel_A));
    AET_GO(aet_tilt_create(n[0], n[1], n[2], pixel_A, t));
    AET_GO(aet_h5_read(f, f_images.path, AET_H5_F32, (int64_t)n[0] * n[1] * n[2], (*t)->images));
    AET_GO(aet_h5_read(f, f_angles.path, AET_H5_F64, (int64_t)n[0] * 3, (*t)->angles_deg));
    err = aet_error_frame(aet_tilt_check(*t), "%s", path);
done:
    aet_h5_close(&f);
    if (err)
        aet_tilt_free(t);
    return err;
}

aet_err aet_tilt_read(MPI_Comm comm, const char *path, aet_tilt **t)
{
    int rank;
    aet_err err = AET_OK;
    *t = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = read_tilt(path, t);
    return aet_tilt_share(comm, err, t);
}

static aet_err write_tilt(const char *path, const aet_tilt *t)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    const int64_t n[3] = {t->n, t->ny, t->nx}, m[2] = {t->n, 3};
    AET_TRY(aet_tilt_check(t));
    AET_TRY(
        aet_h5_create(MPI_COMM_SELF, path, n[0] * n[1] * n[2] * 4 + n[0] * 24 + HEAD_BYTES, &f));
    AET_GO(aet_h5_write_root(f, &f_images, 3, n, t->images));
    AET_GO(aet_h5_write_root(f, &f_angles, 2, m, t->angles_deg));
    AET_GO(aet_h5_set_real(f, "/tilt", "pixel_A", t->pixel_A));
    AET_GO(provenance_write(f));
    err = aet_h5_commit(&f);
done:
    aet_h5_close(&f);
    return err;
}

aet_err aet_tilt_write(MPI_Comm comm, const char *path, const aet_tilt *t)
{
    int rank;
    aet_err err = AET_OK;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = write_tilt(path, t);
    return aet_agree(comm, err);
}

/* ---- volume ---- */

typedef struct {
    int n[3]; /* nz, ny, nx */
    double voxel_A;
} volume_head;

static aet_err read_head(const char *path, volume_head *head, aet_curve **curves, int *n_curves)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    AET_GO(aet_h5_open(path, &f));
    AET_GO_CHECK(aet_h5_has(f, f_density.path), AET_ERR_INPUT,
                 "%s: is not a volume (it has no %s); 'aetlas info' tells what it holds", path,
                 f_density.path);
    AET_GO(look_at(f, f_density.path, path, 3, head->n));
    AET_GO(aet_h5_get_real(f, "/volume", "voxel_A", &head->voxel_A));
    err = curves_read(f, path, curves, n_curves);
done:
    aet_h5_close(&f);
    return err;
}

aet_err aet_volume_read(MPI_Comm comm, const char *path, aet_volume **v)
{
    int rank;
    aet_err err = AET_OK;
    volume_head head = {{0}, 0.0};
    aet_curve *curves = NULL;
    int n_curves = 0;
    *v = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = read_head(path, &head, &curves, &n_curves);
    AET_GO(aet_agree(comm, err));
    MPI_Bcast(&head, sizeof head, MPI_BYTE, 0, comm);
    AET_GO(aet_volume_create(comm, head.n[2], head.n[1], head.n[0], head.voxel_A, v));
    const int64_t dims[3] = {head.n[0], head.n[1], head.n[2]};
    AET_GO(aet_h5_read_slab(comm, path, f_density.path, AET_H5_F32, 3, dims, (*v)->slab.start,
                            (*v)->slab.count, (*v)->density));
    AET_GO(aet_error_frame(aet_volume_check(*v), "%s", path));
    (*v)->curves = curves;
    (*v)->n_curves = n_curves;
    curves_share(comm, &(*v)->curves, &(*v)->n_curves);
    return AET_OK;
done:
    aet_curves_free(&curves, &n_curves);
    aet_volume_free(v);
    return err;
}

aet_err aet_volume_write(MPI_Comm comm, const char *path, const aet_volume *v)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    const int64_t n[3] = {v->nz, v->ny, v->nx};
    AET_TRY(aet_volume_check(v));
    AET_TRY(aet_h5_create(
        comm, path, n[0] * n[1] * n[2] * 4 + curves_bytes(v->curves, v->n_curves) + HEAD_BYTES,
        &f));
    AET_GO(aet_h5_write(f, &f_density, 3, n, v->slab.start, v->slab.count, v->density));
    AET_GO(aet_agree(comm, aet_h5_set_real(f, "/volume", "voxel_A", v->voxel_A)));
    AET_GO(aet_agree(comm, curves_write(f, v->curves, v->n_curves)));
    AET_GO(aet_agree(comm, provenance_write(f)));
    err = aet_h5_commit(&f);
done:
    aet_h5_close(&f);
    return err;
}
