/* Atom models out of any file. */
#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/h5raster.h"
#include "aetlas/io/load.h"
#include "aetlas/io/mat.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/share.h"
#include "aetlas/io/xyz.h"
#include "aetlas/num/cells.h"
#include "aetlas/par/agree.h"
#include <math.h>

enum { MAX_ATOMS = 1 << 28, LOOKS_LIKE_INDEX = 3 };

typedef aet_load_atoms_options options;

static bool is_points(const aet_raster_info *i)
{
    return i->ndim == 2 && i->count > 0 && (i->dims[0] == 3 || i->dims[1] == 3);
}

static bool is_list(const aet_raster_info *i)
{
    return i->count > 0 && (i->ndim == 1 || (i->ndim == 2 && (i->dims[0] == 1 || i->dims[1] == 1)));
}

static aet_err read_array(const char *path, aet_format format, const aet_raster_want *want,
                          aet_raster **r)
{
    switch (format) {
    case AET_FORMAT_MAT:
        return aet_mat_read(path, want, r);
    case AET_FORMAT_HDF5:
        return aet_h5raster_read(path, want, r);
    case AET_FORMAT_TEXT:
        return aet_table_read(path, r);
    default:
        AET_FAIL(AET_ERR_INPUT, "%s: cannot be %s: expected MATLAB, HDF5, XYZ or a text of numbers",
                 path, want->what);
    }
}

/* ---- positions ---- */

/* n x 3 as C stores it (MATLAB's 3 x n), or the other way round; 3 x 3 counts as the first. */
static aet_err place(const char *path, const aet_raster *r, aet_atoms **a)
{
    bool rows = r->ndim == 2 && r->dims[1] == 3, columns = r->ndim == 2 && r->dims[0] == 3;
    AET_CHECK(rows || columns, AET_ERR_INPUT,
              "%s: positions must be 3 numbers for each atom, found %lld x %lld", path,
              (long long)r->dims[0], (long long)(r->ndim > 1 ? r->dims[1] : 1));
    int64_t n = rows ? r->dims[0] : r->dims[1];
    AET_CHECK(n <= MAX_ATOMS, AET_ERR_INPUT, "%s: %lld atoms are too many", path, (long long)n);
    AET_TRY(aet_atoms_create((int)n, a));
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            (*a)->position_A[i][k] = aet_raster_get(r, rows ? 3 * i + k : k * n + i);
    return AET_OK;
}

/* ---- types ---- */

static bool in_list(const options *o, int z)
{
    for (int i = 0; i < o->n_species; i++)
        if (o->species[i] == z)
            return true;
    return false;
}

/* Whether the types are atomic numbers (or, with a list of species, indices into it from 1). */
static aet_err meaning(const char *path, const options *o, const aet_raster *r, bool *atomic)
{
    double most = 0.0;
    bool listed = o->n_species > 0;
    for (int64_t i = 0; i < r->count; i++) {
        double t = aet_raster_get(r, i);
        AET_CHECK(t >= 1.0 && t <= AET_ELEMENT_MAX && t == floor(t), AET_ERR_INPUT,
                  "%s: the type of atom %lld is %g; expected whole numbers from 1 to %d", path,
                  (long long)i + 1, t, AET_ELEMENT_MAX);
        most = t > most ? t : most;
        listed &= in_list(o, (int)t);
    }
    *atomic = o->n_species == 0 || (listed && most > o->n_species);
    AET_CHECK(o->n_species > 0 || most > LOOKS_LIKE_INDEX, AET_ERR_INPUT,
              "%s: types 1 to %.0f are no atomic numbers of a nanoparticle; "
              "say what they are with --species, for example --species Ni,Pt",
              path, most);
    AET_CHECK(*atomic || most <= o->n_species, AET_ERR_INPUT,
              "%s: there is a type %.0f, but --species names only %d element%s", path, most,
              o->n_species, o->n_species == 1 ? "" : "s");
    return AET_OK;
}

static aet_err give_types(const char *path, const char *file, const options *o, const aet_raster *r,
                          aet_atoms *a)
{
    bool atomic = false;
    AET_CHECK(r->count == a->n, AET_ERR_INPUT,
              "%s has %d positions, but %s has %lld types; there must be one type for each atom",
              path, a->n, file, (long long)r->count);
    AET_TRY(meaning(file, o, r, &atomic));
    for (int i = 0; i < a->n; i++) {
        int t = (int)aet_raster_get(r, i);
        a->species[i] = (uint8_t)(atomic ? t : o->species[t - 1]);
    }
    return AET_OK;
}

/* The name of the only list of n numbers in the file itself, "" when there is none. */
static void own_types(const char *path, aet_format format, int n, char name[128])
{
    aet_raster_info *infos = NULL;
    int count = 0, found = 0;
    name[0] = 0;
    aet_err err = format == AET_FORMAT_MAT    ? aet_mat_list(path, &infos, &count)
                  : format == AET_FORMAT_HDF5 ? aet_h5raster_list(path, &infos, &count)
                                              : AET_OK;
    for (int i = 0; !err && i < count; i++)
        if (infos[i].numeric && is_list(&infos[i]) && infos[i].count == n && found++ == 0)
            (void)aet_fmt(name, 128, "%s", infos[i].name);
    if (found != 1)
        name[0] = 0;
    aet_release(&infos);
}

