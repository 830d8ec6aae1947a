/* Orientation of a specimen in the microscope.  Everything is Local. */
#ifndef AET_PHYSICS_GEOMETRY_H
#define AET_PHYSICS_GEOMETRY_H

/* R = (Rz(phi) Ry(theta) Rx(psi))^T for angles_deg = (phi, theta, psi), active right-handed
 * rotations (the z-y'-x'' convention of the AET groups: Lee, Jeong, Yang, Nano Lett. 22, 665
 * (2022)).  A specimen point r is in the laboratory at R r: image x, image y, depth along the beam.
 * For phi = psi = 0: x' = x cos(theta) - z sin(theta), y' = y. */
void aet_rotation(const double angles_deg[3], double R[3][3]);

/* y = R x. */
void aet_rotate(const double R[3][3], const double x[3], double y[3]);

#endif
