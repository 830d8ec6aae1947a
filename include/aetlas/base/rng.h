/* Counter-based random numbers (Philox4x32-10; Salmon et al., SC'11, by Random123).
 *
 * A number depends only on (seed, item, purpose, index): not on the
 * rank that asks, nor on the order of asking.  `purpose` keeps uses
 * apart; take one from the enum or add one.  All Local, no state.
 */
#ifndef AET_BASE_RNG_H
#define AET_BASE_RNG_H

#include <stdint.h>

enum {
    AET_RNG_TEST = 1,
    AET_RNG_SPECIES,      /* which site gets which element */
    AET_RNG_DISPLACEMENT, /* atom displacements */
    AET_RNG_VACANCY,
    AET_RNG_DOSE,  /* Poisson counts of an image */
    AET_RNG_ANGLE, /* tilt angle errors */
    AET_RNG_SHAPE, /* particle shapes and orientations */
    AET_RNG_WITHHOLD,
    AET_RNG_DRIFT,   /* stage and specimen shifts of raw frames */
    AET_RNG_JITTER,  /* of scan lines */
    AET_RNG_READOUT, /* of the detector */
    AET_RNG_PACKING, /* places of an amorphous packing */
    AET_RNG_SWAP,    /* pairs of atoms that change places */
    AET_RNG_RECIPE,  /* what differs between the items of a data set */
    AET_RNG_PHONON   /* thermal displacements of atoms */
};

typedef struct {
    uint64_t seed;
    uint32_t item;
    uint32_t purpose;
} aet_rng;

/* Four uniforms in the open interval (0,1). */
void aet_rng_uniform4(aet_rng key, uint64_t index, double u[4]);
double aet_rng_uniform(aet_rng key, uint64_t index);
/* Four independent standard normals (Box and Muller, Ann. Math. Stat. 29, 610 (1958)). */
void aet_rng_normal4(aet_rng key, uint64_t index, double z[4]);
/* A Poisson count with the given mean >= 0, exact for any mean: products of uniforms below 10
 * (Knuth), the transformed rejection PTRS above (Hoermann, Insur. Math. Econ. 12, 39 (1993)). */
double aet_rng_poisson(aet_rng key, uint64_t index, double mean);

#endif
