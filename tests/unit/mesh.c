/* ranks: 1 */
/* Triangulations and the surface mesh of model crystals. */
#include "aetlas/analyse/mesh.h"
#include "aetlas/data/units.h"
#include "aetlas/num/hull.h"
#include "models.h"

static const double a_A = 3.9;

static const double (*positions(const aet_atoms *a))[3]
{
    return (const double(*)[3])a->position_A;
}

static double square(const double r[3])
{
    return r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
}

/* Octahedron of edge L = (n-1) d, d = a / sqrt 2: V = sqrt2/3 L^3, A = 2 sqrt3 L^2, whatever alpha fills it. */
static void octahedra(void)
{
    for (int n = 3; n <= 9; n += 3)
        for (int k = 0; k < 2; k++) {
            aet_atoms *a = octahedron(a_A, n);
            aet_mesh *m = NULL;
            double edge = (n - 1) * a_A / sqrt(2.0);
            T_OK(aet_mesh_create(a->n, positions(a), (k ? 1.0 : 0.52) * a_A, &m));
            /* Sums of exact coordinates in another order: rounding. */
            T_NEAR(m->volume / (sqrt(2.0) / 3.0 * edge * edge * edge), 1.0, 1e-12);
            T_NEAR(m->area / (2.0 * sqrt(3.0) * edge * edge), 1.0, 1e-12);
            T_NEAR(aet_mesh_sphericity(m), 0.845583, 1e-6); /* six digits are given */
            aet_mesh_free(&m);
            aet_atoms_free(&a);
        }
}

/* psi of the octahedron cut at c/L = 1/3: 0.909918, of the cuboctahedron 0.904997, of the cube 0.805996. */
static void other_bodies(void)
{
    aet_atoms *body[] = {truncated(a_A, 10, 3), cuboctahedron(a_A, 5),
                         cluster(a_A, 0, WIDE, 8, WIDE)};
    const double psi[] = {0.909918, 0.904997, 0.805996};
    for (int k = 0; k < 3; k++) {
        aet_mesh *m = NULL;
        T_OK(aet_mesh_create(body[k]->n, positions(body[k]), a_A, &m));
        T_NEAR(aet_mesh_sphericity(m), psi[k], 1e-6);
        aet_mesh_free(&m);
        aet_atoms_free(&body[k]);
    }
}

/* A closed surface: every edge is run along once in each direction. */
static void closed(void)
{
    aet_atoms *a = ball(a_A, 4.0);
    add_noise(a, 0.1, 3);
    aet_mesh *m = NULL;
    T_OK(aet_mesh_create(a->n, positions(a), a_A, &m));
    for (int i = 0; i < m->n; i++)
        for (int k = 0; k < 3; k++) {
            int from = m->corner[i][k], to = m->corner[i][(k + 1) % 3], same = 0, back = 0;
            for (int t = 0; t < m->n; t++)
                for (int c = 0; c < 3; c++) {
                    const int *corner = m->corner[t];
                    same += corner[c] == from && corner[(c + 1) % 3] == to;
                    back += corner[c] == to && corner[(c + 1) % 3] == from;
                }
            T_CHECK(same == back && same >= 1); /* more where the surface touches itself */
        }
    /* A ball of radius 4 a of 15.6 A less about half a layer. */
    double r = cbrt(3.0 * m->volume / (4.0 * AET_PI));
    T_CHECK(r > 3.7 * a_A && r < 4.0 * a_A);
    aet_mesh_free(&m);
    aet_atoms_free(&a);
}

/* In an octahedron the distance to the surface is that to the nearest of eight planes. */
static void distances(void)
{
    aet_atoms *a = octahedron(a_A, 8);
    aet_mesh *m = NULL;
    double *d = AET_NEW(double, a->n), edge = 7 * a_A / sqrt(2.0);
    T_OK(aet_mesh_create(a->n, positions(a), a_A, &m));
    T_OK(aet_mesh_distances(m, a->n, positions(a), d));
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        double inside = (edge / sqrt(2.0) - fabs(r[0]) - fabs(r[1]) - fabs(r[2])) / sqrt(3.0);
        T_NEAR(d[i], inside, 1e-10); /* rounding */
    }
    const double outside[1][3] = {{0, 0, 30}};
    T_OK(aet_mesh_distances(m, 1, outside, d));
    T_NEAR(d[0], 30 - edge / sqrt(2.0), 1e-10); /* to the corner */
    aet_mesh_free(&m);
    aet_release(&d);
    aet_atoms_free(&a);
}

/* Against the nearest of 66 points on every triangle, which are a tenth of its edges apart; from far and near,
 * and the same bits whatever was asked before. */
