/* Inside recon: what reconstruct.c hands to the methods. */
#ifndef AET_RECON_PRIV_H
#define AET_RECON_PRIV_H

#include "aetlas/num/fft.h"
#include "aetlas/num/linop.h"
#include "aetlas/recon/reconstruct.h"
#include "recon/checkpoint.h"
#include <complex.h>
#include <math.h>

/* ---- report.c ---- */

/* Local.  R1 and R2 of each of n images of m pixels, given calc - meas and meas. */
void recon_r_factors(const float *residual, const float *measured, int n, int64_t m,
                     aet_recon_report *report);
void recon_report_start(aet_recon_report *report, int n, int iterations);
/* The curve "reconstruction": the errors of every iteration. */
void recon_report_curve(const aet_recon_report *report, aet_volume *v);

/* ---- resire.c ---- */

/* Collective over op->comm.  Projected gradient for || A x - b ||^2 from the x given, with b n
 * images of op->n_range / n values.  mask (or NULL): x stays 0 where it is 0. */
aet_err recon_resire(const aet_linop *op, const float *b, int n, const uint8_t *mask,
                     const aet_recon_params *p, recon_keep *keep, float *x,
                     aet_recon_report *report);

/* ---- gridding.c ---- */

/* A measured point of the Fourier grid that this rank holds. */
typedef struct {
    int64_t index;  /* in the local spectrum [ky local][kz][kx] */
    float re, im;   /* measured value, origin at the pivot */
    float distance; /* |k| / (M/2) */
    bool twice;     /* its Friedel mate is not stored (kx > 0) */
    bool withheld;
} recon_point;

typedef struct {
    int m;       /* cube of m^3 grid points */
    int ky0, ny; /* rows of ky on this rank */
    const aet_recon_params *params;
} recon_grid;

/* Local.  Size of the grid for images and volume. */
int recon_grid_size(int nx, int ny, const int size[3], double oversampling);
/* Local.  Of a grid point. */
static inline double recon_length(const int k[3])
{
    return sqrt((double)k[0] * k[0] + (double)k[1] * k[1] + (double)k[2] * k[2]);
}

/* Local.  The measured points of this rank, in ascending index.  Free *points with aet_release. */
aet_err recon_points(const recon_grid *g, const aet_tilt *tilt, recon_point **points, int64_t *n);
/* Local.  From values for an origin at index 0 to values for a box in the grid's corner, whose
 * origin voxel has index size/2. */
void recon_points_turn(const recon_grid *g, const int size[3], recon_point *points, int64_t n);

/* ---- constraints.c ---- */

/* Local.  The share of the data that is kept apart. */
double recon_withheld(const aet_recon_params *p);
/* Local.  Iterations that may come to be done: genfire-fast has two passes. */
int recon_iterations_most(const aet_recon_params *p);
/* Local.  Points with 1 - |k|/k_max above it are enforced in iteration `it`. */
double recon_cutoff(aet_recon_enforce mode, int it, int iterations);
/* Local.  apart[t->n]: the images withheld. */
void recon_withhold_images(const aet_tilt *t, double share, bool *apart);
bool recon_withhold_point(const recon_grid *g, const int k[3]); /* Local */

/* ---- pruned.c ---- */

/* A sum of waves over part of the measured points, wanted in a box of the grid's real space. */
typedef struct {
    int m;                     /* grid of m^3 points */
    const recon_point *points; /* of this rank's rows of ky, ascending index */
    int64_t n_points;
    bool withheld;  /* the points kept apart, else the others */
    double cutoff;  /* only points with 1 - |k|/k_max above it */
    bool values;    /* measured values, else ones (the mask) */
    int nx, ny, nz; /* shape of the result, spread in slabs along z; planes 0 .. nz-1 of the grid */
    const int *at_x, *at_y; /* [nx], [ny]: grid index of each column and row; -1: left untouched */
    float complex *room;    /* memory to work in, */
    int64_t room_values;    /* its size; as much as half of it is taken besides */
} recon_pruned;

/* Collective.  out: [planes of this rank][ny][nx].  NOMEM.  Memory per rank beside out and room:
 * the larger of half the room and one plane per rank, m*(m/2+1)*8 bytes, and two planes of the
 * grid; the room itself again where one plane per rank does not fit into it. */
aet_err recon_pruned_sum(MPI_Comm comm, const recon_pruned *p, float *out);

/* ---- convolve.c ---- */

/* Convolutions of a box of nx*ny*nz voxels with even kernels given by their transform. */
typedef struct {
    MPI_Comm comm;
    int nx, ny, nz; /* the box */
    int cx, cy, cz; /* the grid of the convolution */
    int m;          /* period of the kernels */
    int planes;     /* of the box on this rank: those it holds of the grid's first nz planes */
    int64_t n;      /* planes * ny * nx */
    aet_fft3 *fft;
} recon_box;

/* The quadratic || M (F x - values) ||^2 = <x, h*x> - 2 <x, b> + norm2 for one set of points. */
typedef struct {
    float *kernel; /* transform of h, which is real since h is even: [ky of this rank][kz][kx] */
    float *b;      /* box planes of this rank */
    double norm2;  /* of the values, in the same unit: over m^3 */
} recon_quadratic;

/* Local.  Points of the convolution's grid along an axis of n voxels, with kernels of period m. */
int recon_box_axis(int n, int m);
/* Collective.  NOMEM. */
aet_err recon_box_create(MPI_Comm comm, int nx, int ny, int nz, int m, recon_box *box);
void recon_box_free(recon_box *box);
/* Collective.  From the rows of a volume with nz planes to the box's and back. */
void recon_box_from_slabs(const recon_box *box, const float *slabs, float *out);
void recon_box_to_slabs(const recon_box *box, const float *in, float *slabs);

/* Collective.  Allocates q when it is empty, else fills it anew. NOMEM. `which` says which points;
 * its shape, columns, rows and room need not be set. */
aet_err recon_quadratic_make(const recon_box *box, const recon_pruned *which, recon_quadratic *q);
void recon_quadratic_free(recon_quadratic *q);
/* Local.  q becomes that of both sets of points; other is freed. */
void recon_quadratic_join(const recon_box *box, recon_quadratic *q, recon_quadratic *other);

/* Collective.  Those of the box's grid, their values turned to its corner, and how many of all ranks' are
 * withheld; report->points is set.  INPUT: there are none; NOMEM. */
aet_err recon_points_make(const recon_box *box, const aet_tilt *tilt, const aet_recon_params *p,
                          recon_point **points, int64_t *n, int64_t *withheld,
                          aet_recon_report *report);

/* Collective.  Transforms x into the box's buffer. */
void recon_box_forward(const recon_box *box, const float *x);
/* Local.  This rank's part of <x, h*x>, from the transform of x. */
double recon_box_form(const recon_box *box, const recon_quadratic *q);
/* Collective.  The transform of x becomes b - h*x in out; returns the same part of <x, h*x>. */
double recon_box_descent(const recon_box *box, const recon_quadratic *q, float *out);

/* ---- genfire.c ---- */

/* Collective.  Plain or accelerated; support: NULL or a volume of the size of v. */
aet_err recon_genfire(const aet_tilt *tilt, const aet_volume *support, const aet_recon_params *p,
                      recon_keep *keep, aet_volume *v, aet_recon_report *report);

#endif
