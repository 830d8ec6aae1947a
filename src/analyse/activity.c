/* Generalised coordination and the oxygen-reduction activity it stands for.
 *
 * GCN_i = sum over neighbours of CN_j / 12 (Calle-Vallejo et al., Science 350, 185 (2015)).  With
 * the sum split by element and place (Jeong et al., Nat. Commun. 16, 8026 (2025), after Kluge et
 * al., Energy Environ. Sci. 15, 5181 (2022)), for an atom of the active element at the surface
 *
 *     ASGCN  = (ligand GCN_other + GCN_active) / (1 + S)
 *     MASGCN = (ligand GCN_other,below + GCN_other,surface + GCN_active) / (1 + S)
 *
 * S the linear strain of its first shell.  Variants (gcn): the strain in the sum, bond by bond, in place
 * of S, as GCN* = sum of d_bulk / (12 d_jk); or divided by the largest CN_j around, not by 12.  A volcano of two straight lines turns MASGCN into
 * ln(j / j_Pt(111)); the activity of a particle is the mean of j / j_Pt(111), not of its logarithm.
 *
 * Slopes of gcn-2015: energies of *OH and *OOH fall on 0.19146 and 0.16967 eV per unit of GCN,
 * divided by kT = 25.69258 meV at 298.15 K; the limiting step changes at 8.29358.  oh-2024: with x =
 * 0.19146 (GCN - 7.5) eV, x / kT up to x = 0.13198, then (0.26 - 0.97 x) / kT (Yang et al., Nat.
 * Catal. 7, 796 (2024)). */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "analyse/analyse_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

static const double pt111 = 7.5, ev_per_gcn = 0.19146, kT_eV = 0.02569258;

typedef struct {
    double rise, fall, top, height;
} volcano;

static volcano choose_volcano(const aet_analyse_params *p)
{
    const double top_eV = 0.26 / 1.97; /* x = 0.26 - 0.97 x */
    switch (p->volcano) {
    case AET_VOLCANO_GCN_2015:
        return (volcano){7.45196, -6.60385, 8.29358, 5.91371};
    case AET_VOLCANO_OH_2024:
        return (volcano){ev_per_gcn / kT_eV, -0.97 * ev_per_gcn / kT_eV,
                         pt111 + top_eV / ev_per_gcn, top_eV / kT_eV};
    default:
        return (volcano){p->volcano_rise, p->volcano_fall, p->volcano_top, p->volcano_height};
    }
}

static double ln_activity(const volcano *v, double gcn)
{
    return v->height + (gcn <= v->top ? v->rise : v->fall) * (gcn - v->top);
}

/* ---- what a neighbour counts ---- */

/* CN_j, or with gcn = bonds the sum of d_bulk / d_jk over the neighbours of j: strain bond by bond. */
static aet_err count_neighbours(analysis *m)
{
    double bulk = sqrt(0.5) * m->params->strain_reference_A;
    AET_TRY(AET_ARRAY(m->a->n, "coordination", &m->counted));
    for (int j = 0; j < m->a->n; j++) {
        m->counted[j] = aet_neighbours_count(m->nb, j);
        if (m->params->gcn != AET_GCN_OF_BONDS)
            continue;
        m->counted[j] = 0.0;
        for (int64_t k = m->nb->start[j]; k < m->nb->start[j + 1]; k++) {
            double d[3];
            difference(m->a->position_A[m->nb->index[k]], m->a->position_A[j], d);
            m->counted[j] += bulk / sqrt(dot(d, d));
        }
    }
    return AET_OK;
}

/* By what the sum around atom i is divided. */
static double divisor(const analysis *m, int i)
{
    double largest = 0.0;
    if (m->params->gcn != AET_GCN_OVER_LARGEST)
        return m->params->coordination_bulk;
    for (int64_t k = m->nb->start[i]; k < m->nb->start[i + 1]; k++)
        largest = fmax(largest, m->counted[m->nb->index[k]]);
    return fmax(largest, 1.0);
}

/* Sums over the neighbours. */
typedef struct {
    double active, other_surface, other_below;
} shares;

static shares split(const analysis *m, int i, int active)
{
    shares s = {0};
    double over = divisor(m, i);
    for (int64_t k = m->nb->start[i]; k < m->nb->start[i + 1]; k++) {
        int j = m->nb->index[k];
        double cn = m->counted[j] / over;
        if (m->a->species[j] == active)
            s.active += cn;
        else if (m->surface[j])
            s.other_surface += cn;
        else
            s.other_below += cn;
    }
    return s;
}

/* Of the first shell; where that is unknown the mean of its neighbours, and 0 without any. */
static double strain_of(const analysis *m, int i)
{
    double sum = 0.0;
    int n = 0;
    if (!m->strain || m->strained[i])
        return m->strain ? m->strain[i] : 0.0;
    for (int64_t k = m->nb->start[i]; k < m->nb->start[i + 1]; k++)
        if (m->strained[m->nb->index[k]]) {
            sum += m->strain[m->nb->index[k]];
            n++;
        }
    return n ? sum / n : 0.0;
}

