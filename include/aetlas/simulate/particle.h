/* Model particles: a piece of an fcc crystal, with faults if wanted, or of an amorphous packing, of
 * a given shape; decorated with elements in a given order, relaxed, displaced and turned.
 *
 * The parts, in the order in which they act:
 *
 *   shape        closed-shell polyhedra and balls, an octahedron with hollow faces, two lobes grown
 *                together, or a random smooth union of balls (the training shapes of Lee, Jeong,
 *                Yang, Nat. Commun. 12, 1962 (2021), from the description)
 *   structure    fcc, with a twin boundary or stacking fault on a (111) plane; or amorphous: random
 *                places that keep a least distance
 *   vacancies    sites taken out at random
 *   composition  by exact fractions, by a profile over layers or depth, core and shell; then, of two
 *                elements, pairs are swapped until the order of nearest neighbours is as wanted
 *   strain       lattice constants that follow the elements, and a surface layer drawn in
 *   displacements, orientation
 *
 * Everything is Local and depends on the parameters alone, so that all ranks build the same model.
 */
#ifndef AET_SIMULATE_PARTICLE_H
#define AET_SIMULATE_PARTICLE_H

#include "aetlas/base/config.h"
#include "aetlas/data/atoms.h"

typedef enum {
    AET_SHAPE_OCTAHEDRON,    /* size: atoms along an edge, N = n(2n^2+1)/3 */
    AET_SHAPE_TRUNCATED,     /* the octahedron of that edge less `cut` layers at each corner */
    AET_SHAPE_CUBOCTAHEDRON, /* size: atoms along an edge: 2 gives 13, 3 gives 55, ... */
    AET_SHAPE_CUBE,          /* size: corner atoms along an edge, one more than unit cells */
    AET_SHAPE_SPHERE,        /* size: diameter in Angstrom, centred on an atom */
    AET_SHAPE_CONCAVE,       /* the octahedron of that edge, each face hollowed by `dent` layers */
    AET_SHAPE_RANDOM,        /* volume_low_A3 to volume_high_A3 */
    AET_SHAPE_DUMBBELL       /* size: diameter of a lobe in Angstrom; along <111> */
} aet_shape;                 /* order of the choices below */

typedef enum { AET_STRUCTURE_FCC, AET_STRUCTURE_AMORPHOUS } aet_structure;
typedef enum { AET_FAULT_NONE, AET_FAULT_TWIN, AET_FAULT_INTRINSIC, AET_FAULT_EXTRINSIC } aet_fault;

#define AET_PARTICLE_SHAPE_PARAMS(X)                                                               \
    X(CHOICE, shape, "octahedron", 0, 0,                                                           \
      "octahedron|truncated|cuboctahedron|cube|sphere|concave|random|dumbbell", "outer shape")     \
    X(REAL, size, 12, 1, 2000, "",                                                                 \
      "atoms along an edge; of a sphere or the lobes of a dumbbell: the diameter in A")            \
    X(INT, cut, 0, 0, 300, "layers",                                                               \
      "layers cut off each corner of a truncated octahedron; 0: (size-1)/3, the regular one")      \
    X(REAL, dent, 0, 0, 300, "layers",                                                             \
      "depth of the hollow in the middle of each face of a concave octahedron, none at its "       \
      "edges; 0: (size-1)/8")                                                                      \
    X(REAL, volume_low_A3, 96000, 100, 1e9, "A^3", "least volume of a random shape")               \
    X(REAL, volume_high_A3, 154000, 100, 1e9, "A^3", "largest volume of a random shape")           \
    X(REAL, smooth_A, 3, 0.1, 50, "A",                                                             \
      "width over which the balls of a random shape or the lobes of a dumbbell flow together")     \
    X(REAL, size_b, 0, 0, 2000, "A", "diameter of the lower lobe of a dumbbell; 0: as size")       \
    X(REAL, distance_A, 0, 0, 4000, "A",                                                           \
      "distance between the centres of the lobes; 0: 0.8 of their mean diameter")

#define AET_PARTICLE_STRUCTURE_PARAMS(X)                                                           \
    X(CHOICE, structure, "fcc", 0, 0, "fcc|amorphous", "how atoms lie")                            \
    X(REAL, lattice_A, 3.84, 2, 10, "A", "cubic lattice constant")                                 \
    X(CHOICE, fault, "none", 0, 0, "none|twin|intrinsic|extrinsic",                                \
      "of a sphere, dumbbell or random shape, on the (111) plane through its middle: a twin "      \
      "boundary, a stacking fault of two hcp layers, or two twin boundaries with one layer "       \
      "between them")                                                                              \
    X(INT, fault_layer, 0, -300, 300, "layers", "(111) layer of the fault, up from the middle")    \
    X(REAL, density, 0.95, 0.01, 1, "",                                                            \
      "of an amorphous packing: atoms per volume, relative to fcc of lattice_A")                   \
    X(REAL, distance_min_A, 2, 0.5, 5, "A",                                                        \
      "no two atoms of an amorphous packing are nearer; with a density of 0.95 up to 0.95 of the " \
      "nearest-neighbour distance of the crystal")                                                 \
    X(REAL, vacancies, 0, 0, 0.5, "", "fraction of the sites that are left empty, at random")

