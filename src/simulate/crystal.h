/* Sites of a piece of fcc crystal on the integer lattice of half lattice constants. */
#ifndef AET_SIMULATE_CRYSTAL_H
#define AET_SIMULATE_CRYSTAL_H

#include "aetlas/simulate/particle.h"

typedef struct {
    int n;
    int (*at)[3]; /* owned, [n]: (i, j, k), i + j + k of one parity; position = at * lattice / 2 */
    int *layer;   /* owned, [n]: 1 for atoms with fewer than 12 neighbours, then inwards */
} aet_crystal;

/* Local.  USAGE, NOMEM. */
aet_err aet_crystal_create(const aet_particle_params *p, aet_crystal *s);
void aet_crystal_free(aet_crystal *s);

#endif
