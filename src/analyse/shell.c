/* Lattice, neighbours, surface and depth of a model. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "analyse/analyse_priv.h"

#include <math.h>
#include <string.h>

static void add_lattice_curve(analysis *m)
{
    static const char *const heads[] = {"x_A", "y_A", "z_A"};
    const aet_lattice *l = &m->fcc.lattice;
    aet_curve *c = aet_atoms_add_curve(
        m->a, "fcc_lattice", 4, 3, heads,
        "fitted fcc lattice: the vectors a1, a2, a3 of the cube and the origin, in rows");
    for (int k = 0; k < 3; k++) {
        for (int v = 0; v < 3; v++)
            c->values[3 * v + k] = l->constant_A * l->rotation[k][v];
        c->values[9 + k] = l->origin_A[k];
    }
}

/* How far the particle is from cubic: the free cell of the same sites. */
static void add_cell(analysis *m, const int (*site)[3], const bool *member)
{
    static const char *const heads[] = {"x_A", "y_A", "z_A"};
    double(*r)[3] = (double(*)[3])AET_NEW(double, 3 * m->a->n);
    int(*s)[3] = (int(*)[3])AET_NEW(int, 3 * m->a->n), n = 0;
    double cell[3][3], origin[3], stretch[3], rmsd;
    for (int i = 0; i < m->a->n; i++)
        if (member[i]) {
            memcpy(r[n], m->a->position_A[i], sizeof *r);
            memcpy(s[n++], site[i], sizeof *s);
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

static void add_lattice(analysis *m, const int (*site)[3], const bool *member)
{
    aet_atoms *a = m->a;
    const aet_fcc *f = &m->fcc;
    aet_column *col = aet_atoms_add_column(a, "fcc_assigned", 1, "1",
                                           "1 when the atom has a site of the fitted lattice");
    for (int i = 0; i < a->n; i++)
        col->values[i] = member[i];
    col = aet_atoms_add_column(a, "fcc_site", 3, "a/2", "lattice site h k l; 0 0 0 without one");
    for (int i = 0; i < 3 * a->n; i++)
        col->values[i] = site[i / 3][i % 3];
    col = aet_atoms_add_column(a, "fcc_residual_A", 1, "A",
                               "distance to the lattice site; -1 without one");
    for (int i = 0; i < a->n; i++) {
        int nearest[3];
        col->values[i] =
            member[i] ? aet_lattice_nearest(&f->lattice, a->position_A[i], nearest) : -1.0;
    }
    aet_atoms_add_scalar(a, "fcc_assigned", (double)f->assigned / a->n, "1",
                         "atoms on sites of one fcc lattice / atoms");
    if (!analyse_has_lattice(m))
        return;
    aet_atoms_add_scalar(a, "fcc_constant_A", f->lattice.constant_A, "A",
                         "lattice constant of the global fcc fit");
    aet_atoms_add_scalar(a, "fcc_rmsd_pm", 100.0 * f->rmsd_A, "pm",
                         "RMSD of the assigned atoms from their sites");
    aet_atoms_add_scalar(a, "fcc_turn_deg", aet_lattice_angle_deg(&f->lattice), "deg",
                         "smallest rotation that takes the <100> axes to those of the frame");
    add_lattice_curve(m);
    add_cell(m, site, member);
}

aet_err analyse_lattice(analysis *m)
{
    double start = m->params->lattice_start_A > 0.0 ? m->params->lattice_start_A
                                                    : sqrt(2.0) * m->shells.peak_A;
    AET_TRY(AET_ARRAY(m->a->n, "lattice sites", &m->site));
    AET_TRY(AET_ARRAY(m->a->n, "lattice members", &m->member));
    AET_TRY(aet_fcc_fit(m->a, m->cells, start, m->params->lattice_tolerance, &m->fcc, m->site,
                        m->member));
    if (m->fcc.assigned > 0 && !m->fcc.converged)
        aet_warn("the fcc fit did not settle in %d rounds", m->fcc.rounds);
    if (2 * m->fcc.assigned < m->a->n)
        aet_warn(
            "only %.1f %% of the atoms lie on one fcc lattice: measures that need it mean little",
            100.0 * m->fcc.assigned / m->a->n);
    add_lattice(m, (const int(*)[3])m->site, m->member);
    return AET_OK;
}

static aet_err choose_cutoff(analysis *m)
{
    int how = m->params->cutoff;
    if (how == AET_CUTOFF_FIXED)
        m->cutoff_A = m->params->cutoff_A;
    else if (how == AET_CUTOFF_LATTICE) {
        AET_CHECK(
            m->fcc.assigned > 0, AET_ERR_NUMERIC,
            "analyse.cutoff = lattice, but no fcc lattice fits the model; use valley or fixed");
        m->cutoff_A = 0.5 * (sqrt(0.5) + 1.0) * m->fcc.lattice.constant_A;
    } else {
        m->cutoff_A = m->shells.valley_A;
        if (!m->shells.valley_found)
            aet_warn("the pair distribution has no first valley; neighbours "
                     "are those within 1.207 of its first peak, %.3f A",
                     m->cutoff_A);
    }
    return AET_OK;
}

static void add_coordination_curve(analysis *m, const aet_column *cn)
{
    static const char *const heads[] = {"coordination", "atoms"};
    int most = 0;
    for (int i = 0; i < m->a->n; i++)
        most = cn->values[i] > most ? (int)cn->values[i] : most;
    aet_curve *c = aet_atoms_add_curve(m->a, "coordination", most + 1, 2, heads,
                                       "atoms by number of neighbours");
    for (int k = 0; k <= most; k++)
        c->values[2 * k] = k;
    for (int i = 0; i < m->a->n; i++)
        c->values[2 * (int)cn->values[i] + 1] += 1.0;
}

aet_err analyse_neighbours(analysis *m)
{
    aet_atoms *a = m->a;
    AET_TRY(choose_cutoff(m));
    AET_TRY(aet_neighbours_find(m->cells, m->cutoff_A, &m->nb));
    aet_column *cn =
        aet_atoms_add_column(a, "coordination", 1, "1", "neighbours within the cutoff");
    for (int i = 0; i < a->n; i++)
        cn->values[i] = aet_neighbours_count(m->nb, i);
    aet_atoms_add_scalar(a, "cutoff_A", m->cutoff_A, "A",
                         "distance within which atoms are neighbours");
    aet_atoms_add_scalar(a, "bonds", 0.5 * (double)m->nb->start[a->n], "1", "pairs of neighbours");
    aet_atoms_add_scalar(a, "coordination_mean", (double)m->nb->start[a->n] / a->n, "1",
                         "mean number of neighbours");
    add_coordination_curve(m, cn);
    return AET_OK;
}

/* Half of the opening angle, in degrees, of the empty cone around the
 * direction away from the n atoms in index: the angle to the first of them. */
static double open_angle_deg(const analysis *m, int i, const int *index, int n)
{
    double sum[3] = {0}, largest = -1.0, length;
    const double *p = m->a->position_A[i];
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < n; k++) {
            const double *q = m->a->position_A[index[k]];
            double d[3] = {q[0] - p[0], q[1] - p[1], q[2] - p[2]};
            length = fmax(1e-9, sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]));
            if (pass == 0)
                for (int c = 0; c < 3; c++)
                    sum[c] -= d[c] / length;
            else
                largest = fmax(largest, (d[0] * sum[0] + d[1] * sum[1] + d[2] * sum[2]) / length);
        }
    length = sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
    return length > 1e-9 ? acos(fmax(-1.0, fmin(1.0, largest / length))) * AET_DEG_PER_RAD : 0.0;
}