#define AET_PARTICLE_COMPOSITION_PARAMS(X)                                                         \
    X(TEXT, species, "Ni,Pt", 0, 0, "", "elements, e.g. Ni,Pt")                                    \
    X(TEXT, fraction, "0.4", 0, 0, "",                                                             \
      "atomic fractions of all elements but the last, e.g. 0.4 or 0.3,0.1; met exactly, rounded "  \
      "to whole atoms")                                                                            \
    X(REAL, surface_fraction, -1, -1, 1, "",                                                       \
      "of two elements: fraction of the first among the surface atoms, the whole kept; -1: as "    \
      "inside")                                                                                    \
    X(INT, shell, 0, 0, 100, "layers",                                                             \
      "outermost layers made of the last element alone; fraction then holds inside them")          \
    X(TEXT, profile, "", 0, 0, "",                                                                 \
      "of two elements, in place of fraction: fraction of the first in layer 1 (the surface), 2, " \
      "... and farther in, e.g. 0.05,0.2,0.5; or points depth_A:fraction joined by straight "      \
      "lines, e.g. 0:0.1,8:0.5, the depth being the distance from the nearest surface atom")       \
    X(TEXT, csro, "", 0, 0, "",                                                                    \
      "of two elements: chemical short-range order 1 - p/c of nearest neighbours (-1/3: fully "    \
      "ordered L1_0 or L1_2; 0: random; above: clusters), reached by swapping atoms, within "      \
      "their layer where composition goes by layers; empty: as dealt, at random")

#define AET_PARTICLE_STRAIN_PARAMS(X)                                                              \
    X(TEXT, vegard_A, "", 0, 0, "A",                                                               \
      "lattice constants of the pure elements, e.g. Ni:3.524,Pt:3.912, in place of lattice_A: "    \
      "bonds take the mean of their two atoms', and the whole relaxes; empty: off")                \
    X(REAL, surface_relaxation, 0, -20, 20, "%",                                                   \
      "change of the distance between the two outermost layers; < 0: inwards")                     \
    X(REAL, displacement_A, 0, 0, 1, "A",                                                          \
      "root mean square random displacement of an atom, in three dimensions")                      \
    X(TEXT, rotate, "", 0, 0, "deg",                                                               \
      "phi,theta,psi: turned as a specimen is seen at these angles; or random; empty: <100> "      \
      "along x, y, z")                                                                             \
    X(INT, seed, 1, 0, 2147483647, "", "seed of everything random")

#define AET_PARTICLE_PARAMS(X)                                                                     \
    AET_PARTICLE_SHAPE_PARAMS(X)                                                                   \
    AET_PARTICLE_STRUCTURE_PARAMS(X)                                                               \
    AET_PARTICLE_COMPOSITION_PARAMS(X)                                                             \
    AET_PARTICLE_STRAIN_PARAMS(X)
AET_PARAMS_STRUCT(aet_particle_params, AET_PARTICLE_PARAMS);
extern const aet_param_table aet_particle_table;

/* Local.  The model, centred on the origin (dumbbells and random shapes: their mean position is
 * there).  Of a crystal with the column layer (1: surface; counted inwards by removing atoms with
 * fewer than 12 neighbours, before vacancies are made).  Scalars lattice_A (the mean, with
 * vegard_A), rotate_phi_deg, rotate_theta_deg, rotate_psi_deg, body_volume_A3 of random and
 * amorphous shapes, csro of two elements.  USAGE: sizes, fractions and combinations that cannot be;
 * NUMERIC: atoms displaced to less than 1 A from each other, an order that swaps do not reach, a
 * packing that does not come to rest; NOMEM.
 *
 * The order that swaps reach, by 240 of them per atom while it grows colder, is that of domains: of
 * 5340 atoms from -0.29 to 0.87 at equal numbers, from -0.29 to 0.84 at one to three; nearer to zero
 * where they stay in their layers.  csro is 1 - N_AB / (2 c_A c_B N), N_AB of all N bonds between nearest neighbours (within 0.8536
 * lattice constants) being unlike. */
aet_err aet_particle_build(const aet_particle_params *params, aet_atoms **out);

#endif
