/* A curve as a picture, column by column. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/plot.h"
#include <math.h>
#include <string.h>

static double *column(const aet_curve *c, int k)
{
    double *v = AET_NEW(double, c->n);
    for (int i = 0; i < c->n; i++)
        v[i] = c->values[(int64_t)i * c->width + k];
    return v;
}

/* What is drawn of a curve, and how it is called; NULL: all of it, and by its own heads. */
typedef struct {
    const char *const *columns, *const *labels;
    const char *x_label, *y_label;
    double y_low, y_high;
    int n_marks;
    const aet_plot_mark *marks;
} look;

/* The number among the columns wanted, 0 where all are; -1: not wanted. */
static int place_of(const aet_curve *c, int k, const char *const *columns)
{
    for (int i = 0; columns && columns[i]; i++)
        if (strcmp(columns[i], c->head[k]) == 0)
            return i;
    return columns ? -1 : 0;
}

static bool has_values(const aet_curve *c, int k)
{
    for (int i = 0; i < c->n; i++)
        if (isfinite(c->values[(int64_t)i * c->width + k]))
            return true;
    return false;
}

static aet_err draw(MPI_Comm comm, const aet_curve *c, const look *l, const char *title,
                    const char *path)
{
    aet_plot_series *series = AET_NEW(aet_plot_series, c->width);
    double **data = AET_NEW(double *, c->width);
    double *x = column(c, 0);
    int n = 0;
    for (int k = 1; k < c->width; k++) {
        int place = place_of(c, k, l->columns);
        if (place < 0 || !has_values(c, k))
            continue;
        data[n] = column(c, k);
        series[n] = (aet_plot_series){.label = l->labels ? l->labels[place] : c->head[k],
                                      .n = c->n,
                                      .x = x,
                                      .y = data[n],
                                      .style = AET_PLOT_LINE};
        n++;
    }
    const aet_plot plot = {.title = title,
                           .x_label = l->x_label ? l->x_label : c->head[0],
                           .y_label = l->y_label,
                           .y_low = l->y_low,
                           .y_high = l->y_high,
                           .n_marks = l->n_marks,
                           .marks = l->marks,
                           .n_series = n,
                           .series = series};
    aet_err err = aet_plot_write(comm, &plot, path, NULL);
    for (int i = 0; i < n; i++)
        aet_release(&data[i]);
    aet_release(&x);
    aet_release(&data);
    aet_release(&series);
    return err;
}

aet_err aet_figure_curve(MPI_Comm comm, const aet_curve *c, const char *title, const char *path)
{
    const look l = {.y_label = ""};
    return draw(comm, c, &l, title, path);
}

aet_err aet_figure_reconstruction(MPI_Comm comm, const aet_volume *v, const char *title,
                                  const char *path)
{
    static const char *const columns[] = {"r1", "k_error2", "r_free2", NULL};
    static const char *const labels[] = {"R1 of images", "R of Fourier points",
                                         "R of withheld data"};
    static const look l = {
        .columns = columns, .labels = labels, .x_label = "iteration", .y_label = "misfit"};
    const aet_curve *c = aet_volume_find_curve(v, "reconstruction");
    AET_CHECK(c, AET_ERR_INPUT, "%s: the volume does not tell how it was reconstructed", path);
    return draw(comm, c, &l, title, path);
}

aet_err aet_figure_fsc(MPI_Comm comm, const aet_volume *v, const char *title, const char *path)
{
    static const char *const columns[] = {"fsc", "fsc_x", "fsc_y", "fsc_z", NULL};
    static const char *const labels[] = {"all directions", "near x", "near y", "near z"};
    static const aet_plot_mark marks[] = {{"0.143", 0.143, false}, {"0.5", 0.5, false}};
    static const look l = {.columns = columns,
                           .labels = labels,
                           .x_label = "spatial frequency (1/Å)",
                           .y_label = "Fourier shell correlation",
                           .y_low = -0.2,
                           .y_high = 1.05,
                           .n_marks = 2,
                           .marks = marks};
    const aet_curve *c = aet_volume_find_curve(v, "fsc");
    AET_CHECK(c, AET_ERR_INPUT, "%s: the volume has no Fourier shell correlation", path);
    return draw(comm, c, &l, title, path);
}
