#include "aetlas/num/special.h"
#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_bessel.h>
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
