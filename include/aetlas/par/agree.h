/* Agreement: the same error code and text on every
 * rank.  Everything here is Collective over comm. */
#ifndef AET_PAR_AGREE_H
#define AET_PAR_AGREE_H

#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

/* Collective.  If any rank brings an error, all return the largest code, with that rank's text.
 * Costs one small MPI_Allreduce when all is well. */
aet_err aet_agree(MPI_Comm comm, aet_err local);

/* Wraps a step that may fail on one rank, inside a Collective function; with AET_TRY or AET_GO:
 *     AET_TRY(AET_AGREE(comm, read_part(...)));          */
#define AET_AGREE(comm, call) aet_agree((comm), (call))

/* Collective.  True on all if true on any. */
bool aet_any(MPI_Comm comm, bool local);

/* Collective.  Rank 0 runs nothing special: broadcasts of a block of bytes larger than INT_MAX. */
void aet_bcast_bytes(MPI_Comm comm, void *data, int64_t bytes, int root);
/* Collective.  In-place sums over ranks, any length. */
void aet_sum_float(MPI_Comm comm, float *data, int64_t n);
void aet_sum_double(MPI_Comm comm, double *data, int64_t n);

/* Collective.  Text of a file, read by rank 0 only,
 * the same on all ranks.  Free with aet_release. */
aet_err aet_read_text_all(MPI_Comm comm, const char *path, int64_t max_bytes, char **text);

#endif
