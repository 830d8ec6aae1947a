/* ranks: 1 2 3 4 */
/* The fit of a model to its images: the model of an image against the simulator, derivatives against
 * differences, verdicts against what they foretell, and a spoilt model that is found again. */
#include "test.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/num/cells.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/simulate/project.h"
#include "trace/images_priv.h"

enum { SIDE_ATOMS = 3, N = SIDE_ATOMS * SIDE_ATOMS * SIDE_ATOMS, TILTS = 13, PIXELS = 56 };

static aet_rng key = {5, 0, AET_RNG_TEST};

static double uniform(int i, double most)
{
    return most * (2 * aet_rng_uniform(key, (uint64_t)i) - 1);
}

/* A cube of atoms 2.8 A apart, a third of them nickel, no two of their planes alike. */
static aet_atoms *model(void)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(N, &a));
    for (int i = 0; i < N; i++) {
        int at[3] = {i % SIDE_ATOMS, i / SIDE_ATOMS % SIDE_ATOMS, i / SIDE_ATOMS / SIDE_ATOMS};
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] = 2.8 * (at[k] - 1) + uniform(3 * i + k, 0.2);
        a->species[i] = i % 3 == 1 ? 28 : 78;
    }
    return a;
}

static aet_tilt *series(const aet_atoms *a)
{
    aet_simulate_params p;
    aet_tilt *t = NULL;
    double angles_deg[TILTS][3];
    for (int i = 0; i < TILTS; i++) {
        angles_deg[i][0] = uniform(1000 + i, 3);
        angles_deg[i][1] = -72 + 12 * i;
        angles_deg[i][2] = uniform(2000 + i, 3);
    }
    T_OK(aet_config_load(NULL, &aet_simulate_table, &p));
    strcpy(p.sigma_A, "Ni:0.62,Pt:0.7");
    p.pixel_A = 0.4;
    p.size = PIXELS;
    T_OK(aet_simulate_tilt(MPI_COMM_WORLD, a, (const double(*)[3])angles_deg, TILTS, &p, &t));
    return t;
}

static aet_fit_params params(void)
{
    aet_fit_params p;
    T_OK(aet_config_load(NULL, &aet_fit_table, &p));
    p.sigma_A = 0.65;
    return p;
}

/* A fit set up with the widths and heights of the simulation. */
static void begin(const aet_tilt *t, const aet_atoms *a, const aet_fit_params *p, aet_fit_report *r,
                  images_fit *f)
{
    T_OK(images_begin(MPI_COMM_WORLD, t, a, p, r, f));
    for (int s = 0; s < 2; s++) {
        f->kind[s].variance = s == 0 ? 0.62 * 0.62 : 0.7 * 0.7;
        f->kind[s].height = 1;
    }
    images_lenses(f);
    T_OK(images_weights(f, false));
}

/* The narrow Gaussians and the transform alias the profile by exp(-pi^2 1.55^2 / 2) = 7e-6 of its
 * integral each, and the simulator samples what lies beyond the last wave: 2e-5 for nickel's centre;
 * the film of tails beyond the grid's margin of 5 A comes back on the other side: 2e-4 of an atom. */
#define TOL_IMAGE 4e-4

static void check_image(images_fit *f)
{
    double plane[PIXELS * PIXELS], top = 0;
    for (int i = f->first; i < f->first + f->own; i++) {
        const float *want = aet_tilt_image(f->tilt, i);
        double worst = 0;
        images_project(f, i, NULL, plane);
        for (int k = 0; k < PIXELS * PIXELS; k++) {
            worst = fmax(worst, fabs(plane[k] - (double)want[k]));
            top = fmax(top, (double)want[k]);
        }
        T_NEAR(worst / top, 0, TOL_IMAGE);
    }
}

/* Floats of the rotation's inputs only: doubles throughout, differences over 1e-6. */
#define TOL_TURN 1e-8

static void check_poses(images_fit *f)
{
    double r[3] = {1.3, -2.1, 0.7}, R[3][3], x[3], at[2];
    for (int i = 0; i < TILTS; i++) {
        images_pose *pose = &f->pose[i];
        aet_rotation(pose->angles_deg, R);
        aet_rotate((const double(*)[3])R, r, x);
        images_look(f, i, r, at);
        T_NEAR(at[0], x[0] / f->tilt->pixel_A + PIXELS / 2, 1e-11);
        T_NEAR(at[1], x[1] / f->tilt->pixel_A + PIXELS / 2, 1e-11);
        images_pose kept = *pose;
        for (int k = 0; k < 3; k++) {
            double ends[2][2], step = 1e-4;
            for (int side = 0; side < 2; side++) {
                pose->angles_deg[k] = kept.angles_deg[k] + (side ? step : -step);
                images_pose_set(f, i);
                images_look(f, i, r, ends[side]);
            }
            *pose = kept;
            for (int c = 0; c < 2; c++) {
                double want = (ends[1][c] - ends[0][c]) / (2 * step * 3.14159265358979 / 180);
                double got = 0;
                for (int d = 0; d < 3; d++)
                    got += kept.turn[k][c][d] * r[d];
                T_NEAR(got, want, TOL_TURN);
            }
        }
    }
}

