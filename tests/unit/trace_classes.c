/* ranks: 1 */
/* Classes of peaks whose intensities and species are drawn: how many are right, and whether the
 * probabilities say so. */
#include "test.h"
#include "trace_volumes.h"

#include "aetlas/base/rng.h"
#include "trace/trace_priv.h"

enum { MAX = 4096, SIDE = 16 };
#define SPACING 7.0 /* voxels between peaks on a cubic grid */

typedef struct {
    aet_peak peak[MAX];
    int truth[MAX]; /* label: 0 non-atom, 1.. */
    aet_peaks list;
} crowd;

/* n peaks on a grid; class k of `classes` holds share[k] of them, with normal intensities of mean[k]
 * (times 1 + slope across the grid) and deviation[k].  first: label of class 0. */
static void draw(crowd *c, int n, int classes, int first, const double *share, const double *mean,
                 const double *deviation, double slope, unsigned seed)
{
    aet_rng key = {seed, 0, AET_RNG_TEST};
    memset(c, 0, sizeof *c);
    for (int i = 0; i < n; i++) {
        double u[4], normal[4], sum = 0;
        int k = 0;
        aet_rng_uniform4(key, (unsigned)(2 * i), u);
        aet_rng_normal4(key, (unsigned)(2 * i + 1), normal);
        for (sum = share[0]; k + 1 < classes && u[0] > sum; sum += share[k])
            k++;
        aet_peak *q = &c->peak[i];
        int cell[3] = {i % SIDE, i / SIDE % SIDE, i / SIDE / SIDE};
        for (int a = 0; a < 3; a++)
            q->at[a] = SPACING * cell[a];
        q->intensity = mean[k] * (1 + slope * cell[0] / SIDE) + deviation[k] * normal[0];
        q->fitted = q->inside = true;
        c->truth[i] = first + k;
    }
    c->list = (aet_peaks){.n = n, .n_own = n, .peak = c->peak};
}

static int wrong(const crowd *c)
{
    int n = 0;
    for (int i = 0; i < c->list.n; i++)
        n += c->peak[i].label != c->truth[i];
    return n;
}

static aet_trace_report classify(crowd *c, int n_species, const aet_trace_params *p)
{
    static const int z[3] = {28, 46, 78};
    aet_trace_report r = {0};
    T_OK(aet_trace_classify(z, n_species, VOXEL_A, p, NULL, &c->list, &r));
    return r;
}

/* The expected share of wrong species against the true one: four standard deviations of the
 * latter's count.  Then the same among the doubtful atoms alone. */
static void check_calibration(const crowd *c, const aet_trace_report *r)
{
    double n = c->list.n, found = wrong(c), sum = 0, right = 0, doubtful = 0;
    T_NEAR(n * (1 - r->mean_p), found, 4 * sqrt(found) + 1);
    for (int i = 0; i < c->list.n; i++)
        if (c->peak[i].p < 0.9) {
            doubtful++;
            sum += c->peak[i].p;
            right += c->peak[i].label == c->truth[i];
        }
    T_CHECK(doubtful > 100 && doubtful == r->uncertain);
    T_NEAR(sum, right, 4 * sqrt(0.25 * doubtful));
}

static void test_calibration(void)
{
    static crowd c;
    static const double share[2] = {0.4, 0.6}, mean[2] = {1.0, 1.5}, deviation[2] = {0.14, 0.16};
    aet_trace_params p = defaults();
    p.nonatoms = AET_TRACE_NEVER;
    p.local_A = 0;
    draw(&c, MAX, 2, 1, share, mean, deviation, 0, 41);
    aet_trace_report r = classify(&c, 2, &p);
    T_CHECK(wrong(&c) > 100); /* there is something to tell: about 5 % */
    check_calibration(&c, &r);

    /* Intensities that rise by a half across the model: the species' means go with the place.
     * Reclassification takes the nearer mean, so a few labels are not the likelier ones. */
    p.local_A = 2.3 * SPACING * VOXEL_A;
    draw(&c, MAX, 2, 1, share, mean, deviation, 0.5, 42);
    r = classify(&c, 2, &p);
    T_CHECK(wrong(&c) > 50 && wrong(&c) < 0.05 * MAX);
    check_calibration(&c, &r);
}