/* Atoms short of neighbours that do not see the outside are no surface: around vacancies
 * inside, or where noise moved a neighbour past the cutoff.  Looking twice the cutoff
 * far, the walls of a hole of a few atoms close the view; an atom under the surface sees
 * out under 35 degrees on (111) and 45 on (100), one on a flat face under 90. */
static aet_err drop_inner(analysis *m)
{
    int room = 128, *index = NULL;
    AET_TRY(AET_ARRAY(room, "surroundings of an atom", &index));
    for (int i = 0; i < m->a->n; i++) {
        if (!m->surface[i])
            continue;
        const double *p = m->a->position_A[i];
        int n = aet_cells_within(m->cells, p, 2.0 * m->cutoff_A, i, room, index);
        if (n > room) {
            aet_release(&index);
            room = n;
            AET_TRY(AET_ARRAY(room, "surroundings of an atom", &index));
            (void)aet_cells_within(m->cells, p, 2.0 * m->cutoff_A, i, room, index);
        }
        if (n > 0)
            m->surface[i] = open_angle_deg(m, i, index, n) > m->params->surface_open_deg;
    }
    aet_release(&index);
    return AET_OK;
}

static aet_err measure_depth(analysis *m, int n_surface)
{
    aet_err err = AET_OK;
    double(*x)[3] = NULL;
    aet_cells *cells = NULL;
    int n = 0;
    AET_GO(AET_ARRAY(n_surface, "surface atoms", &x));
    for (int i = 0; i < m->a->n; i++)
        if (m->surface[i])
            memcpy(x[n++], m->a->position_A[i], sizeof *x);
    AET_GO(aet_cells_create(n, (const double(*)[3])x, 0.0, &cells));
    for (int i = 0; i < m->a->n; i++)
        if (!m->surface[i])
            aet_cells_nearest(cells, m->a->position_A[i], INFINITY, -1, &m->depth_A[i]);
done:
    aet_cells_free(&cells);
    aet_release(&x);
    return err;
}

aet_err analyse_surface(analysis *m)
{
    aet_atoms *a = m->a;
    int n = 0;
    AET_TRY(AET_ARRAY(a->n, "surface flags", &m->surface));
    AET_TRY(AET_ARRAY(a->n, "depths", &m->depth_A));
    for (int i = 0; i < a->n; i++)
        m->surface[i] = aet_neighbours_count(m->nb, i) < m->params->surface_cn;
    if (m->params->surface_open_deg > 0.0)
        AET_TRY(drop_inner(m));
    for (int i = 0; i < a->n; i++)
        n += m->surface[i];
    AET_TRY(measure_depth(m, n));
    aet_column *col = aet_atoms_add_column(
        a, "surface", 1, "1",
        "1 for surface atoms: fewer neighbours than surface_cn and open to the outside");
    for (int i = 0; i < a->n; i++)
        col->values[i] = m->surface[i];
    col = aet_atoms_add_column(a, "depth_A", 1, "A", "distance to the nearest surface atom");
    memcpy(col->values, m->depth_A, (size_t)a->n * sizeof *col->values);
    aet_atoms_add_scalar(a, "surface_atoms", n, "1", "number of surface atoms");
    if (n == 0)
        aet_warn("no atom has fewer than %d neighbours: the model has no surface, every depth is 0",
                 m->params->surface_cn);
    return AET_OK;
}
