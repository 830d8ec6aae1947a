#include "body.h"
#include "aetlas/base/mem.h"
#include <math.h>
#include <stdlib.h>

enum { EDGE_MAX = 300, GRID = 64 };
#define SLACK 1e-9 /* of sites that lie on a face, in half lattice constants */

static double field(const aet_body *b, const double r[3])
{
    double sum = 0;
    for (int i = 0; i < b->n; i++) {
        double x = r[0] - b->ball[i].at[0], y = r[1] - b->ball[i].at[1],
               z = r[2] - b->ball[i].at[2];
        sum += exp((b->ball[i].radius - sqrt(x * x + y * y + z * z)) / b->soft);
    }
    return b->soft * log(sum);
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
        return field(b, r) >= b->level;
    double sum = b->dent > 0 ? b->sum - b->dent * hollow(x, y, z) : b->sum;
    return x + y + z <= sum + SLACK && fmax(x, fmax(y, z)) <= b->top + SLACK &&
           x * x + y * y + z * z <= b->square;
}

void aet_body_bound(aet_body *b)
{
    /* no union bulges farther than that of n balls in one place */
    double bulge = b->soft * log(b->n) - b->level;
    for (int k = 0; k < 3; k++) {
        b->low[k] = HUGE_VAL;
        b->high[k] = -HUGE_VAL;
        for (int i = 0; i < b->n; i++) {
            b->low[k] = fmin(b->low[k], b->ball[i].at[k] - b->ball[i].radius - bulge);
            b->high[k] = fmax(b->high[k], b->ball[i].at[k] + b->ball[i].radius + bulge);
        }
    }
}

/* Point c of a grid of GRID^3 over the bounds, in the middle of its cell. */
static void grid_point(const aet_body *b, int c, double r[3])
{
    const int at[3] = {c % GRID, c / GRID % GRID, c / GRID / GRID};
    for (int k = 0; k < 3; k++)
        r[k] = b->low[k] + (at[k] + 0.5) / GRID * (b->high[k] - b->low[k]);
}

static double grid_cell(const aet_body *b)
{
    double volume = 1;
    for (int k = 0; k < 3; k++)
        volume *= (b->high[k] - b->low[k]) / GRID;
    return volume;
}

double aet_body_volume(const aet_body *b)
{
    double r[3];
    int n = 0;
    for (int c = 0; c < GRID * GRID * GRID; c++) {
        grid_point(b, c, r);
        n += aet_body_inside(b, r);
    }
    return n * grid_cell(b);
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

aet_err aet_body_level(aet_body *b, double volume)
{
    const int cells = GRID * GRID * GRID;
    double *value = NULL, r[3];
    aet_body_bound(b);
    AET_TRY(AET_ARRAY(cells, "the field of a shape", &value));
    for (int c = 0; c < cells; c++) {
        grid_point(b, c, r);
        value[c] = field(b, r);
    }
    qsort(value, (size_t)cells, sizeof *value, descending);
    int wanted = (int)lround(volume / grid_cell(b));
    b->level = value[wanted < cells ? wanted : cells - 1];
    aet_release(&value);
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
        b->dent = 2 * (p->dent > 0 ? p->dent : m / 4.0); /* {111} layers are 2 apart in the sum */
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
        return aet_body_dumbbell(p, b);
    }
    for (int k = 0; k < 3; k++) {
        b->low[k] = -b->top;
        b->high[k] = b->top;
    }
    return AET_OK;
}
