/* Inside the projector: one column of voxels along y against one image. */
#ifndef AET_PHYSICS_PROJECTOR_PRIV_H
#define AET_PHYSICS_PROJECTOR_PRIV_H

#include <stdint.h>

/* Work images have a rim that catches what falls outside, so that the inner loops need no tests. */
#define RIM_LOW  2
#define RIM_HIGH 3
#define TAPS     3   /* pixels touched along u at most */
#define RUN_MAX  256 /* voxels per piece at most */
#define OFFSETS  4   /* sub-voxel positions at most */

/* The way one image sees the volume. */
typedef struct {
    double u0, ux, uy, uz; /* u pixel index of voxel (0,0,0), and change per voxel along x, y, z */
    double v0, vx, vy, vz;
    int n_offsets;
    double offset[OFFSETS]; /* of the sub-voxels along u */
} aet_view;

typedef struct {
    int nu, nv, stride; /* pixel (u, v) lies at (u + RIM_LOW) * stride + v + RIM_LOW */
    int64_t pixels;     /* per image, with rims */
} aet_frame;

/* Adds the column x[y0..y1) at (ix, iz) to image / image to the column. */
void aet_column_forward(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        const float *x, float *image);
void aet_column_adjoint(const aet_view *w, const aet_frame *f, int ix, int iz, int y0, int y1,
                        float *x, const float *image);

#endif
