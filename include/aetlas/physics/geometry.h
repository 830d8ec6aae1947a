/* Orientation of a specimen in the microscope.  Everything is Local. */
#ifndef AET_PHYSICS_GEOMETRY_H
#define AET_PHYSICS_GEOMETRY_H

#include "aetlas/base/error.h"

/* R = (Rz(phi) Ry(theta) Rx(psi))^T for angles_deg = (phi, theta, psi), active right-handed
 * rotations (the z-y'-x'' convention of the AET groups: Lee, Jeong, Yang, Nano Lett. 22, 665
 * (2022)).  A specimen point r is in the laboratory at R r: image x, image y, depth along the beam.
 * For phi = psi = 0: x' = x cos(theta) - z sin(theta), y' = y. */
void aet_rotation(const double angles_deg[3], double R[3][3]);

/* Angles of other conventions: R = (R1(a) R2(b) R3(c))^T with Rk the active rotation about unit vector
 * axes[k].  Ours are z, y, x; z, y, z is that of GENFIRE-Python, EMAN and RELION (Heymann, Chagoyen,
 * Belnap, J. Struct. Biol. 151, 196 (2005)). */
void aet_rotation_about(const double axes[3][3], const double angles_deg[3], double R[3][3]);
/* phi, theta, psi of a rotation: of the two triples that give it the one with the smaller |phi| +
 * |psi|, so that a plain tilt stays one; psi = 0 where theta = +-90 leaves only phi -+ psi. */
void aet_rotation_angles(const double R[3][3], double angles_deg[3]);
/* Three letters of x, y, z ("zyz"), or three vectors apart by '/', each of three numbers apart by ','
 * ("0,0,1/0,1,0/0,0,1"), which become unit vectors.  USAGE. */
aet_err aet_axes_parse(const char *text, double axes[3][3]);

/* y = R x. */
void aet_rotate(const double R[3][3], const double x[3], double y[3]);

#endif
