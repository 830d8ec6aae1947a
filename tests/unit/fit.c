/* ranks: 1 */
/* Fits of one atom: exact where the model is exact. */
#include "aetlas/trace/fit.h"
#include "test.h"

#include "aetlas/base/rng.h"

enum { VOXELS = AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX };

static void make_box(int side, const aet_gauss *g, double *box)
{
    int half = side / 2;
    for (int i = 0; i < side * side * side; i++) {
        double r[3] = {i % side - half, i / side % side - half, i / side / side - half}, e = 0;
        for (int a = 0; a < 3; a++)
            e += pow((r[a] - g->at[a]) / g->width[a], 2);
        box[i] = g->background + g->height * exp(-0.5 * e);
    }
}

static void make_gauss(int half, const aet_gauss *g, double *box)
{
    make_box(2 * half + 1, g, box);
}

static void test_exact(aet_fit_free what, int half)
{
    /* Data of the model itself: found to the accuracy of the last step (1e-7) and of chi^2 from sums (1e-8). */
    aet_rng key = {21, (unsigned)half, AET_RNG_TEST};
    for (unsigned trial = 0; trial < 50; trial++) {
        double u[4], w[4], box[VOXELS];
        aet_rng_uniform4(key, 2 * trial, u);
        aet_rng_uniform4(key, 2 * trial + 1, w);
        aet_gauss want = {.at = {u[0] - 0.5, u[1] - 0.5, u[2] - 0.5},
                          .height = 3000 * u[3],
                          .width = {1.2 + w[0], 1.2 + w[1], 1.2 + w[2]},
                          .background = what == AET_FIT_BACKGROUND ? 100 * w[3] : 0};
        make_gauss(half, &want, box);
        aet_gauss got = {.width = {1.5, 1.5, 1.5}};
        if (what == AET_FIT_PLACE)
            for (int a = 0; a < 3; a++)
                got.width[a] = want.width[a];
        T_CHECK(aet_fit_gauss(half, box, what, &got) && got.converged);
        for (int a = 0; a < 3; a++) {
            T_NEAR(got.at[a], want.at[a], 1e-6);
            T_NEAR(got.width[a], want.width[a], 1e-6);
        }
        T_NEAR(got.height, want.height, 1e-5 * want.height);
        T_CHECK(got.residual < 1e-6);
    }
}

/* Boxes of every edge, even ones too, give the same Gaussian. */
static void test_edges(void)
{
    aet_gauss want = {.at = {0.1, -0.35, 0.2}, .height = 5, .width = {1.3, 1.5, 1.7}};
    for (int side = 3; side <= AET_FIT_SIDE_MAX; side++) {
        double box[VOXELS];
        aet_gauss got = {.width = {1.5, 1.5, 1.5}};
        make_box(side, &want, box);
        T_CHECK(aet_fit_gauss_box(side, box, AET_FIT_WIDTHS, &got) && got.converged);
        for (int a = 0; a < 3; a++) {
            /* 27 voxels say less about widths than more do; the data are exact all the same */
            T_NEAR(got.at[a], want.at[a], 1e-5);
            T_NEAR(got.width[a], want.width[a], 1e-5);
        }
    }
}

/* The fit of noisy data is a minimum: no small step along any parameter lowers the misfit. */
static double misfit(int half, const aet_gauss *g, const double *box)
{
    double model[VOXELS], s = 0;
    int side = 2 * half + 1;
    make_gauss(half, g, model);
    for (int i = 0; i < side * side * side; i++)
        s += pow(box[i] - model[i], 2);
    return s;
}

