/* ranks: 1 */
/* What a crystal expects: displaced atoms at their sites, sites without an atom, atoms without a site. */
#include "aetlas/analyse/expected.h"
#include "aetlas/base/rng.h"
#include "analyse_models.h"

enum { SIDE = 5, MOST = 2 * SIDE * SIDE * SIDE * 4 };

static aet_rng key = {11, 0, AET_RNG_TEST};

/* A ball of fcc, its strain growing along x to 6 %, each atom up to 0.1 A off its site along each axis. */
static int fcc_ball(double (*x)[3])
{
    int n = 0;
    for (int h = -2 * SIDE; h <= 2 * SIDE; h++)
        for (int k = -2 * SIDE; k <= 2 * SIDE; k++)
            for (int l = -2 * SIDE; l <= 2 * SIDE; l++) {
                if ((h + k + l) % 2 != 0 || h * h + k * k + l * l > 50 || n >= MOST)
                    continue;
                const double r[3] = {1.9 * h * (1 + 0.003 * h), 1.9 * k, 1.9 * l};
                memcpy(x[n++], r, sizeof r);
            }
    for (int i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            x[i][c] += 0.1 * (2 * aet_rng_uniform(key, (uint64_t)(3 * i + c)) - 1);
    return n;
}

static aet_atoms *atoms_of(int n, const double (*x)[3])
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(n, &a));
    memcpy(a->position_A, x, (size_t)n * sizeof *x);
    memset(a->species, 78, (size_t)n);
    return a;
}

static int nearest_to(int n, const double (*x)[3], double px, double py, double pz)
{
    int best = 0;
    double least = INFINITY;
    for (int i = 0; i < n; i++) {
        double d = pow(x[i][0] - px, 2) + pow(x[i][1] - py, 2) + pow(x[i][2] - pz, 2);
        if (d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}

static double apart(const double a[3], const double b[3])
{
    return sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
}

/* Neighbours off by 0.1 A at most along each axis, and a strain that changes by 0.6 % between them (0.02 A), place an
 * atom with all of its neighbours within 0.12 A along each axis; at the surface strain is not averaged out. */
#define TOL_A 0.35

static void crystal(void)
{
    static double x[MOST][3], truth[MOST][3];
    int n = fcc_ball(x);
    memcpy(truth, x, sizeof x);
    int moved[3] = {nearest_to(n, (const double(*)[3])x, 0, 0, 0),
                    nearest_to(n, (const double(*)[3])x, 5, 5, 0),
                    nearest_to(n, (const double(*)[3])x, 13, 0, 0)};
    const double move[3][3] = {{0, 0, 0.9}, {0.7, 0.3, 0}, {0, 0.8, 0.4}};
    for (int i = 0; i < 3; i++)
        for (int c = 0; c < 3; c++)
            x[moved[i]][c] += move[i][c];
    int gone = nearest_to(n, (const double(*)[3])x, -6, 2, 2);
    double lost[3];
    memcpy(lost, x[gone], sizeof lost);
    memcpy(x[gone], x[n - 1], sizeof *x);
    memcpy(truth[gone], truth[n - 1], sizeof *x);
    int extra = n - 1; /* one more beside an atom */
    int host = nearest_to(n - 1, (const double(*)[3])x, 0, -7, 0);
    for (int c = 0; c < 3; c++)
        x[extra][c] = x[host][c] + (c == 1 ? 1.1 : 0.1);
    aet_atoms *a = atoms_of(n, (const double(*)[3])x);
    aet_expected *e = NULL;
    T_OK(aet_expected_find(a, &e));
    T_CHECK(e->n_grains == 1 && e->assigned >= n - 4);
    T_NEAR(e->nearest_A, 1.9 * sqrt(2.0), 0.15);
    T_CHECK(e->what[extra] == AET_EXPECTED_SURPLUS);
    int unknown = 0;
    for (int i = 0; i < n; i++) {
        if (i == extra)
            continue;
        unknown += e->what[i] != AET_EXPECTED_SITE;
        if (e->what[i] == AET_EXPECTED_SITE)
            T_CHECK(apart(e->at_A[i], truth[i]) < TOL_A);
    }
    T_CHECK(unknown <= n / 100); /* corners with three neighbours */
    for (int i = 0; i < 3; i++)
        T_CHECK(e->what[moved[i]] == AET_EXPECTED_SITE);
    int hits = 0;
    for (int i = 0; i < e->vacant; i++)
        hits += apart(e->vacant_A[i], lost) < TOL_A;
    T_CHECK(hits == 1);
    aet_expected_free(&e);
    aet_atoms_free(&a);
}

/* Atoms at random, no nearer than 2.2 A; and one alone. */
static void no_crystal(void)
{
    static double x[400][3];
    int n = 0;
    for (int i = 0; n < 400 && i < 20000; i++) {
        double r[3];
        bool free = true;
        for (int c = 0; c < 3; c++)
            r[c] = 24 * aet_rng_uniform(key, (uint64_t)(100000 + 3 * i + c));
        for (int k = 0; k < n && free; k++)
            free = apart(r, x[k]) > 2.2;
        if (free)
            memcpy(x[n++], r, sizeof r);
    }
    aet_atoms *a = atoms_of(n, (const double(*)[3])x);
    aet_expected *e = NULL;
    T_OK(aet_expected_find(a, &e));
    T_CHECK(2 * e->assigned < n);
    aet_expected_free(&e);
    aet_atoms_free(&a);
    a = atoms_of(1, (const double(*)[3])x);
    T_OK(aet_expected_find(a, &e));
    T_CHECK(e->assigned == 0 && e->what[0] == AET_EXPECTED_NOT && e->vacant == 0);
    aet_expected_free(&e);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    crystal();
    no_crystal();
    T_END();
}
