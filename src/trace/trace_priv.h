/* What the files of the tracer share. */
#ifndef AET_TRACE_PRIV_H
#define AET_TRACE_PRIV_H

#include "aetlas/data/halo.h"
#include "aetlas/num/cells.h"
#include "aetlas/trace/fit.h"
#include "aetlas/trace/trace.h"
#include <stdbool.h>
#include <stdint.h>

/* A candidate; positions in voxels of the whole volume. */
typedef struct {
    int voxel[3];     /* the local maximum of the smoothed volume */
    int box[3];       /* central voxel of the box of the last fit */
    float strength;   /* by which peaks are ranked: the density, or the Laplacian turned over */
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
    double p;      /* probability of the label */
    int label;     /* 0: non-atom, 1..: species */
    int origin;    /* AET_ORIGIN_ */
    bool fitted, own_width, inside;
} aet_peak;

/* The candidates of all ranks, in order of planes (then rows, then columns), the same on all; [own, own + n_own) are of this
 * rank's planes. shared_width: of the Gaussians that are taken out of the neighbours' boxes. */
typedef struct {
    int n, own, n_own;
    double shared_width[3];
    aet_peak *peak;
} aet_peaks;

/* Of the volume in which candidates are sought. */
static inline double aet_trace_smoothing_A(const aet_trace_params *p)
{
    return p->detect == AET_TRACE_BLOBS ? p->blob_A : p->smooth_A;
}

/* Where an atom of a volume lies, in voxels. */
static inline void aet_trace_place(const aet_volume *v, const double position_A[3], double at[3])
{
    const int origin[3] = {v->nx / 2, v->ny / 2, v->nz / 2};
    for (int a = 0; a < 3; a++)
        at[a] = position_A[a] / v->voxel_A + origin[a];
}

/* Collective.  The weakest density of a peak.  INPUT. */
aet_err aet_trace_threshold(const aet_volume *v, const aet_trace_params *p, double *threshold);
/* Collective.  Minus the Laplacian (7 points, voxels) of a smoothed volume, zero on the faces of the
 * volume: *blobs, owned by the caller, [slab.count][ny][nx].  Lindeberg, Int. J. Comput. Vis. 30, 79
 * (1998).  NOMEM. */
aet_err aet_trace_blobs(const aet_volume *smooth, float **blobs);
/* Collective.  Local maxima of strength[slab.count][ny][nx] where v is above the threshold. */
aet_err aet_trace_candidates(const aet_volume *v, const float *strength, double threshold,
                             int border, aet_peaks *peaks);
/* Collective.  Every rank's own part of the peaks, to all. */
aet_err aet_trace_share(MPI_Comm comm, aet_peaks *peaks);
/* Local.  Keeps the peaks with keep[i]. */
void aet_trace_keep(aet_peaks *peaks, const bool *keep);

/* Local, on every rank with the same extra[n]: puts them among the peaks by their voxels. */
aet_err aet_trace_insert(const aet_volume *v, aet_peaks *peaks, const aet_peak *extra, int n);

/* ---- positions ---- */

#define AET_TRACE_STRAY      2.0 /* voxels from the local maximum: farther is another hill */
#define AET_TRACE_BOX_VOXELS (AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX)

/* What a fit of peak i needs.  nb NULL: nothing is taken out of the boxes. */
typedef struct {
    const aet_block *block;
    const aet_trace_params *p;
    const aet_poly *poly;
    int origin; /* of the peaks that are fitted to boxes of their own */
    const aet_peaks *peaks;
    aet_neighbours *nb;
    int i;
} aet_trace_site;

/* Planes of halo that fits and intensities need. */
int aet_trace_depth(const aet_trace_params *p, double voxel_A);
/* Local.  Peaks near enough to overlap in a box. */
aet_err aet_trace_neighbours(const aet_peaks *peaks, double voxel_A, aet_neighbours **nb);
/* Local.  The box of `side` voxels whose voxel side/2 is c, the
 * neighbours' Gaussians taken out; zero outside the volume. */
