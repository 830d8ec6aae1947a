/* Sites of a particle, in half lattice constants along the cube axes, and who is near whom. */
#ifndef AET_SIMULATE_CRYSTAL_H
#define AET_SIMULATE_CRYSTAL_H

#include "aetlas/base/rng.h"
#include "aetlas/num/cells.h"
#include "body.h"

typedef struct {
    int n;
    double (*at)[3]; /* owned, [n] */
    int *layer;      /* owned, [n]: 1 for sites with fewer than 12 neighbours, then inwards; of an
                             amorphous packing NULL */
    aet_neighbours *near; /* owned; nearest neighbours, or atoms within the same distance */
} aet_sites;

/* All Local.  NOMEM. */
aet_err aet_crystal_create(const aet_particle_params *p, const aet_body *b, aet_sites *s);
/* An amorphous packing in the body.  USAGE when it would be too dense, NUMERIC. */
aet_err aet_packing_create(const aet_particle_params *p, const aet_body *b, aet_sites *s);
/* Leaves a fraction of the sites empty. */
aet_err aet_sites_vacate(aet_sites *s, double fraction, int seed);
/* (Re)makes near. */
aet_err aet_sites_link(aet_sites *s);
/* The numbers 0 .. n-1 in random order; release with aet_release. */
aet_err aet_sites_shuffle(int n, aet_rng key, int **order);
void aet_sites_free(aet_sites *s);

#endif
