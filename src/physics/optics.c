#include "aetlas/physics/optics.h"
#include "aetlas/data/units.h"
#include "aetlas/physics/electron.h"
#include <math.h>

double aet_optics_phase(const aet_optics *o, double q)
{
    double lambda = aet_electron_wavelength_A(o->energy_keV), a2 = pow(lambda * q, 2);
    return AET_PI / lambda * a2 * (o->c1_A + a2 * (o->c3_A / 2 + a2 * o->c5_A / 3));
}

double aet_optics_disc(double edge, double qx, double qy, double dqx, double dqy)
{
    double q = hypot(qx, qy), ramp = hypot(qx * dqx, qy * dqy); /* a sample's width times q */
    if (q == 0)
        return edge > 0;
    return fmin(1, fmax(0, (edge - q) * q / ramp + 0.5));
}

double aet_optics_limit(double pixel_A)
{
    return 1 / (3 * pixel_A);
}

double aet_optics_pixel_A(double energy_keV, double angle_mrad)
{
    return aet_electron_wavelength_A(energy_keV) / (3 * angle_mrad * 1e-3);
}
