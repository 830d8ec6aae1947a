/* ranks: 1 2 */
/* Fits of one atom: the separable Levenberg-Marquardt against GSL's with the same model, start and box and derivatives by
 * finite differences; the polynomial with stored pseudo-inverses against a dense weighted least-squares solution in
 * every step.  Every rank makes all fits. */
#include "aetlas/base/rng.h"
#include "aetlas/num/gemm.h"
#include "aetlas/trace/fit.h"
#include "bench.h"
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>

enum {
    FITS = 400,
    HALF = 2,
    SIDE = 5,
    VOXELS = 125,
    POLY_HALF = 3,
    POLY_SIDE = 7,
    POLY_VOXELS = 343
};

static double boxes[FITS][VOXELS], wide[FITS][POLY_VOXELS];

static double gauss(const double *p, int side, int i)
{
    double r[3] = {i % side - side / 2, i / side % side - side / 2, i / side / side - side / 2},
           e = 0;
    for (int a = 0; a < 3; a++)
        e += pow((r[a] - p[1 + a]) / p[4 + a], 2);
    return p[0] * exp(-0.5 * e);
}

static void make_boxes(void)
{
    aet_rng key = {1, 0, AET_RNG_TEST};
    for (int f = 0; f < FITS; f++) {
        double u[4], w[4];
        aet_rng_uniform4(key, (unsigned)(2 * f), u);
        aet_rng_uniform4(key, (unsigned)(2 * f + 1), w);
        double p[7] = {1 + u[3],   u[0] - 0.5, u[1] - 0.5, u[2] - 0.5,
                       1.6 + w[0], 1.6 + w[1], 1.6 + w[2]};
        aet_rng noise = {2, (unsigned)f, AET_RNG_TEST};
        for (int i = 0; i < POLY_VOXELS; i++)
            wide[f][i] = gauss(p, POLY_SIDE, i) + 0.02 * aet_rng_uniform(noise, (unsigned)i);
        for (int i = 0; i < VOXELS; i++)
            boxes[f][i] = gauss(p, SIDE, i) + 0.02 * aet_rng_uniform(noise, (unsigned)(1000 + i));
    }
}

static int misfit(const gsl_vector *x, void *data, gsl_vector *f)
{
    const double *box = data;
    for (int i = 0; i < VOXELS; i++)
        gsl_vector_set(f, (size_t)i, gauss(x->data, SIDE, i) - box[i]);
    return 0;
}

static void literal_gauss(gsl_multifit_nlinear_workspace *w, int f, double at[3])
{
    double start[7] = {1.5, 0, 0, 0, 1.5, 1.5, 1.5};
    gsl_multifit_nlinear_fdf fdf = {.f = misfit, .n = VOXELS, .p = 7, .params = boxes[f]};
    gsl_vector_view x = gsl_vector_view_array(start, 7);
    int info;
    gsl_multifit_nlinear_init(&x.vector, &fdf, w);
    gsl_multifit_nlinear_driver(60, 1e-7, 0, 0, NULL, NULL, &info, w);
    for (size_t a = 0; a < 3; a++)
        at[a] = gsl_vector_get(gsl_multifit_nlinear_position(w), 1 + a);
}

static double at_literal[FITS][3], at_ours[FITS][3];

static void all_literal_gauss(void)
{
    gsl_multifit_nlinear_parameters par = gsl_multifit_nlinear_default_parameters();
    gsl_multifit_nlinear_workspace *w =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &par, VOXELS, 7);
    for (int f = 0; f < FITS; f++)
        literal_gauss(w, f, at_literal[f]);
    gsl_multifit_nlinear_free(w);
}

static void all_gauss(void)
{
    for (int f = 0; f < FITS; f++) {
        aet_gauss g = {.width = {1.5, 1.5, 1.5}};
        if (!aet_fit_gauss(HALF, boxes[f], AET_FIT_WIDTHS, &g))
            MPI_Abort(MPI_COMM_WORLD, 6);
        for (int a = 0; a < 3; a++)
            at_ours[f][a] = g.at[a];
    }
}

static void all_poly(const aet_poly *poly)
{
    for (int f = 0; f < FITS; f++) {
        double at[3] = {0, 0, 0};
        aet_poly_fit(poly, wide[f], at, NULL);
        for (int a = 0; a < 3; a++)
            at_ours[f][a] = at[a];
    }
}

/* One weighted solution of 35 unknowns with all voxels, by singular values: the work of each step of the literal
 * algorithm, of which it makes at least two. */
static void all_literal_poly(void)
{
    static double m[POLY_VOXELS * 35], y[POLY_VOXELS], c[35];
    for (int f = 0; f < FITS / 10; f++) {
        for (int i = 0; i < POLY_VOXELS; i++) {
            double r[3] = {i % 7 - 3, i / 7 % 7 - 3, i / 49 - 3};
            double w = exp(-(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]) / 9);
            int n = 0;
            for (int total = 0; total <= 4; total++)
                for (int a = total; a >= 0; a--)
                    for (int b = total - a; b >= 0; b--)
                        m[i * 35 + n++] =
                            w * pow(r[0], a) * pow(r[1], b) * pow(r[2], total - a - b);
            y[i] = w * wide[f][i];
        }
        B_OK(aet_lstsq(POLY_VOXELS, 35, 1, m, y, 0, c, NULL));
    }
}

int main(int argc, char **argv)
{
    double ours, baseline, worst = 0;
    aet_poly *poly;
    B_START(argc, argv);
    make_boxes();
    B_OK(aet_poly_create(POLY_HALF, &poly));
    B_TIME(baseline, 3, all_literal_gauss());
    B_TIME(ours, 3, all_gauss());
    for (int f = 0; f < FITS; f++)
        for (int a = 0; a < 3; a++)
            worst = fmax(worst, fabs(at_ours[f][a] - at_literal[f][a]));
    if (b_rank == 0)
        printf(
            "gauss_fits_per_s_per_core = %.0f   (5^3 voxels, 7 parameters; largest difference of a "
            "position from GSL's: %.1e voxel)\n",
            FITS / ours, worst);
    B_RATIO("trace_gauss_fit", ours, baseline,
            "400 fits; baseline: GSL trust region, numeric derivatives");
    B_TIME(baseline, 3, all_literal_poly());
    B_TIME(ours, 3, all_poly(poly));
    if (b_rank == 0)
        printf("poly_fits_per_s_per_core = %.0f   (7^3 voxels, 35 coefficients)\n", FITS / ours);
    B_RATIO("trace_poly_fit", ours, 10 * baseline,
            "400 fits; baseline: one dense solution each, 35 coefficients of 7^3 voxels");
    aet_poly_free(&poly);
    B_END();
}
