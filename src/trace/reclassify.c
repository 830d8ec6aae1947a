/* Local reclassification: an atom gets the species whose mean intensity among the
 * atoms around it is nearer to its own (Li et al., Nat. Commun. 14, 2934 (2023);
 * Yang et al., Nature 592, 60 (2021)).  It follows intensities that drift from
 * the core of a particle to its surface, which one limit for all cannot. */
#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/cells.h"
#include <math.h>
#include <string.h>

#define ROUNDS 100
/* The mean of the whole model counts as this many atoms, so
 * that a species that is rare around an atom has a mean. */
#define PRIOR 3.0

/* Peaks with a species: where they are, how bright, which. */
typedef struct {
    int n, n_species;
    int *index;
    double (*at)[3];
    double *x;
    int *label;
    double mean[AET_TRACE_SPECIES_MAX + 1];
} crowd;

static void global_means(crowd *c)
{
    double sum[AET_TRACE_SPECIES_MAX + 1] = {0};
    int count[AET_TRACE_SPECIES_MAX + 1] = {0};
    for (int i = 0; i < c->n; i++) {
        sum[c->label[i]] += c->x[i];
        count[c->label[i]]++;
    }
    for (int s = 1; s <= c->n_species; s++)
        if (count[s] > 0)
            c->mean[s] = sum[s] / count[s];
}

static int nearest_species(const crowd *c, const aet_neighbours *nb, int i)
{
    double sum[AET_TRACE_SPECIES_MAX + 1], least = INFINITY;
    double weight[AET_TRACE_SPECIES_MAX + 1];
    int best = c->label[i];
    for (int s = 1; s <= c->n_species; s++) {
        weight[s] = PRIOR;
        sum[s] = PRIOR * c->mean[s];
    }
    for (int64_t k = nb->start[i]; k < nb->start[i + 1]; k++) {
        sum[c->label[nb->index[k]]] += c->x[nb->index[k]];
        weight[c->label[nb->index[k]]]++;
    }
    for (int s = 1; s <= c->n_species; s++) {
        double d = fabs(c->x[i] - sum[s] / weight[s]);
        best = d < least ? s : best;
        least = fmin(least, d);
    }
    return best;
}

/* All change at once, until none does. */
static aet_err settle(crowd *c, const aet_neighbours *nb)
{
    int *fresh = NULL, changed = 1;
    AET_TRY(AET_ARRAY(c->n, "species", &fresh));
    for (int round = 0; round < ROUNDS && changed > 0; round++) {
        changed = 0;
        global_means(c);
        for (int i = 0; i < c->n; i++) {
            fresh[i] = nearest_species(c, nb, i);
            changed += fresh[i] != c->label[i];
        }
        memcpy(c->label, fresh, (size_t)c->n * sizeof *fresh);
    }
    aet_release(&fresh);
    return AET_OK;
}

static aet_err gather(const aet_peaks *peaks, crowd *c)
{
    AET_TRY(AET_ARRAY(peaks->n, "atoms to reclassify", &c->index));
    AET_TRY(AET_ARRAY(peaks->n, "their positions", &c->at));
    AET_TRY(AET_ARRAY(peaks->n, "their intensities", &c->x));
    AET_TRY(AET_ARRAY(peaks->n, "their species", &c->label));
    for (int i = 0; i < peaks->n; i++)
        if (peaks->peak[i].label > 0) {
            c->index[c->n] = i;
            memcpy(c->at[c->n], peaks->peak[i].at, sizeof *c->at);
            c->x[c->n] = peaks->peak[i].intensity;
            c->label[c->n++] = peaks->peak[i].label;
        }
    return AET_OK;
}

aet_err aet_trace_reclassify(aet_peaks *peaks, int n_species, double radius, int *changed)
{
    aet_err err = AET_OK;
    crowd c = {.n_species = n_species};
    aet_cells *cells = NULL;
    aet_neighbours *nb = NULL;

    *changed = 0;
    if (n_species < 2 || radius <= 0)
        return AET_OK;
    AET_GO(gather(peaks, &c));
    AET_GO(aet_cells_create(c.n, (const double(*)[3])c.at, 0.5 * radius, &cells));
    AET_GO(aet_neighbours_find(cells, radius, &nb));
    AET_GO(settle(&c, nb));
    for (int i = 0; i < c.n; i++) {
        *changed += peaks->peak[c.index[i]].label != c.label[i];
        peaks->peak[c.index[i]].label = c.label[i];
    }
done:
    aet_neighbours_free(&nb);
    aet_cells_free(&cells);
    aet_release(&c.index);
    aet_release(&c.at);
    aet_release(&c.x);
    aet_release(&c.label);
    return err;
}
