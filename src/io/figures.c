#include "aetlas/io/figures.h"

#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/plot.h"
#include "aetlas/par/agree.h"

#include <string.h>

enum { MAX_SERIES = 12 };

/* A figure under construction: the columns it draws, copied out of a curve. */
typedef struct {
    const aet_curve *curve;
    aet_plot_series series[MAX_SERIES];
    double *data[3 * MAX_SERIES];
    char label[MAX_SERIES][32];
    int n, n_data;
} figure;

static int find_head(const aet_curve *c, const char *head)
{
    for (int k = 0; k < c->width; k++)
        if (strcmp(c->head[k], head) == 0)
            return k;
    return -1;
}

static double *column(figure *f, int k)
{
    double *v = AET_NEW(double, f->curve->n);
    for (int i = 0; i < f->curve->n; i++)
        v[i] = f->curve->values[(int64_t)i * f->curve->width + k];
    f->data[f->n_data++] = v;
    return v;
}

/* Adds column y (and error, unless negative) against the first column. */
static void add(figure *f, const char *label, int y, int error, aet_plot_style style)
{
    if (f->n == MAX_SERIES || y < 0)
        return;
    aet_fmt(f->label[f->n], sizeof f->label[0], "%s", label);
    for (char *c = f->label[f->n]; *c; c++) /* Ni_Pt is the pair Ni-Pt */
        *c = *c == '_' ? '-' : *c;
    f->series[f->n] = (aet_plot_series){.label = f->label[f->n], .n = f->curve->n, .style = style};
    f->series[f->n].x = column(f, 0);
    f->series[f->n].y = column(f, y);
    if (error >= 0)
        f->series[f->n].error = column(f, error);
    f->n++;
}

static aet_err finish(MPI_Comm comm, figure *f, aet_plot p, const char *dir, const char *name)
{
    char path[AET_PATH_MAX];
    aet_err err = AET_OK;
    p.n_series = f->n;
    p.series = f->series;
    aet_path_join(path, sizeof path, dir, name);
    if (f->n > 0)
        err = aet_plot_write(comm, &p, path, NULL);
    for (int k = 0; k < f->n_data; k++)
        aet_release(&f->data[k]);
    return err;
}

static aet_err draw_pairs(MPI_Comm comm, const aet_curve *c, const char *title, const char *dir)
{
    figure f = {.curve = c};
    aet_plot p = {.title = title, .x_label = "distance / Å", .y_label = "pair distribution g(r)"};
    add(&f, "all pairs", find_head(c, "g"), -1, AET_PLOT_LINE);
    for (int k = 0; k < c->width; k++)
        if (strncmp(c->head[k], "g_", 2) == 0 && strcmp(c->head[k], "g_raw") != 0)
            add(&f, c->head[k] + 2, k, -1, AET_PLOT_LINE);
    return finish(comm, &f, p, dir, "pair_distribution.png");
}

/* One series for each head PREFIX_SYMBOL; `only`: the first alone. */
static void add_species(figure *f, const char *prefix, bool only)
{
    const aet_curve *c = f->curve;
    size_t length = strlen(prefix);
    for (int k = 0; k < c->width; k++) {
        char error[32];
        if (strncmp(c->head[k], prefix, length) != 0 || (only && f->n > 0))
            continue;
        aet_fmt(error, sizeof error, "error_%s", c->head[k] + length);
        add(f, c->head[k] + length, k, strcmp(prefix, "fraction_") == 0 ? find_head(c, error) : -1,
            AET_PLOT_LINE_POINTS);
    }
}

static int count_species(const aet_curve *c)
{
    int n = 0;
    for (int k = 0; k < c->width; k++)
        n += strncmp(c->head[k], "fraction_", 9) == 0;
    return n;
}

static aet_err draw_profile(MPI_Comm comm, const aet_curve *c, const char *title, const char *dir)
{
    int species = count_species(c);
    figure f = {.curve = c}, g = {.curve = c};
    aet_plot p = {.title = title, .x_label = "depth below the surface / Å"};
    if (species < 2)
        return AET_OK;
    p.y_label = "fraction of atoms";
    p.y_high = 1.0;
    add_species(&f, "fraction_", species == 2);
    AET_TRY(finish(comm, &f, p, dir, "composition_depth.png"));
    p.y_label = "short-range order 1 - p/c";
    p.y_high = 0.0;
    add_species(&g, "csro_", false);
    return finish(comm, &g, p, dir, "csro_depth.png");
}

static aet_err draw_coordination(MPI_Comm comm, const aet_curve *c, const char *title,
                                 const char *dir)
{
    figure f = {.curve = c};
    aet_plot p = {.title = title, .x_label = "number of neighbours", .y_label = "atoms"};
    add(&f, "atoms", 1, -1, AET_PLOT_BARS);
    return finish(comm, &f, p, dir, "coordination.png");
}

aet_err aet_figures_write(MPI_Comm comm, const aet_atoms *m, const char *title, const char *dir)
{
    static const struct {
        const char *curve;
        aet_err (*draw)(MPI_Comm, const aet_curve *, const char *, const char *);
    } figures[] = {{"pair_distribution", draw_pairs},
                   {"depth_profile", draw_profile},
                   {"coordination", draw_coordination}};
    int rank;
    aet_err err = AET_OK;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = aet_dir_make(dir);
    AET_TRY(aet_agree(comm, err));
    for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) {
        const aet_curve *c = aet_atoms_find_curve(m, figures[k].curve);
        if (c && c->n > 0)
            AET_TRY(figures[k].draw(comm, c, title, dir));
    }
    return AET_OK;
}
