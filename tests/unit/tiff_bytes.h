/* TIFF files written byte by byte, uncompressed, for tests of the reader. */
#ifndef AET_TIFF_BYTES_H
#define AET_TIFF_BYTES_H

#include <stdint.h>
#include <string.h>

enum { TIFF_ROOM = 1 << 16, TIFF_TAGS = 12 };
typedef struct {
    unsigned char b[TIFF_ROOM];
    uint32_t n, link; /* bytes so far; where the offset of the next page goes */
    int big;
} tiff_bytes;

static inline void tiff_put(tiff_bytes *t, uint32_t at, uint32_t v, int width)
{
    for (int k = 0; k < width; k++)
        t->b[at + (uint32_t)k] = (unsigned char)(v >> (t->big ? 8 * (width - 1 - k) : 8 * k));
}

static inline void tiff_start(tiff_bytes *t, int big)
{
    memset(t, 0, sizeof *t);
    t->big = big;
    memcpy(t->b, big ? "MM" : "II", 2);
    tiff_put(t, 2, 42, 2);
    t->n = 8;
    t->link = 4;
}

typedef struct {
    uint32_t nx, ny, bits, format, samples,
        tile; /* tile: 0 strips of two rows, else side of the tiles */
} tiff_shape;

static inline void tiff_tag(tiff_bytes *t, uint32_t *at, uint32_t tag, uint32_t type,
                            uint32_t count, uint32_t value)
{
    tiff_put(t, *at, tag, 2);
    tiff_put(t, *at + 2, type, 2);
    tiff_put(t, *at + 4, count, 4);
    tiff_put(t, *at + 8, value, type == 3 && count == 1 ? 2 : 4);
    *at += 12;
}

/* A page; data: its pixels in file order, already cut into strips or tiles of equal length that follow
 * each other, `bytes` in all. */
static inline void tiff_page(tiff_bytes *t, const tiff_shape *s, const void *data, uint32_t bytes)
{
    uint32_t rows = s->tile ? s->tile : 2, width = s->bits / 8 * s->samples;
    uint32_t per = (s->tile ? s->tile : s->nx) * rows * width;
    uint32_t pieces = (bytes + per - 1) / per, start = t->n;
    memcpy(t->b + start, data, bytes);
    uint32_t offsets = start + bytes + (bytes & 1), counts = offsets + 4 * pieces,
             ifd = counts + 4 * pieces;
    for (uint32_t i = 0; i < pieces; i++) {
        tiff_put(t, offsets + 4 * i, start + i * per, 4);
        tiff_put(t, counts + 4 * i, i + 1 < pieces ? per : bytes - i * per, 4);
    }
    tiff_put(t, t->link, ifd, 4);
    uint32_t tags = s->tile ? 11 : 10, at = ifd + 2;
    tiff_put(t, ifd, tags, 2);
    tiff_tag(t, &at, 256, 4, 1, s->nx);
    tiff_tag(t, &at, 257, 4, 1, s->ny);
    tiff_tag(t, &at, 258, 3, 1, s->bits);
    tiff_tag(t, &at, 259, 3, 1, 1);
    tiff_tag(t, &at, 262, 3, 1, 1);
    if (!s->tile)
        tiff_tag(t, &at, 273, 4, pieces, pieces > 1 ? offsets : start);
    tiff_tag(t, &at, 277, 3, 1, s->samples);
    if (!s->tile) {
        tiff_tag(t, &at, 278, 4, 1, rows);
        tiff_tag(t, &at, 279, 4, pieces, pieces > 1 ? counts : bytes);
    } else {
        tiff_tag(t, &at, 322, 4, 1, s->tile);
        tiff_tag(t, &at, 323, 4, 1, s->tile);
        tiff_tag(t, &at, 324, 4, pieces, pieces > 1 ? offsets : start);
        tiff_tag(t, &at, 325, 4, pieces, pieces > 1 ? counts : bytes);
    }
    tiff_tag(t, &at, 339, 3, 1, s->format);
    tiff_put(t, at, 0, 4);
    t->link = at;
    t->n = at + 4;
}

#endif
