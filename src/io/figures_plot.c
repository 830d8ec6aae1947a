/* One figure: its series, labels, marks and name. */
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/plot.h"
#include "aetlas/num/sort.h"
#include "figures_draw.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

enum { MOST_MARKS = 8 };

static aet_plot_style style_of(const figure_drawing *d, int n)
{
    const figure_panel *p = d->p;
    switch (p->kind) {
    case PANEL_SCALAR:
        return figure_has_cycles(d) ? AET_PLOT_LINE_POINTS : AET_PLOT_POINTS;
    case PANEL_CATEGORY:
        return n == 1 ? AET_PLOT_BARS : AET_PLOT_POINTS;
    case PANEL_BINNED:
        return p->flags & PANEL_COUNT && n == 1 ? AET_PLOT_BARS : AET_PLOT_PROFILE;
    case PANEL_CURVE:
        return p->flags & PANEL_LINE ? AET_PLOT_LINE : n == 1 ? AET_PLOT_BARS : AET_PLOT_PROFILE;
    case PANEL_POINTS:
        return AET_PLOT_DOTS;
    default:
        return AET_PLOT_POINTS;
    }
}

static int read_marks(const figure_panel *p, char (*label)[64], aet_plot_mark *mark)
{
    char word[96], number[24];
    const char *text = p->marks ? p->marks : "";
    int n = 0;
    while (n < MOST_MARKS && figure_word(&text, ';', word, sizeof word)) {
        const char *rest = word + (word[0] == 'x');
        mark[n].upright = word[0] == 'x';
        if (!figure_word(&rest, ' ', number, sizeof number) || !aet_str_real(number, &mark[n].at))
            continue;
        aet_fmt(label[n], sizeof label[n], "%s", rest);
        mark[n].label = label[n];
        n++;
    }
    return n;
}

static int read_points(const figure_panel *p, char (*label)[64], double *x, double *y,
                       aet_plot_series *s)
{
    char word[96], number[2][24];
    const char *text = p->points ? p->points : "";
    int n = 0;
    while (n < MOST_MARKS && figure_word(&text, ';', word, sizeof word)) {
        const char *rest = word;
        for (int k = 0; k < 2; k++)
            (void)figure_word(&rest, ' ', number[k], sizeof number[k]);
        aet_fmt(label[n], sizeof label[n], "%s", rest);
        if (aet_str_real(number[0], &x[n]) && aet_str_real(number[1], &y[n])) {
            s[n] = (aet_plot_series){.label = label[n], .n = 1, .x = &x[n], .y = &y[n]};
            s[n].style = AET_PLOT_CROSSES;
            s[n].color = n ? 0xd00000 : 0x000001;
            n++;
        }
    }
    return n;
}

/* "[ of @]" is about the trace. */
static void fill_label(const char *text, const char *trace, char *buf, size_t size)
{
    const char *open = strchr(text, '['), *at = strchr(text, '@'), *end = strchr(text, ']');
    if (!open || !at || !end)
        aet_fmt(buf, size, "%s", text);
    else if (trace && trace[0])
        aet_fmt(buf, size, "%.*s%.*s%s%.*s%s", (int)(open - text), text, (int)(at - open) - 1,
                open + 1, trace, (int)(end - at) - 1, at + 1, end + 1);
    else
        aet_fmt(buf, size, "%.*s%s", (int)(open - text), text, end + 1);
}

static const char *x_label_of(const figure_drawing *d)
{
    if (d->p->kind != PANEL_SCALAR)
        return d->p->x_label ? d->p->x_label : "";
    return !figure_has_cycles(d)            ? ""
           : d->f->of == AET_FIGURES_TIMES  ? "time (s)"
           : d->f->of == AET_FIGURES_STAGES ? "stage"
                                            : "potential cycles";
}

static void name_file(const figure_drawing *d, const char *trace, const char *rest, char *buf,
                      size_t size)
{
    bool one = d->n_traces == 1 && d->f->of != AET_FIGURES_CAMPAIGN;
    const char *parts[2] = {one ? NULL : trace, rest};
    aet_fmt(buf, size, "%s", d->p->file);
    for (int k = 0; k < 2; k++)
        for (const char *c = parts[k] && parts[k][0] ? parts[k] : NULL; c && *c; c++) {
            size_t n = strlen(buf);
            if (c == parts[k])
                aet_fmt(buf + n, size - n, "_");
            n = strlen(buf);
            if (isalnum((unsigned char)*c) || strchr("-+._", *c))
                aet_fmt(buf + n, size - n, "%c", *c);
            else if (*c == ' ' || *c == '@' || *c == '/')
                aet_fmt(buf + n, size - n, "_");
        }
}

