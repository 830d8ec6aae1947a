/* The potential of one atom blurred by a Gaussian, as a short sum of Gaussians.
 *
 * In a linear image an atom is its projected potential v_z(rho) convolved with a Gaussian of
 * standard deviation sigma (probe, thermal motion and all other blur in one), that is the Hankel
 * transform of f_e(q) exp(-2 pi^2 sigma^2 q^2); in a volume it is V(r) convolved with the Gaussian
 * in three dimensions.  Both are mixtures of Gaussians no narrower than sigma (f_e is a Laplace
 * transform in q^2), so a few of them stand for it to 1e-6 of its centre:
 *
 *   v_z * G = sum_k amplitude_k exp(-alpha_k rho^2)
 *   V * G   = sum_k amplitude_k sqrt(alpha_k / pi) exp(-alpha_k r^2)
 *   alpha_k = pi^2 / (2 pi^2 sigma^2 + t_k)
 *
 * with t_k spaced geometrically and the amplitudes fitted to the numerical transform.  The second
 * line is the first undone along z term by term: projections of the volume are the images exactly.
 * A Gaussian is a product of one in x and one in y, which is what makes painting cheap
 * (aetlas/physics/paint.h).
 *
 * Everything is Local; the numbers are the same bits on every rank (of one kind of processor).
 */
#ifndef AET_PHYSICS_POTENTIAL_H
#define AET_PHYSICS_POTENTIAL_H

#include "aetlas/base/error.h"
#include "aetlas/physics/scattering.h"
#include <stdbool.h>

#define AET_PROFILE_SIGMA_MIN 0.15 /* Angstrom; sharper atoms have no use on pixels of 0.2 A */
#define AET_PROFILE_SIGMA_MAX 2.5
#define AET_PROFILE_TERMS     24 /* at most */
/* Largest error of the projected profile, relative to its centre, and the part of the integral that
 * lies outside cutoff_A. */
#define AET_PROFILE_TOLERANCE 1e-6

typedef struct {
    int terms;
    double alpha[AET_PROFILE_TERMS];     /* 1/A^2, ascending: widest first */
    double amplitude[AET_PROFILE_TERMS]; /* V A; some may be negative */
    double cutoff_A;                     /* nothing is painted farther out than this along x or y */
    double integral;                     /* exact: 47.878 f_e(0), V A^3; the sum keeps it to 1e-7 */
    double error;                        /* largest deviation found, relative to the centre */
} aet_profile;

/* sigma_A within the limits above, else USAGE; NUMERIC if the tolerance cannot be met; NOMEM. */
aet_err aet_profile_create(const aet_scattering *s, double sigma_A, aet_profile **p);
void aet_profile_free(aet_profile **p);

/* v_z blurred, V A; V blurred, V. */
double aet_profile_projected(const aet_profile *p, double rho_A);
double aet_profile_volume(const aet_profile *p, double r_A);

/* The same by numerical integration of the transform
 * (composite Gauss-Legendre, to rounding): the slow truth. */
aet_err aet_profile_integrate(const aet_scattering *s, double sigma_A, bool projected, int n,
                              const double *r_A, double *value);

#endif
