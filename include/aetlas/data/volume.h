/* A volume: density on a cubic grid, spread over the ranks of comm in slabs along z.
 *
 * Shape of local data: [slab.count][ny][nx], float, x fastest; origin at voxel (nx/2, ny/2, nz/2)
 * (integer division).  A rank may hold no plane.  The volume owns its data and borrows comm.
 * Memory per rank: ceil(nz/size)*ny*nx*4 bytes.  Curves (how it was reconstructed, what it resolves)
 * are the same on all ranks.
 */
#ifndef AET_DATA_VOLUME_H
#define AET_DATA_VOLUME_H

#include "aetlas/base/error.h"
#include "aetlas/data/curve.h"
#include "aetlas/par/slab.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    MPI_Comm comm;
    int nx, ny, nz;
    aet_slab slab; /* of the nz planes */
    double voxel_A;
    float *density; /* owned, [slab.count][ny][nx] */
    int n_curves;
    aet_curve *curves; /* owned */
} aet_volume;

/* Collective.  Zero density.  INPUT for sizes that are not positive or absurd, NOMEM. */
aet_err aet_volume_create(MPI_Comm comm, int nx, int ny, int nz, double voxel_A, aet_volume **v);
/* Local. */
void aet_volume_free(aet_volume **v);
/* Local, on every rank: aet_curve_add and aet_curve_find on the list of v. */
aet_curve *aet_volume_add_curve(aet_volume *v, const char *name, int n, int width,
                                const char *const *heads, const char *description);
aet_curve *aet_volume_find_curve(const aet_volume *v, const char *name);
/* Collective.  INPUT unless every voxel is finite and voxel_A > 0. */
aet_err aet_volume_check(const aet_volume *v);
/* Local.  Number of voxels of this rank. */
static inline int64_t aet_volume_count(const aet_volume *v)
{
    return (int64_t)v->slab.count * v->ny * v->nx;
}
/* Collective.  The whole density on rank `root` (or on all ranks when root < 0) as [nz][ny][nx];
 * *all is NULL on the others.  Free with aet_release.  NOMEM. */
aet_err aet_volume_gather(const aet_volume *v, int root, float **all);
/* Collective.  Central part (or zero-padded, where larger) so
 * that origin stays origin; *out belongs to the caller.  NOMEM. */
aet_err aet_volume_resize(const aet_volume *v, int nx, int ny, int nz, aet_volume **out);
/* Collective.  Sums over all voxels in double: sum and sum of squares. */
void aet_volume_sums(const aet_volume *v, double *sum, double *sum2);
/* Collective.  Pearson correlation of two volumes of the same shape, least-squares scale (b ~
 * scale * a), and R1 = sum|a-b| / sum|a|.  flip_z compares a(x,y,z) with b(x,y,-z), about the
 * origin voxel, the unmatched planes left out.  Pointers may be NULL.  INPUT when shapes differ. */
aet_err aet_volume_compare(const aet_volume *a, const aet_volume *b, bool flip_z,
                           double *correlation, double *scale, double *r1);

#endif
