/* ranks: 1 2 3 4 */
/* RESIRE and GENFIRE on blobs whose projections and transforms are known by formula. */
#include "test.h"

#include "blobs.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/physics/geometry.h"
#include "recon/recon_priv.h"
#include <complex.h>

static double lowest(const aet_volume *v)
{
    double low = 0;

    for (int64_t i = 0; i < aet_volume_count(v); i++)
        low = fmin(low, (double)v->density[i]);
    MPI_Allreduce(MPI_IN_PLACE, &low, 1, MPI_DOUBLE, MPI_MIN, MPI_COMM_WORLD);
    return low;
}

static aet_volume *reconstruct(const aet_tilt *t, const aet_volume *support,
                               const aet_recon_params *p, aet_recon_report *report)
{
    aet_volume *v = NULL;

    T_OK(aet_reconstruct(MPI_COMM_WORLD, t, support, p, &v, report));
    return v;
}

/* A second answer on rank 0 alone: the first differs from it by the order of sums only.  Such rounding grows
 * with the iterations where the data say little. */
#define TOL_RANKS 1e-4
static void same_alone(const aet_tilt *t, const aet_recon_params *p, const aet_volume *v)
{
    aet_recon_report report;
    aet_volume *alone = NULL;
    float *all = NULL;
    double worst = 0, peak = 0;

    T_OK(aet_volume_gather(v, 0, &all));
    if (t_rank != 0)
        return;
    T_OK(aet_reconstruct(MPI_COMM_SELF, t, NULL, p, &alone, &report));
    for (int64_t i = 0; i < aet_volume_count(alone); i++) {
        worst = fmax(worst, fabs((double)(alone->density[i] - all[i])));
        peak = fmax(peak, (double)all[i]);
    }
    T_NEAR(worst / peak, 0, TOL_RANKS);
    aet_recon_report_free(&report);
    aet_volume_free(&alone);
    aet_release(&all);
}

static void check_resire(double euler, int nx, int ny)
{
    aet_tilt *t = series(nx, ny, euler);
    aet_recon_params p = defaults(AET_RECON_RESIRE, 60);
    aet_recon_report r;

    p.step = 1;
    aet_volume *v = reconstruct(t, NULL, &p, &r);
    T_CHECK(v->nx == nx && v->ny == ny && v->nz == nx);
    T_CHECK(r.iterations == 60 && r.n == TILTS);
    for (int i = 1; i < r.iterations; i++) /* a descent: rounding of float residuals apart */
        T_CHECK(r.curve[i].cost <= r.curve[i - 1].cost * (1 + 1e-6));
    T_NEAR(r.curve[0].r1, 1, 1e-12); /* it starts from nothing */
    T_CHECK(r.mean_r1 < 0.05 && r.mean_r1 <= r.curve[r.iterations - 1].r1);
    T_CHECK(lowest(v) == 0);
    aet_volume *w = truth(nx, ny, nx);
    T_CHECK(correlation(w, v) > 0.97);
    same_alone(t, &p, v);
    aet_volume_free(&w);
    aet_volume_free(&v);
    aet_recon_report_free(&r);
    aet_tilt_free(&t);
}

