#include "aetlas/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 }; /* one cache line; enough for any vector register */

static void *aligned_zeroed(size_t bytes)
{
    size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded == 0)
        rounded = ALIGNMENT;
    void *p = aligned_alloc(ALIGNMENT, rounded);
    if (p)
        memset(p, 0, rounded);
    return p;
}

void *aet_new_bytes(size_t bytes)
{
    void *p = aligned_zeroed(bytes);
    if (!p)
        aet_bug(__FILE__, __LINE__, "out of memory for a small object");
    return p;
}

char *aet_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(aet_new_bytes(n), s, n);
}

aet_err aet_array_bytes(int64_t count, size_t elem, const char *what, void **out)
{
    *out = NULL;
    AET_CHECK(count >= 0 && (elem == 0 || (uint64_t)count <= (SIZE_MAX >> 2) / elem), AET_ERR_NOMEM,
              "%s: %lld elements of %zu bytes is not a possible size", what, (long long)count,
              elem);
    size_t bytes = (size_t)count * elem;
    *out = aligned_zeroed(bytes);
    AET_CHECK(*out, AET_ERR_NOMEM,
              "%s: no memory for %lld elements of %zu bytes (%.1f MiB); use more ranks or nodes",
              what, (long long)count, elem, (double)bytes / 1048576.0);
    return AET_OK;
}

void aet_free_bytes(void *p)
{
    free(p);
}

double aet_mem_peak_MiB(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    if (!f)
        return 0.0;
    char line[256];
    double kB = 0.0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %lf", &kB) == 1)
            break;
    fclose(f);
    return kB / 1024.0;
}
