/* Tracing: from a density volume to atoms with species.
 *
 *   1. candidates: local maxima (26 neighbours) of minus the Laplacian of the smoothed volume, where
 *      the density is above a threshold (detect = blobs; Lindeberg, Int. J. Comput. Vis. 30, 79
 *      (1998)): they stay apart where a missing wedge or a crystal's unseen reflections leave haze
 *      between atoms; or maxima of the smoothed volume itself (detect = maxima).  Those are `border`
 *      voxels away from every face, one too near to a stronger one dropped.  Or, without a
 *      threshold to choose, the connected pieces at the level that explains the volume best
 *      (detect = pieces);
 *      For pieces Otsu's threshold and the least values of 20-means classes of the voxels
 *      above it are tried; pieces with several maxima are divided among them; the level counts at
 *      which Gaussians at the pieces' centres correlate best with the volume.  Of the 15 % of atoms
 *      farthest from the centre those with too few others around them go (Meana-Paneda et al.,
 *      Sci. Adv. (2025));
 *   2. joint fit: the volume as a sum of Gaussians of shared widths, one per candidate, by passes
 *      in which each is fitted to a box from which the others are taken out; candidates for which
 *      no hill is left are dropped.  The shared widths stay below `widest`: on haze they would grow
 *      from pass to pass, and the stronger atoms would take all of the density of the weaker.  With
 *      method = boxes instead: one Gaussian with widths of its own in the volume as it is, in boxes of
 *      several edges, of which the best counts;
 *   3. positions: those of the Gaussians, or of a polynomial fitted to the cleaned boxes;
 *   4. minimum distance again, then intensities: the integral of the Gaussian, or the density in
 *      a box, cleaned but for method = boxes;
 *   5. classes: exact one-dimensional k-means over the intensities, or groups of cubes about their
 *      mean cubes, over the species and, where there is one, a class of non-atoms; peaks outside
 *      the Otsu boundary of the smoothed volume are no atoms either; then local reclassification
 *      among the species: the nearer mean of those within local_A, until nothing changes;
 *   6. probability of each atom's species, from a mixture of normal distributions;
 *   7. optional second pass for a crystal: maxima of its atomic layers, fits, and 2. to 6. again.
 *
 * Sources: Yang et al., Nature 542, 75 (2017) and Nature 592, 60 (2021) for the
 * scheme; Lee et al., Nat. Commun. 12, 1962 (2021) for Gaussian fits; Jeong et al.,
 * Nat. Commun. 16, 8026 (2025) for fits in several boxes and the second pass.  Each
 * rank fits the peaks of its own planes; the result is the same on any number of ranks.
 */
#ifndef AET_TRACE_TRACE_H
#define AET_TRACE_TRACE_H

#include "aetlas/base/config.h"
#include "aetlas/base/error.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/lattice.h"
#include "aetlas/data/volume.h"

#define AET_TRACE_FIND(X)                                                                          \
    X(CHOICE, detect, "blobs", 0, 0, "maxima|pieces|blobs",                                        \
      "candidates: local maxima of the density above a threshold; the connected pieces at the "    \
      "level that explains the volume best, less badly bound ones at its surface: for small "      \
      "particles; or maxima of minus the Laplacian, which stay apart where atoms overlap")         \
    X(REAL, blob_A, 0.55, 0.1, 5.0, "A",                                                           \
      "Gaussian smoothing for detect = blobs; best at about 0.7 of the width of the atoms")        \
    X(REAL, smooth_A, 0.3, 0.0, 5.0, "A", "Gaussian smoothing for detect = maxima or pieces")      \
    X(REAL, threshold, 0.7, 0.0, 10.0, "",                                                         \
      "weakest peak, in units of the Otsu threshold of the positive voxels")                       \
    X(REAL, threshold_density, 0.0, 0.0, 1e30, "density",                                          \
      "weakest peak in the unit of the volume; 0: use `threshold`")                                \
    X(INT, border, 2, 1, 1000, "voxels", "peaks nearer than this to a face are left out")          \
    X(REAL, min_distance_A, 2.0, 0.0, 20.0, "A", "atoms are at least this far apart")

