/* The lattices of a model: the largest grain's in full, the others in tables. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "analyse/analyse_priv.h"

#include <math.h>
#include <string.h>

static void add_lattice_curve(analysis *m)
{
    static const char *const heads[] = {"x_A", "y_A", "z_A"};
    const aet_lattice *l = &m->fcc.lattice;
    aet_curve *c = aet_atoms_add_curve(m->a, "fcc_lattice", 4, 3, heads,
                                       "fitted fcc lattice, of the largest grain: the vectors a1, "
                                       "a2, a3 of the cube and the origin, in rows");
    for (int k = 0; k < 3; k++) {
        for (int v = 0; v < 3; v++)
            c->values[3 * v + k] = l->constant_A * l->rotation[k][v];
        c->values[9 + k] = l->origin_A[k];
    }
}

/* How far the particle is from cubic: the free cell of the same sites. */
static void add_cell(analysis *m)
{
    static const char *const heads[] = {"x_A", "y_A", "z_A"};
    double(*r)[3] = (double(*)[3])AET_NEW(double, 3 * m->a->n);
    int(*s)[3] = (int(*)[3])AET_NEW(int, 3 * m->a->n), n = 0;
    double cell[3][3], origin[3], stretch[3], rmsd;
    for (int i = 0; i < m->a->n; i++)
        if (m->grains->grain[i] == 1) {
            memcpy(r[n], m->a->position_A[i], sizeof *r);
            memcpy(s[n++], m->site[i], sizeof *s);
        }
    if (aet_lattice_fit_cell(n, (const double(*)[3])r, (const int(*)[3])s, &m->fcc.lattice, cell,
                             origin, stretch, &rmsd) == AET_OK) {
        aet_atoms_add_scalar(m->a, "cell_rmsd_pm", 100.0 * rmsd, "pm",
                             "RMSD of the assigned atoms from a lattice with a free cell");
        aet_atoms_add_scalar(m->a, "cell_stretch_max", stretch[0] - 1.0, "1",
                             "largest principal stretch of the free cell against the cube, less 1");
        aet_atoms_add_scalar(m->a, "cell_stretch_min", stretch[2] - 1.0, "1",
                             "smallest principal stretch, less 1");
        aet_curve *c = aet_atoms_add_curve(
            m->a, "fcc_cell", 4, 3, heads,
            "lattice with a free cell: its three edge vectors and the origin, in rows");
        for (int k = 0; k < 3; k++) {
            for (int v = 0; v < 3; v++)
                c->values[3 * v + k] = cell[k][v];
            c->values[9 + k] = origin[k];
        }
    } else
        aet_error_clear(); /* all in one plane: there is no cell */
    aet_release(&r);
    aet_release(&s);
}

static void add_columns(analysis *m)
{
    aet_atoms *a = m->a;
    aet_column *col = aet_atoms_add_column(a, "fcc_assigned", 1, "1",
                                           "1 when the atom has a site on the lattice of a grain");
    for (int i = 0; i < a->n; i++)
        col->values[i] = m->member[i];
    col = aet_atoms_add_column(a, "fcc_site", 3, "a/2",
                               "site h k l of the grain's lattice; 0 0 0 without one");
    for (int i = 0; i < 3 * a->n; i++)
        col->values[i] = m->site[i / 3][i % 3];
    col = aet_atoms_add_column(a, "fcc_residual_A", 1, "A",
                               "distance to the lattice site; -1 without one");
    for (int i = 0; i < a->n; i++) {
        int nearest[3];
        col->values[i] =
            m->member[i] ? aet_lattice_nearest(analyse_lattice_at(m, i), a->position_A[i], nearest)
                         : -1.0;
    }
    col = aet_atoms_add_column(a, "grain", 1, "1",
                               "number of the atom's grain, from 1, the largest; 0: none");
    for (int i = 0; i < a->n; i++)
        col->values[i] = m->grains->grain[i];
}

