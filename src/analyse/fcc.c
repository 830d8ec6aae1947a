#include "aetlas/analyse/fcc.h"

#include "aetlas/base/mem.h"
#include "analyse/fcc_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

enum {
    SEEDS = 32,      /* atoms near the centroid that are looked at */
    ATTEMPTS = 5,    /* seeds tried until half of the atoms are assigned */
    MAX_ROUNDS = 60, /* assignments and fits; real particles need fewer than ten */
};
static const double settled_A = 1e-5; /* Lee et al. 2022 */

static void centroid(const aet_atoms *a, double c[3])
{
    for (int k = 0; k < 3; k++) {
        c[k] = 0.0;
        for (int i = 0; i < a->n; i++)
            c[k] += a->position_A[i][k] / a->n;
    }
}

/* Seeds near the centroid, best first: most neighbours on sites, then nearest to the centroid. */
static int find_seeds(const fcc_work *w, fcc_seed seeds[SEEDS])
{
    double c[3];
    int index[SEEDS];
    centroid(w->a, c);
    int n = aet_cells_k_nearest(w->cells, c, SEEDS, INFINITY, -1, index, NULL);
    for (int k = 0; k < n; k++) {
        fcc_seed s = fcc_look_around(w, index[k]);
        int at = k;
        for (; at > 0 && seeds[at - 1].score < s.score; at--)
            seeds[at] = seeds[at - 1];
        seeds[at] = s;
    }
    return n;
}

/* --- growth and fit --------------------------------------------------------------------------- */

void fcc_vectors(const aet_lattice *l, double v[12][3])
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

/* Where an atom on the site is expected: the mean of what its assigned neighbours say; gives their
 * number.  Asking the neighbours and not the global lattice follows a lattice that is bent or
 * stretched as a whole. */
static int predict(const fcc_work *w, const int site[3], double v[12][3], double p[3])
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
    return n;
}

/* Do as many assigned neighbours as not have the atom about where they expect it?  An atom of the layer
 * beyond a twin plane may come within reach by noise, at an edge where few neighbours are asked; where
 * it does, those beside it must not follow, or growth leaks into the twin. */
static bool agreed(const fcc_work *w, const int site[3], int atom, double v[12][3], double reach)
{
    int balance = 0;
    for (int k = 0; k < 12; k++) {
        int next[3];
        double d2 = 0.0;
        add_sites(site, aet_fcc_neighbour[k], next);
        int j = aet_fcc_sites_get(w->sites, next);
        for (int c = 0; c < 3 && j >= 0; c++) {
            double d = w->a->position_A[j][c] - w->a->position_A[atom][c] - v[k][c];
            d2 += d * d;
        }
        balance += j < 0 ? 0 : d2 <= 2.25 * reach * reach ? 1 : -1;
    }
    return balance >= 0;
}

static void assign(fcc_work *w, int atom, const int site[3])
{
    aet_fcc_sites_put(w->sites, site, atom);
    memcpy(w->site[atom], site, sizeof *w->site);
    w->member[atom] = true;
    w->queue[w->count++] = atom;
}

/* Breadth first from all that is assigned (up to `until` of it): the atom nearest to each predicted
 * site takes it when within reach.  least: neighbours that the prediction is from. */
static void spread(fcc_work *w, int least, int until, double v[12][3], double reach)
{
    double p[3];
    for (int taken = 0; taken < w->count && taken < until; taken++) {
        int i = w->queue[taken];
        for (int k = 0; k < 12; k++) {
            int site[3];
            add_sites(w->site[i], aet_fcc_neighbour[k], site);
            if (aet_fcc_sites_get(w->sites, site) >= 0 || predict(w, site, v, p) < least)
                continue;
            int j = aet_cells_nearest(w->cells, p, reach, -1, NULL);
            if (j >= 0 && !w->member[j] && !(w->taken && w->taken[j]) &&
                agreed(w, site, j, v, reach))
                assign(w, j, site);
        }
    }
}

/* From the seed and its neighbours on, first what three assigned neighbours predict, which is safest. */
static void grow(fcc_work *w, int first, const aet_lattice *l)
{
    static const int origin[3] = {0, 0, 0};
    double reach = w->tolerance * l->constant_A * sqrt(0.5), v[12][3];
    fcc_vectors(l, v);
    memset(w->member, 0, (size_t)w->a->n * sizeof *w->member);
    aet_fcc_sites_clear(w->sites);
    w->count = 0;
    assign(w, first, origin);
    spread(w, 1, 1, v, reach);
    for (int least = 3; least >= 1; least--)
        spread(w, least, w->a->n, v, reach);
}

