/* ranks: 1 */
/* Dense algebra: definitions and known cases.  Tolerance 1e-12: sizes below 10 and condition
 * numbers below 1e2 keep rounding under a few hundred eps of numbers of order one. */
#include "aetlas/num/gemm.h"
#include "test.h"

#include "aetlas/base/rng.h"
#include <math.h>

#define TOL 1e-12

static void fill(double *a, int n, unsigned item)
{
    aet_rng key = {7, item, AET_RNG_TEST};
    for (int i = 0; i < n; i++)
        a[i] = aet_rng_uniform(key, (unsigned)i) - 0.5;
}

static void test_gemm(void)
{
    /* Against the sum of its definition, for all four forms, with alpha and beta. */
    double a[6], b[12], c[8], want;
    for (int form = 0; form < 4; form++) {
        bool ta = form & 1, tb = form & 2;
        fill(a, 6, 1);
        fill(b, 12, 2);
        fill(c, 8, 3);
        aet_gemm(ta, tb, 2, 4, 3, 2.0, a, b, -1.0, c);
        double c0[8];
        fill(c0, 8, 3);
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 4; j++) {
                want = -c0[i * 4 + j];
                for (int k = 0; k < 3; k++)
                    want += 2.0 * (ta ? a[k * 2 + i] : a[i * 3 + k]) *
                            (tb ? b[j * 3 + k] : b[k * 4 + j]);
                T_NEAR(c[i * 4 + j], want, TOL);
            }
    }
}

static void test_lstsq(void)
{
    /* The residual of a least-squares solution is orthogonal to the columns. */
    double a[7 * 3], b[7], x[3], r[7];
    int rank = 0;
    fill(a, 21, 4);
    fill(b, 7, 5);
    T_OK(aet_lstsq(7, 3, 1, a, b, 0, x, &rank));
    T_CHECK(rank == 3);
    for (int i = 0; i < 7; i++)
        r[i] = a[i * 3] * x[0] + a[i * 3 + 1] * x[1] + a[i * 3 + 2] * x[2] - b[i];
    for (int j = 0; j < 3; j++) {
        double dot = 0;
        for (int i = 0; i < 7; i++)
            dot += a[i * 3 + j] * r[i];
        T_NEAR(dot, 0.0, TOL);
    }
    /* Two equal columns: rank 2, and the least norm shares the weight. */
    for (int i = 0; i < 7; i++)
        a[i * 3 + 1] = a[i * 3];
    T_OK(aet_lstsq(7, 3, 1, a, b, 1e-10, x, &rank));
    T_CHECK(rank == 2);
    T_NEAR(x[0], x[1], TOL);
    /* Fewer rows than unknowns: solved exactly. */
    fill(a, 6, 6);
    T_OK(aet_lstsq(2, 3, 1, a, b, 0, x, NULL));
    for (int i = 0; i < 2; i++)
        T_NEAR(a[i * 3] * x[0] + a[i * 3 + 1] * x[1] + a[i * 3 + 2] * x[2], b[i], TOL);
}

static void test_pinv(void)
{
    double a[5 * 2], p[2 * 5], unit[4];
    fill(a, 10, 8);
    T_OK(aet_pinv(5, 2, a, 0, p));
    aet_gemm(false, false, 2, 2, 5, 1.0, p, a, 0.0, unit);
    T_NEAR(unit[0], 1.0, TOL);
    T_NEAR(unit[1], 0.0, TOL);
    T_NEAR(unit[2], 0.0, TOL);
    T_NEAR(unit[3], 1.0, TOL);
}

static void test_svd(void)
{
    double a[3][3], u[3][3], s[3], v[3][3];
    fill(&a[0][0], 9, 9);
    T_OK(aet_svd3(a, u, s, v));
    T_CHECK(s[0] >= s[1] && s[1] >= s[2] && s[2] >= 0);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double got = 0, uu = 0, vv = 0;
            for (int k = 0; k < 3; k++) {
                got += u[i][k] * s[k] * v[j][k];
                uu += u[k][i] * u[k][j];
                vv += v[k][i] * v[k][j];
            }
            T_NEAR(got, a[i][j], TOL);
            T_NEAR(uu, i == j, TOL);
            T_NEAR(vv, i == j, TOL);
        }
    /* Values only; a 2 x 3 matrix of known values. */
    double b[6] = {3, 0, 0, 0, 0, -4};
    T_OK(aet_svd(2, 3, b, NULL, s, NULL));
    T_NEAR(s[0], 4.0, TOL);
    T_NEAR(s[1], 3.0, TOL);
    a[1][1] = (double)NAN;
    T_FAILS(aet_svd3(a, u, s, v), AET_ERR_NUMERIC, "finite");
}

static void test_eig(void)
{
    /* Only the lower triangle counts: the upper one is filled with nonsense. */
    double a[3][3] = {{2, 99, -99}, {1, 2, 77}, {0, 0, 5}}, w[3], q[3][3];
    T_OK(aet_eig_sym3(a, w, q));
    T_NEAR(w[0], 1.0, TOL);
    T_NEAR(w[1], 3.0, TOL);
    T_NEAR(w[2], 5.0, TOL);
    T_NEAR(q[0][0] + q[0][1], 0.0, TOL);
    T_NEAR(q[1][0] - q[1][1], 0.0, TOL);
    T_NEAR(fabs(q[2][2]), 1.0, TOL);
}

static void test_solve(void)
{
    double a[4] = {0, 2, 3, 1}, b[2] = {4, 5}, x[2];
    T_OK(aet_solve(2, 1, a, b, x));
    T_NEAR(x[0], 1.0, TOL);
    T_NEAR(x[1], 2.0, TOL);
    a[1] = 0;
    T_FAILS(aet_solve(2, 1, a, b, x), AET_ERR_NUMERIC, "dgesv");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_gemm();
    test_lstsq();
    test_pinv();
    test_svd();
    test_eig();
    test_solve();
    T_END();
}
