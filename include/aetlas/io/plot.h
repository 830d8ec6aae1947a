/* Curves as a picture: numbers as CSV beside it, drawn by gnuplot, which is run as a program.
 *
 * The program is `gnuplot` from the PATH, or what the environment variable AETLAS_GNUPLOT names.
 * Where gnuplot is not installed, or fails, a warning says so and the CSV stands alone.
 */
#ifndef AET_IO_PLOT_H
#define AET_IO_PLOT_H

#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdbool.h>

typedef enum { AET_PLOT_LINE, AET_PLOT_POINTS, AET_PLOT_LINE_POINTS, AET_PLOT_BARS } aet_plot_style;

typedef struct {
    const char *label; /* in the key and as head of the CSV column */
    int n;
    const double *x, *y; /* [n], borrowed */
    const double *error; /* [n] or NULL: drawn as a band around lines, as bars on points */
    aet_plot_style style;
    bool right; /* against the axis on the right */
} aet_plot_series;

typedef struct {
    const char *title;
    const char *x_label, *y_label;       /* with units; UTF-8 */
    const char *right_label;             /* likewise; NULL: no such axis */
    double x_low, x_high, y_low, y_high; /* low >= high: chosen by the data */
    int n_series;
    const aet_plot_series *series; /* borrowed */
} aet_plot;

/* Collective.  Rank 0 writes STEM.csv and path, whose ending .png or .svg says the kind (USAGE for
 * another); *drawn (may be NULL) tells, on all ranks, whether there is a picture.  Values that are
 * not finite become gaps.  OUTPUT when files cannot be written. */
aet_err aet_plot_write(MPI_Comm comm, const aet_plot *plot, const char *path, bool *drawn);

#endif
