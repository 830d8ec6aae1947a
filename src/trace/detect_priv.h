/* Candidates without a threshold to choose: connected pieces of the volume above a level. */
#ifndef AET_TRACE_DETECT_PRIV_H
#define AET_TRACE_DETECT_PRIV_H

#include "trace/trace_priv.h"

/* A whole volume on one rank, [nz][ny][nx]. */
typedef struct {
    int nx, ny, nz;
    const float *x; /* borrowed */
} aet_grid;

/* What lies above the level about one maximum. */
typedef struct {
    double at[3];  /* centre of mass, voxels */
    double radius; /* of a ball of as many voxels */
    float top;     /* largest density, ... */
    int voxel[3];  /* ... and where */
    int voxels;
} aet_piece;

/* Local.  The pieces above the level, in order of their maxima in the file: connected over faces,
 * and where there are several maxima at least `reach` voxels apart, each voxel to the nearest.
 * Pieces of less than three voxels, or with their maximum nearer than `border` to a face, are left
 * out.  Release with aet_release. */
aet_err aet_pieces_find(const aet_grid *g, double level, double reach, int border,
                        aet_piece **pieces, int *n);

/* Local.  Pearson correlation of the volume with Gaussians of unit height and this width (voxels) at
 * the pieces' centres; 0 without pieces. */
aet_err aet_pieces_correlation(const aet_grid *g, const aet_piece *pieces, int n, double width,
                               double *correlation);

/* Local.  Which atoms are held, keep[n].  The contact score of an atom is the number of others
 * within (d + sqrt(2) d) / 2 + 0.15 d / 2, d the median distance of nearest neighbours (of fcc: half
 * of the way from the first to the second shell).  The bound T is the smallest number that at most
 * 95 % of the atoms reach, at most 6.  Only the 15 % of atoms farthest from the centre of mass are
 * looked at: first those with a score below T - 1 go, then, until none does, those with a score
 * below T and a radius below half of `radius`.  Gives T in *bound (NULL: not wanted). */
aet_err aet_pieces_held(int n, const aet_piece *pieces, double radius, bool *keep, int *bound);

/* Collective over smooth->comm.  The candidates; every rank holds the whole volume meanwhile.  Sets
 * threshold, candidates and badly_bound.  INPUT where there is nothing above Otsu's threshold. */
aet_err aet_trace_pieces(const aet_volume *smooth, const aet_trace_params *p, aet_peaks *peaks,
                         aet_trace_report *r);

#endif
