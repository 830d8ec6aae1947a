/* The strain tensor in the axes of the close-packed layers, as Lee et al., Nano Lett. 22, 665 (2022), show it:
 * z along the normal of the layers, y along one of their rows <110>, x across both. */
#include "analyse/analyse_priv.h"
#include "analyse/strain_field.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

/* Of the largest grain; rows are x, y and z.  Without layers the normal is [111], and y [-110]. */
static void find_axes(const analysis *m, double axis[3][3])
{
    static const int normal[3] = {1, 1, 1};
    static const int rows[6][3] = {{-1, 1, 0}, {0, -1, 1}, {1, 0, -1},
                                   {1, 1, 0},  {0, 1, 1},  {1, 0, 1}};
    const aet_lattice *l = &m->fcc.lattice;
    memcpy(axis[2], m->layer_normal, sizeof axis[2]);
    if (dot(axis[2], axis[2]) == 0.0)
        aet_lattice_direction(l, normal, axis[2]);
    for (int r = 0; r < 6; r++) {
        aet_lattice_direction(l, rows[r], axis[1]);
        double along = dot(axis[1], axis[2]);
        if (fabs(along) > 0.2) /* rows of other layers: 0.82 */
            continue;
        for (int k = 0; k < 3; k++)
            axis[1][k] -= along * axis[2][k];
        break;
    }
    normalise(axis[1]);
    cross(axis[1], axis[2], axis[0]);
}

/* From the <100> axes of a grain. */
static void turn(const double turn[3][3], const double *from, double *to)
{
    double e[3][3] = {{0}};
    for (int k = 0; k < 6; k++)
        e[strain_voigt[k][0]][strain_voigt[k][1]] = e[strain_voigt[k][1]][strain_voigt[k][0]] =
            from[k];
    for (int k = 0; k < 6; k++) {
        to[k] = 0.0;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                to[k] += turn[strain_voigt[k][0]][i] * e[i][j] * turn[strain_voigt[k][1]][j];
    }
}

static void add_axes(analysis *m, const double axis[3][3])
{
    static const char *const heads[] = {"x_A", "y_A", "z_A"};
    aet_curve *c =
        aet_atoms_add_curve(m->a, "layer_axes", 3, 3, heads,
                            "x, y and z of layer_strain in the frame of the atoms, in rows");
    memcpy(c->values, axis, 9 * sizeof(double));
}

aet_err analyse_strain_layers(analysis *m)
{
    double axis[3][3];
    if (!analyse_has_lattice(m))
        return AET_OK;
    find_axes(m, axis);
    add_axes(m, (const double(*)[3])axis);
    aet_atoms_add_column(
        m->a, "layer_strain", 6, "1",
        "strain_tensor with z along the normal of the close-packed layers (without "
        "these [111]) and y along a row <110> of them");
    double *to = aet_atoms_find_column(m->a, "layer_strain")->values;
    const double *from = aet_atoms_find_column(m->a, "strain_tensor")->values;
    for (int i = 0; i < m->a->n; i++) {
        double t[3][3];
        if (m->grains->grain[i] == 0)
            continue;
        const aet_lattice *l = &m->grains->fit[m->grains->grain[i] - 1].lattice;
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++)
                t[a][k] = axis[a][0] * l->rotation[0][k] + axis[a][1] * l->rotation[1][k] +
                          axis[a][2] * l->rotation[2][k];
        turn((const double(*)[3])t, from + 6 * i, to + 6 * i);
    }
    return AET_OK;
}