void aet_trace_clean_box(const aet_trace_site *s, const int c[3], int side, double *box);
/* Local.  Whether c + at is farther from the peak's maximum than one of the same hill can be. */
bool aet_trace_strayed(const aet_peak *q, const int c[3], const double at[3]);
/* Local.  Calls fit for a copy of each of this rank's own peaks, so that all of them see the others
 * as they were before; clean: with the others' Gaussians taken out. */
aet_err aet_trace_each(aet_trace_site s, double voxel_A, bool clean,
                       void (*fit)(const aet_trace_site *s, aet_peak *q), aet_peaks *peaks);
/* Local.  One pass over this rank's own peaks: fits
 * with the Gaussians of the pass before taken out. */
aet_err aet_trace_fit_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                          const aet_poly *poly, aet_peaks *peaks);
/* Local.  A Gaussian of its own for each of this rank's own peaks of this origin, from boxes of
 * several edges; clean: with the other peaks' Gaussians taken out. */
aet_err aet_trace_boxes_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                            int origin, bool clean, aet_peaks *peaks);
/* Collective.  Steps 2 to 4 on the peaks there are. */
aet_err aet_trace_positions(const aet_volume *v, const aet_block *block, const aet_trace_params *p,
                            aet_peaks *peaks, aet_trace_report *r);
/* Local.  Intensities of this rank's own peaks. */
aet_err aet_trace_measure_own(const aet_block *block, double voxel_A, const aet_trace_params *p,
                              aet_peaks *peaks);
/* Local.  The shared widths become the medians of the peaks' own, or (half) go half of the way, in
 * logarithms, and are at most `widest`; they stay along an axis where none was fitted. */
aet_err aet_trace_share_width(aet_peaks *peaks, double widest, bool half);

/* ---- the list of peaks ---- */

/* Local.  Indices of the peaks by falling strength; free with aet_release. */
aet_err aet_trace_order(const aet_peaks *peaks, int **order);
/* Local.  Drops the weaker of each pair of peaks nearer
 * than `reach` voxels; gives the number dropped. */
aet_err aet_trace_thin(aet_peaks *peaks, double reach, int *dropped);

/* Collective.  Marks own peaks that lie inside the boundary. */
aet_err aet_trace_boundary(const aet_volume *v, const aet_trace_params *p, aet_peaks *peaks);

/* ---- classes ---- */

#define AET_TRACE_CLASSES_MAX (AET_TRACE_SPECIES_MAX + 1)

/* Collective over comm.  The cubes of 2 half + 1 voxels about all peaks, x fastest, interpolated at
 * their positions, the other peaks taken out; the same on all ranks.  Release with aet_release. */
aet_err aet_trace_cubes(MPI_Comm comm, const aet_block *block, double voxel_A,
                        const aet_trace_params *p, const aet_peaks *peaks, double **cubes);
/* Local.  Labels and margins of the peaks inside; fills the report's class figures.  cubes: NULL,
 * or those of all peaks, with which classes are formed in place of intensities. */
aet_err aet_trace_classify(const int z_list[], int n_species, double voxel_A,
                           const aet_trace_params *p, const double *cubes, aet_peaks *peaks,
                           aet_trace_report *report);
/* Local.  Species by the mean intensities within radius (voxels; 0: leaves all as they are). */
aet_err aet_trace_reclassify(aet_peaks *peaks, int n_species, double radius, int *changed);
/* Local.  The probability of each peak's label, given the intensities: a mixture of normal
 * distributions, one per class, by expectation and maximisation (Dempster, Laird and Rubin,
 * J. R. Stat. Soc. B 39, 1 (1977)) from the labels there are; the species share one deviation.
 * With radius > 0 (voxels) an atom's species have the means of those around it.  Fills mean_p and uncertain of the report. */
aet_err aet_trace_posterior(aet_peaks *peaks, int n_species, double radius, double certain,
                            aet_trace_report *report);

#endif
