/* Atoms and measures in HDF5. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/h5.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/share.h"
#include "aetlas/par/agree.h"
#include "io_priv.h"
#include <string.h>

#define HEAD_BYTES ((int64_t)1 << 18)
enum { MAX_ATOMS = 1 << 28 };

static const aet_h5_field f_position = {
    "/atoms/position_A", AET_H5_F64, "A",
    "x, y, z of each atom; origin at the pivot of the tilt series"};
static const aet_h5_field f_species = {"/atoms/species", AET_H5_U8, "1",
                                       "atomic number of each atom"};

typedef struct {
    char path[AET_H5_PATH_MAX], unit[16], description[160];
} member;

static void look_up(const aet_h5 *f, const char *group, const char *name, member *m)
{
    (void)aet_fmt(m->path, sizeof m->path, "%s/%.180s", group, name);
    aet_h5_get_text(f, m->path, "unit", m->unit, sizeof m->unit);
    aet_h5_get_text(f, m->path, "description", m->description, sizeof m->description);
}

/* ---- reading ---- */

static aet_err read_column(const aet_h5 *f, const char *name, const char *file, aet_atoms *a)
{
    member m;
    aet_h5_shape s;
    look_up(f, "/atoms/columns", name, &m);
    AET_TRY(aet_h5_look(f, m.path, &s));
    AET_CHECK(s.numeric && s.ndim >= 1 && s.ndim <= 2 && s.dims[0] == a->n &&
                  (s.ndim == 1 || (s.dims[1] >= 1 && s.dims[1] <= 9)),
              AET_ERR_INPUT,
              "%s: %s must hold one number or a vector of up to 9 for each of the %d atoms", file,
              m.path, a->n);
    int width = s.ndim == 2 ? (int)s.dims[1] : 1;
    aet_column *c = aet_atoms_add_column(a, name, width, m.unit, m.description);
    return aet_h5_read(f, m.path, AET_H5_F64, s.count, c->values);
}

static aet_err read_scalar(const aet_h5 *f, const char *name, const char *file, aet_atoms *a)
{
    member m;
    aet_h5_shape s;
    double value;
    look_up(f, "/scalars", name, &m);
    AET_TRY(aet_h5_look(f, m.path, &s));
    AET_CHECK(s.numeric && s.count == 1, AET_ERR_INPUT, "%s: %s must be one number", file, m.path);
    AET_TRY(aet_h5_read(f, m.path, AET_H5_F64, 1, &value));
    aet_atoms_add_scalar(a, name, value, m.unit, m.description);
    return AET_OK;
}

typedef aet_err (*read_member)(const aet_h5 *f, const char *name, const char *file, aet_atoms *a);

static aet_err read_group(const aet_h5 *f, const char *group, const char *file, read_member read,
                          aet_atoms *a)
{
    char(*names)[AET_H5_PATH_MAX] = NULL;
    int n = 0;
    aet_err err = aet_h5_members(f, group, &names, &n);
    for (int i = 0; i < n && err == AET_OK; i++)
        err = read(f, names[i], file, a);
    aet_release(&names);
    return err;
}

static aet_err read_atoms(const char *path, aet_atoms **a)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    aet_h5_shape p, s;
    AET_GO(aet_h5_open(path, &f));
    AET_GO_CHECK(aet_h5_has(f, f_position.path), AET_ERR_INPUT,
                 "%s: is not an atom model (it has no %s); 'aetlas info' tells what it holds", path,
                 f_position.path);
    AET_GO(aet_h5_look(f, f_position.path, &p));
    AET_GO(aet_h5_look(f, f_species.path, &s));
    AET_GO_CHECK(p.numeric && p.ndim == 2 && p.dims[1] == 3 && p.dims[0] <= MAX_ATOMS,
                 AET_ERR_INPUT, "%s: %s must be n x 3 numbers", path, f_position.path);
    AET_GO_CHECK(s.numeric && s.integer && s.ndim == 1 && s.dims[0] == p.dims[0], AET_ERR_INPUT,
                 "%s: %lld positions need as many whole numbers in %s", path, (long long)p.dims[0],
                 f_species.path);
    AET_GO(aet_atoms_create((int)p.dims[0], a));
    AET_GO(aet_h5_read(f, f_position.path, AET_H5_F64, p.count, (*a)->position_A));
    AET_GO(aet_h5_read(f, f_species.path, AET_H5_U8, s.count, (*a)->species));
    AET_GO(read_group(f, "/atoms/columns", path, read_column, *a));
    AET_GO(read_group(f, "/scalars", path, read_scalar, *a));
    AET_GO(curves_read(f, path, &(*a)->curves, &(*a)->n_curves));
    err = aet_error_frame(aet_atoms_check(*a, 0.0), "%s", path);
done:
    aet_h5_close(&f);
    if (err)
        aet_atoms_free(a);
    return err;
}

aet_err aet_atoms_read(MPI_Comm comm, const char *path, aet_atoms **a)
{
    int rank;
    aet_err err = AET_OK;
    *a = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = read_atoms(path, a);
    return aet_atoms_share(comm, err, a);
}

/* ---- writing ---- */

static aet_err write_columns(aet_h5 *f, const aet_atoms *a)
{
    char path[AET_H5_PATH_MAX];
    for (int i = 0; i < a->n_columns; i++) {
        const aet_column *c = &a->columns[i];
        const int64_t dims[2] = {a->n, c->width};
        (void)aet_fmt(path, sizeof path, "/atoms/columns/%s", c->name);
        const aet_h5_field field = {path, AET_H5_F64, c->unit, c->description};
        AET_TRY(aet_h5_write_root(f, &field, c->width > 1 ? 2 : 1, dims, c->values));
    }
    return AET_OK;
}

static aet_err write_scalars(aet_h5 *f, const aet_atoms *a)
{
    char path[AET_H5_PATH_MAX];
    for (int i = 0; i < a->n_scalars; i++) {
        const aet_scalar *s = &a->scalars[i];
        (void)aet_fmt(path, sizeof path, "/scalars/%s", s->name);
        const aet_h5_field field = {path, AET_H5_F64, s->unit, s->description};
        AET_TRY(aet_h5_write_root(f, &field, 0, NULL, &s->value));
    }
    return AET_OK;
}

static int64_t bytes_of(const aet_atoms *a)
{
    int64_t bytes = (int64_t)a->n * 25 + HEAD_BYTES;
    for (int i = 0; i < a->n_columns; i++)
        bytes += (int64_t)a->n * a->columns[i].width * 8 + 1024;
    return bytes + curves_bytes(a->curves, a->n_curves) + a->n_scalars * 1024;
}

static aet_err write_atoms(const char *path, const aet_atoms *a)
{
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    const int64_t n[2] = {a->n, 3};
    AET_TRY(aet_atoms_check(a, 0.0));
    AET_TRY(aet_h5_create(MPI_COMM_SELF, path, bytes_of(a), &f));
    AET_GO(aet_h5_write_root(f, &f_position, 2, n, a->position_A));
    AET_GO(aet_h5_write_root(f, &f_species, 1, n, a->species));
    AET_GO(write_columns(f, a));
    AET_GO(write_scalars(f, a));
    AET_GO(curves_write(f, a->curves, a->n_curves));
    AET_GO(provenance_write(f));
    err = aet_h5_commit(&f);
done:
    aet_h5_close(&f);
    return err;
}

aet_err aet_atoms_write(MPI_Comm comm, const char *path, const aet_atoms *a)
{
    int rank;
    aet_err err = AET_OK;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = write_atoms(path, a);
    return aet_agree(comm, err);
}
