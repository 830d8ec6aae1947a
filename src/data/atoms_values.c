/* Columns, scalars and curves of atoms: short lists with unique names. */
#include "aetlas/data/atoms.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"

#include <string.h>

/* A list of n items of `size` bytes with room for one more. */
static void *grown(void *old, int n, size_t size)
{
    char *list = aet_new_bytes((size_t)(n + 1) * size);
    if (n > 0)
        memcpy(list, old, (size_t)n * size);
    aet_free_bytes(old);
    return list;
}

aet_column *aet_atoms_find_column(const aet_atoms *a, const char *name)
{
    for (int k = 0; k < a->n_columns; k++)
        if (strcmp(a->columns[k].name, name) == 0)
            return &a->columns[k];
    return NULL;
}

aet_column *aet_atoms_add_column(aet_atoms *a, const char *name, int width, const char *unit,
                                 const char *description)
{
    AET_ASSERT(width >= 1 && width <= 9);
    aet_column *col = aet_atoms_find_column(a, name);
    if (!col) {
        a->columns = grown(a->columns, a->n_columns, sizeof *a->columns);
        col = &a->columns[a->n_columns++];
    }
    aet_release(&col->values);
    aet_fmt(col->name, sizeof col->name, "%s", name);
    aet_fmt(col->unit, sizeof col->unit, "%s", unit);
    aet_fmt(col->description, sizeof col->description, "%s", description);
    col->width = width;
    col->values = AET_NEW(double, (size_t)a->n *(size_t)width);
    return col;
}

static aet_scalar *find_scalar(const aet_atoms *a, const char *name)
{
    for (int k = 0; k < a->n_scalars; k++)
        if (strcmp(a->scalars[k].name, name) == 0)
            return &a->scalars[k];
    return NULL;
}

void aet_atoms_add_scalar(aet_atoms *a, const char *name, double value, const char *unit,
                          const char *description)
{
    aet_scalar *s = find_scalar(a, name);
    if (!s) {
        a->scalars = grown(a->scalars, a->n_scalars, sizeof *a->scalars);
        s = &a->scalars[a->n_scalars++];
    }
    aet_fmt(s->name, sizeof s->name, "%s", name);
    aet_fmt(s->unit, sizeof s->unit, "%s", unit);
    aet_fmt(s->description, sizeof s->description, "%s", description);
    s->value = value;
}

bool aet_atoms_find_scalar(const aet_atoms *a, const char *name, double *value)
{
    const aet_scalar *s = find_scalar(a, name);
    if (s)
        *value = s->value;
    return s != NULL;
}

aet_curve *aet_atoms_find_curve(const aet_atoms *a, const char *name)
{
    return aet_curve_find(a->curves, a->n_curves, name);
}

aet_curve *aet_atoms_add_curve(aet_atoms *a, const char *name, int n, int width,
                               const char *const *heads, const char *description)
{
    return aet_curve_add(&a->curves, &a->n_curves, name, n, width, heads, description);
}
