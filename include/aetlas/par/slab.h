/* Slabs: how the planes 0 .. n-1 of a volume lie over the ranks of a communicator.
 *
 * Every rank but the last ones holds ceil(n/size) consecutive planes; later ranks may hold fewer or
 * none.  It is FFTW-MPI's default block distribution, so volumes and their transforms agree.
 */
#ifndef AET_PAR_SLAB_H
#define AET_PAR_SLAB_H

#include <mpi.h>

typedef struct {
    int n;     /* planes in all */
    int start; /* first plane of this rank (n if it has none) */
    int count; /* planes of this rank, possibly 0 */
} aet_slab;

/* Local.  The slab of one rank among size. */
aet_slab aet_slab_of(int n, int rank, int size);
/* Local (asks comm for rank and size). */
aet_slab aet_slab_mine(int n, MPI_Comm comm);
/* Local.  The rank that holds a plane. */
int aet_slab_owner(int n, int plane, int size);

#endif
