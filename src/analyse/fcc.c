#include "aetlas/analyse/fcc.h"

#include "aetlas/base/mem.h"
#include "analyse/vector.h"
#include "sites.h"

#include <math.h>
#include <string.h>

enum {
    SEEDS = 32,      /* atoms near the centroid that are looked at */
    ATTEMPTS = 5,    /* seeds tried until half of the atoms are assigned */
    AROUND = 16,     /* neighbours of a seed that may name the orientation */
    MAX_ROUNDS = 60, /* assignments and fits; real particles need fewer than ten */
};
static const double settled_A = 1e-5; /* Lee et al. 2022 */

typedef struct {
    const aet_atoms *a;
    const aet_cells *cells;
    double start_A, tolerance;
    int (*site)[3]; /* of each atom */
    bool *member;
    double (*r)[3]; /* of the members, for the fit */
    int (*s)[3];
    aet_fcc_sites *sites;
    int *queue;
} work;

/* --- the first orientation ------------------------------------------------------------------- */

typedef struct {
    int atom, score; /* score: of the 12 neighbour sites those with an atom */
    double misfit;   /* sum of squared distances of these */
    double rotation[3][3];
} seed;

/* Rows: unit vectors along u, in the plane of u and v, and across it. */
static void frame(const double u[3], const double v[3], double f[3][3])
{
    memcpy(f[0], u, 3 * sizeof(double));
    normalise(f[0]);
    cross(u, v, f[2]);
    normalise(f[2]);
    cross(f[2], f[0], f[1]);
}

/* The rotation that takes the directions [110] and [101] to u and v. */
static void rotation_from(const double u[3], const double v[3], double rotation[3][3])
{
    static const double u0[3] = {1, 1, 0}, v0[3] = {1, 0, 1};
    double from[3][3], to[3][3];
    frame(u0, v0, from);
    frame(u, v, to);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            rotation[i][j] = to[0][i] * from[0][j] + to[1][i] * from[1][j] + to[2][i] * from[2][j];
}

/* Sites around the seed that have an atom within reach under this rotation. */
static int score_rotation(const work *w, const double rotation[3][3], int n, const double (*x)[3],
                          double *misfit)
{
    aet_lattice l = {.constant_A = w->start_A};
    memcpy(l.rotation, rotation, sizeof l.rotation);
    double reach = w->tolerance * w->start_A * sqrt(0.5), at[3];
    int score = 0;
    *misfit = 0.0;
    for (int s = 0; s < 12; s++) {
        double best = reach * reach;
        bool found = false;
        aet_lattice_position(&l, aet_fcc_neighbour[s], at);
        for (int k = 0; k < n; k++) {
            double d[3] = {x[k][0] - at[0], x[k][1] - at[1], x[k][2] - at[2]};
            if (dot(d, d) <= best) {
                best = dot(d, d);
                found = true;
            }
        }
        score += found;
        *misfit += found ? best : 0.0;
    }
    return score;
}

/* Vectors from the atom to those at about the nearest-neighbour distance. */
static int vectors_around(const work *w, int atom, double (*x)[3])
{
    int index[AROUND];
    double nn = w->start_A * sqrt(0.5), d[AROUND];
    int found = aet_cells_k_nearest(w->cells, w->a->position_A[atom], AROUND,
                                    (1.0 + 1.2 * w->tolerance) * nn, atom, index, d),
        n = 0;
    for (int k = 0; k < found; k++)
        if (d[k] > (1.0 - 1.2 * w->tolerance) * nn) {
            for (int c = 0; c < 3; c++)
                x[n][c] = w->a->position_A[index[k]][c] - w->a->position_A[atom][c];
            n++;
        }
    return n;
}

/* Best orientation of the surroundings of one atom: every ordered
 * pair of neighbours about 60 degrees apart is taken for [110] and
 * [101].  (The exchanged pair is the twin, which fits fewer sites.) */
static seed look_around(const work *w, int atom)
{
    seed best = {.atom = atom};
    double x[AROUND][3];
    int n = vectors_around(w, atom, x);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double cosine = dot(x[i], x[j]) / sqrt(dot(x[i], x[i]) * dot(x[j], x[j]));
            if (i == j || fabs(cosine - 0.5) > 0.25)
                continue;
            double rotation[3][3], misfit;
            rotation_from(x[i], x[j], rotation);
            int score =
                score_rotation(w, (const double(*)[3])rotation, n, (const double(*)[3])x, &misfit);
            if (score > best.score || (score == best.score && misfit < best.misfit)) {
                best.score = score;
                best.misfit = misfit;
                memcpy(best.rotation, rotation, sizeof rotation);
            }
        }
    return best;
}

