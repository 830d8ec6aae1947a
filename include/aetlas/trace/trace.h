/* Tracing: from a density volume to atoms with species.
 *
 *   1. candidates: local maxima (26 neighbours) above a threshold, `border` voxels away from every
 * face;
 *   2. positions: an axis-aligned Gaussian, or a 4th-order polynomial, fitted to a box about each
 * maximum;
 *   3. minimum distance: in order of falling peak density, a candidate too near to an accepted one
 * is dropped;
 *   4. residual passes: the fitted Gaussians of the neighbours are subtracted from each box, and it
 * is fitted again; that takes out the pull of overlapping atoms;
 *   5. intensities: the density, less that of the neighbours, in a box about the sub-voxel
 * position;
 *   6. classes: exact one-dimensional k-means over the species and, where there is one, a class of
 * non-atoms; peaks outside the Otsu boundary of the smoothed volume are no atoms either.
 *
 * Sources: Yang et al., Nature 542, 75 (2017) and Nature 592, 60 (2021) for the scheme; Lee et al.,
 * Nat. Commun. 12, 1962 (2021) for the Gaussian fits.  Each rank fits the peaks of its own planes;
 * the result is the same on any number of ranks.
 */
#ifndef AET_TRACE_TRACE_H
#define AET_TRACE_TRACE_H

#include "aetlas/base/config.h"
#include "aetlas/base/error.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/volume.h"

#define AET_TRACE_PARAMS(X)                                                                        \
    X(CHOICE, method, "gaussian", 0, 0, "gaussian|polynomial|quadratic",                           \
      "how positions are found; Gaussians are fitted in any case, for widths and overlap")         \
    X(INT, fit_half, 2, 1, 4, "voxel", "the Gaussian is fitted in a box of 2 n + 1 voxels")        \
    X(BOOL, background, false, 0, 1, "", "fit a constant background with each Gaussian")           \
    X(INT, poly_half, 3, 2, 4, "voxel", "radius of the polynomial's ball, less half a voxel")      \
    X(REAL, threshold, 0.7, 0.0, 10.0, "",                                                         \
      "weakest peak density, in units of the Otsu threshold of the positive voxels")               \
    X(REAL, threshold_density, 0.0, 0.0, 1e30, "density",                                          \
      "weakest peak density in the volume's own unit; 0: use `threshold`")                         \
    X(INT, border, 2, 1, 1000, "voxel", "peaks nearer than this to a face are left out")           \
    X(REAL, min_distance_A, 2.0, 0.0, 20.0, "A", "atoms are at least this far apart")              \
    X(INT, passes, 4, 0, 50, "", "fits with the neighbours' Gaussians subtracted")                 \
    X(CHOICE, intensity, "box", 0, 0, "box|gaussian",                                              \
      "what is classified: density in a box, or the integral of the fitted Gaussian")              \
    X(REAL, box_A, 2.5, 0.1, 20.0, "A", "edge of the box of the intensity")                        \
    X(CHOICE, nonatoms, "auto", 0, 0, "auto|always|never",                                         \
      "a class of non-atoms below the species; auto: where the intensities show one")              \
    X(BOOL, boundary, true, 0, 1, "", "peaks outside the Otsu boundary are non-atoms")             \
    X(REAL, boundary_sigma, 3.0, 0.5, 20.0, "voxel", "smoothing before the boundary")              \
    X(REAL, boundary_factor, 0.5, 0.0, 10.0, "", "boundary = this times the Otsu threshold")       \
    X(BOOL, keep_nonatoms, false, 0, 1, "", "write non-atoms too, as species 0")
AET_PARAMS_STRUCT(aet_trace_params, AET_TRACE_PARAMS);
extern const aet_param_table aet_trace_table;

enum { AET_TRACE_GAUSSIAN, AET_TRACE_POLYNOMIAL, AET_TRACE_QUADRATIC };
enum { AET_TRACE_BOX, AET_TRACE_INTEGRAL };
enum { AET_TRACE_AUTO, AET_TRACE_ALWAYS, AET_TRACE_NEVER };

#define AET_TRACE_SPECIES_MAX 8

/* What happened to the candidates.  All ranks have the same. */
typedef struct {
    double threshold; /* density */
    int candidates;   /* local maxima above it and inside the border */
    int no_fit;   /* fit failed or ran away: placed by the quadratic instead (counted in the others
                     too) */
    int too_near; /* dropped: nearer than min_distance_A to a stronger one */
    int outside;  /* non-atoms by the boundary */
    int weak;     /* non-atoms by class */
    int atoms;    /* the rest */
    double last_move_A; /* root mean square move of the positions in the last residual pass */
    bool has_nonatom_class;
    int n_species;
    int z[AET_TRACE_SPECIES_MAX];
    int count[AET_TRACE_SPECIES_MAX];
    double mean[AET_TRACE_SPECIES_MAX],
        deviation[AET_TRACE_SPECIES_MAX]; /* intensity of each species */
    double nonatom_mean;
    double separation; /* least over neighbouring species of |m1 - m2| / sqrt((s1^2 + s2^2)/2)
                          (Ashman's D) */
} aet_trace_report;

/* Collective over v->comm.  species z_list[n_species], in the order of rising intensity (ascending
 * atomic number). *atoms: on all ranks, in order of falling peak density, origin at voxel (nx/2,
 * ny/2, nz/2), with columns intensity, class_margin, peak_density, fit_height, fit_width_A (3),
 * fit_residual. INPUT when the volume is empty, constant or holds too few peaks for the classes;
 * USAGE for a bad species list; NOMEM. */
aet_err aet_trace(const aet_volume *v, const int z_list[], int n_species, const aet_trace_params *p,
                  aet_atoms **atoms, aet_trace_report *report);

#endif
