/* Figures of the report: curves averaged over the
 * particles of a group, and scalars against cycles. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/plot.h"
#include "campaign/summary_priv.h"
#include <math.h>
#include <string.h>

enum { MAX_SERIES = 12, MAX_GRID = 4096 };

/* A curve becomes a figure: the column whose head begins with `column` against column 0. */
typedef struct {
    const char *file, *curve, *column, *title, *x_label, *y_label;
    double y_low, y_high;
} curve_figure;
static const curve_figure curve_figures[] = {
    {"composition.png", "depth_profile", "fraction_", "Composition against depth",
     "distance to the surface (Å)", "atomic fraction", 0.0, 1.0},
    {"order.png", "depth_profile", "csro_", "Chemical short-range order against depth",
     "distance to the surface (Å)", "CSRO", 0.0, 0.0},
    {"pairs.png", "pair_distribution", "g", "Pair distribution", "distance (Å)", "g(r)", 0.0, 0.0},
};

/* A scalar becomes a figure when there are several cycle counts. */
typedef struct {
    const char *file, *scalar, *title, *y_label;
} scalar_figure;
static const scalar_figure scalar_figures[] = {
    {"cycles-composition.png", "fraction_", "Composition over cycling", "atomic fraction"},
    {"cycles-lattice.png", "fcc_constant_A", "Lattice constant over cycling",
     "fcc lattice constant (Å)"},
    {"cycles-atoms.png", "atoms", "Size over cycling", "atoms"},
    {"cycles-order.png", "csro_", "Chemical short-range order over cycling", "CSRO"},
};

/* Storage of the series of one figure. */
typedef struct {
    int n;
    aet_plot_series series[MAX_SERIES];
    char labels[MAX_SERIES][160];
    double *numbers[MAX_SERIES]; /* owned: x, mean, SD */
} series_list;

static void release(series_list *l)
{
    for (int i = 0; i < l->n; i++)
        aet_release(&l->numbers[i]);
}

/* First column whose head begins with the prefix, or -1. */
static int column_of(const aet_curve *c, const char *prefix)
{
    size_t n = strlen(prefix);
    for (int k = 1; k < c->width; k++)
        if (strncmp(c->head[k], prefix, n) == 0 && (prefix[n - 1] == '_' || c->head[k][n] == 0))
            return k;
    return -1;
}

/* Linear interpolation in a curve sorted by column 0; NAN outside. */
static double at(const aet_curve *c, int column, double x)
{
    for (int i = 0; i + 1 < c->n; i++) {
        const double *a = c->values + (size_t)i * (size_t)c->width, *b = a + c->width;
        if (a[0] <= x && x <= b[0])
            return b[0] > a[0] ? a[column] + (b[column] - a[column]) * (x - a[0]) / (b[0] - a[0])
                               : a[column];
    }
    return (double)NAN;
}

static void mean_and_sd(const double *v, int n, double *mean, double *sd)
{
    double sum = 0.0, sum2 = 0.0;
    int count = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(v[i])) {
            sum += v[i];
            count++;
        }
    *mean = count ? sum / count : (double)NAN;
    for (int i = 0; i < n; i++)
        if (isfinite(v[i]))
            sum2 += (v[i] - *mean) * (v[i] - *mean);
    *sd = count > 1 ? sqrt(sum2 / (count - 1)) : 0.0;
}

static bool is_member(const aet_summary_entry *e, const aet_summary_group *g)
{
    return strcmp(e->group, g->group) == 0 && e->cycles == g->cycles;
}

static void label_group(const aet_summary_group *g, const char *what, char *buf, size_t size)
{
    aet_fmt(buf, size, "%s%s%s%g cycles (n = %d)", what, g->group, g->group[0] ? ", " : "",
            g->cycles, g->members);
}

/* The grid of a group is that of its first particle that has the curve. */
static void add_group_curve(const aet_summary *s, const aet_summary_group *g, const curve_figure *f,
                            series_list *l)
{
    const aet_curve *members[MAX_GRID];
    double values[MAX_GRID];
    int n = 0;
    for (int i = 0; i < s->n && n < MAX_GRID; i++) {
        const aet_curve *c =
            is_member(&s->entries[i], g) ? aet_atoms_find_curve(s->measures[i], f->curve) : NULL;
        if (c && c->n > 1 && column_of(c, f->column) >= 0)
            members[n++] = c;
    }
    if (n == 0 || l->n == MAX_SERIES)
        return;
    const aet_curve *first = members[0];
    double *x = AET_NEW(double, 3 * first->n), *mean = x + first->n, *sd = mean + first->n;
    for (int k = 0; k < first->n; k++) {
        x[k] = first->values[(size_t)k * (size_t)first->width];
        for (int m = 0; m < n; m++)
            values[m] = at(members[m], column_of(members[m], f->column), x[k]);
        mean_and_sd(values, n, &mean[k], &sd[k]);
    }
    label_group(g, "", l->labels[l->n], sizeof l->labels[0]);
    l->numbers[l->n] = x;
    l->series[l->n] = (aet_plot_series){.label = l->labels[l->n],
                                        .n = first->n,
                                        .x = x,
                                        .y = mean,
                                        .error = n > 1 ? sd : NULL,
                                        .style = AET_PLOT_LINE};
    l->n++;
}

