#include "aetlas/base/hash.h"

#include "aetlas/base/mem.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

uint64_t aet_hash_bytes(uint64_t hash, const void *data, size_t bytes)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < bytes; i++)
        hash = (hash ^ p[i]) * 0x100000001b3ull;
    return hash;
}

uint64_t aet_hash_text(uint64_t hash, const char *text)
{
    return aet_hash_bytes(hash, text, strlen(text) + 1);
}

aet_err aet_hash_file(uint64_t *hash, const char *path)
{
    enum { BLOCK = 1 << 20 };
    FILE *f = fopen(path, "rb");
    AET_CHECK(f, AET_ERR_INPUT, "%s: %s", path, strerror(errno));
    char *block = aet_new_bytes(BLOCK);
    size_t n;
    while ((n = fread(block, 1, BLOCK, f)) > 0)
        *hash = aet_hash_bytes(*hash, block, n);
    bool bad = ferror(f);
    fclose(f);
    aet_release(&block);
    AET_CHECK(!bad, AET_ERR_INPUT, "%s: could not be read whole", path);
    return AET_OK;
}
