/* The farm: items spread over groups of ranks, pulled one by one by whoever is free.
 *
 * comm is cut into groups of at least group_size consecutive ranks, but not into more groups than
 * there are items; the ranks are spread evenly.  A group takes the next item when it has finished
 * one.  The master hands out items from a thread of rank 0 that sleeps between messages, so all
 * ranks work, rank 0 too.  An item that fails is recorded and the group goes on; only a failure of
 * the farm itself is returned.  Where MPI gives no MPI_THREAD_MULTIPLE, items are dealt out in turn
 * instead of on demand.
 */
#ifndef AET_PAR_FARM_H
#define AET_PAR_FARM_H

#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdbool.h>

/* Runs one item on a group.  Collective over group; returns the same code on all its ranks.
 * A return of AET_ERR_STOPPED ends the handing out of items. */
typedef aet_err (*aet_farm_item)(MPI_Comm group, int item, void *ctx);

/* Called once per finished item, on rank 0 of comm only, one call at a time, possibly from the
 * master thread: it must not use MPI.  text: of the error, "" on success. */
typedef void (*aet_farm_done)(int item, aet_err code, const char *text, double seconds, void *ctx);

typedef struct {
    int groups;
    bool on_demand;                /* false: dealt out in turn */
    int finished, failed, not_run; /* finished: failed ones too; not_run > 0 after a stop */
    /* Time in items / (time from the start to the end of each group's last item). */
    double busy_fraction;
    double wall_s;
} aet_farm_report;

/* Collective over comm.  order: item numbers in the order of handing out (longest first is best),
 * NULL for 0..n-1.  report may be NULL; it is the same on all ranks.  Returns AET_OK when all items
 * succeeded, PARTIAL when some failed, STOPPED when some were not run because of a stop. */
aet_err aet_farm_run(MPI_Comm comm, int n_items, const int *order, int group_size,
                     aet_farm_item run, aet_farm_done done, void *ctx, aet_farm_report *report);

#endif