static aet_err add_types(const char *path, aet_format format, const options *o, aet_atoms *a)
{
    char own[128] = "";
    aet_raster *r = NULL;
    aet_raster_want want = {o->types_variable, is_list, "a list of types", true};
    const char *file = o->types ? o->types : path;
    if (!o->types && !want.name) {
        own_types(path, format, a->n, own);
        want.name = own[0] ? own : NULL;
    }
    if (!o->types && !want.name) { /* one element does for all */
        AET_CHECK(
            o->n_species == 1, AET_ERR_INPUT,
            "%s: holds positions only; give the types with --types, or one element with --species",
            path);
        for (int i = 0; i < a->n; i++)
            a->species[i] = (uint8_t)o->species[0];
        return AET_OK;
    }
    aet_err err = read_array(file, o->types ? aet_format_of(file) : format, &want, &r);
    if (!err)
        err = give_types(path, file, o, r, a);
    aet_raster_free(&r);
    return err;
}

static aet_err read_points(const char *path, aet_format format, const options *o, aet_atoms **a)
{
    const aet_raster_want want = {o->variable, is_points, "positions (3 numbers for each atom)",
                                  true};
    aet_raster *r = NULL;
    int64_t size;
    AET_TRY(aet_file_size(path, &size));
    aet_err err = read_array(path, format, &want, &r);
    if (!err)
        err = place(path, r, a);
    if (!err)
        err = add_types(path, format, o, *a);
    aet_raster_free(&r);
    return err;
}

/* ---- after reading ---- */

static void scale_and_center(aet_atoms *a, double unit_A, bool center)
{
    double mean[3] = {0.0, 0.0, 0.0}, scale = unit_A > 0.0 ? unit_A : 1.0;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++) {
            a->position_A[i][k] *= scale;
            mean[k] += a->position_A[i][k] / a->n;
        }
    for (int i = 0; center && i < a->n; i++)
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] -= mean[k];
}

/* Atom i and its later neighbours that are still there become one. */
static void merge_one(aet_atoms *a, const aet_neighbours *nb, int i, bool *keep)
{
    double sum[3] = {0.0, 0.0, 0.0};
    int n = 1;
    for (int64_t s = nb->start[i]; s < nb->start[i + 1]; s++) {
        int j = nb->index[s];
        if (j < i || !keep[j])
            continue;
        keep[j] = false;
        n++;
        for (int k = 0; k < 3; k++)
            sum[k] += a->position_A[j][k];
    }
    for (int k = 0; k < 3; k++)
        a->position_A[i][k] = (a->position_A[i][k] + sum[k]) / n;
}

static aet_err merge(const char *path, double below_A, aet_atoms *a)
{
    aet_cells *cells = NULL;
    aet_neighbours *nb = NULL;
    bool *keep = NULL;
    int n = a->n;
    aet_err err = AET_OK;
    AET_GO(aet_cells_create(a->n, (const double(*)[3])a->position_A, below_A, &cells));
    AET_GO(aet_neighbours_find(cells, below_A, &nb));
    AET_GO(AET_ARRAY(a->n, "marks", &keep));
    for (int i = 0; i < n; i++)
        keep[i] = true;
    for (int i = 0; i < n; i++)
        if (keep[i])
            merge_one(a, nb, i, keep);
    aet_atoms_select(a, keep);
    if (a->n < n)
        aet_warn("%s: %d atoms nearer than %g A to another were merged, %d remain", path, n - a->n,
                 below_A, a->n);
done:
    aet_release(&keep);
    aet_neighbours_free(&nb);
    aet_cells_free(&cells);
    return err;
}

static aet_err load_atoms(const char *path, aet_format format, const options *o, aet_atoms **a)
{
    aet_err err = AET_OK;
    if (format == AET_FORMAT_XYZ)
        AET_GO(aet_xyz_read(path, a));
    else if (format == AET_FORMAT_ATOMS) /* rank 0 alone: shared later with the foreign ones */
        AET_GO(aet_atoms_read(MPI_COMM_SELF, path, a));
    else
        AET_GO(read_points(path, format, o, a));
    AET_GO(aet_error_frame(aet_atoms_check(*a, 0.0), "%s", path));
    scale_and_center(*a, o->unit_A, o->center);
    if (o->merge_below_A > 0.0)
        AET_GO(merge(path, o->merge_below_A, *a));
    err = aet_atoms_check(*a, o->min_distance_A);
    if (err)
        err = aet_error_set(
            AET_ERR_INPUT, __FILE__, __LINE__,
            "%s: %s; --merge-below A makes one atom of such pairs, --min-distance 0 accepts them",
            path, aet_error_text());
done:
    if (err)
        aet_atoms_free(a);
    return err;
}

aet_err aet_load_atoms(MPI_Comm comm, const char *path, const options *o, aet_atoms **a)
{
    int rank;
    aet_err err = AET_OK;
    *a = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = load_atoms(path, aet_format_of(path), o, a);
    return aet_atoms_share(comm, err, a);
}
