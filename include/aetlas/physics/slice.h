/* The Fourier-slice projector: a volume seen along z at any Euler angles, without blur, and its
 * exact adjoint.
 *
 * The transform of an image is a central slice of that of the volume (Bracewell, Aust. J. Phys. 9,
 * 198 (1956)).  So voxel r, seen at (u, v) as aetlas/physics/projector.h says, adds to every pixel
 *
 *     x_r D(pixel u - u, Pu) D(pixel v - v, Pv),     D(t, P) = sin(pi t) / (P sin(pi t / P)),
 *
 * the interpolation that leaves a band-limited object as it is: no pixel is blurred, at any angle,
 * whereas sharing a voxel between neighbouring pixels adds 1/6 to the variance of every feature.  In
 * return the rim of a single bright voxel rings.  As D is a sinc on a field of P pixels that repeats
 * itself, mass is conserved on the field, and what lies beside the field would come in again from
 * the other side.  So P (odd: then no frequency lacks its mate) is `oversampling` times the
 * image, and no less than the width at which the whole volume is seen, extensions for matter beside
 * the frame included: a film's surroundings are seen where they are, beside the frame, and cut off.
 *
 * Slices are interpolated from a grid twice the size of the volume with a Kaiser-Bessel kernel of 6
 * points whose shape is taken out beforehand (Jackson, Meyer, Nishimura, Macovski, IEEE Trans. Med.
 * Imaging 10, 473 (1991); parameter of Beatty, Nishimura, Pauly, ibid. 24, 799 (2005)): images are
 * right to 2e-5 of the largest pixel.  The cost hardly depends on the angles.
 *
 * Vectors of the operator are those of aetlas/physics/projector.h.
 */
#ifndef AET_PHYSICS_SLICE_H
#define AET_PHYSICS_SLICE_H

#include "aetlas/physics/projector.h"

/* Collective.  `setup` as for the real-space projector; its `fine` and `mask` do not matter.
 * oversampling >= 1.  NOMEM.  Free with aet_linop_free.  Memory per rank beside the vectors of the
 * caller: aet_slice_bytes. */
aet_err aet_slice_create(MPI_Comm comm, const aet_projector_setup *setup, double oversampling,
                         aet_linop **op);
/* Local.  Bytes on the fullest of `ranks` ranks, with FFTW's own; size: nx, ny, nz of the volume. */
double aet_slice_bytes(int n, int nu, int nv, const int size[3], double oversampling, int ranks);
/* Local.  The field's Pu and Pv. */
void aet_slice_field(const aet_projector_setup *setup, double oversampling, int field[2]);

#endif
