/* ranks: 1 */
/* The Gaussian blur: what it keeps, what it does to a point, lines of every direction. */
#include "aetlas/num/blur.h"
#include "test.h"

#include "aetlas/base/mem.h"

enum { N0 = 21, N1 = 24, N2 = 27 };
static const double sigma = 1.6, cut = 5.0;

/* Values of order 1 in single precision, rounded once an axis. */
static const double rounding = 3e-7;

static float *fill(double (*f)(int, int, int))
{
    float *a = AET_NEW(float, N0 *N1 *N2);
    for (int i = 0; i < N0 * N1 * N2; i++)
        a[i] = (float)f(i / N2 / N1, i / N2 % N1, i % N2);
    return a;
}

static double one(int z, int y, int x)
{
    (void)z, (void)y, (void)x;
    return 1;
}

static double point(int z, int y, int x)
{
    return z == N0 / 2 && y == N1 / 2 && x == N2 / 2;
}

/* Beyond its ends a line goes on as it ends: nothing flat changes anywhere. */
static void test_flat(void)
{
    float *a = fill(one);
    aet_blur(a, N0, N1, N2, sigma, cut);
    for (int i = 0; i < N0 * N1 * N2; i++)
        T_NEAR((double)a[i], 1.0, rounding);
    aet_release(&a);
}

/* A point becomes the product of three Gaussians, sampled and of sum 1. */
static void test_point(void)
{
    float *a = fill(point);
    double sum = 0, second[3] = {0};
    aet_blur(a, N0, N1, N2, sigma, cut);
    for (int i = 0; i < N0 * N1 * N2; i++) {
        int d[3] = {i / N2 / N1 - N0 / 2, i / N2 % N1 - N1 / 2, i % N2 - N2 / 2};
        sum += (double)a[i];
        for (int k = 0; k < 3; k++)
            second[k] += (double)a[i] * d[k] * d[k];
    }
    T_NEAR(sum, 1.0, rounding);
    /* A sampled Gaussian this wide has the variance of the continuous one to 1e-15; cut at 5 sigma
     * it lacks 2.4e-5 of it. */
    for (int k = 0; k < 3; k++)
        T_NEAR(second[k], sigma * sigma, 1e-4);
    aet_release(&a);
}

/* Axes of length 1 are left alone; a line is blurred alike wherever it lies. */
static void test_axes(void)
{
    float line[N2], other[N2];
    for (int i = 0; i < N2; i++)
        line[i] = other[i] = (float)cos(0.3 * i * i);
    aet_blur(line, 1, 1, N2, sigma, cut);
    aet_blur(other, N2, 1, 1, sigma, cut);
    T_CHECK(memcmp(line, other, sizeof line) == 0);
    for (int i = 0; i < N2; i++)
        other[i] = (float)cos(0.3 * i * i);
    aet_blur(other, 1, N2, 1, sigma, cut);
    T_CHECK(memcmp(line, other, sizeof line) == 0);
}

/* sigma 0 changes nothing. */
static void test_none(void)
{
    float a[4] = {1, -2, 3, 0.5f}, b[4] = {1, -2, 3, 0.5f};
    aet_blur(a, 1, 2, 2, 0, cut);
    T_CHECK(memcmp(a, b, sizeof a) == 0);
    double *w = aet_blur_weights(0, 2);
    T_CHECK(w[0] == 0 && w[1] == 0 && w[2] == 1 && w[3] == 0 && w[4] == 0);
    aet_release(&w);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_flat();
    test_point();
    test_axes();
    test_none();
    T_END();
}
