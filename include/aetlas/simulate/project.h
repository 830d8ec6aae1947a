/* Linear images of an atom model: every atom is its projected potential
 * blurred by a Gaussian, and atoms add up.  It is the truth generator
 * of the reconstruction tests and the model behind R factors.
 *
 * Units: images V Angstrom, volumes V.  Geometry: aetlas/data/tilt.h.  Positions enter exactly (no
 * rounding to pixels).  Images are sampled at pixel centres (aetlas/physics/paint.h).
 *
 * Widths: sigma of the papers' B factors is sqrt(B / 2) / pi in the AET groups' convention (profile
 * exp(-pi^2 r^2 / B); B = 5 A^2 is 0.503 A), sqrt(B / 8) / pi in the crystallographic one.
 */
#ifndef AET_SIMULATE_PROJECT_H
#define AET_SIMULATE_PROJECT_H

#include "aetlas/base/config.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/tilt.h"
#include "aetlas/data/volume.h"
#include <mpi.h>

#define AET_SIMULATE_SIZE_MAX 8192

#define AET_SIMULATE_PARAMS(X)                                                                     \
    X(REAL, pixel_A, 0.357, 0.02, 10, "A", "pixel of the images, voxel of the volume")             \
    X(TEXT, sigma_A, "0.6", 0, 0, "A",                                                             \
      "Gaussian width of the atoms (probe, thermal motion and all other blur): one number, or by " \
      "element: Ni:0.6,Pt:0.7")                                                                    \
    X(TEXT, weight, "", 0, 0, "",                                                                  \
      "factor on the potential by element, e.g. Pt:0.7; empty: 1 for all")                         \
    X(CHOICE, scattering, "kirkland", 0, 0, "kirkland|lobato", "table of scattering factors")      \
    X(INT, size, 0, 0, AET_SIMULATE_SIZE_MAX, "pixels",                                            \
      "side of the square images or of the cubic volume; 0: from the model and margin_A")          \
    X(INT, size_y, 0, 0, AET_SIMULATE_SIZE_MAX, "pixels",                                          \
      "height of the images where it differs from their width; 0: as size")                        \
    X(REAL, margin_A, 5, 0, 200, "A", "empty rim around the model where the size is automatic")    \
    X(REAL, dose_e_per_A2, 0, 0, 1e12, "e/A^2",                                                    \
      "electrons of the whole series, spread evenly over its images; 0: no noise")                 \
    X(REAL, adf_fraction, 0, 0, 1, "",                                                             \
      "part of the incident current that reaches the detector at the brightest pixel of the "      \
      "series; 0: from the first-Born cross-section of the heaviest element")                      \
    X(REAL, energy_keV, 200, 20, 1000, "keV", "beam energy, for that cross-section")               \
    X(REAL, adf_inner_mrad, 43, 1, 500, "mrad", "inner angle of the detector")                     \
    X(REAL, adf_outer_mrad, 216, 1, 1000, "mrad", "outer angle of the detector")                   \
    X(INT, seed, 1, 0, 2147483647, "", "seed of the noise")
AET_PARAMS_STRUCT(aet_simulate_params, AET_SIMULATE_PARAMS);
extern const aet_param_table aet_simulate_table;

/* Collective.  One image per orientation (phi, theta, psi), square unless size_y says otherwise;
 * *out is whole and the same bits on every rank, for any number of ranks.  Images are spread
 * over the ranks; cost: atoms * pixels within a cutoff of 6-8 A. With a dose, image = counts /
 * (electrons per pixel * k), counts ~ Poisson(electrons per pixel * k * image), electrons per
 * pixel = dose / n * pixel^2, and k turns V Angstrom into a fraction of the incident current:
 * sigma_ADF / integral v_z of the heaviest element, or adf_fraction / brightest pixel; so noisy
 * images keep the units of the clean ones.  INPUT: no atoms, numbers that are not finite, an
 * element without scattering factors, an absurd size; USAGE: parameters; NOMEM; STOPPED. */
aet_err aet_simulate_tilt(MPI_Comm comm, const aet_atoms *atoms, const double (*angles_deg)[3],
                          int n, const aet_simulate_params *params, aet_tilt **out);

/* Collective.  The blurred potential of the model on a cubic grid: the volume a perfect
 * reconstruction of aet_simulate_tilt's images would give, up to the voxel length: sum of planes *
 * voxel_A = image at 0 degrees. Dose does not enter.  The same bits for any number of ranks. */
aet_err aet_simulate_volume(MPI_Comm comm, const aet_atoms *atoms,
                            const aet_simulate_params *params, aet_volume **out);

/* Collective.  The same with a Gaussian of height 1 and of width sigma_A for each atom; weights and
 * scattering do not enter. */
aet_err aet_simulate_balls(MPI_Comm comm, const aet_atoms *atoms, const aet_simulate_params *params,
                           aet_volume **out);

/* Collective.  Replaces images (the same on all ranks) by Poisson counts over per_unit: a pixel v becomes
 * Poisson(per_unit v) / per_unit, negative ones count as 0.  A count depends on (seed, image, pixel). */
aet_err aet_simulate_counts(MPI_Comm comm, aet_tilt *t, double per_unit, int seed);

/* Local.  The widths that sigma_A gives, by atomic number; 0 where it gives none.  USAGE. */
aet_err aet_simulate_widths(const char *sigma_A, double by_z[256]);

#endif