static bool write_figure(const char *to, const char *file, aet_plot *plot, series_list *l)
{
    char path[AET_PATH_MAX];
    bool drawn = false;
    plot->n_series = l->n;
    plot->series = l->series;
    aet_path_join(path, sizeof path, to, file);
    if (l->n > 0 && aet_plot_write(MPI_COMM_SELF, plot, path, &drawn) != AET_OK) {
        aet_warn("figure left out: %s", aet_error_text());
        aet_error_clear();
        drawn = false;
    }
    release(l);
    return drawn;
}

/* Names the species that a column or scalar is about: "atomic fraction of Ni". */
static void name_quantity(const char *y_label, const char *head, const char *prefix, char *buf,
                          size_t size)
{
    if (prefix[strlen(prefix) - 1] == '_')
        aet_fmt(buf, size, "%s of %s", y_label, head + strlen(prefix));
    else
        aet_fmt(buf, size, "%s", y_label);
}

static bool draw_curve(const aet_summary *s, const aet_summary_group *g, int n,
                       const curve_figure *f, const char *to)
{
    series_list l = {0};
    char y_label[96] = "";
    for (int i = 0; i < n; i++)
        add_group_curve(s, &g[i], f, &l);
    for (int i = 0; i < s->n && !y_label[0]; i++) {
        const aet_curve *c = aet_atoms_find_curve(s->measures[i], f->curve);
        int column = c ? column_of(c, f->column) : -1;
        if (column >= 0)
            name_quantity(f->y_label, c->head[column], f->column, y_label, sizeof y_label);
    }
    aet_plot plot = {.title = f->title,
                     .x_label = f->x_label,
                     .y_label = y_label,
                     .y_low = f->y_low,
                     .y_high = f->y_high};
    return write_figure(to, f->file, &plot, &l);
}

static int scalar_of(const aet_summary *s, const char *prefix)
{
    size_t n = strlen(prefix);
    for (int k = 0; k < s->n_scalars; k++)
        if (strncmp(s->scalars[k].name, prefix, n) == 0 &&
            (prefix[n - 1] == '_' || s->scalars[k].name[n] == 0))
            return k;
    return -1;
}

/* One series per group name: rows of groups with that name are consecutive and sorted by cycles. */
static void add_cycle_series(const aet_summary_group *g, int n, int scalar, series_list *l)
{
    double *x = AET_NEW(double, 3 * n), *mean = x + n, *sd = mean + n;
    for (int i = 0; i < n; i++) {
        x[i] = g[i].cycles;
        mean[i] = g[i].cells[scalar].mean;
        sd[i] = isfinite(g[i].cells[scalar].sd) ? g[i].cells[scalar].sd : 0.0;
    }
    aet_fmt(l->labels[l->n], sizeof l->labels[0], "%s", g[0].group[0] ? g[0].group : "all");
    l->numbers[l->n] = x;
    l->series[l->n] = (aet_plot_series){.label = l->labels[l->n],
                                        .n = n,
                                        .x = x,
                                        .y = mean,
                                        .error = sd,
                                        .style = AET_PLOT_LINE_POINTS};
    l->n++;
}

static bool draw_scalar(const aet_summary *s, const aet_summary_group *g, int n,
                        const scalar_figure *f, const char *to)
{
    series_list l = {0};
    char y_label[96] = "";
    int scalar = scalar_of(s, f->scalar);
    bool several = false;
    for (int i = 0, j; i < n && scalar >= 0; i = j) {
        for (j = i; j < n && strcmp(g[j].group, g[i].group) == 0; j++)
            ;
        several |= j - i > 1;
        if (l.n < MAX_SERIES)
            add_cycle_series(g + i, j - i, scalar, &l);
    }
    if (!several) {
        release(&l);
        return false;
    }
    name_quantity(f->y_label, s->scalars[scalar].name, f->scalar, y_label, sizeof y_label);
    aet_plot plot = {.title = f->title, .x_label = "potential cycles", .y_label = y_label};
    return write_figure(to, f->file, &plot, &l);
}

int aet_summary_figures(const aet_summary *s, const aet_summary_group *g, int n, const char *to,
                        aet_summary_figure *made, int max)
{
    int count = 0;
    for (size_t i = 0; i < sizeof curve_figures / sizeof *curve_figures && count < max; i++)
        if (draw_curve(s, g, n, &curve_figures[i], to))
            made[count++] = (aet_summary_figure){curve_figures[i].file, curve_figures[i].title};
    for (size_t i = 0; i < sizeof scalar_figures / sizeof *scalar_figures && count < max; i++)
        if (draw_scalar(s, g, n, &scalar_figures[i], to))
            made[count++] = (aet_summary_figure){scalar_figures[i].file, scalar_figures[i].title};
    return count;
}