/* Half of the space closed: nothing there, on any rank; the sizes must fit. */
static void check_support(aet_recon_method method)
{
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(method, 5);
    aet_recon_report r;
    aet_volume *support = NULL, *none = NULL;
    double outside = 0, inside = 0;

    T_OK(aet_volume_create(MPI_COMM_WORLD, S, S, S, 1.0, &support));
    for (int64_t i = 0; i < aet_volume_count(support); i++)
        support->density[i] = i % S < S / 2 ? 1 : 0;
    aet_volume *v = reconstruct(t, support, &p, &r);
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        *(i % S < S / 2 ? &inside : &outside) += fabs((double)v->density[i]);
    aet_sum_double(MPI_COMM_WORLD, &inside, 1);
    T_CHECK(outside == 0 && inside > 1);
    aet_recon_report_free(&r);
    p.size_x = S + 1;
    T_FAILS(aet_reconstruct(MPI_COMM_WORLD, t, support, &p, &none, &r), AET_ERR_INPUT,
            "the support is 24 x 24 x 24");
    T_CHECK(none == NULL);
    aet_recon_report_free(&r);
    aet_volume_free(&support);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

/* Without positivity both signs are allowed, and a volume extended or not has the same origin. */
static void check_sizes(void)
{
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(AET_RECON_RESIRE, 20);
    aet_recon_report r;

    p.positivity = false;
    p.extend_x = 1.4;
    p.size_z = 20;
    aet_volume *v = reconstruct(t, NULL, &p, &r), *w = truth(S, S, 20);
    T_CHECK(v->nx == S && v->ny == S && v->nz == 20);
    T_CHECK(lowest(v) < 0);
    T_CHECK(correlation(w, v) > 0.9);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_volume_free(&w);
    p.crop = false;
    v = reconstruct(t, NULL, &p, &r);
    T_CHECK(v->nx == 34 && v->ny == S && v->nz == 20);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

static void check_genfire(aet_recon_gridding gridding, double euler, double radius, int enforce,
                          double want)
{
    aet_tilt *t = series(S, S, euler);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 60);
    aet_recon_report r;

    p.gridding = (int)gridding;
    p.radius = radius;
    p.enforce = enforce;
    aet_volume *v = reconstruct(t, NULL, &p, &r), *w = truth(S, S, S);
    T_CHECK(correlation(w, v) > want);
    T_CHECK(lowest(v) == 0);
    T_CHECK(r.points > 0 && r.best >= 0 && r.best < r.iterations);
    T_NEAR(r.curve[0].k_error2, 1, 1e-12);
    T_CHECK(r.curve[r.best].k_error2 < 0.15);
    T_CHECK(r.mean_r1 < 0.15);
    same_alone(t, &p, v);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_volume_free(&w);
    aet_tilt_free(&t);
}

/* The transform of the blobs: sum h (s sqrt(2 pi))^3 exp(-2 pi^2 s^2 |k|^2 / M^2) exp(-2 pi i k.r / M). */
static double complex transform(const int k[3], int m)
{
    double k2 = (double)(k[0] * k[0] + k[1] * k[1] + k[2] * k[2]) / m / m;
    double envelope = pow(SIGMA * sqrt(2 * AET_PI), 3) * exp(-2 * pow(AET_PI * SIGMA, 2) * k2);
    double complex sum = 0;

    for (int b = 0; b < BLOBS; b++) {
        double t = 2 * AET_PI * (k[0] * blobs[b].x + k[1] * blobs[b].y + k[2] * blobs[b].z) / m;
        sum += blobs[b].height * envelope * CMPLX(cos(t), -sin(t));
    }
    return sum;
}

static int64_t order_of(const recon_point *p, int m)
{
    return ((int64_t)p->kx * m + (p->ky + m) % m) * m + (p->kz + m) % m;
}

/* Points in the planes kz = 0 (tilt 0) and kx = 0 (tilt 90) are measured exactly. */
static void check_points_exact(aet_recon_gridding gridding)
{
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 1);
    const int m = 2 * S;
    const int size[3] = {S, S, S};
    recon_grid grid = recon_grid_of(t, size, &p);
    recon_point *points = NULL;
    int64_t n = 0;
    int64_t last = -1;
    double worst = 0, hits = 0, origin = cabs(transform((int[3]){0, 0, 0}, m));

    t->n = 1; /* of the series, the image at tilt 0 alone: -72 + 8 * 9 */
    memcpy(t->images, aet_tilt_image(t, 9), (size_t)(S * S) * sizeof *t->images);
    memset(t->angles_deg[0], 0, sizeof t->angles_deg[0]);
    p.gridding = (int)gridding;
    grid.first = t_rank;
    grid.step = t_size;
    T_OK(recon_points(&grid, t, &points, &n));
    for (int64_t i = 0; i < n; i++) {
        int k[3] = {points[i].kx, points[i].ky, points[i].kz};
        double complex got = CMPLX((double)points[i].re, (double)points[i].im);
        worst = fmax(worst, cabs(got - transform(k, m)));
        hits += k[2] == 0;
        int64_t order = order_of(points + i, m);
        T_CHECK(order > last && k[0] % t_size == t_rank);
        T_CHECK(recon_length2(&grid, k[0], k[1], k[2]) <= m * m / 4.0);
        last = order;
    }
    aet_sum_double(MPI_COMM_WORLD, &hits, 1);
    T_CHECK(hits > AET_PI / 4 * (m / 2) *
                       (m / 2));     /* half a disc of pi/2 (m/2)^2 points, at least half of it */
    T_NEAR(worst / origin, 0, 1e-5); /* floats, and tails of the Gaussians cut by the frame */
    aet_release(&points);
    t->n = TILTS;
    aet_tilt_free(&t);
}

