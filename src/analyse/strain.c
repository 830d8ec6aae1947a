/* Strain: of the first shell of each atom, and of the smoothed field of displacements at its site
 * (analyse/strain_field.h); each within the atom's own grain.
 *
 * First shells: the atom and its neighbours on the lattice are fitted by an fcc shell of their own;
 * S = a_local / a_reference - 1 (Jeong et al., Nat. Commun. 16, 8026 (2025)).
 *
 * Along the radius (Meana-Paneda et al., Sci. Adv. (2025)): u_r = |r - c| - |site - c|, its mean over
 * shells of 2 A, and the slope of that. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "analyse/analyse_priv.h"
#include "analyse/strain_field.h"
#include "analyse/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHELL = 12, LEAST_NEIGHBOURS = 3 };

/* ---- first shells ---- */

/* Is the difference of two sites that of nearest neighbours: two of +-1, one 0? */
static bool are_neighbours(const int a[3], const int b[3])
{
    int sum = 0, most = 0;
    for (int k = 0; k < 3; k++) {
        int d = abs(a[k] - b[k]);
        sum += d;
        most = d > most ? d : most;
    }
    return sum == 2 && most == 1;
}

/* Lattice constant of the atom's own shell; 0 when too few neighbours are on the lattice. */
static double local_constant(const analysis *m, int i)
{
    double r[SHELL + 1][3];
    int s[SHELL + 1][3], n = 0;
    aet_lattice l;
    if (!m->member[i])
        return 0.0;
    memcpy(r[n], m->a->position_A[i], sizeof *r);
    memcpy(s[n++], m->site[i], sizeof *s);
    for (int64_t k = m->nb->start[i]; k < m->nb->start[i + 1] && n <= SHELL; k++) {
        int j = m->nb->index[k];
        if (m->grains->grain[j] == m->grains->grain[i] && are_neighbours(m->site[i], m->site[j])) {
            memcpy(r[n], m->a->position_A[j], sizeof *r);
            memcpy(s[n++], m->site[j], sizeof *s);
        }
    }
    if (n <= LEAST_NEIGHBOURS)
        return 0.0;
    if (aet_lattice_fit(n, (const double(*)[3])r, (const int(*)[3])s, &l, NULL) == AET_OK)
        return l.constant_A;
    aet_error_clear(); /* all in a row */
    return 0.0;
}

typedef struct {
    double sum, square;
    int n;
} mean;

static void count(mean *s, double value)
{
    s->sum += value;
    s->square += value * value;
    s->n++;
}

static void add_mean(analysis *m, const mean *s, const char *name, const char *description)
{
    if (s->n > 0)
        aet_atoms_add_scalar(m->a, name, s->sum / s->n, "1", description);
}

static aet_err shells(analysis *m)
{
    mean all = {0}, outer = {0}, inner = {0};
    AET_TRY(AET_ARRAY(m->a->n, "strains", &m->strain));
    AET_TRY(AET_ARRAY(m->a->n, "strains", &m->strained));
    double *constant = aet_atoms_add_column(m->a, "local_constant_A", 1, "A",
                                            "lattice constant of the atom's first shell; 0: "
                                            "too few neighbours on the lattice")
                           ->values;
    for (int i = 0; i < m->a->n; i++) {
        constant[i] = local_constant(m, i);
        m->strained[i] = constant[i] > 0.0;
        if (!m->strained[i])
            continue;
        m->strain[i] = constant[i] / m->params->strain_reference_A - 1.0;
        count(&all, m->strain[i]);
        count(m->depth_A[i] < m->params->core_depth_A ? &outer : &inner, m->strain[i]);
    }
    double *strain = aet_atoms_add_column(m->a, "strain", 1, "1",
                                          "local_constant_A / strain_reference_A - 1, linear; 0 "
                                          "where it cannot be told")
                         ->values;
    memcpy(strain, m->strain, (size_t)m->a->n * sizeof *strain);
    add_mean(m, &all, "strain_mean", "mean strain of first shells");
    add_mean(m, &outer, "strain_surface",
             "mean strain of first shells less deep than core_depth_A");
    add_mean(m, &inner, "strain_core", "mean strain of first shells in the core");
    return AET_OK;
}

/* ---- the field ---- */

static aet_err make_field(const analysis *m, int g, strain_field *f)
{
    aet_err err = AET_OK;
    double(*r)[3] = NULL;
    int(*site)[3] = NULL, *atom = NULL, n = 0;
    AET_GO(AET_ARRAY(m->grains->fit[g - 1].assigned, "displacements", &r));
    AET_GO(AET_ARRAY(m->grains->fit[g - 1].assigned, "displacements", &site));
    AET_GO(AET_ARRAY(m->grains->fit[g - 1].assigned, "displacements", &atom));
    for (int i = 0; i < m->a->n; i++)
        if (m->grains->grain[i] == g) {
            memcpy(r[n], m->a->position_A[i], sizeof *r);
            memcpy(site[n], m->site[i], sizeof *site);
            atom[n++] = i;
        }
    AET_GO(strain_field_make(&m->grains->fit[g - 1].lattice, n, (const double(*)[3])r,
                             (const int(*)[3])site, m->params->strain_sigma_A,
                             m->params->strain_method == AET_STRAIN_LINEAR, f));
    f->atom = atom;
    atom = NULL;
done:
    aet_release(&r);
    aet_release(&site);
    aet_release(&atom);
    return err;
}

