/* ranks: 1 */
#include "aetlas/data/atoms.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "test.h"

/* A jittered cubic grid: no two atoms nearer than 2 A. */
static aet_atoms *grid(int edge)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(edge * edge * edge, &a));
    aet_rng key = {.seed = 3, .purpose = AET_RNG_TEST};
    for (int i = 0; i < a->n; i++) {
        double u[4];
        aet_rng_uniform4(key, (uint64_t)i, u);
        a->position_A[i][0] = 3.0 * (i % edge) + u[0];
        a->position_A[i][1] = 3.0 * (i / edge % edge) + u[1];
        a->position_A[i][2] = 3.0 * (i / edge / edge) + u[2];
        a->species[i] = u[3] < 0.4 ? 28 : 78;
    }
    return a;
}

static void values(void)
{
    aet_atoms *a = grid(3), *copy = NULL;
    double x = 0.0;
    aet_column *col = aet_atoms_add_column(a, "cn", 2, "1", "neighbours");
    for (int i = 0; i < 2 * a->n; i++)
        col->values[i] = i;
    aet_atoms_add_scalar(a, "a_A", 3.9, "A", "lattice");
    aet_atoms_add_scalar(a, "a_A", 3.8, "A", "lattice");
    const char *heads[] = {"r_A", "g"};
    aet_atoms_add_curve(a, "g", 4, 2, heads, "pairs")->values[7] = 5.0;
    T_OK(aet_atoms_copy(a, &copy));
    T_CHECK(copy->n_scalars == 1 && aet_atoms_find_scalar(copy, "a_A", &x) && x == 3.8);
    T_CHECK(!aet_atoms_find_scalar(copy, "b", &x) && !aet_atoms_find_column(copy, "a_A"));
    T_CHECK(strcmp(aet_atoms_find_curve(copy, "g")->head[1], "g") == 0);
    T_CHECK(aet_atoms_find_curve(copy, "g")->values[7] == 5.0);
    bool keep[27] = {false};
    keep[4] = keep[26] = true;
    aet_atoms_select(copy, keep);
    T_CHECK(copy->n == 2 && copy->species[1] == a->species[26]);
    T_CHECK(copy->position_A[0][2] == a->position_A[4][2]);
    T_CHECK(aet_atoms_find_column(copy, "cn")->values[0] == 8 &&
            aet_atoms_find_column(copy, "cn")->values[3] == 53);
    T_CHECK(a->n == 27 && a->position_A[0][0] != copy->position_A[0][0]);
    aet_atoms_add_column(a, "cn", 1, "1", "again"); /* replaced and zeroed */
    T_CHECK(a->n_columns == 1 && aet_atoms_find_column(a, "cn")->values[26] == 0.0);
    aet_atoms_free(&copy);
    aet_atoms_free(&a);
    aet_atoms_free(&a);
}

static void species(void)
{
    aet_atoms *a = grid(4);
    int z[8];
    T_CHECK(aet_atoms_species(a, z) == 2 && z[0] == 28 && z[1] == 78);
    T_CHECK(aet_atoms_count(a, 28) + aet_atoms_count(a, 78) == 64 && aet_atoms_count(a, 28) > 0);
    for (int i = 0; i < a->n; i++)
        a->species[i] = (uint8_t)(90 - i % 20);
    T_CHECK(aet_atoms_species(a, z) == 8 && z[0] == 71 && z[7] == 78);
    aet_atoms_free(&a);
}

static void checks(void)
{
    aet_atoms *a = grid(5);
    T_OK(aet_atoms_check(a, 2.0));
    for (int k = 0; k < 3; k++)
        a->position_A[100][k] = a->position_A[7][k] + 0.1 * k;
    T_OK(aet_atoms_check(a, 0.0));
    T_OK(aet_atoms_check(a, 0.2));
    T_FAILS(aet_atoms_check(a, 1.0), AET_ERR_INPUT, "atoms 8 and 101 (");
    T_FAILS(aet_atoms_check(a, 1.0), AET_ERR_INPUT, "0.224 A apart");
    a->position_A[3][1] = INFINITY;
    T_FAILS(aet_atoms_check(a, 0.0), AET_ERR_INPUT, "atom 4 of 125: y is inf");
    a->position_A[3][1] = 0.0;
    aet_atoms_add_column(a, "height", 1, "1", "")->values[9] = NAN;
    T_FAILS(aet_atoms_check(a, 0.0), AET_ERR_INPUT, "atom 10 of 125: height");
    aet_atoms_free(&a);
    T_FAILS(aet_atoms_create(-1, &a), AET_ERR_INPUT, "-1 atoms");
}

