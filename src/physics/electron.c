#include "aetlas/physics/electron.h"
#include "aetlas/data/units.h"
#include <math.h>

static double rest_eV(void)
{
    return AET_ELECTRON_kg * AET_LIGHT_m_s * AET_LIGHT_m_s / AET_CHARGE_C;
}

double aet_electron_wavelength_A(double energy_keV)
{
    double hc_eVA = AET_PLANCK_Js * AET_LIGHT_m_s / AET_CHARGE_C * 1e10;
    double eV = energy_keV * 1e3;
    return hc_eVA / sqrt(eV * (2 * rest_eV() + eV));
}

double aet_electron_gamma(double energy_keV)
{
    return 1 + energy_keV * 1e3 / rest_eV();
}

double aet_electron_interaction(double energy_keV)
{
    double eV = energy_keV * 1e3;
    double lambda = aet_electron_wavelength_A(energy_keV);
    return 2 * AET_PI / (lambda * eV) * (rest_eV() + eV) / (2 * rest_eV() + eV);
}
