/* Refinement of a tilt series: the orientation and the place of every image, by reprojection.
 *
 * Image i sees the specimen point r (Angstrom over pixel, from the pivot) at
 *
 *   R(phi_i, theta_i, psi_i) r  +  s_i        (aetlas/physics/geometry.h)
 *
 * in its plane.  The three angles are the whole orientation: an image that is rotated in its plane
 * by alpha is one with the orientation Rz(alpha) R.  So there is no in-plane rotation beside them,
 * and images are never rotated; what is undone in the images at the end is s_i alone, by one
 * interpolation of the originals.
 *
 * Method: volume and poses are fitted together, min || A(poses) x - b ||^2 with x >= 0.  In each
 * round the derivatives J_i of image i along its own angles and shifts come from the volume and its
 * first moment along the beam; the volume takes a few steps of accelerated projected gradient with
 * residual images without their part along J_i (variable projection: Golub and Pereyra, SIAM J.
 * Numer. Anal. 10, 413 (1973)), so that it does not adapt itself to misplaced images, and the poses
 * take the Gauss-Newton step.  Rounds go from binned to full images.
 *
 * A volume adapts to what differs smoothly from tilt to tilt, because at the resolution of atoms the planes
 * that two tilts give of its transform are too far apart to contradict each other: theta -> theta + f(theta),
 * above all the stretch tan theta' = (1 + e) tan theta of an object along the beam, costs it next to
 * nothing.  Atoms do not adapt.  So where theta is refined on two levels or more, the last one starts with
 * the local maxima of a volume from images that are not blurred: Gaussians of one shape at these places, each
 * with a weight, are fitted to the images together with the poses (Gauss-Newton by conjugate gradients; bundle
 * adjustment: Triggs et al., LNCS 1883, 298 (2000)).  The poses that come out are those of the result
 * if the atoms explain the images (more than 0.7 of their norm), the poses have come to rest, and a volume
 * explains the images with them as well as before (mean R1 within 5 per cent).  With films, glasses not
 * resolved, or images that are no sum of atoms (thick crystals on a zone axis) one of these fails, and the
 * last level goes on in rounds as the others do: there the error of theta is such a function, of some
 * tenths of a degree.  Simulated, 586 and 1721 atoms in 41 images, without noise: 0.03 degrees in each
 * angle at most, in place of 0.06 to 0.25 in theta; at 3e5 e/A^2 0.25, in place of 0.7 in theta.
 *
 * In rounds an object with few images is kept near the given angles (hold_deg) until the misfit is
 * small.  Shifts are not: for a film that reaches beyond the frame, in which each tilt sees other matter at the
 * edges, a drift of the shifts from tilt to tilt is as weakly determined as f(theta), along the tilt axis
 * too; such a series should come aligned, and be refined with shift = false if r1 does not fall.
 *
 * Not observable, hence a matter of choice: a rotation and a shift of the whole object.  During the
 * rounds what moves all tilts alike is taken out; at the end the reference tilt gets back the
 * orientation and place it had, and the object's place along its beam is such that the shifts of
 * all tilts are smallest.
 */
#ifndef AET_RECON_REFINE_H
#define AET_RECON_REFINE_H

#include "aetlas/recon/reconstruct.h"