static void centroid(const aet_atoms *a, double c[3])
{
    for (int k = 0; k < 3; k++) {
        c[k] = 0.0;
        for (int i = 0; i < a->n; i++)
            c[k] += a->position_A[i][k] / a->n;
    }
}

/* Seeds near the centroid, best first: most neighbours on sites, then nearest to the centroid. */
static int find_seeds(const work *w, seed seeds[SEEDS])
{
    double c[3];
    int index[SEEDS];
    centroid(w->a, c);
    int n = aet_cells_k_nearest(w->cells, c, SEEDS, INFINITY, -1, index, NULL);
    for (int k = 0; k < n; k++) {
        seed s = look_around(w, index[k]);
        int at = k;
        for (; at > 0 && seeds[at - 1].score < s.score; at--)
            seeds[at] = seeds[at - 1];
        seeds[at] = s;
    }
    return n;
}

/* --- growth and fit --------------------------------------------------------------------------- */

/* Vectors from an atom to its 12 neighbour sites. */
static void neighbour_vectors(const aet_lattice *l, double v[12][3])
{
    aet_lattice centred = *l;
    memset(centred.origin_A, 0, sizeof centred.origin_A);
    for (int k = 0; k < 12; k++)
        aet_lattice_position(&centred, aet_fcc_neighbour[k], v[k]);
}

static void add_sites(const int a[3], const int b[3], int c[3])
{
    for (int k = 0; k < 3; k++)
        c[k] = a[k] + b[k];
}

/* Where an atom on the site is expected: the mean of what its assigned neighbours say.  Asking the
 * neighbours and not the global lattice follows a lattice that is bent or stretched as a whole. */
static void predict(const work *w, const int site[3], double v[12][3], double p[3])
{
    int n = 0;
    p[0] = p[1] = p[2] = 0.0;
    for (int k = 0; k < 12; k++) {
        int next[3];
        add_sites(site, aet_fcc_neighbour[k], next);
        int j = aet_fcc_sites_get(w->sites, next);
        for (int c = 0; c < 3 && j >= 0; c++)
            p[c] += w->a->position_A[j][c] - v[k][c];
        n += j >= 0;
    }
    for (int c = 0; c < 3; c++)
        p[c] /= n;
}

/* Breadth first from the seed: the atom nearest to
 * each predicted site takes it when within reach. */
static void grow(work *w, int first, const aet_lattice *l)
{
    static const int origin[3] = {0, 0, 0};
    double reach = w->tolerance * l->constant_A * sqrt(0.5), v[12][3], p[3];
    int count = 0, taken = 0;
    neighbour_vectors(l, v);
    memset(w->member, 0, (size_t)w->a->n * sizeof *w->member);
    aet_fcc_sites_clear(w->sites);
    aet_fcc_sites_put(w->sites, origin, first);
    memcpy(w->site[first], origin, sizeof origin);
    w->member[first] = true;
    w->queue[count++] = first;
    while (taken < count) {
        int i = w->queue[taken++];
        for (int k = 0; k < 12; k++) {
            int site[3];
            add_sites(w->site[i], aet_fcc_neighbour[k], site);
            if (aet_fcc_sites_get(w->sites, site) >= 0)
                continue;
            predict(w, site, v, p);
            int j = aet_cells_nearest(w->cells, p, reach, -1, NULL);
            if (j < 0 || w->member[j])
                continue;
            aet_fcc_sites_put(w->sites, site, j);
            memcpy(w->site[j], site, sizeof site);
            w->member[j] = true;
            w->queue[count++] = j;
        }
    }
}

/* Neighbours of a member on neighbouring sites, at the right vector. */
static int true_bonds(const work *w, int i, double v[12][3], double reach)
{
    int bonds = 0;
    for (int k = 0; k < 12; k++) {
        int next[3];
        double d2 = 0.0;
        add_sites(w->site[i], aet_fcc_neighbour[k], next);
        int j = aet_fcc_sites_get(w->sites, next);
        if (j < 0 || !w->member[j])
            continue;
        for (int c = 0; c < 3; c++) {
            double d = w->a->position_A[j][c] - w->a->position_A[i][c] - v[k][c];
            d2 += d * d;
        }
        bonds += d2 <= reach * reach;
    }
    return bonds;
}

/* Takes away, until nothing changes, members with fewer than three bonds (the least that fixes an
 * atom on a face), and what then hangs apart.  In a disordered model chance assignments form trees,
 * which go; in a crystal everything has more. */