/* One step from nothing without constraints: the object's transform is the measured values back again. */
static void check_points_reproduce(void)
{
    aet_tilt *t = series(S, S, 3);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 3);
    aet_recon_report r;

    p.positivity = false;
    p.oversampling = 1; /* the box is the grid: nothing is cut off */
    aet_volume *v = reconstruct(t, NULL, &p, &r);
    T_NEAR(r.curve[1].k_error2, 0,
           1e-3); /* the root of what is left of sums that cancel: sqrt(1e-7) */
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

/* Withheld points are not enforced: their error stays above that of the others but falls. */
static void check_withheld(void)
{
    aet_tilt *t = series(S, S, 2);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 30);
    aet_recon_report r;

    p.withheld = 0.1;
    aet_volume *v = reconstruct(t, NULL, &p, &r);
    T_NEAR(r.curve[0].r_free2, 1, 1e-12);
    T_CHECK(r.curve[29].r_free2 < 0.5 && r.curve[29].r_free2 > r.curve[29].k_error2);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

static void check_failures(void)
{
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(AET_RECON_RESIRE, 5);
    aet_recon_report r;
    aet_volume *v = NULL;

    t->images[7] = NAN;
    T_FAILS(aet_reconstruct(MPI_COMM_WORLD, t, NULL, &p, &v, &r), AET_ERR_INPUT, "image 0");
    T_CHECK(v == NULL);
    aet_recon_report_free(&r);
    t->images[7] = 0;
    aet_stop_request();
    for (int method = 0; method < 4; method++) {
        p.method = method;
        T_FAILS(aet_reconstruct(MPI_COMM_WORLD, t, NULL, &p, &v, &r), AET_ERR_STOPPED,
                "stopped at iteration 0 of ");
        aet_recon_report_free(&r);
    }
    aet_tilt_free(&t);
}

static void check_memory(void)
{
    aet_recon_params p = defaults(AET_RECON_RESIRE, 200);
    double one, four, s_one, s_four, grid;

    aet_recon_memory(40, 256, 256, &p, 1, &one, &s_one);
    aet_recon_memory(40, 256, 256, &p, 4, &four, &s_four);
    T_CHECK(one > 3 * 4.0 * 256 * 256 * 256 && four < one && four > one / 4);
    T_NEAR(s_four, s_one / 4, 1e-9 * s_one);
    p.method = AET_RECON_GENFIRE;
    p.oversampling = 4;
    aet_recon_memory(40, 256, 256, &p, 1, &grid, &s_one);
    aet_recon_memory(40, 256, 256, &p, 4, &four, &s_four);
    /* the convolution's grid and its kernel at least; and no grid of 1024^3 */
    T_CHECK(grid > 1.5 * 4.0 * 512 * 512 * 512 && grid < 4.0 * 1024 * 1024 * 1024 / 2);
    T_CHECK(four < grid / 2);
}

