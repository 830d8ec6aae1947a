/* Atoms -> measures: what a particle is, in numbers.
 *
 * Adds to a model (names as in the file; unit A = Angstrom):
 *
 * columns
 *   coordination    neighbours within the cutoff
 *   surface         1 for atoms with fewer than surface_cn neighbours and an empty cone towards
 *                   the outside, else 0; or by the tomogram (surface = mask)
 *   depth_A         distance to the nearest surface atom (0 for these)
 *   csro            1 - p/c, p the share of other species among the neighbours, c that in the
 *                   particle; in a binary alloy 1 - p_PtNi/c_Ni for Pt and 1 - p_NiPt/c_Pt for Ni
 *   fcc_assigned    1 when the atom has a site on the lattice of a grain
 *   fcc_site        the site h, k, l in units of half the lattice constant (0 0 0 without one)
 *   fcc_residual_A  distance to the site; -1 without one
 *   grain           number of its grain, from 1, the largest (aetlas/analyse/grains.h); 0: none
 *   layer           1 for surface atoms, 2 for those short of neighbours without these, ...
 *   mesh_distance_A distance to the surface mesh (aetlas/analyse/mesh.h)
 *   local_constant_A, strain         lattice constant of the first shell, and its strain
 *   strain_tensor, strain_radial     of the smoothed field of displacements
 *   layer_strain    the same tensor with z along the normal of the close-packed layers
 *   gcn             generalised coordination
 *   active_site, asgcn, masgcn, ln_activity      oxygen reduction at surface atoms of one element
 *   strain_active, ln_strain_activity            the same from strain and facet alone
 *   surface_strain, surface_ln_activity          averaged over the surface near the atom
 *   q4, q6, q4_mean, q6_mean         bond-orientational order
 *   bond_order, q_to_fcc, q_to_hcp   sqrt(q4^2 + q6^2) over that of fcc; how far the means are from ideal
 *   centrosymmetry_A2, structure, planar_fault   fcc, hcp, surface; twins and stacking faults
 *   stacking_layer  close-packed layer along the normal of a twin or stacking fault (or another)
 *   normal, curvature_per_A, facet, region       of the smoothed surface
 *   facet_coordination, facet_plane  two other ways to name facets
 *   enrichment_E, local_fraction_E, mixed, csro_sphere, interface_distance_A    where one element gathers
 * scalars
 *   numbers and fractions per species, cutoff and how it was found, mean coordination, lattice
 *   constant, RMSD and share of assigned atoms, stretch of the free cell, fractions and CSRO of
 *   the whole, the surface and the core; enrichment, width of an interface, segregation; shares of facets,
 *   structures, twins and stacking faults; crystallinity and penetration depth; area, volume, sphericity and specific surface; mean
 *   strains; mean generalised coordinations and activity
 * curves
 *   pair_distribution, coordination, depth_profile, layer_profile, fcc_lattice and fcc_cell (vectors, of the
 *   largest grain), grains, grain_pairs (misorientations), planar_faults, layers, layer_axes, radial_strain
 *
 * Where a measure needs a lattice, an atom goes by that of its own grain, or of the nearest atom that
 * has one; fcc_ scalars are of the largest grain.
 *
 * Sources: lattice, cutoff (a/sqrt2 + a)/2, CSRO and the depth of 5 A between surface and core from
 * Jeong et al., Nat. Commun. 16, 8026 (2025); surface by coordination from Xie et al. (Pd@Pt); for
 * the density and the finite size in g(r) see aetlas/analyse/pair.h.
 */
#ifndef AET_ANALYSE_ANALYSE_H
#define AET_ANALYSE_ANALYSE_H

#include "aetlas/base/config.h"
#include "aetlas/data/atoms.h"
#include "aetlas/data/maps.h"
#include "aetlas/data/volume.h"
#include <mpi.h>

enum { AET_CUTOFF_VALLEY, AET_CUTOFF_LATTICE, AET_CUTOFF_FIXED };

enum { AET_SURFACE_BY_COORDINATION, AET_SURFACE_BY_MASK };
enum { AET_LAYERS_OF_FAULT, AET_LAYERS_NONE, AET_LAYERS_111 /* and three more */ };
enum { AET_STRAIN_KERNEL, AET_STRAIN_LINEAR };
enum { AET_STRAIN_OF_LATTICE, AET_STRAIN_OF_BULK };
enum { AET_CSP_SMALLEST, AET_CSP_MATCHING };
enum { AET_GCN_OF_COUNTS, AET_GCN_OF_BONDS, AET_GCN_OVER_LARGEST };
enum { AET_VOLCANO_GCN_2015, AET_VOLCANO_OH_2024, AET_VOLCANO_OWN };

