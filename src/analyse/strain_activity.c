/* Oxygen reduction from strain and facet alone, for particles of one metal.
 *
 * The binding energy of OH, against that on unstrained Pt(111) and positive for weaker binding, follows
 * the linear strain e of the first shell: x = -k111 e on {111} (compression weakens it) and x = x100 +
 * k100 e on {100}, where the fourfold sites behave the other way (Dietze and Groenbeck, ChemPhysChem 21,
 * 2407 (2020)).  Activity is the volcano over x, x/kT up to its top at 0.132 eV, then (0.26 - 0.97 x)/kT
 * (Norskov et al., J. Phys. Chem. B 108, 17886 (2004); slopes: Yang et al., Nat. Catal. 7, 796 (2024)).
 * The energies are parameters: published as lines in figures, not as numbers.  Defaults: k111 from the
 * same site regression as the slopes, x100 from the coordination 6.667 of a {100} terrace. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "analyse/analyse_priv.h"

#include <math.h>

static const double kT_eV = 0.02569258; /* at 298.15 K */

static double ln_of_energy(double x_eV)
{
    return fmin(x_eV, 0.26 - 0.97 * x_eV) / kT_eV;
}

static double energy_of(const aet_analyse_params *p, int facet, double strain)
{
    return facet == 111 ? -p->oh_111_eV * strain : p->oh_100_zero_eV + p->oh_100_eV * strain;
}

static void add_mean(analysis *m, const double *ln, const double *on, const double *facet,
                     int family)
{
    char name[32];
    double sum = 0.0;
    int n = 0;
    for (int i = 0; i < m->a->n; i++)
        if (on[i] == 1.0 && (int)facet[i] == family) {
            sum += exp(ln[i]);
            n++;
        }
    aet_fmt(name, sizeof name, "strain_activity_%d", family);
    if (n > 0)
        aet_atoms_add_scalar(m->a, name, sum / n, "1",
                             "mean of j / j_Pt(111) from the strain of active sites on this facet");
}

aet_err analyse_strain_activity(analysis *m)
{
    int active = aet_element_number(m->params->active);
    const aet_column *facet = aet_atoms_find_column(m->a, "facet");
    if (!facet || !m->strain || active <= 0 || aet_atoms_count(m->a, active) == 0)
        return AET_OK;
    aet_atoms_add_column(m->a, "strain_active", 1, "1",
                         "1 for active sites on {111} and {100} with a known strain");
    aet_atoms_add_column(m->a, "ln_strain_activity", 1, "1",
                         "ln(j / j_Pt(111)) from strain and facet there; 0 elsewhere");
    double *on = aet_atoms_find_column(m->a, "strain_active")->values,
           *ln = aet_atoms_find_column(m->a, "ln_strain_activity")->values;
    const double *family = aet_atoms_find_column(m->a, "facet")->values;
    for (int i = 0; i < m->a->n; i++) {
        on[i] = m->surface[i] && m->strained[i] && m->a->species[i] == active &&
                ((int)family[i] == 111 || (int)family[i] == 100);
        if (on[i] == 1.0)
            ln[i] = ln_of_energy(energy_of(m->params, (int)family[i], m->strain[i]));
    }
    add_mean(m, ln, on, family, 111);
    add_mean(m, ln, on, family, 100);
    return AET_OK;
}
