/* Inside the projector: one column of voxels along y against one image. */
#ifndef AET_PHYSICS_PROJECTOR_PRIV_H
#define AET_PHYSICS_PROJECTOR_PRIV_H

#include <stdbool.h>
#include <stdint.h>

/* Loops run over whole blocks of this many voxels, so that there is no scalar rest: columns and
 * images have room for it behind them. */
#define LANES 16
/* Voxels of a column at a time at most; a multiple of LANES. */
#define RUN_MAX 512
/* Work images have a rim that catches what falls outside, so that the inner loops need no tests. */
#define RIM 2

/* The way one image sees the volume. */
typedef struct {
    double u0, ux, uy, uz; /* u pixel index of voxel (0,0,0), and change per voxel along x, y, z */
    double v0, vx, vy, vz;
    double width;     /* of the footprint along u, see projector.h */
    double per_width; /* 1 / width */
    double per_uy;    /* 1 / |uy|, and 1 / |vy - 1|; unused when that is infinite */
    double per_drift;
    bool straight; /* columns run along v from pixel to pixel: a plain tilt about y */
    bool oblique;  /* columns run so far from v that pieces would be short */
} aet_view;

typedef struct {
    /* Pixel (u, v) lies at (u + RIM) * stride + v + LANES: rows are aligned to whole blocks. */
    int nu, nv, stride;
    int64_t pixels; /* per image, with rims */
} aet_frame;

/* Local.  Adds voxels y0 .. y1-1 of the column x at (ix, iz) to an image.  x: readable from -1 to
 * LANES behind its end. */
void aet_column_forward(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        const float *x, float *image);
/* Local.  Adds what an image says of the voxels y0 .. y1-1 to the column; LANES behind its end
 * nothing is changed but writing must be allowed. */
void aet_column_adjoint(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        float *x, const float *image);

#endif
