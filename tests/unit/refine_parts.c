/* ranks: 1 2 3 4 */
/* The pieces of a refinement against formulas, finite differences and exact motions. */
#include "test.h"

#include "blobs.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/projector.h"
#include "recon/refine_priv.h"

/* Rounding of doubles through a few rotations, in degrees and pixels. */
#define TOL_EXACT 1e-9
#define TOL_SLOPE 0.1

static aet_rng key = {3, 0, AET_RNG_TEST};

static double uniform(int i, double most)
{
    return most * (2 * aet_rng_uniform(key, (uint64_t)i) - 1);
}

/* ---- shifts ---- */

static double gauss(double x, double y)
{
    return exp(-(x * x + y * y) / (2 * 1.7 * 1.7));
}

static void check_shift(int ny, int nx)
{
    float *image = AET_NEW(float, nx *ny), *moved = AET_NEW(float, nx *ny);
    double worst = 0, whole = 0, sum = 0, back = 0;

    for (int k = 0; k < nx * ny; k++) {
        image[k] = (float)gauss(k % nx - 11.2, k / nx - 9.7);
        sum += (double)image[k];
    }
    T_OK(aet_image_shift(image, ny, nx, 1.3, -0.85, moved));
    for (int k = 0; k < nx * ny; k++) {
        worst = fmax(worst, fabs((double)moved[k] - gauss(k % nx - 12.5, k / nx - 8.85)));
        sum -= (double)moved[k];
    }
    T_NEAR(worst, 0, 1e-4); /* what a Gaussian of 1.7 pixels has beyond Nyquist: exp(-14) of it */
    T_NEAR(sum, 0, 1e-4);
    T_OK(aet_image_shift(moved, ny, nx, -1.3, 0.85, moved));
    for (int k = 0; k < nx * ny; k++)
        back = fmax(back, fabs((double)(moved[k] - image[k])));
    T_NEAR(back, 0, 1e-4);
    for (int k = 0; k < nx * ny; k++)
        image[k] = (float)uniform(k, 1); /* noise up to the edges */
    T_OK(aet_image_shift(image, ny, nx, 3, -2, moved));
    for (int k = 0; k < nx * (ny - 2); k++)
        if (k % nx >= 3)
            whole = fmax(whole, fabs((double)(moved[k] - image[k + 2 * nx - 3])));
    T_NEAR(whole, 0, 1e-6); /* floats */
    aet_release(&image);
    aet_release(&moved);
}

/* ---- angles ---- */

static void check_euler(void)
{
    static const double near_deg[][3] = {
        {0, 0, 0}, {3, -60, 2}, {1, 90, -2}, {0, -90, 0}, {170, 30, -175}};

    for (int i = 0; i < 60; i++) {
        double a[3], b[3], R[3][3];
        for (int k = 0; k < 3; k++)
            a[k] = near_deg[i % 5][k] + (i < 10 ? 0 : uniform(3 * i + k, 4));
        aet_rotation(a, R);
        refine_euler((const double(*)[3])R, near_deg[i % 5], b);
        T_NEAR(refine_angle_between(a, b), 0, 1e-5); /* asin near 1 loses half the digits */
        for (int k = 0; k < 3 && fabs(fabs(near_deg[i % 5][1]) - 90) > 1; k++)
            T_NEAR(b[k], a[k], 1e-9);
    }
    T_NEAR(refine_angle_between((double[3]){1, 50, 0}, (double[3]){1, 50.5, 0}), 0.5, TOL_EXACT);
}

