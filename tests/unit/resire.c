/* ranks: 1 2 3 4 */
/* RESIRE accelerated against plain, and both against the truth: blobs with images by formula. */
#include "test.h"

#include "blobs.h"

#include "aetlas/base/rng.h"
#include "aetlas/par/agree.h"

static aet_volume *reconstruct(const aet_tilt *t, const aet_recon_params *p, aet_recon_report *r)
{
    aet_volume *v = NULL;

    T_OK(aet_reconstruct(MPI_COMM_WORLD, t, NULL, p, &v, r));
    return v;
}

static double error_to(const aet_volume *want, const aet_volume *v)
{
    double sum[2] = {0, 0};

    for (int64_t i = 0; i < aet_volume_count(v); i++) {
        sum[0] += pow((double)(v->density[i] - want->density[i]), 2);
        sum[1] += pow((double)want->density[i], 2);
    }
    aet_sum_double(MPI_COMM_WORLD, sum, 2);
    return sqrt(sum[0] / sum[1]);
}

/* So few voxels that the images determine the object: noise and all, both methods come to the same one. */
#define TOL_FIXED 2e-3 /* as far as plain iterations have come: 4e-4 */
static void check_fixed_point(void)
{
    aet_tilt *t = series_of(8, 8, 3, -90, 9.5);
    aet_recon_params p = defaults(AET_RECON_RESIRE, 3000), q = defaults(AET_RECON_RESIRE_FAST, 400);
    aet_recon_report r, s;

    q.plateau = 0;
    p.size_z = q.size_z = 4;
    aet_volume *v = reconstruct(t, &p, &r), *w = reconstruct(t, &q, &s);
    T_CHECK(s.iterations == 400 && s.best == -1); /* nothing to stop it */
    T_NEAR(s.curve[399].cost / r.curve[2999].cost, 1, 1e-5);
    T_CHECK(r.mean_r1 > 0.01); /* what lies beside the frame does not fit */
    T_NEAR(error_to(v, w), 0, TOL_FIXED);
    aet_recon_report_free(&r);
    aet_recon_report_free(&s);
    aet_volume_free(&v);
    aet_volume_free(&w);
    aet_tilt_free(&t);
}

/* The misfit of 200 plain iterations, in at most 50; the errors on the way are those of the object. */
static void check_fast(void)
{
    aet_tilt *t = series(S, S, 3);
    aet_recon_params p = defaults(AET_RECON_RESIRE, 200), q = defaults(AET_RECON_RESIRE_FAST, 50);
    aet_recon_report r, s;
    aet_volume *want = truth(S, S, S);

    q.withheld = 0;
    aet_volume *v = reconstruct(t, &p, &r), *w = reconstruct(t, &q, &s);
    T_CHECK(s.curve[49].cost <= r.curve[199].cost);
    T_CHECK(correlation(want, w) > 0.98 && correlation(want, v) > 0.98);
    T_NEAR(s.curve[0].r1, 1, 1e-12);
    double r1 = s.mean_r1;
    aet_recon_report_free(&s);
    aet_volume_free(&w);
    q.iterations = 51; /* the same, and one more: whose errors are those of the object before */
    w = reconstruct(t, &q, &s);
    T_NEAR(s.curve[50].r1, r1, 1e-6); /* float images, one made from two others */
    aet_recon_report_free(&r);
    aet_recon_report_free(&s);
    aet_volume_free(&v);
    aet_volume_free(&w);
    aet_volume_free(&want);
    aet_tilt_free(&t);
}

/* Gaussian noise, in each pixel its own. */
static void add_noise(aet_tilt *t, double sigma)
{
    for (int i = 0; i < t->n; i++)
        for (int64_t k = 0; k < t->nx * t->ny; k++) {
            double z[4];
            aet_rng_normal4((aet_rng){7, (uint32_t)i, AET_RNG_TEST}, (uint64_t)k, z);
            aet_tilt_image(t, i)[k] += (float)(sigma * z[0]);
        }
}

/* Pixels withheld: it ended `patience` after the best object, which it gives back. */
static void check_best(const aet_recon_params *q, const aet_recon_report *r)
{
    T_CHECK(r->iterations < 60 && r->iterations == r->best + q->patience && r->settled == -1);
    T_CHECK(r->curve[r->best].r_free2 < r->curve[0].r_free2);
}

/* Images withheld: it began again `patience` after the least R_free and went to the last iteration that was
 * within 5 % of it; what is given back is what so many iterations on all images give, bit for bit.  Returns
 * where R_free was least. */
