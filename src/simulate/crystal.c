/* Sites of an fcc crystal, perfect or with a fault on a (111) plane. */
#include "crystal.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include <math.h>
#include <stdlib.h>

/* Nearest neighbours are sqrt 2 apart, the next 2: the middle, in half lattice constants. */
#define NEAR_LIMIT (0.5 * (M_SQRT2 + 2))
enum { NEIGHBOURS = 12 };

aet_err aet_sites_link(aet_sites *s)
{
    aet_cells *cells = NULL;
    aet_neighbours_free(&s->near);
    AET_TRY(aet_cells_create(s->n, (const double(*)[3])s->at, 0.5 * NEAR_LIMIT, &cells));
    aet_err err = aet_neighbours_find(cells, NEAR_LIMIT, &s->near);
    aet_cells_free(&cells);
    return err;
}

/* Writes a site when there is room for it. */
static void put(aet_sites *s, int64_t n, double x, double y, double z)
{
    if (s->at == NULL)
        return;
    s->at[n][0] = x;
    s->at[n][1] = y;
    s->at[n][2] = z;
}

/* Number of sites of the perfect crystal; writes them too when s->at is there. */
static int64_t walk(const aet_body *b, aet_sites *s)
{
    int64_t n = 0;
    int low[3], high[3];
    for (int k = 0; k < 3; k++) {
        low[k] = (int)ceil(b->low[k]);
        high[k] = (int)floor(b->high[k]);
    }
    for (int k = low[2]; k <= high[2]; k++)
        for (int j = low[1]; j <= high[1]; j++)
            for (int i = low[0]; i <= high[0]; i++)
                if ((i + j + k - b->parity) % 2 == 0 &&
                    aet_body_inside(b, (const double[3]){i, j, k}))
                    put(s, n++, i, j, k);
    return n;
}

/* Which of the three places of a close-packed layer layer l takes, up to multiples of 3; in the
 * perfect crystal l itself, one step on from layer to layer.  A layer is hcp-like where the steps
 * to it and from it differ.
 *   twin       steps + above the fault and - below: layer 0 is hcp-like, a mirror plane
 *   intrinsic  one step - from -1 to 0 (a layer is missing): -1 and 0 are hcp-like
 *   extrinsic  two steps - , from -1 to 1 (a layer too many): -1 and 1 are hcp-like, 0 is not */
static int place_of(int fault, int l)
{
    switch ((aet_fault)fault) {
    case AET_FAULT_TWIN:
        return abs(l);
    case AET_FAULT_INTRINSIC:
        return l < 0 ? l : l - 2;
    case AET_FAULT_EXTRINSIC:
        return l < 0 ? l : l == 0 ? -2 : l - 4;
    case AET_FAULT_NONE:
        break;
    }
    return l;
}

/* The same for a crystal built of (111) layers, 2/3 (1,1,1) apart, each shifted by its place times
 * (1,1,-2)/3 and spanned by (1,-1,0) and (0,1,-1). */
static int64_t walk_layers(const aet_body *b, int fault, int at_layer, aet_sites *s)
{
    int64_t n = 0;
    double reach = 0;
    for (int k = 0; k < 3; k++)
        reach += pow(fmax(fabs(b->low[k]), fabs(b->high[k])), 2);
    reach = sqrt(reach);
    /* layers are 2/sqrt 3 apart, rows of a layer sqrt 2 times sqrt 3/2; two more for the shift */
    int layers = (int)(reach * sqrt(3) / 2) + 1, rows = (int)(reach / sqrt(1.5)) + 2;
    for (int l = -layers; l <= layers; l++) {
        int place = (place_of(fault, l - at_layer) % 3 + 3) % 3;
        double up = 2.0 / 3 * l, aside = place / 3.0;
        for (int v = -rows; v <= rows; v++)
            for (int u = -rows; u <= rows; u++) {
                double x = up + aside + u, y = up + aside - u + v, z = up - 2 * aside - v;
                if (aet_body_inside(b, (const double[3]){x, y, z}))
                    put(s, n++, x, y, z);
            }
    }
    return n;
}

