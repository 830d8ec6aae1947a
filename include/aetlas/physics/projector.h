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
 * Views slanted by less than 31 degrees (phi and psi of a refined series are a few) are projected to a
 * sheared image, in which every column of voxels along y runs along v, and this is interpolated along u
 * by six points, a sinc under a Kaiser window: per voxel they cost twice a plain tilt, not ten times.
 * The interpolation blurs nothing and keeps the mass; beside sharp edges it rings, so such images may be
 * slightly negative.  Views slanted more take the weights above voxel by voxel.
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

/* Collective.  NOMEM.  Free with aet_linop_free.  Memory per rank beside the vectors of the caller:
 * n*(nu+4)*(nv+34)*4 bytes at most with plain tilts; a view slanted by s needs s*nv+6 rows more. */
aet_err aet_projector_create(MPI_Comm comm, const aet_projector_setup *setup, aet_linop **op);
/* Local.  That number with views slanted by up to 6 degrees, for planning. */
double aet_projector_bytes(int n, int nu, int nv);

/* Local.  Between [a][b] and [b][a] floats (an image, or one plane of a volume). */
void aet_transpose(const float *in, int a, int b, float *out);
/* Local.  A volume's slab into the operator's order and back. */
void aet_projector_domain(const aet_volume *v, float *x);
void aet_projector_volume(const float *x, aet_volume *v);

#endif
