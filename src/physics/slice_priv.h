/* Inside the Fourier-slice projector. */
#ifndef AET_PHYSICS_SLICE_PRIV_H
#define AET_PHYSICS_SLICE_PRIV_H

#include "aetlas/num/fft.h"
#include <complex.h>
#include <stdint.h>

/* ---- slice_gridding.c: slices from and to the part of the grid on this rank ---- */

/* Points of the kernel along an axis; rooms for a whole vector of them. */
enum { SLICE_TAPS = 6, SLICE_LANES = 8, SLICE_DEGREE = 10 };

typedef struct {
    int gx, gy, gz; /* the grid; gx even */
    int y0, ny;     /* rows of ky on this rank: spectrum [ny][gz][gx/2+1] */
    /* Kernel at j - 3 + (1+z)/2 for tap j, as a polynomial in z = -1 ... 1. */
    float poly[SLICE_DEGREE + 1][SLICE_LANES];
} slice_grid;

/* One slice: its point (ku, kv) is the grid's ku du + kv dv, [pu][pv/2+1] of them; pu, pv odd. */
typedef struct {
    double du[3], dv[3];
    int pu, pv;
} slice_view;

/* Local.  Everything but y0 and ny. */
void slice_grid_make(int gx, int gy, int gz, slice_grid *g);
/* Local.  What an axis of g points makes of voxel j (from the origin): to be divided by. */
double slice_kernel_transform(int j, int g);
/* Local.  This rank's share of a slice, from the spectrum: sets it. */
void slice_gather(const slice_grid *g, const slice_view *v, const float complex *spectrum,
                  float complex *slice);
/* Local.  The transpose of gather and of the transform from a real volume before it, but for the
 * backward transform that is left to do: adds to the spectrum. */
void slice_scatter(const slice_grid *g, const slice_view *v, const float complex *slice,
                   float complex *spectrum);

/* ---- slice_volume.c: a volume on the grid, and the planes' way there ---- */

/* No axis of the grid is shorter: twice the kernel. */
#define SLICE_LEAST 12

/* Where the volume's planes lie on the grid: those before the origin at its end. */
typedef struct {
    int low, high; /* planes from the origin on, and before it, that this rank holds of the grid */
    int low_at, high_at; /* local plane of the first of each */
} slice_held;

typedef struct {
    MPI_Comm comm;
    int nx, ny, nz, gx, gy, gz;
    int rank, size;
    float *even[3]; /* [nx], [ny], [nz]: what takes the kernel's shape out */
    aet_fft3 *fft;
    slice_held held;
    int *table;    /* counts and displacements of planes, for two exchanges */
    float *planes; /* [held.low + held.high][nx][ny]; NULL on a single rank */
} slice_volume;

/* Local.  Points of the grid along an axis of n voxels: twice as many, even. */
int slice_axis(int n);
/* Collective.  NOMEM.  To be freed also after a failure. */
aet_err slice_volume_create(MPI_Comm comm, int nx, int ny, int nz, slice_volume *p);
void slice_volume_free(slice_volume *p);
/* Local.  On the fullest rank. */
double slice_volume_bytes(const int size[3], int ranks);
/* Collective.  From this rank's slab [planes][nx][ny] to the spectrum in fft's buffer; and the
 * transpose, from what slice_scatter made of it. */
void slice_volume_in(const slice_volume *p, const float *x);
void slice_volume_out(const slice_volume *p, float *x);

#endif
