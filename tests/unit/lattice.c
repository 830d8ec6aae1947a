/* ranks: 1 */
#include "aetlas/data/lattice.h"
#include "aetlas/analyse/fcc.h"
#include "models.h"

typedef struct {
    aet_fcc fit;
    int (*site)[3];
    bool *member;
} result;

static result fit_model(const aet_atoms *a, double start_A)
{
    result r;
    aet_cells *cells = NULL;
    r.site = (int(*)[3])AET_NEW(int, 3 * a->n);
    r.member = AET_NEW(bool, a->n);
    T_OK(aet_cells_create(a->n, (const double(*)[3])a->position_A, 1.7, &cells));
    T_OK(aet_fcc_fit(a, cells, start_A, 0.25, &r.fit, r.site, r.member));
    aet_cells_free(&cells);
    return r;
}

static void release(result *r)
{
    aet_release(&r->site);
    aet_release(&r->member);
}

/* Angle between the rotation and the nearest of the 24 that mean the same crystal as `want`. */
static double angle_between(const double got[3][3], const double want[3][3])
{
    double best = -4.0;
    double d[3][3] = {{0}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                d[i][j] += want[k][i] * got[k][j];
    const int order[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};
    for (int p = 0; p < 6; p++)
        for (int s = 0; s < 4; s++) {
            int sx = s & 1 ? -1 : 1, sy = s & 2 ? -1 : 1, sz = sx * sy * (p < 3 ? 1 : -1);
            double trace = sx * d[order[p][0]][0] + sy * d[order[p][1]][1] + sz * d[order[p][2]][2];
            best = trace > best ? trace : best;
        }
    double half =
        fmax(0.0, 0.25 * (3.0 - best)); /* sin^2 of half the angle: exact for small angles */
    return 2.0 * asin(fmin(1.0, sqrt(half)));
}

/* Without noise everything comes back to rounding; start 2.5 % off. */
static void exact(aet_atoms *a, double a_A, const double angles[3])
{
    double R[3][3];
    const double shift[3] = {12.0, -31.0, 4.5};
    aet_rotation(angles, R);
    move(a, angles, shift);
    result r = fit_model(a, 1.025 * a_A);
    T_CHECK(r.fit.assigned == a->n && r.fit.converged);
    T_NEAR(r.fit.lattice.constant_A, a_A, 1e-10);
    T_NEAR(r.fit.rmsd_A, 0.0, 1e-10);
    /* sqrt of the rounding of a trace near 3 */
    T_NEAR(angle_between((const double(*)[3])r.fit.lattice.rotation, (const double(*)[3])R), 0.0,
           1e-7);
    int wrong = 0;
    for (int i = 0; i < a->n; i++) {
        double p[3];
        aet_lattice_position(&r.fit.lattice, r.site[i], p);
        for (int k = 0; k < 3; k++)
            wrong += fabs(p[k] - a->position_A[i][k]) > 1e-9;
    }
    T_CHECK(wrong == 0);
    release(&r);
    aet_atoms_free(&a);
}

/* A direction is where the site of these numbers lies. */
static void direction(void)
{
    static const int hkl[3][3] = {{1, -1, 0}, {1, 1, 2}, {0, 0, -4}};
    aet_lattice l = {.origin_A = {1, -2, 3}, .constant_A = 3.9};
    aet_rotation((const double[3]){12.0, 34.0, 56.0}, l.rotation);
    for (int d = 0; d < 3; d++) {
        double v[3], r[3], length = 0.0;
        aet_lattice_direction(&l, hkl[d], v);
        aet_lattice_position(&l, hkl[d], r);
        for (int k = 0; k < 3; k++)
            length += pow(r[k] - l.origin_A[k], 2.0);
        for (int k = 0; k < 3; k++)
            T_NEAR(v[k], (r[k] - l.origin_A[k]) / sqrt(length), 1e-14);
    }
}

/* Isotropic noise s per axis leaves s sqrt 3 sqrt(1 - 7/(3N)): 7 of 3N degrees of freedom are fitted.  The
 * sampling error of that is s/sqrt(2N), relative 1/sqrt(6N); four of them are allowed. */
static void noisy(int n, double s)
{
    aet_atoms *a = octahedron(3.912, n);
    const double none[3] = {0}, angles[3] = {30.0, -50.0, 77.0};
    add_noise(a, s, (uint32_t)n);
    move(a, angles, none);
    result r = fit_model(a, 3.9);
    double want = s * sqrt(3.0) * sqrt(1.0 - 7.0 / (3.0 * a->n));
    T_CHECK(r.fit.assigned == a->n);
    T_NEAR(r.fit.rmsd_A, want, 4.0 * want / sqrt(6.0 * a->n));
    T_NEAR(r.fit.lattice.constant_A, 3.912,
           4.0 * 2.0 * s / sqrt(3.0 * a->n) / (0.5 * n)); /* s over the lever */
    release(&r);
    aet_atoms_free(&a);
}

/* A strained and sheared crystal is still followed to its rim although the global lattice is off there. */
static void strained(void)
{
    aet_atoms *a = octahedron(3.9, 22);
    for (int i = 0; i < a->n; i++) {
        double x = a->position_A[i][0], z = a->position_A[i][2];
        a->position_A[i][0] = 1.03 * x + 0.02 * z;
        a->position_A[i][2] = 0.97 * z;
    }
    result r = fit_model(a, 3.9);
    T_CHECK(r.fit.assigned == a->n && r.fit.rmsd_A > 0.3);
    /* The free cell takes the strain up: F = [1.03 0 0.02; 0 1 0; 0 0 0.97] on the axes of the cube. */
    double cell[3][3], origin[3], stretch[3], rmsd,
        F[3][3] = {{1.03, 0, 0.02}, {0, 1, 0}, {0, 0, 0.97}};
    T_OK(aet_lattice_fit_cell(a->n, (const double(*)[3])a->position_A, (const int(*)[3])r.site,
                              &r.fit.lattice, cell, origin, stretch, &rmsd));
    T_NEAR(rmsd, 0.0, 1e-10);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            T_NEAR(cell[i][j], 3.9 * F[i][j], 1e-10); /* the model lies along the frame */
    T_NEAR(stretch[0] * stretch[1] * stretch[2] * pow(r.fit.lattice.constant_A / 3.9, 3),
           1.03 * 0.97, 1e-10);
    const int flat[4][3] = {{0, 0, 0}, {1, 1, 0}, {2, 0, 0}, {1, -1, 0}};
    T_FAILS(aet_lattice_fit_cell(4, (const double(*)[3])a->position_A, flat, &r.fit.lattice, cell,
                                 origin, NULL, NULL),
            AET_ERR_NUMERIC, "in one plane");
    release(&r);
    aet_atoms_free(&a);
}

/* One vacancy in 14, and a seed that is an atom pushed off its site. */
static void vacancies(void)
{
    aet_atoms *a = ball(3.84, 4.0);
    bool *keep = AET_NEW(bool, a->n);
    for (int i = 0; i < a->n; i++)
        keep[i] = i % 14 != 5;
    aet_atoms_select(a, keep);
    add_noise(a, 0.1, 9);
    result r = fit_model(a, 3.9);
    T_CHECK(r.fit.assigned >= a->n - 2); /* a rim atom may have lost its neighbours */
    T_NEAR(r.fit.lattice.constant_A, 3.84, 0.01);
    release(&r);
    aet_release(&keep);
    aet_atoms_free(&a);
}

/* A twinned half and a gas: the lattice takes the larger half, and next to nothing. */
static void not_one_lattice(void)
{
    aet_atoms *a = ball(3.9, 5.0);
    for (int i = 0; i < a->n; i++) { /* turned by 180 degrees about [111] beyond a (111) plane */
        double *r = a->position_A[i], m = (r[0] + r[1] + r[2]) / sqrt(3.0);
        if (m < 3.0)
            continue;
        for (int k = 0; k < 3; k++)
            r[k] = 2.0 * m / sqrt(3.0) - r[k];
    }
    result r = fit_model(a, 3.9);
    T_CHECK(r.fit.assigned > a->n / 2 && r.fit.assigned < 9 * a->n / 10);
    T_NEAR(r.fit.rmsd_A, 0.0, 1e-9);
    release(&r);
    aet_atoms_free(&a);

    T_OK(aet_atoms_create(2000, &a));
    aet_rng key = {.seed = 8, .purpose = AET_RNG_TEST};
    for (int i = 0; i < a->n; i++) {
        double u[4];
        aet_rng_uniform4(key, (uint64_t)i, u);
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] = 31.0 * u[k]; /* the density of platinum */
    }
    r = fit_model(a, 3.9);
    T_CHECK(r.fit.assigned < a->n / 10);
    release(&r);
    aet_atoms_free(&a);
}

