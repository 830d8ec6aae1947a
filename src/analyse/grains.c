#include "aetlas/analyse/grains.h"

#include "aetlas/base/mem.h"
#include "analyse/fcc_priv.h"
#include "analyse/grains_priv.h"
#include "analyse/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST = 99,     /* grains */
    LOOK = 256,    /* free atoms whose surroundings are looked at for seeds */
    ATTEMPTS = 12, /* seeds tried for one grain */
    LEAST_SITES = 10,
    LEAST_FREE = 9, /* around a seed: of 12 neighbours */
    ROUNDS = 40,    /* of sharing out the borders */
};
static const double settled_A = 1e-5; /* as for one lattice */

/* ---- seeds among the free atoms ---- */

typedef struct {
    int atom;
    double from; /* the centroid of the free atoms, squared */
} candidate;

static int nearer(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : x->atom - y->atom;
}

/* Free atoms with mostly free neighbours, from the middle outwards; gives their number. */
static int find_candidates(const grain_search *s, const bool *taken, candidate *c)
{
    double centre[3] = {0}, d[3];
    int n = 0;
    for (int i = 0; i < s->w.a->n; i++) {
        int open = 0;
        for (int64_t k = s->nb->start[i]; !taken[i] && k < s->nb->start[i + 1]; k++)
            open += !taken[s->nb->index[k]];
        if (open >= LEAST_FREE)
            c[n++].atom = i;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            centre[k] += s->w.a->position_A[c[i].atom][k] / n;
    for (int i = 0; i < n; i++) {
        difference(s->w.a->position_A[c[i].atom], centre, d);
        c[i].from = dot(d, d);
    }
    qsort(c, (size_t)n, sizeof *c, nearer);
    return n;
}

/* The best seed comes first: most sites, least misfit. */
static int better_seed(const void *a, const void *b)
{
    const fcc_seed *x = a, *y = b;
    if (x->score != y->score)
        return y->score - x->score;
    return x->misfit != y->misfit ? (x->misfit > y->misfit) - (x->misfit < y->misfit)
                                  : x->atom - y->atom;
}

static aet_err find_seeds(const grain_search *s, const bool *taken, fcc_seed seeds[LOOK], int *n)
{
    candidate *c;
    AET_TRY(AET_ARRAY(s->w.a->n, "seeds of grains", &c));
    int found = find_candidates(s, taken, c), step = found / LOOK + 1;
    *n = 0;
    for (int i = 0; i < found; i += step) {
        fcc_seed seed = fcc_look_around(&s->w, c[i].atom);
        if (seed.score >= LEAST_SITES)
            seeds[(*n)++] = seed;
    }
    qsort(seeds, (size_t)*n, sizeof *seeds, better_seed);
    aet_release(&c);
    return AET_OK;
}

/* ---- one more grain ---- */

static void take_grain(grain_search *s, const aet_fcc *fit)
{
    s->fit[s->n++] = *fit;
    for (int i = 0; i < s->w.a->n; i++)
        if (s->w.member[i]) {
            s->grain[i] = s->n;
            memcpy(s->site[i], s->w.site[i], sizeof *s->site);
        }
}

/* From the best seed that carries a grain; what a failed seed grew is not tried again. */
static aet_err next_grain(grain_search *s, bool *taken, bool *found)
{
    fcc_seed seeds[LOOK];
    int n, tried = 0;
    *found = false;
    for (int i = 0; i < s->w.a->n; i++)
        taken[i] = s->grain[i] > 0;
    AET_TRY(find_seeds(s, taken, seeds, &n));
    s->w.taken = taken;
    memset(s->used, 0, (size_t)s->w.a->n * sizeof *s->used);
    for (int k = 0; k < n && tried < ATTEMPTS && !*found; k++) {
        aet_fcc fit;
        if (s->used[seeds[k].atom])
            continue;
        AET_TRY(fcc_settle(&s->w, &seeds[k], &fit));
        tried++;
        *found = fit.assigned >= s->least;
        if (*found)
            take_grain(s, &fit);
        for (int i = 0; i < s->w.a->n; i++)
            s->used[i] = s->used[i] || s->w.member[i];
    }
    s->w.taken = NULL;
    return AET_OK;
}

static aet_err search_all(grain_search *s)
{
    aet_err err = AET_OK;
    bool *taken = NULL, found = true;
    AET_GO(AET_ARRAY(s->w.a->n, "atoms of grains", &taken));
    while (found && s->n < MOST)
        AET_GO(next_grain(s, taken, &found));
done:
    aet_release(&taken);
    return err;
}

/* Shares out the borders until all stands still. */
static aet_err settle_borders(grain_search *s)
{
    for (int round = 0; round < ROUNDS; round++) {
        int moved = grains_share_borders(s);
        double change = 0.0;
        for (int g = 1; g <= s->n; g++) {
            aet_lattice before = s->fit[g - 1].lattice;
            AET_TRY(grains_refit(s, g));
            change = fmax(change, aet_lattice_change(&before, &s->fit[g - 1].lattice));
        }
        if (moved == 0 && change < settled_A)
            break;
    }
    return AET_OK;
}

/* ---- the first, and all together ---- */

static aet_err first_grain(grain_search *s)
{
    aet_fcc fit;
    AET_TRY(aet_fcc_fit(s->w.a, s->w.cells, s->w.start_A, s->w.tolerance, &fit, s->w.site,
                        s->w.member));
    if (fit.assigned > 0)
        take_grain(s, &fit);
    return AET_OK;
}

static aet_err search_make(const aet_atoms *a, const aet_cells *cells, double start_A,
                           double tolerance, grain_search *s)
{
    AET_TRY(fcc_work_make(a, cells, start_A, tolerance, &s->w));
    AET_TRY(AET_ARRAY(MOST, "grains", &s->fit));
    AET_TRY(AET_ARRAY(a->n, "grains", &s->grain));
    AET_TRY(AET_ARRAY(a->n, "grains", &s->site));
    AET_TRY(AET_ARRAY(a->n, "grains", &s->next));
    AET_TRY(AET_ARRAY(a->n, "grains", &s->next_site));
    AET_TRY(AET_ARRAY(a->n, "grains", &s->used));
    return aet_neighbours_find(cells, 1.3 * sqrt(0.5) * start_A, &s->nb);
}

static void search_free(grain_search *s)
{
    fcc_work_free(&s->w);
    aet_release(&s->fit);
    aet_release(&s->grain);
    aet_release(&s->site);
    aet_release(&s->next);
    aet_release(&s->next_site);
    aet_release(&s->used);
    aet_neighbours_free(&s->nb);
}

static int more_atoms(const void *a, const void *b)
{
    const aet_fcc *x = *(const aet_fcc *const *)a, *y = *(const aet_fcc *const *)b;
    return x->assigned != y->assigned ? y->assigned - x->assigned : (x > y) - (x < y);
}

/* Largest first, each in its standard description, without those that shrank below the least size
 * (the first found stays, whatever its size: that is the one lattice of a model). */
static aet_err hand_over(grain_search *s, aet_grains *g)
{
    const aet_fcc *order[MOST];
    int name[MOST + 1] = {0}, n = 0;
    for (int k = 0; k < s->n; k++)
        if (s->fit[k].assigned > 0 && (k == 0 || s->fit[k].assigned >= s->least))
            order[n++] = s->fit + k;
    qsort(order, (size_t)n, sizeof *order, more_atoms);
    AET_TRY(AET_ARRAY(n, "grains", &g->fit));
    for (int k = 0; k < n; k++) {
        g->fit[k] = *order[k];
        name[order[k] - s->fit + 1] = k + 1;
        g->assigned += g->fit[k].assigned;
    }
    g->n = n;
    g->grain = s->grain;
    g->site = s->site;
    s->grain = NULL;
    s->site = NULL;
    for (int i = 0; i < s->w.a->n; i++) {
        g->grain[i] = name[g->grain[i]];
        if (!g->grain[i])
            memset(g->site[i], 0, sizeof *g->site);
    }
    for (int k = 1; k <= n && n > 1; k++)
        grains_standard(s, g, k);
    return AET_OK;
}

aet_err aet_grains_find(const aet_atoms *a, const aet_cells *cells, double start_A,
                        double tolerance, int least, aet_grains **out)
{
    aet_err err = AET_OK;
    grain_search s = {.least = least};
    aet_grains *g = AET_NEW(aet_grains, 1);
    *out = NULL;
    AET_GO(search_make(a, cells, fmax(start_A, 0.0), tolerance, &s));
    AET_GO(first_grain(&s));
    if (least > 0 && s.n > 0)
        AET_GO(search_all(&s));
    if (s.n > 1)
        AET_GO(settle_borders(&s));
    AET_GO(hand_over(&s, g));
done:
    search_free(&s);
    if (err)
        aet_grains_free(&g);
    *out = g;
    return err;
}

void aet_grains_free(aet_grains **g)
{
    if (!*g)
        return;
    aet_release(&(*g)->fit);
    aet_release(&(*g)->grain);
    aet_release(&(*g)->site);
    aet_release(g);
}
