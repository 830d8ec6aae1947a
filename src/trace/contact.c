/* Atoms at the surface that hardly anything holds, after the unsupervised models of crystals in
 * liquid cells (see the header). */
#include "trace/detect_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/sort.h"
#include <math.h>
#include <string.h>

#define OUTER_SHARE 0.15
#define BOUND_SHARE 0.95
#define BOUND_MOST  6

typedef struct {
    int n;
    double (*x)[3];
    aet_neighbours *nb; /* within the contact distance */
    bool *outer;
} crowd;

/* Median distance of nearest neighbours; 0 for a single atom. */
static aet_err typical_bond(const crowd *c, double *bond)
{
    aet_cells *cells = NULL;
    double *d = NULL;
    aet_err err = AET_ARRAY(c->n, "distances of neighbours", &d);
    AET_GO(err);
    AET_GO(aet_cells_create(c->n, (const double(*)[3])c->x, 0, &cells));
    int found = 0;
    for (int i = 0; i < c->n; i++)
        found += aet_cells_nearest(cells, c->x[i], INFINITY, i, &d[found]) >= 0;
    aet_sort(found, d);
    *bond = found ? d[found / 2] : 0;
done:
    aet_cells_free(&cells);
    aet_release(&d);
    return err;
}

static aet_err find_contacts(crowd *c)
{
    aet_cells *cells = NULL;
    double bond;
    AET_TRY(typical_bond(c, &bond));
    double reach = 0.5 * (1 + sqrt(2.0)) * bond + 0.15 * 0.5 * bond;
    aet_err err = aet_cells_create(c->n, (const double(*)[3])c->x, 0.5 * reach, &cells);
    if (err == AET_OK)
        err = aet_neighbours_find(cells, reach, &c->nb);
    aet_cells_free(&cells);
    return err;
}

static double distance_from(const double a[3], const double b[3])
{
    return sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
}

/* Marks the atoms farthest from the centre of all. */
static aet_err mark_outer(crowd *c)
{
    double centre[3] = {0}, *d = NULL;
    AET_TRY(AET_ARRAY(2 * (int64_t)c->n, "distances from the centre", &d));
    for (int i = 0; i < c->n; i++)
        for (int a = 0; a < 3; a++)
            centre[a] += c->x[i][a] / c->n;
    for (int i = 0; i < c->n; i++)
        d[i] = d[c->n + i] = distance_from(c->x[i], centre);
    aet_sort(c->n, d + c->n);
    int inner = c->n - (int)(OUTER_SHARE * c->n);
    double limit = inner > 0 ? d[c->n + inner - 1] : 0;
    for (int i = 0; i < c->n; i++)
        c->outer[i] = d[i] > limit;
    aet_release(&d);
    return AET_OK;
}

static int score(const crowd *c, const bool *keep, int i)
{
    int n = 0;
    for (int64_t k = c->nb->start[i]; k < c->nb->start[i + 1]; k++)
        n += keep[c->nb->index[k]];
    return n;
}

static int bound_of(const crowd *c)
{
    for (int bound = 0; bound < BOUND_MOST; bound++) {
        int reach = 0;
        for (int i = 0; i < c->n; i++)
            reach += aet_neighbours_count(c->nb, i) >= bound;
        if (reach <= BOUND_SHARE * c->n)
            return bound;
    }
    return BOUND_MOST;
}

/* One round: all that fall at once; small NULL: whatever their radius.  Gives how many fell. */
static int drop(const crowd *c, int least, const bool *small, bool *keep, bool *fall)
{
    int n = 0;
    for (int i = 0; i < c->n; i++) {
        fall[i] = keep[i] && c->outer[i] && (!small || small[i]) && score(c, keep, i) < least;
        n += fall[i];
    }
    for (int i = 0; i < c->n; i++)
        keep[i] = keep[i] && !fall[i];
    return n;
}

aet_err aet_pieces_held(int n, const aet_piece *pieces, double radius, bool *keep, int *bound)
{
    aet_err err = AET_OK;
    crowd c = {.n = n};
    bool *small = NULL, *fall = NULL;
    AET_GO(AET_ARRAY(n, "positions of pieces", &c.x));
    AET_GO(AET_ARRAY(n, "outer pieces", &c.outer));
    AET_GO(AET_ARRAY(n, "small pieces", &small));
    AET_GO(AET_ARRAY(n, "falling pieces", &fall));
    for (int i = 0; i < n; i++) {
        memcpy(c.x[i], pieces[i].at, sizeof c.x[i]);
        keep[i] = true;
        small[i] = pieces[i].radius < 0.5 * radius;
    }
    AET_GO(find_contacts(&c));
    AET_GO(mark_outer(&c));
    int least = bound_of(&c);
    if (bound)
        *bound = least;
    drop(&c, least - 1, NULL, keep, fall);
    while (drop(&c, least, small, keep, fall) > 0)
        ;
done:
    aet_neighbours_free(&c.nb);
    aet_release(&c.x);
    aet_release(&c.outer);
    aet_release(&small);
    aet_release(&fall);
    return err;
}