static void too_few(void)
{
    for (int n = 0; n <= 3; n++) {
        aet_atoms *a = NULL;
        T_OK(aet_atoms_create(n, &a));
        for (int i = 0; i < n; i++)
            a->position_A[i][i % 3] = 2.0 * i;
        result r = fit_model(a, 3.9);
        T_CHECK(r.fit.assigned == 0 && r.fit.lattice.constant_A == 0.0);
        release(&r);
        aet_atoms_free(&a);
    }
    const double line[4][3] = {{0, 0, 0}, {1, 1, 0}, {2, 2, 0}, {3, 3, 0}};
    const int site[4][3] = {{0, 0, 0}, {1, 1, 0}, {2, 2, 0}, {3, 3, 0}};
    aet_lattice l;
    T_FAILS(aet_lattice_fit(4, line, site, &l, NULL), AET_ERR_NUMERIC, "on a line");
    T_FAILS(aet_lattice_fit(2, line, site, &l, NULL), AET_ERR_NUMERIC, "at least 3");
}

/* The nearest site of any point is nearer than each of its 12 neighbours. */
static void nearest_site(void)
{
    aet_lattice l = {.origin_A = {1, 2, 3}, .constant_A = 4.0};
    aet_rng key = {.seed = 8, .item = 1, .purpose = AET_RNG_TEST};
    const double angles[3] = {10, 20, 30};
    aet_rotation(angles, l.rotation);
    int wrong = 0;
    for (int i = 0; i < 2000; i++) {
        double u[4], p[3];
        int site[3], next[3];
        aet_rng_uniform4(key, (uint64_t)i, u);
        for (int k = 0; k < 3; k++)
            u[k] = 40.0 * u[k] - 20.0;
        double d = aet_lattice_nearest(&l, u, site);
        wrong += (site[0] + site[1] + site[2]) % 2 != 0;
        for (int s = 0; s < 12; s++) {
            for (int k = 0; k < 3; k++)
                next[k] = site[k] + aet_fcc_neighbour[s][k];
            aet_lattice_position(&l, next, p);
            double e[3] = {p[0] - u[0], p[1] - u[1], p[2] - u[2]};
            wrong += sqrt(e[0] * e[0] + e[1] * e[1] + e[2] * e[2]) < d - 1e-12;
        }
    }
    T_CHECK(wrong == 0);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    exact(octahedron(3.84, 4), 3.84, (const double[3]){12.0, 34.0, 56.0});
    exact(octahedron(3.912, 12), 3.912, (const double[3]){-100.0, 3.0, 170.0});
    exact(truncated(3.9, 9, 3), 3.9, (const double[3]){0.0, 0.0, 45.0});
    exact(cuboctahedron(3.5, 5), 3.5, (const double[3]){1.0, 2.0, 3.0});
    exact(ball(4.05, 3.0), 4.05, (const double[3]){0.0, 0.0, 0.0});
    noisy(5, 0.1);
    noisy(16, 0.12); /* rarely beyond the tolerance of 0.69 A */
    strained();
    vacancies();
    not_one_lattice();
    too_few();
    direction();
    nearest_site();
    T_END();
}
