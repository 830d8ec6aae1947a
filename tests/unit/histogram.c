/* ranks: 1 */
/* Histograms: counting, Otsu on known mixtures. */
#include "aetlas/num/histogram.h"
#include "test.h"

#include "aetlas/base/rng.h"

enum { BINS = 400 };

static void test_counts(void)
{
    float x[] = {-5.0f, 0.0f, 0.99f, 1.0f, 3.999f, 4.0f, 99.0f};
    int64_t c[4] = {0};
    aet_histogram_add(7, x, 0, 4, 4, c);
    T_CHECK(c[0] == 3 && c[1] == 1 && c[2] == 0 && c[3] == 3);
}

static void mixture(double m1, double s1, double m2, double s2, int n1, int n2, int64_t *c)
{
    aet_rng key = {5, 0, AET_RNG_TEST};
    for (int i = 0; i < n1 + n2; i++) {
        double z[4];
        aet_rng_normal4(key, (unsigned)i, z);
        float x = (float)(i < n1 ? m1 + s1 * z[0] : m2 + s2 * z[0]);
        aet_histogram_add(1, &x, 0, 10, BINS, c);
    }
}

static void test_otsu(void)
{
    /* Equal Gaussians: by symmetry the middle. 4000 values a side: the mean of each is known to s/63. */
    int64_t c[BINS] = {0};
    double t;
    mixture(3, 0.5, 7, 0.5, 4000, 4000, c);
    T_OK(aet_otsu(BINS, c, 0, 10, &t));
    T_NEAR(t, 5.0, 0.3); /* between the classes the criterion is almost flat */
    /* Otsu's fixed point: the threshold is the middle of the two class means (Xu et al., 2011); one bin. */
    double sum[2] = {0}, n[2] = {0};
    for (int i = 0; i < BINS; i++) {
        double x = (i + 0.5) * 10 / BINS;
        sum[x > t] += x * (double)c[i];
        n[x > t] += (double)c[i];
    }
    T_NEAR(0.5 * (sum[0] / n[0] + sum[1] / n[1]), t, 0.3);
    /* An empty gap: its middle, exactly. */
    int64_t gap[10] = {5, 0, 0, 0, 0, 0, 0, 0, 0, 5};
    T_OK(aet_otsu(10, gap, 0, 10, &t));
    T_NEAR(t, 5.0, 1e-12);
    int64_t one[10] = {0, 9};
    T_FAILS(aet_otsu(10, one, 0, 10, &t), AET_ERR_NUMERIC, "one of 10 bins");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_counts();
    test_otsu();
    T_END();
}
