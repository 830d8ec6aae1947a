/* Composition: exact counts over all sites, over the surface and inside, over shells, or a profile.
 *
 * A profile gives every site a probability.  The sites are put in order of depth, those of equal
 * depth at random, and the probabilities are summed along that order; a site gets the first element
 * when the sum passes a half-integer there.  So every range of depths holds what the profile says to
 * one atom, with no more chance in it than that. */
#include "composition.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAME_A 1e-6 /* depths that differ less are equal */

static aet_err read_fractions(const aet_particle_params *p, aet_recipe *r)
{
    int n;
    double left = 1;
    char key[AET_SPECIES_MAX][16];
    bool read = aet_str_list(p->fraction, AET_SPECIES_MAX, key, r->fraction, &n) && n == r->n - 1;
    for (int i = 0; read && i < n; i++)
        read = key[i][0] == '\0';
    AET_CHECK(read, AET_ERR_USAGE,
              "particle.fraction = %s; expected %d number%s for %s (all elements but the last)",
              p->fraction, r->n - 1, r->n == 2 ? "" : "s", p->species);
    for (int s = 0; s < r->n - 1; s++) {
        AET_CHECK(r->fraction[s] >= 0, AET_ERR_USAGE,
                  "particle.fraction = %s holds a negative number", p->fraction);
        left -= r->fraction[s];
    }
    AET_CHECK(left >= -1e-9, AET_ERR_USAGE, "particle.fraction = %s adds up to more than 1",
              p->fraction);
    r->fraction[r->n - 1] = fmax(left, 0.0);
    return AET_OK;
}

/* "0.1,0.3" by layer or "0:0.1,8:0.3" by depth. */
static aet_err read_profile(const aet_particle_params *p, aet_recipe *r)
{
    char key[AET_PROFILE_POINTS][16];
    AET_CHECK(aet_str_list(p->profile, AET_PROFILE_POINTS, key, r->first, &r->points),
              AET_ERR_USAGE,
              "particle.profile = %s; expected fractions by layer, e.g. 0.05,0.2,0.5, or points of "
              "depth in A and fraction, e.g. 0:0.1,8:0.5, at most %d",
              p->profile, AET_PROFILE_POINTS);
    r->by_depth = r->points > 0 && key[0][0] != '\0';
    for (int i = 0; i < r->points; i++) {
        AET_CHECK((key[i][0] != '\0') == r->by_depth, AET_ERR_USAGE,
                  "particle.profile = %s; either all points have a depth or none has", p->profile);
        AET_CHECK(!r->by_depth || aet_str_real(key[i], &r->depth_A[i]), AET_ERR_USAGE,
                  "particle.profile = %s: '%s' is not a depth in A", p->profile, key[i]);
        AET_CHECK(i == 0 || !r->by_depth || r->depth_A[i] > r->depth_A[i - 1], AET_ERR_USAGE,
                  "particle.profile = %s; depths must ascend", p->profile);
        AET_CHECK(r->first[i] >= 0 && r->first[i] <= 1, AET_ERR_USAGE,
                  "particle.profile = %s; fractions are 0 to 1", p->profile);
    }
    return AET_OK;
}

bool aet_recipe_layered(const aet_particle_params *p, const aet_recipe *r)
{
    return r->points > 0 || p->surface_fraction >= 0 || p->shell > 0;
}

aet_err aet_recipe_create(const aet_particle_params *p, aet_recipe *r)
{
    *r = (aet_recipe){0};
    AET_TRY(aet_element_list(p->species, r->z, &r->n));
    if (r->n == 1) /* fraction has nothing to say then */
        r->fraction[0] = 1;
    else
        AET_TRY(read_fractions(p, r));
    AET_TRY(read_profile(p, r));
    AET_CHECK(p->surface_fraction < 0 || (r->n == 2 && p->shell == 0), AET_ERR_USAGE,
              "particle.surface_fraction needs two elements and no shell");
    AET_CHECK(r->points == 0 || (r->n == 2 && p->shell == 0 && p->surface_fraction < 0),
              AET_ERR_USAGE,
              "particle.profile needs two elements, and neither shell nor surface_fraction beside "
              "it: it says all of them");
    AET_CHECK(p->structure == AET_STRUCTURE_FCC || !aet_recipe_layered(p, r), AET_ERR_USAGE,
              "particle.structure = amorphous has no layers; profile, shell and surface_fraction "
              "need fcc");
    return AET_OK;
}

/* n atoms cut into whole counts by rounding the running sum of fractions. */
static void split(const aet_recipe *r, int n, int count[AET_SPECIES_MAX])
{
    double sum = 0;
    int before = 0;
    for (int s = 0; s < r->n; s++) {
        sum += r->fraction[s];
        int upto = s == r->n - 1 ? n : (int)lround(fmin(sum, 1.0) * n);
        count[s] = upto - before;
        before = upto;
    }
}

static bool between(const aet_sites *s, int site, int low, int high)
{
    return s->layer == NULL || (s->layer[site] >= low && s->layer[site] <= high);
}

static int count_layers(const aet_sites *s, int low, int high)
{
    int n = 0;
    for (int a = 0; a < s->n; a++)
        n += between(s, a, low, high);
    return n;
}

/* Gives the sites with low <= layer <= high the counted elements, in the order of the shuffle. */
static void hand_out(const aet_sites *s, const aet_recipe *r, int low, int high,
                     const int count[AET_SPECIES_MAX], const int *order, uint8_t *species)
{
    int e = 0, given = 0;
    for (int t = 0; t < s->n; t++) {
        if (!between(s, order[t], low, high))
            continue;
        while (e < r->n - 1 && given == count[e]) {
            e++;
            given = 0;
        }
        species[order[t]] = (uint8_t)r->z[e];
        given++;
    }
}

