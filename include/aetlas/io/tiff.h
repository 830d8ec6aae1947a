/* TIFF stacks (io/tiff.c is the only door to libtiff).  All Local.
 *
 * Read: pages of one size with one sample per pixel, 8, 16, 32 or 64 bits, integer or real, in
 * strips or tiles, any compression that libtiff knows.  Written: 32-bit real, uncompressed, BigTIFF
 * when over 4 GB.
 */
#ifndef AET_IO_TIFF_H
#define AET_IO_TIFF_H

#include "aetlas/io/raster.h"

/* True when the file begins like a TIFF file. */
bool aet_tiff_is(const char *path);
/* What the pages are; name is "pages".  INPUT when it is damaged or of another kind. */
aet_err aet_tiff_look(const char *path, aet_raster_info *info);
/* dims {pages, ny, nx}, float; row 0 of the file is y = 0.
 * INPUT, NOMEM; *r belongs to the caller. */
aet_err aet_tiff_read(const char *path, aet_raster **r);
/* values [pages][ny][nx].  OUTPUT when it cannot be written. */
aet_err aet_tiff_write(const char *path, int nx, int ny, int pages, const float *values);

#endif