static void note(const figure_drawing *d, const char *file, const char *trace, const char *group,
                 bool drawn)
{
    aet_figures *f = d->f;
    f->made = figure_grow(f->made, f->n_made, sizeof *f->made);
    aet_figure_made *m = &f->made[f->n_made++];
    char title[96];
    m->section = d->p->section;
    m->drawn = drawn;
    aet_fmt(m->file, sizeof m->file, "%s", file);
    fill_label(d->p->title, trace, title, sizeof title);
    aet_fmt(m->title, sizeof m->title, "%s%s%.40s", title, group && group[0] ? ", " : "",
            group ? group : "");
}

/* Names below the axis: of traces, or of groups. */
static int find_ticks(const figure_drawing *d, const char *ticks[FIGURE_TRACES])
{
    int n = 0;
    if (d->p->kind == PANEL_CATEGORY)
        for (; n < d->n_traces && n < FIGURE_TRACES; n++)
            ticks[n] = d->trace[n];
    if (d->p->kind == PANEL_SCALAR && !figure_has_cycles(d))
        for (; n < d->n_groups && n < FIGURE_TRACES; n++)
            ticks[n] = d->states[d->group[n]].group[0] ? d->states[d->group[n]].group : "all";
    return n;
}

static bool spans_decades(const aet_plot *p)
{
    double low = HUGE_VAL, high = 0;
    for (int s = 0; s < p->n_series; s++)
        for (int i = 0; i < p->series[s].n; i++) {
            low = fmin(low, p->series[s].y[i]);
            high = fmax(high, p->series[s].y[i]);
        }
    return low > 0 && high > 30 * low;
}

/* ---- ranges ---- */

/* What hardly an atom does would press the rest together.  It is left out of pictures, not of tables:
 * bins below this part of the highest, and this part of points at either end. */
static const double rare = 0.005;

static void trim_bins(const figure_panel *panel, aet_plot *p)
{
    double most = 0, ends[2] = {HUGE_VAL, -HUGE_VAL}, all[2] = {HUGE_VAL, -HUGE_VAL};
    for (int s = 0; s < p->n_series; s++)
        for (int i = 0; i < p->series[s].n; i++)
            most = fmax(most, p->series[s].y[i]);
    for (int s = 0; s < p->n_series; s++)
        for (int i = 0; i < p->series[s].n; i++) {
            double x = p->series[s].x[i];
            all[0] = fmin(all[0], x);
            all[1] = fmax(all[1], x);
            if (p->series[s].y[i] < rare * most)
                continue;
            ends[0] = fmin(ends[0], x);
            ends[1] = fmax(ends[1], x);
        }
    if (ends[0] == all[0] && ends[1] == all[1])
        return;
    p->x_low = ends[0] - 1.25 * panel->step;
    p->x_high = ends[1] + 1.25 * panel->step;
}

/* Of one coordinate of the dots; crosses always lie within. */
static void trim_dots(const aet_plot *p, bool y, double *low, double *high)
{
    int n = 0;
    for (int s = 0; s < p->n_series; s++)
        n += p->series[s].n;
    double *v = AET_NEW(double, n + 1), ends[2];
    n = 0;
    for (int s = 0; s < p->n_series; s++)
        for (int i = 0; i < p->series[s].n && p->series[s].style == AET_PLOT_DOTS; i++)
            v[n++] = y ? p->series[s].y[i] : p->series[s].x[i];
    aet_sort(n, v);
    ends[0] = n ? v[(int)(rare * n)] : 0;
    ends[1] = n ? v[n - 1 - (int)(rare * n)] : 0;
    for (int s = 0; s < p->n_series; s++)
        if (p->series[s].style == AET_PLOT_CROSSES) {
            ends[0] = fmin(ends[0], y ? p->series[s].y[0] : p->series[s].x[0]);
            ends[1] = fmax(ends[1], y ? p->series[s].y[0] : p->series[s].x[0]);
        }
    *low = ends[0] - 0.06 * (ends[1] - ends[0]);
    *high = ends[1] + 0.06 * (ends[1] - ends[0]);
    aet_release(&v);
}

