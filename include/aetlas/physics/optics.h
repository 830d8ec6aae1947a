/* The probe-forming lens, angles and frequencies.  Everything is Local.
 *
 * A scattering angle alpha is the frequency q = alpha / lambda (1/Angstrom, no 2 pi).  The phase of
 * the lens is (Kirkland, Advanced Computing in Electron Microscopy, 2nd ed. 2010, ch. 2)
 *
 *   chi(q) = (pi / lambda) (C1 alpha^2 + C3 alpha^4 / 2 + C5 alpha^6 / 3)
 *
 * and a probe is A(q) exp(-i chi(q)).  Free space of thickness dz multiplies by exp(-i pi lambda dz
 * q^2): C1 > 0 acts like so much more way to go, C1 = -(Kirkland's underfocus).
 */
#ifndef AET_PHYSICS_OPTICS_H
#define AET_PHYSICS_OPTICS_H

typedef struct {
    double energy_keV, semiangle_mrad;
    double c1_A, c3_A, c5_A; /* defocus, spherical aberration of third and fifth order */
} aet_optics;

/* chi at frequency q, in rad. */
double aet_optics_phase(const aet_optics *o, double q);

/* A disc of radius edge (1/A) on samples dqx, dqy apart: 1 inside, 0 outside, falling over the one
 * sample in between, so that sums over the disc do not jump as the samples move. */
double aet_optics_disc(double edge, double qx, double qy, double dqx, double dqy);

/* Two thirds of the Nyquist frequency, 1/(3 pixel): waves and transmission functions that end there
 * multiply without aliasing into what is kept (Kirkland, section 6.8). */
double aet_optics_limit(double pixel_A);
/* The largest pixel for which this limit lies at an angle. */
double aet_optics_pixel_A(double energy_keV, double angle_mrad);

#endif
