/* The journal of a campaign: an append-only text file, one line per finished or failed stage of a
 * particle; with the output files it is the truth for resuming.
 *
 * A line: time, particle, stage, done|failed, seconds, fingerprint, reason; separated by tabs.
 * Lines are written by one call each, so several jobs may append to one journal; a line that is
 * damaged (a node died while writing) counts as not written, and its stage is done again.
 */
#ifndef AET_CAMPAIGN_JOURNAL_H
#define AET_CAMPAIGN_JOURNAL_H

#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    char item[64], stage[32];
    bool done; /* else failed */
    double seconds;
    uint64_t fingerprint;
    char reason[512];
} aet_journal_line;

typedef struct {
    int n;
    aet_journal_line *lines; /* owned */
} aet_journal;

/* Collective.  Reads what there is; a missing file is an empty journal. */
aet_err aet_journal_read(MPI_Comm comm, const char *path, aet_journal **j);
/* Local. */
void aet_journal_free(aet_journal **j);
/* Local.  The last line of this stage of this item, or of any stage (NULL); NULL if there is none. */
const aet_journal_line *aet_journal_find(const aet_journal *j, const char *item, const char *stage);
/* Local.  Appends one line and syncs it.  OUTPUT. */
aet_err aet_journal_append(const char *path, const aet_journal_line *line);

#endif
