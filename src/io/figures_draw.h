/* Inside the figures: one panel while it is drawn.  Everything is Local. */
#ifndef AET_IO_FIGURES_DRAW_H
#define AET_IO_FIGURES_DRAW_H

#include "figures_priv.h"

enum { FIGURE_SERIES = 24, FIGURE_TRACES = 24 };

/* Which numbers make a series: those of this trace, group, cycle count and entry (NULL, -1: of any). */
typedef struct {
    const char *trace, *group;
    const double *at;
    int entry;
    char label[96];
    uint32_t color;
    double shift;
} figure_series;

/* A group at one cycle count. */
typedef struct {
    const char *group;
    double at;
    int members, first, last; /* entries with numbers in this panel; the first and last of them */
} figure_state;

typedef struct {
    aet_figures *f;
    const figure_panel *p;
    int panel;
    const char *dir;
    int n_traces, n_states, n_groups;
    char (*trace)[48];    /* owned, in order of appearance */
    figure_state *states; /* owned, by group, then cycles */
    int *group;           /* owned: [n_groups], first state of each */
} figure_drawing;

typedef struct {
    int n;
    double *x, *y, *error; /* owned: x */
    bool has_error;
} figure_averaged;

/* The numbers belong to the panel. */
static inline bool figure_is_in(const figure_drawing *d, const figure_numbers *q)
{
    return q->panel == d->panel;
}
/* Some group has several cycle counts. */
static inline bool figure_has_cycles(const figure_drawing *d)
{
    return d->n_states > d->n_groups;
}
int figure_group_number(const figure_drawing *d, const char *name);
bool figure_belongs(const figure_entry *e, const char *group, double at);
/* Numbers are shares of atoms, in percent. */
bool figure_is_share(const figure_drawing *d);

/* The mean over the particles of a series, release x. */
void figure_average(const figure_drawing *d, const figure_series *s, figure_averaged *a);
/* One figure of n series.  trace, group, step: what it is about, for its name and labels; NULL where
 * it is about all. */
aet_err figure_draw(const figure_drawing *d, const figure_series *s, int n, const char *trace,
                    const char *group, const char *step);

#endif
