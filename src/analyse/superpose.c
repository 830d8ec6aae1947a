#include "aetlas/analyse/superpose.h"

#include "aetlas/analyse/grains.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/cells.h"
#include "aetlas/num/gemm.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLE = 1000,
    ROUNDS = 50,
    TRIAL_ROUNDS = 3,
    SHIFTS = 19,
    TRIAL_STEPS = 1,
    FINAL_STEPS = 20,
    MOST_GRAINS = 6,
    LEAST_GRAIN = 60
};

typedef struct {
    const aet_atoms *a, *b;
    aet_cells *cells; /* of a */
    double max_A;
    double start
        [19]
        [3]; /* steps between shifts: none, the 12 neighbour vectors of a and the 6 of its cube */
    int n_start;
    double (*from)[3], (*to)[3]; /* pairs, room for all of b */
} work;

static void turn(const double R[3][3], const double r[3], double out[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = R[k][0] * r[0] + R[k][1] * r[1] + R[k][2] * r[2];
}

static void centroid(const aet_atoms *a, double c[3])
{
    memset(c, 0, 3 * sizeof *c);
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++)
            c[k] += a->position_A[i][k] / a->n;
}

/* ---- one round ---- */

typedef struct {
    int pairs, same;
    double sum2;
} tally;

/* Every stride-th atom of b with its nearest of a. */
static tally pair_up(const work *w, const aet_superposition *s, int stride)
{
    tally t = {0};
    for (int j = 0; j < w->b->n; j += stride) {
        double p[3], d;
        turn(s->rotation, w->b->position_A[j], p);
        for (int k = 0; k < 3; k++)
            p[k] += s->shift_A[k];
        int i = aet_cells_nearest(w->cells, p, w->max_A, -1, &d);
        if (i < 0)
            continue;
        memcpy(w->from[t.pairs], w->b->position_A[j], sizeof *w->from);
        memcpy(w->to[t.pairs], w->a->position_A[i], sizeof *w->to);
        t.same += w->a->species[i] == w->b->species[j];
        t.sum2 += d * d;
        t.pairs++;
    }
    return t;
}

/* The rigid motion of `from` onto `to`; only the shift where few pairs leave the rotation open. */
static void best_motion(const work *w, int n, bool rigid, aet_superposition *s)
{
    double mean_f[3] = {0}, mean_t[3] = {0}, c[3][3] = {{0}}, u[3][3], d[3], v[3][3], moved[3];
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            mean_f[k] += w->from[i][k] / n;
            mean_t[k] += w->to[i][k] / n;
        }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            for (int j = 0; j < 3; j++)
                c[k][j] += (w->to[i][k] - mean_t[k]) * (w->from[i][j] - mean_f[j]);
    if (rigid && n >= 10 && aet_svd3((const double(*)[3])c, u, d, v) == AET_OK && d[1] > 0.0) {
        double uv[3], hand;
        cross(u[0], u[1], uv);
        hand = dot(uv, u[2]);
        cross(v[0], v[1], uv);
        hand *= dot(uv, v[2]);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                s->rotation[i][j] =
                    u[i][0] * v[j][0] + u[i][1] * v[j][1] + hand * u[i][2] * v[j][2];
    }
    turn(s->rotation, mean_f, moved);
    difference(mean_t, moved, s->shift_A);
}

static tally refine(const work *w, aet_superposition *s, int stride, int rounds, bool rigid)
{
    tally t = pair_up(w, s, stride), next;
    for (int round = 0; round < rounds && t.pairs > 0; round++) {
        best_motion(w, t.pairs, rigid, s);
        next = pair_up(w, s, stride);
        bool settled = next.pairs == t.pairs && fabs(next.sum2 - t.sum2) < 1e-12 * (1.0 + t.sum2);
        t = next;
        if (settled)
            break;
    }
    return t;
}

/* ---- where to start ---- */

/* The 24 rotations of the cube, as signed permutations of determinant 1. */
static void cube_rotation(int n, double Q[3][3])
{
    static const int order[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1},
                                    {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};
    const int *p = order[n / 4];
    double sign[3] = {n & 1 ? -1.0 : 1.0, n & 2 ? -1.0 : 1.0, 1.0};
    sign[2] = sign[0] * sign[1] * (n / 4 < 3 ? 1.0 : -1.0);
    memset(Q, 0, 9 * sizeof(double));
    for (int k = 0; k < 3; k++)
        Q[k][p[k]] = sign[k];
}

static double angle_deg(const double (*R)[3])
{
    double c = 0.5 * (R[0][0] + R[1][1] + R[2][2] - 1.0);
    return acos(fmax(-1.0, fmin(1.0, c))) * AET_DEG_PER_RAD;
}

/* R = Ra Q Rb^T */
static void between(const double Ra[3][3], const double Q[3][3], const double Rb[3][3],
                    double R[3][3])
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            R[i][j] = 0.0;
            for (int k = 0; k < 3; k++)
                for (int l = 0; l < 3; l++)
                    R[i][j] += Ra[i][k] * Q[k][l] * Rb[j][l];
        }
}

/* A particle of many twins has no one lattice: those of its grains with a tenth of all that lie on any. */
typedef struct {
    aet_lattice lattice[MOST_GRAINS];
    int n;
} lattices;

