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

static bool wanted(const aet_curve *c, int k, const char *const *columns)
{
    bool named = !columns, any = false;
    for (int i = 0; columns && columns[i]; i++)
        named = named || strcmp(columns[i], c->head[k]) == 0;
    for (int i = 0; named && i < c->n; i++)
        any = any || isfinite(c->values[(int64_t)i * c->width + k]);
    return any;
}

aet_err aet_figure_curve(MPI_Comm comm, const aet_curve *c, const char *const *columns,
                         const char *title, const char *y_label, const char *path)
{
    aet_plot_series *series = AET_NEW(aet_plot_series, c->width);
    double **data = AET_NEW(double *, c->width);
    int n = 0;
    for (int k = 1; k < c->width; k++) {
        if (!wanted(c, k, columns))
            continue;
        data[n] = column(c, k);
        series[n] =
            (aet_plot_series){.label = c->head[k], .n = c->n, .y = data[n], .style = AET_PLOT_LINE};
        n++;
    }
    double *x = column(c, 0);
    for (int i = 0; i < n; i++)
        series[i].x = x;
    const aet_plot plot = {
        .title = title, .x_label = c->head[0], .y_label = y_label, .n_series = n, .series = series};
    aet_err err = aet_plot_write(comm, &plot, path, NULL);
    for (int i = 0; i < n; i++)
        aet_release(&data[i]);
    aet_release(&x);
    aet_release(&data);
    aet_release(&series);
    return err;
}

aet_err aet_figure_reconstruction(MPI_Comm comm, const aet_volume *v, const char *title,
                                  const char *path)
{
    static const char *const columns[] = {"r1", "k_error2", "r_free2", NULL};
    const aet_curve *c = aet_volume_find_curve(v, "reconstruction");
    AET_CHECK(c, AET_ERR_INPUT, "%s: the volume does not tell how it was reconstructed", path);
    return aet_figure_curve(comm, c, columns, title, "error", path);
}

aet_err aet_figure_fsc(MPI_Comm comm, const aet_volume *v, const char *title, const char *path)
{
    static const char *const columns[] = {"fsc", "fsc_x", "fsc_y", "fsc_z", NULL};
    const aet_curve *c = aet_volume_find_curve(v, "fsc");
    AET_CHECK(c, AET_ERR_INPUT, "%s: the volume has no Fourier shell correlation", path);
    return aet_figure_curve(comm, c, columns, title, "Fourier shell correlation", path);
}
