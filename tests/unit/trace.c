/* ranks: 1 2 3 4 */
/* Tracing of volumes whose atoms are known. */
#include "test.h"
#include "trace_volumes.h"

#include "aetlas/base/rng.h"

/* A piece of a lattice; every third atom is the heavier element. */
static int lattice(const double *basis, int n_basis, double edge, int cells, double first, blob *b)
{
    int n = lay(basis, n_basis, edge, cells, first, b);
    for (int i = 0; i < n; i += 3)
        b[i].height = 1.5;
    return n;
}

/* Largest distance of an atom from the blob nearest to it, pm; -1 if an atom has a wrong element. */
static double largest_error(const aet_atoms *a, const aet_volume *v, int n, const blob *b)
{
    double worst = 0;
    int origin[3] = {v->nx / 2, v->ny / 2, v->nz / 2};
    for (int i = 0; i < a->n; i++) {
        double least = INFINITY;
        int which = 0;
        for (int k = 0; k < n; k++) {
            double d2 = 0;
            for (int c = 0; c < 3; c++)
                d2 += pow(a->position_A[i][c] - (b[k].at[c] - origin[c]) * v->voxel_A, 2);
            which = d2 < least ? k : which;
            least = fmin(least, d2);
        }
        if (a->species[i] != (b[which].height > 1.2 ? 78 : 28))
            return -1;
        worst = fmax(worst, 100 * sqrt(least));
    }
    return worst;
}