static aet_err lattices_of(const aet_atoms *a, const aet_cells *cells, double start_A, lattices *l)
{
    aet_grains *g = NULL;
    AET_TRY(aet_grains_find(a, cells, start_A, 0.25, LEAST_GRAIN, &g));
    l->n = 0;
    for (int k = 0; k < g->n && l->n < MOST_GRAINS && 5 * g->assigned >= a->n; k++)
        if (10 * g->fit[k].assigned >= g->assigned)
            l->lattice[l->n++] = g->fit[k].lattice;
    aet_grains_free(&g);
    return AET_OK;
}

/* Where the centroids fall on each other. */
static void from_centroids(const work *w, const double rotation[3][3], double shift[3])
{
    double ca[3], cb[3], moved[3];
    centroid(w->a, ca);
    centroid(w->b, cb);
    turn(rotation, cb, moved);
    difference(ca, moved, shift);
}

/* Score: atoms of equal species, less a trifle for large rotations, which decides between equals. */
static double score_of(const work *w, aet_superposition *trial)
{
    tally t = refine(w, trial, 1 + w->b->n / SAMPLE, TRIAL_ROUNDS, false);
    return t.same + 0.5 * t.pairs - 1e-3 * angle_deg((const double(*)[3])trial->rotation);
}

/* Steps from neighbour to neighbour on the lattice of a while that brings more together: where a side of
 * the particle went, its centroid moved by several. */
static double walk(const work *w, int steps, double best, aet_superposition *s)
{
    for (bool better = true; better && steps > 0; steps--) {
        const aet_superposition from = *s;
        better = false;
        for (int n = 1; n < w->n_start; n++) {
            aet_superposition trial = from;
            for (int k = 0; k < 3; k++)
                trial.shift_A[k] += w->start[n][k];
            double score = score_of(w, &trial);
            if (score > best + 1e-9) {
                best = score;
                *s = trial;
                better = true;
            }
        }
    }
    return best;
}

static double try_all(const work *w, aet_superposition *s)
{
    from_centroids(w, (const double(*)[3])s->rotation, s->shift_A);
    return walk(w, TRIAL_STEPS, score_of(w, s), s);
}

static void lattice_vectors(work *w, const aet_lattice *l)
{
    for (int n = 0; n < SHIFTS - 1; n++) {
        int cube[3] = {0};
        cube[n % 3] = n < 15 ? 2 : -2;
        aet_lattice_position(l, n < 12 ? aet_fcc_neighbour[n] : cube, w->start[n + 1]);
        difference(w->start[n + 1], l->origin_A, w->start[n + 1]);
    }
    w->n_start = SHIFTS;
}

/* Every rotation of a lattice of b onto that of a's largest grain. */
static void try_lattices(const work *w, const aet_lattice *la, const aet_lattice *lb, bool turned,
                         double *best, aet_superposition *s)
{
    for (int n = 0; n < 24; n++) {
        aet_superposition trial = {0};
        double Q[3][3];
        cube_rotation(n, Q);
        between((const double(*)[3])la->rotation, (const double(*)[3])Q,
                (const double(*)[3])lb->rotation, trial.rotation);
        if (!turned && angle_deg((const double(*)[3])trial.rotation) > 20.0)
            continue;
        double score = try_all(w, &trial);
        if (score > *best) {
            *best = score;
            *s = trial;
        }
    }
}

static aet_err search(work *w, double lattice_A, bool turned, aet_superposition *s)
{
    aet_cells *cells_b = NULL;
    lattices a = {0}, b = {0};
    aet_err err = AET_OK;
    AET_GO(aet_cells_create(w->b->n, (const double(*)[3])w->b->position_A, 0.0, &cells_b));
    AET_GO(lattices_of(w->a, w->cells, lattice_A, &a));
    AET_GO(lattices_of(w->b, cells_b, lattice_A, &b));
    if (a.n > 0)
        lattice_vectors(w, &a.lattice[0]);
    double best = try_all(w, s);
    for (int g = 0; g < b.n && a.n > 0; g++)
        try_lattices(w, &a.lattice[0], &b.lattice[g], turned, &best, s);
    (void)walk(w, FINAL_STEPS, best, s);
done:
    aet_cells_free(&cells_b);
    return err;
}

aet_err aet_superpose(const aet_atoms *a, const aet_atoms *b, double max_A, double lattice_A,
                      bool turned, aet_superposition *s)
{
    aet_err err = AET_OK;
    work w = {.a = a, .b = b, .max_A = max_A, .n_start = 1};
    *s = (aet_superposition){.rotation = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    if (a->n == 0 || b->n == 0)
        return AET_OK;
    AET_GO(aet_cells_create(a->n, (const double(*)[3])a->position_A, 0.0, &w.cells));
    AET_GO(AET_ARRAY(b->n, "pairs of atoms", &w.from));
    AET_GO(AET_ARRAY(b->n, "pairs of atoms", &w.to));
    AET_GO(search(&w, lattice_A, turned, s));
    tally t = refine(&w, s, 1, ROUNDS, true);
    s->common = t.pairs;
    s->rmsd_A = t.pairs ? sqrt(t.sum2 / t.pairs) : 0.0;
    s->turned_deg = angle_deg((const double(*)[3])s->rotation);
done:
    aet_cells_free(&w.cells);
    aet_release(&w.from);
    aet_release(&w.to);
    return err;
}

void aet_superpose_apply(const aet_superposition *s, aet_atoms *b)
{
    for (int i = 0; i < b->n; i++) {
        double r[3];
        turn(s->rotation, b->position_A[i], r);
        for (int k = 0; k < 3; k++)
            b->position_A[i][k] = r[k] + s->shift_A[k];
    }
}