static void step_along(images_fit *f, const double *d, double length)
{
    for (int a = 0; a < f->n; a++) {
        for (int k = 0; k < 3; k++)
            f->at[a][k] += length * d[4 * a + k];
        f->excess[a] += length * d[4 * a + 3];
    }
    for (int i = 0; i < TILTS; i++) {
        for (int k = 0; k < 3; k++)
            f->pose[i].angles_deg[k] +=
                length * d[4 * f->n + POSE * i + k] * 180 / 3.14159265358979;
        for (int k = 0; k < 2; k++)
            f->pose[i].shift_px[k] += length * d[4 * f->n + POSE * i + 3 + k];
        images_pose_set(f, i);
    }
}

/* Central differences over 2e-4 A of a function of width 1 A err by 1e-8; residuals are kept as
 * floats, whose rounding (1e-7 of sums of thousands of pixels) is divided by the step. */
#define TOL_GRADIENT 2e-4

/* Single precision, of sums that mostly cancel: of the product of norms (an atom's slope is some
 * thousands of V A per pixel). */
#define TOL_ADJOINT 1e-3

static double norm(const double *v, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += v[k] * v[k];
    return sqrt(sum);
}

/* The derivative of the misfit along a direction, and the adjoint of the image's derivative. */
static void check_gradient(images_fit *f)
{
    int64_t n = images_unknowns(f);
    double *d = NULL, *g = NULL, *back = NULL, want, got = 0;
    double a[PIXELS * PIXELS], b[PIXELS * PIXELS], left = 0, right = 0;
    images_misfit low, high, m;
    T_OK(AET_ARRAY(n, "direction", &d));
    T_OK(AET_ARRAY(n, "gradient", &g));
    T_OK(AET_ARRAY(n, "adjoint", &back));
    for (int64_t k = 0; k < n; k++)
        d[k] = uniform(3000 + (int)k, 1) * (k < 4 * f->n ? 1 : k % 5 < 3 ? 0.2 : 1);
    step_along(f, d, 0.05); /* away from the truth, where the gradient is 0 */
    T_OK(images_residuals(f, g, &m));
    for (int64_t k = 0; k < n; k++)
        got += g[k] * d[k];
    step_along(f, d, 1e-4);
    T_OK(images_residuals(f, NULL, &high));
    step_along(f, d, -2e-4);
    T_OK(images_residuals(f, NULL, &low));
    step_along(f, d, 1e-4 - 0.05);
    want = -(high.cost - low.cost) / (2 * 2e-4); /* half the gradient, downhill */
    T_NEAR(got / want, 1, TOL_GRADIENT);

    for (int i = f->first; i < f->first + f->own; i++) {
        memset(back, 0, (size_t)n * sizeof *back);
        for (int k = 0; k < PIXELS * PIXELS; k++)
            b[k] = uniform(90000 + k, 1);
        images_project(f, i, d, a);
        images_back(f, i, b, back);
        left = right = 0;
        for (int k = 0; k < PIXELS * PIXELS; k++)
            left += a[k] * b[k];
        for (int64_t k = 0; k < n; k++)
            right += back[k] * d[k];
        T_NEAR(left, right, TOL_ADJOINT * norm(d, n) * norm(b, PIXELS * PIXELS));
    }
    aet_release(&d);
    aet_release(&g);
    aet_release(&back);
}

/* A verdict foretells the misfit without an atom and with another species: the misfit is a parabola
 * in an atom's height, so only floats of residuals and the aliases of the profile remain. */
#define TOL_VERDICT 3e-3

