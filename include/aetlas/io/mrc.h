/* MRC and MRCS files (MRC2014; Cheng et al., J. Struct. Biol. 192, 146 (2015)).  All Local.
 *
 * Read: modes 0 (signed, or unsigned by IMOD's flag), 1, 2, 6 and 12 (half precision), both byte
 * orders, extended headers skipped.  Written: mode 2, this machine's byte order.
 */
#ifndef AET_IO_MRC_H
#define AET_IO_MRC_H

#include "aetlas/io/raster.h"

typedef struct {
    int nx, ny, nz;
    int mode;
    double pixel_A;      /* cell x / mx; 0 when the header does not say */
    bool swap;           /* other byte order than this machine's */
    bool unsigned_bytes; /* mode 0 by IMOD's flag */
    int64_t data_at;     /* byte where the values begin */
} aet_mrc_head;

/* True when the file looks like MRC: the MAP stamp, or a header that fits the size of the file. */
bool aet_mrc_is(const char *path);
/* INPUT when the header is not one, or claims more than the file holds. */
aet_err aet_mrc_head_read(const char *path, aet_mrc_head *head);
/* dims {nz, ny, nx}, float.  INPUT, NOMEM; *r belongs to the caller. */
aet_err aet_mrc_read(const char *path, aet_raster **r);
/* values [nz][ny][nx].  stack: images of a series; else a volume, whose header says that the voxel
 * (nx/2, ny/2, nz/2) lies at the origin, so that atoms and density overlay in ChimeraX.  OUTPUT. */
aet_err aet_mrc_write(const char *path, int nx, int ny, int nz, double pixel_A, bool stack,
                      const float *values);

#endif
