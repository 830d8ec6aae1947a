/* ranks: 1 2 */
/* Hard cases of tracing: maxima that overlap, faces, a support, one and three species; the second
 * pass; the mean atom. */
#include "aetlas/data/units.h"
#include "test.h"
#include "trace_volumes.h"

#include "aetlas/base/rng.h"

enum { MAX = 600 };
static blob b[MAX];

/* All blobs of [first, n) have an atom nearer than the tolerance, and there is no other. */
static void check_all(const aet_atoms *a, const aet_volume *v, int first, int n, double tolerance_A)
{
    double worst = 0, error;
    T_CHECK(a && a->n == n - first);
    for (int i = first; a && i < n; i++) {
        nearest_atom(a, v, &b[i], &error);
        worst = fmax(worst, error);
    }
    T_NEAR(worst, 0.0, tolerance_A);
}

static aet_trace_params one_species(void)
{
    aet_trace_params p = defaults();
    p.nonatoms = AET_TRACE_NEVER;
    p.settle_A = 1e-5;
    p.passes = 200;
    p.widest = 1; /* some of the atoms here are drawn out on purpose */
    return p;
}

/* A Gaussian of its own in each of several boxes finds isolated atoms of any widths exactly; where
 * neighbours overlap a small box is best, and it stays within a tenth of a voxel. */