/* The step of an unknown turns the specimen about its axis: R' R^T = exp(step [axis]). */
static void check_axes(void)
{
    const double h = 1e-6;

    for (int which = REFINE_PHI; which <= REFINE_IN_PLANE; which++) {
        refine_unknowns u = {1, {(refine_unknown)which}};
        aet_pose pose = {{4, -50, 3}, {0, 0}};
        double axis[3], A[3][3], B[3][3], turn[3][3];
        refine_axis((refine_unknown)which, pose.angles_deg, axis);
        aet_rotation(pose.angles_deg, A);
        refine_move(&u, &h, &pose);
        aet_rotation(pose.angles_deg, B);
        for (int e = 0; e < 9; e++)
            turn[e / 3][e % 3] =
                B[e / 3][0] * A[e % 3][0] + B[e / 3][1] * A[e % 3][1] + B[e / 3][2] * A[e % 3][2];
        T_NEAR(turn[2][1] / h, axis[0], 1e-5); /* second order in h, and rounding over h */
        T_NEAR(turn[0][2] / h, axis[1], 1e-5);
        T_NEAR(turn[1][0] / h, axis[2], 1e-5);
    }
}

/* A plain tilt goes where its tangent is stretched; what is stretched back is what it was. */
static void check_stretch(void)
{
    aet_pose plain = {{0, 60, 0}, {1, 2}}, slanted = {{2, -50, -3}, {0, 0}}, back = slanted;

    refine_stretch_pose(0.05, &plain);
    T_NEAR(tan(plain.angles_deg[1] * acos(-1) / 180), 1.05 * sqrt(3), TOL_EXACT);
    T_NEAR(plain.angles_deg[0], 0, TOL_EXACT);
    T_NEAR(plain.angles_deg[2], 0, TOL_EXACT);
    refine_stretch_pose(0.05, &back);
    T_CHECK(refine_angle_between(back.angles_deg, slanted.angles_deg) > 1);
    refine_stretch_pose(1 / 1.05 - 1, &back);
    for (int k = 0; k < 3; k++)
        T_NEAR(back.angles_deg[k], slanted.angles_deg[k], TOL_EXACT);
}

/* ---- beads ---- */

static void paint(refine_beads b, double u, double v, int which, float *image)
{
    enum { NU = 24, NV = 27 };
    double change[4] = {0};

    memset(image, 0, NU * NV * sizeof *image);
    change[which] = 1;
    refine_bead_paint(&b, (double[2]){u, v}, change, NU, NV, image);
}

/* Change k of the image against a difference, and against its adjoint. */
static void check_bead(double u, double v)
{
    enum { M = 24 * 27 };
    const double h = 1e-2; /* floats: 1e-7 / h; second order: h^2 / 6 */
    refine_beads b = {.sigma = 1.6};
    float column[M], up[M], down[M], noise[M];
    double sum[4];

    for (int p = 0; p < M; p++)
        noise[p] = (float)uniform(p, 1);
    refine_bead_gather(&b, (double[2]){u, v}, noise, 24, 27, sum);
    for (int k = 0; k < 4; k++) {
        double product = 0, error = 0, all = 0, d[4] = {0};
        paint(b, u, v, k, column);
        for (int p = 0; p < M; p++)
            product += (double)column[p] * (double)noise[p];
        T_NEAR(sum[k], product, 1e-5); /* floats */
        d[k] = h;
        paint((refine_beads){.sigma = b.sigma * exp(d[3])}, u + d[1], v + d[2], 0, up);
        paint((refine_beads){.sigma = b.sigma * exp(-d[3])}, u - d[1], v - d[2], 0, down);
        for (int p = 0; p < M && k > 0; p++) {
            error += pow((double)column[p] - (double)(up[p] - down[p]) / (2 * h), 2);
            all += pow((double)column[p], 2);
        }
        T_CHECK(error <= 1e-6 * all);
    }
}

static void check_beads(void)
{
    float image[24 * 27];
    double sum = 0;

    check_bead(11.2, 13.7);
    check_bead(1.2, 25.7); /* cut off at a corner */
    paint((refine_beads){.sigma = 1.6}, 11.2, 13.7, 0, image);
    for (int p = 0; p < 24 * 27; p++)
        sum += (double)image[p];
    T_NEAR(sum, 1,
           0.015); /* 0.4 of it is wide, with 1.4 per cent beyond the patch along each axis */
}

/* ---- common motions ---- */

