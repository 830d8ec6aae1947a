/* Two other ways to name facets.
 *
 * By coordination (Li et al., Nat. Commun. 14, 2934 (2023)): {111} has 9 neighbours, {100} 8, {110} 7,
 * and little asymmetry beyond that of the ideal face: centrosymmetry 1.5, 1.5 and 2.0 a^2 at most for
 * 12 nearest atoms, the limit midway to the next half a^2.
 *
 * By planes, as for a Pt nanodumbbell: along each <100> and <111> the outermost
 * lattice plane with more than 20 atoms is the facet, with whatever lies outside it. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "analyse/analyse_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLANE_ATOMS = 20, DIRECTIONS = 14 };

static void by_coordination(analysis *m)
{
    const struct {
        int cn, name;
        double limit; /* in a^2 */
    } kinds[] = {{9, 111, 1.75}, {8, 100, 1.75}, {7, 110, 2.25}};
    double *facet = aet_atoms_add_column(m->a, "facet_coordination", 1, "1",
                                         "100, 110 or 111 by coordination 8, 7, 9 and low "
                                         "centrosymmetry; 1: other surface atoms; 0 inside")
                        ->values;
    const double *csp = aet_atoms_find_column(m->a, "centrosymmetry_A2")->values;
    for (int i = 0; i < m->a->n; i++) {
        double a = analyse_lattice_at(m, i)->constant_A;
        facet[i] = m->surface[i];
        for (int k = 0; k < 3; k++)
            if (m->surface[i] && aet_neighbours_count(m->nb, i) == kinds[k].cn &&
                csp[i] <= kinds[k].limit * a * a)
                facet[i] = kinds[k].name;
    }
}

/* Six <100>, then eight <111>. */
static void direction(int d, int u[3])
{
    for (int k = 0; k < 3; k++)
        u[k] = d < 6 ? (d / 2 == k ? (d % 2 ? -1 : 1) : 0) : ((d - 6) >> k & 1 ? -1 : 1);
}

static int plane_of(const int site[3], const int u[3])
{
    return site[0] * u[0] + site[1] * u[1] + site[2] * u[2];
}

/* The outermost plane of grain g along u with enough atoms; -1 in *atoms when there is none.  At least
 * half of them must be surface atoms: the planes where two grains meet are no facets. */
static int outermost(const analysis *m, int g, const int u[3], int *atoms)
{
    int low = 0, high = 0, best = 0;
    for (int i = 0; i < m->a->n; i++)
        if (m->grains->grain[i] == g) {
            int p = plane_of(m->site[i], u);
            low = p < low ? p : low;
            high = p > high ? p : high;
        }
    int *count = AET_NEW(int, 2 * (high - low + 1));
    for (int i = 0; i < m->a->n; i++)
        if (m->grains->grain[i] == g) {
            int *c = count + 2 * (plane_of(m->site[i], u) - low);
            c[0]++;
            c[1] += m->surface[i];
        }
    *atoms = -1;
    for (int p = high; p >= low && *atoms < 0; p--) {
        const int *c = count + 2 * (p - low);
        if (c[0] > PLANE_ATOMS && 2 * c[1] >= c[0]) {
            *atoms = c[0];
            best = p;
        }
    }
    aet_release(&count);
    return best;
}

/* An atom on several facets counts for the one with the largest plane. */
static void by_planes(analysis *m)
{
    int *largest = AET_NEW(int, m->a->n), atoms, u[3];
    double *facet = aet_atoms_add_column(m->a, "facet_plane", 1, "1",
                                         "100 or 111: in or outside the outermost lattice plane of "
                                         "more than 20 atoms; else 0")
                        ->values;
    for (int g = 1; g <= m->grains->n; g++)
        for (int d = 0; d < DIRECTIONS; d++) {
            direction(d, u);
            int plane = outermost(m, g, u, &atoms);
            for (int i = 0; i < m->a->n; i++)
                if (m->grains->grain[i] == g && plane_of(m->site[i], u) >= plane &&
                    atoms > largest[i]) {
                    largest[i] = atoms;
                    facet[i] = d < 6 ? 100 : 111;
                }
        }
    aet_release(&largest);
}

aet_err analyse_facet_classes(analysis *m)
{
    by_coordination(m);
    by_planes(m);
    return AET_OK;
}
