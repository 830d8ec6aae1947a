/* Order of the bonds around each atom: Steinhardt's Q4 and Q6, centrosymmetry, common neighbours.
 *
 * Q_l = sqrt(4 pi / (2l+1) sum_m |q_lm|^2), q_lm the mean of Y_lm over the bonds (Steinhardt et al.,
 * Phys. Rev. B 28, 784 (1983)); averaged over an atom and its neighbours before squaring (Lechner
 * and Dellago, J. Chem. Phys. 129, 114707 (2008)).
 *
 * Centrosymmetry: of the 12 nearest atoms (ties by index) the sum of the 6 smallest |R_i + R_j|^2
 * (Kelchner et al., Phys. Rev. B 58, 11085 (1998), as computed by LAMMPS); or over the best pairing of
 * all 12, which uses each of them once.
 *
 * Structure: common neighbours of the 12 nearest atoms, bonded within (1 + sqrt 2)/2 of their mean
 * distance (Honeycutt and Andersen, J. Phys. Chem. 91, 4950 (1987); cutoff: Stukowski, Modelling
 * Simul. Mater. Sci. Eng. 20, 045021 (2012)): 12 bonds 421 are fcc, 6 of 421 and 6 of 422 hcp. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/special.h"
#include "analyse/analyse_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

enum { SHELL = 12, Q4 = 5, Q6 = 7, Q = Q4 + Q6 };

/* ---- Steinhardt ---- */

static void mean_harmonics(const analysis *m, int i, double complex q[Q])
{
    int n = aet_neighbours_count(m->nb, i);
    memset(q, 0, Q * sizeof *q);
    for (int64_t k = m->nb->start[i]; k < m->nb->start[i + 1]; k++) {
        double d[3];
        double complex y[28]; /* degrees 0 to 6 */
        difference(m->a->position_A[m->nb->index[k]], m->a->position_A[i], d);
        aet_harmonics(6, d, y);
        for (int a = 0; a < Q; a++)
            q[a] += (a < Q4 ? y[10 + a] : y[21 + a - Q4]) / n;
    }
}

/* m = 0 counts once, m > 0 twice, for -m. */
static double invariant(int l, const double complex *q)
{
    double sum = creal(q[0]) * creal(q[0]);
    for (int k = 1; k <= l; k++)
        sum += 2.0 * (creal(q[k]) * creal(q[k]) + cimag(q[k]) * cimag(q[k]));
    return sqrt(4.0 * AET_PI / (2 * l + 1) * sum);
}

static void neighbour_mean(const analysis *m, int i, const double complex (*q)[Q],
                           double complex mean[Q])
{
    int n = 1 + aet_neighbours_count(m->nb, i);
    for (int a = 0; a < Q; a++)
        mean[a] = q[i][a] / n;
    for (int64_t k = m->nb->start[i]; k < m->nb->start[i + 1]; k++)
        for (int a = 0; a < Q; a++)
            mean[a] += q[m->nb->index[k]][a] / n;
}

/* Q4 and Q6 of ideal fcc and hcp. */
static const double ideal_fcc[2] = {0.19094065, 0.57452426},
                    ideal_hcp[2] = {0.09722222, 0.48476169};

/* What is read from these: order against fcc, and distances in the plane of the means. */
static void add_comparisons(aet_atoms *a)
{
    static const char *const names[] = {"bond_order", "q_to_fcc", "q_to_hcp"};
    static const char *const what[] = {"sqrt(q4^2 + q6^2) / that of fcc: 1 in a perfect crystal",
                                       "distance of (q4_mean, q6_mean) from ideal fcc",
                                       "distance of (q4_mean, q6_mean) from ideal hcp"};
    double *value[3];
    for (int k = 0; k < 3; k++)
        aet_atoms_add_column(a, names[k], 1, "1", what[k]);
    for (int k = 0; k < 3; k++)
        value[k] = aet_atoms_find_column(a, names[k])->values;
    const double *q4 = aet_atoms_find_column(a, "q4")->values,
                 *q6 = aet_atoms_find_column(a, "q6")->values,
                 *mean4 = aet_atoms_find_column(a, "q4_mean")->values,
                 *mean6 = aet_atoms_find_column(a, "q6_mean")->values;
    for (int i = 0; i < a->n; i++) {
        value[0][i] = hypot(q4[i], q6[i]) / hypot(ideal_fcc[0], ideal_fcc[1]);
        value[1][i] = hypot(mean4[i] - ideal_fcc[0], mean6[i] - ideal_fcc[1]);
        value[2][i] = hypot(mean4[i] - ideal_hcp[0], mean6[i] - ideal_hcp[1]);
    }
}

