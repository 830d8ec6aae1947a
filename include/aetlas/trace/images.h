/* Refinement of an atom model against the measured images.
 *
 * Every atom of species X is seen in image i as
 *
 *   h_X (1 + e) P_X(rho; B_X)     at the first two components of R_i r     (aetlas/data/tilt.h)
 *
 * where P_X is the projected potential blurred by a Gaussian of variance B / (2 pi^2), that is
 * profile exp(-pi^2 r^2 / B) and damping exp(-B q^2): the convention of the AET groups, a quarter of
 * the crystallographic B (Yang et al., Nature 592, 60 (2021); Lee et al., Nano Lett. 22, 665
 * (2022)).  The images are the sum over atoms and a smooth background.  Found by weighted least
 * squares: B and h of each species, positions, and e of each atom, which is held near 0 as by a
 * prior of width height_spread.
 *
 *   1. B and h by Newton's method on their few unknowns;
 *   2. positions (and e) by Gauss-Newton steps: the normal equations, which no one ever writes
 *      down, are solved by conjugate gradients with the 3 x 3 block of each atom as preconditioner;
 *   3. editing: what would the misfit be with another species in this place, with none, or with an
 *      atom more elsewhere, all else as it is?  Those figures are exact to second order and need one
 *      correlation of the residual images with the profiles.  Atoms that the images do not ask for
 *      are dropped, species are changed, and atoms are added where the gain is largest;
 *   and again until nothing is edited;
 *   4. in a crystal, what lies off the sites is tried on them: an atom that noise, or a neighbour
 *      found too late, has put 0.6 A or more beside its site does not come back by small steps.
 *      From then on its place has a prior of width hold_A about where its neighbours expect it:
 *      several times what atoms are displaced against their neighbours, it does nothing to strain
 *      that extends over more than those, and keeps noise from carrying an atom away;
 *   5. species, all together: heights that lie between those of two species are left free until
 *      their neighbours have settled.
 *
 * With counting noise the weights 1 / (model + floor) make it the method of scoring for Poisson
 * counts, close to maximum likelihood.
 *
 * Images are made on a padded grid: an atom is put down as a narrow Gaussian of 12 x 12 points, and
 * one product with the rest of the profile's transform finishes all atoms of a species at once; what
 * comes back from residual images is the exact transpose.  The error is some 1e-5 of an atom's
 * centre for profiles no sharper than 1.4 pixels; for sharper ones the grid is twice as fine.
 */
#ifndef AET_TRACE_IMAGES_H
#define AET_TRACE_IMAGES_H

#include "aetlas/base/config.h"
#include "aetlas/base/error.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/expected.h"
#include "aetlas/data/tilt.h"
#include <mpi.h>

#define AET_FIT_PARAMS(X)                                                                          \
    X(CHOICE, profile, "species", 0, 0, "species|average|gaussian",                                \
      "an atom: a Gaussian times the electron form factor of its species, times that of the mean " \
      "composition, or alone")                                                                     \
    X(REAL, sigma_A, 0, 0, 2.5, "A",                                                               \
      "Gaussian width (standard deviation) to start from; 0: the best of some")                    \
    X(BOOL, widths, true, 0, 1, "", "fit the width of each species")                               \
    X(REAL, height_spread, 0.05, 0, 10, "",                                                        \
      "relative deviation that heights of atoms of a species may have from each other; 0: none")   \
    X(CHOICE, weights, "poisson", 0, 0, "poisson|uniform",                                         \
      "weight of a pixel: one over its expected noise, or the same for all")                       \
    X(REAL, floor, 0.1, 1e-6, 10, "",                                                              \
      "noise of the empty image, in units of that of a mean pixel of the particle")                \
    X(INT, background, 0, -1, 2, "", "degree of the polynomial under each image; -1: none")        \
    X(INT, rim, 0, 0, 1000, "pixels", "so many pixels along the frame of each image do not count") \
    X(BOOL, positions, true, 0, 1, "", "fit positions")                                            \
    X(BOOL, poses, false, 0, 1, "", "fit the orientation and the place of each image too")         \
    X(REAL, max_move_A, 1.0, 0, 20, "A",                                                           \
      "atoms stay within this distance of where they were, or of the site that they were put on")  \
    X(INT, rounds, 4, 0, 100, "", "at most so many rounds of editing")                             \
    X(INT, steps, 2, 1, 1000, "", "Gauss-Newton steps in a round, at most")                        \
    X(INT, iterations, 10, 1, 1000, "", "conjugate-gradient iterations in a step, at most")        \
    X(REAL, settle_pm, 0.2, 0, 1000, "pm", "steps end when atoms move less (root mean square)")    \
    X(BOOL, drop, true, 0, 1, "", "drop atoms that the images do not ask for")                     \
    X(BOOL, add, true, 0, 1, "", "add atoms where the residual images ask for them")               \
    X(BOOL, reclassify, true, 0, 1, "", "change species where another explains the images better") \
    X(BOOL, crystal, true, 0, 1, "",                                                               \
      "where most atoms lie on fcc lattices: try misplaced atoms on the sites, free sites with "   \
      "atoms")                                                                                     \
    X(REAL, hold_A, 0.3, 0, 10, "A",                                                               \
      "in a crystal: standard deviation of atoms, along each axis, from where their neighbours "   \
      "on the lattice expect them; 0: they are free")                                              \
    X(REAL, significance, 5, 0, 100, "",                                                           \
      "an atom must improve the fit by this many standard deviations")                             \
    X(REAL, weakest, 0.5, 0, 1, "", "and must account for this part of what a whole one would")    \
    X(REAL, min_distance_A, 2.0, 0, 20, "A",                                                       \
      "least distance of atoms that occurs; of pairs nearer than 0.8 of it one is dropped")
