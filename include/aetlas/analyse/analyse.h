/* Atoms -> measures: what a particle is, in numbers.
 *
 * Adds to a model (names as in the file; unit A = Angstrom):
 *
 * columns
 *   coordination    neighbours within the cutoff
 *   surface         1 for atoms with fewer than surface_cn neighbours and an empty cone towards
 *                   the outside, else 0
 *   depth_A         distance to the nearest surface atom (0 for these)
 *   csro            1 - p/c, p the share of other species among the neighbours, c that in the
 *                   particle; in a binary alloy 1 - p_PtNi/c_Ni for Pt and 1 - p_NiPt/c_Pt for Ni
 *   fcc_assigned    1 when the atom has a site of the fitted lattice
 *   fcc_site        the site h, k, l in units of half the lattice constant (0 0 0 without one)
 *   fcc_residual_A  distance to the site; -1 without one
 * scalars
 *   numbers and fractions per species, cutoff and how it was found, mean coordination, lattice
 *   constant, RMSD and share of assigned atoms, stretch of the free cell, fractions and CSRO of
 *   the whole, the surface and the core
 * curves
 *   pair_distribution, coordination, depth_profile, fcc_lattice and fcc_cell (vectors)
 *
 * Sources: lattice, cutoff (a/sqrt2 + a)/2, CSRO and the depth of 5 A between surface and core from
 * Jeong et al., Nat. Commun. 16, 8026 (2025); surface by coordination from Xie et al. (Pd@Pt); for
 * the density and the finite size in g(r) see aetlas/analyse/pair.h.
 */
#ifndef AET_ANALYSE_ANALYSE_H
#define AET_ANALYSE_ANALYSE_H

#include "aetlas/base/config.h"
#include "aetlas/data/atoms.h"
#include <mpi.h>

enum { AET_CUTOFF_VALLEY, AET_CUTOFF_LATTICE, AET_CUTOFF_FIXED };

#define AET_ANALYSE_PARAMS(X)                                                                      \
    X(CHOICE, cutoff, "valley", 0, 0, "valley|lattice|fixed",                                      \
      "distance within which atoms are neighbours: the first valley of the pair distribution, "    \
      "midway between the first two shells of the fitted fcc lattice (0.8536 a), or cutoff_A")     \
    X(REAL, cutoff_A, 3.4, 0.5, 20, "A", "neighbour distance for cutoff = fixed")                  \
    X(REAL, min_distance_A, 1.0, 0, 5, "A",                                                        \
      "atoms nearer than this are refused as an error; 0: never")                                  \
    X(REAL, pair_range_A, 12.0, 5, 100, "A", "largest distance of the pair distribution")          \
    X(REAL, pair_bin_A, 0.05, 0.005, 0.5, "A", "bin of the pair distribution")                     \
    X(REAL, lattice_start_A, 0, 0, 20, "A",                                                        \
      "lattice constant to start the fcc fit from; 0: sqrt 2 times the first peak of the pair "    \
      "distribution")                                                                              \
    X(REAL, lattice_tolerance, 0.25, 0.05, 0.45, "NN distances",                                   \
      "largest distance of an atom from its lattice site")                                         \
    X(INT, surface_cn, 12, 1, 20, "neighbours", "atoms with fewer neighbours are surface atoms")   \
    X(REAL, surface_open_deg, 50.0, 0, 85, "deg",                                                  \
      "a surface atom has an empty cone of this half angle away from the other atoms; 0: the "     \
      "number of neighbours decides alone")                                                        \
    X(REAL, depth_bin_A, 0, 0, 50, "A",                                                            \
      "bin of the depth profile; 0: the distance of (111) layers, 0.8165 NN, with layers in the "  \
      "middle of bins")                                                                            \
    X(REAL, core_depth_A, 5.0, 0.1, 100, "A", "depth at which the core begins")

AET_PARAMS_STRUCT(aet_analyse_params, AET_ANALYSE_PARAMS);
extern const aet_param_table aet_analyse_table;

/* Collective.  Adds the measures to a, which is the same on every rank; the result is
 * bitwise the same on any number of ranks.  A model without pairs, surface or lattice
 * (under a tenth of the atoms on one) gets the measures that it has.  INPUT for a model
 * without atoms, one with numbers that are not finite or atoms too near each other. */
aet_err aet_analyse(MPI_Comm comm, aet_atoms *a, const aet_analyse_params *params);

#endif