/* With a radius above one half a padded transform's sample measures the points around it too: of an untilted
 * image the planes kz = -1 and 1, as far as a frequency has a neighbour; a point's value is the mean of samples
 * around it, by their weights. */
static void check_points_many(void)
{
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 1);
    recon_grid grid = {.m = 2 * S, .first = t_rank, .step = t_size, .params = &p};
    recon_point *points = NULL;
    int64_t n = 0;
    double planes[3] = {0}, wide[3] = {0};

    t->n = 1;
    memset(t->angles_deg[0], 0, sizeof t->angles_deg[0]);
    p.gridding = AET_GRIDDING_FFT;
    for (int pass = 0; pass < 2; pass++) {
        p.radius = pass ? 1.1 : 0.5;
        T_OK(recon_points(&grid, t, &points, &n));
        for (int64_t i = 0; i < n; i++)
            if (abs(points[i].kz) <= 1)
                (pass ? wide : planes)[points[i].kz + 1]++;
        aet_release(&points);
    }
    aet_sum_double(MPI_COMM_WORLD, planes, 3);
    aet_sum_double(MPI_COMM_WORLD, wide, 3);
    T_CHECK(planes[0] == 0 && planes[2] == 0 && planes[1] > 100);
    T_CHECK(wide[1] == planes[1] && wide[0] == wide[2] && wide[0] > 0.98 * planes[1]);
    t->n = TILTS;
    aet_tilt_free(&t);
}

/* The lists of the published codes, entry by entry, where there are as many iterations as entries. */
static void check_schedule(void)
{
    for (int i = 0; i < 14; i++)
        T_CHECK(i < 12 ? fabs(recon_cutoff(AET_ENFORCE_EXTEND, i, 14) - (0.95 - 0.1 * i)) < 1e-12
                       : recon_cutoff(AET_ENFORCE_EXTEND, i, 14) < -1);
    for (int i = 0; i < 27; i++) {
        double got = recon_cutoff(AET_ENFORCE_THERE_AND_BACK, i, 27);
        T_CHECK(i >= 12 && i < 15 ? got < -1
                                  : fabs(got - (0.95 - 0.1 * (i < 12 ? i : 26 - i))) < 1e-12);
    }
    /* round(linspace(1, 100, 27)) = 1 5 9 12 ... 96 100, counted from 1 */
    T_NEAR(recon_cutoff(AET_ENFORCE_THERE_AND_BACK, 3, 100), 0.95, 1e-12);
    T_NEAR(recon_cutoff(AET_ENFORCE_THERE_AND_BACK, 4, 100), 0.85, 1e-12);
    T_NEAR(recon_cutoff(AET_ENFORCE_THERE_AND_BACK, 98, 100), 0.85, 1e-12);
    T_NEAR(recon_cutoff(AET_ENFORCE_THERE_AND_BACK, 99, 100), 0.95, 1e-12);
    T_CHECK(recon_cutoff(AET_ENFORCE_EXTEND, 0, 1) < -1);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_resire(0, S, S);
    check_resire(4, S, 20);
    check_resire(3, 21, 23);
    check_support(AET_RECON_RESIRE);
    check_support(AET_RECON_GENFIRE);
    check_sizes();
    check_points_exact(AET_GRIDDING_DFT);
    check_points_exact(AET_GRIDDING_FFT);
    check_points_many();
    check_schedule();
    check_points_reproduce();
    check_genfire(AET_GRIDDING_DFT, 0, 0.3, AET_ENFORCE_ALL, 0.97);
    check_genfire(AET_GRIDDING_DFT, 4, 0.1, AET_ENFORCE_EXTEND, 0.97);
    check_genfire(AET_GRIDDING_FFT, 4, 0.5, AET_ENFORCE_THERE_AND_BACK, 0.90);
    check_withheld();
    check_memory();
    check_failures();
    T_END();
}
