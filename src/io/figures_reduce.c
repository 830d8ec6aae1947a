/* From a particle to the numbers of the panels. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "figures_value.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_POINTS = 4000, FEWEST_ATOMS = 8, MAX_TEXT = 200 };

/* ---- numbers ---- */

typedef struct {
    aet_figures *f;
    const aet_atoms *a;
    int entry, panel;
    const figure_panel *p;
    double scale, x_scale;
} work;

/* Of the step that ends with this stage. */
static bool is_later(const work *w, const char *text)
{
    return w->p->flags & PANEL_STEPS && (strstr(text, "history") || strstr(text, "region_change"));
}

static figure_numbers *new_numbers(const work *w, const char *label, int n, bool later)
{
    aet_figures *f = w->f;
    f->numbers = figure_grow(f->numbers, f->n_numbers, sizeof *f->numbers);
    figure_numbers *q = &f->numbers[f->n_numbers++];
    *q = (figure_numbers){.panel = w->panel, .entry = w->entry - later, .n = n};
    aet_fmt(q->trace, sizeof q->trace, "%s", label);
    q->key = AET_NEW(int, n + 1);
    q->x = AET_NEW(double, 3 * n + 1);
    q->y = q->x + n;
    q->error = q->y + n;
    for (int i = 0; i < n; i++)
        q->error[i] = (double)NAN;
    return q;
}

typedef struct {
    double sum, square;
    int n;
} mean;

static void count(mean *m, double v)
{
    m->sum += v;
    m->square += v * v;
    m->n++;
}

static double average(const mean *m)
{
    return m->sum / m->n;
}

/* Standard error of the average. */
static double error_of(const mean *m)
{
    double v = m->square / m->n - average(m) * average(m);
    return sqrt(fmax(v, 0.0) / m->n);
}

/* One number, as the panel's y and the TEXT say. */
static bool one_number(const work *w, const char *y, const char *text, mean *m)
{
    figure_value v;
    *m = (mean){0};
    if (!y && !figure_is_condition(text)) {
        double s;
        if (!aet_atoms_find_scalar(w->a, text, &s))
            return false;
        count(m, s);
        return isfinite(s);
    }
    bool *mask = figure_mask(w->a, w->p->where, y ? text : ""), *hit = NULL;
    if (y ? figure_value_read(w->a, y, &v) : (hit = figure_mask(w->a, NULL, text)) != NULL)
        for (int i = 0; mask && i < w->a->n; i++)
            if (mask[i])
                count(m, hit ? (double)hit[i] : figure_value_at(&v, i));
    aet_release(&mask);
    aet_release(&hit);
    return m->n > 0 && isfinite(m->sum);
}

static void reduce_number(const work *w, const char *label, const char *text)
{
    mean m;
    if (!one_number(w, w->p->y, text, &m))
        return;
    figure_numbers *q = new_numbers(w, label, 1, is_later(w, text));
    q->y[0] = w->scale * (w->p->flags & PANEL_COUNT ? m.sum : average(&m));
    q->atoms = m.n;
    q->error[0] = m.n > 1 && !(w->p->flags & PANEL_COUNT) ? w->scale * error_of(&m) : (double)NAN;
}

static void reduce_entry(const work *w, const char *label, const char *text)
{
    mean x, y;
    if (!one_number(w, NULL, w->p->x, &x) || !one_number(w, w->p->y, text, &y))
        return;
    figure_numbers *q = new_numbers(w, label, 1, false);
    q->key[0] = w->entry;
    q->x[0] = w->x_scale * average(&x);
    q->y[0] = w->scale * average(&y);
}

typedef struct {
    double first, width;
} binning;

static binning bins_of(const work *w)
{
    const aet_curve *c = aet_atoms_find_curve(w->a, "depth_profile");
    if (!(w->p->flags & PANEL_LAYERS))
        return (binning){0, w->p->step};
    if (!c || c->n < 2)
        return (binning){0, 1};
    return (binning){c->values[0], c->values[c->width] - c->values[0]};
}

/* What is binned: y of the atoms under the mask against x. */
typedef struct {
    bool *mask; /* owned */
    double x_scale;
    figure_field x;
    figure_value y;
    binning b;
} binned;

static bool is_binned(const binned *q, int i)
{
    enum { MOST = 20000 };
    double x = q->x_scale * figure_field_at(&q->x, i);
    return q->mask[i] && isfinite(x) && fabs(x) < MOST * q->b.width;
}

static int bin_of(const binned *q, int i)
{
    return (int)floor((q->x_scale * figure_field_at(&q->x, i) - q->b.first) / q->b.width + 0.5);
}

/* y is "|" where the trace itself tells it: the share of a species. */
static bool open_bins(const work *w, const char *text, binned *q)
{
    bool of_trace = w->p->y && strcmp(w->p->y, "|") == 0;
    *q = (binned){.mask = figure_mask(w->a, w->p->where, of_trace ? "" : text),
                  .x_scale = w->x_scale,
                  .b = bins_of(w)};
    return q->mask && figure_field_find(w->a, w->p->x, &q->x) &&
           (!w->p->y || figure_value_read(w->a, of_trace ? text : w->p->y, &q->y));
}

static void put_bins(const work *w, const char *label, bool later, const binning *b, int low, int n,
                     const mean *bins)
{
    bool counts = !w->p->y;
    int fewest = counts ? 1 : FEWEST_ATOMS, filled = 0;
    for (int k = 0; k < n; k++)
        filled += bins[k].n >= fewest;
    figure_numbers *q = new_numbers(w, label, filled, later);
    for (int k = 0, i = 0; k < n; k++) {
        q->atoms += bins[k].n;
        if (bins[k].n < fewest)
            continue;
        q->key[i] = low + k;
        q->x[i] = b->first + (low + k) * b->width;
        q->y[i] = counts ? bins[k].n : w->scale * average(&bins[k]);
        q->error[i] = counts ? (double)NAN : w->scale * error_of(&bins[k]);
        i++;
    }
}

