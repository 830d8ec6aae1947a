/* ranks: 1 2 3 */
/* Surface atoms by the boundary of a tomogram, with known truth. */
#include "aetlas/data/volume.h"
#include "analyse_models.h"

enum { SIDE = 48 };
static const double voxel_A = 1.0, edge_A = 18.0;

/* 1 within edge_A of the origin but for a hole of 4 A there, 0 beyond; a loose blob in a corner. */
static aet_volume *tomogram(void)
{
    aet_volume *v = NULL;
    T_OK(aet_volume_create(MPI_COMM_WORLD, SIDE, SIDE, SIDE, voxel_A, &v));
    int64_t at = 0;
    for (int z = v->slab.start; z < v->slab.start + v->slab.count; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++, at++) {
                double r = sqrt(pow(x - SIDE / 2, 2) + pow(y - SIDE / 2, 2) + pow(z - SIDE / 2, 2));
                bool blob = x < 5 && y < 5 && z < 5;
                v->density[at] = (r < edge_A && r > 4.0) || blob ? 1.0f : 0.0f;
            }
    return v;
}

/* With little smoothing the Otsu boundary lies at edge_A; atoms less than 6 A below are surface atoms, to within a
 * voxel; the hole makes none, and depth counts from them. */
static void by_mask(void)
{
    aet_volume *v = tomogram();
    aet_atoms *a = ball(a_A, 4.3);
    aet_analyse_params p = defaults();
    p.surface = AET_SURFACE_BY_MASK;
    p.surface_sigma = 0.5;
    T_OK(aet_analyse_with(MPI_COMM_WORLD, a, v, &p));
    const double *s = aet_atoms_find_column(a, "surface")->values,
                 *d = aet_atoms_find_column(a, "depth_A")->values;
    int wrong = 0, some = 0;
    for (int i = 0; i < a->n; i++) {
        const double *q = a->position_A[i];
        double r = sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2]);
        wrong += (s[i] == 1.0 && r < edge_A - 6.0 - voxel_A) ||
                 (s[i] == 0.0 && r > edge_A - 6.0 + voxel_A);
        wrong += (s[i] == 1.0) != (d[i] == 0.0);
        some += s[i] == 1.0;
    }
    T_CHECK(wrong == 0 && some > a->n / 4 && some < a->n);
    T_CHECK(scalar(a, "surface_atoms") == some);
    p.surface_erosion_A = 0.0; /* the outermost atoms lie 1.5 A within */
    T_OK(aet_analyse_with(MPI_COMM_WORLD, a, v, &p));
    T_CHECK(scalar(a, "surface_atoms") == 0.0);
    T_FAILS(aet_analyse(MPI_COMM_WORLD, a, &p), AET_ERR_USAGE, "--volume");
    aet_volume_free(&v);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    aet_log_init(t_rank, AET_LOG_ERROR); /* a model without surface is warned about */
    by_mask();
    T_END();
}
