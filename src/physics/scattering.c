#include "aetlas/physics/scattering.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/num/special.h"
#include "aetlas/physics/electron.h"
#include "scattering_priv.h"
#include <math.h>

#define A0E (AET_BOHR_A * AET_COULOMB_eVA) /* V Angstrom^2 */

aet_err aet_scattering_find(aet_scattering_model model, int z, const aet_scattering **row)
{
    const aet_scattering *table = model == AET_KIRKLAND ? aet_kirkland_table : aet_lobato_table;
    int n = model == AET_KIRKLAND ? aet_kirkland_count : aet_lobato_count;

    *row = NULL;
    AET_CHECK(z >= 1 && z <= n, AET_ERR_INPUT,
              "no %s scattering factor for atomic number %d; there are those of H (1) to %s (%d)",
              model == AET_KIRKLAND ? "Kirkland" : "Lobato-Van Dyck", z, aet_element_symbol(n), n);
    *row = &table[z - 1];
    AET_ASSERT((*row)->z == z);
    return AET_OK;
}

static double kirkland_factor(const aet_scattering *s, double q2)
{
    double f = 0;
    for (int i = 0; i < 3; i++)
        f += s->a[i] / (q2 + s->b[i]) + s->c[i] * exp(-s->d[i] * q2);
    return f;
}

static double lobato_factor(const aet_scattering *s, double q2)
{
    double f = 0;
    for (int i = 0; i < 5; i++) {
        double t = s->b[i] * q2;
        f += s->a[i] * (2 + t) / ((1 + t) * (1 + t));
    }
    return f;
}

double aet_scattering_factor(const aet_scattering *s, double q)
{
    return s->model == AET_KIRKLAND ? kirkland_factor(s, q * q) : lobato_factor(s, q * q);
}

static double kirkland_potential(const aet_scattering *s, double r)
{
    double v = 0;
    for (int i = 0; i < 3; i++) {
        v += 2 * AET_PI * AET_PI * s->a[i] / r * exp(-2 * AET_PI * r * sqrt(s->b[i]));
        v += 2 * pow(AET_PI / s->d[i], 1.5) * AET_PI * s->c[i] *
             exp(-AET_PI * AET_PI * r * r / s->d[i]);
    }
    return A0E * v;
}

static double lobato_potential(const aet_scattering *s, double r)
{
    double v = 0;
    for (int i = 0; i < 5; i++) {
        double root = sqrt(s->b[i]);
        v += s->a[i] / (root * s->b[i]) * (root / (AET_PI * r) + 1) * exp(-2 * AET_PI * r / root);
    }
    return 2 * pow(AET_PI, 3) * A0E * v;
}

double aet_scattering_potential(const aet_scattering *s, double r_A)
{
    return s->model == AET_KIRKLAND ? kirkland_potential(s, r_A) : lobato_potential(s, r_A);
}

static double kirkland_projected(const aet_scattering *s, double rho)
{
    double v = 0;
    for (int i = 0; i < 3; i++) {
        v += 2 * s->a[i] * aet_bessel_k0(2 * AET_PI * rho * sqrt(s->b[i]));
        v += s->c[i] / s->d[i] * exp(-AET_PI * AET_PI * rho * rho / s->d[i]);
    }
    return 2 * AET_PI * AET_PI * A0E * v;
}

static double lobato_projected(const aet_scattering *s, double rho)
{
    double v = 0;
    for (int i = 0; i < 5; i++) {
        double root = sqrt(s->b[i]), x = 2 * AET_PI * rho / root;
        v += s->a[i] / (root * s->b[i]) *
             (root / AET_PI * aet_bessel_k0(x) + rho * aet_bessel_k1(x));
    }
    return 4 * pow(AET_PI, 3) * A0E * v;
}

double aet_scattering_projected(const aet_scattering *s, double rho_A)
{
    return s->model == AET_KIRKLAND ? kirkland_projected(s, rho_A) : lobato_projected(s, rho_A);
}

double aet_scattering_volts(void)
{
    return 2 * AET_PI * A0E;
}

double aet_scattering_integral(const aet_scattering *s)
{
    return aet_scattering_volts() * aet_scattering_factor(s, 0);
}

double aet_scattering_adf_A2(const aet_scattering *s, double energy_keV, double inner_mrad,
                             double outer_mrad)
{
    enum { PANELS = 64 };
    double angle[PANELS * AET_GAUSS_NODES], weight[PANELS * AET_GAUSS_NODES], sum = 0;
    double lambda = aet_electron_wavelength_A(energy_keV), gamma = aet_electron_gamma(energy_keV);

    aet_gauss_panels(inner_mrad * 1e-3, outer_mrad * 1e-3, PANELS, angle, weight);
    for (int i = 0; i < PANELS * AET_GAUSS_NODES; i++) {
        double f = aet_scattering_factor(s, angle[i] / lambda);
        sum += weight[i] * f * f * angle[i];
    }
    return 2 * AET_PI * gamma * gamma * sum;
}