/* Pairs of neighbours across the border of two grains. */
static int bonds_between(const analysis *m, const aet_neighbours *nb, int g, int h)
{
    const int *grain = m->grains->grain;
    int n = 0;
    for (int i = 0; i < m->a->n; i++)
        for (int64_t k = nb->start[i]; grain[i] == g && k < nb->start[i + 1]; k++)
            n += grain[nb->index[k]] == h;
    return n;
}

static void add_grains(analysis *m)
{
    static const char *const heads[] = {"grain", "atoms", "constant_A", "rmsd_pm",    "x_A",
                                        "y_A",   "z_A",   "origin_x_A", "origin_y_A", "origin_z_A",
                                        "a1_x",  "a1_y",  "a1_z",       "a2_x",       "a2_y",
                                        "a2_z",  "a3_x",  "a3_y",       "a3_z"};
    enum { WIDTH = 19 };
    const aet_grains *g = m->grains;
    aet_curve *c = aet_atoms_add_curve(
        m->a, "grains", g->n, WIDTH, heads,
        "atoms on one lattice: number, lattice constant, RMSD, centroid, origin, cube axes");
    for (int k = 0; k < g->n; k++) {
        double *row = c->values + WIDTH * k;
        const aet_lattice *l = &g->fit[k].lattice;
        row[0] = k + 1;
        row[1] = g->fit[k].assigned;
        row[2] = l->constant_A;
        row[3] = 100.0 * g->fit[k].rmsd_A;
        for (int i = 0; i < 3; i++) {
            row[7 + i] = l->origin_A[i];
            for (int v = 0; v < 3; v++)
                row[10 + 3 * v + i] = l->rotation[i][v];
        }
    }
    for (int i = 0; i < m->a->n; i++)
        for (int k = 0; k < 3 && g->grain[i]; k++) {
            double *row = c->values + WIDTH * (g->grain[i] - 1);
            row[4 + k] += m->a->position_A[i][k] / row[1];
        }
}

/* All pairs: parts of a multiple twin need not touch. */
static void add_pair(const analysis *m, const aet_neighbours *nb, int g, int h, double row[11])
{
    aet_misorientation t =
        aet_lattice_misorientation(&m->grains->fit[g - 1].lattice, &m->grains->fit[h - 1].lattice);
    row[0] = g;
    row[1] = h;
    row[2] = bonds_between(m, nb, g, h);
    row[3] = t.angle_deg;
    memcpy(row + 4, t.hkl, sizeof t.hkl);
    memcpy(row + 7, t.axis, sizeof t.axis);
    row[10] = t.from_twin_deg;
}

/* Brandon's criterion (Acta Metall. 14, 1479 (1966)): 15 degrees / sqrt Sigma. */
static const double twin_deg = 8.660254;

aet_err analyse_grain_pairs(analysis *m)
{
    static const char *const heads[] = {"grain",  "other_grain", "bonds",        "angle_deg",
                                        "axis_h", "axis_k",      "axis_l",       "axis_x",
                                        "axis_y", "axis_z",      "from_twin_deg"};
    enum { WIDTH = 11 };
    int n = m->grains->n, row = 0, twins = 0;
    if (!analyse_has_lattice(m))
        return AET_OK;
    aet_curve *c = aet_atoms_add_curve(
        m->a, "grain_pairs", n * (n - 1) / 2, WIDTH, heads,
        "least rotation between two lattices, axis in the cube's axes (absolute, descending) and "
        "the frame; deviation from the twin 60 deg <111>");
    for (int g = 1; g <= n; g++)
        for (int h = g + 1; h <= n; h++, row++) {
            double *r = c->values + WIDTH * row;
            add_pair(m, m->nb, g, h, r);
            twins += r[2] > 0.0 && r[10] <= twin_deg;
        }
    aet_atoms_add_scalar(m->a, "twin_grain_pairs", twins, "1",
                         "pairs of grains that touch and are twins (Sigma 3 within 8.66 deg)");
    return AET_OK;
}

