/* ranks: 1 2 3 4 */
/* Refinement of a series of blobs, whose images are known by formula. */
#include "test.h"

#include "blobs.h"

#include "aetlas/base/rng.h"
#include "aetlas/par/stop.h"
#include "recon/refine_priv.h"

/* Float sums of several thousand terms in different order, carried through all rounds. */
#define TOL_RANKS 2e-3

static aet_rng key = {3, 0, AET_RNG_TEST};

static double uniform(int i, double most)
{
    return most * (2 * aet_rng_uniform(key, (uint64_t)i) - 1);
}

static aet_refine_params params(void)
{
    aet_refine_params p;

    T_OK(aet_config_load(NULL, &aet_refine_table, &p));
    p.coarsest = 2;
    p.rounds = 12;
    return p;
}

/* A series with errors of angles and places; truth: what was done. */
static aet_tilt *wrong_series(double most_deg, double most_px, aet_pose *truth_poses)
{
    aet_tilt *t = series(S, S, 1);

    for (int i = 0; i < TILTS; i++) {
        memcpy(truth_poses[i].angles_deg, t->angles_deg[i], sizeof truth_poses[i].angles_deg);
        for (int a = 0; a < 3; a++)
            t->angles_deg[i][a] += uniform(100 + 5 * i + a, most_deg);
        for (int a = 0; a < 2; a++)
            truth_poses[i].shift_px[a] = uniform(103 + 5 * i + a, most_px);
        T_OK(aet_image_shift(aet_tilt_image(t, i), S, S, truth_poses[i].shift_px[0],
                             truth_poses[i].shift_px[1], aet_tilt_image(t, i)));
    }
    return t;
}

/* RMS of what is left when the best common motion is taken out, of the tilts with weight. */
static void errors(const aet_pose *truth_poses, const aet_pose *found, const double *weight,
                   double *angle_deg, double *shift_px)
{
    aet_refine_params p = params();
    aet_pose now[TILTS];
    double all = 0;

    memcpy(now, found, sizeof now);
    T_OK(refine_gauge(&p, TILTS, truth_poses, weight, now));
    *angle_deg = *shift_px = 0;
    for (int i = 0; i < TILTS; i++) {
        all += weight[i];
        *angle_deg +=
            weight[i] * pow(refine_angle_between(now[i].angles_deg, truth_poses[i].angles_deg), 2);
        *shift_px += weight[i] * (pow(now[i].shift_px[0] - truth_poses[i].shift_px[0], 2) +
                                  pow(now[i].shift_px[1] - truth_poses[i].shift_px[1], 2));
    }
    *angle_deg = sqrt(*angle_deg / all);
    *shift_px = sqrt(*shift_px / all);
}

/* What rank 0 finds alone, and the angles that go with the images. */
static void same_alone(const aet_tilt *t, const aet_refine_params *p, const aet_recon_params *recon,
                       const aet_tilt *out, const aet_refine_report *r)
{
    aet_tilt *alone = NULL;
    aet_refine_report r1;

    if (t_rank != 0)
        return;
    T_OK(aet_refine(MPI_COMM_SELF, t, p, recon, &alone, &r1));
    for (int i = 0; i < TILTS; i++) {
        T_NEAR(refine_angle_between(r->after[i].angles_deg, r1.after[i].angles_deg), 0, TOL_RANKS);
        T_NEAR(r->after[i].shift_px[0], r1.after[i].shift_px[0], TOL_RANKS);
        T_CHECK(memcmp(out->angles_deg[i], r->after[i].angles_deg, sizeof out->angles_deg[i]) == 0);
    }
    aet_refine_report_free(&r1);
    aet_tilt_free(&alone);
}

static void check_found(void)
{
    aet_pose truth_poses[TILTS];
    aet_tilt *t = wrong_series(2, 2, truth_poses), *out = NULL;
    aet_refine_params p = params();
    aet_recon_params recon = defaults(AET_RECON_RESIRE, 1);
    aet_refine_report r;
    double weight[TILTS], angle, shift;

    for (int i = 0; i < TILTS; i++)
        weight[i] = 1;
    p.reference = 9;
    T_OK(aet_refine(MPI_COMM_WORLD, t, &p, &recon, &out, &r));
    errors(truth_poses, r.before, weight, &angle, &shift);
    T_CHECK(angle > 1.5 && shift > 1);
    errors(truth_poses, r.after, weight, &angle, &shift);
    if (t_rank == 0)
        printf("angles %.3f deg, shifts %.3f px\n", angle, shift);
    T_CHECK(angle < 0.4 && shift < 0.05); /* 4 blobs, 19 tilts: angles matter little */
    T_CHECK(r.mean_r1_after < r.mean_r1_before / 3 && r.n_lost == 0 && r.reference == 9);
    T_NEAR(refine_angle_between(r.after[9].angles_deg, t->angles_deg[9]), 0, 0);
    T_NEAR(r.after[9].shift_px[0], 0, 0);
    T_NEAR((double)aet_tilt_image(out, 9)[300], (double)aet_tilt_image(t, 9)[300],
           1e-5); /* floats */
    same_alone(t, &p, &recon, out, &r);
    aet_refine_report_free(&r);
    aet_tilt_free(&t);
    aet_tilt_free(&out);
}

