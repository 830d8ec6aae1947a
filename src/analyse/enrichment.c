/* Where one element gathers: order of any shell, mixed surroundings, and the width of an interface.
 *
 * Enrichment of element E around atom i, p its share among the neighbours up to a shell and C that in
 * the particle (Li, Sheng and Ma, Nat. Rev. Mater. 4, 642 (2019), the like-pair parameter for atoms of
 * E and minus the unlike-pair one for others): (p - C)/(1 - C) for atoms of E, p/C - 1 for others;
 * positive where E gathers.
 *
 * Interface: composition smoothed by a Gaussian of the lattice constant parts the model in two at one
 * half; with s the distance of an atom to the nearest one of the other part, less half a neighbour
 * distance and negative on the side of E, the share of E follows an error function, whose width from
 * 10 to 90 % is 2.563 of its sigma. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "analyse/analyse_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

/* r_m of the m-th fcc shell is sqrt(m/2) a; the cutoff lies midway to the next. */
static double shell_cutoff(const analysis *m, int shell)
{
    double a = analyse_has_lattice(m) ? m->constant_A : sqrt(2.0) * m->shells.peak_A;
    return 0.5 * a * (sqrt(0.5 * shell) + sqrt(0.5 * (shell + 1)));
}

static int find_kind(const analysis *m, int z)
{
    for (int s = 0; s < m->n_species; s++)
        if (m->z[s] == z)
            return s;
    return -1;
}

/* ---- order of shells ---- */

typedef struct {
    double enriched[2], fraction; /* sums over atoms of E and others; E around mixed others */
    int n[2], mixed, mixed_others;
} sums;

typedef struct {
    double *order, *mixed, *share; /* columns */
} columns;

/* Neighbours of atom i farther than `from`, and those of kind e among them. */
static int count_kind(const analysis *m, const aet_neighbours *nb, int e, int i, double from,
                      int *of_e)
{
    int n = 0;
    *of_e = 0;
    for (int64_t k = nb->start[i]; k < nb->start[i + 1]; k++) {
        double d[3];
        difference(m->a->position_A[nb->index[k]], m->a->position_A[i], d);
        if (dot(d, d) <= from * from)
            continue;
        n++;
        *of_e += m->kind[nb->index[k]] == e;
    }
    return n;
}

static void one_atom(const analysis *m, const aet_neighbours *nb, int e, int i, double from,
                     const columns *col, sums *s)
{
    double c = (double)m->count[e] / m->a->n, *order = col->order, *mixed = col->mixed;
    int of_e, n = count_kind(m, nb, e, i, from, &of_e), other = m->kind[i] != e;
    mixed[i] = of_e > 0 && of_e < n;
    s->mixed += (int)mixed[i];
    if (n == 0)
        return;
    double p = (double)of_e / n;
    col->share[i] = p;
    order[i] = other ? p / c - 1.0 : (p - c) / (1.0 - c);
    s->enriched[other] += order[i];
    s->n[other]++;
    if (other && mixed[i] == 1.0) {
        s->fraction += p;
        s->mixed_others++;
    }
}

static void add_sums(analysis *m, const char *symbol, const sums *s)
{
    char name[48];
    for (int other = 0; other < 2 && s->n[other]; other++) {
        aet_fmt(name, sizeof name, "enrichment_%s_%s", symbol, other ? "others" : symbol);
        aet_atoms_add_scalar(m->a, name, s->enriched[other] / s->n[other], "1",
                             other ? "mean enrichment around the other atoms"
                                   : "mean enrichment around atoms of the element itself");
    }
    aet_atoms_add_scalar(m->a, "mixed", (double)s->mixed / m->a->n, "1",
                         "atoms with both kinds in the shells of the enrichment / atoms");
    aet_fmt(name, sizeof name, "mixed_fraction_%s", symbol);
    if (s->mixed_others)
        aet_atoms_add_scalar(m->a, name, s->fraction / s->mixed_others, "1",
                             "mean share of the element in mixed shells of other atoms");
}

/* csro averaged over the atoms of each species within the shells, then over the species there: with two,
 * half the sum of the order around A and around B. */
