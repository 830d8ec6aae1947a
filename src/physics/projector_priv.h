/* Inside the projector: one column of voxels along y against one image. */
#ifndef AET_PHYSICS_PROJECTOR_PRIV_H
#define AET_PHYSICS_PROJECTOR_PRIV_H

#include <stdbool.h>
#include <stdint.h>

/* Loops run over whole blocks of this many voxels, so that there is no scalar rest: columns and
 * images have room for it behind them. */
#define LANES 16
/* Work images have a rim that catches what falls outside, so that the inner loops need no tests. */
#define RIM 2

/* The way one image sees the volume. */
typedef struct {
    /* u pixel index of voxel (0,0,0), and change per voxel along x, y, z; along y only if oblique */
    double u0, ux, uy, uz;
    double v0, vx, vy, vz;
    double width;     /* of the footprint along u, see projector.h */
    double per_width; /* 1 / width */
    double per_drift; /* 1 / |vy - 1|; unused when that is infinite */
    bool straight;    /* columns run along v from pixel to pixel: a plain tilt about y */
    bool oblique;     /* columns run so far from v that pieces would be short */
    double shear;     /* else: image pixel (u, v) is seen at u - shear (v - pivot) of this view, */
    double pivot;     /* where pivot is the v of the origin voxel */
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

/* ---- projector_shear.c ---- */

/* Rows that a sheared view needs beside the image, on either side; 0 without shear. */
int aet_shear_rim(const aet_view *w, int nv);
/* Weights of the six rows around a pixel of each v; taps: [AET_SHEAR_TAPS][nv]. */
#define AET_SHEAR_TAPS 6
void aet_shear_weights(const aet_view *w, int nv, float *taps);
/* Local.  image [nu][nv] from a frame with nu + 2 rim rows; and its transpose, which adds to the frame. */
void aet_shear_forward(const aet_view *w, const aet_frame *f, const float *taps, const float *frame,
                       int nu, float *image);
void aet_shear_adjoint(const aet_view *w, const aet_frame *f, const float *taps, const float *image,
                       int nu, float *frame);

#endif
