/* Bodies made of balls that flow together: two lobes, or a random shape.
 *
 * A random shape is grown like the training shapes of the AET groups: balls of an eighth to a
 * quarter of the wanted volume, each new one centred inside an earlier one so that all hangs
 * together, until their union has the volume.  The union is measured by points in its balls, each
 * weighted by one over the number of balls that hold it (Karp, Luby, Madras, J. Algorithms 10, 429
 * (1989)).  In place of a blurred and cut grid, the distances to the balls are joined by a smooth
 * maximum, and its level is set so that the volume is met. */
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "body.h"
#include <math.h>

enum { POINTS = 256 };
#define CENTRE_LOW 0.5 /* of the parent's radius: how far from its centre a new ball may begin */

/* A direction, uniform over the sphere, from two uniforms. */
static void direction(double u, double v, double d[3])
{
    double z = 2 * u - 1, s = sqrt(1 - z * z);
    d[0] = s * cos(2 * AET_PI * v);
    d[1] = s * sin(2 * AET_PI * v);
    d[2] = z;
}

static double ball_volume(const aet_ball *a)
{
    return 4 * AET_PI / 3 * pow(a->radius, 3);
}

static double union_volume(const aet_body *b)
{
    aet_rng key = {0, 0, AET_RNG_SHAPE}; /* the same points in every ball: no luck in the measure */
    double sum = 0, u[4], d[3], r[3];
    for (int i = 0; i < b->n; i++)
        for (uint64_t k = 0; k < POINTS; k++) {
            int held = 0;
            aet_rng_uniform4(key, k, u);
            direction(u[0], u[1], d);
            for (int c = 0; c < 3; c++)
                r[c] = b->ball[i].at[c] + d[c] * b->ball[i].radius * cbrt(u[2]);
            for (int j = 0; j < b->n; j++) {
                const aet_ball *a = &b->ball[j];
                double x = r[0] - a->at[0], y = r[1] - a->at[1], z = r[2] - a->at[2];
                held += j == i || x * x + y * y + z * z <= a->radius * a->radius;
            }
            sum += ball_volume(&b->ball[i]) / POINTS / held;
        }
    return sum;
}

static void add_ball(aet_body *b, aet_rng key, double volume)
{
    double u[4], v[4], d[3];
    int i = b->n++;
    aet_ball *a = &b->ball[i];
    aet_rng_uniform4(key, (uint64_t)(2 * i), u);
    aet_rng_uniform4(key, (uint64_t)(2 * i + 1), v);
    *a = (aet_ball){.radius = cbrt(volume * (1 + u[0]) / 8 * 3 / (4 * AET_PI))};
    if (i == 0)
        return;
    const aet_ball *parent = &b->ball[(int)(v[0] * i)];
    direction(u[1], u[2], d);
    for (int c = 0; c < 3; c++)
        a->at[c] = parent->at[c] + d[c] * parent->radius * (CENTRE_LOW + (1 - CENTRE_LOW) * u[3]);
}

aet_err aet_body_random(const aet_particle_params *p, aet_body *b)
{
    aet_rng key = {(uint64_t)p->seed, 1, AET_RNG_SHAPE};
    double half_A = p->lattice_A / 2, low = p->volume_low_A3, high = p->volume_high_A3;
    AET_CHECK(low <= high, AET_ERR_USAGE,
              "particle.volume_low_A3 = %g is more than particle.volume_high_A3 = %g", low, high);
    double u = aet_rng_uniform(key, 1000);
    double volume = (low + u * (high - low)) / pow(half_A, 3);
    double have = 0;
    while (have < volume && b->n < AET_BALLS_MAX) {
        add_ball(b, key, volume);
        have = union_volume(b);
    }
    double scale = cbrt(volume / have);
    for (int i = 0; i < b->n; i++) {
        for (int c = 0; c < 3; c++)
            b->ball[i].at[c] *= scale;
        b->ball[i].radius *= scale;
    }
    b->soft = p->smooth_A / half_A;
    return aet_body_level(b, volume);
}

aet_err aet_body_dumbbell(const aet_particle_params *p, aet_body *b)
{
    double half_A = p->lattice_A / 2, upper = p->size / 2 / half_A;
    double lower = p->size_b > 0 ? p->size_b / 2 / half_A : upper;
    double apart = p->distance_A > 0 ? p->distance_A / half_A : 0.8 * (upper + lower);
    AET_CHECK(apart < upper + lower, AET_ERR_USAGE,
              "the lobes of the dumbbell do not touch: particle.distance_A = %g, but their radii "
              "add up to %g A",
              apart * half_A, (upper + lower) * half_A);
    AET_CHECK(apart > fabs(upper - lower), AET_ERR_USAGE,
              "one lobe of the dumbbell lies inside the other: particle.distance_A = %g, expected "
              "more than half the difference of the diameters, %g A",
              apart * half_A, fabs(upper - lower) * half_A);
    /* the plane in which the two spheres meet goes through the origin */
    double above = (apart * apart + upper * upper - lower * lower) / (2 * apart);
    b->n = 2;
    for (int c = 0; c < 3; c++) {
        b->ball[0].at[c] = above / sqrt(3);
        b->ball[1].at[c] = (above - apart) / sqrt(3);
    }
    b->ball[0].radius = upper;
    b->ball[1].radius = lower;
    b->soft = p->smooth_A / half_A;
    aet_body_bound(b);
    return AET_OK;
}
