/* Figures of a precision: the histogram of displacements, and what was found at which depth. */
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/precision.h"
#include "aetlas/io/plot.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

enum { MOST = 12 };

/* Series of one figure, copied out of a curve. */
typedef struct {
    const aet_curve *curve;
    int n;
    aet_plot_series series[MOST];
    double *x, *y[MOST];
} figure;

static double *column(const aet_curve *c, int k)
{
    double *v = AET_NEW(double, c->n);
    for (int i = 0; i < c->n; i++)
        v[i] = c->values[(size_t)i * (size_t)c->width + (size_t)k];
    return v;
}

/* scale: of the values, into the unit of the axis. */
static void add(figure *f, const char *head, const char *label, double scale, aet_plot_style style,
                bool right)
{
    int k = aet_curve_column(f->curve, head);
    if (k < 0 || f->n == MOST)
        return;
    double *y = f->y[f->n] = column(f->curve, k);
    for (int i = 0; i < f->curve->n; i++)
        y[i] *= scale;
    f->series[f->n++] = (aet_plot_series){
        .label = label, .n = f->curve->n, .x = f->x, .y = y, .style = style, .right = right};
}

static aet_err draw(MPI_Comm comm, figure *f, aet_plot *plot, const char *dir, const char *prefix,
                    const char *file)
{
    char name[AET_PATH_MAX], path[AET_PATH_MAX];
    aet_fmt(name, sizeof name, "%s%s", prefix, file);
    aet_path_join(path, sizeof path, dir, name);
    plot->n_series = f->n;
    plot->series = f->series;
    aet_err err = f->n > 0 ? aet_plot_write(comm, plot, path, NULL) : AET_OK;
    for (int k = 0; k < f->n; k++)
        aet_release(&f->y[k]);
    aet_release(&f->x);
    return err;
}

/* The last displacement worth showing: beyond it there are fewer than one atom in a thousand in all. */
static double shown_pm(const aet_curve *c)
{
    double all = 0, seen = 0;
    for (int i = 0; i < c->n; i++)
        all += c->values[i * c->width + 1];
    for (int i = 0; i < c->n; i++) {
        seen += c->values[i * c->width + 1];
        if (seen >= 0.999 * all)
            return c->values[i * c->width] * 1.1;
    }
    return 0;
}

static aet_err draw_histogram(MPI_Comm comm, const aet_atoms *a, const char *title, const char *dir,
                              const char *prefix)
{
    double rmsd = 0, found = 0;
    char label[96];
    const aet_curve *c = aet_atoms_find_curve(a, "displacements");
    if (!c || c->n == 0)
        return AET_OK;
    aet_atoms_find_scalar(a, "rmsd_pm", &rmsd);
    aet_atoms_find_scalar(a, "identification", &found);
    aet_fmt(label, sizeof label, "%.1f %% of %d atoms, RMSD %.1f pm", 100 * found, a->n, rmsd);
    figure f = {.curve = c, .x = column(c, 0)};
    add(&f, "atoms", label, 1, AET_PLOT_BARS, false);
    add(&f, "maxwell", "Maxwell distribution of this RMSD", 1, AET_PLOT_LINE, false);
    aet_plot plot = {
        .title = title, .x_label = "displacement (pm)", .y_label = "atoms", .x_high = shown_pm(c)};
    return draw(comm, &f, &plot, dir, prefix, "displacements.png");
}

/* A round number below all shares in percent, the first two series. */
static double least_percent(const figure *f)
{
    double least = 100;
    for (int s = 0; s < 2 && s < f->n; s++)
        for (int i = 0; i < f->series[s].n; i++)
            if (isfinite(f->series[s].y[i]))
                least = fmin(least, f->series[s].y[i]);
    return 10 * floor((least - 1) / 10);
}

static aet_err draw_depth(MPI_Comm comm, const aet_atoms *a, const char *title, const char *dir,
                          const char *prefix)
{
    const aet_curve *c = aet_atoms_find_curve(a, "precision_layers");
    if (!c || c->n == 0)
        return AET_OK;
    figure f = {.curve = c, .x = column(c, 1)};
    add(&f, "identification", "identified", 100, AET_PLOT_LINE_POINTS, false);
    add(&f, "identification_species", "with the right species", 100, AET_PLOT_LINE_POINTS, false);
    add(&f, "rmsd_pm", "RMSD (right)", 1, AET_PLOT_LINE_POINTS, true);
    aet_plot plot = {.title = title,
                     .x_label = "distance to the surface (Å), layer by layer",
                     .y_label = "atoms identified (%)",
                     .right_label = "RMSD (pm)",
                     .y_low = least_percent(&f),
                     .y_high = 101};
    return draw(comm, &f, &plot, dir, prefix, "depth.png");
}

aet_err aet_precision_figures(MPI_Comm comm, const aet_atoms *result, const char *title,
                              const char *dir, const char *prefix)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    AET_TRY(AET_AGREE(comm, rank == 0 ? aet_dir_make(dir) : AET_OK));
    AET_TRY(draw_histogram(comm, result, title, dir, prefix));
    return draw_depth(comm, result, title, dir, prefix);
}