static void check_gauge(void)
{
    enum { N = 11 };
    aet_refine_params p;
    aet_pose before[N] = {{{0}, {0}}}, now[N];
    double weight[N], turn[3][3], t[3] = {1.5, -2, 0.7}, R[3][3], T[3][3];

    T_OK(aet_config_load(NULL, &aet_refine_table, &p));
    aet_rotation((double[3]){2, -1, 1.5}, turn);
    for (int i = 0; i < N; i++) {
        weight[i] = 1;
        before[i].angles_deg[0] = uniform(i, 3);
        before[i].angles_deg[1] = -75 + 15 * i;
        before[i].angles_deg[2] = uniform(i + N, 3);
        aet_rotation(before[i].angles_deg, R);
        for (int e = 0; e < 9; e++)
            T[e / 3][e % 3] = R[e / 3][0] * turn[0][e % 3] + R[e / 3][1] * turn[1][e % 3] +
                              R[e / 3][2] * turn[2][e % 3];
        refine_euler((const double(*)[3])T, before[i].angles_deg, now[i].angles_deg);
        for (int a = 0; a < 2; a++)
            now[i].shift_px[a] = T[a][0] * t[0] + T[a][1] * t[1] + T[a][2] * t[2];
    }
    T_CHECK(refine_angle_between(before[3].angles_deg, now[3].angles_deg) > 1);
    T_OK(refine_gauge(&p, N, before, weight, now));
    for (int i = 0; i < N; i++) {
        T_NEAR(refine_angle_between(before[i].angles_deg, now[i].angles_deg), 0, 1e-6);
        T_NEAR(hypot(now[i].shift_px[0], now[i].shift_px[1]), 0, TOL_EXACT);
    }
    /* a move of one tilt is kept but for its part in the mean; the reference gets it back from all */
    now[4].angles_deg[1] += 1;
    now[4].shift_px[0] += 1;
    T_OK(refine_gauge_reference(&p, N, before, 4, now));
    T_NEAR(refine_angle_between(before[4].angles_deg, now[4].angles_deg), 0, 0);
    T_NEAR(refine_angle_between(before[8].angles_deg, now[8].angles_deg), 1, 1e-5);
    T_NEAR(now[4].shift_px[0], 0, 0);
    p.phi = p.psi = p.shift = false;
    for (int i = 0; i < N; i++) {
        now[i] = before[i];
        now[i].angles_deg[1] += 2;
    }
    T_OK(refine_gauge(&p, N, before, weight, now));
    T_NEAR(now[7].angles_deg[1], before[7].angles_deg[1], TOL_EXACT);
}

/* ---- derivatives ---- */

static void level_of(aet_tilt *t, int bin, refine_level *l, const aet_recon_params *recon)
{
    T_OK(refine_level_create(MPI_COMM_WORLD, t, recon, bin, 0, l));
}

static void images_at(refine_level *l, const aet_pose *poses, float *images)
{
    T_OK(refine_level_poses(l, poses));
    aet_linop_forward(l->op, l->x, images);
}

/* Columns against differences of projections, of blobs so wide (2.7 pixels) that the slope of
 * linear interpolation, which is a difference over 2 pixels, is right to 1 / (6 2.7^2) = 2 per cent,
 * cut off at the frame and with footprints that change with the angle 3 to 9.  A term left out, or
 * of the wrong sign, is half of the whole or more. */
