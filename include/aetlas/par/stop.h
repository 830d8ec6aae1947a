/* Stopping early and cleanly: SIGTERM, SIGINT, SIGUSR1 (Slurm's --signal) or a file named `stop`.
 *
 * A long loop asks aet_stop_now once per iteration; when it says true the loop saves what it has
 * and returns AET_ERR_STOPPED on all ranks.
 */
#ifndef AET_PAR_STOP_H
#define AET_PAR_STOP_H

#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdbool.h>

/* Local.  Installs the signal handlers and names the stop file (NULL or "": none). */
void aet_stop_init(const char *stop_file);
/* Local.  True once this process was asked to stop (looks at the file at most once a second). */
bool aet_stop_asked(void);
/* Local.  As if a signal had come; for tests and for the farm. */
void aet_stop_request(void);
/* Collective.  The same answer on all ranks: true if any was asked. */
bool aet_stop_now(MPI_Comm comm);

#endif
