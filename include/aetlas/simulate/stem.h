/* ADF-STEM images of an atom model by multislice or PRISM, with frozen phonons.
 *
 * A probe enters, passes thin slices of the specimen one after the other and spreads between them;
 * what it brings to the annular detector, as a fraction of the incident current, is the pixel.
 *
 *   slices      v(x, y): every atom is the projection of its potential (Kirkland or Lobato), put in
 *               Fourier space, so at its exact place; all of it in the slice of its centre, or
 *               (finite) cut at the slices' faces.  Transmission exp(i sigma v).
 *   band        waves and transmission functions end at 2/3 of the Nyquist frequency, on a circle,
 *               which keeps every product free of aliasing (Kirkland 2010, section 6.8).  The
 *               detector must lie inside; what is scattered beyond is lost, as through an aperture.
 *               An isolated atom is right whatever the band.  In a column of atoms seen end on, the
 *               next atom would have brought part of it back: with the probe on four Pt (Ni) 3.84 A
 *               apart, 300 kV and a detector of 40 to 60 mrad, it sees too little by 18 (6.5), 4.7
 *               (0) and 0.1 (0.2) % where waves end at 4.3, 6 and 8.3 1/A; off the zone axis images
 *               of Pt particles are within 1.4 % (rms) on the first of these already.
 *   focus       aberrations as in aetlas/physics/optics.h, referred to the plane through the pivot
 *               (z = 0 of the model): defocus 0 focuses on the middle of a centred particle.
 *               Electrons travel towards larger depth, the third component of R r.
 *   multislice  a probe at a time on the whole cell, or (window_A) on a small cell around it: exact
 *               up to what leaves the window.
 *   prism       plane waves through the whole cell, every f-th of the aperture along x and y, and
 *               probes as sums of them (Ophus, Adv. Struct. Chem. Imaging 3, 13 (2017)); probes are
 *               cut to cell / f.  f = 1 is multislice to rounding.  Exit waves keep what the detector
 *               sees and one sample of a probe's spectrum more: for a detector to 3/4 of the band
 *               half the memory and work of all; on probes of 12, 6 and 3 A images change by 0.05,
 *               0.25 and 1.2 % of their mean (rms).  With parents only some beams,
 *               on rings, are computed, the others interpolated (Pelz et al., Microsc. Microanal.
 *               27, 835 (2021)): for a PtNi particle of 43 A, 300 keV and 25 mrad, images differ from
 *               those of all beams by 16, 5.2 and 1.5 % (R1) with 2, 3 and 4 rings, 19, 37 and 61
 *               beams; thicker particles need more rings, in proportion.
 *   phonons     independent Gaussian displacements in three dimensions (Einstein model), images are
 *               means of intensities; a displacement depends on (seed, tilt, configuration, atom).
 *
 * Geometry as in aetlas/data/tilt.h.  Images have the experimental pixel, one probe (or oversampling
 * squared) per pixel; where no atom lies within margin_A of a probe the pixel gets the value of
 * empty space.
 */
#ifndef AET_SIMULATE_STEM_H
#define AET_SIMULATE_STEM_H

#include "aetlas/base/config.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/tilt.h"
#include <mpi.h>

typedef enum { AET_STEM_PRISM, AET_STEM_MULTISLICE } aet_stem_method; /* order of the choices */

