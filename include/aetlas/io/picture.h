/* Pictures to look at: grey panels side by side, each with its own contrast, with a scale bar.
 *
 * Black and white are the 0.5 and 99.8 percentiles of the panel; small
 * panels are enlarged by whole factors; y and z point down the page.
 */
#ifndef AET_IO_PICTURE_H
#define AET_IO_PICTURE_H

#include "aetlas/data/tilt.h"
#include "aetlas/data/volume.h"
#include <mpi.h>

typedef struct {
    int nx, ny;
    float *values; /* [ny][nx] */
} aet_panel;

/* Local.  rows x columns panels, row by row, with a scale bar in
 * the first where pixel_A > 0.  OUTPUT when it cannot be written. */
aet_err aet_picture_write(const char *path, int rows, int columns, const aet_panel *panels,
                          double pixel_A);
/* Collective over v->comm.  Three rows: projection (sum), central slice, maximum; three
 * columns: along z (x right, y down), along y (x right, z down), along x (y right, z down). */
aet_err aet_picture_volume(const char *path, const aet_volume *v);
/* Collective over v->comm.  The logarithm of the power |F|^2 of the volume's Fourier transform, summed
 * along z (k_x right, k_y down), y (k_x right, k_z down) and x (k_y right, k_z down), frequency 0 in
 * the middle: a missing wedge shows as dark sectors along k_z in the second. */
aet_err aet_picture_fourier(const char *path, const aet_volume *v);
/* Collective over v->comm.  What it shows, before the logarithm and on all ranks: along z [ny][nx], y
 * [nz][nx] and x [nz][ny], frequency 0 at n/2.  Release each with aet_release.  NOMEM. */
aet_err aet_fourier_power(const aet_volume *v, double *along[3]);
/* Local.  Up to nine images evenly through the series. */
aet_err aet_picture_tilt(const char *path, const aet_tilt *t);

#endif