/* Well apart: all right and sure, of one, two and three species, with and without non-atoms. */
static void test_numbers_of_species(void)
{
    static crowd c;
    static const double share[4] = {0.1, 0.3, 0.4, 0.2}, mean[4] = {0.3, 1.0, 1.6, 2.5},
                        deviation[4] = {0.04, 0.05, 0.06, 0.07};
    aet_trace_params p = defaults();
    for (int n = 1; n <= 3; n++) {
        draw(&c, 1000, n + 1, 0, share, mean, deviation, 0, 43);
        aet_trace_report r = classify(&c, n, &p);
        T_CHECK(r.has_nonatom_class && wrong(&c) == 0 && r.uncertain == 0);
        T_NEAR(r.mean_p, 1.0, 1e-6); /* the classes are ten deviations apart */
        p.nonatoms = AET_TRACE_NEVER;
        draw(&c, 1000, n, 1, share + 1, mean + 1, deviation + 1, 0, 44);
        r = classify(&c, n, &p);
        T_CHECK(!r.has_nonatom_class && wrong(&c) == 0 && r.uncertain == 0);
        p.nonatoms = AET_TRACE_AUTO;
    }
}

/* Five heavy atoms among a thousand: the two groups of least squares are halves of the light ones;
 * started from the five brightest they are the species. */
static void test_seeds(void)
{
    static crowd c;
    static const double share[2] = {1, 0}, mean[2] = {1.0, 1.6}, deviation[2] = {0.08, 0.05};
    aet_trace_params p = defaults();
    p.nonatoms = AET_TRACE_NEVER;
    p.local_A = 0;
    draw(&c, 1000, 2, 1, share, mean, deviation, 0, 45);
    for (int i = 100; i < 600; i += 100) {
        c.peak[i].intensity += 0.6;
        c.truth[i] = 2;
    }
    aet_trace_report r = classify(&c, 2, &p);
    T_CHECK(r.count[1] > 300);
    p.seeds = 5;
    r = classify(&c, 2, &p);
    T_CHECK(r.count[1] == 5 && wrong(&c) == 0);
    p.seeds = 1000;
    static const int z[2] = {28, 78};
    T_FAILS(aet_trace_classify(z, 2, VOXEL_A, &p, NULL, &c.list, &r), AET_ERR_INPUT, "trace.seeds");
}

/* Cubes of 27 voxels with noise of their own: the nearest mean cube uses what all of them say, where
 * an intensity taken from the central one alone does not. */
static void test_cubes(void)
{
    static crowd c;
    static double cubes[1024 * 27];
    static const double share[2] = {0.5, 0.5}, mean[2] = {1.0, 1.5}, deviation[2] = {0.15, 0.15};
    aet_trace_params p = defaults();
    p.nonatoms = AET_TRACE_NEVER;
    p.local_A = 0;
    static const int z[2] = {28, 78};
    aet_trace_report r = {0};
    draw(&c, 1024, 2, 1, share, mean, deviation, 0, 46);
    aet_rng key = {47, 0, AET_RNG_TEST};
    for (int i = 0; i < 1024; i++)
        for (int v = 0; v < 27; v++) {
            double normal[4], x = v % 3 - 1, y = v / 3 % 3 - 1, w = v / 9 - 1;
            aet_rng_normal4(key, (unsigned)(27 * i + v), normal);
            cubes[27 * i + v] = v == 13 ? c.peak[i].intensity
                                        : mean[c.truth[i] - 1] * exp(-(x * x + y * y + w * w) / 8) +
                                              0.15 * normal[0];
        }
    T_OK(aet_trace_classify(z, 2, VOXEL_A, &p, NULL, &c.list, &r));
    int by_intensity = wrong(&c);
    T_OK(aet_trace_classify(z, 2, VOXEL_A, &p, cubes, &c.list, &r));
    T_CHECK(by_intensity > 20); /* 0.25 apart from the limit at a deviation of 0.15: 5 % */
    T_CHECK(wrong(&c) == 0);    /* cubes are sqrt(sum g^2) = 3.6 times as far apart: 1e-9 */
    for (int i = 0; i < 1024; i++)
        T_CHECK(c.peak[i].margin >= 0);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_calibration();
    test_numbers_of_species();
    test_seeds();
    test_cubes();
    T_END();
}