static void test_minimum(void)
{
    double box[VOXELS];
    aet_rng key = {22, 0, AET_RNG_TEST};
    aet_gauss truth = {
        .at = {0.2, -0.3, 0.1}, .height = 1, .width = {1.8, 2.0, 2.4}, .background = 0.1};
    make_gauss(3, &truth, box);
    for (unsigned i = 0; i < 343; i++)
        box[i] += 0.1 * (aet_rng_uniform(key, i) - 0.5);
    aet_gauss g = {.width = {1.5, 1.5, 1.5}};
    T_CHECK(aet_fit_gauss(3, box, AET_FIT_BACKGROUND, &g));
    double least = misfit(3, &g, box), *p = (double *)&g;
    T_NEAR(sqrt(least / 343) / g.height, g.residual, 1e-6);
    for (int k = 0; k < 8; k++) /* at, height, width, background lie one after the other */
        for (int sign = -1; sign <= 1; sign += 2) {
            double old = p[k];
            p[k] += sign * 1e-4;
            T_CHECK(misfit(3, &g, box) > least);
            p[k] = old;
        }
}

static void test_no_hill(void)
{
    double box[VOXELS] = {0};
    aet_gauss g = {.width = {1.5, 1.5, 1.5}};
    T_CHECK(!aet_fit_gauss(2, box, AET_FIT_WIDTHS, &g));
    for (int i = 0; i < 125; i++)
        box[i] = -1.0 - (i == 62);
    g = (aet_gauss){.width = {1.5, 1.5, 1.5}};
    T_CHECK(!aet_fit_gauss(2, box, AET_FIT_PLACE, &g)); /* a hole: negative height */
}

static void test_add(void)
{
    aet_gauss g = {.at = {0.3, 0.1, -0.2}, .height = 2, .width = {1.5, 1.6, 1.7}};
    double box[VOXELS];
    make_gauss(2, &g, box);
    aet_gauss_add(5, &g, g.at, -1.0, box);
    for (int i = 0; i < 125; i++)
        T_NEAR(box[i], 0.0, 1e-14);
}

/* A quartic with its maximum at `top`: the polynomial fit must find it whatever the weights. */
static void test_poly(int half)
{
    aet_poly *poly = NULL;
    double top[3] = {0.31, -0.24, 0.45}, box[VOXELS], value;
    int side = 2 * half + 1;
    T_OK(aet_poly_create(half, &poly));
    for (int i = 0; i < side * side * side; i++) {
        double x = i % side - half - top[0], y = i / side % side - half - top[1],
               z = i / side / side - half - top[2];
        box[i] = 7 - x * x - 1.5 * y * y - 0.8 * z * z + 0.3 * x * y - 0.2 * y * z +
                 0.02 * x * x * y - 0.03 * z * z * z - 0.01 * x * x * y * y + 0.004 * z * z * z * z;
    }
    double at[3] = {0, 0, 0};
    T_CHECK(aet_poly_fit(poly, box, at, &value));
    /* pseudo-inverse of a matrix of condition about 1e5 */
    for (int a = 0; a < 3; a++)
        T_NEAR(at[a], top[a], 1e-7);
    T_NEAR(value, 7.0, 1e-7);
    for (int i = 0; i < side * side * side; i++)
        box[i] = -box[i];
    at[0] = at[1] = at[2] = 0;
    T_CHECK(!aet_poly_fit(poly, box, at, NULL)); /* a minimum */
    aet_poly_free(&poly);
}

static void test_quadratic(void)
{
    double box[27], at[3], top[3] = {0.2, -0.1, 0.4};
    for (int i = 0; i < 27; i++) {
        double x = i % 3 - 1 - top[0], y = i / 3 % 3 - 1 - top[1], z = i / 9 - 1 - top[2];
        box[i] = 1 - x * x - y * y - 2 * z * z + 0.5 * x * y - 0.3 * x * z + 0.1 * y * z;
    }
    aet_fit_quadratic(1, box, at);
    for (int a = 0; a < 3; a++)
        T_NEAR(at[a], top[a], 1e-13);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    for (int half = 2; half <= AET_FIT_HALF_MAX; half++) {
        test_exact(AET_FIT_PLACE, half);
        test_exact(AET_FIT_WIDTHS, half);
        test_exact(AET_FIT_BACKGROUND, half);
        if (half <= AET_POLY_HALF_MAX)
            test_poly(half);
    }
    test_edges();
    test_minimum();
    test_no_hill();
    test_add();
    test_quadratic();
    T_END();
}
