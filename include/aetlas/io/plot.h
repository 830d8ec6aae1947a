/* Curves as a picture: numbers as CSV beside it, drawn by gnuplot, which is run as a program.
 *
 * The key stands above the plot, so that it covers nothing.
 *
 * The program is `gnuplot` from the PATH, or what the environment variable AETLAS_GNUPLOT names.
 * Where gnuplot is not installed, or fails, a warning says so and the CSV stands alone.
 */
#ifndef AET_IO_PLOT_H
#define AET_IO_PLOT_H

#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    AET_PLOT_LINE,        /* errors: a band */
    AET_PLOT_POINTS,      /* errors: bars */
    AET_PLOT_LINE_POINTS, /* errors: bars */
    AET_PLOT_BARS,        /* errors: bars */
    AET_PLOT_PROFILE,     /* points on a line; errors: a band */
    AET_PLOT_DOTS,        /* small points, many of them */
    AET_PLOT_CROSSES      /* large and dark: values to compare with */
} aet_plot_style;

typedef struct {
    const char *label; /* in the key and as head of the CSV column; "": not in the key */
    int n;
    const double *x, *y; /* [n], borrowed */
    const double *error; /* [n] or NULL; NAN where there is none */
    aet_plot_style style;
    bool right;     /* against the axis on the right */
    uint32_t color; /* 0xRRGGBB; 0: of the palette, by its number in the plot */
    double shift;   /* along x, in the picture alone: so that error bars do not hide each other */
} aet_plot_series;

/* A dotted line across the plot with a word on it. */
typedef struct {
    const char *label;
    double at;
    bool upright; /* at x = at, else at y = at */
} aet_plot_mark;

typedef struct {
    const char *title;                   /* NULL: none */
    const char *x_label, *y_label;       /* with units; UTF-8 */
    const char *right_label;             /* likewise; NULL: no such axis */
    double x_low, x_high, y_low, y_high; /* low >= high: chosen by the data */
    bool from_zero;                      /* then at least y begins at 0 */
    double y_most;                       /* and ends here at most, bands and all; 0: wherever */
    bool log_y, no_key;
    int n_ticks;
    const char *const *ticks; /* names of x = 0, 1, ..; none: numbers */
    int n_marks;
    const aet_plot_mark *marks;
    int n_series;
    const aet_plot_series *series; /* borrowed */
} aet_plot;

/* Colour of the k-th kind of thing; seven, told apart also by readers with colour-blindness (Okabe and
 * Ito, 2008), then they repeat.  Local. */
uint32_t aet_plot_color(int k);
/* A shade of it, from light (0) to dark (1).  Local. */
uint32_t aet_plot_shade(uint32_t color, double t);

/* Collective.  Rank 0 writes STEM.csv and path, whose ending .png or .svg says the kind (USAGE for
 * another); *drawn (may be NULL) tells, on all ranks, whether there is a picture.  Values that are
 * not finite become gaps.  OUTPUT when files cannot be written. */
aet_err aet_plot_write(MPI_Comm comm, const aet_plot *plot, const char *path, bool *drawn);
/* Collective.  The same as both: stem.csv, stem.svg and stem.png. */
aet_err aet_plot_write_both(MPI_Comm comm, const aet_plot *plot, const char *stem, bool *drawn);

#endif
