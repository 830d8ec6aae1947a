/* Inside recon/slices*.c. */
#ifndef AET_RECON_SLICES_PRIV_H
#define AET_RECON_SLICES_PRIV_H

#include "recon/recon_priv.h"

typedef struct {
    double k1;
    double weight; /* once points are known: over the sum of weights of its point */
    int image, point;
    int16_t kx, kz;
} slices_sample;

struct recon_slices {
    MPI_Comm comm;
    recon_grid grid;
    const aet_tilt *tilt;
    int nx, ny, nz, m;
    aet_slab y; /* of this rank */
    slices_sample *samples;
    int64_t n_samples, room;
    recon_point *points; /* ascending kx */
    int n_points;
    aet_cell *values;  /* [blocks of 16 rows][points] */
    double *squares;   /* [points]: of the values of all rows of the images */
    aet_lane *columns; /* [blocks][image nx]: rows of an image */
    float *turns;      /* [image nx][2] */
    aet_err err;
};

#endif