static void test_boxes(void)
{
    int z[1] = {78}, n = lay(sc_basis, 1, 14, 3, 8, b);
    aet_trace_params p = one_species();
    aet_atoms *a = NULL;
    p.method = AET_TRACE_BOXES;
    for (int i = 0; i < n; i++) {
        b[i].width = 1.6 + 0.05 * (i % 9);
        b[i].stretch = 1 + 0.02 * (i % 7);
    }
    aet_volume *v = paint(MPI_COMM_WORLD, 46, 46, 46, n, b);
    T_OK(aet_trace(v, z, 1, &p, &a, NULL));
    check_all(a, v, 0, n, 1e-5); /* float of the volume: 1e-7 of the height */
    for (int i = 0; a && i < n; i++) {
        double error;
        int k = nearest_atom(a, v, &b[i], &error);
        const double *w = aet_atoms_find_column(a, "fit_width_A")->values + 3 * k;
        T_NEAR(w[0], b[i].width * VOXEL_A, 1e-5);
        T_NEAR(w[2], b[i].width * b[i].stretch * VOXEL_A, 1e-5);
    }
    aet_atoms_free(&a);
    aet_volume_free(&v);
    n = lay(fcc_basis, 4, 11, 3, 8, b);
    v = paint(MPI_COMM_WORLD, 50, 50, 50, n, b);
    p.boundary = false;
    T_OK(aet_trace(v, z, 1, &p, &a, NULL));
    check_all(a, v, 0, n, 0.1 * VOXEL_A);
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

/* A crystal drawn out along z by a missing wedge, one atom of it so faint that between its two
 * neighbours in the column it is no maximum but a valley.  On its layer it is one. */
static void test_second_pass(void)
{
    enum { CELLS = 3, FAINT = 4 * (1 + CELLS + CELLS * CELLS) }; /* corner of the middle cell */
    int z[1] = {78}, n = lay(fcc_basis, 4, 11, CELLS, 9, b);
    aet_trace_params p = one_species();
    aet_trace_report r;
    for (int i = 0; i < n; i++)
        b[i].stretch = 2.0;
    b[FAINT].height = 0.3;
    aet_volume *v = paint(MPI_COMM_WORLD, 50, 50, 50, n, b);
    for (int boxes = 0; boxes < 2; boxes++) {
        aet_tracer *t = NULL;
        aet_atoms *first = NULL, *second = NULL;
        aet_lattice l = {.rotation = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, .constant_A = 11 * VOXEL_A};
        double error;
        p.boundary = false;
        p.method = boxes ? AET_TRACE_BOXES : AET_TRACE_GAUSSIAN;
        p.detect = AET_TRACE_MAXIMA; /* minus the Laplacian shows the faint one in the first pass */
        T_OK(aet_tracer_create(v, z, 1, &p, &t));
        T_OK(aet_tracer_atoms(t, &first, NULL));
        T_CHECK(first && first->n == n - 1);
        if (first) {
            nearest_atom(first, v, &b[FAINT], &error);
            T_CHECK(error > 1);
        }
        T_OK(aet_tracer_layers(t, &l));
        T_OK(aet_tracer_atoms(t, &second, &r));
        T_CHECK(r.layers == 2 * CELLS);
        T_CHECK(second && second->n == n && r.from_layers == 1);
        int k = second ? nearest_atom(second, v, &b[FAINT], &error) : -1;
        T_CHECK(k == n - 1); /* those of the second pass come last */
        T_CHECK(k >= 0 && aet_atoms_find_column(second, "origin")->values[k] == AET_ORIGIN_LAYER);
        /* The joint fit is right once it has settled; a box in the volume as it is holds the flanks
         * of the others too. */
        if (boxes)
            T_NEAR(error, 0.0, 0.3);
        else
            check_all(second, v, 0, n, 0.02);
        aet_atoms_free(&first);
        aet_atoms_free(&second);
        aet_tracer_free(&t);
    }
    aet_volume_free(&v);
}

/* The same crystal: where the density shows a valley, minus its Laplacian shows the faint atom, and
 * with it in the joint fit all are right. */
static void test_blobs(void)
{
    int z[1] = {78}, n = lay(fcc_basis, 4, 11, 3, 9, b);
    aet_trace_params p = one_species();
    aet_trace_report r;
    aet_atoms *a = NULL;
    for (int i = 0; i < n; i++)
        b[i].stretch = 2.0;
    b[4 * (1 + 3 + 9)].height = 0.3;
    aet_volume *v = paint(MPI_COMM_WORLD, 50, 50, 50, n, b);
    p.boundary = false;
    T_OK(aet_trace(v, z, 1, &p, &a, NULL));
    check_all(a, v, 0, n, 0.02);
    aet_atoms_free(&a);
    /* Held below what it is, the width costs no atom and a third of a voxel at most. */
    p.widest = defaults().widest;
    T_OK(aet_trace(v, z, 1, &p, &a, &r));
    check_all(a, v, 0, n, 0.33 * VOXEL_A);
    T_NEAR(r.width_A[2], p.widest * p.min_distance_A, 1e-9);
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

/* A weaker atom on the flank of a stronger one, 2.1 A away at a width of 0.85 A: two maxima that pull
 * each other by a quarter of a voxel are put right by the joint fit. */
static void test_overlap(void)
{
    int z[1] = {78};
    aet_trace_params p = one_species();
    aet_atoms *a = NULL;
    double d = 2.1 / VOXEL_A;
    b[0] = (blob){{15, 15, 15}, 1.0, 0.85 / VOXEL_A, 0};
    b[1] = (blob){{15.3 + d, 15, 15.2}, 0.8, 0.85 / VOXEL_A, 0};
    b[2] = (blob){{15, 30, 15}, 1.0, 0.85 / VOXEL_A, 0};
    aet_volume *v = paint(MPI_COMM_WORLD, 40, 44, 30, 3, b);
    p.boundary = false;
    p.smooth_A = 0;
    p.min_distance_A = 1.8;
    T_OK(aet_trace(v, z, 1, &p, &a, NULL));
    check_all(a, v, 0, 3, 0.01);
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

/* Atoms whose maximum lies on the innermost voxel of the border, on all six faces. */
static void test_faces(void)
{
    int z[1] = {78}, n = 0;
    aet_trace_params p = one_species();
    aet_atoms *a = NULL;
    for (int k = 0; k < 6; k++) {
        blob q = {{15, 15, 15}, 1.0, 2.0, 0};
        q.at[k / 2] = k % 2 ? 2.2 : 31 - 3.3;
        b[n++] = q;
    }
    aet_volume *v = paint(MPI_COMM_WORLD, 31, 31, 31, n, b);
    p.boundary = false;
    for (int method = AET_TRACE_GAUSSIAN; method <= AET_TRACE_BOXES; method++) {
        if (method == AET_TRACE_POLYNOMIAL || method == AET_TRACE_QUADRATIC)
            continue; /* no model of an atom: right to a tenth of a voxel only */
        p.method = method;
        T_OK(aet_trace(v, z, 1, &p, &a, NULL));
        check_all(a, v, 0, n, 1e-3);
        aet_atoms_free(&a);
    }
    aet_volume_free(&v);
}

/* A particle that stands on a film of light atoms, packed at random: the film is none of it. */
static void test_support(void)
{
    enum { FILM = 200 };
    int z[2] = {28, 78}, n;
    aet_trace_params p = defaults();
    aet_trace_report r;
    aet_atoms *a = NULL;
    aet_rng key = {51, 0, AET_RNG_TEST};
    for (int i = 0; i < FILM; i++) {
        double u[4];
        aet_rng_uniform4(key, (unsigned)i, u);
        b[i] = (blob){{60 * u[0], 60 * u[1], 2 + 10 * u[2]}, 0.06 + 0.03 * u[3], 2.0, 0};
    }
    n = FILM + lay(fcc_basis, 4, 11, 3, 16, b + FILM);
    for (int i = FILM; i < n; i++)
        b[i].height = i % 2 ? 1.0 : 1.6;
    aet_volume *v = paint(MPI_COMM_WORLD, 60, 60, 60, n, b);
    T_OK(aet_trace(v, z, 2, &p, &a, &r));
    check_all(a, v, FILM, n, 0.12); /* the lowest layer leans on bumps of a tenth of its height */
    T_CHECK(r.count[0] == (n - FILM) / 2 && r.count[1] == (n - FILM) / 2);
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

/* Three species and one, from the volume, by intensities and by cubes. */
static void test_species(void)
{
    static const double height[3] = {1.0, 1.5, 2.2};
    int z[3] = {28, 46, 78};
    aet_trace_params p = defaults();
    for (int species = 1; species <= 3; species += 2)
        for (int cubes = 0; cubes < 2; cubes++) {
            aet_atoms *a = NULL;
            int n = lay(fcc_basis, 4, 11, 3, 8, b);
            for (int i = 0; i < n; i++)
                b[i].height = height[(i * 7 / 3) % species];
            aet_volume *v = paint(MPI_COMM_WORLD, 50, 50, 50, n, b);
            p.classes = cubes ? AET_TRACE_CUBES : AET_TRACE_KMEANS;
            T_OK(aet_trace(v, z, species, &p, &a, NULL));
            check_all(a, v, 0, n, 0.01); /* passes end at 0.002 A */
            for (int i = 0; a && i < n; i++) {
                double error;
                int k = nearest_atom(a, v, &b[i], &error);
                T_CHECK(a->species[k] == z[(i * 7 / 3) % species]);
            }
            aet_atoms_free(&a);
            aet_volume_free(&v);
        }
}

/* The width of the mean atom of a crystal, drawn out along z, is that of its atoms; neighbours that
 * overlap are no part of it. */
static void test_profile(void)
{
    int z[1] = {78}, n = lay(fcc_basis, 4, 11, 3, 10, b);
    aet_trace_params p = one_species();
    aet_trace_report r;
    aet_atoms *a = NULL;
    double width;
    for (int i = 0; i < n; i++)
        b[i].stretch = 1.3;
    aet_volume *v = paint(MPI_COMM_WORLD, 52, 52, 52, n, b);
    T_OK(aet_trace(v, z, 1, &p, &a, &r));
    T_OK(aet_trace_profile(v, &p, &r, a));
    /* Cubic interpolation widens a Gaussian of two voxels by 0.3 %. */
    T_CHECK(a && aet_atoms_find_scalar(a, "trace_width_A", &width));
    T_NEAR(width, 2.0 * VOXEL_A, 3e-3);
    T_CHECK(a && aet_atoms_find_scalar(a, "trace_width_z_A", &width));
    T_NEAR(width, 2.6 * VOXEL_A, 3e-3);
    const aet_curve *c = a ? aet_atoms_find_curve(a, "atom_profile") : NULL;
    T_CHECK(c && c->n == 6 && c->width == 5);
    for (int k = 1; c && k < 4;
         k++) { /* beside the atom: its own Gaussian, and nearly nothing else */
        T_NEAR(c->values[5 * k], k * VOXEL_A, 1e-12);
        T_CHECK(c->values[5 * k + 2] < c->values[5 * (k - 1) + 2]);
    }
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

static double away(int i, const double at[3])
{
    return sqrt(pow(b[i].at[0] - at[0], 2) + pow(b[i].at[1] - at[1], 2) +
                pow(b[i].at[2] - at[2], 2));
}

/* Density that is that of the atoms, but for a factor, is like them, whatever overlaps; with waves of variance s^2
 * beside atoms of variance S^2 in a ball, the correlation is 1/sqrt(1 + (s/S)^2); an atom put half a width away
 * tells on itself alone. */
static void test_correlation(void)
{
    enum { AWAY = 5 };
    int n = lay(fcc_basis, 4, 11, 3, 10, b);
    aet_atoms *a = NULL;
    aet_volume *v = paint(MPI_COMM_WORLD, 52, 52, 52, n, b);
    for (int waves = 0; waves < 2; waves++) {
        T_OK(aet_atoms_create(n, &a));
        double *height = aet_atoms_add_column(a, "fit_height", 1, "", "")->values;
        aet_atoms_add_scalar(a, "trace_width_A", 2.0 * VOXEL_A, "A", "");
        for (int i = 0; i < n; i++) {
            a->species[i] = 78;
            height[i] = 3.0;
            for (int k = 0; k < 3; k++)
                a->position_A[i][k] =
                    (b[i].at[k] - 26 + (waves || k || i != AWAY ? 0 : 1)) * VOXEL_A;
        }
        /* period of three voxels: whole numbers of it in a ball, and no part of an atom two voxels wide */
        for (int64_t i = 0; waves && i < aet_volume_count(v); i++)
            v->density[i] += 0.1f * (float)sin(2.0 / 3 * AET_PI * (double)(i % v->nx));
        T_OK(aet_trace_correlation(v, a));
        const double *c = aet_atoms_find_column(a, "correlation")->values;
        for (int i = 0; i < n && !waves; i++)
            T_CHECK(i == AWAY ? c[i] > 0.7 && c[i] < 0.95
                              : c[i] > (away(i, b[AWAY].at) < 9 ? 0.97 : 0.9999));
        /* s^2 = 0.1^2/2; S^2 = 0.0266 of an atom of height 1 in a ball of 3.9 voxels with the tails of 12
         * neighbours; 240 voxels tell both to some percent */
        for (int i = 0; i < n && waves; i++)
            if (away(i, (const double[3]){26, 26, 26}) < 9)
                T_NEAR(c[i], 1 / sqrt(1 + 0.005 / 0.0266), 0.02);
        aet_atoms_free(&a);
    }
    aet_volume_free(&v);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_boxes();
    test_second_pass();
    test_blobs();
    test_overlap();
    test_faces();
    test_support();
    test_species();
    test_profile();
    test_correlation();
    T_END();
}
