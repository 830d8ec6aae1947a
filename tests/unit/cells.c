/* ranks: 1 */
/* Cell lists against brute force, which needs no idea to be right. */
#include "aetlas/num/cells.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "test.h"

static double distance(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                (a[2] - b[2]) * (a[2] - b[2]));
}

/* Points in a box of the given lengths, away from the origin. */
static double (*cloud(int n, double lx, double ly, double lz))[3]
{
    double(*x)[3] = (double(*)[3])AET_NEW(double, 3 * (n + 1));
    aet_rng key = {.seed = 11, .item = (uint32_t)n, .purpose = AET_RNG_TEST};
    for (int i = 0; i < n; i++) {
        double u[4];
        aet_rng_uniform4(key, (uint64_t)i, u);
        x[i][0] = -7.0 + lx * u[0];
        x[i][1] = 3.0 + ly * u[1];
        x[i][2] = 50.0 + lz * u[2];
    }
    return x;
}

static void check_neighbours(int n, const double (*x)[3], const aet_cells *c, double r)
{
    aet_neighbours *nb = NULL;
    T_OK(aet_neighbours_find(c, r, &nb));
    int wrong = 0;
    for (int i = 0; i < n; i++) {
        int64_t at = nb->start[i];
        for (int j = 0; j < n; j++)
            if (j != i && distance(x[i], x[j]) <= r)
                wrong += at >= nb->start[i + 1] || nb->index[at++] != j;
        wrong += at != nb->start[i + 1];
    }
    T_CHECK(wrong == 0);
    aet_neighbours_free(&nb);
}

/* The k-th nearest by counting how many are nearer. */
static void check_nearest(int n, const double (*x)[3], const aet_cells *c, const double p[3], int k)
{
    int index[80];
    double d[80];
    int found = aet_cells_k_nearest(c, p, k, 1e9, -1, index, d), wrong = 0;
    T_CHECK(found == (k < n ? k : n));
    for (int q = 0; q < found; q++) {
        int nearer = 0;
        for (int j = 0; j < n; j++)
            nearer += distance(x[j], p) < d[q] * (1 - 1e-14);
        wrong += nearer > q || fabs(distance(x[index[q]], p) - d[q]) > 1e-12;
        wrong += q > 0 && d[q] < d[q - 1];
    }
    T_CHECK(wrong == 0);
    double d1 = -1.0;
    int first = aet_cells_nearest(c, p, 1e9, -1, &d1);
    T_CHECK(n == 0 ? first == -1 : first == index[0] && d1 == d[0]);
}

static void check_histogram(int n, const double (*x)[3], const aet_cells *c)
{
    enum { BINS = 37, KINDS = 3, PAIRS = 6 };
    static int64_t got[PAIRS][BINS], want[PAIRS][BINS];
    memset(got, 0, sizeof got);
    memset(want, 0, sizeof want);
    const double width = 0.21;
    uint8_t *kind = AET_NEW(uint8_t, n + 1);
    for (int i = 0; i < n; i++)
        kind[i] = (uint8_t)(i * 7 % 11 % KINDS);
    for (int part = 0; part < 3; part++)
        aet_cells_histogram(c, kind, KINDS, width, BINS, part, 3, got[0]);
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            double bin = distance(x[i], x[j]) * (1.0 / width);
            if (bin < BINS)
                want[aet_pair_row(kind[i], kind[j])][(int)bin]++;
        }
    T_CHECK(memcmp(got, want, sizeof got) == 0);
    aet_release(&kind);
}

/* The sum ends at 5 sigma, where a term is exp(-12.5) = 4e-6 of the one at the centre. */
static void check_gauss(int n, const double (*x)[3], const aet_cells *c, const double p[3])
{
    double want = 0.0, sigma = 0.8;
    for (int i = 0; i < n; i++)
        want +=
            distance(x[i], p) <= 5.0 * sigma ? exp(-0.5 * pow(distance(x[i], p) / sigma, 2)) : 0.0;
    T_NEAR(aet_cells_gauss(c, p, sigma), want, 1e-12 * (1.0 + want)); /* rounding, another order */
}

/* The same points as a search by itself finds, each with its weight. */
static void check_weights(int n, const double (*x)[3], const aet_cells *c, const double p[3])
{
    int *index = AET_NEW(int, n), *plain = AET_NEW(int, n);
    double *w = AET_NEW(double, n), sigma = 0.7;
    for (double r = 0.5; r < 24.0; r *= 3.0) {
        int found = aet_cells_weigh(c, p, sigma, r, index, w);
        T_CHECK(found == aet_cells_gather(c, p, r, -1, n, plain));
        for (int k = 0; k < found; k++) {
            double want = exp(-0.5 * pow(distance(x[index[k]], p) / sigma, 2));
            T_CHECK(index[k] == plain[k]);
            T_NEAR(w[k], want,
                   1e-13 * want); /* the square in the exponent is below 600: that much rounding */
        }
    }
    aet_release(&index);
    aet_release(&plain);
    aet_release(&w);
}

