#include "body.h"
#include "aetlas/base/mem.h"
#include <math.h>

enum { EDGE_MAX = 300, POINTS = 32768, HALVINGS = 40 };
#define SLACK 1e-9 /* of sites that lie on a face, in half lattice constants */

/* How deep r lies in each ball; gives the largest. */
static double depths(const aet_body *b, const double r[3], double depth[AET_BALLS_MAX])
{
    double most = -HUGE_VAL;
    for (int i = 0; i < b->n; i++) {
        double x = r[0] - b->ball[i].at[0], y = r[1] - b->ball[i].at[1],
               z = r[2] - b->ball[i].at[2];
        depth[i] = b->ball[i].radius - sqrt(x * x + y * y + z * z);
        most = fmax(most, depth[i]);
    }
    return most;
}

static double smooth_maximum(const aet_body *b, const double depth[AET_BALLS_MAX], double most)
{
    double sum = 0;
    for (int i = 0; i < b->n; i++)
        sum += exp((depth[i] - most) / b->soft);
    return most + b->soft * log(sum);
}

static double field(const aet_body *b, const double r[3])
{
    double depth[AET_BALLS_MAX], most = depths(b, r, depth);
    return smooth_maximum(b, depth, most);
}

/* The smooth maximum lies between the maximum and soft log n above it: mostly that is enough. */
static bool in_balls(const aet_body *b, const double r[3])
{
    double depth[AET_BALLS_MAX], most = depths(b, r, depth);
    if (most >= b->level || most + b->bulge < b->level)
        return most >= b->level;
    return smooth_maximum(b, depth, most) >= b->level;
}

/* The hollow of a {111} face at the place whose coordinates have the signless values x, y, z: 1 in
 * the middle of the face (all equal), 0 on its edges (one of them zero). */
static double hollow(double x, double y, double z)
{
    double sum = x + y + z;
    return sum > 0 ? 27 * x * y * z / (sum * sum * sum) : 0;
}

bool aet_body_inside(const aet_body *b, const double r[3])
{
    double x = fabs(r[0]), y = fabs(r[1]), z = fabs(r[2]);
    if (b->n > 0)
        return in_balls(b, r);
    double sum = b->dent > 0 ? b->sum - b->dent * hollow(x, y, z) : b->sum;
    return x + y + z <= sum + SLACK && fmax(x, fmax(y, z)) <= b->top + SLACK &&
           x * x + y * y + z * z <= b->square;
}

void aet_body_bound(aet_body *b)
{
    b->bulge = b->soft * log(b->n);
    double out = b->bulge - b->level;
    for (int k = 0; k < 3; k++) {
        b->low[k] = HUGE_VAL;
        b->high[k] = -HUGE_VAL;
        for (int i = 0; i < b->n; i++) {
            b->low[k] = fmin(b->low[k], b->ball[i].at[k] - b->ball[i].radius - out);
            b->high[k] = fmax(b->high[k], b->ball[i].at[k] + b->ball[i].radius + out);
        }
    }
}

/* Point c of POINTS spread evenly over the bounds: the additive recurrence with the powers of the
 * root of x^4 = x + 1, which unlike a grid has no planes in common with the faces of a body. */
static void even_point(const aet_body *b, int c, double r[3])
{
    static const double step[3] = {0.8191725133961645, 0.6710436067037893, 0.5497004779019703};
    for (int k = 0; k < 3; k++) {
        double u = 0.5 + (c + 1) * step[k];
        r[k] = b->low[k] + (u - floor(u)) * (b->high[k] - b->low[k]);
    }
}

/* Volume of the bounds per point. */
static double share(const aet_body *b)
{
    double volume = 1.0 / POINTS;
    for (int k = 0; k < 3; k++)
        volume *= b->high[k] - b->low[k];
    return volume;
}

static double count_volume(const aet_body *b)
{
    double r[3];
    int n = 0;
    for (int c = 0; c < POINTS; c++) {
        even_point(b, c, r);
        n += aet_body_inside(b, r);
    }
    return n * share(b);
}

/* The level that `wanted` of the values reach, by halving. */
static double level_of(int n, const double *value, int wanted)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (int c = 0; c < n; c++) {
        low = fmin(low, value[c]);
        high = fmax(high, value[c]);
    }
    for (int t = 0; t < HALVINGS; t++) {
        double middle = (low + high) / 2;
        int reach = 0;
        for (int c = 0; c < n; c++)
            reach += value[c] >= middle;
        *(reach > wanted ? &low : &high) = middle;
    }
    return high;
}

