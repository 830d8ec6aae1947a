/* Strain: of the first shell of each atom, and of the smoothed field of displacements.
 *
 * First shells: the atom and its neighbours on the lattice are fitted by an fcc shell of their own;
 * S = a_local / a_reference - 1 (Jeong et al., Nat. Commun. 16, 8026 (2025)).
 *
 * Field: u_i = position - fitted site, smoothed by a Gaussian (Nadaraya-Watson; Xu et al., Nat.
 * Mater. 14, 1099 (2015)), u(r) = sum u_i K_i / sum K_i.  Its gradient at the sites is exact for
 * linear fields inside and biased towards less within two sigma of the surface; a weighted
 * local-linear fit is exact for linear fields everywhere and noisier at the surface. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/num/gemm.h"
#include "analyse/analyse_priv.h"
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
        if (m->member[j] && are_neighbours(m->site[i], m->site[j])) {
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

/* The members: their sites in the frame of the atoms and displacements from them. */
typedef struct {
    int n, *atom;
    double (*at)[3], (*u)[3];
    aet_cells *cells;
    double sigma;
    int *index; /* room for all */
} field;

static void field_free(field *f)
{
    aet_cells_free(&f->cells);
    aet_release(&f->atom);
    aet_release(&f->at);
    aet_release(&f->u);
    aet_release(&f->index);
}

static aet_err field_make(const analysis *m, field *f)
{
    AET_TRY(AET_ARRAY(m->fcc.assigned, "displacements", &f->atom));
    AET_TRY(AET_ARRAY(m->fcc.assigned, "displacements", &f->at));
    AET_TRY(AET_ARRAY(m->fcc.assigned, "displacements", &f->u));
    AET_TRY(AET_ARRAY(m->fcc.assigned, "displacements", &f->index));
    f->sigma = m->params->strain_sigma_A;
    for (int i = 0; i < m->a->n; i++)
        if (m->member[i]) {
            aet_lattice_position(&m->fcc.lattice, m->site[i], f->at[f->n]);
            difference(m->a->position_A[i], f->at[f->n], f->u[f->n]);
            f->atom[f->n++] = i;
        }
    return aet_cells_create(f->n, (const double(*)[3])f->at, f->sigma, &f->cells);
}

/* G[a][b] = d u_a / d x_b of the kernel mean at member `i`. */
static void kernel_gradient(const field *f, int i, int n, double g[3][3])
{
    double weight = 0.0, mean_u[3] = {0}, moment[3][3] = {{0}}, mean_d[3] = {0};
    for (int k = 0; k < n; k++) {
        double d[3];
        const double *u = f->u[f->index[k]];
        difference(f->at[f->index[k]], f->at[i], d);
        double w = exp(-0.5 * dot(d, d) / (f->sigma * f->sigma));
        weight += w;
        for (int a = 0; a < 3; a++) {
            mean_u[a] += w * u[a];
            mean_d[a] += w * d[a];
            for (int b = 0; b < 3; b++)
                moment[a][b] += w * u[a] * d[b];
        }
    }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            g[a][b] =
                (moment[a][b] - mean_u[a] * mean_d[b] / weight) / (weight * f->sigma * f->sigma);
}

/* The same by weighted least squares of u = c + G d; false where the neighbours lie in a plane. */
static bool linear_gradient(const field *f, int i, int n, double g[3][3])
{
    double normal[16] = {0}, right[12] = {0}, x[12];
    for (int k = 0; k < n; k++) {
        double d[4] = {1.0};
        const double *u = f->u[f->index[k]];
        difference(f->at[f->index[k]], f->at[i], d + 1);
        double w = exp(-0.5 * dot(d + 1, d + 1) / (f->sigma * f->sigma));
        for (int a = 0; a < 4; a++) {
            for (int b = 0; b < 4; b++)
                normal[4 * a + b] += w * d[a] * d[b];
            for (int b = 0; b < 3; b++)
                right[3 * a + b] += w * d[a] * u[b];
        }
    }
    if (aet_solve(4, 3, normal, right, x) != AET_OK) {
        aet_error_clear();
        return false;
    }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            g[a][b] = x[3 * (b + 1) + a];
    return true;
}

static bool gradient(const analysis *m, const field *f, int i, double g[3][3])
{
    int n = aet_cells_gather(f->cells, f->at[i], 5.0 * f->sigma, -1, f->n, f->index);
    if (m->params->strain_method == AET_STRAIN_LINEAR)
        return linear_gradient(f, i, n, g);
    kernel_gradient(f, i, n, g);
    return true;
}

/* e = (F + F^T)/2 - 1 with F = (1 + G) a_fit/a_zero, turned into the axes of the lattice. */
static void strain_tensor(const analysis *m, const double g[3][3], double e[3][3])
{
    const aet_lattice *l = &m->fcc.lattice;
    double zero = m->params->strain_zero == AET_STRAIN_OF_BULK ? m->params->strain_reference_A
                                                               : l->constant_A;
    double stretch = l->constant_A / zero;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double sum = 0.0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++)
                    sum += l->rotation[i][a] * 0.5 * (g[i][j] + g[j][i]) * l->rotation[j][b];
            e[a][b] = stretch * sum + (a == b ? stretch - 1.0 : 0.0);
        }
}

/* Voigt order. */
static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

/* e along the direction from the centre of the members, in the lattice's axes. */
static double along_radius(const analysis *m, const double e[3][3], const double r[3])
{
    double axis[3], sum = 0.0;
    for (int k = 0; k < 3; k++) {
        axis[k] = 0.0;
        for (int j = 0; j < 3; j++)
            axis[k] += m->fcc.lattice.rotation[j][k] * r[j];
    }
    if (normalise(axis) < 1e-9)
        return (e[0][0] + e[1][1] + e[2][2]) / 3.0;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            sum += axis[a] * e[a][b] * axis[b];
    return sum;
}

static void centre_of(const field *f, double centre[3])
{
    memset(centre, 0, 3 * sizeof *centre);
    for (int i = 0; i < f->n; i++)
        for (int k = 0; k < 3; k++)
            centre[k] += f->at[i][k] / f->n;
}

static aet_err tensors(analysis *m, const field *f)
{
    double centre[3], g[3][3], e[3][3], from[3];
    aet_atoms_add_column(m->a, "strain_tensor", 6, "1",
                         "xx yy zz yz xz xy along the lattice's <100> axes, of the smoothed "
                         "displacements; 0 off the lattice");
    aet_atoms_add_column(m->a, "strain_radial", 1, "1",
                         "strain_tensor along the direction from the centre");
    double *tensor = aet_atoms_find_column(m->a, "strain_tensor")->values,
           *radial = aet_atoms_find_column(m->a, "strain_radial")->values;
    centre_of(f, centre);
    for (int i = 0; i < f->n; i++) {
        if (!gradient(m, f, i, g))
            continue;
        strain_tensor(m, (const double(*)[3])g, e);
        for (int k = 0; k < 6; k++)
            tensor[6 * f->atom[i] + k] = e[voigt[k][0]][voigt[k][1]];
        difference(f->at[i], centre, from);
        radial[f->atom[i]] = along_radius(m, (const double(*)[3])e, from);
    }
    return AET_OK;
}

aet_err analyse_strain(analysis *m)
{
    field f = {0};
    aet_err err = AET_OK;
    if (!analyse_has_lattice(m))
        return AET_OK;
    AET_TRY(shells(m));
    AET_GO(field_make(m, &f));
    AET_GO(tensors(m, &f));
done:
    field_free(&f);
    return err;
}
