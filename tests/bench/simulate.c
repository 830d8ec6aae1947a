/* ranks: 1 2 */
/* Linear projections of a particle (octahedron, 1156 atoms, 41 tilts) against the same sum with the profile
 * evaluated atom by atom and pixel by pixel, as the formula is written. */
#include "aetlas/base/mem.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/potential.h"
#include "aetlas/simulate/particle.h"
#include "aetlas/simulate/project.h"
#include "bench.h"
#include <math.h>

enum { TILTS = 41 };

/* One image of the same model, each pixel within the cutoff of each atom; the time is for that one image. */
static void by_formula(const aet_atoms *a, const aet_profile *p, const double angles_deg[3],
                       int side, double pixel_A, double *image)
{
    double R[3][3];
    aet_rotation(angles_deg, R);
    for (int i = 0; i < side * side; i++)
        image[i] = 0;
    for (int k = 0; k < a->n; k++) {
        double q[3];
        aet_rotate(R, a->position_A[k], q);
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++) {
                double dx = (x - side / 2) * pixel_A - q[0], dy = (y - side / 2) * pixel_A - q[1];
                if (fabs(dx) < p->cutoff_A && fabs(dy) < p->cutoff_A)
                    image[y * side + x] += aet_profile_projected(p, sqrt(dx * dx + dy * dy));
            }
    }
}

int main(int argc, char **argv)
{
    double angles[TILTS][3] = {{0}}, ours, baseline;
    aet_particle_params particle;
    aet_simulate_params simulate;
    aet_atoms *atoms;
    aet_tilt *tilt = NULL;
    const aet_scattering *s;
    aet_profile *profile;
    B_START(argc, argv);
    B_OK(aet_config_load(NULL, &aet_particle_table, &particle));
    B_OK(aet_config_load(NULL, &aet_simulate_table, &simulate));
    B_OK(aet_particle_build(&particle, &atoms));
    for (int t = 0; t < TILTS; t++)
        angles[t][1] = -60 + 3 * t;
    B_TIME(ours, 3, {
        aet_tilt_free(&tilt);
        B_OK(aet_simulate_tilt(MPI_COMM_WORLD, atoms, (const double(*)[3])angles, TILTS, &simulate,
                               &tilt));
    });
    B_OK(aet_scattering_find(AET_KIRKLAND, 78, &s));
    B_OK(aet_profile_create(s, 0.6, &profile));
    double *image = AET_NEW(double, (size_t)tilt->nx * tilt->nx);
    B_TIME(baseline, 2, by_formula(atoms, profile, angles[0], tilt->nx, tilt->pixel_A, image));
    baseline *= (TILTS + b_size - 1) / b_size; /* images of the fullest rank, at the time of one */
    B_RATIO("simulate_tilt", ours, baseline,
            "1156 atoms, 41 tilts; baseline: every atom at each pixel it reaches");
    B_END();
}
