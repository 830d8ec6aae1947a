/* The little language of the panels: values of atoms, and conditions on them. */
#include "figures_value.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include <math.h>
#include <string.h>

enum { MAX_CONDITIONS = 8 };

bool figure_word(const char **text, char separator, char *word, size_t size)
{
    const char *end = strchr(*text, separator);
    int length = end ? (int)(end - *text) : (int)strlen(*text);
    if (!**text)
        return false;
    aet_fmt(word, size, "%.*s", length, *text);
    *text += length + (end != NULL);
    return true;
}

static const aet_column *find_column(const aet_atoms *a, const char *name, int *part)
{
    char stem[64];
    size_t length = strlen(name);
    long k = 0;
    const aet_column *c = aet_atoms_find_column(a, name);
    const char *dot = strrchr(name, '.');
    *part = 0;
    if (!c && dot && aet_str_int(dot + 1, &k) && k > 0) {
        aet_fmt(stem, sizeof stem, "%.*s", (int)(dot - name), name);
        c = aet_atoms_find_column(a, stem);
        *part = (int)k - 1;
    }
    for (int i = 0; !c && name[length - 1] == '*' && i < a->n_columns; i++)
        if (strncmp(a->columns[i].name, name, length - 1) == 0)
            c = &a->columns[i];
    return c && *part < c->width ? c : NULL;
}

bool figure_field_find(const aet_atoms *a, const char *name, figure_field *f)
{
    *f = (figure_field){.of = OF_COLUMN, .a = a};
    if (strcmp(name, "species") == 0)
        f->of = OF_SPECIES;
    else if (strcmp(name, "radius_A") == 0) {
        f->of = OF_RADIUS;
        for (int i = 0; i < a->n; i++)
            for (int k = 0; k < 3; k++)
                f->centre[k] += a->position_A[i][k] / a->n;
    } else
        f->c = find_column(a, name, &f->part);
    return f->of != OF_COLUMN || f->c != NULL;
}

double figure_field_at(const figure_field *f, int i)
{
    const double *p = f->a->position_A[i], *c = f->centre;
    switch (f->of) {
    case OF_SPECIES:
        return f->a->species[i];
    case OF_RADIUS:
        return sqrt((p[0] - c[0]) * (p[0] - c[0]) + (p[1] - c[1]) * (p[1] - c[1]) +
                    (p[2] - c[2]) * (p[2] - c[2]));
    default:
        return f->c->values[(int64_t)i * f->c->width + f->part];
    }
}

bool figure_is_condition(const char *text)
{
    return strpbrk(text, "=<>") != NULL;
}

static bool read_condition(const aet_atoms *a, const char *text, figure_condition *c)
{
    char name[64];
    size_t length = strcspn(text, "=<>");
    aet_fmt(name, sizeof name, "%.*s", (int)length, text);
    c->op = text[length];
    if (!aet_str_real(text + length + 1, &c->value))
        c->value = aet_element_number(text + length + 1);
    return figure_field_find(a, name, &c->f);
}

static bool holds(const figure_condition *c, int i)
{
    double v = figure_field_at(&c->f, i);
    return c->op == '=' ? v == c->value : c->op == '<' ? v < c->value : v > c->value;
}

bool *figure_mask(const aet_atoms *a, const char *where, const char *more)
{
    figure_condition c[MAX_CONDITIONS];
    int n = 0;
    char word[64];
    const char *texts[] = {where ? where : "", more};
    for (int t = 0; t < 2; t++)
        while (n < MAX_CONDITIONS && figure_word(&texts[t], ' ', word, sizeof word))
            if (!read_condition(a, word, &c[n++]))
                return NULL;
    bool *mask = AET_NEW(bool, a->n + 1);
    for (int i = 0; i < a->n; i++) {
        mask[i] = true;
        for (int k = 0; k < n && mask[i]; k++)
            mask[i] = holds(&c[k], i);
    }
    return mask;
}

bool figure_value_read(const aet_atoms *a, const char *text, figure_value *v)
{
    v->indicator = figure_is_condition(text);
    return v->indicator ? read_condition(a, text, &v->c) : figure_field_find(a, text, &v->c.f);
}

double figure_value_at(const figure_value *v, int i)
{
    return v->indicator ? (double)holds(&v->c, i) : figure_field_at(&v->c.f, i);
}