static aet_err add_steinhardt(analysis *m)
{
    static const char *const names[] = {"q4", "q6", "q4_mean", "q6_mean"};
    double complex(*q)[Q], mean[Q];
    double *value[4];
    AET_TRY(AET_ARRAY(m->a->n, "bond orders", &q));
    for (int k = 0; k < 4; k++)
        aet_atoms_add_column(m->a, names[k], 1, "1",
                             k < 2 ? "Steinhardt's bond-orientational order"
                                   : "the same, averaged over the atom and its neighbours");
    for (int k = 0; k < 4; k++)
        value[k] = aet_atoms_find_column(m->a, names[k])->values;
    for (int i = 0; i < m->a->n; i++)
        mean_harmonics(m, i, q[i]);
    for (int i = 0; i < m->a->n; i++) {
        value[0][i] = invariant(4, q[i]);
        value[1][i] = invariant(6, q[i] + Q4);
        neighbour_mean(m, i, (const double complex(*)[Q])q, mean);
        value[2][i] = invariant(4, mean);
        value[3][i] = invariant(6, mean + Q4);
    }
    aet_release(&q);
    add_comparisons(m->a);
    return AET_OK;
}

/* ---- the twelve nearest ---- */

typedef struct {
    double d[SHELL][3], length[SHELL];
    int n;
} shell;

static void nearest(const analysis *m, int i, double reach, shell *s)
{
    int index[SHELL];
    s->n = aet_cells_k_nearest(m->cells, m->a->position_A[i], SHELL, reach, i, index, s->length);
    for (int k = 0; k < s->n; k++)
        difference(m->a->position_A[index[k]], m->a->position_A[i], s->d[k]);
}

/* Keeps the smallest in ascending order; the last one falls out. */
static void keep_small(double value, int n, double *small)
{
    int k = n - 1;
    if (n == 0 || value >= small[k])
        return;
    for (; k > 0 && small[k - 1] > value; k--)
        small[k] = small[k - 1];
    small[k] = value;
}

static double centrosymmetry(const shell *s)
{
    double small[SHELL / 2], sum = 0.0;
    for (int k = 0; k < SHELL / 2; k++)
        small[k] = HUGE_VAL;
    for (int i = 0; i < s->n; i++)
        for (int j = 0; j < i; j++) {
            double both[3];
            for (int k = 0; k < 3; k++)
                both[k] = s->d[i][k] + s->d[j][k];
            keep_small(dot(both, both), s->n / 2, small);
        }
    for (int k = 0; k < s->n / 2; k++)
        sum += small[k];
    return sum;
}

/* The same over the pairing of the whole shell with the least sum, by dynamic programming over the sets
 * of atoms that are paired already (their lowest free atom takes any other). */
static double centrosymmetry_matched(const shell *s)
{
    double least[1 << SHELL], pair[SHELL][SHELL];
    if (s->n < SHELL)
        return centrosymmetry(s);
    for (int i = 0; i < SHELL; i++)
        for (int j = 0; j < SHELL; j++) {
            double both[3];
            for (int k = 0; k < 3; k++)
                both[k] = s->d[i][k] + s->d[j][k];
            pair[i][j] = dot(both, both);
        }
    for (int set = 0; set < 1 << SHELL; set++)
        least[set] = set ? HUGE_VAL : 0.0;
    for (int set = 0; set < (1 << SHELL) - 1; set++) {
        if (least[set] == HUGE_VAL)
            continue;
        int i = __builtin_ctz(~(unsigned)set);
        for (int j = i + 1; j < SHELL; j++)
            if (!(set >> j & 1)) {
                int next = set | 1 << i | 1 << j;
                least[next] = fmin(least[next], least[set] + pair[i][j]);
            }
    }
    return least[(1 << SHELL) - 1];
}

/* bonded[i]: a bit for each of the shell that i is bonded to. */
static void bond_bits(const shell *s, unsigned bonded[SHELL])
{
    double mean = 0.0, d[3];
    for (int i = 0; i < SHELL; i++)
        mean += s->length[i] / SHELL;
    double cutoff = 0.5 * (1.0 + sqrt(2.0)) * mean;
    memset(bonded, 0, SHELL * sizeof *bonded);
    for (int i = 0; i < SHELL; i++)
        for (int j = 0; j < SHELL; j++) {
            difference(s->d[i], s->d[j], d);
            if (i != j && dot(d, d) <= cutoff * cutoff)
                bonded[i] |= 1u << j;
        }
}

