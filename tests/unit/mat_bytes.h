/* MATLAB files of version 5 written byte by byte, for tests of the reader. */
#ifndef AET_MAT_BYTES_H
#define AET_MAT_BYTES_H

#include "aetlas/base/mem.h"
#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum { MAT_ROOM = 1 << 16 };
typedef struct {
    unsigned char b[MAT_ROOM];
    size_t n;
    int big; /* big-endian */
} mat_bytes;

static inline void mat_int(mat_bytes *m, uint32_t v)
{
    for (int k = 0; k < 4; k++)
        m->b[m->n++] = (unsigned char)(v >> (m->big ? 24 - 8 * k : 8 * k));
}

static inline void mat_header(mat_bytes *m, int big)
{
    memset(m, 0, sizeof *m);
    memset(m->b, ' ', 116);
    m->b[3] = 0xe9; /* header texts in the wild hold any bytes */
    m->b[124] = big ? 1 : 0;
    m->b[125] = big ? 0 : 1;
    memcpy(m->b + 126, big ? "MI" : "IM", 2);
    m->n = 128;
    m->big = big;
}

/* A tag, data and padding; short data in the tag itself when `small`. */
static inline void mat_element(mat_bytes *m, uint32_t type, const void *data, uint32_t bytes,
                               int small)
{
    if (small && bytes <= 4) {
        mat_int(m, type | bytes << 16);
        memset(m->b + m->n, 0, 4);
        memcpy(m->b + m->n, data, bytes);
        m->n += 4;
        return;
    }
    mat_int(m, type);
    mat_int(m, bytes);
    memcpy(m->b + m->n, data, bytes);
    m->n += bytes;
    for (uint32_t pad = -bytes & 7; pad > 0;
         pad--) /* compressed elements before it are not padded */
        m->b[m->n++] = 0;
}

/* A variable of class `class`; data: values in file order of storage type `type`, `bytes` in all. */
static inline void mat_variable(mat_bytes *m, const char *name, uint32_t class, const int32_t *dims,
                                int ndim, uint32_t type, const void *data, uint32_t bytes)
{
    size_t at = m->n;
    mat_int(m, 14);
    mat_int(m, 0);
    mat_int(m, 6);
    mat_int(m, 8);
    mat_int(m, class);
    mat_int(m, 0);
    mat_int(m, 5);
    mat_int(m, (uint32_t)ndim * 4);
    for (int i = 0; i < ndim; i++)
        mat_int(m, (uint32_t)dims[i]);
    if (ndim % 2)
        mat_int(m, 0);
    mat_element(m, 1, name, (uint32_t)strlen(name), 1);
    mat_element(m, type, data, bytes, 1);
    size_t end = m->n;
    m->n = at + 4;
    mat_int(m, (uint32_t)(end - at - 8));
    m->n = end;
}

/* The last variable, that begins at `at`, compressed. */
static inline void mat_compress(mat_bytes *m, size_t at)
{
    uLongf n = MAT_ROOM;
    unsigned char *packed = aet_new_bytes(MAT_ROOM);
    compress2(packed, &n, m->b + at, m->n - at, 6);
    m->n = at;
    mat_int(m, 15);
    mat_int(m, (uint32_t)n);
    memcpy(m->b + m->n, packed, n);
    m->n += n;
    aet_release(&packed);
}

#endif