/* b = a moved by a known shift, reordered, with s = 0.1 A of noise, a tenth of the species changed,
 * some atoms missing and some too many. */
static void comparison(const double shift[3])
{
    aet_atoms *a = grid(12), *b = NULL;
    T_OK(aet_atoms_copy(a, &b));
    aet_rng key = {.seed = 5, .purpose = AET_RNG_TEST};
    const int n = a->n;
    double sum2 = 0.0, mean[3] = {0};
    for (int i = 0; i < n; i++) {
        double z[4];
        aet_rng_normal4(key, (uint64_t)i, z);
        for (int k = 0; k < 3; k++) {
            b->position_A[n - 1 - i][k] = a->position_A[i][k] + shift[k] + 0.1 * z[k];
            mean[k] += 0.1 * z[k] / n;
            sum2 += 0.01 * z[k] * z[k] / n;
        }
        b->species[n - 1 - i] = i % 10 ? a->species[i] : 79;
    }
    double want = sqrt(sum2 - mean[0] * mean[0] - mean[1] * mean[1] - mean[2] * mean[2]);
    aet_atoms_match m;
    int *pair = AET_NEW(int, n), wrong = 0;
    T_OK(aet_atoms_compare(a, b, 1.0, true, &m, pair));
    T_CHECK(m.n_a == n && m.n_b == n && m.common == n && m.near == n);
    for (int i = 0; i < n; i++)
        wrong += pair[i] != n - 1 - i;
    T_CHECK(wrong == 0);
    for (int k = 0; k < 3; k++)
        T_NEAR(m.shift_A[k], shift[k] + mean[k], 1e-9); /* rounding of a sum over 1728 atoms */
    T_NEAR(m.rmsd_A, want, 1e-9);
    T_NEAR(m.species_fraction, (n - 173) / (double)n,
           1e-12); /* every tenth of 1728 from the first */

    bool keep[12 * 12 * 12];
    for (int i = 0; i < n; i++)
        keep[i] = i % 5 != 2;
    aet_atoms_select(b, keep);
    T_OK(aet_atoms_compare(a, b, 1.0, true, &m, NULL));
    T_CHECK(m.common == b->n && m.n_b == b->n && m.n_a == n);
    aet_release(&pair);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

/* Two atoms of b that share one atom of a: one common pair, two near. */
static void one_way(void)
{
    aet_atoms *a = NULL, *b = NULL;
    aet_atoms_match m;
    T_OK(aet_atoms_create(1, &a));
    T_OK(aet_atoms_create(2, &b));
    b->position_A[0][0] = 0.3;
    b->position_A[1][0] = -0.4;
    T_OK(aet_atoms_compare(a, b, 1.0, false, &m, NULL));
    T_CHECK(m.common == 1 && m.near == 2);
    T_NEAR(m.rmsd_A, 0.3, 1e-12);
    T_NEAR(m.near_rmsd_A, sqrt((0.09 + 0.16) / 2), 1e-12);
    T_OK(aet_atoms_compare(a, b, 0.1, true, &m, NULL));
    T_FAILS(aet_atoms_compare(a, b, 0.0, false, &m, NULL), AET_ERR_USAGE, "must be positive");
    aet_atoms_free(&b);
    T_OK(aet_atoms_create(0, &b));
    T_OK(aet_atoms_compare(a, b, 1.0, true, &m, NULL));
    T_CHECK(m.common == 0 && m.rmsd_A == 0.0);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    values();
    species();
    checks();
    comparison((const double[3]){0.3, -0.2, 0.1});
    comparison((const double[3]){61.0, 55.5, -200.0}); /* another origin */
    one_way();
    T_END();
}
