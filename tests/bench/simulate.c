/* ranks: 1 2 */
/* Linear projections of an octahedron of 1156 atoms at 41 tilts, against two ways to paint one image atom by
 * atom, pixel by pixel within the same cutoff: the printed formula (three Bessel functions and three exponentials
 * a pixel; without the blur, which would cost more), and the usual remedy, a radial table read by r^2. */
#include "aetlas/base/mem.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/potential.h"
#include "aetlas/simulate/particle.h"
#include "aetlas/simulate/project.h"
#include "bench.h"
#include <math.h>

enum { TILTS = 41, TABLE = 32768 };

static const aet_scattering *factors;
static double cutoff2, table[TABLE + 2];

static double by_formula(double r2)
{
    return aet_scattering_projected(factors, sqrt(r2 > 0.01 ? r2 : 0.01));
}

static double by_table(double r2)
{
    double t = r2 * (TABLE / cutoff2);
    int i = (int)t;
    return table[i] + (t - i) * (table[i + 1] - table[i]);
}

/* One image, square by square around the atoms. */
static void paint(const aet_atoms *a, const aet_tilt *t, double (*profile)(double r2),
                  double *image)
{
    double R[3][3], px = t->pixel_A;
    int reach = (int)ceil(sqrt(cutoff2) / px), n = t->nx;
    aet_rotation(t->angles_deg[0], R);
    for (int i = 0; i < n * n; i++)
        image[i] = 0;
    for (int k = 0; k < a->n; k++) {
        double q[3];
        aet_rotate(R, a->position_A[k], q);
        int cx = (int)lround(q[0] / px) + n / 2, cy = (int)lround(q[1] / px) + n / 2;
        for (int y = cy - reach; y <= cy + reach; y++)
            for (int x = cx - reach; x <= cx + reach; x++) {
                double dx = (x - n / 2) * px - q[0], dy = (y - n / 2) * px - q[1];
                double r2 = dx * dx + dy * dy;
                if (r2 < cutoff2 && x >= 0 && x < n && y >= 0 && y < n)
                    image[y * n + x] += profile(r2);
            }
    }
}

int main(int argc, char **argv)
{
    double angles[TILTS][3] = {{0}}, ours, formula, lookup;
    aet_particle_params particle;
    aet_simulate_params simulate;
    aet_atoms *atoms;
    aet_tilt *tilt = NULL;
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
    B_OK(aet_scattering_find(AET_KIRKLAND, 78, &factors));
    B_OK(aet_profile_create(factors, 0.6, &profile));
    cutoff2 = profile->cutoff_A * profile->cutoff_A;
    for (int i = 0; i < TABLE + 2; i++)
        table[i] = aet_profile_projected(profile, sqrt(i * cutoff2 / TABLE));
    double *image = AET_NEW(double, (size_t)tilt->nx * tilt->nx);
    B_TIME(formula, 1, paint(atoms, tilt, by_formula, image));
    B_TIME(lookup, 3, paint(atoms, tilt, by_table, image));
    int share = (TILTS + b_size - 1) / b_size; /* images of the fullest rank, at the time of one */
    B_RATIO("simulate_tilt_formula", ours, formula * share,
            "baseline: v_z by Bessel functions at each pixel");
    B_RATIO("simulate_tilt_table", ours, lookup * share,
            "baseline: a radial table read by r^2 at each pixel");
    aet_release(&image);
    aet_profile_free(&profile);
    aet_tilt_free(&tilt);
    aet_atoms_free(&atoms);
    B_END();
}
