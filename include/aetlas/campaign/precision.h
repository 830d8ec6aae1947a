/* Precision: how far an atom model can be trusted.
 *
 * The model is taken as the truth: images of it are simulated at the angles and with the microscope of the
 * measured series, blurred until they match the measured ones, given their noise, reconstructed and traced as these
 * were, and what comes out is compared with what went in (Jeong et al., Nat. Commun. 16, 8026 (2025); Lee, Jeong,
 * Yang, Nano Lett. 22, 665 (2022)).
 *
 *   images     PRISM or multislice with frozen phonons ([stem]), or linear ([simulate], seconds); frame, pixel and
 *              angles are those of the measured series
 *   blur       one Gaussian for the series: size of the source and other incoherent effects.  Its width sigma and
 *              the scale s minimise sum |s G_sigma I - M|^2 over all images, the mean of each left out; in Fourier
 *              space, where G is exp(-2 pi^2 sigma^2 q^2), so images are taken as periodic: vacuum at their borders
 *   noise      Poisson counts, of a given dose or of the measured images: their power beyond the Nyquist circle, in
 *              the corners of Fourier space, where blurred images have none, is the mean variance of a pixel, and
 *              mean over variance is the counts per unit.  Denoised images have less than they were taken with
 *   fit        where asked for, traced atoms are refined against those images, as aetlas/trace/images.h says: a light
 *              atom among heavy ones is no peak of its own in the volume where it is fainter than the ripples that
 *              the missing angles leave around its neighbours, but images have no such ripples
 *   common     mutual nearest atoms nearer than half the nearest-neighbour distance, after the global translation
 *              is taken out
 *
 * The outcome is the model (positions and species alone) with
 *
 * columns  common, displacement_A (found minus true, 3), deviation_A, found_species; surface, layer and depth_A
 *          (aetlas/analyse/analyse.h)
 * scalars  fit_r1, where there was a fit; atoms, found, common, lost, false_atoms; identification = common / atoms, identification_species = those
 *          of equal species / atoms; uncommon_fraction = (lost + false) / atoms; rmsd_pm of all common pairs in
 *          three dimensions, and along x, y, z (the beam at no tilt); median_pm; both figures for each species, the
 *          outermost layer (surface) and what is deeper than analyse.core_depth_A (core); shift, limit; blur, scale,
 *          noise, misfit of the images
 * curves   displacements (histogram, with the Maxwell distribution of the same RMSD), precision_layers (by layer),
 *          image_match (by tilt)
 */
#ifndef AET_CAMPAIGN_PRECISION_H
#define AET_CAMPAIGN_PRECISION_H

#include "aetlas/analyse/analyse.h"
#include "aetlas/base/config.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/tilt.h"
#include "aetlas/recon/reconstruct.h"
#include "aetlas/simulate/project.h"
#include "aetlas/simulate/stem.h"
#include "aetlas/trace/images.h"
#include "aetlas/trace/trace.h"
#include <mpi.h>

#define AET_PRECISION_PARAMS(X)                                                                    \
    X(CHOICE, images, "prism", 0, 0, "prism|multislice|linear",                                    \
      "how the images of the model are made: [stem] has the microscope, or, linear, [simulate]")   \
    X(REAL, blur_A, -1, -1, 10, "A",                                                               \
      "Gaussian width that the simulated images are blurred with; -1: that with which they match " \
      "the measured ones best")                                                                    \
    X(REAL, dose_e_per_A2, -1, -1, 1e12, "e/A^2",                                                  \
      "electrons of the whole series, as Poisson noise; 0: no noise; -1: as much as the measured " \
      "images hold")                                                                               \
    X(INT, seed, 1, 0, 2147483647, "", "seed of that noise")                                       \
    X(BOOL, fit, false, 0, 1, "",                                                                  \
      "refine the traced atoms against the simulated images, as [fit] says: for models that came " \
      "by it, and where faint atoms are lost among bright ones")                                   \
    X(REAL, common_A, 0, 0, 20, "A",                                                               \
      "atoms nearer than this are common; 0: half the nearest-neighbour distance of the model")    \
    X(REAL, bin_pm, 5, 0.1, 1000, "pm", "bin of the histogram of displacements")                   \
    X(REAL, match, 0.7, -1, 1, "",                                                                 \
      "least correlation of the images' atomic detail (1.25 to 5 A, noise left out) with linear "  \
      "images of the model; below it, both are refused as not belonging together")
