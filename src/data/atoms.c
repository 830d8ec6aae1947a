#include "aetlas/data/atoms.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/num/cells.h"

#include <math.h>
#include <string.h>

aet_err aet_atoms_create(int n, aet_atoms **out)
{
    *out = NULL;
    AET_CHECK(n >= 0, AET_ERR_INPUT, "an atomic model cannot have %d atoms", n);
    aet_err err = AET_OK;
    aet_atoms *a = AET_NEW(aet_atoms, 1);
    a->n = n;
    AET_GO(AET_ARRAY(n, "atom positions", &a->position_A));
    AET_GO(AET_ARRAY(n, "atom species", &a->species));
    *out = a;
done:
    if (err != AET_OK)
        aet_atoms_free(&a);
    return err;
}

void aet_atoms_free(aet_atoms **a)
{
    if (!*a)
        return;
    for (int k = 0; k < (*a)->n_columns; k++)
        aet_release(&(*a)->columns[k].values);
    aet_curves_free(&(*a)->curves, &(*a)->n_curves);
    aet_release(&(*a)->columns);
    aet_release(&(*a)->scalars);
    aet_release(&(*a)->position_A);
    aet_release(&(*a)->species);
    aet_release(a);
}

static void copy_extras(const aet_atoms *a, aet_atoms *copy)
{
    for (int k = 0; k < a->n_columns; k++) {
        const aet_column *from = &a->columns[k];
        aet_column *to =
            aet_atoms_add_column(copy, from->name, from->width, from->unit, from->description);
        memcpy(to->values, from->values, (size_t)a->n * (size_t)from->width * sizeof *to->values);
    }
    for (int k = 0; k < a->n_scalars; k++)
        aet_atoms_add_scalar(copy, a->scalars[k].name, a->scalars[k].value, a->scalars[k].unit,
                             a->scalars[k].description);
    for (int k = 0; k < a->n_curves; k++) {
        const aet_curve *from = &a->curves[k];
        aet_curve *to =
            aet_atoms_add_curve(copy, from->name, from->n, from->width, NULL, from->description);
        memcpy(to->head, from->head, (size_t)from->width * sizeof *to->head);
        memcpy(to->values, from->values,
               (size_t)from->n * (size_t)from->width * sizeof *to->values);
    }
}

aet_err aet_atoms_copy(const aet_atoms *a, aet_atoms **copy)
{
    AET_TRY(aet_atoms_create(a->n, copy));
    memcpy((*copy)->position_A, a->position_A, (size_t)a->n * sizeof *a->position_A);
    memcpy((*copy)->species, a->species, (size_t)a->n);
    copy_extras(a, *copy);
    return AET_OK;
}

static aet_err check_finite(const aet_atoms *a)
{
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++)
            AET_CHECK(isfinite(a->position_A[i][k]), AET_ERR_INPUT,
                      "atom %d of %d: %c is %g, a finite position in Angstrom was expected", i + 1,
                      a->n, "xyz"[k], a -> position_A[i][k]);
    for (int c = 0; c < a->n_columns; c++) {
        const aet_column *col = &a->columns[c];
        for (int64_t k = 0; k < (int64_t)a->n * col->width; k++)
            AET_CHECK(isfinite(col->values[k]), AET_ERR_INPUT,
                      "atom %lld of %d: %s is %g, a finite number was expected",
                      (long long)(k / col->width + 1), a->n, col->name, col->values[k]);
    }
    return AET_OK;
}

aet_err aet_atoms_check(const aet_atoms *a, double min_distance_A)
{
    AET_TRY(check_finite(a));
    if (min_distance_A <= 0.0)
        return AET_OK;
    aet_cells *cells;
    AET_TRY(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0.0, &cells));
    aet_err err = AET_OK;
    for (int i = 0; i < a->n; i++) {
        double d;
        int j = aet_cells_nearest(cells, a->position_A[i], min_distance_A, i, &d);
        AET_GO_CHECK(j < 0 || d >= min_distance_A, AET_ERR_INPUT,
                     "atoms %d and %d (atomic numbers %d and %d) are %.3f A apart, at least %.3f A "
                     "was expected; remove one of them",
                     i + 1, j + 1, a->species[i], a->species[j], d, min_distance_A);
    }
done:
    aet_cells_free(&cells);
    return err;
}

void aet_atoms_select(aet_atoms *a, const bool *keep)
{
    int kept = 0;
    for (int i = 0; i < a->n; i++) {
        if (!keep[i])
            continue;
        memmove(a->position_A[kept], a->position_A[i], sizeof *a->position_A);
        a->species[kept] = a->species[i];
        for (int c = 0; c < a->n_columns; c++) {
            aet_column *col = &a->columns[c];
            size_t width = (size_t)col->width;
            memmove(col->values + (size_t)kept * width, col->values + (size_t)i * width,
                    width * sizeof(double));
        }
        kept++;
    }
    a->n = kept;
}

int aet_atoms_count(const aet_atoms *a, int species)
{
    int count = 0;
    for (int i = 0; i < a->n; i++)
        count += a->species[i] == species;
    return count;
}

int aet_atoms_species(const aet_atoms *a, int species[8])
{
    bool seen[256] = {false};
    int n = 0;
    for (int i = 0; i < a->n; i++)
        seen[a->species[i]] = true;
    for (int z = 0; z < 256 && n < 8; z++)
        if (seen[z])
            species[n++] = z;
    return n;
}
