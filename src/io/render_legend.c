/* What colours mean: by element or field, the legend, the bar of colours, the scale bar. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/plot.h"
#include "aetlas/num/sort.h"
#include "render_priv.h"
#include <math.h>
#include <string.h>

enum { STEPS = 9, BAR_LINES = 200 };
#define INK  0x202020
#define TAIL 0.01 /* of the values at either end are left out of an automatic range */

/* Perceptually even, dark to light (viridis of Smith and van der Walt, 2015), and diverging, blue to
 * red over grey (Moreland, 2009), at equal steps. */
static const uint32_t rising[STEPS] = {0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C,
                                       0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725};
static const uint32_t balanced[STEPS] = {0x3B4CC0, 0x6688EE, 0x92B4FE, 0xBFD3F6, 0xDDDDDD,
                                         0xF5C2A9, 0xF49A7B, 0xDE604D, 0xB40426};

void aet_render_color_at(const aet_render *r, double t, double rgb[3])
{
    const uint32_t *map = r->low < 0 && r->high > 0 ? balanced : rising;
    double at = fmin(1, fmax(0, t)) * (STEPS - 1), a[3], b[3];
    int step = at < STEPS - 1 ? (int)at : STEPS - 2;
    aet_ink_rgb(map[step], a);
    aet_ink_rgb(map[step + 1], b);
    for (int k = 0; k < 3; k++)
        rgb[k] = a[k] + (at - step) * (b[k] - a[k]);
}

/* The column of NAME or NAME.k, and k - 1. */
static const aet_column *find_field(const aet_atoms *a, const char *field, int *part)
{
    char name[64];
    long k = 0;
    const aet_column *c = aet_atoms_find_column(a, field);
    const char *dot = strrchr(field, '.');
    *part = 0;
    if (c == NULL && dot != NULL && aet_str_int(dot + 1, &k)) {
        aet_fmt(name, sizeof name, "%.*s", (int)(dot - field), field);
        c = aet_atoms_find_column(a, name);
        *part = (int)k - 1;
    }
    return c;
}

static aet_err unknown_field(const aet_atoms *a, const char *field)
{
    char all[1024] = "";
    const char *names[64] = {NULL};
    int n = 0;
    for (; n < a->n_columns && n < 64; n++) {
        size_t used = strlen(all);
        names[n] = a->columns[n].name;
        aet_fmt(all + used, sizeof all - used, "%s%s", n ? " " : "", names[n]);
    }
    const char *near = aet_str_nearest(field, names, n);
    AET_FAIL(AET_ERR_INPUT, "the atoms have no column '%s'%s%s; %s%s", field,
             near ? ", did you mean " : "", near ? near : "", n ? "they have: " : "they have none",
             all);
}

static bool is_among(const aet_column *among, int i)
{
    return !among || among->values[(int64_t)i * among->width] != 0;
}

/* All but the outermost values; even about zero when they lie on both sides of it. */
static aet_err find_range(aet_render *r, const aet_column *c, int part, const aet_column *among)
{
    double *sorted = NULL;
    int n = 0;
    AET_TRY(AET_ARRAY(r->a->n, "values of a column", &sorted));
    for (int i = 0; i < r->a->n; i++)
        if (is_among(among, i) && isfinite(c->values[(int64_t)i * c->width + part]))
            sorted[n++] = r->o->scale * c->values[(int64_t)i * c->width + part];
    aet_sort(n, sorted);
    r->low = n > 0 ? sorted[(int)(TAIL * (n - 1))] : 0;
    r->high = n > 0 ? sorted[n - 1 - (int)(TAIL * (n - 1))] : 1;
    aet_release(&sorted);
    if (r->low < 0 && r->high > 0) {
        r->high = fmax(r->high, -r->low);
        r->low = -r->high;
    }
    if (r->high <= r->low)
        r->high = r->low + 1;
    double step = pow(10, floor(log10(r->high - r->low)) - 1); /* outwards to two digits */
    r->low = floor(r->low / step + 1e-9) * step;
    r->high = ceil(r->high / step - 1e-9) * step;
    return AET_OK;
}

