/* The atoms of a traced volume, with what is known of each. */
#include "aetlas/base/mem.h"
#include "trace/tracer_priv.h"

static double *column(aet_atoms *a, const char *name, int width, const char *unit, const char *text)
{
    return aet_atoms_add_column(a, name, width, unit, text)->values;
}

static void fill_columns(const aet_tracer *t, const int *which, aet_atoms *a)
{
    double *value[10] = {
        column(a, "intensity", 1, "density A^3",
               "what was classified: density about the atom, neighbours taken out"),
        column(a, "class_margin", 1, "1",
               "distance to the nearest limit between classes / gap of their means"),
        column(a, "p_species", 1, "1", "probability of the species, by the mixture of intensities"),
        column(a, "uncertain", 1, "1", "1 where p_species is below trace.certain"),
        column(a, "origin", 1, "1", "1: traced, 2: second pass, 3: added by hand"),
        column(a, "peak_density", 1, "density", "voxel value at the local maximum"),
        column(a, "peak_strength", 1, "density",
               "by which atoms are ranked: peak_density, or for blobs minus the Laplacian there"),
        column(a, "fit_height", 1, "density", "height of the fitted Gaussian; 0: no fit"),
        column(a, "fit_residual", 1, "1", "root mean square misfit / height"),
        column(a, "fit_width_A", 3, "A", "standard deviations of the Gaussian along x, y, z")};
    for (int i = 0; i < a->n; i++) {
        const aet_peak *q = &t->peaks.peak[which[i]];
        double row[9] = {q->intensity,        q->margin,         q->p,
                         q->p < t->p.certain, (double)q->origin, (double)q->density,
                         (double)q->strength, q->height,         q->residual};
        for (int k = 0; k < 9; k++)
            value[k][i] = row[k];
        for (int k = 0; k < 3; k++)
            value[9][3 * i + k] = q->width[k] * t->volume->voxel_A;
    }
}

aet_err aet_tracer_atoms(const aet_tracer *t, aet_atoms **atoms, aet_trace_report *report)
{
    const aet_volume *v = t->volume;
    aet_err err = AET_OK;
    int *order = NULL, n = 0, origin[3] = {v->nx / 2, v->ny / 2, v->nz / 2};

    *atoms = NULL;
    AET_GO(aet_trace_order(&t->peaks, &order));
    for (int i = 0; i < t->peaks.n; i++)
        if (t->peaks.peak[order[i]].label > 0 || t->p.keep_nonatoms)
            order[n++] = order[i];
    AET_GO(aet_atoms_create(n, atoms));
    for (int i = 0; i < n; i++) {
        const aet_peak *q = &t->peaks.peak[order[i]];
        (*atoms)->species[i] = (uint8_t)(q->label > 0 ? t->report.z[q->label - 1] : 0);
        for (int a = 0; a < 3; a++)
            (*atoms)->position_A[i][a] = (q->at[a] - origin[a]) * v->voxel_A;
    }
    fill_columns(t, order, *atoms);
    if (report) {
        *report = t->report;
        report->no_fit += t->unfitted;
    }
done:
    aet_release(&order);
    return err;
}
