/* Several lattices in one particle: grains and twins, each with an fcc lattice of its own.
 *
 * After the first lattice (aetlas/analyse/fcc.h) further ones are grown, by the same search, from
 * atoms that have no site yet: seeds are those whose 12 neighbours stand as in fcc and are mostly free
 * too.  What reaches the least size is a grain.  (Growth follows a lattice that bends or stretches, so
 * that parts turned by a few degrees that grow together are one grain.)
 * Then the grains share out the borders: an atom whose neighbours belong to another grain changes
 * to it where that lattice's site is nearer (an atom of a coherent twin plane, which belongs to
 * both, stays where it was first), and all lattices are fitted again, until nothing changes.  One
 * lattice per grain as in Lee et al., Nano Lett. 22, 665 (2022).
 */
#ifndef AET_ANALYSE_GRAINS_H
#define AET_ANALYSE_GRAINS_H

#include "aetlas/analyse/fcc.h"

typedef struct {
    int n;          /* grains; 0 where there is no lattice */
    int assigned;   /* atoms of all of them */
    aet_fcc *fit;   /* owned, [n]: by atoms, most first */
    int *grain;     /* owned, [atoms]: 1 .. n, 0: none */
    int (*site)[3]; /* owned, [atoms]: in the atom's own lattice; 0 0 0 without one */
} aet_grains;

/* Local.  start_A and tolerance as for aet_fcc_fit; least: atoms of the smallest further grain, 0:
 * look for one lattice only.  At most 99 grains.  NOMEM. */
aet_err aet_grains_find(const aet_atoms *a, const aet_cells *cells, double start_A,
                        double tolerance, int least, aet_grains **g);
/* Local. */
void aet_grains_free(aet_grains **g);

/* How two lattices are turned against each other: of the 24 equal rotations the smallest. */
typedef struct {
    double angle_deg;
    double axis[3]; /* of the rotation from a to b, in the frame of the atoms; 0 0 0 for none */
    double hkl[3];  /* the same in the cube's axes, absolute and descending */
    double from_twin_deg; /* angle from the nearest exact twin (Sigma 3: 60 degrees about <111>) */
} aet_misorientation;

/* Local. */
aet_misorientation aet_lattice_misorientation(const aet_lattice *a, const aet_lattice *b);

#endif