/* "100 {100};111 {111}": colours in turn. */
static aet_err read_classes(aet_render *r)
{
    char word[64], number[16];
    r->n_classes = 0;
    for (const char *c = r->o->classes; *c && r->n_classes < AET_RENDER_CLASSES; r->n_classes++) {
        int length = (int)strcspn(c, ";");
        aet_fmt(word, sizeof word, "%.*s", length, c);
        int value = (int)strcspn(word, " ");
        aet_fmt(number, sizeof number, "%.*s", value, word);
        AET_CHECK(aet_str_real(number, &r->classes[r->n_classes].value), AET_ERR_USAGE,
                  "classes %s: expected \"VALUE NAME;VALUE NAME\"", r->o->classes);
        r->classes[r->n_classes].color = aet_plot_color(r->n_classes);
        aet_str_trim(word + value, r->classes[r->n_classes].name, sizeof r->classes[0].name);
        c += length + (c[length] == ';');
    }
    return AET_OK;
}

static bool class_color(const aet_render *r, double v, double rgb[3])
{
    for (int k = 0; k < r->n_classes; k++)
        if (r->classes[k].value == v) {
            aet_ink_rgb(r->classes[k].color, rgb);
            return true;
        }
    return false;
}

/* The range: as given, or found; and what the bar says. */
static aet_err prepare_field(aet_render *r, const aet_column *c, int part, const aet_column *among)
{
    bool plain = c->unit[0] == '\0' || strcmp(c->unit, "1") == 0;
    if (r->o->classes)
        return read_classes(r);
    aet_fmt(r->title, sizeof r->title, plain || r->o->title ? "%s" : "%s (%s)",
            r->o->title ? r->o->title : r->o->field, c->unit);
    r->low = r->o->low;
    r->high = r->o->high;
    return r->low >= r->high ? find_range(r, c, part, among) : AET_OK;
}

static aet_err color_field(aet_render *r)
{
    int part, unused;
    const aet_column *c = find_field(r->a, r->o->field, &part), *among = NULL;
    if (c == NULL)
        return unknown_field(r->a, r->o->field);
    if (r->o->among && (among = find_field(r->a, r->o->among, &unused)) == NULL)
        return unknown_field(r->a, r->o->among);
    AET_CHECK(part >= 0 && part < c->width, AET_ERR_INPUT,
              "the column %s has %d part%s; expected %s.1 to %s.%d", c->name, c->width,
              c->width == 1 ? "" : "s", c->name, c->name, c->width);
    AET_TRY(prepare_field(r, c, part, among));
    for (int i = 0; i < r->a->n; i++) {
        double rgb[3] = {0.75, 0.75, 0.75},
               v = r->o->scale * c->values[(int64_t)i * c->width + part];
        if (isfinite(v) && is_among(among, i) && !class_color(r, v, rgb) && r->n_classes == 0)
            aet_render_color_at(r, (v - r->low) / (r->high - r->low), rgb);
        for (int k = 0; k < 3; k++)
            r->color[i][k] = (float)rgb[k];
    }
    return AET_OK;
}

aet_err aet_render_colors(aet_render *r)
{
    AET_TRY(AET_ARRAY(r->a->n, "colours of atoms", &r->color));
    if (r->o->field != NULL)
        return color_field(r);
    for (int i = 0; i < r->a->n; i++) {
        double rgb[3];
        aet_ink_rgb(aet_element_color(r->a->species[i]), rgb);
        for (int k = 0; k < 3; k++)
            r->color[i][k] = (float)rgb[k];
    }
    return AET_OK;
}

int aet_render_legend_width(const aet_render *r, double text)
{
    double widest =
        r->title[0] ? aet_ink_text(NULL, 0, 0, text, 0, 0, r->title) + 2 * text : 3 * text;
    for (int k = 0; k < r->n_classes; k++)
        widest = fmax(widest, aet_ink_text(NULL, 0, 0, text, 0, 0, r->classes[k].name) + 4 * text);
    return (int)fmax((r->title[0] ? 8 : 5) * text, widest);
}

