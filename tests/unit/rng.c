/* ranks: 1 2 */
#include "aetlas/base/rng.h"
#include "test.h"

enum { N = 40000 };

static void test_uniform(void)
{
    aet_rng key = {7, 1, AET_RNG_TEST};
    double sum = 0.0, u[4], other[4];
    for (int i = 0; i < N; i++) {
        aet_rng_uniform4(key, (uint64_t)i, u);
        for (int j = 0; j < 4; j++) {
            T_CHECK(u[j] > 0.0 && u[j] < 1.0);
            sum += u[j];
        }
    }
    /* five standard errors of the mean of 4N uniforms */
    T_NEAR(sum / (4.0 * N), 0.5, 5.0 * sqrt(1.0 / 12.0 / (4.0 * N)));
    aet_rng_uniform4(key, 5, u);
    aet_rng_uniform4((aet_rng){7, 2, AET_RNG_TEST}, 5, other);
    T_CHECK(memcmp(u, other, sizeof u) != 0);
    T_NEAR(aet_rng_uniform(key, 5), u[0], 0.0);
}

static void test_normal(void)
{
    aet_rng key = {8, 1, AET_RNG_TEST};
    double sum = 0.0, sum2 = 0.0, z[4];
    for (int i = 0; i < N; i++) {
        aet_rng_normal4(key, (uint64_t)i, z);
        for (int j = 0; j < 4; j++) {
            sum += z[j];
            sum2 += z[j] * z[j];
        }
    }
    double n = 4.0 * N;
    T_NEAR(sum / n, 0.0, 5.0 / sqrt(n));        /* five standard errors */
    T_NEAR(sum2 / n, 1.0, 5.0 * sqrt(2.0 / n)); /* variance of the variance of a normal: 2/n */
}

/* Mean and variance of a Poisson count are both its parameter, on both sides of the switch at 10.
 */
static void test_poisson(void)
{
    static const double means[] = {0.3, 3.0, 9.9, 10.1, 50.0, 1e4};
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        double sum = 0.0, sum2 = 0.0, mean = means[m];
        for (int i = 0; i < N; i++) {
            double k = aet_rng_poisson((aet_rng){9, (uint32_t)m, AET_RNG_TEST}, (uint64_t)i, mean);
            T_CHECK(k >= 0.0 && k == floor(k));
            sum += k - mean;
            sum2 += (k - mean) * (k - mean);
        }
        T_NEAR(sum / N, 0.0, 5.0 * sqrt(mean / N));
        T_NEAR(sum2 / N, mean,
               5.0 * sqrt((mean + 2.0 * mean * mean) / N)); /* fourth moment of Poisson */
    }
    T_NEAR(aet_rng_poisson((aet_rng){1, 1, AET_RNG_TEST}, 0, 0.0), 0.0, 0.0);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_uniform();
    test_normal();
    test_poisson();
    T_END();
}
