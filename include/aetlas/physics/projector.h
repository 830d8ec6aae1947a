/* The real-space projector: a volume seen along z at any Euler angles, and its exact adjoint.
 *
 * Voxel r (relative to the origin voxel) is seen at image coordinates u = R0.r, v = R1.r
 * relative to the pivot pixel (aetlas/physics/geometry.h).  It is shared between the two
 * nearest pixels along u and the two along v, with weights that sum to 1; what falls outside
 * the image is dropped.  So an image is the plain sum of voxel values along the beam, and
 * mass is conserved inside the frame.  The weights along v are linear interpolation.  Along
 * u they are linear interpolation (fine = false) or the overlap of a pixel with a voxel as
 * wide as its longest edge is seen (fine = true; distance-driven projection: De Man and
 * Basu, Phys. Med. Biol. 49, 2463 (2004)): that takes out the Moire pattern between voxel
 * lattice and pixels, of up to 10 per cent at 45 degrees, and blurs less.
 *
 * Vectors of the operator: the domain is this rank's slab, [slab.count][nx][ny] (y fastest); the
 * range is all images, [n][nu][nv] (v, the image's y, fastest).  That order makes the inner loops
 * contiguous, since the tilt axis is y.  Projection sums over ranks (one MPI_Allreduce); the
 * adjoint is local.
 */
#ifndef AET_PHYSICS_PROJECTOR_H
#define AET_PHYSICS_PROJECTOR_H

#include "aetlas/data/volume.h"
#include "aetlas/num/linop.h"
#include <stdbool.h>

typedef struct {
    int nx, ny, nz;                /* volume, slabs along z */
    int n, nu, nv;                 /* images: number, width (x'), height (y') */
    const double (*angles_deg)[3]; /* [n]: phi, theta, psi; copied */
    /* [n], copied, or NULL: where the origin voxel is seen, along u and v from the pivot pixel. */
    const double (*shift_px)[2];
    bool fine;
    /* Domain-shaped support, copied in effect; NULL: all.  Voxels outside it may be left out, so x
     * must be 0 there and A^T y is not defined there. */
    const uint8_t *mask;
} aet_projector_setup;

/* Collective.  NOMEM.  Free with aet_linop_free.  Memory per rank:
 * n*(nu+4)*(nv+34)*4 bytes at most beside the vectors of the caller. */
aet_err aet_projector_create(MPI_Comm comm, const aet_projector_setup *setup, aet_linop **op);
/* Local.  That number, for planning. */
double aet_projector_bytes(int n, int nu, int nv);

/* Local.  Between [a][b] and [b][a] floats (an image, or one plane of a volume). */
void aet_transpose(const float *in, int a, int b, float *out);
/* Local.  A volume's slab into the operator's order and back. */
void aet_projector_domain(const aet_volume *v, float *x);
void aet_projector_volume(const float *x, aet_volume *v);

#endif
