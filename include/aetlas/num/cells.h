/* Points in cells: who is near whom, in O(n).
 *
 * The points are sorted into cubic cells, x fastest, so that a search reads a few contiguous runs.
 * Distances are Euclidean, in the unit of the coordinates; limits are inclusive.  Equal distances
 * are ordered by the index of the point, so every answer is unique.  Everything is Local.
 */
#ifndef AET_NUM_CELLS_H
#define AET_NUM_CELLS_H

#include "aetlas/base/error.h"
#include <stdint.h>

typedef struct aet_cells aet_cells;

/* Sorts n >= 0 points (copied).  edge: length of a cell, best about half of the distance that is
 * searched most; <= 0: chosen for a few points per cell.  It is enlarged where there would be far
 * more cells than points.  INPUT, naming the point, for a coordinate that is not finite; NOMEM. */
aet_err aet_cells_create(int n, const double (*x)[3], double edge, aet_cells **c);
void aet_cells_free(aet_cells **c);

/* Neighbours of all points as compressed rows: those of point i are
 * index[start[i]] .. index[start[i+1]-1], ascending, without i itself. */
typedef struct {
    int n;
    int64_t *start; /* owned, [n+1] */
    int *index;     /* owned, [start[n]] */
} aet_neighbours;

/* All pairs within r.  NOMEM.  Free with aet_neighbours_free. */
aet_err aet_neighbours_find(const aet_cells *c, double r, aet_neighbours **nb);
void aet_neighbours_free(aet_neighbours **nb);
/* Number of neighbours of point i. */
static inline int aet_neighbours_count(const aet_neighbours *nb, int i)
{
    return (int)(nb->start[i + 1] - nb->start[i]);
}

/* The point nearest to p within max, other than `skip`
 * (-1: none is skipped), or -1.  distance may be NULL. */
int aet_cells_nearest(const aet_cells *c, const double p[3], double max, int skip,
                      double *distance);

/* Median distance of the n points of the cells from their nearest neighbours, of those that have one
 * within max (the upper one of two; 0 where none has).  NOMEM. */
aet_err aet_cells_spacing(const aet_cells *c, int n, const double (*x)[3], double max,
                          double *median);

/* The k points nearest to p within max, other than `skip`, nearest first; gives how many there are
 * (<= k).  index and distance: [k]; distance may be NULL. */
int aet_cells_k_nearest(const aet_cells *c, const double p[3], int k, double max, int skip,
                        int *index, double *distance);

/* The points within r of p, other than `skip`, ascending, at most max of
 * them into index.  Gives how many there are, which may be more than max. */
int aet_cells_within(const aet_cells *c, const double p[3], double r, int skip, int max,
                     int *index);

/* The same in the order of the cells, which is faster for hundreds of points. */
int aet_cells_gather(const aet_cells *c, const double p[3], double r, int skip, int max,
                     int *index);

/* The points within r <= 35 sigma of p in the order of the cells, and their weights exp(-d^2 / (2 sigma^2)); gives
 * how many there are.  index, weight: room for all points. */
int aet_cells_weigh(const aet_cells *c, const double p[3], double sigma, double r, int *index,
                    double *weight);

/* Sum of exp(-d^2 / (2 sigma^2)) over all points within 5 sigma of p, a point at p included. */
double aet_cells_gauss(const aet_cells *c, const double p[3], double sigma);

/* Histogram of pair distances: counts[kind pair][bin] += pairs with bin*width <= distance <
 * (bin+1)*width, each pair once.  kind: [n] in 0 .. kinds-1, or NULL with kinds = 1; the pair of
 * kinds a <= b has row aet_pair_row(a, b).  Only the share `part` of `parts` (0 <= part < parts) is
 * counted: the sum over all parts is the whole, exactly, and the shares take about equal time. */
void aet_cells_histogram(const aet_cells *c, const uint8_t *kind, int kinds, double width, int bins,
                         int part, int parts, int64_t *counts);
/* Row of the unordered pair (a, b): 0 for (0,0), 1 for (0,1), 2 for (1,1), ... */
static inline int aet_pair_row(int a, int b)
{
    int low = a < b ? a : b, high = a < b ? b : a;
    return high * (high + 1) / 2 + low;
}

#endif
