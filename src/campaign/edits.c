#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/tracing.h"
#include "aetlas/data/elements.h"
#include <math.h>
#include <string.h>

#define RADIUS_A 0.5
enum { WORDS = 7, LINE_BYTES = 512 };

typedef struct {
    const char *origin;
    int line;
    double min_distance_A;
    aet_atoms *atoms;
    aet_edit_counts *counts;
} editor;

/* A line in words. */
typedef struct {
    char text[LINE_BYTES];
    char *word[WORDS];
    int n;
    double at[3];
} edit;

/* ---- atoms ---- */

static double distance_of(const aet_atoms *a, int i, const double at[3])
{
    const double *r = a->position_A[i];
    return sqrt(pow(r[0] - at[0], 2) + pow(r[1] - at[1], 2) + pow(r[2] - at[2], 2));
}

/* The nearest atom, -1 if there is none, and how far it is. */
static int nearest(const aet_atoms *a, const double at[3], double *distance)
{
    int best = -1;
    *distance = HUGE_VAL;
    for (int i = 0; i < a->n; i++)
        if (distance_of(a, i, at) < *distance) {
            *distance = distance_of(a, i, at);
            best = i;
        }
    return best;
}

/* Room for one more atom, all zero. */
static aet_err widen(aet_atoms *a)
{
    double(*position)[3] = NULL, *values = NULL;
    uint8_t *species = NULL;
    AET_TRY(AET_ARRAY(a->n + 1, "positions", &position));
    memcpy(position, a->position_A, (size_t)a->n * sizeof *position);
    aet_release(&a->position_A);
    a->position_A = position;
    AET_TRY(AET_ARRAY(a->n + 1, "species", &species));
    memcpy(species, a->species, (size_t)a->n);
    aet_release(&a->species);
    a->species = species;
    for (int c = 0; c < a->n_columns; c++) {
        aet_column *col = &a->columns[c];
        AET_TRY(AET_ARRAY((int64_t)(a->n + 1) * col->width, col->name, &values));
        memcpy(values, col->values, (size_t)a->n * (size_t)col->width * sizeof *values);
        aet_release(&col->values);
        col->values = values;
    }
    a->n++;
    return AET_OK;
}

static void set_value(aet_atoms *a, const char *name, int i, double value)
{
    aet_column *c = aet_atoms_find_column(a, name);
    if (c)
        c->values[i] = value;
}

/* ---- lines ---- */

#define SAY(e, ...)                                                                                \
    aet_error_frame(aet_error_set(AET_ERR_INPUT, __FILE__, __LINE__, __VA_ARGS__), "%s, line %d",  \
                    (e)->origin, (e)->line)

static aet_err element_of(const editor *e, const edit *d, int *z)
{
    *z = d->n == 5 ? aet_element_number(d->word[4]) : 0;
    if (d->n != 5)
        return SAY(e, "expected '%s x y z Element'", d->word[0]);
    return *z > 0 ? AET_OK : SAY(e, "'%s' is no element", d->word[4]);
}

static aet_err find_atom(const editor *e, const edit *d, double radius, int *i)
{
    double distance;
    *i = nearest(e->atoms, d->at, &distance);
    if (*i >= 0 && distance <= radius)
        return AET_OK;
    return SAY(e, "no atom within %g A of %g %g %g; the nearest is %.3g A away", radius, d->at[0],
               d->at[1], d->at[2], distance);
}

static aet_err do_add(const editor *e, const edit *d)
{
    aet_atoms *a = e->atoms;
    double distance;
    int z;
    AET_TRY(element_of(e, d, &z));
    if (nearest(a, d->at, &distance) >= 0 && distance < e->min_distance_A)
        return SAY(e, "an atom is %.3g A from this place, nearer than trace.min_distance_A = %g",
                   distance, e->min_distance_A);
    AET_TRY(widen(a));
    memcpy(a->position_A[a->n - 1], d->at, sizeof d->at);
    a->species[a->n - 1] = (uint8_t)z;
    set_value(a, "origin", a->n - 1, AET_ORIGIN_HAND);
    set_value(a, "p_species", a->n - 1, 1);
    e->counts->added++;
    return AET_OK;
}

static aet_err do_remove(const editor *e, const edit *d)
{
    double radius = RADIUS_A;
    bool *keep = NULL;
    int gone;
    if (d->n > 5 || (d->n == 5 && (!aet_str_real(d->word[4], &radius) || radius <= 0)))
        return SAY(e, "expected 'remove x y z [radius]', the radius a positive number");
    AET_TRY(find_atom(e, d, radius, &gone));
    AET_TRY(AET_ARRAY(e->atoms->n, "atoms to keep", &keep));
    for (int i = 0; i < e->atoms->n; i++)
        keep[i] = i != gone;
    aet_atoms_select(e->atoms, keep);
    aet_release(&keep);
    e->counts->removed++;
    return AET_OK;
}

static aet_err do_set(const editor *e, const edit *d)
{
    int z, i;
    AET_TRY(element_of(e, d, &z));
    AET_TRY(find_atom(e, d, RADIUS_A, &i));
    e->atoms->species[i] = (uint8_t)z;
    set_value(e->atoms, "p_species", i, 1);
    set_value(e->atoms, "uncertain", i, 0);
    e->counts->set++;
    return AET_OK;
}

static void split(edit *d)
{
    d->n = 0;
    for (char *rest = d->text; d->n < WORDS;) {
        rest += strspn(rest, " \t");
        if (!*rest)
            return;
        d->word[d->n++] = rest;
        rest += strcspn(rest, " \t");
        if (*rest)
            *rest++ = 0;
    }
}

static aet_err do_line(const editor *e, edit *d)
{
    static const char *const verbs[] = {"add", "remove", "set"};
    static aet_err (*const act[])(const editor *, const edit *) = {do_add, do_remove, do_set};
    split(d);
    if (d->n == 0)
        return AET_OK;
    for (int v = 0; v < 3; v++) {
        if (strcmp(d->word[0], verbs[v]) != 0)
            continue;
        for (int a = 0; a < 3; a++)
            if (d->n < 4 || !aet_str_real(d->word[1 + a], &d->at[a]))
                return SAY(e, "expected three numbers x y z after '%s'", verbs[v]);
        return act[v](e, d);
    }
    return SAY(e, "'%s' is neither add, remove nor set", d->word[0]);
}

aet_err aet_edits_apply(const char *text, const char *origin, double min_distance_A,
                        aet_atoms *atoms, aet_edit_counts *counts)
{
    editor e = {origin, 0, min_distance_A, atoms, counts};
    *counts = (aet_edit_counts){0};
    while (*text) {
        edit d;
        size_t length = strcspn(text, "\n"), kept = strcspn(text, "#\r\n");
        e.line++;
        if (!aet_fmt(d.text, sizeof d.text, "%.*s", (int)kept, text))
            return SAY(&e, "longer than %d characters", LINE_BYTES - 1);
        AET_TRY(do_line(&e, &d));
        text += length + (text[length] == '\n');
    }
    return AET_OK;
}
