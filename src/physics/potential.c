#include "aetlas/physics/potential.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "aetlas/num/special.h"
#include <math.h>

#define REACH_A  16.0 /* beyond it less than 1e-7 of any blurred atom is left */
#define EXPONENT 40.0 /* exp(-40) = 4e-18: where the damped factor ends */
#define SCAN_A   0.05 /* step of the search for the cutoff */
enum { SAMPLES = 240 };

/* Radial Fourier transform of the damped factor, in two (J0) or three (sinc) dimensions. */
aet_err aet_profile_integrate(const aet_scattering *s, double sigma_A, bool projected, int n,
                              const double *r_A, double *value)
{
    aet_err err = AET_OK;
    double top = sqrt(EXPONENT / 2) / (AET_PI * sigma_A), *q = NULL, *w = NULL;
    /* 16 nodes resolve two periods of J0(2 pi q r) with room to spare; the poles of f_e lie 0.3 1/A
     * from the axis */
    int panels = (int)ceil(top * REACH_A / 2), nodes = panels * AET_GAUSS_NODES;

    AET_GO(AET_ARRAY(nodes, "quadrature nodes", &q));
    AET_GO(AET_ARRAY(nodes, "quadrature weights", &w));
    aet_gauss_panels(0, top, panels, q, w);
    for (int i = 0; i < nodes; i++) {
        double damp = exp(-2 * pow(AET_PI * sigma_A * q[i], 2));
        double measure = projected ? 2 * AET_PI * q[i] : 4 * AET_PI * q[i] * q[i];
        w[i] *= aet_scattering_volts() * measure * aet_scattering_factor(s, q[i]) * damp;
    }
    for (int k = 0; k < n; k++) {
        value[k] = 0;
        for (int i = 0; i < nodes; i++) {
            double x = 2 * AET_PI * q[i] * r_A[k];
            value[k] += w[i] * (projected ? aet_bessel_j0(x) : aet_sinc(x));
        }
    }
done:
    aet_release(&q);
    aet_release(&w);
    return err;
}

double aet_profile_projected(const aet_profile *p, double rho_A)
{
    double sum = 0;
    for (int k = 0; k < p->terms; k++)
        sum += p->amplitude[k] * exp(-p->alpha[k] * rho_A * rho_A);
    return sum;
}

double aet_profile_volume(const aet_profile *p, double r_A)
{
    double sum = 0;
    for (int k = 0; k < p->terms; k++)
        sum += p->amplitude[k] * sqrt(p->alpha[k] / AET_PI) * exp(-p->alpha[k] * r_A * r_A);
    return sum;
}

/* What a fit works on: samples of the profile, and room for the equations. */
typedef struct {
    double r[SAMPLES], value[SAMPLES];
    double matrix[(SAMPLES + 1) * AET_PROFILE_TERMS], right[SAMPLES + 1];
} samples;

/* Amplitudes by least squares for widths from sigma to the longest t, spaced geometrically.  The
 * last equation holds the integral, with a weight that makes its relative error far less than that
 * of the samples. */
static aet_err fit(const samples *given, samples *work, double sigma, double longest, int terms,
                   aet_profile *p)
{
    double narrow = 2 * pow(AET_PI * sigma, 2), centre = given->value[0],
           heavy = 100 * centre / p->integral;
    p->terms = terms;
    for (int k = 0; k < terms; k++) {
        double spread = pow(1 + longest / narrow, (double)(terms - 1 - k) / (terms - 1));
        p->alpha[k] = AET_PI * AET_PI / (narrow * spread);
        for (int i = 0; i < SAMPLES; i++)
            work->matrix[i * terms + k] = exp(-p->alpha[k] * given->r[i] * given->r[i]);
        work->matrix[SAMPLES * terms + k] = heavy * AET_PI / p->alpha[k];
    }
    for (int i = 0; i < SAMPLES; i++)
        work->right[i] = given->value[i];
    work->right[SAMPLES] = heavy * p->integral;
    AET_TRY(aet_lstsq(SAMPLES + 1, terms, 1, work->matrix, work->right, 1e-14, p->amplitude, NULL));
    p->error = 0;
    for (int i = 0; i < SAMPLES; i++)
        p->error =
            fmax(p->error, fabs(aet_profile_projected(p, given->r[i]) - given->value[i]) / centre);
    return AET_OK;
}

/* The fewest terms that reach half the tolerance (the rest is for radii between the samples). */
static aet_err fit_best(const samples *given, samples *work, double sigma, aet_profile *p)
{
    static const double longest[] = {20, 40, 80, 160}; /* A^2: e-folds of the Lorentzians of f_e */
    for (int terms = 6; terms <= AET_PROFILE_TERMS; terms++)
        for (int i = 0; i < 4; i++) {
            AET_TRY(fit(given, work, sigma, longest[i], terms, p));
            if (p->error <= 0.5 * AET_PROFILE_TOLERANCE)
                return AET_OK;
        }
    AET_FAIL(AET_ERR_NUMERIC, "the profile of an atom of width %g A is met to %g only, wanted %g",
             sigma, p->error, AET_PROFILE_TOLERANCE);
}

/* Where the rest of the integral of the sum, pi A / alpha exp(-alpha r^2) term by term, first
 * exceeds the tolerance, coming from outside. */
static double find_cutoff(const aet_profile *p)
{
    for (double r = REACH_A; r > SCAN_A; r -= SCAN_A) {
        double rest = 0;
        for (int k = 0; k < p->terms; k++)
            rest += AET_PI * p->amplitude[k] / p->alpha[k] * exp(-p->alpha[k] * r * r);
        if (fabs(rest) > AET_PROFILE_TOLERANCE * p->integral)
            return fmin(r + SCAN_A, REACH_A);
    }
    return SCAN_A;
}

aet_err aet_profile_create(const aet_scattering *s, double sigma_A, aet_profile **out)
{
    aet_err err = AET_OK;
    *out = NULL;
    AET_CHECK(sigma_A >= AET_PROFILE_SIGMA_MIN && sigma_A <= AET_PROFILE_SIGMA_MAX, AET_ERR_USAGE,
              "the Gaussian width of an atom is %g A; expected %g to %g A", sigma_A,
              AET_PROFILE_SIGMA_MIN, AET_PROFILE_SIGMA_MAX);
    aet_profile *p = AET_NEW(aet_profile, 1);
    samples *given = AET_NEW(samples, 1), *work = AET_NEW(samples, 1);
    p->integral = aet_scattering_integral(s);
    for (int i = 0; i < SAMPLES; i++) /* denser towards the centre, where the profile is sharpest */
        given->r[i] = REACH_A * pow((double)i / (SAMPLES - 1), 1.5);
    AET_GO(aet_profile_integrate(s, sigma_A, true, SAMPLES, given->r, given->value));
    AET_GO(fit_best(given, work, sigma_A, p));
    p->cutoff_A = find_cutoff(p);
    *out = p;
done:
    if (err != AET_OK)
        aet_release(&p);
    aet_release(&given);
    aet_release(&work);
    return err;
}

void aet_profile_free(aet_profile **p)
{
    aet_release(p);
}
