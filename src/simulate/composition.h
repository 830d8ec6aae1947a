/* Which site gets which element. */
#ifndef AET_SIMULATE_COMPOSITION_H
#define AET_SIMULATE_COMPOSITION_H

#include "crystal.h"

enum { AET_SPECIES_MAX = 8, AET_PROFILE_POINTS = 32 };

typedef struct {
    int n;
    int z[AET_SPECIES_MAX];
    double fraction[AET_SPECIES_MAX]; /* sums to 1 */
    int points;                       /* of a profile, 0: none */
    bool by_depth;                    /* else by layer: 1, 2, ... */
    double depth_A[AET_PROFILE_POINTS], first[AET_PROFILE_POINTS];
} aet_recipe;

/* All Local.  USAGE. */
aet_err aet_recipe_create(const aet_particle_params *p, aet_recipe *r);
/* Elements of all sites, [n].  USAGE when a surface cannot be as wanted; NOMEM. */
aet_err aet_recipe_deal(const aet_particle_params *p, const aet_recipe *r, const aet_sites *s,
                        uint8_t *species);
/* Whether composition goes by layers, so that atoms may only be swapped within them. */
bool aet_recipe_layered(const aet_particle_params *p, const aet_recipe *r);

/* Short-range order of a model of two elements, 1 - N_AB / (2 c_A c_B N); 0 without bonds. */
double aet_csro_measure(const aet_neighbours *near, const uint8_t *species);
/* Swaps atoms (within groups of equal number, group NULL: all) until the order is the target.
 * NUMERIC, telling how far it came, when it is out of reach. */
aet_err aet_csro_reach(const aet_neighbours *near, const int *group, double target, int seed,
                       uint8_t *species);

#endif