static void distances_of_rough(void)
{
    enum { POINTS = 60, STEPS = 10 };
    aet_atoms *a = ball(a_A, 3.0);
    aet_mesh *m = NULL;
    double p[POINTS][3], d[POINTS], alone;
    add_noise(a, 0.2, 5);
    T_OK(aet_mesh_create(a->n, positions(a), a_A, &m));
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < 3; k++)
            p[i][k] = (i % 4 == 3 ? 3.0 : 1.0) * a->position_A[37 * i % a->n][k] + 0.1 * k;
    T_OK(aet_mesh_distances(m, POINTS, (const double(*)[3])p, d));
    for (int i = 0; i < POINTS; i++) {
        double near2 = HUGE_VAL;
        for (int t = 0; t < m->n; t++)
            for (int u = 0; u <= STEPS; u++)
                for (int v = 0; u + v <= STEPS; v++) {
                    double sum = 0.0;
                    for (int k = 0; k < 3; k++) {
                        double at = (u * a->position_A[m->corner[t][0]][k] +
                                     v * a->position_A[m->corner[t][1]][k] +
                                     (STEPS - u - v) * a->position_A[m->corner[t][2]][k]) /
                                    STEPS;
                        sum += (at - p[i][k]) * (at - p[i][k]);
                    }
                    near2 = fmin(near2, sum);
                }
        /* edges are below 7 A; the nearest sample lies within 0.7/sqrt(3) of the nearest point */
        T_CHECK(d[i] <= sqrt(near2) + 1e-12 && d[i] * d[i] >= near2 - 0.41 * 0.41 - 0.82 * d[i]);
        T_OK(aet_mesh_distances(m, 1, (const double(*)[3])p + i, &alone));
        T_CHECK(alone == d[i]);
    }
    aet_mesh_free(&m);
    aet_atoms_free(&a);
}

/* A hole larger than the ball is a surface too; a single vacancy is not for alpha = a. */
static void hollow(void)
{
    aet_atoms *a = ball(a_A, 4.0);
    aet_mesh *whole = NULL, *vacant = NULL, *with_hole = NULL;
    bool *keep = AET_NEW(bool, a->n);
    T_OK(aet_mesh_create(a->n, positions(a), a_A, &whole));
    for (int radius = 0; radius < 2; radius++) {
        aet_atoms *b = NULL;
        T_OK(aet_atoms_copy(a, &b));
        for (int i = 0; i < a->n; i++)
            keep[i] = square(a->position_A[i]) > (radius ? 6.5 * 6.5 : 0.1);
        aet_atoms_select(b, keep);
        T_OK(aet_mesh_create(b->n, positions(b), a_A, radius ? &with_hole : &vacant));
        aet_atoms_free(&b);
    }
    T_NEAR(vacant->area, whole->area, 1e-9);
    T_CHECK(with_hole->volume < whole->volume - 4.0 / 3.0 * AET_PI * 6.5 * 6.5 * 6.5);
    T_CHECK(with_hole->area > whole->area + 4.0 * AET_PI * 6.5 * 6.5);
    aet_mesh_free(&whole);
    aet_mesh_free(&vacant);
    aet_mesh_free(&with_hole);
    aet_release(&keep);
    aet_atoms_free(&a);
}

static void hulls(void)
{
    const double cube[9][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1},      {1, 1, 0},
                               {1, 0, 1}, {0, 1, 1}, {1, 1, 1}, {0.5, 0.5, 0.5}};
    int n, (*t)[3] = NULL;
    T_OK(aet_hull_triangles(9, cube, &n, &t));
    T_CHECK(n == 12);
    double volume = 0;
    for (int i = 0; i < n; i++) {
        const double *a = cube[t[i][0]], *b = cube[t[i][1]], *c = cube[t[i][2]];
        volume += (a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) +
                   a[2] * (b[0] * c[1] - b[1] * c[0])) /
                  6.0;
        for (int k = 0; k < 3; k++)
            T_CHECK(t[i][k] != 8);
    }
    T_NEAR(volume, 1.0, 1e-12); /* also tells that all triangles face outwards */
    aet_release(&t);
}

static void refused(void)
{
    const double flat[5][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {1, 1, 0}, {0.5, 0.5, 0}};
    aet_mesh *m = NULL;
    aet_delaunay *d = NULL;
    int n, (*t)[3] = NULL;
    T_FAILS(aet_mesh_create(3, flat, 1.0, &m), AET_ERR_NUMERIC, "3 points");
    T_CHECK(m == NULL);
    T_FAILS(aet_delaunay_create(0, flat, &d), AET_ERR_NUMERIC, "0 points");
    T_FAILS(aet_hull_triangles(2, flat, &n, &t), AET_ERR_NUMERIC, "2 points");
    /* points in a plane are shaken into thin pieces, which no ball of that size holds together */
    T_OK(aet_mesh_create(5, flat, 0.1, &m));
    T_CHECK(m->n == 0 && aet_mesh_sphericity(m) == 0.0);
    double distance;
    T_OK(aet_mesh_distances(m, 1, flat, &distance));
    T_CHECK(isinf(distance));
    aet_mesh_free(&m);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    octahedra();
    other_bodies();
    closed();
    distances();
    distances_of_rough();
    hollow();
    hulls();
    refused();
    T_END();
}