/* One image of something else: it is put back where it was, and the others are found all the same. */
static void check_lost(void)
{
    aet_pose truth_poses[TILTS];
    aet_tilt *t = wrong_series(1, 1, truth_poses), *out = NULL;
    aet_refine_params p = params();
    aet_recon_params recon = defaults(AET_RECON_RESIRE, 1);
    aet_refine_report r;
    double weight[TILTS], angle, shift;

    p.max_shift_px = 4;
    T_OK(aet_image_shift(aet_tilt_image(t, 5), S, S, 6, 0, aet_tilt_image(t, 5)));
    for (int i = 0; i < TILTS; i++)
        weight[i] = i != 5;
    aet_log_init(t_rank, AET_LOG_ERROR);
    T_OK(aet_refine(MPI_COMM_WORLD, t, &p, &recon, &out, &r));
    aet_log_init(t_rank, AET_LOG_WARN);
    T_CHECK(r.n_lost == 1 && r.lost[5]);
    T_NEAR(r.after[5].shift_px[0], 0, 0);
    errors(truth_poses, r.after, weight, &angle, &shift);
    if (t_rank == 0)
        printf("with a lost tilt: angles %.3f deg, shifts %.3f px\n", angle, shift);
    T_CHECK(angle < 0.5 && shift < 0.1);
    aet_refine_report_free(&r);
    aet_tilt_free(&t);
    aet_tilt_free(&out);
}

/* What is right stays; what is held stays exactly. */
static void check_still(void)
{
    aet_pose truth_poses[TILTS];
    aet_tilt *t = wrong_series(0, 0, truth_poses), *out = NULL;
    aet_refine_params p = params();
    aet_recon_params recon = defaults(AET_RECON_RESIRE, 1);
    aet_refine_report r;

    T_OK(aet_refine(MPI_COMM_WORLD, t, &p, &recon, &out, &r));
    if (t_rank == 0)
        printf("right from the start: angles %.3f deg, shifts %.4f px\n", r.rms_angle_deg,
               r.rms_shift_px);
    T_CHECK(r.rms_angle_deg < 0.3 && r.rms_shift_px < 0.02);
    aet_refine_report_free(&r);
    aet_tilt_free(&out);
    p.phi = p.psi = p.shift = false;
    T_OK(aet_refine(MPI_COMM_WORLD, t, &p, &recon, &out, &r));
    for (int i = 0; i < TILTS; i++) {
        T_NEAR(out->angles_deg[i][0], t->angles_deg[i][0], 0);
        T_NEAR(out->angles_deg[i][2], t->angles_deg[i][2], 0);
        T_NEAR(r.after[i].shift_px[1], 0, 0);
    }
    aet_refine_report_free(&r);
    aet_tilt_free(&out);
    aet_tilt_free(&t);
}

static void check_failures(void)
{
    aet_tilt *t = series(S, S, 0), *out = NULL;
    aet_refine_params p = params();
    aet_recon_params recon = defaults(AET_RECON_RESIRE, 1);
    aet_refine_report r;

    p.reference = TILTS;
    T_FAILS(aet_refine(MPI_COMM_WORLD, t, &p, &recon, &out, &r), AET_ERR_USAGE, "0 to 18");
    aet_refine_report_free(&r);
    p.reference = -1;
    t->n = 2;
    T_FAILS(aet_refine(MPI_COMM_WORLD, t, &p, &recon, &out, &r), AET_ERR_INPUT, "3 at least");
    aet_refine_report_free(&r);
    t->n = TILTS;
    aet_stop_request();
    T_FAILS(aet_refine(MPI_COMM_WORLD, t, &p, &recon, &out, &r), AET_ERR_STOPPED, "stopped");
    T_CHECK(out == NULL);
    aet_refine_report_free(&r);
    aet_tilt_free(&t);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_found();
    check_lost();
    check_still();
    check_failures();
    T_END();
}
