/* Sites of a piece of fcc crystal on the integer lattice of half lattice constants. */
#ifndef AET_SIMULATE_LATTICE_SITES_H
#define AET_SIMULATE_LATTICE_SITES_H

#include "aetlas/simulate/particle.h"

typedef struct {
    int n;
    int (*at)[3]; /* owned, [n]: (i, j, k), i + j + k of one parity; position = at * lattice / 2 */
    int *layer;   /* owned, [n]: 1 for atoms with fewer than 12 neighbours, then inwards */
} aet_sites;

/* Local.  USAGE, NOMEM. */
aet_err aet_sites_create(const aet_particle_params *p, aet_sites *s);
void aet_sites_free(aet_sites *s);

#endif