#define AET_ANALYSE_CHEMISTRY(X)                                                                   \
    X(TEXT, enrichment, "", 0, 0, "",                                                              \
      "element whose gathering is told atom by atom; empty: the lightest of the model")            \
    X(INT, enrichment_shell, 4, 1, 10, "shells",                                                   \
      "neighbours up to this fcc shell count for the enrichment")                                  \
    X(BOOL, enrichment_single, false, 0, 1, "",                                                    \
      "only neighbours of that shell, not of those within")

#define AET_ANALYSE_SHAPE(X)                                                                       \
    X(REAL, alpha_A, 0, 0, 100, "A",                                                               \
      "ball that carves the surface mesh (alpha shape); 0: the lattice constant")                  \
    X(REAL, facet_sigma_A, -1, -1, 50, "A",                                                        \
      "Gaussian that averages the surface normals; -1: the lattice constant")

#define AET_ANALYSE_CRYSTAL(X)                                                                     \
    X(CHOICE, centrosymmetry, "smallest", 0, 0, "smallest|matching",                               \
      "of the pairs of the 12 nearest atoms the 6 smallest, or 6 that use each atom once")         \
    X(CHOICE, layers, "fault", 0, 0, "fault|none|111|m111|1m11|11m1",                              \
      "close-packed layers that get lattices of their own: along the normal of the largest twin "  \
      "or stacking fault (none without one), or one <111> of the largest grain, m for minus")      \
    X(BOOL, crystallinity, false, 0, 1, "",                                                        \
      "score the pair distances against a perfect ball and find the depth of disorder: for "       \
      "small particles; takes all pairs")

#define AET_ANALYSE_STRAIN(X)                                                                      \
    X(REAL, strain_reference_A, 3.912, 1, 20, "A",                                                 \
      "lattice constant of no strain: bulk Pt (Davey, Phys. Rev. 25, 753 (1925))")                 \
    X(REAL, strain_sigma_A, 2.7, 0.5, 20, "A", "Gaussian that smooths the displacements")          \
    X(CHOICE, strain_method, "kernel", 0, 0, "kernel|linear",                                      \
      "gradient of the displacements: of their kernel mean as published, or by local-linear "      \
      "fits, which are right near the surface too, but noisier")                                   \
    X(REAL, map_voxel_A, 1.0, 0.2, 10, "A", "voxel of the maps of displacement and strain")        \
    X(CHOICE, strain_zero, "lattice", 0, 0, "lattice|bulk",                                        \
      "strain_tensor is against the fitted lattice, or against strain_reference_A")