static void reduce_bins(const work *w, const char *label, const char *text)
{
    binned q;
    int low = 0, high = -1;
    if (open_bins(w, text, &q))
        for (int i = 0; i < w->a->n; i++)
            if (is_binned(&q, i)) {
                int k = bin_of(&q, i);
                low = high < low || k < low ? k : low;
                high = high < low || k > high ? k : high;
            }
    if (high >= low) {
        mean *bins = AET_NEW(mean, high - low + 1);
        for (int i = 0; i < w->a->n; i++)
            if (is_binned(&q, i))
                count(&bins[bin_of(&q, i) - low], w->p->y ? figure_value_at(&q.y, i) : 1.0);
        put_bins(w, label, is_later(w, text), &q.b, low, high - low + 1, bins);
        aet_release(&bins);
    }
    aet_release(&q.mask);
}

static void take_head(const work *w, const aet_curve *c, int head, const char *label, bool later)
{
    figure_numbers *q = new_numbers(w, label, c->n, later);
    for (int i = 0; i < c->n; i++) {
        q->key[i] = i;
        q->x[i] = c->values[(int64_t)i * c->width];
        q->y[i] = w->scale * c->values[(int64_t)i * c->width + head];
    }
}

static void reduce_curve(const work *w, const char *label, const char *text)
{
    char name[48], own[48];
    const char *head = text;
    if (!figure_word(&head, ':', name, sizeof name))
        return;
    const aet_curve *c = aet_atoms_find_curve(w->a, name);
    size_t length = strcspn(head, "*");
    bool many = head[length] == '*';
    for (int k = 1; c && c->n > 1 && k < c->width; k++) {
        if (many ? strncmp(c->head[k], head, length) != 0 : strcmp(c->head[k], head) != 0)
            continue;
        aet_fmt(own, sizeof own, "%s", many ? c->head[k] + length : label);
        if (many && strcmp(own, "raw") == 0)
            continue;
        for (char *s = own; *s; s++) /* Ni_Pt is the pair Ni-Pt */
            *s = *s == '_' ? '-' : *s;
        take_head(w, c, k, own, is_later(w, text));
    }
}

static void reduce_points(const work *w, const char *label, const char *text)
{
    figure_field x, y;
    int n = 0, kept = 0;
    bool *mask = figure_mask(w->a, w->p->where, text);
    if (w->entry == 0 && mask && figure_field_find(w->a, w->p->x, &x) &&
        figure_field_find(w->a, w->p->y, &y)) {
        for (int i = 0; i < w->a->n; i++)
            n += mask[i];
        int every = (n + MOST_POINTS - 1) / MOST_POINTS;
        figure_numbers *q = n ? new_numbers(w, label, (n + every - 1) / every, false) : NULL;
        for (int i = 0, j = 0; q && i < w->a->n; i++)
            if (mask[i] && j++ % every == 0) {
                q->key[kept] = kept;
                q->x[kept] = w->x_scale * figure_field_at(&x, i);
                q->y[kept++] = w->scale * figure_field_at(&y, i);
            }
    }
    aet_release(&mask);
}

static void reduce_trace(const work *w, const char *label, const char *text)
{
    static void (*const by_kind[])(const work *, const char *, const char *) = {
        reduce_number, reduce_number, reduce_bins, reduce_curve, reduce_points, reduce_entry};
    if (w->entry > 0 || !is_later(w, text))
        by_kind[w->p->kind](w, label, text);
}

/* ---- traces ---- */

static void substitute(const char *text, const char *symbol, char *out, size_t size)
{
    size_t n = 0;
    for (; *text && n + 4 < size; text++)
        if (*text == '@' || *text == '&')
            n += (size_t)snprintf(out + n, size - n, "%s", symbol);
        else
            out[n++] = *text;
    out[n] = 0;
}

/* LABEL|TEXT, once or for each species it is about. */
static void expand(const work *w, const char *trace)
{
    int z[8], n = aet_atoms_species(w->a, z);
    bool each = strchr(trace, '@') != NULL, lighter = strchr(trace, '&') != NULL;
    char whole[MAX_TEXT], label[48] = "";
    n = n > 8 ? 8 : n;
    for (int k = 0; k < (each ? n : lighter ? n - 1 : 1); k++) {
        substitute(trace, each || lighter ? aet_element_symbol(z[k]) : "", whole, sizeof whole);
        const char *text = whole;
        (void)figure_word(&text, '|', label, sizeof label);
        reduce_trace(w, label, text);
    }
}

void figure_reduce(aet_figures *f, const aet_atoms *a, int entry)
{
    char trace[MAX_TEXT];
    for (int k = 0; k < figure_n_panels; k++) {
        const figure_panel *p = &figure_panels[k];
        const work w = {
            f, a, entry, k, p, p->scale != 0 ? p->scale : 1, p->x_scale != 0 ? p->x_scale : 1};
        const char *traces = p->traces ? p->traces : "|";
        bool stages = f->of == AET_FIGURES_STAGES || f->of == AET_FIGURES_TIMES;
        while ((!(p->flags & PANEL_STEPS) || stages) &&
               figure_word(&traces, ';', trace, sizeof trace))
            expand(&w, trace);
    }
}
