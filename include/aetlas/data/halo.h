/* Halos: the planes of this rank together with those of its neighbours along z.
 *
 * A rank with planes [start, start + count) gets [start - depth, start + count + depth), cut at the
 * ends of the volume; slabs may be thinner than depth (planes then come from several ranks away) or
 * empty (then the halo is empty too).  Filters and fits near a cut see the same numbers on any
 * number of ranks.
 */
#ifndef AET_DATA_HALO_H
#define AET_DATA_HALO_H

#include "aetlas/base/error.h"
#include "aetlas/data/volume.h"
#include "aetlas/par/slab.h"
#include <mpi.h>
#include <stddef.h>

/* Local.  First plane and number of planes of a slab widened by depth. */
void aet_halo_range(aet_slab slab, int depth, int *first, int *count);

/* Collective.  own: [slab.count] planes of plane_bytes each, spread as
 * aet_slab_mine(n, comm) says; wide gets the planes of aet_halo_range
 * of this rank, own ones included, and belongs to the caller. */
void aet_halo_exchange(MPI_Comm comm, int n, int depth, size_t plane_bytes, const void *own,
                       void *wide);

/* A part of a volume on one rank: planes [z0, z0 + count) of nz, each [ny][nx]. */
typedef struct {
    int nx, ny, nz;
    int z0, count;
    float *density; /* owned, [count][ny][nx] */
} aet_block;

/* Collective.  The planes of this rank widened by depth >= 0.  NOMEM. */
aet_err aet_halo_block(const aet_volume *v, int depth, aet_block **block);
/* Local. */
void aet_block_free(aet_block **block);
/* Local.  Row of plane z (global number, z0 <= z < z0 + count) and row y. */
static inline const float *aet_block_row(const aet_block *b, int z, int y)
{
    return b->density + ((int64_t)(z - b->z0) * b->ny + y) * b->nx;
}

#endif
