/* Pictures (io/png.c is the only door to libpng).  Everything is Local. */
#ifndef AET_IO_PNG_H
#define AET_IO_PNG_H

#include "aetlas/base/error.h"
#include <stdint.h>

/* 8-bit grey values [ny][nx], row 0 on top.  OUTPUT. */
aet_err aet_png_write(const char *path, int nx, int ny, const uint8_t *grey);
/* 8-bit red, green, blue [ny][nx][3].  OUTPUT. */
aet_err aet_png_write_rgb(const char *path, int nx, int ny, const uint8_t *rgb);

#endif
