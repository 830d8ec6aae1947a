/* Time per phase: min / mean / max over ranks, printed once at the end of a command.
 *
 * Phases nest by name only; at most 64 names.  begin/end are Local, the table is Collective.
 */
#ifndef AET_PAR_TIMING_H
#define AET_PAR_TIMING_H

#include <mpi.h>

double aet_clock_s(void); /* Local.  Seconds since some fixed moment, monotonic. */

/* Local.  name must be a string literal. */
void aet_phase_begin(const char *name);
void aet_phase_end(const char *name);
/* Collective.  Logs (level info) one line per phase that any rank entered; then forgets all. */
void aet_phase_report(MPI_Comm comm);

#endif
