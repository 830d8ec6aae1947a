/* Chemical short-range order by swaps of unlike atoms.
 *
 * The number of unlike bonds is driven by Metropolis swaps (J. Chem. Phys. 21, 1087 (1953)) with an
 * energy of one per bond and an inverse temperature that rises slowly from nothing, and the run ends
 * when the wanted number is there: the model is one that an alloy of that order would show, not one
 * ordered in some corner.  A swap costs the neighbours of two atoms. */
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "composition.h"
#include <math.h>

enum { SWEEPS = 240, FINE = 20 };
#define COOLING                                                                                    \
    0.0125 /* rise of the inverse temperature per sweep, in 1/bond: 3 at the end, well
                          below the ordering temperatures of nearest-neighbour fcc alloys */

typedef struct {
    const aet_neighbours *near;
    uint8_t *species;
    int64_t unlike;
} state;

/* Unlike less like neighbours of an atom. */
static int excess(const state *s, int i)
{
    int unlike = 0;
    for (int64_t k = s->near->start[i]; k < s->near->start[i + 1]; k++)
        unlike += s->species[s->near->index[k]] != s->species[i];
    return 2 * unlike - aet_neighbours_count(s->near, i);
}

static bool bonded(const aet_neighbours *near, int i, int k)
{
    for (int64_t m = near->start[i]; m < near->start[i + 1]; m++)
        if (near->index[m] == k)
            return true;
    return false;
}

/* Change of the number of unlike bonds when unlike atoms i and k swap; a bond between them stays. */
static int change(const state *s, int i, int k)
{
    return -excess(s, i) - excess(s, k) + 2 * bonded(s->near, i, k);
}

static int64_t count_unlike(const aet_neighbours *near, const uint8_t *species)
{
    int64_t n = 0;
    for (int i = 0; i < near->n; i++)
        for (int64_t k = near->start[i]; k < near->start[i + 1]; k++)
            n += near->index[k] > i && species[near->index[k]] != species[i];
    return n;
}

/* Unlike bonds expected without any order. */
static double expected(const aet_neighbours *near, const uint8_t *species)
{
    double first = 0, n = near->n;
    for (int i = 0; i < near->n; i++)
        first += species[i] == species[0];
    return 2 * first / n * (1 - first / n) * (double)near->start[near->n] / 2;
}

double aet_csro_measure(const aet_neighbours *near, const uint8_t *species)
{
    double random = near->n > 0 ? expected(near, species) : 0;
    return random > 0 ? 1 - (double)count_unlike(near, species) / random : 0;
}

/* Sites sorted by group, and where the group of a site begins and ends. */
typedef struct {
    int *site, *start, *group;
} groups;

static void groups_free(groups *g)
{
    aet_release(&g->site);
    aet_release(&g->start);
    aet_release(&g->group);
}

static aet_err groups_create(int n, const int *group, groups *g)
{
    int top = 0;
    *g = (groups){0};
    for (int i = 0; group && i < n; i++)
        top = group[i] > top ? group[i] : top;
    AET_TRY(AET_ARRAY(n, "sites by layer", &g->site));
    AET_TRY(AET_ARRAY(top + 2, "sites by layer", &g->start));
    AET_TRY(AET_ARRAY(n, "sites by layer", &g->group));
    for (int i = 0; i < n; i++) {
        g->group[i] = group ? group[i] : 0;
        g->start[g->group[i] + 1]++;
    }
    for (int k = 0; k <= top; k++)
        g->start[k + 1] += g->start[k];
    for (int i = n - 1; i >= 0; i--)
        g->site[--g->start[g->group[i] + 1]] = i;
    for (int k = 0; k <= top; k++)
        g->start[k] = g->start[k + 1];
    g->start[top + 1] = n;
    return AET_OK;
}

/* Two random sites of one group, the first any site. */
static bool draw(const groups *g, int n, const double u[4], int *i, int *k)
{
    *i = (int)(u[0] * n);
    int low = g->start[g->group[*i]], high = g->start[g->group[*i] + 1];
    *k = g->site[low + (int)(u[1] * (high - low))];
    return *k != *i;
}

static void swap(state *s, int i, int k, int by)
{
    uint8_t z = s->species[i];
    s->species[i] = s->species[k];
    s->species[k] = z;
    s->unlike += by;
}

/* Swaps until the wanted number of unlike bonds is passed, growing colder; false if it is not. */
static bool drive(state *s, const groups *g, double wanted, aet_rng key)
{
    int n = s->near->n, up = wanted > (double)s->unlike ? 1 : -1;
    double u[4];
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int t = 0; t < n; t++) {
            int i, k;
            if (up * ((double)s->unlike - wanted) >= 0)
                return true;
            aet_rng_uniform4(key, (uint64_t)sweep * (uint64_t)n + (uint64_t)t, u);
            if (!draw(g, n, u, &i, &k) || s->species[i] == s->species[k])
                continue;
            int by = change(s, i, k);
            if (up * by >= 0 || u[2] < exp(up * by * COOLING * sweep))
                swap(s, i, k, by);
        }
    return false;
}

/* What is left, at most a swap's worth, by swaps that come nearer. */
static void settle(state *s, const groups *g, double wanted, aet_rng key)
{
    int n = s->near->n;
    double u[4];
    for (int t = 0; t < FINE * n && fabs((double)s->unlike - wanted) > 0.5; t++) {
        int i, k;
        aet_rng_uniform4(key, (uint64_t)t, u);
        if (!draw(g, n, u, &i, &k) || s->species[i] == s->species[k])
            continue;
        int by = change(s, i, k);
        if (fabs((double)(s->unlike + by) - wanted) < fabs((double)s->unlike - wanted))
            swap(s, i, k, by);
    }
}

aet_err aet_csro_reach(const aet_neighbours *near, const int *group, double target, int seed,
                       uint8_t *species)
{
    aet_err err = AET_OK;
    aet_rng key = {(uint64_t)seed, 0, AET_RNG_SWAP}, fine = {(uint64_t)seed, 1, AET_RNG_SWAP};
    state s = {.near = near, .species = species, .unlike = count_unlike(near, species)};
    double random = expected(near, species), wanted = (1 - target) * random;
    groups g = {0};
    AET_GO(groups_create(near->n, group, &g));
    AET_GO_CHECK(drive(&s, &g, wanted, key), AET_ERR_NUMERIC,
                 "particle.csro = %g is out of reach: %d swaps per atom came to %.4f%s", target,
                 SWEEPS, aet_csro_measure(near, species),
                 group ? " (atoms were swapped within their layers only)" : "");
    settle(&s, &g, wanted, fine);
done:
    groups_free(&g);
    return err;
}