static void check_verdict(images_fit *f, int a)
{
    images_verdict v[N];
    images_misfit with, without, other;
    int s = f->species[a];
    T_OK(images_residuals(f, NULL, &with));
    T_OK(images_judge(f, v));
    f->excess[a] = -1;
    T_OK(images_residuals(f, NULL, &without));
    f->excess[a] = 0;
    f->species[a] = 1 - s;
    T_OK(images_residuals(f, NULL, &other));
    f->species[a] = s;
    T_CHECK(v[a].best == s);
    T_NEAR(v[a].gain[s] / (without.cost - with.cost), 1, TOL_VERDICT);
    T_NEAR((v[a].gain[s] - v[a].gain[1 - s]) / (other.cost - with.cost), 1, TOL_VERDICT);
    T_NEAR(v[a].height[s], 1, TOL_VERDICT);
}

static void parts(void)
{
    aet_atoms *a = model();
    aet_tilt *t = series(a);
    aet_fit_params p = params();
    aet_fit_report r = {0};
    images_fit f;
    p.background = -1;
    p.poses = true;
    p.height_spread = 0;
    begin(t, a, &p, &r, &f);
    check_image(&f);
    check_poses(&f);
    check_gradient(&f);
    check_verdict(&f, 4);
    check_verdict(&f, 13);
    images_end(&f);
    aet_tilt_free(&t);
    aet_atoms_free(&a);
}

/* The model with atoms moved by up to 0.2 A along each axis, one gone, two exchanged, one too many. */
static aet_atoms *spoilt(const aet_atoms *truth)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_copy(truth, &a));
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] += uniform(5000 + 3 * i + k, 0.2);
    a->species[3] = a->species[3] == 28 ? 78 : 28;
    a->species[10] = a->species[10] == 28 ? 78 : 28;
    for (int k = 0; k < 3; k++) /* the central atom goes to a corner's outside */
        a->position_A[13][k] = k == 2 ? 5.4 : 2.4;
    return a;
}

/* The profile's aliases and the tails beyond the margin, 4e-4 of an atom's centre, over its slope. */
#define TOL_PLACE 0.01
#define TOL_RANKS 1e-3 /* rounding of sums of floats, through all steps */

static void whole(void)
{
    aet_atoms *a = model(), *bad = spoilt(a), *found = NULL, *alone = NULL;
    aet_tilt *t = series(a);
    aet_fit_params p = params();
    aet_fit_report r;
    aet_atoms_match m;
    T_OK(aet_fit_images(MPI_COMM_WORLD, t, bad, &p, NULL, &found, NULL, &r));
    T_OK(aet_atoms_compare(a, found, 0.5, false, &m, NULL));
    T_CHECK(found->n == N && m.common == N && m.species_fraction == 1);
    T_NEAR(m.rmsd_A, 0, TOL_PLACE);
    T_CHECK(r.added == 1 && r.dropped == 1 && r.r1_after < 0.02 * r.r1_before);
    T_NEAR(r.b_A2[0], 2 * pow(3.14159265358979 * 0.62, 2), 0.05);
    T_NEAR(r.b_A2[1], 2 * pow(3.14159265358979 * 0.7, 2), 0.05);
    T_NEAR(r.scale, 1, 2e-3);
    T_NEAR(r.height[0], 1, 5e-3);
    if (t_rank == 0 && t_size > 1) {
        T_OK(aet_fit_images(MPI_COMM_SELF, t, bad, &p, NULL, &alone, NULL, NULL));
        T_CHECK(alone->n == found->n);
        for (int i = 0; i < alone->n && i < found->n; i++)
            for (int k = 0; k < 3; k++)
                T_NEAR(alone->position_A[i][k], found->position_A[i][k], TOL_RANKS);
    }
    aet_atoms_free(&alone);
    aet_atoms_free(&found);
    aet_atoms_free(&bad);
    aet_atoms_free(&a);
    aet_tilt_free(&t);
}

static void refused(void)
{
    aet_atoms *a = model(), *found = NULL;
    aet_tilt *t = series(a);
    aet_fit_params p = params();
    p.rim = PIXELS;
    T_FAILS(aet_fit_images(MPI_COMM_WORLD, t, a, &p, NULL, &found, NULL, NULL), AET_ERR_USAGE,
            "fit.rim");
    p = params();
    a->species[2] = 0;
    T_FAILS(aet_fit_images(MPI_COMM_WORLD, t, a, &p, NULL, &found, NULL, NULL), AET_ERR_INPUT,
            "no species");
    a->species[2] = 28;
    for (int i = 0; i < N; i++)
        a->position_A[i][1] += 1000;
    T_FAILS(aet_fit_images(MPI_COMM_WORLD, t, a, &p, NULL, &found, NULL, NULL), AET_ERR_INPUT,
            "nothing in common");
    aet_atoms_free(&a);
    aet_tilt_free(&t);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    parts();
    whole();
    refused();
    T_END();
}
