/* The pair distribution of a finite particle, normalised. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "analyse/analyse_priv.h"

#include <math.h>

enum { PROBES = 2000, FEWEST = 20, MAX_HEADS = 4 + 36 };

/* Atoms deeper than `depth`, thinned evenly to at most PROBES; gives their number. */
static int deep_atoms(const analysis *m, double depth, int *index)
{
    int n = 0, kept = 0, seen = 0;
    for (int i = 0; i < m->a->n; i++)
        n += m->depth_A[i] >= depth;
    int step = n / PROBES + 1;
    for (int i = 0; i < m->a->n; i++)
        if (m->depth_A[i] >= depth && seen++ % step == 0)
            index[kept++] = i;
    return kept;
}

/* Number density inside.  On a lattice it is 4/a^3 over the filled sites; else the mean of
 * Gaussian-weighted counts around atoms deeper than three widths: on a lattice such a sum deviates
 * from the density by exp(-2 pi^2 s^2 q^2) only, 1e-7 for s = 0.75 nearest-neighbour distances and
 * the shortest q = sqrt 3/a.  Small particles without such atoms use those of the deepest third,
 * and come out some per cent too thin. */
static double density(const analysis *m)
{
    if (2 * m->grains->assigned >= m->a->n)
        return 4.0 / pow(m->constant_A, 3);
    double sigma = 0.75 * m->shells.peak_A, deepest = 0.0, sum = 0.0;
    int *index = AET_NEW(int, m->a->n);
    for (int i = 0; i < m->a->n; i++)
        deepest = fmax(deepest, m->depth_A[i]);
    int n = deep_atoms(m, 3.0 * sigma, index);
    if (n < FEWEST)
        n = deep_atoms(m, 2.0 / 3.0 * deepest, index);
    for (int k = 0; k < n; k++)
        sum += aet_cells_gauss(m->cells, m->a->position_A[index[k]], sigma);
    aet_release(&index);
    return sum / n / pow(2.0 * AET_PI * sigma * sigma, 1.5);
}

static void name_heads(const analysis *m, char text[MAX_HEADS][32], const char *heads[MAX_HEADS])
{
    static const char *const first[] = {"r_A", "pairs", "g_raw", "g"};
    for (int k = 0; k < 4; k++)
        aet_fmt(text[k], sizeof text[k], "%s", first[k]);
    for (int b = 0; b < m->n_species; b++)
        for (int a = 0; a <= b; a++)
            aet_fmt(text[4 + aet_pair_row(a, b)], sizeof text[0], "g_%s_%s",
                    aet_element_symbol(m->z[a]), aet_element_symbol(m->z[b]));
    for (int k = 0; k < MAX_HEADS; k++)
        heads[k] = text[k];
}

/* Pairs expected in a shell for unit pair density:
 * n_a n_b, or n_a^2/2 for equal kinds, over n^2. */
static double pair_share(const analysis *m, int a, int b)
{
    double ca = (double)m->count[a] / m->a->n, cb = (double)m->count[b] / m->a->n;
    return a == b ? 0.5 * ca * cb : ca * cb;
}

static void fill_row(const analysis *m, int bin, double rho, double diameter, int partials,
                     double *row)
{
    const aet_pairs *p = &m->pairs;
    double r1 = bin * p->width_A, r2 = r1 + p->width_A, r = 0.5 * (r1 + r2), total = 0.0;
    double ideal = m->a->n * rho * 4.0 / 3.0 * AET_PI * (r2 * r2 * r2 - r1 * r1 * r1);
    double overlap = aet_ball_overlap(r, diameter),
           inside = overlap > 0.01 ? ideal * overlap : HUGE_VAL;
    for (int k = 0; k < p->rows; k++)
        total += (double)p->pairs[(int64_t)k * p->bins + bin];
    row[0] = r;
    row[1] = total;
    row[2] = total / (0.5 * ideal);
    row[3] = total / (0.5 * inside);
    for (int b = 0; b < m->n_species && partials > 0; b++)
        for (int a = 0; a <= b; a++) {
            int k = aet_pair_row(a, b);
            row[4 + k] =
                (double)p->pairs[(int64_t)k * p->bins + bin] / (pair_share(m, a, b) * inside);
        }
}

aet_err analyse_pairs(analysis *m)
{
    if (m->shells.peak_A <= 0.0)
        return AET_OK; /* fewer than two atoms, or none within the range */
    char text[MAX_HEADS][32];
    const char *heads[MAX_HEADS];
    double rho = density(m), diameter = cbrt(6.0 * m->a->n / (AET_PI * rho));
    int partials = m->n_species > 1 ? m->pairs.rows : 0, width = 4 + partials;
    name_heads(m, text, heads);
    aet_curve *c = aet_atoms_add_curve(m->a, "pair_distribution", m->pairs.bins, width, heads,
                                       "pairs by distance; g_raw: over shell volume and density; g "
                                       "and partials: also over the overlap of a ball of "
                                       "the same volume, so that they tend to 1");
    for (int bin = 0; bin < m->pairs.bins; bin++)
        fill_row(m, bin, rho, diameter, partials, c->values + (int64_t)bin * width);
    aet_atoms_add_scalar(m->a, "pair_peak_A", m->shells.peak_A, "A",
                         "first peak of the pair distribution");
    aet_atoms_add_scalar(m->a, "pair_valley_A", m->shells.valley_A, "A",
                         m->shells.valley_found ? "first valley of the pair distribution"
                                                : "no first valley: 1.207 times the first peak");
    aet_atoms_add_scalar(m->a, "density_per_A3", rho, "A^-3",
                         "atoms per volume inside the particle");
    aet_atoms_add_scalar(m->a, "ball_diameter_A", diameter, "A",
                         "diameter of the ball of the same volume");
    return AET_OK;
}
