/* Files written whole or not at all: write NAME.part, then commit renames it to NAME.
 *
 * A file that exists under its final name is complete.  Everything is Local (one rank calls; for
 * files written by all ranks, rank 0 commits after an agreement).
 */
#ifndef AET_BASE_FILE_H
#define AET_BASE_FILE_H

#include "aetlas/base/error.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define AET_PATH_MAX 4096

bool aet_file_exists(const char *path);
/* Size in bytes; INPUT if it cannot be opened. */
aet_err aet_file_size(const char *path, int64_t *bytes);
void aet_file_remove(const char *path); /* if it is there */
aet_err aet_dir_make(const char *path); /* like mkdir -p */

/* Text of a file, ended by 0; at most max_bytes (else INPUT).  Free with aet_release. */
aet_err aet_file_read_text(const char *path, int64_t max_bytes, char **text, int64_t *length);

void aet_part_name(const char *path, char part[AET_PATH_MAX]);
/* fsync and rename NAME.part to NAME; on failure the part is removed. */
aet_err aet_part_commit(const char *path);
void aet_part_discard(const char *path);

/* A stream on NAME.part.  aet_writer_close checks every write, commits, and reports the first error
 * (full disk, for one); after a failure nothing is left behind. */
aet_err aet_writer_open(const char *path, FILE **f);
aet_err aet_writer_close(const char *path, FILE **f);
void aet_writer_abandon(const char *path, FILE **f);

#endif
