/* The potential of one atom blurred by a Gaussian, as a fast radial table.
 *
 * In a linear image an atom is its projected potential v_z(rho) convolved with a Gaussian of
 * standard deviation sigma (probe, thermal motion and all other blur in one), that is the Hankel
 * transform of f_e(q) exp(-2 pi^2 sigma^2 q^2); in a volume it is V(r) convolved with the Gaussian
 * in three dimensions, whose projections are exactly the former.  The transforms are integrated
 * numerically (composite Gauss-Legendre, to rounding), then kept at equal steps of r^2, where the
 * profile is smooth, for linear interpolation.  Everything is Local; the tables are the same bits
 * on every rank.
 */
#ifndef AET_PHYSICS_POTENTIAL_H
#define AET_PHYSICS_POTENTIAL_H

#include "aetlas/base/error.h"
#include "aetlas/physics/scattering.h"
#include <stdbool.h>

#define AET_PROFILE_SIGMA_MIN                                                                      \
    0.1 /* Angstrom; sharper ones have no use on pixels of 0.2 A and more */
#define AET_PROFILE_SIGMA_MAX 2.5
/* The part of the integral that lies outside cutoff_A, and the interpolation error relative to the
 * value at r = 0, are both below this. */
#define AET_PROFILE_TOLERANCE 1e-6

typedef struct {
    int n;          /* values at r^2 = 0, step, 2 step ... (n-1) step */
    double step_A2; /* of r^2 */
    double inv_step;
    double cutoff_A; /* the profile is 0 from here on */
    double cutoff_A2;
    double integral; /* over the plane or space, exact: 47.878 f_e(0), V Angstrom^3 */
    double *value;   /* owned, [n] */
} aet_profile;

/* v_z blurred, in V Angstrom.  sigma_A within the limits above, else USAGE; NOMEM. */
aet_err aet_profile_projected(const aet_scattering *s, double sigma_A, aet_profile **p);
/* V blurred, in V. */
aet_err aet_profile_volume(const aet_scattering *s, double sigma_A, aet_profile **p);
void aet_profile_free(aet_profile **p);

/* The value at r^2; r2 < cutoff_A2 is the caller's to see to. */
static inline double aet_profile_at(const aet_profile *p, double r2)
{
    double t = r2 * p->inv_step;
    int i = (int)t;
    double low = p->value[i];
    return low + (t - i) * (p->value[i + 1] - low);
}

/* The blurred profile by direct integration at one radius: the slow truth behind the tables. NOMEM.
 */
aet_err aet_profile_direct(const aet_scattering *s, double sigma_A, double r_A, bool projected,
                           double *value);

#endif
