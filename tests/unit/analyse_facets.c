/* ranks: 1 2 */
/* san: 1 */
/* Facets and curvature of ideal bodies. */
#include "analyse_models.h"

static int of_facet(const aet_atoms *a, const char *column, int name)
{
    const double *f = aet_atoms_find_column(a, column)->values;
    int n = 0;
    for (int i = 0; i < a->n; i++)
        n += (int)f[i] == name;
    return n;
}

/* Without smoothing an octahedron has 6 corners {100}, 12(n-2) edge atoms {110} and 4(n-2)(n-3) on faces; with
 * sigma = a, counted from exact normals: 54, 264, 168 for n = 12 and 54, 552, 840 for n = 20. */
static void octahedra(void)
{
    const struct {
        int n;
        double sigma;
        int c100, c110, c111;
    } want[] = {{12, 0.0, 6, 120, 360}, {12, -1.0, 54, 264, 168}, {20, -1.0, 54, 552, 840}};
    for (int k = 0; k < 3; k++) {
        aet_atoms *a = octahedron(a_A, want[k].n);
        aet_analyse_params p = defaults();
        p.facet_sigma_A = want[k].sigma;
        move(a, (double[3]){20, 12, -33}, (double[3]){1, 2, 3});
        T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
        T_CHECK(of_facet(a, "facet", 100) == want[k].c100);
        T_CHECK(of_facet(a, "facet", 110) == want[k].c110);
        T_CHECK(of_facet(a, "facet", 111) == want[k].c111);
        double surface = scalar(a, "surface_atoms");
        T_NEAR(scalar(a, "facet_111"), want[k].c111 / surface, 1e-12);
        aet_atoms_free(&a);
    }
}

/* By coordination: faces of the octahedron are {111}, its edges {110}-like with 7 neighbours; of the cube
 * the faces are {100}. By planes: all eight faces, edges included. */
static void classes(void)
{
    aet_atoms *a = octahedron(a_A, 12);
    analyse(a);
    T_CHECK(of_facet(a, "facet_coordination", 111) == 360);
    T_CHECK(of_facet(a, "facet_coordination", 100) == 0);
    T_CHECK(of_facet(a, "facet_plane", 111) + of_facet(a, "facet_plane", 100) >= 480);
    T_CHECK(of_facet(a, "facet_plane", 111) > 400);
    aet_atoms_free(&a);
    a = cluster(a_A, 0, WIDE, 6, WIDE); /* a cube of six cells, (6 + 1) + 6 atoms along an edge */
    analyse(a);
    const double *f = aet_atoms_find_column(a, "facet_coordination")->values;
    int inner = 0;
    for (int i = 0; i < a->n; i++) {
        int sides = 0, near = 0;
        for (int k = 0; k < 3; k++) {
            sides += fabs(fabs(a->position_A[i][k]) - 3.0 * a_A) < 1e-6;
            near += fabs(a->position_A[i][k]) > 1.9 * a_A;
        }
        /* well within a face; one step from its edge second neighbours are missing as well */
        T_CHECK(!(sides == 1 && near == 1) || f[i] == 100.0);
        T_CHECK(sides == 1 || f[i] != 100.0);
        inner += sides == 1;
    }
    T_CHECK(of_facet(a, "facet", 100) > inner / 2);
    T_CHECK(of_facet(a, "facet_plane", 100) == (int)scalar(a, "surface_atoms"));
    aet_atoms_free(&a);
}

/* A ball of radius R is convex everywhere with curvature 1/R; the wall of a hole in it is concave. */
static void balls(void)
{
    double radius = 7.0 * a_A;
    aet_atoms *a = ball(a_A, 7.0);
    analyse(a);
    /* Steps of a layer, 2 A, in R = 27 A, and the skin lies about a layer inside R. */
    T_NEAR(scalar(a, "curvature_per_A") * radius, 1.0, 0.15);
    T_CHECK(scalar(a, "concave") < 0.05);
    /* Directions of a ball fall to the families as at random, to what 600 surface atoms and terraces let. */
    T_NEAR(scalar(a, "facet_100_excess"), 1.0, 0.3);
    T_NEAR(scalar(a, "facet_110_excess"), 1.0, 0.3);
    T_NEAR(scalar(a, "facet_111_excess"), 1.0, 0.3);
    T_NEAR(scalar(a, "facet_110_excess") * 0.4438, scalar(a, "facet_110"), 1e-12);
    const double *normal = aet_atoms_find_column(a, "normal")->values;
    for (int i = 0; i < a->n; i++) {
        const double *n = normal + 3 * i, *r = a->position_A[i];
        double length = sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
        if (n[0] != 0.0 || n[1] != 0.0 || n[2] != 0.0)
            T_CHECK((n[0] * r[0] + n[1] * r[1] + n[2] * r[2]) / length >
                    0.9); /* 25 degrees: terraces */
    }
    bool *keep = AET_NEW(bool, a->n); /* a bite out of its side */
    for (int i = 0; i < a->n; i++) {
        double d[3] = {a->position_A[i][0] - radius, a->position_A[i][1], a->position_A[i][2]};
        keep[i] = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > 20.0 * 20.0;
    }
    aet_atoms_select(a, keep);
    analyse(a);
    const double *bend = aet_atoms_find_column(a, "curvature_per_A")->values,
                 *surface = aet_atoms_find_column(a, "surface")->values;
    double sum = 0.0;
    int n = 0;
    for (int i = 0; i < a->n; i++) {
        double d[3] = {a->position_A[i][0] - radius, a->position_A[i][1], a->position_A[i][2]};
        double from = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        if (surface[i] == 1.0 && from < 22.0 && a->position_A[i][0] < radius - 14.0) {
            sum += bend[i];
            n++;
        }
    }
    T_CHECK(n > 30);
    /* Convex hulls see a hollow flatter than it is. */
    T_NEAR(sum / n, -1.0 / 20.0, 0.025);
    aet_release(&keep);
    aet_atoms_free(&a);
}

/* Regions of an octahedron: the eight faces are alike. */
static void regions(void)
{
    aet_atoms *a = octahedron(a_A, 12);
    int count[15] = {0};
    analyse(a);
    for (int i = 0; i < a->n; i++)
        count[(int)aet_atoms_find_column(a, "region")->values[i]]++;
    for (int k = 2; k <= 6; k++)
        T_CHECK(count[k] == count[1] && count[1] > 0);
    /* edge atoms lie exactly between two faces, and fall to either: 10 on each of 12 edges */
    for (int k = 7; k <= 14; k++)
        T_CHECK(count[k] >= 36 && count[k] <= 36 + 3 * 24);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    octahedra();
    classes();
    balls();
    regions();
    T_END();
}
