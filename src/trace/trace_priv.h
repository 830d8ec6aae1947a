/* What the files of the tracer share. */
#ifndef AET_TRACE_PRIV_H
#define AET_TRACE_PRIV_H

#include "aetlas/data/boundary.h"
#include "aetlas/data/halo.h"
#include "aetlas/trace/fit.h"
#include "aetlas/trace/trace.h"
#include <stdbool.h>
#include <stdint.h>

/* A candidate; positions in voxels of the whole volume. */
typedef struct {
    int voxel[3];     /* the local maximum of the smoothed volume */
    float density;    /* there */
    double start[3];  /* from its 27 voxels */
    double at[3];     /* position so far */
    double move2;     /* squared move in the last pass, voxels */
    double height;    /* of the Gaussian of shared widths at `centre`; 0: no fit */
    double centre[3]; /* its place; that of `at` too unless another method was asked for */
    double width[3];  /* of a Gaussian with widths of its own */
    double residual;  /* of that fit, in units of the height */
    double intensity;
    double margin; /* to the nearest class limit, in units of the gap between the two means */
    int label;     /* 0: non-atom, 1..: species */
    bool fitted, own_width, inside;
} aet_peak;

/* The candidates of all ranks, in order of planes, the same on all; [own, own + n_own) are of this
 * rank's planes. shared_width: of the Gaussians that are taken out of the neighbours' boxes. */
typedef struct {
    int n, own, n_own;
    double shared_width[3];
    aet_peak *peak;
} aet_peaks;

/* Collective.  *out: the volume smoothed by a Gaussian (sigma in voxels, 0: a copy), own planes. */
static inline aet_err aet_trace_smooth(const aet_volume *v, double sigma, float **out)
{
    return aet_volume_smooth(v, sigma, out);
}

/* Collective.  The weakest density of a peak.  INPUT. */
aet_err aet_trace_threshold(const aet_volume *v, const aet_trace_params *p, double *threshold);
/* Collective.  Local maxima of v above the threshold. */
aet_err aet_trace_candidates(const aet_volume *v, double threshold, int border, aet_peaks *peaks);
/* Collective.  Every rank's own part of the peaks, to all. */
aet_err aet_trace_share(MPI_Comm comm, aet_peaks *peaks);
/* Local.  Keeps the peaks with keep[i]. */
void aet_trace_keep(aet_peaks *peaks, const bool *keep);

/* Planes of halo that fits and intensities need. */
int aet_trace_depth(const aet_trace_params *p, double voxel_A);
/* Local.  One pass over this rank's own peaks: fits
 * with the Gaussians of the pass before taken out. */
aet_err aet_trace_fit_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                          const aet_poly *poly, aet_peaks *peaks);
/* Local.  Intensities of this rank's own peaks. */
aet_err aet_trace_measure_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                              aet_peaks *peaks);

/* Local.  Indices of the peaks by falling density; free with aet_release. */
aet_err aet_trace_order(const aet_peaks *peaks, int **order);
/* Local.  Drops the weaker of each pair of peaks nearer
 * than `reach` voxels; gives the number dropped. */
aet_err aet_trace_thin(aet_peaks *peaks, double reach, int *dropped);

/* Collective.  Marks own peaks that lie inside the boundary. */
aet_err aet_trace_boundary(const aet_volume *v, const aet_trace_params *p, aet_peaks *peaks);

/* Local.  Labels and margins of the peaks inside; fills the report's class figures. */
aet_err aet_trace_classify(const int z_list[], int n_species, double voxel_A,
                           const aet_trace_params *p, aet_peaks *peaks, aet_trace_report *report);
/* Local.  Species by the mean intensities within radius (voxels; 0: leaves all as they are). */
aet_err aet_trace_reclassify(aet_peaks *peaks, int n_species, double radius, int *changed);

#endif
