/* From the numbers of particles to figures: which series, in which figure and colour. */
#include "figures_draw.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/plot.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_STATES = 7 };

/* ---- who takes part ---- */

static void find_traces(figure_drawing *d)
{
    for (int i = 0; i < d->f->n_numbers; i++) {
        const figure_numbers *q = &d->f->numbers[i];
        int k = 0;
        while (k < d->n_traces && strcmp(d->trace[k], q->trace) != 0)
            k++;
        if (figure_is_in(d, q) && k == d->n_traces && k < FIGURE_TRACES)
            aet_fmt(d->trace[d->n_traces++], sizeof d->trace[0], "%s", q->trace);
    }
}

static int by_group_and_at(const void *a, const void *b)
{
    const figure_state *x = a, *y = b;
    int order = strcmp(x->group, y->group);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static void find_states(figure_drawing *d)
{
    for (int i = 0; i < d->f->n_numbers; i++) {
        const figure_numbers *q = &d->f->numbers[i];
        const figure_entry *e = &d->f->entries[q->entry];
        int k = 0;
        while (k < d->n_states && !figure_belongs(e, d->states[k].group, d->states[k].at))
            k++;
        if (!figure_is_in(d, q))
            continue;
        if (k == d->n_states)
            d->states[d->n_states++] = (figure_state){e->group, e->at, 0, q->entry, -1};
        d->states[k].members +=
            d->states[k].last != q->entry; /* entries come one after the other */
        d->states[k].last = q->entry;
    }
    qsort(d->states, (size_t)d->n_states, sizeof *d->states, by_group_and_at);
    for (int k = 0; k < d->n_states; k++)
        if (k == 0 || strcmp(d->states[k].group, d->states[k - 1].group) != 0)
            d->group[d->n_groups++] = k;
}

/* Things that differ from particle to particle, as the layers of their crystals, have no mean. */
static bool has_mean(const figure_drawing *d)
{
    bool alone = d->p->flags & PANEL_ALONE;
    for (int k = 0; k < d->n_states && alone; k++)
        alone = d->states[k].members == 1;
    return alone || !(d->p->flags & PANEL_ALONE);
}

static int states_of(const figure_drawing *d, int group)
{
    return (group + 1 < d->n_groups ? d->group[group + 1] : d->n_states) - d->group[group];
}

/* ---- which figures ---- */

static figure_series of_trace(const figure_drawing *d, int t)
{
    figure_series s = {.trace = d->trace[t], .entry = -1, .color = aet_plot_color(t)};
    aet_fmt(s.label, sizeof s.label, "%s", d->trace[t]);
    return s;
}

static int all_traces(const figure_drawing *d, figure_series s[FIGURE_SERIES], int entry)
{
    int n = 0;
    for (int t = 0; t < d->n_traces && n < FIGURE_SERIES; t++) {
        s[n] = of_trace(d, t);
        s[n++].entry = entry;
    }
    return n;
}

static int all_groups(const figure_drawing *d, figure_series s[FIGURE_SERIES], const char *trace)
{
    int n = 0;
    for (int g = 0; g < d->n_groups && n < FIGURE_SERIES; g++, n++) {
        const char *name = d->states[d->group[g]].group;
        s[n] =
            (figure_series){.trace = trace, .group = name, .entry = -1, .color = aet_plot_color(g)};
        aet_fmt(s[n].label, sizeof s[n].label, "%s", name);
    }
    return n;
}

static void label_state(const figure_drawing *d, const figure_state *t, char *buf, size_t size)
{
    if (d->f->of == AET_FIGURES_TIMES)
        aet_fmt(buf, size, "%g s", t->at);
    else if (d->f->of == AET_FIGURES_STAGES)
        aet_fmt(buf, size, "%s", d->f->entries[t->first].name);
    else if (figure_has_cycles(d))
        aet_fmt(buf, size, "%g cycles (n = %d)", t->at, t->members);
    else if (d->f->of == AET_FIGURES_CAMPAIGN)
        aet_fmt(buf, size, "%s%s(n = %d)", t->group, t->group[0] ? " " : "", t->members);
}

/* The states of one group, or of all (-1); of many, some evenly. */
static int some_states(const figure_drawing *d, figure_series s[FIGURE_SERIES], const char *trace,
                       int group)
{
    int first = group < 0 ? 0 : d->group[group],
        all = group < 0 ? d->n_states : states_of(d, group);
    int most = figure_has_cycles(d) ? MOST_STATES : FIGURE_SERIES, n = all < most ? all : most;
    for (int k = 0; k < n; k++) {
        const figure_state *t =
            &d->states[first + (n > 1 ? (int)((int64_t)k * (all - 1) / (n - 1)) : 0)];
        uint32_t color = aet_plot_color(figure_group_number(d, t->group));
        s[k] = (figure_series){.trace = trace, .group = t->group, .at = &t->at, .entry = -1};
        s[k].color =
            figure_has_cycles(d) ? aet_plot_shade(color, n > 1 ? (double)k / (n - 1) : 0.5) : color;
        s[k].shift = 0.5 * ((k + 0.5) / n - 0.5);
        label_state(d, t, s[k].label, sizeof s[k].label);
    }
    return n;
}

/* One figure of the states, or, where there are groups and cycles, one for each group. */
static aet_err draw_states(const figure_drawing *d, const char *trace)
{
    figure_series s[FIGURE_SERIES];
    bool each = figure_has_cycles(d) && d->n_groups > 1;
    for (int g = each ? 0 : -1; g < (each ? d->n_groups : 0); g++)
        AET_TRY(figure_draw(d, s, some_states(d, s, trace, g), trace,
                            each ? d->states[d->group[g]].group : NULL, NULL));
    return AET_OK;
}

static aet_err draw_over_cycles(const figure_drawing *d)
{
    figure_series s[FIGURE_SERIES];
    if (!figure_has_cycles(d) && d->n_groups < 2)
        return AET_OK;
    if (d->n_groups == 1)
        return figure_draw(d, s, all_traces(d, s, -1), d->n_traces == 1 ? d->trace[0] : NULL, NULL,
                           NULL);
    for (int t = 0; t < d->n_traces; t++)
        AET_TRY(figure_draw(d, s, all_groups(d, s, d->trace[t]), d->trace[t], NULL, NULL));
    return AET_OK;
}

static aet_err draw_steps(const figure_drawing *d)
{
    figure_series s[FIGURE_SERIES];
    char step[24];
    for (int k = 0; k + 1 < d->f->n_entries; k++) {
        aet_fmt(step, sizeof step, "step%d", k + 1);
        s[0] = (figure_series){.entry = k, .color = aet_plot_color(0)};
        AET_TRY(figure_draw(d, s, d->p->kind == PANEL_CATEGORY ? 1 : all_traces(d, s, k), NULL,
                            NULL, step));
    }
    return AET_OK;
}

static aet_err draw(const figure_drawing *d)
{
    figure_series s[FIGURE_SERIES];
    if (d->p->flags & PANEL_STEPS)
        return draw_steps(d);
    switch (d->p->kind) {
    case PANEL_SCALAR:
        return draw_over_cycles(d);
    case PANEL_ENTRIES:
        return d->f->n_entries < 3 ? AET_OK
                                   : figure_draw(d, s, all_groups(d, s, NULL), NULL, NULL, NULL);
    case PANEL_POINTS:
        return d->f->n_entries > 1 ? AET_OK
                                   : figure_draw(d, s, all_traces(d, s, -1), NULL, NULL, NULL);
    case PANEL_CATEGORY:
        return draw_states(d, NULL);
    default:
        if (d->f->of == AET_FIGURES_PARTICLE)
            return figure_draw(d, s, all_traces(d, s, -1), d->n_traces == 1 ? d->trace[0] : NULL,
                               NULL, NULL);
        for (int t = 0; t < d->n_traces; t++)
            AET_TRY(draw_states(d, d->trace[t]));
        return AET_OK;
    }
}

aet_err figure_draw_panel(aet_figures *f, int panel, const char *dir)
{
    figure_drawing d = {.f = f, .p = &figure_panels[panel], .panel = panel, .dir = dir};
    d.trace = aet_new_bytes(FIGURE_TRACES * sizeof *d.trace);
    d.states = AET_NEW(figure_state, f->n_entries + 1);
    d.group = AET_NEW(int, f->n_entries + 1);
    find_traces(&d);
    find_states(&d);
    aet_err err = d.n_traces > 0 && has_mean(&d) ? draw(&d) : AET_OK;
    aet_release(&d.trace);
    aet_release(&d.states);
    aet_release(&d.group);
    return err;
}