AET_PARAMS_STRUCT(aet_fit_params, AET_FIT_PARAMS);
extern const aet_param_table aet_fit_table; /* section "fit" */

enum { AET_FIT_SPECIES, AET_FIT_AVERAGE, AET_FIT_GAUSSIAN };
enum { AET_FIT_POISSON, AET_FIT_UNIFORM };
enum { AET_FIT_SPECIES_MAX = 8 };

/* All ranks have the same.  R: mean over images of sum |calculated - measured| / sum |measured|. */
typedef struct {
    double r1_before, r1_after; /* with the given positions and species; at the end */
    int n_species, z[AET_FIT_SPECIES_MAX], count[AET_FIT_SPECIES_MAX];
    double b_A2[AET_FIT_SPECIES_MAX];   /* convention: above */
    double height[AET_FIT_SPECIES_MAX]; /* h, in units of that of the heaviest species */
    double scale;                       /* that one's: image unit per V A of potential */
    /* Of the atoms' own heights: (h2 - h1) / (root mean square deviation), least over neighbouring
     * species; 0 with one species or where heights have no spread. */
    double separation;
    double noise;      /* mean of weight * residual^2 over the particle */
    double rms_move_A; /* of the atoms that were there at the start and at the end */
    int atoms, dropped, added, changed, held; /* held: at max_move_A */
    int placed;                               /* moves of atoms to sites of the lattice */
    int rounds, steps, products;              /* products with the normal matrix */
    double seconds, product_seconds, seconds_per_product;
    /* Of the poses, where they were fitted: root mean square changes. */
    double rms_angle_deg, rms_shift_px;
} aet_fit_report;

/* Where the pivot of an image is seen, in pixels from its pixel, and the image's angles. */
typedef struct {
    double angles_deg[3], shift_px[2];
} aet_fit_pose;

/* Local.  Where a crystal expects the atoms of a model: aet_expected_find
 * (aetlas/analyse/expected.h). */
typedef aet_err aet_fit_guide(const aet_atoms *model, aet_expected **expected);

/* Collective.  guide: NULL, or what knows about lattices; it is asked if params->crystal, where
 * anything is edited and positions are fitted.  *fitted: the refined model, the same on all ranks,
 * the caller's; columns image_height (the height at which an atom of the heaviest species would suit
 * here best, all else as it is, in units of h of that species: one measure for all species),
 * image_gain (fall of the misfit by this atom, in squares of a standard deviation), image_margin (the
 * same against the next best species), image_move_A (-1: added); other columns are kept where an atom
 * was kept, and 0 for added ones.  poses: NULL or [tilt->n], filled.  Images are spread over the
 * ranks; results differ by rounding.  INPUT: no atoms, atoms without species, no atom in the images;
 * NUMERIC: editing tears the model down (too poor a start); USAGE, NOMEM, STOPPED. */
aet_err aet_fit_images(MPI_Comm comm, const aet_tilt *tilt, const aet_atoms *atoms,
                       const aet_fit_params *params, aet_fit_guide *guide, aet_atoms **fitted,
                       aet_fit_pose *poses, aet_fit_report *report);

/* Local.  The report's figures as scalars of the model. */
void aet_fit_note(const aet_fit_report *report, aet_atoms *fitted);

/* Local.  What the fit of so many atoms to such a series needs on `ranks` ranks: memory of the
 * fullest, the series included, and wall time, from speeds measured on one core of 2023. */
void aet_fit_memory(const aet_tilt *t, double atoms, const aet_fit_params *params, int ranks,
                    double *bytes_per_rank, double *seconds);

#endif