/* Counts of two elements at the surface and inside: the surface as wanted, the whole kept. */
static aet_err split_surface(const aet_recipe *r, const aet_sites *s, double wanted,
                             int skin[AET_SPECIES_MAX], int core[AET_SPECIES_MAX])
{
    int n_skin = count_layers(s, 1, 1), n_core = s->n - n_skin, whole[AET_SPECIES_MAX];
    split(r, s->n, whole);
    skin[0] = (int)lround(wanted * n_skin);
    skin[1] = n_skin - skin[0];
    core[0] = whole[0] - skin[0];
    core[1] = whole[1] - skin[1];
    AET_CHECK(core[0] >= 0 && core[1] >= 0, AET_ERR_USAGE,
              "particle.surface_fraction = %g cannot go with fraction %g: "
              "of %d surface atoms and %d inside, %s would run out",
              wanted, r->fraction[0], n_skin, n_core,
              aet_element_symbol(core[0] < 0 ? r->z[0] : r->z[1]));
    return AET_OK;
}

/* Depth of each site in A (distance from the nearest site of layer 1), or its layer. */
static aet_err find_depths(const aet_recipe *r, const aet_sites *s, double half_A, double *depth)
{
    aet_err err = AET_OK;
    double(*skin)[3] = NULL;
    aet_cells *cells = NULL;
    int n = 0;
    for (int a = 0; a < s->n; a++)
        depth[a] = s->layer[a];
    if (!r->by_depth)
        return AET_OK;
    AET_GO(AET_ARRAY(s->n, "surface sites", &skin));
    for (int a = 0; a < s->n; a++)
        if (s->layer[a] == 1)
            memcpy(skin[n++], s->at[a], sizeof *skin);
    AET_GO(aet_cells_create(n, (const double(*)[3])skin, 0, &cells));
    for (int a = 0; a < s->n; a++)
        if (aet_cells_nearest(cells, s->at[a], HUGE_VAL, -1, &depth[a]) >= 0)
            depth[a] = rint(depth[a] * half_A / SAME_A) * SAME_A;
done:
    aet_cells_free(&cells);
    aet_release(&skin);
    return err;
}

/* The profile at a depth or layer: straight between its points, constant outside. */
static double profile_at(const aet_recipe *r, double depth)
{
    int last = r->points - 1;
    if (!r->by_depth)
        return r->first[depth > last ? last : (int)depth - 1];
    if (depth <= r->depth_A[0])
        return r->first[0];
    for (int i = 1; i <= last; i++)
        if (depth < r->depth_A[i]) {
            double u = (depth - r->depth_A[i - 1]) / (r->depth_A[i] - r->depth_A[i - 1]);
            return r->first[i - 1] + u * (r->first[i] - r->first[i - 1]);
        }
    return r->first[last];
}

typedef struct {
    double depth;
    int turn, site;
} level;

static int by_depth(const void *a, const void *b)
{
    const level *p = a, *q = b;
    if (p->depth != q->depth)
        return p->depth < q->depth ? -1 : 1;
    return (p->turn > q->turn) - (p->turn < q->turn);
}

static aet_err deal_profile(const aet_recipe *r, const aet_sites *s, double half_A,
                            const int *order, uint8_t *species)
{
    aet_err err = AET_OK;
    double *depth = NULL, sum = 0;
    level *levels = NULL;
    AET_GO(AET_ARRAY(s->n, "depths of sites", &depth));
    AET_GO(AET_ARRAY(s->n, "sites by depth", &levels));
    AET_GO(find_depths(r, s, half_A, depth));
    for (int t = 0; t < s->n; t++)
        levels[t] = (level){depth[order[t]], t, order[t]};
    qsort(levels, (size_t)s->n, sizeof *levels, by_depth);
    for (int t = 0; t < s->n; t++) {
        double before = floor(sum + 0.5);
        sum += profile_at(r, levels[t].depth);
        species[levels[t].site] = (uint8_t)r->z[floor(sum + 0.5) > before ? 0 : 1];
    }
done:
    aet_release(&depth);
    aet_release(&levels);
    return err;
}

aet_err aet_recipe_deal(const aet_particle_params *p, const aet_recipe *r, const aet_sites *s,
                        uint8_t *species)
{
    aet_err err = AET_OK;
    int core[AET_SPECIES_MAX] = {0}, skin[AET_SPECIES_MAX] = {0}, skin_layers = p->shell;
    const int deepest = s->n; /* more than any layer */
    int *order = NULL;

    AET_GO(aet_sites_shuffle(s->n, (aet_rng){(uint64_t)p->seed, 0, AET_RNG_SPECIES}, &order));
    if (r->points > 0) {
        AET_GO(deal_profile(r, s, p->lattice_A / 2, order, species));
        goto done;
    }
    if (p->surface_fraction >= 0) {
        skin_layers = 1;
        AET_GO(split_surface(r, s, p->surface_fraction, skin, core));
    } else {
        skin[r->n - 1] = p->shell > 0 ? count_layers(s, 1, p->shell) : 0;
        split(r, s->n - skin[r->n - 1], core);
    }
    if (skin_layers > 0)
        hand_out(s, r, 1, skin_layers, skin, order, species);
    hand_out(s, r, skin_layers + 1, deepest, core, order, species);
done:
    aet_release(&order);
    return err;
}
