/* What the files of the tracer share. */
#ifndef AET_TRACE_PRIV_H
#define AET_TRACE_PRIV_H

#include "aetlas/data/halo.h"
#include "aetlas/trace/fit.h"
#include "aetlas/trace/trace.h"
#include <stdbool.h>
#include <stdint.h>

/* A candidate; positions in voxels of the whole volume. */
typedef struct {
    int voxel[3];  /* the local maximum */
    float density; /* there */
    double at[3];  /* position so far */
    double height; /* of the Gaussian at `centre` */
    double centre[3], width[3];
    double residual; /* of the fit, in units of the height */
    double move2;    /* squared move in the last pass, voxels */
    double intensity;
    double
        margin; /* distance to the nearest class limit, in units of the gap between the two means */
    int label;  /* 0: non-atom, 1..: species */
    bool fitted, kept, inside;
} aet_peak;

/* The candidates of all ranks, in order of planes, the same on all; [own, own + n_own) are of this
 * rank's planes. */
typedef struct {
    int n, own, n_own;
    aet_peak *peak;
} aet_peaks;

/* Collective.  The weakest density of a peak.  INPUT. */
aet_err aet_trace_threshold(const aet_volume *v, const aet_trace_params *p, double *threshold);
/* Collective.  block: own planes with a halo of at least one. */
aet_err aet_trace_candidates(const aet_volume *v, const aet_block *block, double threshold,
                             int border, aet_peaks *peaks);
/* Collective.  Every rank's own part of the peaks, to all. */
aet_err aet_trace_share(MPI_Comm comm, aet_peaks *peaks);

/* Planes of halo that fits and intensities need. */
int aet_trace_depth(const aet_trace_params *p, double voxel_A);
/* Local.  Fits this rank's own peaks; subtract: with the neighbours' Gaussians taken out.  poly may
 * be NULL. */
aet_err aet_trace_fit_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                          const aet_poly *poly, bool subtract, aet_peaks *peaks);
/* Local.  Intensities of this rank's own peaks. */
aet_err aet_trace_measure_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                              aet_peaks *peaks);

/* Local.  Indices of the peaks by falling density; free with aet_release. */
aet_err aet_trace_order(const aet_peaks *peaks, int **order);
/* Local.  Drops the weaker of each pair of kept peaks nearer than `reach` voxels; gives the number
 * dropped. */
aet_err aet_trace_thin(aet_peaks *peaks, double reach, int *dropped);

/* Collective.  Marks own peaks that lie inside the boundary. */
aet_err aet_trace_boundary(const aet_volume *v, const aet_trace_params *p, aet_peaks *peaks);

/* Local.  Labels and margins of the kept peaks; fills the report's class figures. */
aet_err aet_trace_classify(const int z_list[], int n_species, const aet_trace_params *p,
                           aet_peaks *peaks, aet_trace_report *report);

/* Lists of near peaks: a grid of cells over the kept ones.  Local. */
typedef struct aet_near aet_near;
aet_err aet_near_create(const aet_peaks *peaks, double reach, aet_near **near);
void aet_near_free(aet_near **near);
/* Kept peaks nearer than reach to r, at most max of them, in ascending order within each cell. */
int aet_near_list(const aet_near *near, const double r[3], int max, int *found);

#endif
