/* ranks: 2 */
/* limit: 120 */
/* Refinement of a simulated particle of 586 atoms, 41 tilts within 70 degrees: errors up to 2 degrees of
 * each angle and 2 pixels of each shift; without noise and at 3e5 e/A^2. */
#include "test.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/simulate/particle.h"
#include "aetlas/simulate/project.h"
#include "recon/refine_priv.h"

/* On the sanitizer build, ten times slower, the same code on a smaller particle, in a fifth of the rounds, from
 * nearer poses. */
#ifdef __SANITIZE_ADDRESS__
static const double spread = 0.5;
enum { N = 21, EDGE = 6, SIZE = 44, COARSEST = 2, ROUNDS = 4, START = 8 };
#else
static const double spread = 2;
enum { N = 41, EDGE = 10, SIZE = 72, COARSEST = 4, ROUNDS = 40, START = 30 };
#endif

static double nominal_deg(int i)
{
    return -70 + 140.0 / (N - 1) * i;
}

/* Images at the true poses, with the nominal angles written on them. */
static aet_tilt *series(double dose, aet_pose *truth)
{
    aet_particle_params pp;
    aet_simulate_params sp;
    aet_atoms *atoms = NULL;
    aet_tilt *t = NULL;
    double angles[N][3], u[8];

    T_OK(aet_config_load(NULL, &aet_particle_table, &pp));
    T_OK(aet_config_load(NULL, &aet_simulate_table, &sp));
    pp.shape = AET_SHAPE_TRUNCATED;
    pp.size = EDGE;
    snprintf(pp.rotate, sizeof pp.rotate, "random");
    sp.pixel_A = 0.4;
    sp.size = SIZE;
    sp.dose_e_per_A2 = dose;
    for (int i = 0; i < N; i++) {
        aet_rng_uniform4((aet_rng){7, 0, AET_RNG_ANGLE}, (uint64_t)(2 * i), u);
        aet_rng_uniform4((aet_rng){7, 0, AET_RNG_ANGLE}, (uint64_t)(2 * i + 1), u + 4);
        for (int k = 0; k < 3; k++)
            angles[i][k] = truth[i].angles_deg[k] =
                (k == 1) * nominal_deg(i) + spread * (2 * u[k] - 1);
        for (int k = 0; k < 2; k++)
            truth[i].shift_px[k] = spread * (2 * u[4 + k] - 1);
    }
    T_OK(aet_particle_build(&pp, &atoms));
    T_OK(aet_simulate_tilt(MPI_COMM_WORLD, atoms, (const double(*)[3])angles, N, &sp, &t));
    for (int i = 0; i < N; i++) {
        float *image = aet_tilt_image(t, i);
        T_OK(aet_image_shift(image, t->ny, t->nx, truth[i].shift_px[0], truth[i].shift_px[1],
                             image));
        t->angles_deg[i][0] = t->angles_deg[i][2] = 0;
        t->angles_deg[i][1] = nominal_deg(i);
    }
    aet_atoms_free(&atoms);
    return t;
}

/* RMS of phi, theta, psi and of shifts along each axis, with the best common motion taken out. */
static void rms(const aet_pose *truth, const aet_pose *found, double angle_deg[3], double *shift_px)
{
    aet_refine_params p;
    aet_pose now[N];
    double weight[N], square[3] = {0}, shift2 = 0;

    T_OK(aet_config_load(NULL, &aet_refine_table, &p));
    memcpy(now, found, sizeof now);
    for (int i = 0; i < N; i++)
        weight[i] = 1;
    T_OK(refine_gauge(&p, N, truth, weight, now));
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 3; k++)
            square[k] += pow(now[i].angles_deg[k] - truth[i].angles_deg[k], 2) / N;
        for (int k = 0; k < 2; k++)
            shift2 += pow(now[i].shift_px[k] - truth[i].shift_px[k], 2) / (2 * N);
    }
    for (int k = 0; k < 3; k++)
        angle_deg[k] = sqrt(square[k]);
    *shift_px = sqrt(shift2);
}

static void check(const char *what, double dose, double most_deg, double most_px)
{
    aet_pose truth[N];
    aet_tilt *t = series(dose, truth), *out = NULL;
    aet_refine_params p;
    aet_recon_params recon;
    aet_refine_report r;
    double a[3], shift;

    T_OK(aet_config_load(NULL, &aet_refine_table, &p));
    T_OK(aet_config_load(NULL, &aet_recon_table, &recon));
    p.coarsest = COARSEST;
    p.rounds = ROUNDS;
    p.start = START;
    T_OK(aet_refine(MPI_COMM_WORLD, t, &p, &recon, &out, &r));
    rms(truth, r.before, a, &shift);
    for (int k = 0; k < 3; k++)
        T_CHECK(a[k] > 0.4 * spread); /* of values within spread, at random: 0.58 */
    T_CHECK(shift > 0.4 * spread);
    rms(truth, r.after, a, &shift);
    if (t_rank == 0)
        printf("%s: phi %.3f, theta %.3f, psi %.3f degrees, shifts %.4f pixels (RMS), %.1f s\n",
               what, a[0], a[1], a[2], shift, r.seconds);
    T_CHECK(r.n_lost == 0);
    T_CHECK(a[0] < most_deg && a[1] < most_deg && a[2] < most_deg);
    T_CHECK(shift < most_px);
    aet_refine_report_free(&r);
    aet_tilt_free(&t);
    aet_tilt_free(&out);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    /* What is asked for is 0.1 degrees and 0.1 pixels; 0.03 and 0.002 were left with five seeds.  Without atoms, of
     * volumes alone, theta is 0.06 to 0.17. */
    check("without noise", 0, 0.1, 0.02);
    /* 0.13 to 0.25 degrees and 0.03 pixels with two seeds; of volumes alone theta is 0.7 and more */
    if (!T_SANITIZED)
        check("at 3e5 e/A^2", 3e5, 0.4, 0.06);
    T_END();
}
