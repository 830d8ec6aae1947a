#include "aetlas/physics/potential.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/special.h"
#include <math.h>

#define REACH_A 16.0 /* beyond it less than 1e-8 of any blurred atom is left, see the cutoff */
#define SCAN_A  0.05 /* step of the search for the cutoff */
/* Steps of r^2: coarse = sigma^2 / 10, filled by integration; fine = coarse / 20, by sixth-order
 * interpolation.  A profile is a mixture of Gaussians no narrower than sigma, so that in u = r^2
 * its k-th derivative is at most p(0) / (2 sigma^2)^k: linear interpolation on the fine steps errs
 * by less than 8e-7 p(0), the six-point rule on the coarse ones by less than 1e-10 p(0). */
#define COARSE   10
#define FINE     20
#define EXPONENT 40.0 /* exp(-40) = 4e-18: where the damped factor ends */
#define PANEL_MAX                                                                                  \
    0.5 /* 1/Angstrom: widest quadrature panel; the poles of f_e lie 0.3 from the axis */

/* The quadrature of one profile: the transform's weights at its nodes, ready for any radius. */
typedef struct {
    int n;
    bool projected;
    double *q, *weight;
} transform;

static aet_err transform_create(const aet_scattering *s, double sigma, bool projected, transform *t)
{
    double top = sqrt(EXPONENT / 2) / (AET_PI * sigma);
    /* 16 nodes resolve two periods of J0(2 pi q r) with room to spare */
    double width = fmin(PANEL_MAX, 2.0 / REACH_A);
    int panels = (int)ceil(top / width);

    *t = (transform){.n = panels * AET_GAUSS_NODES, .projected = projected};
    AET_TRY(AET_ARRAY(t->n, "quadrature nodes", &t->q));
    AET_TRY(AET_ARRAY(t->n, "quadrature weights", &t->weight));
    aet_gauss_panels(0, top, panels, t->q, t->weight);
    for (int i = 0; i < t->n; i++) {
        double q = t->q[i], damp = exp(-2 * AET_PI * AET_PI * sigma * sigma * q * q);
        double measure = projected ? 2 * AET_PI * q : 4 * AET_PI * q * q;
        t->weight[i] *= aet_scattering_volts() * measure * aet_scattering_factor(s, q) * damp;
    }
    return AET_OK;
}

static void transform_free(transform *t)
{
    aet_release(&t->q);
    aet_release(&t->weight);
}

/* Radial Fourier transform in two (J0) or three (sinc) dimensions. */
static double transform_at(const transform *t, double r)
{
    double sum = 0;
    for (int i = 0; i < t->n; i++) {
        double x = 2 * AET_PI * t->q[i] * r;
        sum += t->weight[i] * (t->projected ? aet_bessel_j0(x) : aet_sinc(x));
    }
    return sum;
}

/* The radius outside which less than the tolerance of the integral lies, by the trapezoid rule from
 * far outside inwards (a few percent of so small a rest is accuracy enough). */
static double find_cutoff(const transform *t, double integral)
{
    double rest = 0, outer = 0;
    for (double r = REACH_A; r > SCAN_A; r -= SCAN_A) {
        double shell =
            fabs(transform_at(t, r)) * (t->projected ? 2 * AET_PI * r : 4 * AET_PI * r * r);
        rest += 0.5 * (shell + outer) * SCAN_A;
        if (rest > AET_PROFILE_TOLERANCE * integral)
            return fmin(r + SCAN_A, REACH_A);
        outer = shell;
    }
    return SCAN_A;
}

/* Six-point Lagrange interpolation in a table at equal steps; x in steps, 2 <= x <= n - 4. */
static double lagrange6(const double *v, double x)
{
    static const double scale[6] = {-1.0 / 120, 1.0 / 24,  -1.0 / 12,
                                    1.0 / 12,   -1.0 / 24, 1.0 / 120};
    int base = (int)x - 2;
    double sum = 0;
    for (int i = 0; i < 6; i++) {
        double product = scale[i];
        for (int k = 0; k < 6; k++)
            if (k != i)
                product *= x - (base + k);
        sum += product * v[base + i];
    }
    return sum;
}

/* coarse: n_coarse values; the fine table reads them at r^2 >= 0 through two mirror values in
 * front, got by carrying the smooth profile to slightly negative r^2: there J0 and sinc become I0
 * and sinh. */
static double transform_at_u(const transform *t, double u)
{
    if (u >= 0)
        return transform_at(t, sqrt(u));
    double sum = 0, r = sqrt(-u);
    for (int i = 0; i < t->n; i++) {
        double x = 2 * AET_PI * t->q[i] * r;
        double kernel = t->projected ? aet_bessel_i0(x) : (x < 1e-3 ? 1 + x * x / 6 : sinh(x) / x);
        sum += t->weight[i] * kernel;
    }
    return sum;
}

static aet_err fill(aet_profile *p, const transform *t, double sigma)
{
    aet_err err = AET_OK;
    double coarse_step = sigma * sigma / COARSE, *coarse = NULL;
    int n_coarse = (int)ceil(p->cutoff_A2 / coarse_step) + 1;

    p->step_A2 = coarse_step / FINE;
    p->inv_step = 1 / p->step_A2;
    p->n = n_coarse * FINE + 2;
    AET_GO(AET_ARRAY(p->n, "a radial profile", &p->value));
    AET_GO(AET_ARRAY(n_coarse + 6, "a coarse radial profile", &coarse));
    for (int i = 0; i < n_coarse + 6; i++)
        coarse[i] = transform_at_u(t, (i - 2) * coarse_step);
    for (int i = 0; i < p->n; i++) /* never below zero: images stand for counts */
        p->value[i] = fmax(0.0, lagrange6(coarse, 2 + (double)i / FINE));
done:
    aet_release(&coarse);
    return err;
}

static aet_err create(const aet_scattering *s, double sigma, bool projected, aet_profile **out)
{
    aet_err err = AET_OK;
    transform t = {0};
    *out = NULL;
    AET_CHECK(sigma >= AET_PROFILE_SIGMA_MIN && sigma <= AET_PROFILE_SIGMA_MAX, AET_ERR_USAGE,
              "the Gaussian width of an atom is %g A; expected %g to %g A", sigma,
              AET_PROFILE_SIGMA_MIN, AET_PROFILE_SIGMA_MAX);
    aet_profile *p = AET_NEW(aet_profile, 1);
    AET_GO(transform_create(s, sigma, projected, &t));
    p->integral = aet_scattering_integral(s);
    p->cutoff_A = find_cutoff(&t, p->integral);
    p->cutoff_A2 = p->cutoff_A * p->cutoff_A;
    AET_GO(fill(p, &t, sigma));
    *out = p;
done:
    if (err != AET_OK)
        aet_profile_free(&p);
    transform_free(&t);
    return err;
}

aet_err aet_profile_projected(const aet_scattering *s, double sigma_A, aet_profile **p)
{
    return create(s, sigma_A, true, p);
}

aet_err aet_profile_volume(const aet_scattering *s, double sigma_A, aet_profile **p)
{
    return create(s, sigma_A, false, p);
}

void aet_profile_free(aet_profile **p)
{
    if (*p != NULL)
        aet_release(&(*p)->value);
    aet_release(p);
}

aet_err aet_profile_direct(const aet_scattering *s, double sigma_A, double r_A, bool projected,
                           double *value)
{
    transform t = {0};
    aet_err err = transform_create(s, sigma_A, projected, &t);
    if (err == AET_OK)
        *value = transform_at(&t, r_A);
    transform_free(&t);
    return err;
}