#define AET_TRACE_FIT(X)                                                                           \
    X(CHOICE, method, "gaussian", 0, 0, "gaussian|polynomial|quadratic|boxes",                     \
      "how positions are found; Gaussians are fitted in any case, for overlap and intensity; "     \
      "boxes: each on its own in boxes of edge_low to edge_high, all others in passes")            \
    X(INT, fit_half, 2, 1, 4, "voxels", "Gaussians are fitted in a box of 2 n + 1 voxels")         \
    X(INT, edge_low, 5, 3, 9, "voxels", "smallest edge of the boxes of method boxes")              \
    X(INT, edge_high, 5, 3, 9, "voxels", "largest edge of them: that of the best fit counts")      \
    X(INT, poly_half, 3, 2, 4, "voxels", "radius of the polynomial's ball, less half a voxel")     \
    X(REAL, width_A, 0.7, 0.1, 5.0, "A", "width (standard deviation) of an atom to start from")    \
    X(INT, passes, 30, 1, 1000, "",                                                                \
      "at most so many rounds of fits with the neighbours' Gaussians subtracted")                  \
    X(REAL, weakest, 0.2, 0.0, 1.0, "",                                                            \
      "a fitted height below this part of the median is no atom")                                  \
    X(REAL, widest, 0.45, 0.1, 5.0, "",                                                            \
      "the shared Gaussian is at most this times min_distance_A wide: atoms at that distance "     \
      "would no longer be two maxima at 0.5")                                                      \
    X(REAL, settle_A, 0.002, 0.0, 1.0, "A",                                                        \
      "passes end when positions move less than this (root mean square)")                          \
    X(BOOL, second_pass, false, 0, 1, "",                                                          \
      "for an fcc crystal: look for atoms once more, layer by layer along [001]")                  \
    X(INT, layer_edge_low, 3, 3, 9, "voxels", "smallest edge of the boxes of the second pass")     \
    X(INT, layer_edge_high, 7, 3, 9, "voxels", "largest edge of them")                             \
    X(REAL, lattice_A, 3.9, 2.0, 10.0, "A",                                                        \
      "lattice constant from which the lattice of the second pass is sought")

#define AET_TRACE_CLASSES(X)                                                                       \
    X(CHOICE, classes, "kmeans", 0, 0, "kmeans|cubes",                                             \
      "how species are told apart: by intensity, or by the nearest mean cube of voxels")           \
    X(CHOICE, intensity, "auto", 0, 0, "auto|gaussian|box",                                        \
      "what is classified: the integral of the fitted Gaussian, or the density in a box; auto: "   \
      "the former after joint fits, the latter with method boxes, whose widths are uncertain")     \
    X(REAL, box_A, 1.4, 0.1, 20.0, "A", "edge of the box of the intensity")                        \
    X(INT, cube_half, 1, 1, 3, "voxels", "cubes of 2 n + 1 voxels are compared")                   \
    X(INT, seeds, 0, 0, 1000000, "atoms",                                                          \
      "the last species starts as so many of the brightest atoms: for particles with very few "    \
      "of it; 0: no")                                                                              \
    X(CHOICE, nonatoms, "auto", 0, 0, "auto|always|never",                                         \
      "a class of non-atoms below the species; auto: where the intensities show one")              \
    X(REAL, local_A, 6.75, 0.0, 100.0, "A", "radius of the local reclassification; 0: none")       \
    X(REAL, certain, 0.9, 0.0, 1.0, "",                                                            \
      "atoms whose species is less probable than this are marked uncertain")                       \
    X(BOOL, boundary, true, 0, 1, "", "peaks outside the Otsu boundary are non-atoms")             \
    X(REAL, boundary_sigma, 3.0, 0.5, 20.0, "voxels",                                              \
      "Gaussian smoothing before the boundary is drawn")                                           \
    X(REAL, boundary_factor, 0.5, 0.0, 10.0, "", "boundary = this times the Otsu threshold")       \
    X(BOOL, keep_nonatoms, false, 0, 1, "", "write non-atoms too, as species 0")                   \
    X(CHOICE, wedge_axis, "z", 0, 0, "x|y|z",                                                      \
      "axis in the missing wedge, whose width says nothing about atoms")

#define AET_TRACE_PARAMS(X) AET_TRACE_FIND(X) AET_TRACE_FIT(X) AET_TRACE_CLASSES(X)
AET_PARAMS_STRUCT(aet_trace_params, AET_TRACE_PARAMS);
extern const aet_param_table aet_trace_table;

enum { AET_TRACE_MAXIMA, AET_TRACE_PIECES, AET_TRACE_BLOBS };
enum { AET_TRACE_GAUSSIAN, AET_TRACE_POLYNOMIAL, AET_TRACE_QUADRATIC, AET_TRACE_BOXES };
enum { AET_TRACE_KMEANS, AET_TRACE_CUBES };
enum { AET_INTENSITY_AUTO, AET_INTENSITY_GAUSSIAN, AET_INTENSITY_BOX };
enum { AET_TRACE_AUTO, AET_TRACE_ALWAYS, AET_TRACE_NEVER };

/* Where an atom comes from: the column `origin`. */
enum { AET_ORIGIN_TRACED = 1, AET_ORIGIN_LAYER = 2, AET_ORIGIN_HAND = 3 };

#define AET_TRACE_SPECIES_MAX 8