static void add_sphere(analysis *m, const aet_neighbours *nb)
{
    double *mean = aet_atoms_add_column(m->a, "csro_sphere", 1, "1",
                                        "mean csro within the shells of the enrichment, of each "
                                        "species alike")
                       ->values;
    const double *csro = aet_atoms_find_column(m->a, "csro")->values;
    for (int i = 0; i < m->a->n; i++) {
        double sum[8] = {0};
        int n[8] = {0}, species = 0;
        sum[m->kind[i]] = csro[i];
        n[m->kind[i]] = 1;
        for (int64_t k = nb->start[i]; k < nb->start[i + 1]; k++) {
            sum[m->kind[nb->index[k]]] += csro[nb->index[k]];
            n[m->kind[nb->index[k]]]++;
        }
        for (int s = 0; s < m->n_species; s++) {
            mean[i] += n[s] ? sum[s] / n[s] : 0.0;
            species += n[s] > 0;
        }
        mean[i] /= species;
    }
}

static columns add_columns(analysis *m, const char *symbol)
{
    char name[48], share[48], text[160];
    bool single = m->params->enrichment_single;
    int shell = m->params->enrichment_shell;
    aet_fmt(name, sizeof name, "enrichment_%s", symbol);
    aet_fmt(text, sizeof text,
            "of %s %s %d%s: (p-C)/(1-C) around its own atoms, p/C-1 around others", symbol,
            single ? "in shell" : "within", shell, single ? "" : " shells");
    aet_atoms_add_column(m->a, name, 1, "1", text);
    aet_fmt(share, sizeof share, "local_fraction_%s", symbol);
    aet_fmt(text, sizeof text, "share of %s among the neighbours %s %d%s", symbol,
            single ? "in shell" : "within", shell, single ? "" : " shells");
    aet_atoms_add_column(m->a, share, 1, "1", text);
    aet_atoms_add_column(m->a, "mixed", 1, "1", "1 with both kinds within these shells");
    return (columns){.order = aet_atoms_find_column(m->a, name)->values,
                     .share = aet_atoms_find_column(m->a, share)->values,
                     .mixed = aet_atoms_find_column(m->a, "mixed")->values};
}

static aet_err add_order(analysis *m, int e)
{
    aet_neighbours *nb = NULL;
    const char *symbol = aet_element_symbol(m->z[e]);
    int shell = m->params->enrichment_shell;
    double from = m->params->enrichment_single && shell > 1 ? shell_cutoff(m, shell - 1) : 0.0;
    sums s = {0};
    AET_TRY(aet_neighbours_find(m->cells, shell_cutoff(m, shell), &nb));
    columns col = add_columns(m, symbol);
    for (int i = 0; i < m->a->n; i++)
        one_atom(m, nb, e, i, from, &col, &s);
    add_sums(m, symbol, &s);
    add_sphere(m, nb);
    aet_neighbours_free(&nb);
    return AET_OK;
}

/* ---- interface ---- */

typedef struct {
    double (*x)[3];
    int n;
    aet_cells *cells;
} part;

/* 1 where the smoothed share of E is above one half. */
static aet_err sides(const analysis *m, int e, double sigma, bool *inside)
{
    aet_err err = AET_OK;
    int *index = NULL;
    double *weight = NULL;
    aet_cells *wide = NULL;
    AET_GO(aet_cells_create(m->a->n, (const double(*)[3])m->a->position_A, sigma, &wide));
    AET_GO(AET_ARRAY(m->a->n, "surroundings of atoms", &index));
    AET_GO(AET_ARRAY(m->a->n, "surroundings of atoms", &weight));
    for (int i = 0; i < m->a->n; i++) {
        int n = aet_cells_weigh(wide, m->a->position_A[i], sigma, 4.0 * sigma, index, weight);
        double all = 0.0, own = 0.0;
        for (int k = 0; k < n; k++) {
            all += weight[k];
            own += m->kind[index[k]] == e ? weight[k] : 0.0;
        }
        inside[i] = own > 0.5 * all;
    }
done:
    aet_cells_free(&wide);
    aet_release(&index);
    aet_release(&weight);
    return err;
}

static aet_err part_make(const analysis *m, const bool *inside, bool which, part *p)
{
    AET_TRY(AET_ARRAY(m->a->n, "one side of an interface", &p->x));
    for (int i = 0; i < m->a->n; i++)
        if (inside[i] == which)
            memcpy(p->x[p->n++], m->a->position_A[i], sizeof *p->x);
    return aet_cells_create(p->n, (const double(*)[3])p->x, 0.0, &p->cells);
}

static void part_free(part *p)
{
    aet_cells_free(&p->cells);
    aet_release(&p->x);
}

/* Share of E at distance s: c[0] far outside, c[1] far inside, middle c[2], sigma c[3]; and how it
 * changes with these. */
