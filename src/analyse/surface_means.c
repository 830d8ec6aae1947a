/* Strain and activity as maps of the surface: Gaussian means over the surface atoms around each (sigma
 * strain_sigma_A; Lee et al., Nano Lett. 22, 665 (2022)). */
#include "aetlas/base/mem.h"
#include "analyse/analyse_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

typedef struct {
    int n, *atom, *near;
    double (*x)[3];
    aet_cells *cells;
} skin;

static void skin_free(skin *s)
{
    aet_cells_free(&s->cells);
    aet_release(&s->atom);
    aet_release(&s->near);
    aet_release(&s->x);
}

static aet_err skin_make(const analysis *m, skin *s)
{
    AET_TRY(AET_ARRAY(m->a->n, "surface atoms", &s->atom));
    AET_TRY(AET_ARRAY(m->a->n, "surface atoms", &s->near));
    AET_TRY(AET_ARRAY(m->a->n, "surface atoms", &s->x));
    for (int i = 0; i < m->a->n; i++)
        if (m->surface[i]) {
            memcpy(s->x[s->n], m->a->position_A[i], sizeof *s->x);
            s->atom[s->n++] = i;
        }
    return aet_cells_create(s->n, (const double(*)[3])s->x, 0.0, &s->cells);
}

/* Means of `from` over the atoms with known[i]; 0 where there are none around. */
static void smooth(const analysis *m, skin *s, const double *from, const bool *known, double *to)
{
    double sigma = m->params->strain_sigma_A;
    for (int i = 0; i < s->n; i++) {
        int n = aet_cells_gather(s->cells, s->x[i], 4.0 * sigma, -1, s->n, s->near);
        double sum = 0.0, weight = 0.0, d[3];
        for (int k = 0; k < n; k++) {
            int j = s->atom[s->near[k]];
            difference(s->x[s->near[k]], s->x[i], d);
            double w = known[j] ? exp(-0.5 * dot(d, d) / (sigma * sigma)) : 0.0;
            sum += w * from[j];
            weight += w;
        }
        to[s->atom[i]] = weight > 0.0 ? sum / weight : 0.0;
    }
}

static aet_err activity(analysis *m, skin *s)
{
    bool *known;
    const aet_column *on = aet_atoms_find_column(m->a, "active_site");
    if (!on)
        return AET_OK;
    AET_TRY(AET_ARRAY(m->a->n, "active sites", &known));
    for (int i = 0; i < m->a->n; i++)
        known[i] = on->values[i] == 1.0;
    double *to =
        aet_atoms_add_column(m->a, "surface_ln_activity", 1, "1",
                             "Gaussian mean of ln_activity over the active sites around, at "
                             "surface atoms; 0 inside")
            ->values;
    smooth(m, s, aet_atoms_find_column(m->a, "ln_activity")->values, known, to);
    aet_release(&known);
    return AET_OK;
}

aet_err analyse_surface_means(analysis *m)
{
    aet_err err = AET_OK;
    skin s = {0};
    AET_GO(skin_make(m, &s));
    if (m->strain) {
        double *to =
            aet_atoms_add_column(m->a, "surface_strain", 1, "1",
                                 "Gaussian mean of strain over the surface atoms around, at "
                                 "surface atoms; 0 inside")
                ->values;
        smooth(m, &s, m->strain, m->strained, to);
    }
    err = activity(m, &s);
done:
    skin_free(&s);
    return err;
}