AET_PARAMS_STRUCT(aet_precision_params, AET_PRECISION_PARAMS);
extern const aet_param_table aet_precision_table; /* section "precision" */

typedef enum {
    AET_PRECISION_PRISM,
    AET_PRECISION_MULTISLICE,
    AET_PRECISION_LINEAR
} aet_precision_images;

/* Everything that decides what comes out. */
typedef struct {
    aet_precision_params params;
    aet_stem_params stem;       /* method, pixel, size, dose and source are set by the rest */
    aet_simulate_params linear; /* likewise */
    aet_recon_params recon;
    aet_trace_params trace;
    aet_fit_params fit;
    aet_analyse_params analyse;
} aet_precision_recipe;

/* Local.  All seven sections.  USAGE. */
aet_err aet_precision_load(const aet_config *config, aet_precision_recipe *r);
/* Local.  Hash of [precision], [stem] and [simulate], and of [fit] where precision.fit is on. */
uint64_t aet_precision_fingerprint(const aet_precision_recipe *r);

typedef struct {
    aet_atoms *model; /* owned: the outcome, see above */
    aet_atoms *
        found; /* owned: as traced, with the columns of aet_trace; as fitted, with those of aet_fit_images too */
    aet_tilt *images; /* owned: as reconstructed */
} aet_precision_result;
void aet_precision_free(aet_precision_result *r);

/* Collective.  work: a folder for what is finished of the images, and the state of the reconstruction; a run that was
 * killed or stopped goes on from there with the same result (as exactly as aet_simulate_stem_kept and
 * aet_reconstruct_kept say).  The caller removes it, once the outcome is in safety: aet_precision_forget.  The same on
 * all ranks, and up to rounding of the reconstruction on any number of them.
 * INPUT: model and series that do not belong together, atoms without species; otherwise as the stages say. */
aet_err aet_precision_run(MPI_Comm comm, const aet_atoms *model, const aet_tilt *measured,
                          const aet_precision_recipe *recipe, const char *work,
                          aet_precision_result *result);
/* Collective. */
void aet_precision_forget(MPI_Comm comm, const char *work);

/* Collective.  displacements.png and depth.png with CSV beside, into the folder dir; prefix goes before both names.
 * OUTPUT. */
aet_err aet_precision_figures(MPI_Comm comm, const aet_atoms *result, const char *title,
                              const char *dir, const char *prefix);

/* ---- the parts ---- */

/* Local.  Width and scale of the blur that make simulated images most like the measured ones of the same frame.  fixed_A
 * >= 0: this width, and the best scale.  NUMERIC when nothing matches; NOMEM. */
aet_err aet_precision_fit_blur(const aet_tilt *simulated, const aet_tilt *measured, double fixed_A,
                               double *blur_A, double *scale);
/* Local.  Blurs images in place and multiplies them.  NOMEM. */
aet_err aet_precision_blur(aet_tilt *t, double blur_A, double scale);
/* Local.  Counts per unit of a series with Poisson noise; infinite where it has none.  NOMEM. */
aet_err aet_precision_counts(const aet_tilt *t, double *per_unit);
/* Local.  Correlation of what two series of one frame show between low and high (1/A): [n] of each image
 * (may be NULL), and of all; the white noise of b, as its corners of Fourier space tell it, is left out of
 * its power.  NOMEM. */
aet_err aet_precision_detail(const aet_tilt *a, const aet_tilt *b, double low, double high,
                             double *each, double *all);

/* Local.  Mean distance of nearest neighbours: of all pairs up to 1.25 times the median of each atom's nearest one;
 * 0 for a model without pairs.  NOMEM. */
aet_err aet_precision_spacing(const aet_atoms *a, double *spacing_A);
/* Local.  Compares what was found with the model and adds columns, scalars and curves to it; figures by depth where
 * it has the columns layer and depth_A.  INPUT for a model or an outcome without atoms; NOMEM. */
aet_err aet_precision_measure(aet_atoms *model, const aet_atoms *found, double common_A,
                              double bin_pm, double core_depth_A);

/* Local.  Memory of a rank and core seconds for the images of a particle of this diameter, its atoms
 * of atomic number z, in the frame of the measured ones; good to a factor of two for such a particle;
 * linear images: 0.
 * USAGE, INPUT, NOMEM. */
aet_err aet_precision_cost(const aet_tilt *measured, double diameter_A, int z,
                           const aet_precision_recipe *recipe, double *bytes_per_rank,
                           double *core_seconds);

#endif