/* What happened to the candidates.  All ranks have the same. */
typedef struct {
    double threshold;   /* density */
    int candidates;     /* local maxima above it and inside the border, or pieces */
    int badly_bound;    /* of the pieces: hardly held at the surface */
    int no_fit;         /* dropped: no hill, or hardly any height, left in the cleaned box */
    int too_near;       /* dropped: nearer than min_distance_A to a stronger one */
    int outside;        /* non-atoms by the boundary */
    int changed;        /* atoms whose species the local reclassification changed */
    int weak;           /* non-atoms by class */
    int atoms;          /* the rest */
    int layers;         /* of the second pass; 0: none was made */
    int layer_maxima;   /* looked at in the second pass: away from the atoms there were */
    int from_layers;    /* atoms that only the second pass found */
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
    double mean_p; /* of the atoms' species: 1 - mean_p is the share expected to be wrong */
    int uncertain; /* atoms below `certain` */
} aet_trace_report;

/* A volume being traced: its peaks, and what became of them.  Borrows the volume. */
typedef struct aet_tracer aet_tracer;

/* Collective over v->comm.  Steps 1 to 6.  species z_list[n_species], in the order of rising
 * intensity (ascending atomic number).  INPUT when the volume is empty, constant or holds too few
 * peaks for the classes; USAGE for a bad species list; NOMEM. */
aet_err aet_tracer_create(const aet_volume *v, const int z_list[], int n_species,
                          const aet_trace_params *p, aet_tracer **t);
void aet_tracer_free(aet_tracer **t);
/* Collective.  Step 7, after Jeong et al. (2025): on each atomic layer along the lattice's [001]
 * (peaks of the atoms' heights along it), maxima of the density in the plane, strongest first; a
 * Gaussian at each in boxes of layer_edge_low to layer_edge_high; kept where it is min_distance_A
 * from all peaks there are.  Unlike there, the volume is not turned: planes are read off it, and Gaussians
 * are fitted in it, with the atoms there are taken out (but for method = boxes). */
aet_err aet_tracer_layers(aet_tracer *t, const aet_lattice *lattice);
/* Local.  *atoms belongs to the caller and is the same on all ranks: those of the first pass, then
 * those of the second, each in order of falling peak strength; origin at voxel (nx/2, ny/2, nz/2);
 * columns intensity, class_margin, p_species, uncertain, origin, peak_density, peak_strength,
 * fit_height, fit_residual, fit_width_A (3).  report may be NULL. */
aet_err aet_tracer_atoms(const aet_tracer *t, aet_atoms **atoms, aet_trace_report *report);

/* Collective over v->comm.  The mean atom, and how wide it is: boxes of 11 voxels about the traced
 * atoms (interpolated to the atom as their central voxel) are averaged, the Gaussians of the other
 * atoms taken out, and an axis-aligned Gaussian is fitted; the geometric mean of its widths along
 * the two axes away from the missing wedge (p->wedge_axis) is the width that a simulation should
 * give its atoms (Lee et al., Nano Lett. 22, 665 (2022), Supporting Information; there neighbours
 * stay in, which is harmless where atoms do not overlap).  Adds the scalars trace_width_A and
 * trace_width_x_A, _y_A, _z_A and the curve atom_profile (mean density, neighbours and all, in
 * shells and along x, y and z).  Adds nothing where no atom's box lies inside the volume. */
aet_err aet_trace_profile(const aet_volume *v, const aet_trace_params *p,
                          const aet_trace_report *report, aet_atoms *atoms);

/* Collective over v->comm.  How like atoms the density is (Meana-Paneda et al., Sci. Adv. (2025)): around each atom,
 * within half of the mean distance to the nearest one, the Pearson correlation of the density with that of
 * simulated atoms, Gaussians of the width trace_width_A, as high as the mean of their species.  Adds the column
 * correlation and the scalars trace_correlation and trace_correlation_sd; nothing without that width.  The same bits
 * on any number of ranks.  NOMEM. */
aet_err aet_trace_correlation(const aet_volume *v, aet_atoms *a);

/* Collective over v->comm.  All but the second pass at once. */
aet_err aet_trace(const aet_volume *v, const int z_list[], int n_species, const aet_trace_params *p,
                  aet_atoms **atoms, aet_trace_report *report);

/* Local.  What tracing so many atoms in a volume of these voxels (x, y, z) needs on `ranks` ranks:
 * memory of the fullest, the volume included, and wall time, from speeds measured on one core of
 * 2023, good to a factor of two.  trace.detect = pieces holds the whole volume on every rank. */
void aet_trace_memory(const int size[3], double voxel_A, double atoms,
                      const aet_trace_params *params, int ranks, double *bytes_per_rank,
                      double *seconds);

#endif