static void add_gcn(analysis *m)
{
    double sum = 0.0;
    int n = 0;
    aet_column *col = aet_atoms_add_column(
        m->a, "gcn", 1, "1",
        "generalised coordination: sum of the neighbours' coordination / full coordination");
    for (int i = 0; i < m->a->n; i++) {
        shares s = split(m, i, 0);
        col->values[i] = s.active + s.other_surface + s.other_below;
        sum += m->surface[i] ? col->values[i] : 0.0;
        n += m->surface[i];
    }
    if (n > 0)
        aet_atoms_add_scalar(m->a, "gcn_surface", sum / n, "1",
                             "mean generalised coordination of the surface atoms");
}

typedef struct {
    double asgcn, masgcn, ln;
} site_activity;

static site_activity of_site(const analysis *m, int i, int active, const volcano *v)
{
    shares s = split(m, i, active);
    double ligand = m->params->ligand, S = pow(1.0 + strain_of(m, i), m->params->strain_power);
    if (m->params->gcn == AET_GCN_OF_BONDS)
        S = 1.0; /* the sums know it */
    site_activity a;
    a.asgcn = (ligand * (s.other_surface + s.other_below) + s.active) / S;
    a.masgcn = (ligand * s.other_below + s.other_surface + s.active) / S;
    a.ln = ln_activity(v, a.masgcn);
    return a;
}

/* Per site 1.6123e-12 mA exp(-(dG + eU)/kT), dG = -0.7178 eV on Pt(111): the prefactor makes Pt(111) at
 * 0.9 V what is measured (Calle-Vallejo et al. 2015; VlachosGroup, ORR-Optimization). */
static void add_current(analysis *m, double sum)
{
    const double site_mA = 1.6123e-12, pt111_eV = -0.71779;
    if (m->params->potential_V > 0.0)
        aet_atoms_add_scalar(m->a, "current_mA",
                             site_mA * sum * exp(-(pt111_eV + m->params->potential_V) / kT_eV),
                             "mA", "oxygen-reduction current of all active sites at potential_V");
}

static void add_scalars(analysis *m, int n, const double sum[3])
{
    aet_atoms_add_scalar(m->a, "active_sites", n, "1", "surface atoms of the active element");
    if (n == 0)
        return;
    aet_atoms_add_scalar(m->a, "asgcn", sum[0] / n, "1", "mean over active sites");
    aet_atoms_add_scalar(m->a, "masgcn", sum[1] / n, "1", "mean over active sites");
    aet_atoms_add_scalar(m->a, "activity", sum[2] / n, "1",
                         "mean of j / j_Pt(111) over active sites: specific activity");
    aet_atoms_add_scalar(m->a, "log10_activity", log10(sum[2] / n), "1",
                         "decimal logarithm of activity");
    add_current(m, sum[2]);
    aet_atoms_add_scalar(m->a, "activity_per_atom", sum[2] / m->a->n, "1",
                         "sum of j / j_Pt(111) over active sites / all atoms");
}

/* Means over the active sites of each facet. */
static void add_by_facet(analysis *m, const double *on, const double *ln)
{
    const aet_column *facet = aet_atoms_find_column(m->a, "facet");
    char name[32];
    for (int family = 100; facet && family <= 111; family += family == 100 ? 10 : 1) {
        double sum = 0.0;
        int n = 0;
        for (int i = 0; i < m->a->n; i++)
            if (on[i] == 1.0 && (int)facet->values[i] == family) {
                sum += exp(ln[i]);
                n++;
            }
        aet_fmt(name, sizeof name, "activity_%d", family);
        if (n > 0)
            aet_atoms_add_scalar(m->a, name, sum / n, "1",
                                 "mean of j / j_Pt(111) over active sites of this facet");
    }
}

static void add_activity(analysis *m, int active)
{
    static const char *const names[] = {"active_site", "asgcn", "masgcn", "ln_activity"};
    static const char *const what[] = {
        "1 for surface atoms of the active element; what follows is 0 elsewhere",
        "generalised coordination with strain and ligands",
        "the same, ligands below the surface only",
        "ln(j / j_Pt(111)) from masgcn by the volcano",
    };
    double *value[4], sum[3] = {0};
    volcano v = choose_volcano(m->params);
    int n = 0;
    for (int k = 0; k < 4; k++)
        aet_atoms_add_column(m->a, names[k], 1, "1", what[k]);
    for (int k = 0; k < 4; k++)
        value[k] = aet_atoms_find_column(m->a, names[k])->values;
    for (int i = 0; i < m->a->n; i++) {
        if (!m->surface[i] || m->a->species[i] != active)
            continue;
        site_activity s = of_site(m, i, active, &v);
        value[0][i] = 1.0;
        value[1][i] = s.asgcn;
        value[2][i] = s.masgcn;
        value[3][i] = s.ln;
        sum[0] += s.asgcn;
        sum[1] += s.masgcn;
        sum[2] += exp(s.ln);
        n++;
    }
    add_scalars(m, n, sum);
    add_by_facet(m, value[0], value[3]);
}

aet_err analyse_activity(analysis *m)
{
    const char *name = m->params->active;
    int active = aet_element_number(name);
    AET_CHECK(!name[0] || active > 0, AET_ERR_USAGE,
              "analyse.active = %s is no element; expected a symbol, e.g. Pt, or nothing", name);
    AET_TRY(count_neighbours(m));
    add_gcn(m);
    if (active > 0 && aet_atoms_count(m->a, active) > 0)
        add_activity(m, active);
    return AET_OK;
}