typedef struct {
    double *tensor, *radial; /* columns */
    double centre[3], zero_A;
} target;

static void one_grain(const strain_field *f, const target *t)
{
    double g[3][3], e[3][3], from[3], u[3];
    for (int i = 0; i < f->n; i++) {
        if (!strain_field_at(f, f->at[i], u, g))
            continue;
        strain_field_tensor(f, (const double(*)[3])g, t->zero_A, e);
        for (int k = 0; k < 6; k++)
            t->tensor[6 * f->atom[i] + k] = e[strain_voigt[k][0]][strain_voigt[k][1]];
        difference(f->at[i], t->centre, from);
        t->radial[f->atom[i]] = strain_field_along(f, (const double(*)[3])e, from);
    }
}

/* Means over shells of RADIAL_STEP around the centre. */
enum { RADIAL_STEP = 2, RADIAL_WIDTH = 5 };

static void add_to_shells(const analysis *m, const strain_field *f, const target *t, aet_curve *c)
{
    for (int i = 0; i < f->n; i++) {
        double ideal[3], real[3], length;
        difference(f->at[i], t->centre, ideal);
        difference(m->a->position_A[f->atom[i]], t->centre, real);
        length = sqrt(dot(ideal, ideal));
        double *row = c->values + RADIAL_WIDTH * (int)(length / RADIAL_STEP);
        row[1] += 1.0;
        row[2] += sqrt(dot(real, real)) - length;
        row[3] += t->radial[f->atom[i]];
    }
}

static int shells_needed(const strain_field *f, int grains, const double centre[3])
{
    double most = 0.0, d[3];
    for (int g = 0; g < grains; g++)
        for (int i = 0; i < f[g].n; i++) {
            difference(f[g].at[i], centre, d);
            most = fmax(most, sqrt(dot(d, d)));
        }
    return 1 + (int)(most / RADIAL_STEP);
}

static void add_radial_curve(analysis *m, const strain_field *f, const target *t)
{
    static const char *const heads[] = {"r_A", "atoms", "displacement_A", "strain_radial", "slope"};
    int n = shells_needed(f, m->grains->n, t->centre);
    aet_curve *c = aet_atoms_add_curve(
        m->a, "radial_strain", n, RADIAL_WIDTH, heads,
        "by distance from the centre: atoms, mean displacement outwards from the sites, mean "
        "strain_radial, and the slope of the displacement");
    for (int g = 0; g < m->grains->n; g++)
        add_to_shells(m, f + g, t, c);
    for (int k = 0; k < n; k++) {
        double *row = c->values + RADIAL_WIDTH * k;
        row[0] = (k + 0.5) * RADIAL_STEP;
        for (int h = 2; h < 4; h++)
            row[h] = row[1] > 0.0 ? row[h] / row[1] : (double)NAN;
    }
    for (int k = 0; k < n; k++) { /* central inside, one-sided at the ends */
        int low = k > 0 ? k - 1 : 0, high = k + 1 < n ? k + 1 : k;
        const double *a = c->values + RADIAL_WIDTH * low, *b = c->values + RADIAL_WIDTH * high;
        c->values[RADIAL_WIDTH * k + 4] =
            high > low ? (b[2] - a[2]) / (RADIAL_STEP * (high - low)) : (double)NAN;
    }
}

static void find_centre(const strain_field *f, int grains, int assigned, double centre[3])
{
    memset(centre, 0, 3 * sizeof *centre);
    for (int g = 0; g < grains; g++)
        for (int i = 0; i < f[g].n; i++)
            for (int k = 0; k < 3; k++)
                centre[k] += f[g].at[i][k] / assigned;
}

static void tensors(analysis *m, const strain_field *f)
{
    target t = {.zero_A = m->params->strain_zero == AET_STRAIN_OF_BULK
                              ? m->params->strain_reference_A
                              : 0.0};
    aet_atoms_add_column(m->a, "strain_tensor", 6, "1",
                         "xx yy zz yz xz xy along the <100> axes of the grain, of the smoothed "
                         "displacements; 0 off the lattice");
    aet_atoms_add_column(m->a, "strain_radial", 1, "1",
                         "strain_tensor along the direction from the centre");
    t.tensor = aet_atoms_find_column(m->a, "strain_tensor")->values;
    t.radial = aet_atoms_find_column(m->a, "strain_radial")->values;
    find_centre(f, m->grains->n, m->grains->assigned, t.centre);
    for (int g = 0; g < m->grains->n; g++)
        one_grain(f + g, &t);
    add_radial_curve(m, f, &t);
}

aet_err analyse_strain(analysis *m)
{
    aet_err err = AET_OK;
    if (!analyse_has_lattice(m))
        return AET_OK;
    strain_field *f = AET_NEW(strain_field, m->grains->n);
    AET_GO(shells(m));
    for (int g = 1; g <= m->grains->n; g++)
        AET_GO(make_field(m, g, f + g - 1));
    tensors(m, f);
done:
    for (int g = 0; g < m->grains->n; g++)
        strain_field_free(f + g);
    aet_release(&f);
    return err;
}
