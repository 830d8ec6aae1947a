/* Agreement of two models. */
#include "aetlas/data/atoms.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/cells.h"

#include <math.h>
#include <string.h>

enum { MAX_ROUNDS = 100 };

typedef struct {
    const aet_atoms *a, *b;
    aet_cells *cells_a, *cells_b; /* of the unshifted positions */
    double max_A;
    int *a_to_b, *b_to_a; /* nearest in the other model, or -1 */
} pairing;

static void shifted(const double x[3], const double shift[3], double sign, double y[3])
{
    for (int k = 0; k < 3; k++)
        y[k] = x[k] + sign * shift[k];
}

static void find_nearest(pairing *p, const double shift[3])
{
    double y[3];
    for (int i = 0; i < p->a->n; i++) {
        shifted(p->a->position_A[i], shift, 1.0, y);
        p->a_to_b[i] = aet_cells_nearest(p->cells_b, y, p->max_A, -1, NULL);
    }
    for (int j = 0; j < p->b->n; j++) {
        shifted(p->b->position_A[j], shift, -1.0, y);
        p->b_to_a[j] = aet_cells_nearest(p->cells_a, y, p->max_A, -1, NULL);
    }
}

/* Sums over a set of pairs (i of a, j of b). */
typedef struct {
    int n, same;
    double sum[3], sum2;
} tally;

static void tally_add(tally *t, const pairing *p, int i, int j, const double shift[3])
{
    for (int k = 0; k < 3; k++) {
        double d = p->b->position_A[j][k] - p->a->position_A[i][k] - shift[k];
        t->sum[k] += d;
        t->sum2 += d * d;
    }
    t->n++;
    t->same += p->a->species[i] == p->b->species[j];
}

static bool mutual(const pairing *p, int i)
{
    return p->a_to_b[i] >= 0 && p->b_to_a[p->a_to_b[i]] == i;
}

/* Pairs at the given shift; gives the tally of the
 * mutual ones and the residual mean displacement. */
static tally pair_up(pairing *p, const double shift[3], double residual[3])
{
    tally t = {0};
    find_nearest(p, shift);
    for (int i = 0; i < p->a->n; i++)
        if (mutual(p, i))
            tally_add(&t, p, i, p->a_to_b[i], shift);
    for (int k = 0; k < 3; k++)
        residual[k] = t.n ? t.sum[k] / t.n : 0.0;
    return t;
}

/* Moves the shift by the mean displacement of the common pairs until the pairs stay the same, which
 * makes the residual exactly zero up to rounding. */
static tally settle(pairing *p, double shift[3])
{
    double residual[3];
    tally t = pair_up(p, shift, residual);
    for (int round = 0; round < MAX_ROUNDS && t.n; round++) {
        for (int k = 0; k < 3; k++)
            shift[k] += residual[k];
        t = pair_up(p, shift, residual);
        if (fabs(residual[0]) + fabs(residual[1]) + fabs(residual[2]) < 1e-10)
            break;
    }
    return t;
}

static void centroid_shift(const pairing *p, double shift[3])
{
    for (int k = 0; k < 3; k++) {
        double a = 0.0, b = 0.0;
        for (int i = 0; i < p->a->n; i++)
            a += p->a->position_A[i][k];
        for (int j = 0; j < p->b->n; j++)
            b += p->b->position_A[j][k];
        shift[k] = b / p->b->n - a / p->a->n;
    }
}

/* The models may have different origins: when under half of the atoms are common as they lie, start
 * from coinciding centroids too and keep the better. */
static tally best_shift(pairing *p, double shift[3])
{
    tally t = settle(p, shift);
    int fewer = p->a->n < p->b->n ? p->a->n : p->b->n;
    if (fewer > 0 && 2 * t.n < fewer) {
        double other[3];
        centroid_shift(p, other);
        tally from_centroid = settle(p, other);
        if (from_centroid.n > t.n) {
            memcpy(shift, other, sizeof other);
            return from_centroid;
        }
        t = settle(p, shift);
    }
    return t;
}

static void fill_match(const pairing *p, const tally *t, aet_atoms_match *m)
{
    tally near = {0};
    for (int j = 0; j < p->b->n; j++)
        if (p->b_to_a[j] >= 0)
            tally_add(&near, p, p->b_to_a[j], j, m->shift_A);
    m->common = t->n;
    m->rmsd_A = t->n ? sqrt(t->sum2 / t->n) : 0.0;
    m->species_fraction = t->n ? (double)t->same / t->n : 0.0;
    m->near = near.n;
    m->near_rmsd_A = near.n ? sqrt(near.sum2 / near.n) : 0.0;
    m->near_species_fraction = near.n ? (double)near.same / near.n : 0.0;
}

aet_err aet_atoms_compare(const aet_atoms *a, const aet_atoms *b, double max_A, bool remove_shift,
                          aet_atoms_match *match, int *pair)
{
    aet_err err = AET_OK;
    pairing p = {.a = a, .b = b, .max_A = max_A};
    AET_CHECK(max_A > 0.0, AET_ERR_USAGE,
              "the largest distance of a common pair is %g A, must be positive", max_A);
    *match = (aet_atoms_match){.n_a = a->n, .n_b = b->n};
    AET_GO(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0.0, &p.cells_a));
    AET_GO(aet_cells_create(b->n, (const double(*)[3])b->position_A, 0.0, &p.cells_b));
    AET_GO(AET_ARRAY(a->n, "nearest atoms", &p.a_to_b));
    AET_GO(AET_ARRAY(b->n, "nearest atoms", &p.b_to_a));
    double residual[3];
    tally t = remove_shift ? best_shift(&p, match->shift_A) : pair_up(&p, match->shift_A, residual);
    fill_match(&p, &t, match);
    for (int i = 0; pair && i < a->n; i++)
        pair[i] = mutual(&p, i) ? p.a_to_b[i] : -1;
done:
    aet_cells_free(&p.cells_a);
    aet_cells_free(&p.cells_b);
    aet_release(&p.a_to_b);
    aet_release(&p.b_to_a);
    return err;
}
