/* The part of an atom between two planes, in Fourier space along x and y.
 *
 * Along z the transforms of the parametrisations' terms are exponentials and a Gaussian, whose integrals up to a
 * plane are elementary: for 1/(s^2 + k^2) (Kirkland: k^2 = q^2 + b) the density exp(-2 pi k |z|) pi k, for
 * 1/(s^2 + k^2)^2 (Lobato) (1 + 2 pi k |z|) times as much, for exp(-d s^2) a Gaussian of variance
 * d / (2 pi^2). */
#include "aetlas/data/units.h"
#include "aetlas/physics/scattering.h"
#include <math.h>

/* Integrals from -infinity to z of those three, each normalised to 1 in all. */
static double below_lorentz(double z, double k)
{
    double tail = 0.5 * exp(-2 * AET_PI * k * fabs(z));
    return z < 0 ? tail : 1 - tail;
}

static double below_lorentz2(double z, double k)
{
    double x = 2 * AET_PI * k * fabs(z), tail = 0.5 * exp(-x) * (1 + 0.5 * x);
    return z < 0 ? tail : 1 - tail;
}

static double below_gauss(double z, double d)
{
    return 0.5 * erfc(-AET_PI * z / sqrt(d));
}

static double kirkland_slab(const aet_scattering *s, double q2, double low, double high)
{
    double f = 0;
    for (int i = 0; i < 3; i++) {
        double k = sqrt(q2 + s->b[i]);
        f += s->a[i] / (k * k) * (below_lorentz(high, k) - below_lorentz(low, k));
        f +=
            s->c[i] * exp(-s->d[i] * q2) * (below_gauss(high, s->d[i]) - below_gauss(low, s->d[i]));
    }
    return f;
}

/* a (2 + b q^2) / (1 + b q^2)^2 = (a / b) [1 / k^2 + 1 / (b k^4)] with k^2 = q^2 + 1/b. */
static double lobato_slab(const aet_scattering *s, double q2, double low, double high)
{
    double f = 0;
    for (int i = 0; i < 5; i++) {
        double b = s->b[i], k2 = q2 + 1 / b, k = sqrt(k2);
        f += s->a[i] / (b * k2) * (below_lorentz(high, k) - below_lorentz(low, k));
        f += s->a[i] / (b * b * k2 * k2) * (below_lorentz2(high, k) - below_lorentz2(low, k));
    }
    return f;
}

double aet_scattering_slab(const aet_scattering *s, double q, double low_A, double high_A)
{
    return s->model == AET_KIRKLAND ? kirkland_slab(s, q * q, low_A, high_A)
                                    : lobato_slab(s, q * q, low_A, high_A);
}
