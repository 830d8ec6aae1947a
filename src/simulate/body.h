/* The outer shape of a particle.  Lengths in half lattice constants, along the cube axes. */
#ifndef AET_SIMULATE_BODY_H
#define AET_SIMULATE_BODY_H

#include "aetlas/simulate/particle.h"

enum { AET_BALLS_MAX = 40 };

typedef struct {
    double at[3], radius;
} aet_ball;

/* Convex bodies: |x|+|y|+|z| <= sum ({111} faces), each <= top ({100} faces), r^2 <= square; with a
 * dent the {111} faces are hollow.  Or, with n > 0, a smooth union of balls: where
 * soft log sum exp((radius - distance) / soft) >= level. */
typedef struct {
    double sum, top, square, dent;
    int n;
    aet_ball ball[AET_BALLS_MAX];
    double soft, level;
    double bulge; /* soft log n: as far as balls in one place bulge beyond one */
    int parity;   /* sites of a crystal in it: i + j + k even (0) or odd (1) */
    double low[3], high[3];
    double volume; /* by counting points, to some 0.2 % */
} aet_body;

/* Local.  USAGE. */
aet_err aet_body_create(const aet_particle_params *p, aet_body *b);
/* Local.  The balls of a random shape or of a dumbbell.  USAGE, NOMEM. */
aet_err aet_body_random(const aet_particle_params *p, aet_body *b);
aet_err aet_body_dumbbell(const aet_particle_params *p, aet_body *b);

/* Sets low, high and bulge of a union of balls. */
void aet_body_bound(aet_body *b);
bool aet_body_inside(const aet_body *b, const double r[3]);
/* Sets the level of a union of balls so that it has this volume, and all that follows.  NOMEM. */
aet_err aet_body_level(aet_body *b, double volume);

#endif