static void check_jacobian(void)
{
    aet_tilt *t = series(S, S, 3);
    aet_volume *v = truth(S, S, S);
    aet_recon_params recon = defaults(AET_RECON_RESIRE, 1);
    for (int64_t i = 0; i < aet_volume_count(v); i++) {
        v->density[i] = 0;
        for (int b = 0; b < BLOBS; b++)
            v->density[i] +=
                (float)exp(-(pow((double)(i % S) - S / 2 - blobs[b].x, 2) +
                             pow((double)(i / S % S) - S / 2 - blobs[b].y, 2) +
                             pow((double)(i / S / S) + v->slab.start - S / 2 - blobs[b].z, 2)) /
                           (2 * 2.7 * 2.7));
    }
    refine_unknowns u = {5, {REFINE_PHI, REFINE_THETA, REFINE_PSI, REFINE_X, REFINE_Y}};
    aet_pose poses[TILTS] = {{{0}, {0}}}, other[TILTS];
    refine_hold hold = {1e6, poses, poses};
    refine_jacobian j = {0};
    refine_level l;

    level_of(t, 1, &l, &recon);
    aet_projector_domain(v, l.x);
    for (int i = 0; i < TILTS; i++) {
        memcpy(poses[i].angles_deg, t->angles_deg[i], sizeof poses[i].angles_deg);
        poses[i].shift_px[0] = uniform(i, 1);
    }
    float *up = AET_NEW(float, l.n *l.m), *down = AET_NEW(float, l.n *l.m);
    images_at(&l, poses, l.r);
    for (int64_t i = 0; i < l.n * l.m; i++)
        l.r[i] -= l.b[i];
    T_OK(refine_jacobian_make(&l, &u, &hold, &j));
    for (int k = 0; k < u.n; k++) {
        double h = k < 3 ? 0.05 : 0.25, error = 0, all = 0;
        for (int side = 0; side < 2; side++) {
            memcpy(other, poses, sizeof poses);
            for (int i = 0; i < TILTS; i++)
                refine_move(&(refine_unknowns){1, {u.of[k]}}, &(double){side ? -h : h}, &other[i]);
            images_at(&l, other, side ? down : up);
        }
        for (int64_t i = 0; i < l.mine * l.m; i++) {
            int64_t at = l.first * l.m + i, image = i / l.m, pixel = i % l.m;
            int a = (int)(pixel / l.nv), b = (int)(pixel % l.nv);
            if (a < 2 || b < 2 || a >= l.nu - 2 || b >= l.nv - 2)
                continue;
            double got = (double)j.column[(image * j.k + k) * l.m + pixel];
            double want = (double)(up[at] - down[at]) / (2 * h);
            error += (got - want) * (got - want);
            all += want * want;
        }
        aet_sum_double(MPI_COMM_WORLD, &error, 1);
        aet_sum_double(MPI_COMM_WORLD, &all, 1);
        T_CHECK(error < TOL_SLOPE * TOL_SLOPE * all);
    }
    aet_release(&up);
    aet_release(&down);
    refine_jacobian_free(&j);
    refine_level_free(&l);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

/* The blobs in binned images lie where the level says that the pivot is. */
static void check_binning(void)
{
    aet_tilt *t = series(22, 27, 0);
    aet_recon_params recon = defaults(AET_RECON_RESIRE, 1);

    for (int bin = 1; bin <= 5; bin++) {
        refine_level l;
        double sum = 0, u = 0, v = 0, x = 0, y = 0, all = 0;
        level_of(t, bin, &l, &recon);
        for (int64_t k = 0; k < l.m; k++) {
            sum += (double)l.b[k];
            u += (double)l.b[k] * (double)(k / l.nv - l.nu / 2);
            v += (double)l.b[k] * (double)(k % l.nv - l.nv / 2);
        }
        for (int k = 0; k < 22 * 27; k++) {
            all += (double)t->images[k];
            x += (double)t->images[k] * (k % 22 - 11);
            y += (double)t->images[k] * (k / 22 - 13);
        }
        /* cells that reach beyond the frame hold the mean of what is inside: tails of blobs; a
         * cell too few or too many would be 1 */
        T_NEAR((u / sum - l.offset[0]) * bin, x / all, 0.1);
        T_NEAR((v / sum - l.offset[1]) * bin, y / all, 0.1);
        refine_level_free(&l);
    }
    aet_tilt_free(&t);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_shift(24, 27);
    check_shift(25, 24);
    check_euler();
    check_axes();
    check_stretch();
    check_beads();
    check_gauge();
    check_binning();
    check_jacobian();
    T_END();
}
