/* Model particles: a closed-shell piece of an fcc
 * crystal, decorated with elements, displaced and turned.
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
    AET_SHAPE_SPHERE         /* size: diameter in Angstrom, centred on an atom */
} aet_shape;                 /* order of the choices below */

#define AET_PARTICLE_PARAMS(X)                                                                     \
    X(CHOICE, shape, "octahedron", 0, 0, "octahedron|truncated|cuboctahedron|cube|sphere",         \
      "outer shape of the fcc crystal")                                                            \
    X(REAL, size, 12, 1, 2000, "", "atoms along an edge; of a sphere: its diameter in A")          \
    X(INT, cut, 0, 0, 300, "layers",                                                               \
      "layers cut off each corner of a truncated octahedron; 0: (size-1)/3, the regular one")      \
    X(REAL, lattice_A, 3.84, 2, 10, "A", "cubic lattice constant")                                 \
    X(TEXT, species, "Ni,Pt", 0, 0, "", "elements, e.g. Ni,Pt")                                    \
    X(TEXT, fraction, "0.4", 0, 0, "",                                                             \
      "atomic fractions of all elements but the last, e.g. 0.4 or 0.3,0.1; met exactly, rounded "  \
      "to whole atoms")                                                                            \
    X(REAL, surface_fraction, -1, -1, 1, "",                                                       \
      "of two elements: fraction of the first among the surface atoms, the whole kept; -1: as "    \
      "inside")                                                                                    \
    X(INT, shell, 0, 0, 100, "layers",                                                             \
      "outermost layers made of the last element alone; fraction then holds inside them")          \
    X(REAL, displacement_A, 0, 0, 1, "A",                                                          \
      "root mean square random displacement of an atom, in three dimensions")                      \
    X(TEXT, rotate, "", 0, 0, "deg",                                                               \
      "phi,theta,psi: turned as a specimen is seen at these angles; or random; empty: <100> "      \
      "along x, y, z")                                                                             \
    X(INT, seed, 1, 0, 2147483647, "", "seed of composition, displacements and random rotation")
AET_PARAMS_STRUCT(aet_particle_params, AET_PARTICLE_PARAMS);
extern const aet_param_table aet_particle_table;

/* Local.  The model, centred on the origin, with the column layer (1: surface; counted inwards by
 * removing atoms with fewer than 12 neighbours) and the scalars lattice_A, rotate_phi_deg,
 * rotate_theta_deg, rotate_psi_deg.  USAGE: sizes, fractions and shells that cannot be; NUMERIC:
 * atoms displaced to less than 1 A from each other; NOMEM. */
aet_err aet_particle_build(const aet_particle_params *params, aet_atoms **out);

#endif