static void test_lattice(const double *basis, int n_basis, double edge, int cells,
                         double tolerance_pm)
{
    enum { MAX = 256 };
    blob b[MAX];
    int z[2] = {28, 78}, n = lattice(basis, n_basis, edge, cells, 8, b), size;
    aet_trace_params p = defaults();
    aet_trace_report r;
    aet_atoms *a = NULL;
    p.settle_A = 1e-6;
    p.passes = 200;
    size = (int)ceil(16 + edge * cells);
    aet_volume *v = paint(MPI_COMM_WORLD, size, size + 1, size + 2, n, b);
    T_OK(aet_trace(v, z, 2, &p, &a, &r));
    T_CHECK(a && a->n == n && r.atoms == n);
    if (a) {
        double worst = largest_error(a, v, n, b);
        T_CHECK(worst >= 0);
        T_NEAR(worst, 0.0, tolerance_pm);
        for (int i = 1; i < a->n; i++) /* the order promised */
            T_CHECK(aet_atoms_find_column(a, "peak_strength")->values[i] <=
                    aet_atoms_find_column(a, "peak_strength")->values[i - 1]);
    }
    T_CHECK(r.count[0] + r.count[1] == n && !r.has_nonatom_class);
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

/* The same bits from one rank and from all. */
static void test_ranks(void)
{
    enum { N = 40 };
    blob b[N];
    aet_rng key = {31, 0, AET_RNG_TEST};
    for (int i = 0; i < N; i++) {
        double u[4];
        aet_rng_uniform4(key, (unsigned)i, u);
        b[i] = (blob){{3 + 24 * u[0], 3 + 22 * u[1], 2 + 10 * u[2]}, 0.8 + u[3], 1.9, 0};
    }
    aet_trace_params ways[6];
    for (int w = 0; w < 6; w++) {
        ways[w] = defaults();
        ways[w].keep_nonatoms = true;
        ways[w].method = w < 4 ? w : AET_TRACE_GAUSSIAN;
    }
    ways[4].classes = AET_TRACE_CUBES;
    ways[5].detect = AET_TRACE_PIECES;
    for (int w = 0; w < 6; w++) {
        int z[2] = {28, 78};
        aet_volume *all = paint(MPI_COMM_WORLD, 30, 28, 14, N, b);
        aet_volume *self = paint(MPI_COMM_SELF, 30, 28, 14, N, b);
        aet_atoms *one = NULL, *many = NULL;
        aet_trace_report r1, r2;
        aet_trace_params p = ways[w];
        T_OK(aet_trace(all, z, 2, &p, &many, &r2));
        T_OK(aet_trace(self, z, 2, &p, &one, &r1));
        if (many)
            T_OK(aet_trace_profile(all, &p, &r2, many));
        if (many)
            T_OK(aet_trace_correlation(all, many));
        if (one)
            T_OK(aet_trace_profile(self, &p, &r1, one));
        if (one)
            T_OK(aet_trace_correlation(self, one));
        T_CHECK(one && many && one->n == many->n && one->n > 5);
        if (one && many && one->n == many->n) {
            T_CHECK(!memcmp(one->position_A, many->position_A, sizeof(double[3]) * (size_t)one->n));
            T_CHECK(!memcmp(one->species, many->species, (size_t)one->n));
            for (int c = 0; c < one->n_columns; c++)
                T_CHECK(!memcmp(one->columns[c].values, many->columns[c].values,
                                sizeof(double) * (size_t)(one->n * one->columns[c].width)));
        }
        T_CHECK(one && many && one->n_scalars == many->n_scalars);
        for (int k = 0; one && many && k < one->n_scalars; k++)
            T_CHECK(one->scalars[k].value == many->scalars[k].value);
        T_CHECK(r1.candidates == r2.candidates && r1.too_near == r2.too_near);
        aet_atoms_free(&one);
        aet_atoms_free(&many);
        aet_volume_free(&all);
        aet_volume_free(&self);
    }
}

/* Pairs: 2.2 A apart both stay, 1.7 A apart the weaker goes; atoms nearer to a face than the border go. */
static void test_limits(void)
{
    blob b[] = {{{12, 12, 12}, 1.0, 1.3, 0}, {{12, 12, 12 + 2.2 / VOXEL_A}, 1.0, 1.3, 0},
                {{30, 12, 12}, 1.0, 1.3, 0}, {{30, 12 + 1.7 / VOXEL_A, 12}, 0.9, 1.3, 0},
                {{12, 30, 1}, 1.0, 1.3, 0},  {{30, 30, 4}, 1.0, 1.3, 0}};
    int z[1] = {78};
    aet_volume *v = paint(MPI_COMM_WORLD, 42, 42, 30, 6, b);
    aet_trace_params p = defaults();
    aet_trace_report r;
    aet_atoms *a = NULL;
    p.smooth_A = 0;
    p.border = 2;
    p.nonatoms = AET_TRACE_NEVER;
    p.boundary = false;
    T_OK(aet_trace(v, z, 1, &p, &a, &r));
    T_CHECK(a && a->n == 4 && r.candidates == 5 && r.too_near == 1);
    aet_atoms_free(&a);
    p.border = 5;
    T_OK(aet_trace(v, z, 1, &p, &a, &r));
    T_CHECK(a && a->n == 3);
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

/* A speck far from the particle is outside its boundary. */
static void test_boundary(void)
{
    enum { MAX = 256 };
    blob b[MAX];
    int n = lattice(sc_basis, 1, 8, 3, 8, b), z[1] = {28};
    for (int i = 0; i < n; i++)
        b[i].height = 1;
    b[n] = (blob){{60, 60, 40}, 1.0, 2.0, 0};
    aet_volume *v = paint(MPI_COMM_WORLD, 70, 70, 50, n + 1, b);
    aet_trace_params p = defaults();
    aet_trace_report r;
    aet_atoms *a = NULL;
    T_OK(aet_trace(v, z, 1, &p, &a, &r));
    T_CHECK(a && a->n == n && r.outside == 1);
    aet_atoms_free(&a);
    aet_volume_free(&v);
}

/* Intensities that fall by 28 % across the crystal and scatter by 3 %: one limit for all takes heavy atoms of the last
 * layer for light ones; local means put most of them right. */
static void test_local(void)
{
    enum { MAX = 256, CELLS = 5 };
    blob b[MAX];
    int n = lattice(sc_basis, 1, 9, CELLS, 8, b), z[2] = {28, 78}, wrong[2] = {0, 0};
    aet_rng key = {32, 0, AET_RNG_TEST};
    for (int i = 0; i < n; i++) {
        double normal[4];
        aet_rng_normal4(key, (unsigned)i, normal);
        b[i].height = (i % 2 ? 1.5 : 1.0) * (1 + 0.03 * normal[0]) *
                      (1 - 0.28 * (b[i].at[0] - 8) / (9 * (CELLS - 1)));
    }
    aet_volume *v = paint(MPI_COMM_WORLD, 62, 62, 62, n, b);
    for (int local = 0; local < 2; local++) {
        aet_trace_params p = defaults();
        aet_atoms *a = NULL;
        aet_trace_report r;
        p.local_A = local ? 6.75 : 0;
        p.nonatoms = AET_TRACE_NEVER;
        T_OK(aet_trace(v, z, 2, &p, &a, &r));
        T_CHECK(a && a->n == n && (r.changed > 0) == (local == 1));
        for (int i = 0; a && i < a->n; i++) {
            int c[3];
            for (int k = 0; k < 3; k++)
                c[k] = (int)lround((a->position_A[i][k] / v->voxel_A + 31 - 8) / 9);
            int site = (c[2] * CELLS + c[1]) * CELLS + c[0];
            wrong[local] += a->species[i] != (site % 2 ? 78 : 28);
        }
        aet_atoms_free(&a);
    }
    T_CHECK(wrong[0] >= 4);
    T_CHECK(2 * wrong[1] < wrong[0]);
    aet_volume_free(&v);
}

static void test_refusals(void)
{
    int z[2] = {78, 28}, one[1] = {28};
    aet_trace_params p = defaults();
    aet_atoms *a = NULL;
    aet_volume *v = NULL;
    T_OK(aet_volume_create(MPI_COMM_WORLD, 12, 12, 12, 0.35, &v));
    T_FAILS(aet_trace(v, z, 2, &p, &a, NULL), AET_ERR_USAGE, "ascending atomic number");
    T_FAILS(aet_trace(v, one, 1, &p, &a, NULL), AET_ERR_INPUT, "no positive density");
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        v->density[i] = 2;
    T_FAILS(aet_trace(v, one, 1, &p, &a, NULL), AET_ERR_INPUT, "constant");
    T_CHECK(a == NULL);
    aet_volume_free(&v);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    /* Isolated by seven widths: what is left is the float of the volume and the cut of the tails. */
    test_lattice(sc_basis, 1, 14, 3, 0.05);
    /* fcc of a = 3.85 A and width 0.70 A: neighbours overlap by 2.5 % each, and the joint fit takes that out
     * until the passes settle. */
    test_lattice(fcc_basis, 4, 11, 3, 0.2);
    test_ranks();
    test_limits();
    test_boundary();
    test_local();
    test_refusals();
    T_END();
}
