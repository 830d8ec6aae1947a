/* What was found of a model: common atoms, displacements, by species and by depth. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/precision.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/num/cells.h"
#include "aetlas/num/sort.h"
#include <math.h>
#include <string.h>

static double median(double *v, int n)
{
    aet_sort(n, v);
    return n == 0 ? 0 : n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

/* ---- the distance of neighbours ---- */

static double mean_within(const aet_atoms *a, const aet_neighbours *nb)
{
    double sum = 0;
    for (int i = 0; i < a->n; i++)
        for (int64_t k = nb->start[i]; k < nb->start[i + 1]; k++) {
            const double *p = a->position_A[i], *q = a->position_A[nb->index[k]];
            sum += hypot(hypot(p[0] - q[0], p[1] - q[1]), p[2] - q[2]);
        }
    return nb->start[a->n] > 0 ? sum / (double)nb->start[a->n] : 0;
}

aet_err aet_precision_spacing(const aet_atoms *a, double *spacing_A)
{
    const double far_A = 20, shell = 1.25; /* of fcc the second shell lies at 1.41 */
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    aet_neighbours *nb = NULL;
    double nearest;
    AET_GO(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0, &cells));
    AET_GO(aet_cells_spacing(cells, a->n, (const double(*)[3])a->position_A, far_A, &nearest));
    AET_GO(aet_neighbours_find(cells, shell * nearest, &nb));
    *spacing_A = mean_within(a, nb);
done:
    aet_neighbours_free(&nb);
    aet_cells_free(&cells);
    return err;
}

/* ---- counting ---- */

/* Some atoms of the model, and what became of them. */
typedef struct {
    int atoms, common, same;
    double sum2; /* A^2 */
} tally;

static double part(int some, int all)
{
    return all > 0 ? (double)some / all : 0;
}

static double rmsd_pm(const tally *t)
{
    return t->common > 0 ? AET_PM_PER_A * sqrt(t->sum2 / t->common) : 0;
}

typedef struct {
    aet_atoms *a; /* the model */
    const aet_atoms *found;
    int *pair;            /* [a->n] */
    double *displacement; /* [a->n][3], borrowed from the column */
} work;