#define AET_STEM_PARAMS(X)                                                                         \
    X(CHOICE, method, "prism", 0, 0, "prism|multislice", "how probes get through the specimen")    \
    X(INT, interpolation, 4, 1, 64, "",                                                            \
      "PRISM: every so many-th beam along x and y; probes are cut to the cell over this")          \
    X(INT, parents, 0, 0, 12, "rings",                                                             \
      "PRISM: beams are computed on so many rings only (1, 7, 19, 37, 61, 91 ... of them) and "    \
      "the "                                                                                       \
      "others interpolated; 0: all are computed")                                                  \
    X(REAL, pixel_A, 0.357, 0.02, 10, "A", "pixel of the images: the step of the probe")           \
    X(INT, size, 0, 0, 8192, "pixels", "side of the square images; 0: from model and margin_A")    \
    X(INT, size_y, 0, 0, 8192, "pixels",                                                           \
      "height of the images where it differs from their width; 0: as size")                        \
    X(INT, oversampling, 1, 1, 16, "",                                                             \
      "probes per pixel along x and along y; the source's blur is applied on the finer steps")     \
    X(REAL, energy_keV, 200, 20, 1000, "keV", "beam energy")                                       \
    X(REAL, semiangle_mrad, 25, 0.5, 100, "mrad", "convergence: half angle of the aperture")       \
    X(REAL, defocus_A, 0, -1e5, 1e5, "A", "C1; positive: as if there were so much more way to go") \
    X(REAL, c3_um, 0, -1e5, 1e5, "um", "spherical aberration of third order")                      \
    X(REAL, c5_mm, 0, -1e4, 1e4, "mm", "spherical aberration of fifth order")                      \
    X(REAL, adf_inner_mrad, 43, 0, 500, "mrad", "inner angle of the detector")                     \
    X(REAL, adf_outer_mrad, 216, 1, 1000, "mrad", "outer angle of the detector")                   \
    X(REAL, source_sigma_A, 0, 0, 10, "A",                                                         \
      "Gaussian width of the source in the specimen; blurs the images; 0: a point")                \
    X(REAL, sampling_A, 0, 0, 0.5, "A",                                                            \
      "largest pixel of the waves; 0: the largest that keeps all scattering from the aperture to " \
      "the detector")                                                                              \
    X(REAL, cell_A, 0, 0, 2000, "A",                                                               \
      "side of the periodic cell; 0: the model and margin_A around it")                            \
    X(REAL, margin_A, 5, 0, 100, "A",                                                              \
      "vacuum around the model in the cell; probes farther from all atoms are empty space")        \
    X(REAL, window_A, 0, 0, 500, "A",                                                              \
      "multislice: side of the small cell around each probe; 0: the whole cell")                   \
    X(REAL, slice_A, 2, 0.2, 20, "A", "thickness of the slices")                                   \
    X(CHOICE, projection, "infinite", 0, 0, "infinite|finite",                                     \
      "an atom's potential: all in the slice of its centre, or cut at the faces of the slices")    \
    X(CHOICE, scattering, "kirkland", 0, 0, "kirkland|lobato", "table of scattering factors")      \
    X(INT, phonons, 8, 0, 10000, "", "frozen-phonon configurations; 0: atoms at rest")             \
    X(TEXT, thermal, "", 0, 0, "",                                                                 \
      "thermal motion by element, e.g. Ni:0.34,Pt:0.37, or one number for all; empty: B factors "  \
      "at 300 K of Fe Co Ni Ga Pd Pt Au")                                                          \
    X(CHOICE, thermal_unit, "b_A2", 0, 0, "b_A2|rms_A",                                            \
      "those are crystallographic B = 8 pi^2 <u^2> in A^2, or root mean squares of u along one "   \
      "axis in A")                                                                                 \
    X(REAL, dose_e_per_A2, 0, 0, 1e12, "e/A^2",                                                    \
      "electrons of the whole series, spread evenly over its images; 0: no noise")                 \
    X(REAL, memory_GB, 4, 0.01, 10000, "GB", "memory per rank that waves may take")                \
    X(INT, seed, 1, 0, 2147483647, "", "seed of displacements and noise")
AET_PARAMS_STRUCT(aet_stem_params, AET_STEM_PARAMS);
extern const aet_param_table aet_stem_table;

/* Collective.  One image per orientation (phi, theta, psi), in fractions of the incident current;
 * *out is whole on every rank.  Tilts times configurations are farmed out; where there are fewer of
 * them than ranks, ranks share the probes or beams of one.  The same images on any number of ranks:
 * bitwise, but where ranks share the beams of one item to 1e-5 of the brightest pixel, because they
 * add up in another order.  With a dose, image = counts / electrons per pixel.
 * USAGE: a detector or aperture beyond the band limit (naming the pixel needed), memory_GB too
 * small (naming what is needed), other parameters; INPUT: no atoms, elements without scattering
 * factors; NOMEM; STOPPED. */
aet_err aet_simulate_stem(MPI_Comm comm, const aet_atoms *atoms, const double (*angles_deg)[3],
                          int n, const aet_stem_params *params, aet_tilt **out);
/* Collective.  The same; folder (may be NULL; made when it is not there) keeps every finished item, a
 * tilt in one configuration, in a file of its own: 8 bytes for each probe of an image.  Items that
 * are there, of the same model, angles and parameters (dose, source and memory apart), are not
 * computed again: a run that was killed at any moment goes on where it was, with the images that an
 * undisturbed one gives; to the bit as above, unless fewer items are left than there are ranks, which
 * then share the beams of PRISM and round their sums otherwise.  What is in the folder stays: the
 * caller removes it.  OUTPUT, INPUT. */
aet_err aet_simulate_stem_kept(MPI_Comm comm, const aet_atoms *atoms, const double (*angles_deg)[3],
                               int n, const aet_stem_params *params, const char *folder,
                               aet_tilt **out);
/* Local.  Removes the files that aet_simulate_stem_kept leaves, and the folder if nothing else is in
 * it. */
void aet_simulate_stem_forget(const char *folder);

/* Local.  Memory of a rank for such images, as on one rank, and core seconds, by operations counted
 * and speeds measured on one core of 2023; good to a factor of two.  Only the extent of the atoms and
 * their elements count.  USAGE, INPUT, NOMEM as above. */
aet_err aet_stem_cost(const aet_atoms *atoms, const double (*angles_deg)[3], int n,
                      const aet_stem_params *params, double *bytes_per_rank, double *core_seconds);

#endif