static double model(const double c[4], double s, double slope[4])
{
    double t = (s - c[2]) / (sqrt(2.0) * c[3]), half = 0.5 * erfc(t);
    double bell = exp(-t * t) / sqrt(2.0 * AET_PI) / c[3];
    slope[0] = 1.0 - half;
    slope[1] = half;
    slope[2] = (c[1] - c[0]) * bell;
    slope[3] = (c[1] - c[0]) * bell * (s - c[2]) / c[3];
    return c[0] + (c[1] - c[0]) * half;
}

/* Gauss-Newton from a sharp step; false when it leads nowhere. */
static bool fit_width(const analysis *m, int e, const double *s, double c[4])
{
    for (int round = 0; round < 50; round++) {
        double normal[16] = {0}, right[4] = {0}, step[4], slope[4];
        for (int i = 0; i < m->a->n; i++) {
            double miss = (m->kind[i] == e) - model(c, s[i], slope);
            for (int a = 0; a < 4; a++) {
                right[a] += slope[a] * miss;
                for (int b = 0; b < 4; b++)
                    normal[4 * a + b] += slope[a] * slope[b];
            }
        }
        if (aet_solve(4, 1, normal, right, step) != AET_OK) {
            aet_error_clear();
            return false;
        }
        for (int a = 0; a < 4; a++)
            c[a] += a == 3 ? fmax(-0.5 * c[3], fmin(c[3], step[3])) : step[a];
        if (fabs(step[2]) + fabs(step[3]) < 1e-6)
            return c[1] - c[0] > 0.5 && c[3] < 50.0;
    }
    return false;
}

static void signed_distances(const analysis *m, const bool *inside, const part *in, const part *out,
                             double *s)
{
    for (int i = 0; i < m->a->n; i++) {
        double d;
        aet_cells_nearest((inside[i] ? out : in)->cells, m->a->position_A[i], HUGE_VAL, -1, &d);
        d -= 0.5 * m->shells.peak_A;
        s[i] = inside[i] ? -d : d;
    }
}

static void add_width(analysis *m, int e, const double *s)
{
    double c[4] = {0.0, 1.0, 0.0, 1.0};
    const char *symbol = aet_element_symbol(m->z[e]);
    char text[160];
    if (!fit_width(m, e, s, c))
        return;
    aet_fmt(text, sizeof text, "from 10 to 90 %% of the change in the share of %s", symbol);
    aet_atoms_add_scalar(m->a, "interface_width_A", 2.0 * 1.2815515655 * c[3], "A", text);
    aet_fmt(text, sizeof text,
            "to the interface where the smoothed share of %s is a half; negative on its side",
            symbol);
    double *col = aet_atoms_add_column(m->a, "interface_distance_A", 1, "A", text)->values;
    memcpy(col, s, (size_t)m->a->n * sizeof *col);
}

static aet_err add_interface(analysis *m, int e)
{
    aet_err err = AET_OK;
    bool *inside = NULL;
    double *s = NULL, sigma = analyse_has_lattice(m) ? m->constant_A : sqrt(2.0) * m->shells.peak_A;
    part in = {0}, out = {0};
    AET_GO(AET_ARRAY(m->a->n, "sides of an interface", &inside));
    AET_GO(AET_ARRAY(m->a->n, "sides of an interface", &s));
    AET_GO(sides(m, e, sigma, inside));
    AET_GO(part_make(m, inside, true, &in));
    AET_GO(part_make(m, inside, false, &out));
    if (20 * in.n >= m->a->n && 20 * out.n >= m->a->n) { /* less is no body of its own */
        signed_distances(m, inside, &in, &out, s);
        add_width(m, e, s);
    }
done:
    part_free(&in);
    part_free(&out);
    aet_release(&inside);
    aet_release(&s);
    return err;
}

aet_err analyse_enrichment(analysis *m)
{
    const char *name = m->params->enrichment;
    int z = aet_element_number(name);
    AET_CHECK(!name[0] || z > 0, AET_ERR_USAGE,
              "analyse.enrichment = %s is no element; expected a symbol, e.g. Ni, or nothing",
              name);
    int e = name[0] ? find_kind(m, z) : 0;
    if (m->n_species < 2 || e < 0 || m->shells.peak_A <= 0.0)
        return AET_OK;
    AET_TRY(add_order(m, e));
    analyse_segregation(m, e);
    return add_interface(m, e);
}
