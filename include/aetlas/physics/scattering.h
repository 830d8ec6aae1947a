/* Electron scattering factors and the potential of an isolated neutral atom.
 *
 * q is the spatial frequency 1/d in 1/Angstrom (no 2 pi); f_e in Angstrom; potentials in V,
 * projected potentials in V Angstrom.  Two parametrisations:
 *
 *   Kirkland   f_e(q) = sum_3 a / (q^2 + b) + sum_3 c exp(-d q^2)
 *              (Advanced Computing in Electron Microscopy, 2nd ed. 2010, appendix C)
 *   Lobato     f_e(q) = sum_5 a (2 + b q^2) / (1 + b q^2)^2
 *              (Lobato and Van Dyck, Acta Cryst. A70, 636 (2014))
 *
 * Elements: H to Cf (1 to 98) in both.  They differ by up to 0.6 % at q = 1 and, where the outermost
 * shell is open, by several % at q = 0.  Everything is Local.
 */
#ifndef AET_PHYSICS_SCATTERING_H
#define AET_PHYSICS_SCATTERING_H

#include "aetlas/base/error.h"

typedef enum { AET_KIRKLAND, AET_LOBATO } aet_scattering_model; /* order of "kirkland|lobato" */

/* A row of a table; a and b hold 3 (Kirkland) or 5 (Lobato) numbers, c and d are Kirkland's. */
typedef struct {
    aet_scattering_model model;
    int z;
    double a[5], b[5], c[3], d[3];
} aet_scattering;

/* The row of an element; lives for ever.  INPUT when there is none. */
aet_err aet_scattering_find(aet_scattering_model model, int z, const aet_scattering **row);

/* f_e(q) in Angstrom. */
double aet_scattering_factor(const aet_scattering *s, double q);
/* V(r) in V, r > 0 (it grows without limit towards 0). */
double aet_scattering_potential(const aet_scattering *s, double r_A);
/* v_z(rho), the integral of V along z, in V Angstrom, rho > 0. */
double aet_scattering_projected(const aet_scattering *s, double rho_A);
/* The integral of V over all space, 2 pi a0 e f_e(0), in V Angstrom^3. */
double aet_scattering_integral(const aet_scattering *s);
/* 2 pi a0 e = 47.878 V Angstrom^2: potentials are this times the Fourier transform of f_e. */
double aet_scattering_volts(void);

/* The part of f_e(q) that comes from the potential between the planes low and high along z, seen
 * from the atom: its transform in x and y, integrated over z in between.  Over all z it is f_e. */
double aet_scattering_slab(const aet_scattering *s, double q, double low_A, double high_A);

/* Cross-section of one atom for an annular detector in the first Born approximation, in Angstrom^2:
 * 2 pi gamma^2 int f_e(alpha/lambda)^2 alpha d alpha between the two angles.  It overestimates
 * heavy elements and leaves the convergence of the probe out. */
double aet_scattering_adf_A2(const aet_scattering *s, double energy_keV, double inner_mrad,
                             double outer_mrad);

#endif
