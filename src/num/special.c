#include "aetlas/num/special.h"
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_bessel.h>
#include <gsl/gsl_sf_legendre.h>
#include <math.h>

/* The scaled functions never underflow inside GSL, whose handler would end the program. */
double aet_bessel_k0(double x)
{
    return x > 700 ? 0.0 : gsl_sf_bessel_K0_scaled(x) * exp(-x);
}

double aet_bessel_k1(double x)
{
    return x > 700 ? 0.0 : gsl_sf_bessel_K1_scaled(x) * exp(-x);
}

double aet_bessel_j0(double x)
{
    return j0(x); /* the C library's agrees with GSL's to the last digits and is faster */
}

double aet_bessel_jn(int n, double x)
{
    return jn(n, x);
}

double aet_bessel_i0(double x)
{
    return gsl_sf_bessel_I0_scaled(x) * exp(fabs(x));
}

double aet_sinc(double x)
{
    double x2 = x * x;
    return x2 < 1e-6 ? 1 - x2 / 6 : sin(x) / x;
}

void aet_gauss_panels(double low, double high, int panels, double *node, double *weight)
{
    double step = (high - low) / panels;
    gsl_integration_glfixed_table *table = gsl_integration_glfixed_table_alloc(AET_GAUSS_NODES);
    for (int p = 0; p < panels; p++)
        for (size_t i = 0; i < AET_GAUSS_NODES; i++)
            gsl_integration_glfixed_point(low + p * step, low + (p + 1) * step, i,
                                          &node[p * AET_GAUSS_NODES + (int)i],
                                          &weight[p * AET_GAUSS_NODES + (int)i], table);
    gsl_integration_glfixed_table_free(table);
}

void aet_harmonics(int l_max, const double d[3], double complex *y)
{
    /* GSL's array needs some room behind the values */
    double p[(AET_HARMONIC_MAX + 1) * (AET_HARMONIC_MAX + 2) / 2 + 2 * AET_HARMONIC_MAX + 3];
    double across = hypot(d[0], d[1]), length = hypot(across, d[2]);
    double complex turn = across > 0.0 ? CMPLX(d[0] / across, d[1] / across) : 1.0;
    gsl_sf_legendre_array(GSL_SF_LEGENDRE_SPHARM, (size_t)l_max, d[2] / length, p);
    for (int l = 0; l <= l_max; l++) {
        double complex phase = 1.0;
        for (int m = 0; m <= l; m++) {
            y[l * (l + 1) / 2 + m] = p[l * (l + 1) / 2 + m] * phase;
            phase *= turn;
        }
    }
}

/* 2 sum (-1)^(k-1) exp(-2 k^2 lambda^2); below 0.2 it is 1 to twelve digits. */
double aet_kolmogorov(double lambda)
{
    double sum = 0.0, sign = 1.0;
    if (lambda < 0.2)
        return 1.0;
    for (int k = 1; k <= 100; k++, sign = -sign) {
        double term = exp(-2.0 * k * k * lambda * lambda);
        sum += sign * term;
        if (term < 1e-17)
            break;
    }
    return 2.0 * sum;
}