static void add_lattice(analysis *m)
{
    aet_atoms *a = m->a;
    const aet_fcc *f = &m->fcc;
    add_columns(m);
    aet_atoms_add_scalar(a, "fcc_assigned", (double)f->assigned / a->n, "1",
                         "atoms on sites of one fcc lattice (the largest grain's) / atoms");
    if (!analyse_has_lattice(m))
        return;
    aet_atoms_add_scalar(a, "grains", m->grains->n, "1", "lattices fitted apart");
    aet_atoms_add_scalar(a, "grain_assigned", (double)m->grains->assigned / a->n, "1",
                         "atoms on the lattice of any grain / atoms");
    aet_atoms_add_scalar(a, "fcc_constant_A", f->lattice.constant_A, "A",
                         "lattice constant of the global fcc fit");
    aet_atoms_add_scalar(a, "fcc_rmsd_pm", 100.0 * f->rmsd_A, "pm",
                         "RMSD of the assigned atoms from their sites");
    aet_atoms_add_scalar(a, "fcc_turn_deg", aet_lattice_angle_deg(&f->lattice), "deg",
                         "smallest rotation that takes the <100> axes to those of the frame");
    add_lattice_curve(m);
    add_cell(m);
    add_grains(m);
}

/* Whose axes and constant are used where: an atom without a grain goes by the nearest that has one. */
static aet_err find_near(analysis *m)
{
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    double(*x)[3] = NULL;
    int *of = NULL, n = 0;
    AET_GO(AET_ARRAY(m->a->n, "grains", &m->near_grain));
    AET_GO(AET_ARRAY(m->grains->assigned, "grains", &x));
    AET_GO(AET_ARRAY(m->grains->assigned, "grains", &of));
    for (int i = 0; i < m->a->n; i++)
        if (m->grains->grain[i]) {
            memcpy(x[n], m->a->position_A[i], sizeof *x);
            of[n++] = m->grains->grain[i];
        }
    AET_GO(aet_cells_create(n, (const double(*)[3])x, 0.0, &cells));
    for (int i = 0; i < m->a->n && n > 0; i++)
        m->near_grain[i] =
            m->grains->grain[i]
                ? m->grains->grain[i]
                : of[aet_cells_nearest(cells, m->a->position_A[i], INFINITY, -1, NULL)];
done:
    aet_cells_free(&cells);
    aet_release(&x);
    aet_release(&of);
    return err;
}

/* Weighted by atoms; of one grain exactly its own. */
static double mean_constant(const aet_grains *g)
{
    double sum = 0.0;
    for (int k = 0; k < g->n; k++)
        sum += g->fit[k].lattice.constant_A * g->fit[k].assigned;
    return g->n == 1 ? g->fit[0].lattice.constant_A : g->n ? sum / g->assigned : 0.0;
}

aet_err analyse_lattice(analysis *m)
{
    double start = m->params->lattice_start_A > 0.0 ? m->params->lattice_start_A
                                                    : sqrt(2.0) * m->shells.peak_A;
    AET_TRY(aet_grains_find(m->a, m->cells, start, m->params->lattice_tolerance,
                            m->params->grain_atoms, &m->grains));
    m->site = m->grains->site;
    m->fcc = m->grains->n ? m->grains->fit[0] : (aet_fcc){0};
    m->constant_A = mean_constant(m->grains);
    AET_TRY(AET_ARRAY(m->a->n, "lattice members", &m->member));
    for (int i = 0; i < m->a->n; i++)
        m->member[i] = m->grains->grain[i] > 0;
    AET_TRY(find_near(m));
    if (m->grains->n == 1 && !m->fcc.converged)
        aet_warn("the fcc fit did not settle in %d rounds", m->fcc.rounds);
    if (2 * m->grains->assigned < m->a->n)
        aet_warn(
            "only %.1f %% of the atoms lie on fcc lattices: measures that need one mean little",
            100.0 * m->grains->assigned / m->a->n);
    add_lattice(m);
    return AET_OK;
}