static int check_second_pass(const aet_tilt *t, const aet_recon_params *with, const aet_volume *v,
                             const aet_recon_report *r)
{
    aet_recon_params p = *with;
    aet_recon_report all;
    int least = 0, well = 0;

    for (int i = 0; i < r->iterations; i++)
        least = r->curve[i].r_free2 < r->curve[least].r_free2 ? i : least;
    for (int i = 0; i < least + p.patience; i++)
        well = r->curve[i].r_free2 <= 1.05 * r->curve[least].r_free2 ? i : well;
    T_CHECK(least > 0 && r->settled == well && r->iterations == least + p.patience + well);
    T_CHECK(r->best == -1 && isnan(r->curve[r->iterations - 1].r_free2));
    p.withheld = p.plateau = 0;
    p.iterations = r->settled;
    aet_volume *w = reconstruct(t, &p, &all);
    T_CHECK(error_to(w, v) == 0 && all.settled == -1);
    T_CHECK(all.mean_r1 == r->mean_r1);
    aet_recon_report_free(&all);
    aet_volume_free(&w);
    return least;
}

/* The distances to the truth of 200 plain iterations and of the best of fewer. */
static void plain_errors(const aet_tilt *t, const aet_volume *want, double *best, double *last)
{
    static const int some[] = {6, 9, 13, 19, 28, 50, 200};
    aet_recon_params p = defaults(AET_RECON_RESIRE, 200);
    aet_recon_report r;

    *best = INFINITY;
    for (size_t k = 0; k < sizeof some / sizeof *some; k++) {
        p.iterations = some[k];
        aet_volume *v = reconstruct(t, &p, &r);
        *last = error_to(want, v);
        *best = fmin(*best, *last);
        aet_recon_report_free(&r);
        aet_volume_free(&v);
    }
}

/* Noise: stopped by itself, it is nearer to the truth than 200 plain iterations, and about as near as
 * the best of them, which nobody knows who does not know the truth.  With images withheld that is so where
 * R_free was least; it goes on for the sake of sharpness, which these blobs have not: with little noise
 * it comes to the 200 plain ones (0.1 % farther), with much it is still nearer. */
static void check_noisy(double sigma)
{
    aet_tilt *t = series(S, S, 3);
    aet_volume *want = truth(S, S, S);
    aet_recon_params p = defaults(AET_RECON_RESIRE_FAST, 200);
    aet_recon_report r;
    double best, last;

    add_noise(t, sigma);
    plain_errors(t, want, &best, &last);
    p.withheld = 0.05;
    p.withhold = AET_WITHHOLD_POINTS;
    aet_volume *points = reconstruct(t, &p, &r);
    T_NEAR(r.curve[0].r_free2, 1, 1e-12);
    check_best(&p, &r);
    T_CHECK(error_to(want, points) < last && error_to(want, points) < 1.2 * best);
    aet_recon_report_free(&r);
    p.withhold = AET_WITHHOLD_IMAGES;
    aet_volume *images = reconstruct(t, &p, &r);
    T_NEAR(r.curve[0].r_free2, 1, 1e-12);
    T_CHECK(error_to(want, images) < 1.01 * last);
    int least = check_second_pass(t, &p, images, &r);
    aet_recon_report_free(&r);
    p.withheld = p.plateau = 0;
    p.iterations = least;
    aet_volume *v = reconstruct(t, &p, &r);
    T_CHECK(error_to(want, v) < last && error_to(want, v) < 1.2 * best);
    aet_recon_report_free(&r);
    aet_volume_free(&points);
    aet_volume_free(&images);
    aet_volume_free(&v);
    aet_volume_free(&want);
    aet_tilt_free(&t);
}