#define AET_ANALYSE_ACTIVITY(X)                                                                    \
    X(TEXT, active, "Pt", 0, 0, "", "element whose surface atoms reduce oxygen; empty: none")      \
    X(REAL, coordination_bulk, 12, 1, 24, "neighbours",                                            \
      "full coordination by which generalised coordination numbers divide")                        \
    X(CHOICE, gcn, "count", 0, 0, "count|bonds|largest",                                           \
      "generalised coordination: of counted neighbours, of bonds weighed by d_bulk/d (strain "     \
      "bond by "                                                                                   \
      "bond, in place of that of the first shell), or counted and divided by the largest around")  \
    X(REAL, ligand, 1.59, 0, 10, "",                                                               \
      "weight of a neighbour of another element (below the surface in masgcn, anywhere in "        \
      "asgcn; Kluge et al., Energy Environ. Sci. 15, 5181 (2022))")                                \
    X(REAL, strain_power, 1, 0, 10, "",                                                            \
      "p in masgcn = ... / (1 + strain)^p; 1: as published; 1.84 and 3 are other estimates")       \
    X(CHOICE, volcano, "gcn-2015", 0, 0, "gcn-2015|oh-2024|own",                                   \
      "ln(j/j_Pt111) of a generalised coordination number: after Calle-Vallejo et al., Science "   \
      "350, 185 (2015); after Yang et al., Nat. Catal. 7, 796 (2024); or the next four")           \
    X(REAL, volcano_rise, 7.45196, -1000, 1000, "", "own volcano: slope left of the top")          \
    X(REAL, volcano_fall, -6.60385, -1000, 1000, "", "own volcano: slope right of the top")        \
    X(REAL, volcano_top, 8.29358, 0, 24, "", "own volcano: generalised coordination of the top")   \
    X(REAL, volcano_height, 5.91371, -100, 100, "", "own volcano: ln(j/j_Pt111) of the top")       \
    X(REAL, potential_V, 0, 0, 2, "V",                                                             \
      "potential against the reversible hydrogen electrode at which the current of the whole "     \
      "particle is told; 0: it is not")                                                            \
    X(REAL, oh_111_eV, 2.74, -100, 100, "eV",                                                      \
      "weakening of OH binding on {111} per unit of compression, for the activity from strain")    \
    X(REAL, oh_100_zero_eV, -0.16, -10, 10, "eV",                                                  \
      "OH binding on unstrained {100} against Pt(111), positive: weaker")                          \
    X(REAL, oh_100_eV, 1.5, -100, 100, "eV", "its weakening per unit of tension")

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
    X(INT, grain_atoms, 60, 0, 1000000, "atoms",                                                   \
      "smallest further grain or twin that gets a lattice of its own; 0: one lattice only")        \
    X(CHOICE, surface, "coordination", 0, 0, "coordination|mask",                                  \
      "surface atoms: those short of neighbours and open to the outside, or those outside the "    \
      "Otsu "                                                                                      \
      "boundary of the tomogram made smaller by surface_erosion_A (needs the volume)")             \
    X(REAL, surface_erosion_A, 6.0, 0, 100, "A",                                                   \
      "by how much the boundary of the tomogram is made smaller (Jeong et al. 2025)")              \
    X(REAL, surface_sigma, 3.0, 0.5, 20.0, "voxels", "Gaussian before that boundary is drawn")     \
    X(REAL, surface_factor, 1.0, 0.0, 10.0, "", "that boundary = this times the Otsu threshold")   \
    X(INT, surface_cn, 12, 1, 20, "neighbours", "atoms with fewer neighbours are surface atoms")   \
    X(REAL, surface_open_deg, 50.0, 0, 85, "deg",                                                  \
      "a surface atom has an empty cone of this half angle away from the other atoms; 0: the "     \
      "number of neighbours decides alone")                                                        \
    X(REAL, depth_bin_A, 0, 0, 50, "A",                                                            \
      "bin of the depth profile; 0: the distance of (111) layers, 0.8165 NN, with layers in the "  \
      "middle of bins")                                                                            \
    X(REAL, core_depth_A, 5.0, 0.1, 100, "A", "depth at which the core begins")                    \
    AET_ANALYSE_CHEMISTRY(X)                                                                       \
    AET_ANALYSE_SHAPE(X)                                                                           \
    AET_ANALYSE_CRYSTAL(X)                                                                         \
    AET_ANALYSE_STRAIN(X)                                                                          \
    AET_ANALYSE_ACTIVITY(X)

AET_PARAMS_STRUCT(aet_analyse_params, AET_ANALYSE_PARAMS);
extern const aet_param_table aet_analyse_table;

/* Collective.  Adds the measures to a, which is the same on every rank; the result is
 * bitwise the same on any number of ranks.  A model without pairs, surface or lattice
 * (under a tenth of the atoms on one) gets the measures that it has.  INPUT for a model
 * without atoms, one with numbers that are not finite or atoms too near each other. */
aet_err aet_analyse(MPI_Comm comm, aet_atoms *a, const aet_analyse_params *params);
/* The same with the tomogram v that the model was traced in, for surface = mask; NULL: there is none.
 * USAGE for surface = mask without one. */
aet_err aet_analyse_with(MPI_Comm comm, aet_atoms *a, const aet_volume *v,
                         const aet_analyse_params *params);

/* Collective.  Displacements and strain on a grid, from the columns grain and fcc_site and the curve
 * grains that aet_analyse left in a:
 *   inside         1 where a lattice site is within one neighbour distance; all else is 0 elsewhere
 *   grain          of the nearest site
 *   displacement   vector in the frame of the atoms, Angstrom
 *   strain_xx ... strain_xy, strain_mean, strain_radial      as the columns, strain_mean the third of the
 *                  trace
 * by the parameters strain_sigma_A, strain_method and strain_zero, voxels of map_voxel_A.  INPUT when the
 * model has no lattice; NOMEM. */
aet_err aet_strain_maps(MPI_Comm comm, const aet_atoms *a, const aet_analyse_params *params,
                        aet_maps **maps);

#endif
