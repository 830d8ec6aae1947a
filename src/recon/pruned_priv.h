/* Inside pruned.c and pruned_at.c: how the planes of the big grid and those of the box lie over ranks and
 * rounds. */
#ifndef AET_RECON_PRUNED_PRIV_H
#define AET_RECON_PRUNED_PRIV_H

#include "recon/recon_priv.h"

typedef struct {
    const recon_pruned *p;
    MPI_Comm comm;
    int rank, size, m, planes; /* of kx >= 0 on this rank */
    recon_rows x;              /* rows along x, and what transforms need */
    int64_t *from;             /* [planes + 1]: the points of each plane of kx */
    aet_cell *waves;           /* [m]: of kz in 16 planes z */
    aet_cell *sent;            /* [rank][kx mine][rows], planes z of that rank */
    aet_cell *met;             /* [rank][its kx][rows], planes z of this rank */
    int *tables;               /* [4][size] */
} pruned_work;

/* Collective.  Set-up for p; also after a failure to be ended.  NOMEM. */
aet_err pruned_begin(MPI_Comm comm, const recon_pruned *p, pruned_work *w);
void pruned_end(pruned_work *w);
/* Local.  Planes of kx of a rank; the 16 (or fewer, or no) planes z of a rank in a round. */
int pruned_planes_of(const pruned_work *w, int rank);
aet_slab pruned_round_of(const pruned_work *w, int rank, int round);
/* Local.  w->waves: exp(2 pi i kz z / m) for each kz in these planes z, zero beside them. */
void pruned_waves(const pruned_work *w, aet_slab z);
/* Local.  Spectra along x of n planes of this rank into `met` (`sent`, if it is alone). */
void pruned_along_x(const pruned_work *w, const float *x, int n);
/* Collective.  From `sent` to `met`, or back. */
void pruned_exchange(const pruned_work *w, int round, bool back);

#endif