static void check_within(int n, const double (*x)[3], const aet_cells *c, const double p[3],
                         int skip)
{
    static int index[1000];
    int found = aet_cells_within(c, p, 2.5, skip, 1000, index), at = 0, wrong = 0;
    for (int i = 0; i < n; i++)
        if (i != skip && distance(x[i], p) <= 2.5)
            wrong += at >= found || index[at++] != i;
    T_CHECK(wrong == 0 && at == found);
    index[1] = -7;
    T_CHECK(aet_cells_within(c, p, 2.5, skip, 1, index) == found && index[1] == -7);
}

static void against_brute_force(int n, double lx, double ly, double lz, double edge)
{
    double(*x)[3] = cloud(n, lx, ly, lz);
    const double(*cx)[3] = (const double(*)[3])x;
    aet_cells *c = NULL;
    T_OK(aet_cells_create(n, cx, edge, &c));
    for (double r = 0.3; r < 5.0; r *= 3.7)
        check_neighbours(n, cx, c, r);
    const double outside[3] = {-60.0, 4.0, 51.0}, inside[3] = {-6.0, 3.5, 50.5};
    for (int k = 1; k < 80; k += 26) {
        check_nearest(n, cx, c, outside, k);
        check_nearest(n, cx, c, inside, k);
    }
    check_histogram(n, cx, c);
    check_within(n, cx, c, inside, -1);
    check_within(n, cx, c, inside, 0);
    check_gauss(n, cx, c, inside);
    check_gauss(n, cx, c, outside);
    check_weights(n, cx, c, inside);
    check_weights(n, cx, c, outside);
    aet_cells_free(&c);
    aet_release(&x);
}

/* Points at one place, and limits that are met exactly. */
static void ties(void)
{
    double x[5][3] = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {3, 1, 1}, {1, 1, 3}};
    const double(*cx)[3] = (const double(*)[3])x;
    aet_cells *c = NULL;
    aet_neighbours *nb = NULL;
    T_OK(aet_cells_create(5, cx, 1.0, &c));
    T_OK(aet_neighbours_find(c, 2.0, &nb)); /* inclusive: 2.0 is exact in binary */
    T_CHECK(aet_neighbours_count(nb, 0) == 4 && aet_neighbours_count(nb, 3) == 3);
    T_CHECK(aet_cells_nearest(c, x[1], 9.0, -1, NULL) == 0); /* the lowest index wins */
    T_CHECK(aet_cells_nearest(c, x[1], 9.0, 0, NULL) == 1);
    T_CHECK(aet_cells_nearest(c, x[3], 2.0, 3, NULL) == 0);
    T_CHECK(aet_cells_nearest(c, x[3], 1.999, 3, NULL) == -1);
    aet_neighbours_free(&nb);
    aet_cells_free(&c);
    x[2][1] = NAN;
    T_FAILS(aet_cells_create(5, cx, 1.0, &c), AET_ERR_INPUT, "point 3: coordinate y");
    T_CHECK(c == NULL);
}

/* Nearest neighbours 1, 1, 2, 2, 100 and 100 apart: 2 in the middle of all, 1 of those within 1.5, none within 0.5. */
static void spacing(void)
{
    static const double x[6][3] = {{0, 0, 0},  {1, 0, 0},    {0, 50, 0},
                                   {0, 52, 0}, {0, 0, 1000}, {0, 0, 1100}};
    aet_cells *c = NULL;
    double median;
    T_OK(aet_cells_create(6, x, 0.0, &c));
    T_OK(aet_cells_spacing(c, 6, x, INFINITY, &median));
    T_CHECK(median == 2.0);
    T_OK(aet_cells_spacing(c, 6, x, 1.5, &median));
    T_CHECK(median == 1.0);
    T_OK(aet_cells_spacing(c, 6, x, 0.5, &median));
    T_CHECK(median == 0.0);
    aet_cells_free(&c);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    against_brute_force(700, 12.0, 9.0, 15.0, 1.5);
    against_brute_force(700, 12.0, 9.0, 15.0, 0.0);
    against_brute_force(300, 1e6, 1e-3, 2.0, 0.7); /* one long axis: the edge must be enlarged */
    against_brute_force(200, 0.0, 0.0, 8.0, 0.5);  /* points on a line */
    against_brute_force(50, 0.0, 0.0, 0.0, 0.0);   /* all in one place */
    against_brute_force(2, 3.0, 3.0, 3.0, 1.0);
    against_brute_force(1, 3.0, 3.0, 3.0, 1.0);
    against_brute_force(0, 3.0, 3.0, 3.0, 1.0);
    ties();
    spacing();
    T_END();
}
