/* Clustering by k-means.  Everything is Local and deterministic. */
#ifndef AET_NUM_CLUSTER_H
#define AET_NUM_CLUSTER_H

#include "aetlas/base/error.h"

/* Local.  The exact optimum of k-means on a line: the k groups of x[n] with the least sum of
 * squares about their means, by dynamic programming over the sorted values with divide and conquer,
 * O(k n log n) (Wang & Song, R Journal 3, 29 (2011); Gronlund et al., arXiv:1701.07204). centers[k]
 * ascending, label[n] in 0..k-1 (NULL: not wanted). sum2 (NULL: not wanted) is the sum of squares
 * reached.  INPUT when x has fewer than k different values. */
aet_err aet_kmeans_line(int n, const double *x, int k, double *centers, int *label, double *sum2);

/* Local.  Lloyd's iteration for vectors x[n][dim], started from centers[k][dim], until no label
 * changes or max_iterations; centers are updated in place; a group that loses all its members keeps
 * its centre. *iterations may be NULL.  INPUT for k < 1 or n < k. */
aet_err aet_kmeans_vectors(int n, int dim, const double *x, int k, double *centers, int *label,
                           int max_iterations, int *iterations);

#endif
