/* Inside the figures: the table of panels, and their numbers. */
#ifndef AET_IO_FIGURES_PRIV_H
#define AET_IO_FIGURES_PRIV_H

#include "aetlas/io/figures.h"
#include <stdint.h>

/* What is plotted.  Texts name measures:
 *   VALUE      a column, NAME.k a part of one, NAME* the first that begins so; radius_A: distance from
 *              the centroid; or a CONDITION: 1 where it holds
 *   CONDITION  NAME=V, NAME>V or NAME<V; species=Pt
 *   TRACE      LABEL|TEXT;LABEL|TEXT ..: what shares a panel.  @ becomes each species in turn, & each but
 *              the heaviest. */
typedef enum {
    PANEL_SCALAR,   /* one number a particle, against cycles */
    PANEL_CATEGORY, /* several, side by side: the traces */
    PANEL_BINNED,   /* y, or the number of atoms, in bins of x */
    PANEL_CURVE,    /* TEXT is CURVE:HEAD, against the first column; HEAD may end in * */
    PANEL_POINTS,   /* a point per atom (every n-th of many); of one particle only */
    PANEL_ENTRIES   /* a point per particle: y against x, both as the TEXT of a scalar */
} panel_kind;

enum {
    PANEL_FROM_ZERO = 1,
    PANEL_LOG = 2,    /* where values span decades */
    PANEL_COUNT = 4,  /* atoms, or, in a campaign, their share in percent */
    PANEL_LAYERS = 8, /* bins are those of the depth profile: an atomic layer each */
    PANEL_STEPS = 16, /* from a stage to the next; "history" and "region_change" are of the later */
    PANEL_LINE = 32,  /* no points on the line */
    PANEL_ALONE = 64  /* never a mean over particles */
};

/* Of a scalar or category: TEXT is the name of a scalar; or, y given, a condition beneath which to
 * take the mean of y; or, where it is a condition, whose share of the atoms of `where` is taken. */
typedef struct {
    const char *file, *section, *title; /* title: as y_label */
    panel_kind kind;
    const char *x, *y, *where, *traces; /* where: conditions with blanks between; NULL: all atoms */
    const char *x_label, *y_label; /* "[ of @]": the trace, left out where they share a figure */
    double scale, x_scale;         /* 0: 1; bins are after scaling */
    double step, y_low, y_high, y_most;
    const char *marks;  /* "AT LABEL;AT LABEL", xAT: across x */
    const char *points; /* "X Y LABEL;..": crosses */
    unsigned flags;
} figure_panel;
extern const figure_panel figure_panels[];
extern const int figure_n_panels;

/* One trace of one panel of one particle. */
typedef struct {
    int panel, entry, n; /* entry: of steps, that of the earlier stage */
    char trace[48];
    double atoms; /* counted: all of them */
    int *key;     /* owned, [n]: which numbers of particles belong together */
    double *x, *y, *error;
} figure_numbers;

typedef struct {
    char name[64], group[64];
    double at;
} figure_entry;

struct aet_figures {
    aet_figures_of of;
    int n_entries, n_numbers, n_made;
    figure_entry *entries; /* owned, as all lists */
    figure_numbers *numbers;
    aet_figure_made *made;
};

/* Local.  A list one longer, its last element zeroed. */
void *figure_grow(void *list, int n, size_t size);
/* Local.  Adds the numbers of all panels. */
void figure_reduce(aet_figures *f, const aet_atoms *a, int entry);
/* Local.  Draws all figures of one panel into dir. */
aet_err figure_draw_panel(aet_figures *f, int panel, const char *dir);

/* Local.  Cuts the next word off a text of words between `separator`; false at the end. */
bool figure_word(const char **text, char separator, char *word, size_t size);

#endif
