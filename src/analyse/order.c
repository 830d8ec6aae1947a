/* Composition and chemical short-range order, in the mean and over depth. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "analyse/analyse_priv.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct {
    int n[8], bonded[8]; /* atoms, and atoms with neighbours, of each species */
    double p[8][8];      /* mean share of species b among the neighbours of those of species a */
} region;

/* Share of each species among the neighbours of atom i; false when it has none. */
static bool shares(const analysis *m, int i, double p[8])
{
    int n = aet_neighbours_count(m->nb, i);
    memset(p, 0, 8 * sizeof *p);
    for (int64_t k = m->nb->start[i]; k < m->nb->start[i + 1]; k++)
        p[m->kind[m->nb->index[k]]] += 1.0;
    for (int b = 0; b < 8 && n > 0; b++)
        p[b] /= n;
    return n > 0;
}

/* Sums over the atoms with low <= depth < high. */
static region collect(const analysis *m, double low, double high)
{
    region g = {0};
    for (int i = 0; i < m->a->n; i++) {
        double p[8];
        int a = m->kind[i];
        if (m->depth_A[i] < low || m->depth_A[i] >= high)
            continue;
        g.n[a]++;
        if (!shares(m, i, p))
            continue;
        g.bonded[a]++;
        for (int b = 0; b < m->n_species; b++)
            g.p[a][b] += p[b];
    }
    for (int a = 0; a < 8; a++)
        for (int b = 0; b < 8 && g.bonded[a]; b++)
            g.p[a][b] /= g.bonded[a];
    return g;
}

static double content(const analysis *m, int species)
{
    return (double)m->count[species] / m->a->n;
}

/* Warren-Cowley: 1 - p_ab/c_b for unlike species, (p_aa - c_a)/(1 - c_a) for like ones. */
static double warren_cowley(const analysis *m, const region *g, int a, int b)
{
    double c = content(m, b);
    return a == b ? (g->p[a][a] - c) / (1.0 - c) : 1.0 - g->p[a][b] / c;
}

static void add_region(analysis *m, const region *g, const char *suffix)
{
    int total = 0;
    for (int s = 0; s < m->n_species; s++)
        total += g->n[s];
    for (int s = 0; s < m->n_species && total; s++) {
        analyse_add_for(m, "atoms", s, suffix, g->n[s], "1", "atoms of this species");
        analyse_add_for(m, "fraction", s, suffix, (double)g->n[s] / total, "1",
                        "atoms of this species / atoms");
    }
    for (int a = 0; a < m->n_species && m->n_species > 1; a++)
        for (int b = 0; b < m->n_species && g->bonded[a]; b++) {
            char prefix[32];
            aet_fmt(prefix, sizeof prefix, "csro_%s", aet_element_symbol(m->z[a]));
            analyse_add_for(m, prefix, b, suffix, warren_cowley(m, g, a, b), "1",
                            "mean Warren-Cowley parameter over atoms of "
                            "the first species, neighbours of the second");
        }
}

/* Per atom: unlike neighbours against unlike atoms in the particle. */
static const double *add_csro(analysis *m)
{
    aet_column *col = aet_atoms_add_column(
        m->a, "csro", 1, "1",
        "1 - p/c: share of other species among the neighbours against that in the "
        "particle; 0 without neighbours");
    for (int i = 0; i < m->a->n; i++) {
        double p[8];
        int a = m->kind[i];
        if (shares(m, i, p))
            col->values[i] = 1.0 - (1.0 - p[a]) / (1.0 - content(m, a));
    }
    return col->values;
}

/* --- the profile ------------------------------------------------------------------------------ */

typedef struct {
    double width, offset; /* bin = floor(depth/width + offset) */
} binning;

static binning choose_bins(const analysis *m)
{
    if (m->params->depth_bin_A > 0.0)
        return (binning){m->params->depth_bin_A, 0.0};
    /* Under a (111) face the distances to the nearest surface atom are 1,
     * 1.73, 2.45, 3.32, ... NN: within 0.1 of multiples of the layer
     * distance sqrt(2/3) NN, so bins centred on these hold one layer each. */
    double nn = 2 * m->grains->assigned >= m->a->n ? sqrt(0.5) * m->constant_A : m->shells.peak_A;
    return (binning){nn > 0.0 ? sqrt(2.0 / 3.0) * nn : 1.0, 0.5};
}

static int bin_of(const binning *b, double depth)
{
    return (int)floor(depth / b->width + b->offset);
}

/* Columns: depth, atoms, then of each species number,
 * fraction, its standard error and mean CSRO. */
enum { PER_SPECIES = 4, MAX_WIDTH = 2 + 8 * PER_SPECIES };

static aet_curve *new_profile(analysis *m, int bins)
{
    static const char *const each[PER_SPECIES] = {"atoms", "fraction", "error", "csro"};
    char text[MAX_WIDTH][32];
    const char *heads[MAX_WIDTH];
    aet_fmt(text[0], sizeof text[0], "depth_A");
    aet_fmt(text[1], sizeof text[1], "atoms");
    for (int k = 0; k < PER_SPECIES * m->n_species; k++)
        aet_fmt(text[2 + k], sizeof text[0], "%s_%s", each[k % PER_SPECIES],
                aet_element_symbol(m->z[k / PER_SPECIES]));
    for (int k = 0; k < MAX_WIDTH; k++)
        heads[k] = text[k];
    return aet_atoms_add_curve(
        m->a, "depth_profile", bins, 2 + PER_SPECIES * m->n_species, heads,
        "composition and mean CSRO by distance to the nearest surface atom (bin centres; "
        "error: sqrt(f (1-f)/atoms))");
}

static void add_profile(analysis *m, const double *csro)
{
    binning b = choose_bins(m);
    int bins = 1;
    for (int i = 0; i < m->a->n; i++)
        bins = bin_of(&b, m->depth_A[i]) >= bins ? bin_of(&b, m->depth_A[i]) + 1 : bins;
    aet_curve *c = new_profile(m, bins);
    for (int i = 0; i < m->a->n; i++) {
        double *row = c->values + (int64_t)bin_of(&b, m->depth_A[i]) * c->width;
        double *own = row + 2 + PER_SPECIES * m->kind[i];
        row[1] += 1.0;
        own[0] += 1.0;
        own[3] += csro ? csro[i] : 0.0;
    }
    for (int k = 0; k < bins; k++) {
        double *row = c->values + (int64_t)k * c->width;
        row[0] = (k + 0.5 - b.offset) * b.width;
        for (int s = 0; s < m->n_species && row[1] > 0.0; s++) {
            double *own = row + 2 + PER_SPECIES * s;
            own[1] = own[0] / row[1];
            own[2] = sqrt(own[1] * (1.0 - own[1]) / row[1]);
            own[3] /= own[0] > 0.0 ? own[0] : 1.0;
        }
    }
}

aet_err analyse_order(analysis *m)
{
    const double core = m->params->core_depth_A;
    region all = collect(m, 0.0, DBL_MAX), outer = collect(m, 0.0, core),
           inner = collect(m, core, DBL_MAX);
    add_region(m, &all, "");
    add_region(m, &outer, "_surface");
    add_region(m, &inner, "_core");
    add_profile(m, m->n_species > 1 ? add_csro(m) : NULL);
    return AET_OK;
}