/* A small ball as in the picture, lit from the upper left. */
static void ball(aet_ink *c, double x, double y, double radius, uint32_t color)
{
    double rgb[3], lit[3];
    aet_ink_rgb(color, rgb);
    for (int j = (int)(y - radius) - 1; j <= (int)(y + radius) + 1; j++)
        for (int i = (int)(x - radius) - 1; i <= (int)(x + radius) + 1; i++) {
            double u = (i + 0.5 - x) / radius, v = (j + 0.5 - y) / radius, d = hypot(u, v);
            double up = sqrt(fmax(0, 1 - d * d)), light = -0.42 * u - 0.5 * v + 0.757 * up;
            for (int k = 0; k < 3; k++)
                lit[k] =
                    rgb[k] * (0.48 + 0.56 * fmax(0, light)) * (0.62 + 0.38 * fmin(1, up / 0.45));
            aet_ink_dot(c, i, j, lit, fmin(1, (1 - d) * radius + 0.5));
        }
}

static void draw_entry(aet_ink *c, double text, double x, double top, int k, uint32_t color,
                       const char *name)
{
    double y = top + (1.5 + 2.6 * k) * text;
    ball(c, x + 0.9 * text, y - text / 2, 0.9 * text, color);
    aet_ink_text(c, x + 2.5 * text, y, text, 0, INK, name);
}

static void draw_entries(const aet_render *r, aet_ink *c, double text, double x)
{
    int z[8], n = aet_atoms_species(r->a, z);
    for (int k = 0; k < r->n_classes; k++)
        draw_entry(c, text, x, r->top, k, r->classes[k].color, r->classes[k].name);
    for (int k = 0; r->o->field == NULL && k < n && k < 8; k++)
        draw_entry(c, text, x, r->top, k, aet_element_color(z[k]), aet_element_symbol(z[k]));
}

/* 1, 2 or 5 times a power of ten, not far above. */
static double tick_step(double wanted)
{
    double power = pow(10, floor(log10(wanted))), ratio = wanted / power;
    return power * (ratio > 5 ? 10 : ratio > 2 ? 5 : ratio > 1 ? 2 : 1);
}

static void draw_colors(const aet_render *r, aet_ink *c, double text, double x)
{
    char label[80];
    double y = r->top + 3.2 * text, wide = 1.4 * text;
    double high = fmin(22 * text, fmax(8 * text, r->model[1] - 4 * text));
    aet_ink_text(c, x, r->top + text, text, 0, INK, r->title);
    aet_ink_rectangle(c, x - 2, y - 2, wide + 4, high + 4, INK);
    for (int i = 0; i < BAR_LINES; i++) {
        double rgb[3], from = y + high * i / BAR_LINES, to = y + high * (i + 1) / BAR_LINES;
        uint32_t color = 0;
        aet_render_color_at(r, 1 - (i + 0.5) / BAR_LINES, rgb);
        for (int k = 0; k < 3; k++)
            color = color << 8 | (uint32_t)lrint(255 * rgb[k]);
        aet_ink_rectangle(c, x, from, wide, to - from, color);
    }
    double span = r->high - r->low, step = tick_step(span / 7);
    for (double k = ceil(r->low / step - 1e-6); k * step <= r->high + 1e-6 * span; k++) {
        double at = y + high * (r->high - k * step) / span;
        aet_fmt(label, sizeof label, "%g", k == 0 ? 0 : k * step);
        aet_ink_line(c, x + wide + 2, at, x + wide + 0.5 * text, at, text / 9, INK);
        aet_ink_text(c, x + wide + 0.9 * text, at + text / 2, text, 0, INK, label);
    }
}

void aet_render_legend(const aet_render *r, aet_ink *c, double text)
{
    char label[24];
    double length_A = aet_round_length(0.3 * r->width[0], label, sizeof label);
    double x = r->left, y = c->ny - r->top - text / 2;
    aet_ink_rectangle(c, x, y, length_A * r->scale, text / 2, INK);
    aet_ink_text(c, x, y - 0.7 * text, text, 0, INK, label);
    x = r->left + r->model[0] + r->left;
    if (r->title[0])
        draw_colors(r, c, text, x);
    else
        draw_entries(r, c, text, x);
}
