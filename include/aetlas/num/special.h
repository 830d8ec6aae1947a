/* Special functions and quadrature nodes; GSL stands behind.  Everything is Local, thread-safe. */
#ifndef AET_NUM_SPECIAL_H
#define AET_NUM_SPECIAL_H

#include <complex.h>

/* Modified Bessel functions of the second kind, x > 0; 0 where they underflow. */
double aet_bessel_k0(double x);
double aet_bessel_k1(double x);
/* Bessel functions of the first kind. */
double aet_bessel_j0(double x);
double aet_bessel_jn(int n, double x);
/* Modified Bessel function of the first kind, |x| <= 700. */
double aet_bessel_i0(double x);
/* sin(x) / x, 1 at 0. */
double aet_sinc(double x);

/* Spherical harmonics of the direction of d, of degrees 0 to l_max <= AET_HARMONIC_MAX and orders 0
 * to l: Y_lm is y[l*(l+1)/2 + m], normalised to 1 over the sphere.  d must have a length. */
#define AET_HARMONIC_MAX 16
void aet_harmonics(int l_max, const double d[3], double complex *y);

/* Kolmogorov's distribution: probability of a larger deviation than lambda, 1 at 0. */
double aet_kolmogorov(double lambda);

/* Composite Gauss-Legendre rule on [low, high]: `panels` panels of 16 nodes each, exact for
 * polynomials of degree 31 on every panel.  Fills 16 * panels nodes and weights, ascending. */
#define AET_GAUSS_NODES 16
void aet_gauss_panels(double low, double high, int panels, double *node, double *weight);

#endif
