/* Pair distances: the raw histogram, its first peak and first valley, and g(r). */
#ifndef AET_ANALYSE_PAIR_H
#define AET_ANALYSE_PAIR_H

#include "aetlas/base/error.h"
#include "aetlas/num/cells.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

/* pairs[row][bin]: pairs with bin*width_A <= r < (bin+1)*width_A, each once; rows are the unordered
 * pairs of kinds (aet_pair_row). */
typedef struct {
    int bins, kinds, rows;
    double width_A;
    int64_t *pairs; /* owned */
} aet_pairs;

/* Collective.  All pairs nearer than range_A, shared out over the ranks; exact integers, so the
 * same on any number of ranks.  kind: [n] in 0 .. kinds-1.  Release *p with aet_pairs_free. */
aet_err aet_pairs_count(MPI_Comm comm, const aet_cells *cells, const uint8_t *kind, int kinds,
                        double range_A, double width_A, aet_pairs *p);
/* Local. */
void aet_pairs_free(aet_pairs *p);

typedef struct {
    double peak_A;     /* first peak: the nearest-neighbour distance; 0 when there are no pairs */
    double valley_A;   /* first valley behind it */
    bool valley_found; /* false: there is none; valley_A is then 1.207 peak_A, its place in fcc */
} aet_pair_shells;

/* Local.  First peak and valley of pairs/r^2, smoothed by a Gaussian of 0.1 A (or one bin): the
 * peak is the largest beyond min_A; the valley is the middle of the lowest stretch before the curve
 * rises again by 5 % of the peak. */
aet_pair_shells aet_pairs_shells(const aet_pairs *p, double min_A);

/* Local.  Share of pairs at distance r that a ball of diameter d has of those in the bulk:
 * 1 - 3/2 x + 1/2 x^3 with x = r/d (Guinier and Fournet, Small-Angle Scattering of X-Rays,
 * 1955; the volume that two balls of diameter d share at distance r). */
double aet_ball_overlap(double r, double d);

#endif