/* Data that no object fits: it stops when the cost falls no longer, and not before. */
static void check_plateau(void)
{
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(AET_RECON_RESIRE_FAST, 400);
    aet_recon_report r;

    add_noise(t, 0.4);
    p.patience = 10;
    p.plateau = 0.02;
    aet_volume *v = reconstruct(t, &p, &r);
    int n = r.iterations;
    T_CHECK(n > 15 && n < 100 && r.best == -1);
    T_CHECK(r.curve[n - 1].cost > 0.98 * r.curve[n - 11].cost);
    T_CHECK(r.curve[n - 2].cost <= 0.98 * r.curve[n - 12].cost);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

/* What is withheld has no influence on the object, whatever it is; and R_free tells. */
static void check_withheld(aet_recon_method method)
{
    aet_tilt *t = series(S, 20, 2);
    aet_recon_params p = defaults(method, 12);
    aet_recon_report r, s;
    int changed = 0;

    p.withheld = 0.2;
    p.withhold = AET_WITHHOLD_POINTS;
    p.seed = 5;
    aet_volume *v = reconstruct(t, &p, &r);
    for (int i = 0; i < t->n; i++)
        for (int k = 0; k < S * 20; k++)
            if (aet_rng_uniform((aet_rng){5, (uint32_t)i, AET_RNG_WITHHOLD}, (uint64_t)k) < 0.2) {
                aet_tilt_image(t, i)[k % 20 * S + k / 20] += 1;
                changed++;
            }
    T_NEAR(changed / (double)(t->n * S * 20), 0.2, 0.03); /* six standard deviations */
    aet_volume *w = reconstruct(t, &p, &s);
    T_CHECK(method == AET_RECON_RESIRE_FAST || error_to(v, w) == 0); /* fast: R_free chooses */
    T_CHECK(s.curve[11].r_free2 > r.curve[11].r_free2 && s.curve[11].cost == r.curve[11].cost);
    T_CHECK(r.curve[11].r_free2 < 0.5);
    aet_recon_report_free(&r);
    aet_recon_report_free(&s);
    aet_volume_free(&v);
    aet_volume_free(&w);
    aet_tilt_free(&t);
}

/* Without blur in the model, images by formula are fitted better, and the object is not sharpened. */
static void check_fourier(void)
{
    aet_tilt *t = series_of(20, S, 5, -90, 9.5);
    aet_recon_params p = defaults(AET_RECON_RESIRE_FAST, 60);
    aet_recon_report r, s;
    aet_volume *want = truth(20, S, 20), *v = reconstruct(t, &p, &r);

    p.projector = AET_PROJECTOR_FOURIER;
    aet_volume *w = reconstruct(t, &p, &s);
    T_CHECK(s.mean_r1 < 0.5 * r.mean_r1 && s.mean_r1 < 0.005);
    T_CHECK(error_to(want, w) < 0.5 * error_to(want, v));
    T_CHECK(correlation(want, w) > 0.999);
    aet_recon_report_free(&r);
    aet_recon_report_free(&s);
    aet_volume_free(&v);
    aet_volume_free(&w);
    aet_volume_free(&want);
    aet_tilt_free(&t);
}

/* The convolution is the same descent on images with their empty surroundings: as good an object, which
 * iterations approach in the same way; what it cannot do it refuses. */
static void check_convolution(aet_recon_method method)
{
    aet_tilt *t = series_of(20, S, 5, -90, 9.5);
    aet_recon_params p = defaults(method, 40);
    aet_recon_report r, s;
    aet_volume *want = truth(20, S, 20), *none = NULL;

    p.projector = AET_PROJECTOR_FOURIER;
    aet_volume *v = reconstruct(t, &p, &r);
    p.projector = AET_PROJECTOR_CONVOLUTION;
    aet_volume *w = reconstruct(t, &p, &s);
    T_CHECK(isnan(s.curve[5].r1) && s.iterations == 40);
    T_NEAR(s.curve[0].r2, 1, 1e-5);
    T_NEAR(s.curve[0].cost / r.curve[0].cost, 1, 1e-5); /* both are |b|^2 / 2 */
    for (int i = 1; i < 40; i++)
        T_CHECK(method != AET_RECON_RESIRE || s.curve[i].cost <= s.curve[i - 1].cost);
    T_CHECK(error_to(want, w) < 0.01 && error_to(want, v) < 0.01);
    T_CHECK(s.mean_r1 < 0.002 && r.mean_r1 < 0.002);
    aet_recon_report_free(&r);
    aet_recon_report_free(&s);
    p.extend_x = 1.5;
    T_FAILS(aet_reconstruct(MPI_COMM_WORLD, t, NULL, &p, &none, &r), AET_ERR_USAGE, "take fourier");
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_volume_free(&w);
    aet_volume_free(&want);
    aet_tilt_free(&t);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_fixed_point();
    check_fast();
    check_noisy(0.4);
    check_plateau();
    check_withheld(AET_RECON_RESIRE);
    check_withheld(AET_RECON_RESIRE_FAST);
    check_convolution(AET_RECON_RESIRE_FAST);
    if (!T_SANITIZED) {
        check_noisy(0.1);
        check_noisy(1);
        check_fourier();
        check_convolution(AET_RECON_RESIRE);
    }
    T_END();
}
