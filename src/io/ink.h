/* Drawing in colour, inside io: rectangles, lines and lettering on white.
 *
 * Places are pixels, x right and y down, (0, 0) the upper left corner of the picture; colours
 * 0xRRGGBB.  Edges are smooth.  Everything is Local. */
#ifndef AET_IO_INK_H
#define AET_IO_INK_H

#include "aetlas/base/error.h"
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int nx, ny;
    float (*rgb)[3]; /* owned, [ny][nx], 0 to 1 */
} aet_ink;

/* A white sheet.  NOMEM. */
aet_err aet_ink_create(int nx, int ny, aet_ink *c);
void aet_ink_free(aet_ink *c);
/* Puts colour over a pixel, covering it by a part. */
void aet_ink_dot(aet_ink *c, int x, int y, const double rgb[3], double part);
void aet_ink_rectangle(aet_ink *c, double x, double y, double nx, double ny, uint32_t color);
void aet_ink_line(aet_ink *c, double x0, double y0, double x1, double y1, double width,
                  uint32_t color);
/* Text whose capitals are `height` pixels high, its base line at y, from x on; x += align * width
 * (0: begins at x, -0.5: centred, -1: ends there).  Characters without a shape are left blank.
 * Gives the width; draws nothing when c is NULL. */
double aet_ink_text(aet_ink *c, double x, double y, double height, double align, uint32_t color,
                    const char *text);
void aet_ink_rgb(uint32_t color, double rgb[3]);
/* A length of 1, 2 or 5 times a power of ten not above the wanted one, with its name in nm. */
double aet_round_length(double wanted_A, char *label, size_t size);
/* Averages blocks of zoom x zoom pixels and writes the picture.  OUTPUT, NOMEM. */
aet_err aet_ink_write(const aet_ink *c, int zoom, const char *path);

#endif
