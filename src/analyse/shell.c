/* Neighbours, surface and depth of a model. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "analyse/analyse_priv.h"

#include <math.h>
#include <string.h>

static aet_err choose_cutoff(analysis *m)
{
    int how = m->params->cutoff;
    if (how == AET_CUTOFF_FIXED)
        m->cutoff_A = m->params->cutoff_A;
    else if (how == AET_CUTOFF_LATTICE) {
        AET_CHECK(
            m->grains->assigned > 0, AET_ERR_NUMERIC,
            "analyse.cutoff = lattice, but no fcc lattice fits the model; use valley or fixed");
        m->cutoff_A = 0.5 * (sqrt(0.5) + 1.0) * m->constant_A;
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
        m->surface[i] =
            m->skin ? m->skin[i] : aet_neighbours_count(m->nb, i) < m->params->surface_cn;
    if (m->params->surface_open_deg > 0.0 && !m->skin)
        AET_TRY(drop_inner(m));
    for (int i = 0; i < a->n; i++)
        n += m->surface[i];
    AET_TRY(measure_depth(m, n));
    aet_column *col = aet_atoms_add_column(
        a, "surface", 1, "1",
        m->skin ? "1 for surface atoms: outside the eroded Otsu boundary of the tomogram"
                : "1 for surface atoms: fewer neighbours than surface_cn and open to the outside");
    for (int i = 0; i < a->n; i++)
        col->values[i] = m->surface[i];
    col = aet_atoms_add_column(a, "depth_A", 1, "A", "distance to the nearest surface atom");
    memcpy(col->values, m->depth_A, (size_t)a->n * sizeof *col->values);
    aet_atoms_add_scalar(a, "surface_atoms", n, "1", "number of surface atoms");
    if (n == 0 && m->skin)
        aet_warn(
            "no atom lies outside the eroded boundary of the tomogram: the model has no surface, "
            "every depth is 0");
    else if (n == 0)
        aet_warn("no atom has fewer than %d neighbours: the model has no surface, every depth is 0",
                 m->params->surface_cn);
    return AET_OK;
}