/* Neighbours of a member on neighbouring sites, at the right vector. */
static int true_bonds(const fcc_work *w, int i, double v[12][3], double reach)
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

/* A lattice hangs together over atoms with half of all bonds, or, in a tiny cluster, as many as there
 * are: the few atoms by which noise bridges a twin plane have fewer. */
static void find_carriers(fcc_work *w, double v[12][3], double reach)
{
    int most = 0;
    for (int i = 0; i < w->a->n; i++) {
        w->queue[i] = w->member[i] ? true_bonds(w, i, v, reach) : 0;
        most = w->queue[i] > most ? w->queue[i] : most;
    }
    int least = most < 6 ? most : 6;
    for (int i = 0; i < w->a->n; i++)
        w->carries[i] = w->member[i] && w->queue[i] >= least;
}

/* In a disordered model chance assignments form trees, which go; in a crystal everything has more. */
aet_err fcc_prune(fcc_work *w, const aet_lattice *l)
{
    double reach = w->tolerance * l->constant_A * sqrt(0.5), v[12][3];
    fcc_vectors(l, v);
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
    find_carriers(w, v, reach);
    return aet_fcc_sites_keep_largest(w->sites, w->a->n, (const int(*)[3])w->site, w->carries,
                                      w->member);
}

bool fcc_refit(fcc_work *w, aet_fcc *fit)
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

aet_err fcc_settle(fcc_work *w, const fcc_seed *s, aet_fcc *fit)
{
    *fit = (aet_fcc){.lattice.constant_A = w->start_A};
    memcpy(fit->lattice.rotation, s->rotation, sizeof s->rotation);
    for (int round = 1; round <= MAX_ROUNDS && !fit->converged; round++) {
        aet_lattice before = fit->lattice;
        grow(w, s->atom, &fit->lattice);
        AET_TRY(fcc_prune(w, &fit->lattice));
        if (!fcc_refit(w, fit)) {
            *fit = (aet_fcc){.rounds = round};
            return AET_OK;
        }
        fit->rounds = round;
        fit->converged = aet_lattice_change(&before, &fit->lattice) < settled_A;
    }
    return AET_OK;
}

/* Tries seeds until one carries half of the atoms; keeps the best. */
static aet_err best_fit(fcc_work *w, aet_fcc *fit, int (*site)[3], bool *member)
{
    fcc_seed seeds[SEEDS];
    int n = find_seeds(w, seeds);
    for (int k = 0; k < n && k < ATTEMPTS && seeds[k].score >= 2; k++) {
        aet_fcc next;
        AET_TRY(fcc_settle(w, &seeds[k], &next));
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

aet_err fcc_work_make(const aet_atoms *a, const aet_cells *cells, double start_A, double tolerance,
                      fcc_work *w)
{
    *w = (fcc_work){.a = a, .cells = cells, .start_A = start_A, .tolerance = tolerance};
    AET_TRY(AET_ARRAY(a->n, "lattice sites", &w->site));
    AET_TRY(AET_ARRAY(a->n, "lattice members", &w->member));
    AET_TRY(AET_ARRAY(a->n, "lattice members", &w->carries));
    AET_TRY(AET_ARRAY(a->n, "lattice fit", &w->r));
    AET_TRY(AET_ARRAY(a->n, "lattice fit", &w->s));
    AET_TRY(AET_ARRAY(a->n, "lattice growth", &w->queue));
    return aet_fcc_sites_create(a->n, &w->sites);
}

void fcc_work_free(fcc_work *w)
{
    aet_release(&w->site);
    aet_release(&w->member);
    aet_release(&w->carries);
    aet_release(&w->r);
    aet_release(&w->s);
    aet_release(&w->queue);
    aet_fcc_sites_free(&w->sites);
}

aet_err aet_fcc_fit(const aet_atoms *a, const aet_cells *cells, double start_A, double tolerance,
                    aet_fcc *fit, int (*site)[3], bool *member)
{
    aet_err err = AET_OK;
    fcc_work w = {0};
    *fit = (aet_fcc){0};
    memset(site, 0, (size_t)a->n * sizeof *site);
    memset(member, 0, (size_t)a->n * sizeof *member);
    if (a->n < 3 || !(start_A > 0.0))
        return AET_OK;
    AET_GO(fcc_work_make(a, cells, start_A, tolerance, &w));
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
    fcc_work_free(&w);
    return err;
}