aet_err aet_body_level(aet_body *b, double volume)
{
    double *value = NULL, r[3];
    aet_body_bound(b);
    AET_TRY(AET_ARRAY(POINTS, "the field of a shape", &value));
    for (int c = 0; c < POINTS; c++) {
        even_point(b, c, r);
        value[c] = field(b, r);
    }
    b->level = level_of(POINTS, value, (int)lround(volume / share(b)));
    aet_release(&value);
    b->volume = volume; /* to a point */
    aet_body_bound(b);
    return AET_OK;
}

/* Whole atoms along an edge, less one. */
static aet_err steps_of(const aet_particle_params *p, int *m)
{
    int n = (int)lround(p->size);
    AET_CHECK(fabs(p->size - n) < 1e-9 && n >= 2 && n <= EDGE_MAX, AET_ERR_USAGE,
              "particle.size = %g; expected 2 to %d whole atoms along an edge", p->size, EDGE_MAX);
    *m = n - 1;
    return AET_OK;
}

static aet_err octahedron(const aet_particle_params *p, aet_body *b)
{
    int m = 0;
    AET_TRY(steps_of(p, &m));
    b->sum = b->top = m;
    b->parity = m % 2;
    if (p->shape == AET_SHAPE_TRUNCATED) {
        int cut = p->cut > 0 ? p->cut : m / 3;
        AET_CHECK(cut >= 1 && 2 * cut <= m, AET_ERR_USAGE,
                  "an octahedron of %d atoms an edge cannot lose "
                  "%d layers at each corner; expected 1 to %d",
                  m + 1, cut, m / 2);
        b->top = m - cut;
    }
    if (p->shape == AET_SHAPE_CONCAVE) {
        b->dent = 2 * (p->dent > 0 ? p->dent : m / 8.0); /* {111} layers are 2 apart in the sum */
        AET_CHECK(b->dent <= 0.8 * m, AET_ERR_USAGE,
                  "particle.dent = %g layers leave nothing of an octahedron of %d atoms an edge, "
                  "whose faces lie %g layers from its middle; expected at most %g",
                  p->dent, m + 1, m / 2.0, 0.4 * m);
    }
    return AET_OK;
}

static aet_err polyhedron(const aet_particle_params *p, aet_body *b)
{
    int m = 0;
    AET_TRY(steps_of(p, &m));
    b->top = m;
    if (p->shape == AET_SHAPE_CUBOCTAHEDRON)
        b->sum = 2 * m;
    else
        b->parity = m % 2;
    return AET_OK;
}

static aet_err sphere(const aet_particle_params *p, aet_body *b)
{
    double radius = p->size / p->lattice_A;
    AET_CHECK(radius <= EDGE_MAX, AET_ERR_USAGE,
              "particle.size = %g A is too large a sphere; at most %g A at this lattice constant",
              p->size, EDGE_MAX * p->lattice_A);
    b->square = radius * radius * (1 + 1e-9);
    b->top = sqrt(b->square);
    return AET_OK;
}

/* What belongs to another shape is a mistake, not to be passed over. */
static aet_err check(const aet_particle_params *p)
{
    AET_CHECK(p->cut == 0 || p->shape == AET_SHAPE_TRUNCATED, AET_ERR_USAGE,
              "particle.cut = %d has a meaning only for a truncated octahedron", p->cut);
    AET_CHECK(p->dent == 0 || p->shape == AET_SHAPE_CONCAVE, AET_ERR_USAGE,
              "particle.dent = %g has a meaning only for a concave octahedron", p->dent);
    AET_CHECK((p->size_b == 0 && p->distance_A == 0) || p->shape == AET_SHAPE_DUMBBELL,
              AET_ERR_USAGE,
              "particle.size_b and particle.distance_A have a meaning only for a dumbbell");
    return AET_OK;
}

aet_err aet_body_create(const aet_particle_params *p, aet_body *b)
{
    AET_TRY(check(p));
    *b = (aet_body){.sum = 3 * EDGE_MAX, .square = HUGE_VAL};
    switch ((aet_shape)p->shape) {
    case AET_SHAPE_OCTAHEDRON:
    case AET_SHAPE_TRUNCATED:
    case AET_SHAPE_CONCAVE:
        AET_TRY(octahedron(p, b));
        break;
    case AET_SHAPE_CUBOCTAHEDRON:
    case AET_SHAPE_CUBE:
        AET_TRY(polyhedron(p, b));
        break;
    case AET_SHAPE_SPHERE:
        AET_TRY(sphere(p, b));
        break;
    case AET_SHAPE_RANDOM:
        return aet_body_random(p, b);
    case AET_SHAPE_DUMBBELL:
        AET_TRY(aet_body_dumbbell(p, b));
        b->volume = count_volume(b);
        return AET_OK;
    }
    for (int k = 0; k < 3; k++) {
        b->low[k] = -b->top;
        b->high[k] = b->top;
    }
    b->volume = count_volume(b);
    return AET_OK;
}
