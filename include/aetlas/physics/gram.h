/* A^T A of the Fourier-slice projector (aetlas/physics/slice.h), as one convolution.
 *
 * With images as wide as their field, the products of two voxels' images depend on the voxels' distance d
 * alone, since D is its own reproducing kernel on the field:
 *
 *     (A^T A x)_r = sum over voxels s of h(r - s) x_s,      h(d) = sum over views of D(R0.d, Pu) D(R1.d, Pv).
 *
 * So a gradient A^T A x - A^T b costs one convolution, whatever the number of views and their angles, and
 * b matters once.  Images of an object that ends within the frame are known on the whole field: they are 0
 * beside the frame.  A film's are not: for that, this operator is no substitute.
 */
#ifndef AET_PHYSICS_GRAM_H
#define AET_PHYSICS_GRAM_H

#include "aetlas/physics/slice.h"

typedef struct aet_gram aet_gram;

/* Collective.  For the same `setup` (whose shift, fine and mask do not matter) and oversampling as the
 * projector.  NOMEM.  Vectors are the projector's: this rank's slab [count][nx][ny]. */
aet_err aet_gram_create(MPI_Comm comm, const aet_projector_setup *setup, double oversampling,
                        aet_gram **g);
void aet_gram_free(aet_gram **g);
/* Collective.  out = A^T A x; gives <x, A^T A x>.  out must not be x. */
double aet_gram_apply(aet_gram *g, const float *x, float *out);
/* Collective.  Of the largest eigenvalue, as aet_linop_norm2_bound; x and g: room for two vectors. */
double aet_gram_bound(aet_gram *gram, const uint8_t *mask, int steps, float *x, float *g);
/* Local.  Memory of the fullest of `ranks` ranks; size: nx, ny, nz. */
double aet_gram_bytes(const int size[3], int ranks);

#endif