static void trim(const figure_panel *panel, aet_plot *p)
{
    if (panel->kind == PANEL_BINNED && panel->flags & PANEL_COUNT)
        trim_bins(panel, p);
    if (panel->kind == PANEL_POINTS) {
        trim_dots(p, false, &p->x_low, &p->x_high);
        trim_dots(p, true, &p->y_low, &p->y_high);
    }
}

/* Of the k-th of n series along x: where cycles are the same, error bars would hide each other. */
static double shift_of(const figure_drawing *d, const figure_series *s, int k, int n)
{
    if (d->p->kind == PANEL_CATEGORY && n > 1)
        return s->shift;
    if (d->p->kind != PANEL_SCALAR || !figure_has_cycles(d))
        return 0;
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (int i = 0; i < d->n_states; i++) {
        low = fmin(low, d->states[i].at);
        high = fmax(high, d->states[i].at);
    }
    return 0.012 * (high - low) * (k - 0.5 * (n - 1));
}

/* ---- one figure ---- */

static aet_err write_plot(const figure_drawing *d, aet_plot *plot, const char *trace,
                          const char *group, const char *step)
{
    char file[96], path[AET_PATH_MAX], label[80], y_label[96], mark_label[MOST_MARKS][64];
    const char *ticks[FIGURE_TRACES];
    aet_plot_mark mark[MOST_MARKS];
    bool drawn;
    fill_label(d->p->y_label, trace, label, sizeof label);
    aet_fmt(y_label, sizeof y_label, figure_is_share(d) ? "share of %s (%%)" : "%s", label);
    name_file(d, trace, step ? step : group, file, sizeof file);
    plot->title = group && group[0] ? group : NULL;
    plot->x_label = x_label_of(d);
    plot->y_label = y_label;
    plot->y_low = d->p->y_low;
    plot->y_high = d->p->y_high;
    plot->y_most = d->p->y_most;
    plot->log_y = d->p->flags & PANEL_LOG && spans_decades(plot);
    plot->from_zero = d->p->flags & (PANEL_FROM_ZERO | PANEL_LOG) && !plot->log_y;
    trim(d->p, plot);
    plot->no_key = d->f->of == AET_FIGURES_PARTICLE && plot->n_series == 1;
    plot->n_marks = read_marks(d->p, mark_label, mark);
    plot->marks = mark;
    plot->n_ticks = find_ticks(d, ticks);
    plot->ticks = ticks;
    aet_path_join(path, sizeof path, d->dir, file);
    AET_TRY(aet_plot_write_both(MPI_COMM_SELF, plot, path, &drawn));
    note(d, file, trace, step ? step : group, drawn);
    return AET_OK;
}

aet_err figure_draw(const figure_drawing *d, const figure_series *s, int n, const char *trace,
                    const char *group, const char *step)
{
    aet_plot_series out[FIGURE_SERIES + MOST_MARKS];
    figure_averaged a[FIGURE_SERIES];
    char label[MOST_MARKS][64];
    double x[MOST_MARKS], y[MOST_MARKS];
    int kept = 0, points = 0;
    for (int k = 0; k < n; k++) {
        figure_average(d, &s[k], &a[kept]);
        if (a[kept].n == 0 || (d->p->flags & PANEL_LINE && a[kept].n < 2)) {
            aet_release(&a[kept].x);
            continue;
        }
        out[kept] = (aet_plot_series){.label = s[k].label,
                                      .n = a[kept].n,
                                      .x = a[kept].x,
                                      .y = a[kept].y,
                                      .error = a[kept].has_error ? a[kept].error : NULL,
                                      .style = style_of(d, n),
                                      .color = s[k].color,
                                      .shift = shift_of(d, &s[k], k, n)};
        kept++;
    }
    points = read_points(d->p, label, x, y, out + kept);
    aet_plot plot = {.n_series = kept + points, .series = out};
    aet_err err = kept > 0 ? write_plot(d, &plot, trace, group, step) : AET_OK;
    for (int k = 0; k < kept; k++)
        aet_release(&a[k].x);
    return err;
}