static aet_err prune(work *w, const aet_lattice *l)
{
    double reach = w->tolerance * l->constant_A * sqrt(0.5), v[12][3];
    neighbour_vectors(l, v);
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < w->a->n; i++)
            if (w->member[i] && true_bonds(w, i, v, reach) < 3) {
                w->member[i] = false;
                changed = true;
            }
    }
    aet_fcc_sites_clear(w->sites);
    for (int i = 0; i < w->a->n; i++)
        if (w->member[i])
            aet_fcc_sites_put(w->sites, w->site[i], i);
    return aet_fcc_sites_keep_largest(w->sites, w->a->n, (const int(*)[3])w->site, w->member);
}

/* Global fit over the members; false, with the
 * lattice as it was, when there is too little to fit. */
static bool refit(work *w, aet_fcc *fit)
{
    aet_lattice next;
    double rmsd;
    int n = 0;
    for (int i = 0; i < w->a->n; i++)
        if (w->member[i]) {
            memcpy(w->r[n], w->a->position_A[i], sizeof *w->r);
            memcpy(w->s[n++], w->site[i], sizeof *w->s);
        }
    if (aet_lattice_fit(n, (const double(*)[3])w->r, (const int(*)[3])w->s, &next, &rmsd) !=
        AET_OK) {
        aet_error_clear();
        return false;
    }
    fit->lattice = next;
    fit->assigned = n;
    fit->rmsd_A = rmsd;
    return true;
}

/* Alternates growth and fit until the lattice stands still. */
static aet_err settle(work *w, const seed *s, aet_fcc *fit)
{
    *fit = (aet_fcc){.lattice.constant_A = w->start_A};
    memcpy(fit->lattice.rotation, s->rotation, sizeof s->rotation);
    for (int round = 1; round <= MAX_ROUNDS && !fit->converged; round++) {
        aet_lattice before = fit->lattice;
        grow(w, s->atom, &fit->lattice);
        AET_TRY(prune(w, &fit->lattice));
        if (!refit(w, fit)) {
            *fit = (aet_fcc){.rounds = round};
            return AET_OK;
        }
        fit->rounds = round;
        fit->converged = aet_lattice_change(&before, &fit->lattice) < settled_A;
    }
    return AET_OK;
}

/* Tries seeds until one carries half of the atoms; keeps the best. */
static aet_err best_fit(work *w, aet_fcc *fit, int (*site)[3], bool *member)
{
    seed seeds[SEEDS];
    int n = find_seeds(w, seeds);
    for (int k = 0; k < n && k < ATTEMPTS && seeds[k].score >= 2; k++) {
        aet_fcc next;
        AET_TRY(settle(w, &seeds[k], &next));
        if (next.assigned > fit->assigned) {
            *fit = next;
            memcpy(site, w->site, (size_t)w->a->n * sizeof *site);
            memcpy(member, w->member, (size_t)w->a->n * sizeof *member);
        }
        if (2 * fit->assigned >= w->a->n)
            break;
    }
    return AET_OK;
}

aet_err aet_fcc_fit(const aet_atoms *a, const aet_cells *cells, double start_A, double tolerance,
                    aet_fcc *fit, int (*site)[3], bool *member)
{
    aet_err err = AET_OK;
    work w = {.a = a, .cells = cells, .start_A = start_A, .tolerance = tolerance};
    *fit = (aet_fcc){0};
    memset(site, 0, (size_t)a->n * sizeof *site);
    memset(member, 0, (size_t)a->n * sizeof *member);
    if (a->n < 3 || !(start_A > 0.0))
        return AET_OK;
    AET_GO(AET_ARRAY(a->n, "lattice sites", &w.site));
    AET_GO(AET_ARRAY(a->n, "lattice members", &w.member));
    AET_GO(AET_ARRAY(a->n, "lattice fit", &w.r));
    AET_GO(AET_ARRAY(a->n, "lattice fit", &w.s));
    AET_GO(AET_ARRAY(a->n, "lattice growth", &w.queue));
    AET_GO(aet_fcc_sites_create(a->n, &w.sites));
    AET_GO(best_fit(&w, fit, site, member));
    if (fit->assigned > 0) {
        double c[3];
        centroid(a, c);
        aet_lattice_standard(&fit->lattice, c, a->n, site);
        for (int i = 0; i < a->n; i++)
            if (!member[i])
                memset(site[i], 0, sizeof *site);
    }
done:
    aet_release(&w.site);
    aet_release(&w.member);
    aet_release(&w.r);
    aet_release(&w.s);
    aet_release(&w.queue);
    aet_fcc_sites_free(&w.sites);
    return err;
}
