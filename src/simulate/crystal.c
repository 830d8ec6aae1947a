#include "crystal.h"
#include "aetlas/base/mem.h"
#include <math.h>
#include <stdlib.h>

enum { EDGE_MAX = 300, NEIGHBOURS = 12 };

static const int neighbour[NEIGHBOURS][3] = {{1, 1, 0}, {1, -1, 0}, {-1, 1, 0}, {-1, -1, 0},
                                             {1, 0, 1}, {1, 0, -1}, {-1, 0, 1}, {-1, 0, -1},
                                             {0, 1, 1}, {0, 1, -1}, {0, -1, 1}, {0, -1, -1}};

/* A convex body on the half-lattice: |i|+|j|+|k| <= sum ({111} faces), each <= top ({100} faces),
 * within sqrt(square) of the centre; sites of the given parity. */
typedef struct {
    int sum, top, parity;
    double square;
} body;

static aet_err body_of(const aet_particle_params *p, body *b)
{
    double radius = p->size / p->lattice_A;
    int n = (int)lround(p->size), m = n - 1;
    bool sphere = p->shape == AET_SHAPE_SPHERE;

    AET_CHECK(sphere || (fabs(p->size - n) < 1e-9 && n >= 2 && n <= EDGE_MAX), AET_ERR_USAGE,
              "particle.size = %g; expected 2 to %d whole atoms along an edge", p->size, EDGE_MAX);
    AET_CHECK(!sphere || radius <= EDGE_MAX, AET_ERR_USAGE,
              "particle.size = %g A is too large a sphere; at most %g A at this lattice constant",
              p->size, EDGE_MAX * p->lattice_A);
    AET_CHECK(p->cut == 0 || p->shape == AET_SHAPE_TRUNCATED, AET_ERR_USAGE,
              "particle.cut = %d has a meaning only for a truncated octahedron", p->cut);
    *b = (body){.sum = 3 * EDGE_MAX, .top = m, .square = HUGE_VAL, .parity = m % 2};
    switch ((aet_shape)p->shape) {
    case AET_SHAPE_OCTAHEDRON:
        b->sum = m;
        break;
    case AET_SHAPE_TRUNCATED: {
        int cut = p->cut > 0 ? p->cut : m / 3;
        AET_CHECK(cut >= 1 && 2 * cut <= m, AET_ERR_USAGE,
                  "an octahedron of %d atoms an edge cannot lose "
                  "%d layers at each corner; expected 1 to %d",
                  n, cut, m / 2);
        b->sum = m;
        b->top = m - cut;
        break;
    }
    case AET_SHAPE_CUBOCTAHEDRON:
        b->sum = 2 * m;
        b->parity = 0;
        break;
    case AET_SHAPE_CUBE:
        break;
    case AET_SHAPE_SPHERE:
        b->square = radius * radius * (1 + 1e-9);
        b->top = (int)floor(sqrt(b->square));
        b->parity = 0;
        break;
    }
    return AET_OK;
}

static bool inside(const body *b, int i, int j, int k)
{
    return abs(i) + abs(j) + abs(k) <= b->sum && (i + j + k - b->parity) % 2 == 0 &&
           (double)(i * i + j * j + k * k) <= b->square;
}

/* Number of sites; writes them too when s->at is there. */
static int64_t walk(const body *b, aet_crystal *s)
{
    int64_t n = 0;
    for (int k = -b->top; k <= b->top; k++)
        for (int j = -b->top; j <= b->top; j++)
            for (int i = -b->top; i <= b->top; i++) {
                if (!inside(b, i, j, k))
                    continue;
                if (s->at != NULL) {
                    s->at[n][0] = i;
                    s->at[n][1] = j;
                    s->at[n][2] = k;
                }
                n++;
            }
    return n;
}

/* A dense grid from lattice coordinates to site numbers (-1: empty), one rim of empties around. */
typedef struct {
    int top, side;
    int *site;
} grid;

static int64_t cell(const grid *g, const int at[3], const int step[3])
{
    int64_t x = at[0] + step[0] + g->top + 1, y = at[1] + step[1] + g->top + 1;
    int64_t z = at[2] + step[2] + g->top + 1;
    return (z * g->side + y) * g->side + x;
}

static aet_err grid_create(const aet_crystal *s, int top, grid *g)
{
    static const int here[3] = {0, 0, 0};
    *g = (grid){.top = top, .side = 2 * top + 3};
    int64_t cells = (int64_t)g->side * g->side * g->side;
    AET_TRY(AET_ARRAY(cells, "the sites of a particle", &g->site));
    for (int64_t c = 0; c < cells; c++)
        g->site[c] = -1;
    for (int a = 0; a < s->n; a++)
        g->site[cell(g, s->at[a], here)] = a;
    return AET_OK;
}

/* Layers by a breadth-first walk: a site is one deeper
 * than its least deep neighbour, empties count 0. */
static aet_err peel(aet_crystal *s, int top)
{
    aet_err err = AET_OK;
    grid g = {0};
    int *queue = NULL, head = 0, tail = 0;
    AET_GO(grid_create(s, top, &g));
    AET_GO(AET_ARRAY(s->n, "a queue of sites", &queue));
    for (int a = 0; a < s->n; a++)
        for (int k = 0; k < NEIGHBOURS && s->layer[a] == 0; k++)
            if (g.site[cell(&g, s->at[a], neighbour[k])] < 0) {
                s->layer[a] = 1;
                queue[tail++] = a;
            }
    while (head < tail) {
        int a = queue[head++];
        for (int k = 0; k < NEIGHBOURS; k++) {
            int b = g.site[cell(&g, s->at[a], neighbour[k])];
            if (b >= 0 && s->layer[b] == 0) {
                s->layer[b] = s->layer[a] + 1;
                queue[tail++] = b;
            }
        }
    }
done:
    aet_release(&g.site);
    aet_release(&queue);
    return err;
}

aet_err aet_crystal_create(const aet_particle_params *p, aet_crystal *s)
{
    body b;
    *s = (aet_crystal){0};
    AET_TRY(body_of(p, &b));
    s->n = (int)walk(&b, s);
    aet_err err = AET_OK;
    AET_GO(AET_ARRAY(s->n, "the sites of a particle", &s->at));
    AET_GO(AET_ARRAY(s->n, "the layers of a particle", &s->layer));
    walk(&b, s);
    AET_GO(peel(s, b.top));
done:
    if (err != AET_OK)
        aet_crystal_free(s);
    return err;
}

void aet_crystal_free(aet_crystal *s)
{
    aet_release(&s->at);
    aet_release(&s->layer);
    s->n = 0;
}
