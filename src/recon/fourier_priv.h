/* Inside recon: GENFIRE's measured points and the convolutions made of them. */
#ifndef AET_RECON_FOURIER_PRIV_H
#define AET_RECON_FOURIER_PRIV_H

#include "aetlas/num/boxconv.h"
#include "aetlas/num/lanes.h"
#include "aetlas/recon/reconstruct.h"
#include <complex.h>

/* Local.  Size of the grid for images and volume. */
int recon_grid_size(int nx, int ny, const int size[3], double oversampling);

/* ---- gridding.c: which points of the grid images measure ---- */

typedef struct {
    int m;                 /* cube of m^3 grid points */
    aet_recon_limit limit; /* sphere, cylinder or none */
    bool
        columns; /* y is the only tilt axis and the limit does not depend on ky: nor does the mask */
    bool flat;   /* only the plane ky = 0 is wanted */
    int first, step; /* planes kx = first, first + step ... of the half space are wanted */
    const aet_recon_params *params;
} recon_grid;

/* Local.  The grid of a volume of this size, its limit and columns resolved; every plane of it. */
recon_grid recon_grid_of(const aet_tilt *tilt, const int size[3], const aet_recon_params *p);

/* An image's value at a grid point. */
typedef struct {
    int k[3];      /* the grid point, kx >= 0 */
    double k1, k2; /* where in the image's transform, in units of 1/m per pixel */
    double weight;
} recon_foot;
typedef void (*recon_foot_fn)(void *context, const recon_foot *foot);

/* Local.  Calls fn for every point of the wanted planes that an image at these angles measures, in an
 * order that within a plane does not depend on which others are wanted. */
void recon_feet(const recon_grid *g, const double angles_deg[3], recon_foot_fn fn, void *context);
/* Local.  Square of a point's distance from the origin, or from the axis where the limit is a cylinder. */
double recon_length2(const recon_grid *g, int kx, int ky, int kz);
/* Local.  What of it is enforced, is below this, for a cutoff of 1 - |k|/k_max. */
double recon_reach2(const recon_grid *g, double cutoff);

/* ---- points.c: the points and their values ---- */

typedef struct {
    float re, im; /* measured value, origin at the pivot */
    /* signed; kx >= 0: the Friedel mates of points with kx > 0 are not stored */
    int16_t kx, ky, kz;
    bool withheld;
} recon_point;

/* Local.  The measured points in the wanted planes, in ascending order of kx, ky, kz, the latter two
 * modulo m.  Free *points with aet_release. */
aet_err recon_points(const recon_grid *g, const aet_tilt *tilt, recon_point **points, int64_t *n);

/* Local.  From values for an origin at index 0 to values for a box in the grid's corner, whose
 * origin voxel has index size/2. */
void recon_points_turn(const recon_grid *g, const int size[3], recon_point *points, int64_t n);

/* Collective.  Those of this rank's planes, their values turned to the corner of a box of this size; how
 * many of all ranks' are withheld; report->points is set.  NOMEM. */
aet_err recon_points_make(MPI_Comm comm, const recon_grid *g, const int size[3],
                          const aet_tilt *tilt, recon_point **points, int64_t *n, int64_t *withheld,
                          aet_recon_report *report);

/* ---- constraints.c ---- */

/* Local.  apart[t->n]: the images withheld. */
void recon_withhold_images(const aet_tilt *t, double share, bool *apart);
/* Local.  A random number in [0, 1), the same for a point and its mate; 1 for the origin. */
double recon_point_key(const recon_grid *g, const recon_point *p);

/* ---- rows.c ---- */

/* Rows of a real result, 16 planes (lanes) of them at a time, from their spectra for kx >= 0. */
typedef struct {
    int m, nx, first_x; /* points of the transform; the part of it that is wanted */
    int rows, pitch;    /* of a plane: rows rounded up to an even number, nx to one of 16 */
    float scale;
    aet_lanes *plan;
    int *place;     /* [m]: where the transform has frequency k */
    float *wave;    /* [m][2]: cos and sin of 2 pi k / m */
    aet_cell *line; /* [m] */
    float *out;     /* [16][rows][pitch] */
} recon_rows;

/* Local.  NOMEM; to be freed in any case. */
aet_err recon_rows_create(int m, int nx, int first_x, int rows, double scale, recon_rows *r);
void recon_rows_free(recon_rows *r);
/* Local.  How many of the planes kx = rank, rank + size ... there are. */
int recon_rows_planes(int m, int rank, int size);
/* Local.  Fills out from [rank of size][its planes kx][rows]; points with kx = 0 are there with their
 * Friedel mates. */
void recon_rows_make(recon_rows *r, const aet_cell *spectra, int size);

/* ---- pruned.c: sums of waves ---- */

