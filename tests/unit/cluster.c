/* ranks: 1 */
/* k-means on a line against brute dynamic programming and against hand cases; vectors against the definition. */
#include "aetlas/num/cluster.h"
#include "test.h"

#include "aetlas/base/rng.h"
#include <string.h>

enum { N = 60 };

static int ascending(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

static double spread(const double *x, int i, int j)
{
    double m = 0, s = 0;
    for (int k = i; k < j; k++)
        m += x[k] / (j - i);
    for (int k = i; k < j; k++)
        s += (x[k] - m) * (x[k] - m);
    return s;
}

/* The literal O(k n^2) programme over sorted values, with sums of squares from their definition. */
static double brute(int n, const double *x, int k)
{
    double best[2][N + 1];
    for (int j = 0; j <= n; j++)
        best[0][j] = j ? spread(x, 0, j) : 0;
    for (int g = 1; g < k; g++) {
        for (int j = 0; j <= n; j++) {
            best[g % 2][j] = INFINITY;
            for (int i = g; i < j; i++)
                best[g % 2][j] = fmin(best[g % 2][j], best[(g - 1) % 2][i] + spread(x, i, j));
        }
    }
    return best[(k - 1) % 2][n];
}

static void test_optimum(void)
{
    aet_rng key = {11, 0, AET_RNG_TEST};
    for (int trial = 0; trial < 40; trial++) {
        double x[N], sorted[N], centers[5], got;
        int label[N], k = 1 + trial % 5;
        for (int i = 0; i < N; i++) {
            double u[4];
            aet_rng_uniform4(key, (unsigned)(trial * N + i), u);
            /* Odd trials: coarse values, so that many are equal. */
            x[i] = (trial & 1) ? floor(8 * u[0]) : u[0] * u[1] + 3 * (u[2] > 0.7);
        }
        T_OK(aet_kmeans_line(N, x, k, centers, label, &got));
        memcpy(sorted, x, sizeof x);
        qsort(sorted, N, sizeof *sorted, ascending);
        /* prefix sums of N numbers of order 10: a few hundred eps */
        T_NEAR(got, brute(N, sorted, k), 1e-11);
        double sum2 = 0;
        for (int i = 0; i < N; i++)
            sum2 += (x[i] - centers[label[i]]) * (x[i] - centers[label[i]]);
        T_NEAR(sum2, got, 1e-11);
        for (int g = 1; g < k; g++)
            T_CHECK(centers[g] > centers[g - 1]);
    }
}

static void test_shift(void)
{
    /* A large offset costs no precision: values are taken from their mean first. */
    double x[6] = {1e8 + 1, 1e8 + 1.25, 1e8 + 1.5, 1e8 + 4, 1e8 + 4.25, 1e8 + 4.5}, c[2], sum2;
    int label[6];
    T_OK(aet_kmeans_line(6, x, 2, c, label, &sum2));
    T_CHECK(label[2] == 0 && label[3] == 1);
    T_NEAR(sum2, 0.25, 1e-9);
    T_NEAR(c[1] - c[0], 3.0, 1e-7);
}

static void test_bad(void)
{
    double x[4] = {1, 2, 2, 1}, c[3];
    T_FAILS(aet_kmeans_line(4, x, 3, c, NULL, NULL), AET_ERR_INPUT, "of which 2 differ");
    x[1] = (double)NAN;
    T_FAILS(aet_kmeans_line(4, x, 2, c, NULL, NULL), AET_ERR_INPUT, "value 1 is not finite");
}

static void test_vectors(void)
{
    /* Two tight clouds and poor starts: the fixed point has every vector at its nearest mean. */
    enum { COUNT = 100, DIM = 3 };
    double x[COUNT * DIM], c[2 * DIM];
    int label[COUNT], iterations;
    aet_rng key = {12, 0, AET_RNG_TEST};
    for (int i = 0; i < COUNT; i++) {
        double z[4];
        aet_rng_normal4(key, (unsigned)i, z);
        for (int j = 0; j < DIM; j++)
            x[i * DIM + j] = 0.2 * z[j] + (i % 2 ? 4 : 0);
    }
    memcpy(c, x, sizeof c);
    T_OK(aet_kmeans_vectors(COUNT, DIM, x, 2, c, label, 100, &iterations));
    T_CHECK(iterations < 100);
    for (int i = 0; i < COUNT; i++)
        T_CHECK(label[i] == i % 2);
    T_FAILS(aet_kmeans_vectors(1, DIM, x, 2, c, label, 100, NULL), AET_ERR_INPUT, "2 groups");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_optimum();
    test_shift();
    test_bad();
    test_vectors();
    T_END();
}
