/* Convolutions of a box of voxels with even kernels, without the zeros around the box.
 *
 * Wanted is (h*x)(p) = sum over voxels q of the box of h(p - q) x(q), for p in the box and a real
 * h(d) = h(-d).  By transforms that is a circular convolution on twice the box along each axis; three
 * quarters of what goes in, and of what comes out, would be zeros or unwanted.  They are left out:
 *   - a transform of 2g points of g values is two of g points, one of them of values turned by
 *     exp(-i pi t/g) (Bowman and Roberts, SIAM J. Sci. Comput. 33, 386 (2011));
 *   - along x the values are real, and frequencies (j + 1/4)/g, j = 0 ... g-1, with their conjugates
 *     serve as well as whole ones: one complex transform of g points, no redundant column;
 *   - frequencies may come in any order, as kernels are made by the same transforms;
 *   - the transform across planes, the product and the way back are one pass over memory.
 * So there are g_x g_y (1 + 2 + 4) lines of g points each way, of which the last four sevenths need
 * all planes: each rank keeps its planes, sends the others rows of their transform, and gets them back.
 *
 * The box is `planes` planes of `rows` rows of nx values, spread in slabs of planes (par/slab.h).
 * Kernels that are a single point across planes (deep = false) need no communication: there each
 * plane is convolved on its own, with the same two-dimensional kernel.
 *
 * Memory on a rank, in floats per voxel of its planes: the transform 4, each kernel 4 (where sizes
 * have no factor but 2, 3, 5 and 7, and nx is a multiple of 16); rows on their way, 8 MB (or one).  With
 * deep = false: two planes and a two-dimensional kernel. */
#ifndef AET_NUM_BOXCONV_H
#define AET_NUM_BOXCONV_H

#include "aetlas/base/error.h"
#include "aetlas/par/slab.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    MPI_Comm comm; /* of the caller */
    int nx, rows, planes;
    bool deep;
    aet_slab slab; /* planes of this rank */
    int pitch;     /* floats from row to row in a plane of the box, a multiple of 16 */
} aet_boxconv_shape;
typedef struct aet_boxconv aet_boxconv;

/* Gives the values of a plane of this rank (0 ... slab.count-1), or takes them: [rows][pitch], of
 * which nx in each row count.  Planes come in ascending order. */
typedef void (*aet_boxconv_plane)(void *context, int plane, float *values);

/* Collective.  NOMEM. */
aet_err aet_boxconv_create(MPI_Comm comm, int nx, int rows, int planes, bool deep,
                           aet_boxconv **out);
void aet_boxconv_free(aet_boxconv **c);
/* Local. */
const aet_boxconv_shape *aet_boxconv_get_shape(const aet_boxconv *c);

/* Local.  Floats of a kernel on this rank; an AET_ARRAY of so many. */
int64_t aet_boxconv_kernel_count(const aet_boxconv *c);
/* Local.  Floats from row to row in a plane of a kernel, a multiple of 16. */
int aet_boxconv_kernel_pitch(const aet_boxconv *c);
/* Makes a kernel of h.  Local: this rank's planes, as if they were the box's, of h at offset 0, 1, ...
 * across planes, in any order: [2 rows - 1][kernel pitch], 2 nx - 1 values in each row, offset (0, 0)
 * in the middle.  (h is even, so negative offsets follow.)  deep = false: the one plane, on every rank.
 * Collective: the kernel of these planes.  No other use of c in between. */
void aet_boxconv_kernel_plane(aet_boxconv *c, int plane, const float *values);
void aet_boxconv_kernel_finish(aet_boxconv *c, float *kernel);

/* Local.  The memory of the two for a whole rank, and what that rank sends in a step, in bytes. */
double aet_boxconv_bytes(int nx, int rows, int planes, bool deep, int ranks);
double aet_boxconv_kernel_bytes(int nx, int rows, int planes, bool deep, int ranks);
double aet_boxconv_sent_bytes(int nx, int rows, int planes, bool deep, int ranks);

enum { AET_BOXCONV_FORMS = 2 };
typedef struct {
    void *context;
    aet_boxconv_plane give;                /* x */
    const float *kernel;                   /* or NULL: only forms are wanted, no plane is taken */
    aet_boxconv_plane take;                /* h*x */
    const float *watch[AET_BOXCONV_FORMS]; /* kernels, or NULL */
} aet_boxconv_step;

/* Collective.  form[i]: this rank's part of <x, watch[i] * x> (Parseval), zero where there is none.
 * One way and back for a step with a kernel, half of it for one without. */
void aet_boxconv_do(aet_boxconv *c, const aet_boxconv_step *s, double form[AET_BOXCONV_FORMS]);

#endif