/* A sum of waves over part of the measured points, wanted in a box of the grid's real space. */
typedef struct {
    const recon_grid *grid;    /* planes kx = rank, rank + size ... of the communicator */
    const recon_point *points; /* of these planes, in order */
    int64_t n_points;
    bool withheld;        /* the points kept apart, else the others */
    double reach2;        /* only points with recon_length2 below it */
    bool values;          /* measured values, else ones (the mask) */
    int nx, ny, nz;       /* shape of the result, spread in slabs along z */
    int first_x, first_y; /* grid indices of its first column and row; its planes are 0 ... nz-1 */
} recon_pruned;

/* Collective.  Gives `take` each of this rank's planes in ascending order: [ny][pitch], pitch the next
 * multiple of 16 above nx.  NOMEM. */
aet_err recon_pruned_sum(MPI_Comm comm, const recon_pruned *p, aet_boxconv_plane take,
                         void *context);

/* ---- pruned_at.c ---- */

/* Collective.  values[i]: the transform of x, this rank's planes of [nz][ny][nx] in the grid's corner, at
 * points[i].  Of p only grid, points and shape count.  NOMEM. */
aet_err recon_pruned_at(MPI_Comm comm, const recon_pruned *p, const float *x, double (*values)[2]);

/* ---- shells.c ---- */

/* Collective.  Marks `share` of the points of each shell (to the nearest whole number, but that equal
 * keys stay together) as withheld: those of lowest key.  side: longest of the box. */
void recon_withhold_points(MPI_Comm comm, const recon_grid *g, int side, double share,
                           recon_point *points, int64_t n);

typedef struct {
    MPI_Comm comm;
    const recon_grid *grid;
    int size[3], side;
    recon_point *points; /* withheld, of this rank */
    int64_t n;
    int n_shells;
    float *sums; /* [n_shells][3]: of |calc - meas|, of |meas|, points; the same on all ranks */
} recon_shells;
/* Collective.  Copies the withheld ones; zero sums.  NOMEM. */
aet_err recon_shells_begin(MPI_Comm comm, const recon_grid *g, const int size[3],
                           const recon_point *points, int64_t n, recon_shells *s);
void recon_shells_free(recon_shells *s);
/* Collective.  The sums for an object. */
aet_err recon_shells_measure(recon_shells *s, const float *x);
/* Local.  Which shell a point is in. */
int recon_shell_of(const recon_grid *g, int side, const recon_point *p);
/* Local. */
void recon_shells_report(const recon_shells *s, aet_recon_report *report);

/* ---- convolve.c ---- */

/* The quadratic || M (F x - values) ||^2 = <x, h*x> - 2 <x, b> + norm2 for one set of points. */
typedef struct {
    float *kernel; /* of h, for the convolution at hand */
    float *b;      /* voxels of this rank, in order of the convolution's planes, without pitch */
    double norm2;  /* of the values, in the same unit: over m^3 */
} recon_quadratic;

/* Collective.  Allocates q when it is empty, else fills it anew.  NOMEM.  `which` says which points; the
 * shape of the result need not be set. */
aet_err recon_quadratic_make(aet_boxconv *c, const recon_pruned *which, recon_quadratic *q);
void recon_quadratic_free(recon_quadratic *q);
/* Local.  q becomes that of both sets of points; other is freed. */
void recon_quadratic_join(const aet_boxconv *c, recon_quadratic *q, recon_quadratic *other);

/* ---- slices.c: planes y of a series with y as its only axis ---- */

typedef struct recon_slices recon_slices;

/* Collective.  For a grid of columns: the points in the plane of kx and kz, and their values in the
 * planes y of this rank; how many are withheld; report->points is set.  NOMEM.  To be freed in any case; the
 * series must live as long. */
aet_err recon_slices_create(MPI_Comm comm, const recon_grid *g, const int size[3],
                            const aet_tilt *tilt, int64_t *withheld, aet_recon_report *report,
                            recon_slices **out);
void recon_slices_free(recon_slices **s);
/* Collective.  As recon_quadratic_make, for a convolution of planes y of rows z, not deep. */
aet_err recon_slices_quadratic(const recon_slices *s, aet_boxconv *c, bool withheld, double reach2,
                               recon_quadratic *q);
/* Collective.  The sums of shells for slices x [y of this rank][nz][nx]: over withheld points of the
 * slices' own transforms; their shells are rings. */
aet_err recon_slices_measure(const recon_slices *s, const float *x, recon_shells *shells);

/* ---- turn.c ---- */

/* Collective.  A volume of this size from slabs [z of this rank][y][x] to slices [y of this rank][z][x],
 * or back. */
void recon_to_slices(MPI_Comm comm, const int size[3], const float *slabs, float *slices);
void recon_from_slices(MPI_Comm comm, const int size[3], const float *slices, float *slabs);

#endif