/* Layers by a breadth-first walk: a site is one deeper than its least deep neighbour, the outside
 * counts 0. */
static aet_err peel(aet_sites *s)
{
    int *queue = NULL, head = 0, tail = 0;
    AET_TRY(AET_ARRAY(s->n, "a queue of sites", &queue));
    for (int a = 0; a < s->n; a++)
        if (aet_neighbours_count(s->near, a) < NEIGHBOURS) {
            s->layer[a] = 1;
            queue[tail++] = a;
        }
    while (head < tail) {
        int a = queue[head++];
        for (int64_t k = s->near->start[a]; k < s->near->start[a + 1]; k++) {
            int b = s->near->index[k];
            if (s->layer[b] == 0) {
                s->layer[b] = s->layer[a] + 1;
                queue[tail++] = b;
            }
        }
    }
    aet_release(&queue);
    return AET_OK;
}

aet_err aet_crystal_create(const aet_particle_params *p, const aet_body *b, aet_sites *s)
{
    aet_err err = AET_OK;
    bool faulted = p->fault != AET_FAULT_NONE;
    *s = (aet_sites){0};
    AET_CHECK(!faulted || p->shape == AET_SHAPE_SPHERE || b->n > 0, AET_ERR_USAGE,
              "particle.fault needs the shape sphere, random or dumbbell");
    s->n = (int)(faulted ? walk_layers(b, p->fault, p->fault_layer, s) : walk(b, s));
    AET_GO(AET_ARRAY(s->n, "the sites of a particle", &s->at));
    AET_GO(AET_ARRAY(s->n, "the layers of a particle", &s->layer));
    if (faulted)
        walk_layers(b, p->fault, p->fault_layer, s);
    else
        walk(b, s);
    AET_GO(aet_sites_link(s));
    AET_GO(peel(s));
done:
    if (err != AET_OK)
        aet_sites_free(s);
    return err;
}

typedef struct {
    double key;
    int site;
} ticket;

static int by_key(const void *a, const void *b)
{
    const ticket *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return (p->site > q->site) - (p->site < q->site);
}

aet_err aet_sites_shuffle(int n, aet_rng key, int **order)
{
    ticket *tickets = NULL;
    *order = NULL;
    AET_TRY(AET_ARRAY(n, "the order of sites", &tickets));
    for (int a = 0; a < n; a++)
        tickets[a] = (ticket){aet_rng_uniform(key, (uint64_t)a), a};
    qsort(tickets, (size_t)n, sizeof *tickets, by_key);
    aet_err err = AET_ARRAY(n, "the order of sites", order);
    for (int t = 0; t < n && err == AET_OK; t++)
        (*order)[t] = tickets[t].site;
    aet_release(&tickets);
    return err;
}

aet_err aet_sites_vacate(aet_sites *s, double fraction, int seed)
{
    int gone = (int)lround(fraction * s->n), kept = 0, *order;
    if (gone == 0)
        return AET_OK;
    AET_TRY(aet_sites_shuffle(s->n, (aet_rng){(uint64_t)seed, 0, AET_RNG_VACANCY}, &order));
    for (int t = 0; t < gone; t++)
        s->at[order[t]][0] = NAN;
    aet_release(&order);
    for (int a = 0; a < s->n; a++) {
        if (isnan(s->at[a][0]))
            continue;
        for (int k = 0; k < 3; k++)
            s->at[kept][k] = s->at[a][k];
        if (s->layer != NULL)
            s->layer[kept] = s->layer[a];
        kept++;
    }
    s->n = kept;
    return aet_sites_link(s);
}

void aet_sites_free(aet_sites *s)
{
    aet_release(&s->at);
    aet_release(&s->layer);
    aet_neighbours_free(&s->near);
    s->n = 0;
}
