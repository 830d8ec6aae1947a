/* Fingerprints: 64-bit FNV-1a, to tell whether inputs and parameters are what they were; not for
 * security.  Everything is Local. */
#ifndef AET_BASE_HASH_H
#define AET_BASE_HASH_H

#include "aetlas/base/error.h"
#include <stddef.h>
#include <stdint.h>

#define AET_HASH_START 0xcbf29ce484222325ull

uint64_t aet_hash_bytes(uint64_t hash, const void *data, size_t bytes);
uint64_t aet_hash_text(uint64_t hash, const char *text); /* with its final 0 */
/* The contents of a file; INPUT when it cannot be read. */
aet_err aet_hash_file(uint64_t *hash, const char *path);

#endif
