/* From rank 0 to all: what one rank has read or made becomes the same noun on every rank.
 *
 * All Collective over comm.  `local` is what rank 0's reading returned (ignored on other ranks);
 * *t, *a are rank 0's result, and on success every rank owns an equal one; on failure all return
 * the same error and *t, *a are NULL (rank 0's is freed).
 */
#ifndef AET_IO_SHARE_H
#define AET_IO_SHARE_H

#include "aetlas/data/atoms.h"
#include "aetlas/data/tilt.h"
#include "aetlas/data/volume.h"
#include <mpi.h>

aet_err aet_tilt_share(MPI_Comm comm, aet_err local, aet_tilt **t);
aet_err aet_atoms_share(MPI_Comm comm, aet_err local, aet_atoms **a);
/* The whole density [nz][ny][nx] of rank 0 (borrowed; n = {nx, ny, nz}) becomes slabs. */
aet_err aet_volume_share(MPI_Comm comm, aet_err local, const int n[3], double voxel_A,
                         const float *all, aet_volume **v);

#endif
