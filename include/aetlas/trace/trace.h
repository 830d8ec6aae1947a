/* Tracing: from a density volume to atoms with species.
 *
 *   1. candidates: local maxima (26 neighbours) of the slightly smoothed volume above a threshold,
 *      `border` voxels away from every face; one too near to a stronger one is dropped;
 *   2. joint fit: the volume as a sum of Gaussians of shared widths, one per candidate, by passes
 *      in which each is fitted to a box from which the others are taken out; candidates for which
 *      no hill is left are dropped;
 *   3. positions: those of the Gaussians, or of a polynomial fitted to the cleaned boxes;
 *   4. minimum distance again, then intensities: the integral of the Gaussian, or the cleaned
 *      density in a box;
 *   5. classes: exact one-dimensional k-means over the species and, where there is one, a class of
 *      non-atoms; peaks outside the Otsu boundary of the smoothed volume are no atoms either; then
 *      local reclassification among the species: the nearer mean of those within local_A, until
 *      nothing changes.
 *
 * Sources: Yang et al., Nature 542, 75 (2017) and Nature 592, 60 (2021) for the
 * scheme; Lee et al., Nat. Commun. 12, 1962 (2021) for Gaussian fits.  Each rank
 * fits the peaks of its own planes; the result is the same on any number of ranks.
 */
#ifndef AET_TRACE_TRACE_H
#define AET_TRACE_TRACE_H

#include "aetlas/base/config.h"
#include "aetlas/base/error.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/volume.h"

#define AET_TRACE_PARAMS(X)                                                                        \
    X(CHOICE, method, "gaussian", 0, 0, "gaussian|polynomial|quadratic",                           \
      "how positions are found; Gaussians are fitted in any case, for overlap and intensity")      \
    X(REAL, smooth_A, 0.3, 0.0, 5.0, "A",                                                          \
      "Gaussian smoothing of the volume in which peaks are sought")                                \
    X(REAL, threshold, 0.7, 0.0, 10.0, "",                                                         \
      "weakest peak, in units of the Otsu threshold of the positive voxels")                       \
    X(REAL, threshold_density, 0.0, 0.0, 1e30, "density",                                          \
      "weakest peak in the unit of the volume; 0: use `threshold`")                                \
    X(INT, border, 2, 1, 1000, "voxels", "peaks nearer than this to a face are left out")          \
    X(REAL, min_distance_A, 2.0, 0.0, 20.0, "A", "atoms are at least this far apart")              \
    X(INT, fit_half, 2, 1, 4, "voxels", "Gaussians are fitted in a box of 2 n + 1 voxels")         \
    X(INT, poly_half, 3, 2, 4, "voxels", "radius of the polynomial's ball, less half a voxel")     \
    X(REAL, width_A, 0.7, 0.1, 5.0, "A", "width (standard deviation) of an atom to start from")    \
    X(INT, passes, 30, 1, 1000, "",                                                                \
      "at most so many rounds of fits with the neighbours' Gaussians subtracted")                  \
    X(REAL, weakest, 0.2, 0.0, 1.0, "",                                                            \
      "a fitted height below this part of the median is no atom")                                  \
    X(REAL, settle_A, 0.002, 0.0, 1.0, "A",                                                        \
      "passes end when positions move less than this (root mean square)")                          \
    X(CHOICE, intensity, "gaussian", 0, 0, "gaussian|box",                                         \
      "what is classified: the integral of the fitted Gaussian, or the density in a box")          \
    X(REAL, box_A, 1.4, 0.1, 20.0, "A", "edge of the box of the intensity")                        \
    X(CHOICE, nonatoms, "auto", 0, 0, "auto|always|never",                                         \
      "a class of non-atoms below the species; auto: where the intensities show one")              \
    X(REAL, local_A, 6.75, 0.0, 100.0, "A", "radius of the local reclassification; 0: none")       \
    X(BOOL, boundary, true, 0, 1, "", "peaks outside the Otsu boundary are non-atoms")             \
    X(REAL, boundary_sigma, 3.0, 0.5, 20.0, "voxels",                                              \
      "Gaussian smoothing before the boundary is drawn")                                           \
    X(REAL, boundary_factor, 0.5, 0.0, 10.0, "", "boundary = this times the Otsu threshold")       \
    X(BOOL, keep_nonatoms, false, 0, 1, "", "write non-atoms too, as species 0")
AET_PARAMS_STRUCT(aet_trace_params, AET_TRACE_PARAMS);
extern const aet_param_table aet_trace_table;

enum { AET_TRACE_GAUSSIAN, AET_TRACE_POLYNOMIAL, AET_TRACE_QUADRATIC };
enum { AET_TRACE_INTEGRAL, AET_TRACE_BOX };
enum { AET_TRACE_AUTO, AET_TRACE_ALWAYS, AET_TRACE_NEVER };

#define AET_TRACE_SPECIES_MAX 8

/* What happened to the candidates.  All ranks have the same. */
typedef struct {
    double threshold;   /* density */
    int candidates;     /* local maxima above it and inside the border */
    int no_fit;         /* dropped: no hill, or hardly any height, left in the cleaned box */
    int too_near;       /* dropped: nearer than min_distance_A to a stronger one */
    int outside;        /* non-atoms by the boundary */
    int changed;        /* atoms whose species the local reclassification changed */
    int weak;           /* non-atoms by class */
    int atoms;          /* the rest */
    int passes;         /* made */
    double width_A[3];  /* of the shared Gaussian */
    double last_move_A; /* root mean square move of the positions in the last pass */
    bool has_nonatom_class;
    int n_species;
    int z[AET_TRACE_SPECIES_MAX];
    int count[AET_TRACE_SPECIES_MAX];
    double mean[AET_TRACE_SPECIES_MAX];      /* intensity of each species */
    double deviation[AET_TRACE_SPECIES_MAX]; /* its standard deviation */
    double nonatom_mean;
    /* Least over neighbouring species of |m1 - m2| / sqrt((s1^2 + s2^2) / 2), Ashman's D
     * (Ashman, Bird and Zepf, Astron. J. 108, 2348 (1994)). */
    double separation;
} aet_trace_report;

/* Collective over v->comm.  species z_list[n_species], in the order of rising intensity (ascending
 * atomic number).  *atoms belongs to the caller and is the same on all ranks: in order of falling
 * peak density, origin at voxel (nx/2, ny/2, nz/2), with columns intensity, class_margin,
 * peak_density, fit_height, fit_width_A (3), fit_residual.  INPUT when the volume is empty,
 * constant or holds too few peaks for the classes; USAGE for a bad species list; NOMEM. */
aet_err aet_trace(const aet_volume *v, const int z_list[], int n_species, const aet_trace_params *p,
                  aet_atoms **atoms, aet_trace_report *report);

#endif