#define AET_REFINE_PARAMS(X)                                                                       \
    X(BOOL, phi, true, 0, 1, "", "refine phi, the rotation about the beam at tilt 0")              \
    X(BOOL, theta, true, 0, 1, "", "refine theta, the tilt")                                       \
    X(BOOL, psi, true, 0, 1, "", "refine psi, the rotation about the image's x axis")              \
    X(BOOL, in_plane, false, 0, 1, "",                                                             \
      "refine the rotation in the image plane where not all three angles are; with all three it "  \
      "is among them already")                                                                     \
    X(BOOL, shift, true, 0, 1, "", "refine the places of the images")                              \
    X(INT, reference, -1, -1, 100000, "",                                                          \
      "number (from 0) of the tilt that stays as it is; -1: the one nearest to theta = 0")         \
    X(INT, coarsest, 4, 1, 16, "pixels", "the first level takes so many pixels squared as one")    \
    X(INT, finest, 1, 1, 16, "pixels", "the last level; the sizes are halved from first to last")  \
    X(REAL, blur, 0.8, 0, 10, "pixels of the level",                                               \
      "Gaussian width by which the images are blurred for the comparison (not in the output)")     \
    X(INT, rounds, 40, 1, 1000, "", "rounds per level, at most")                                   \
    X(INT, iterations, 5, 1, 1000, "", "iterations of the volume in a round")                      \
    X(INT, start, 30, 1, 1000, "", "iterations of the volume at the start of a level")             \
    X(REAL, hold_deg, 8, 0.001, 1e6, "deg",                                                        \
      "pull towards the given angles: as of a prior of this width if nothing in the images were "  \
      "explained, weaker with the square of the misfit")                                           \
    X(REAL, tolerance_deg, 0.005, 0, 10, "deg",                                                    \
      "a level ends when the angles move by less than this in a round (RMS), times binning,")      \
    X(REAL, tolerance_px, 0.005, 0, 10, "pixels", "and the shifts by less than this")              \
    X(REAL, max_angle_deg, 6, 0.01, 90, "deg", "a tilt that moves further from the others, or")    \
    X(REAL, max_shift_px, 8, 0.01, 1000, "pixels",                                                 \
      "is shifted further, is taken out and stays as it was")

AET_PARAMS_STRUCT(aet_refine_params, AET_REFINE_PARAMS);
extern const aet_param_table aet_refine_table; /* section "refine" */

/* Where an image stands. */
typedef struct {
    double angles_deg[3]; /* phi, theta, psi */
    double shift_px[2];   /* s: where the pivot is seen, along x and y from its pixel */
} aet_pose;

typedef struct {
    int n, reference;
    /* Owned, [n]: as given and as found; r1 of the volume of the last level's images, blurred, after `start` iterations
     * from all images with those poses. */
    aet_pose *before, *after;
    double *r1_before, *r1_after;
    bool *lost; /* owned, [n]: moved past a limit, hence put back */
    int n_lost;
    double mean_r1_before, mean_r1_after;
    double rms_angle_deg, rms_shift_px; /* of all moves */
    int rounds;                         /* of all levels */
    double seconds;
} aet_refine_report;

/* Collective.  *out is the series with refined angles, its images shifted by -s; the caller owns
 * it.  recon: shape of the volume (sizes, extension), positivity, projector and fine; nothing else
 * of it is looked at.  The report is filled and to be released with aet_refine_report_free also after a
 * failure.  On any number of ranks the same up to rounding (1e-3 degrees and pixels, where the data
 * determine the poses).  USAGE: nothing to refine, no such reference, levels the wrong way round;
 * INPUT: fewer than 3 images; NOMEM, NUMERIC, STOPPED.  Memory per rank: 5 volumes over the number
 * of ranks, 3 series, and 6 more over the number of ranks. */
aet_err aet_refine(MPI_Comm comm, const aet_tilt *tilt, const aet_refine_params *params,
                   const aet_recon_params *recon, aet_tilt **out, aet_refine_report *report);
/* Local. */
void aet_refine_report_free(aet_refine_report *report);
/* Local.  Writes poses and R factors into the provenance of the outputs that follow. */
void aet_refine_note(const aet_refine_report *report);

/* Local.  Tells whether a result is still that of these parameters: a hash of them and of what is
 * looked at of recon. */
uint64_t aet_refine_fingerprint(const aet_refine_params *params, const aet_recon_params *recon);
/* Local.  What the refinement of images of this shape needs on `ranks` ranks: memory of the fullest
 * and wall time at most, the latter from speeds measured on one core of 2023. */
void aet_refine_memory(int n, int ny, int nx, const aet_refine_params *params,
                       const aet_recon_params *recon, int ranks, double *bytes_per_rank,
                       double *seconds);

/* Local.  Image [ny][nx] shifted by (dx, dy) pixels by a phase ramp on its transform, the image
 * continued beyond its edges as in a mirror: no jump there, hence no ringing, and nothing comes in
 * from the opposite side.  in and out may be the same.  NOMEM. */
aet_err aet_image_shift(const float *in, int ny, int nx, double dx, double dy, float *out);

#endif