/* Longest chain of bonds among the common neighbours, walking on from atom `at`; each bond once. */
static int walk(const unsigned bonded[SHELL], unsigned common, int at, unsigned used[SHELL])
{
    int longest = 0;
    for (int j = 0; j < SHELL; j++) {
        if (!(bonded[at] & common & ~used[at] & 1u << j))
            continue;
        used[at] |= 1u << j;
        used[j] |= 1u << at;
        int chain = 1 + walk(bonded, common, j, used);
        used[at] &= ~(1u << j);
        used[j] &= ~(1u << at);
        longest = chain > longest ? chain : longest;
    }
    return longest;
}

/* 100 common neighbours + 10 bonds among them + the longest chain of these. */
static int signature(const unsigned bonded[SHELL], int i)
{
    unsigned common = bonded[i], used[SHELL] = {0};
    int neighbours = __builtin_popcount(common), ends = 0, longest = 0;
    if (neighbours != 4)
        return 0;
    for (int j = 0; j < SHELL; j++)
        if (common & 1u << j)
            ends += __builtin_popcount(bonded[j] & common);
    for (int j = 0; j < SHELL && ends == 4; j++)
        if (common & 1u << j) {
            int chain = walk(bonded, common, j, used);
            longest = chain > longest ? chain : longest;
        }
    return 100 * neighbours + 5 * ends + longest;
}

/* In hcp the six bonds 422 lie in the close-packed plane. */
static int structure_of(const shell *s, double normal[3])
{
    unsigned bonded[SHELL];
    int n421 = 0, n422 = 0;
    memset(normal, 0, 3 * sizeof *normal);
    if (s->n < SHELL)
        return AET_STRUCTURE_OTHER;
    bond_bits(s, bonded);
    for (int i = 0; i < SHELL; i++) {
        int bond = signature(bonded, i);
        n421 += bond == 421;
        n422 += bond == 422;
    }
    if (n421 == 12)
        return AET_STRUCTURE_FCC;
    if (n421 != 6 || n422 != 6)
        return AET_STRUCTURE_OTHER;
    double u[3] = {0}, w[3];
    for (int i = 0; i < SHELL; i++)
        if (signature(bonded, i) == 422)
            for (int j = 0; j < i; j++)
                if (signature(bonded, j) == 422) {
                    cross(s->d[i], s->d[j], w);
                    double sign = dot(u, w) < 0.0 ? -1.0 : 1.0;
                    for (int k = 0; k < 3; k++)
                        u[k] += sign * w[k];
                }
    normalise(u);
    memcpy(normal, u, sizeof u);
    return AET_STRUCTURE_HCP;
}

static void add_structure_scalars(analysis *m, const double *structure)
{
    static const char *const names[] = {"structure_other", "structure_fcc", "structure_hcp",
                                        "structure_surface"};
    int n[4] = {0};
    for (int i = 0; i < m->a->n; i++)
        n[(int)structure[i]]++;
    for (int k = 0; k < 4; k++)
        aet_atoms_add_scalar(m->a, names[k], (double)n[k] / m->a->n, "1",
                             "atoms of this structure / atoms");
}

static aet_err add_shells(analysis *m)
{
    shell s;
    AET_TRY(AET_ARRAY(m->a->n, "stacking directions", &m->stacking));
    aet_atoms_add_column(m->a, "centrosymmetry_A2", 1, "A^2",
                         m->params->centrosymmetry == AET_CSP_MATCHING
                             ? "least sum of |R_i + R_j|^2 over 6 pairs of the 12 nearest atoms"
                             : "sum of the 6 smallest |R_i + R_j|^2 among the 12 nearest atoms");
    aet_atoms_add_column(m->a, "structure", 1, "1",
                         "by common neighbours: 0 other, 1 fcc, 2 hcp, 3 surface");
    double *csp = aet_atoms_find_column(m->a, "centrosymmetry_A2")->values,
           *structure = aet_atoms_find_column(m->a, "structure")->values;
    double reach = m->cutoff_A > 0.0 ? 2.0 * m->cutoff_A : HUGE_VAL;
    for (int i = 0; i < m->a->n; i++) {
        nearest(m, i, reach, &s);
        csp[i] = m->params->centrosymmetry == AET_CSP_MATCHING ? centrosymmetry_matched(&s)
                                                               : centrosymmetry(&s);
        int kind = structure_of(&s, m->stacking[i]);
        structure[i] = kind == AET_STRUCTURE_OTHER && m->surface[i] ? AET_STRUCTURE_SURFACE : kind;
    }
    add_structure_scalars(m, structure);
    return AET_OK;
}

aet_err analyse_bonds(analysis *m)
{
    AET_TRY(add_steinhardt(m));
    AET_TRY(add_shells(m));
    return analyse_faults(m);
}