static void count(tally *t, const work *w, int i)
{
    const double *d = w->displacement + 3 * i;
    t->atoms++;
    if (w->pair[i] < 0)
        return;
    t->common++;
    t->same += w->found->species[w->pair[i]] == w->a->species[i];
    t->sum2 += d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

static void say(work *w, const char *name, const char *of, double value, const char *unit,
                const char *description)
{
    char full[48];
    aet_fmt(full, sizeof full, "%s%s%s", name, of[0] ? "_" : "", of);
    aet_atoms_add_scalar(w->a, full, value, unit, description);
}

/* Of a part of the model ("": all). */
static void say_tally(work *w, const char *of, const tally *t)
{
    char pm[48];
    say(w, "identification", of, part(t->common, t->atoms), "1",
        "common atoms / atoms of the model");
    say(w, "identification_species", of, part(t->same, t->atoms), "1",
        "common atoms of equal species / atoms of the model");
    aet_fmt(pm, sizeof pm, "rmsd%s%s_pm", of[0] ? "_" : "", of);
    say(w, pm, "", rmsd_pm(t), "pm",
        "root mean square distance of common atoms, a global translation taken out");
}

/* ---- columns ---- */

static void add_columns(work *w, const double shift_A[3])
{
    aet_atoms *a = w->a;
    aet_atoms_add_column(a, "displacement_A", 3, "A",
                         "found minus true position, a global translation taken out; 0 when lost");
    aet_atoms_add_column(a, "common", 1, "1", "1 when the atom was found, 0 when it was lost");
    aet_atoms_add_column(a, "deviation_A", 1, "A", "length of the displacement; -1 when lost");
    aet_atoms_add_column(a, "found_species", 1, "1", "atomic number found; 0 when lost");
    double *common = aet_atoms_find_column(a, "common")->values;
    double *deviation = aet_atoms_find_column(a, "deviation_A")->values;
    double *species = aet_atoms_find_column(a, "found_species")->values;
    w->displacement = aet_atoms_find_column(a, "displacement_A")->values;
    for (int i = 0; i < a->n; i++) {
        double *d = w->displacement + 3 * i;
        int j = w->pair[i];
        for (int k = 0; k < 3; k++)
            d[k] = j < 0 ? 0 : w->found->position_A[j][k] - a->position_A[i][k] - shift_A[k];
        common[i] = j >= 0;
        deviation[i] = j < 0 ? -1 : sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        species[i] = j < 0 ? 0 : w->found->species[j];
    }
}

/* ---- scalars ---- */

static void add_whole(work *w, const aet_atoms_match *m, const tally *all, double limit_A)
{
    static const char *const axes[3] = {"x", "y", "z"};
    char name[48];
    int lost = all->atoms - all->common, extra = w->found->n - all->common;
    say(w, "atoms", "", all->atoms, "1", "atoms of the model");
    say(w, "found", "", w->found->n, "1", "atoms traced in the reconstruction of its images");
    say(w, "common", "", all->common, "1", "mutual nearest atoms nearer than the limit");
    say(w, "lost", "", lost, "1", "atoms of the model that were not found");
    say(w, "false_atoms", "", extra, "1", "found atoms that the model does not have");
    say_tally(w, "", all);
    say(w, "species_fraction", "", part(all->same, all->common), "1",
        "common atoms of equal species / common atoms");
    say(w, "uncommon_fraction", "", part(lost + extra, all->atoms), "1",
        "lost and false atoms / atoms of the model");
    for (int k = 0; k < 3; k++) {
        double sum2 = 0;
        for (int i = 0; i < w->a->n; i++)
            sum2 += w->displacement[3 * i + k] * w->displacement[3 * i + k];
        aet_fmt(name, sizeof name, "rmsd_%s_pm", axes[k]);
        say(w, name, "", all->common ? AET_PM_PER_A * sqrt(sum2 / all->common) : 0, "pm",
            "its part along one axis; z: the beam at no tilt");
    }
    for (int k = 0; k < 3; k++) {
        aet_fmt(name, sizeof name, "shift_%s_A", axes[k]);
        say(w, name, "", m->shift_A[k], "A", "the translation that was taken out");
    }
    say(w, "common_limit_A", "", limit_A, "A", "atoms nearer than this are common");
}

static aet_err add_median(work *w, const tally *all)
{
    double *d = NULL;
    int n = 0;
    AET_TRY(AET_ARRAY(all->common, "displacements", &d));
    for (int i = 0; i < w->a->n; i++) {
        const double *v = w->displacement + 3 * i;
        if (w->pair[i] >= 0)
            d[n++] = AET_PM_PER_A * sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    }
    say(w, "median_pm", "", median(d, n), "pm", "median distance of common atoms");
    aet_release(&d);
    return AET_OK;
}

static void add_species(work *w)
{
    int z[8], n = aet_atoms_species(w->a, z);
    for (int s = 0; s < n && n > 1; s++) {
        tally t = {0};
        for (int i = 0; i < w->a->n; i++)
            if (w->a->species[i] == z[s])
                count(&t, w, i);
        say_tally(w, aet_element_symbol(z[s]), &t);
    }
}

/* ---- by depth ---- */

static void add_layers(work *w, const double *layer, const double *depth)
{
    static const char *const heads[] = {"layer",  "depth_A",        "atoms",
                                        "common", "identification", "identification_species",
                                        "rmsd_pm"};
    enum { WIDTH = sizeof heads / sizeof *heads };
    int layers = 0;
    for (int i = 0; i < w->a->n; i++)
        layers = (int)fmax(layers, layer[i]);
    aet_curve *c = aet_atoms_add_curve(w->a, "precision_layers", layers, WIDTH, heads,
                                       "by layer of atoms, 1: the surface; depth: their mean");
    for (int l = 1; l <= layers; l++) {
        tally t = {0};
        double deep = 0, *row = c->values + (size_t)(l - 1) * WIDTH;
        for (int i = 0; i < w->a->n; i++)
            if ((int)layer[i] == l) {
                count(&t, w, i);
                deep += depth[i];
            }
        row[0] = l;
        row[1] = t.atoms ? deep / t.atoms : (double)NAN;
        row[2] = t.atoms;
        row[3] = t.common;
        row[4] = t.atoms ? part(t.common, t.atoms) : (double)NAN;
        row[5] = t.atoms ? part(t.same, t.atoms) : (double)NAN;
        row[6] = t.common ? rmsd_pm(&t) : (double)NAN;
    }
}

static void add_depth(work *w, double core_depth_A)
{
    const aet_column *layer = aet_atoms_find_column(w->a, "layer");
    const aet_column *depth = aet_atoms_find_column(w->a, "depth_A");
    tally surface = {0}, core = {0};
    if (!layer || !depth)
        return;
    for (int i = 0; i < w->a->n; i++) {
        if ((int)layer->values[i] == 1)
            count(&surface, w, i);
        if (depth->values[i] >= core_depth_A)
            count(&core, w, i);
    }
    if (surface.atoms > 0)
        say_tally(w, "surface", &surface);
    if (core.atoms > 0)
        say_tally(w, "core", &core);
    add_layers(w, layer->values, depth->values);
}

/* ---- the histogram ---- */

/* Lengths of displacements whose three parts are independent Gaussians of this RMSD, in atoms per bin. */
static double maxwell(double r, double rmsd, double atoms, double bin)
{
    double s2 = rmsd * rmsd / 3;
    return s2 > 0 ? atoms * bin * 4 * AET_PI * r * r * pow(2 * AET_PI * s2, -1.5) *
                        exp(-0.5 * r * r / s2)
                  : 0;
}

static void add_histogram(work *w, const tally *all, double limit_A, double bin_pm)
{
    enum { WIDEST = 11 };
    int z[8], n = aet_atoms_species(w->a, z), bins = (int)ceil(AET_PM_PER_A * limit_A / bin_pm);
    char text[WIDEST][32] = {"displacement_pm", "atoms", "maxwell"};
    const char *heads[WIDEST];
    for (int s = 0; s < n; s++)
        aet_fmt(text[3 + s], sizeof text[0], "atoms_%s", aet_element_symbol(z[s]));
    for (int k = 0; k < 3 + n; k++)
        heads[k] = text[k];
    aet_curve *c =
        aet_atoms_add_curve(w->a, "displacements", bins, 3 + n, heads,
                            "common atoms by the length of their displacement, and the Maxwell "
                            "distribution of the same root mean square");
    for (int b = 0; b < bins; b++) {
        c->values[b * c->width] = (b + 0.5) * bin_pm;
        c->values[b * c->width + 2] =
            maxwell((b + 0.5) * bin_pm, rmsd_pm(all), all->common, bin_pm);
    }
    for (int i = 0; i < w->a->n; i++) {
        const double *d = w->displacement + 3 * i;
        double r = AET_PM_PER_A * sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        int b = r < bin_pm * bins ? (int)(r / bin_pm) : bins - 1;
        if (w->pair[i] < 0)
            continue;
        c->values[b * c->width + 1]++;
        for (int s = 0; s < n; s++)
            c->values[b * c->width + 3 + s] += w->a->species[i] == z[s];
    }
}

/* ---- all ---- */

aet_err aet_precision_measure(aet_atoms *model, const aet_atoms *found, double common_A,
                              double bin_pm, double core_depth_A)
{
    aet_err err = AET_OK;
    aet_atoms_match match;
    tally all = {0};
    work w = {.a = model, .found = found};
    double limit_A = common_A;
    AET_CHECK(model->n > 0 && found->n > 0, AET_ERR_INPUT,
              "%d atoms of the model and %d found: there is nothing to compare", model->n,
              found->n);
    if (limit_A <= 0) {
        AET_TRY(aet_precision_spacing(model, &limit_A));
        limit_A *= 0.5;
    }
    AET_CHECK(limit_A > 0, AET_ERR_INPUT,
              "no two atoms of the model are neighbours: give precision.common_A");
    AET_TRY(AET_ARRAY(model->n, "pairs of atoms", &w.pair));
    AET_GO(aet_atoms_compare(model, found, limit_A, true, &match, w.pair));
    add_columns(&w, match.shift_A);
    for (int i = 0; i < model->n; i++)
        count(&all, &w, i);
    add_whole(&w, &match, &all, limit_A);
    AET_GO(add_median(&w, &all));
    add_species(&w);
    add_depth(&w, core_depth_A);
    add_histogram(&w, &all, limit_A, bin_pm);
done:
    aet_release(&w.pair);
    return err;
}
