#include "aetlas/simulate/particle.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/physics/geometry.h"
#include "crystal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AET_PARAM_OWNER aet_particle_params
AET_PARAMS_TABLE(aet_particle_table, "particle", "model particles", AET_PARTICLE_PARAMS);

enum { SPECIES_MAX = 8 };
#define DISTANCE_MIN_A 1.0 /* no two atoms of a solid are nearer */

typedef struct {
    int n;
    int z[SPECIES_MAX];
    double fraction[SPECIES_MAX]; /* sums to 1 */
} recipe;

/* Numbers separated by commas; false when there is anything else, or more than max. */
static bool parse_numbers(const char *text, int max, double *value, int *n)
{
    char words[AET_TEXT_MAX], *rest;
    *n = 0;
    aet_fmt(words, sizeof words, "%s", text);
    for (char *w = strtok_r(words, ",", &rest); w != NULL; w = strtok_r(NULL, ",", &rest))
        if (*n == max || !aet_str_real(w, &value[(*n)++]))
            return false;
    return true;
}

static aet_err recipe_of(const aet_particle_params *p, recipe *r)
{
    int n_fractions;
    double left = 1;
    AET_TRY(aet_element_list(p->species, r->z, &r->n));
    bool single = r->n == 1; /* fraction has nothing to say then */
    AET_CHECK(single || (parse_numbers(p->fraction, SPECIES_MAX, r->fraction, &n_fractions) &&
                         n_fractions == r->n - 1),
              AET_ERR_USAGE,
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
    AET_CHECK(p->surface_fraction < 0 || (r->n == 2 && p->shell == 0), AET_ERR_USAGE,
              "particle.surface_fraction needs two elements and no shell");
    return AET_OK;
}

/* n atoms cut into whole counts by rounding the running sum of fractions. */
static void split(const recipe *r, int n, int count[SPECIES_MAX])
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

/* Gives the sites with low <= layer <= high the
 * counted elements, in the random order of their keys. */
static void deal(const aet_crystal *s, const recipe *r, int low, int high,
                 const int count[SPECIES_MAX], aet_rng key, ticket *tickets, uint8_t *species)
{
    int n = 0;
    for (int a = 0; a < s->n; a++)
        if (s->layer[a] >= low && s->layer[a] <= high)
            tickets[n++] = (ticket){aet_rng_uniform(key, (uint64_t)a), a};
    qsort(tickets, (size_t)n, sizeof *tickets, by_key);
    for (int e = 0, t = 0; e < r->n; e++)
        for (int i = 0; i < count[e] && t < n; i++)
            species[tickets[t++].site] = (uint8_t)r->z[e];
}

static int count_layers(const aet_crystal *s, int low, int high)
{
    int n = 0;
    for (int a = 0; a < s->n; a++)
        n += s->layer[a] >= low && s->layer[a] <= high;
    return n;
}

/* Counts of two elements at the surface and inside: the surface as wanted, the whole kept. */
static aet_err split_surface(const recipe *r, const aet_crystal *s, double wanted,
                             int skin[SPECIES_MAX], int core[SPECIES_MAX])
{
    int n_skin = count_layers(s, 1, 1), n_core = s->n - n_skin, whole[SPECIES_MAX];
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

static aet_err decorate(const aet_particle_params *p, const recipe *r, const aet_crystal *s,
                        aet_atoms *a)
{
    aet_err err = AET_OK;
    aet_rng key = {(uint64_t)p->seed, 0, AET_RNG_SPECIES};
    int core[SPECIES_MAX] = {0}, skin[SPECIES_MAX] = {0}, skin_layers = p->shell;
    const int deepest = s->n; /* more than any layer */
    ticket *tickets = NULL;

    AET_GO(AET_ARRAY(s->n, "the order of sites", &tickets));
    if (p->surface_fraction >= 0) {
        skin_layers = 1;
        AET_GO(split_surface(r, s, p->surface_fraction, skin, core));
    } else {
        skin[r->n - 1] = count_layers(s, 1, p->shell);
        split(r, s->n - skin[r->n - 1], core);
    }
    deal(s, r, 1, skin_layers, skin, key, tickets, a->species);
    deal(s, r, skin_layers + 1, deepest, core, key, tickets, a->species);
done:
    aet_release(&tickets);
    return err;
}

/* Euler angles of the rotation.  Random: uniform over all orientations, for which sin(theta) is
 * uniform between phi and psi uniform around the circle. */
static aet_err angles_of(const aet_particle_params *p, double angles_deg[3])
{
    int n;
    double u[4], given[3];
    angles_deg[0] = angles_deg[1] = angles_deg[2] = 0;
    if (aet_str_same(p->rotate, "random")) {
        aet_rng_uniform4((aet_rng){(uint64_t)p->seed, 0, AET_RNG_SHAPE}, 0, u);
        angles_deg[0] = 360 * u[0] - 180;
        angles_deg[1] = asin(2 * u[1] - 1) * AET_DEG_PER_RAD;
        angles_deg[2] = 360 * u[2] - 180;
        return AET_OK;
    }
    if (p->rotate[strspn(p->rotate, " ")] == '\0')
        return AET_OK;
    AET_CHECK(parse_numbers(p->rotate, 3, given, &n) && n == 3, AET_ERR_USAGE,
              "particle.rotate = %s; expected three angles phi,theta,psi in degrees, or random",
              p->rotate);
    memcpy(angles_deg, given, sizeof given);
    return AET_OK;
}

static void place(const aet_particle_params *p, const aet_crystal *s, const double angles_deg[3],
                  aet_atoms *a)
{
    aet_rng key = {(uint64_t)p->seed, 0, AET_RNG_DISPLACEMENT};
    aet_column *layer =
        aet_atoms_add_column(a, "layer", 1, "1", "atomic layer from the surface, 1 outermost");
    double R[3][3], z[4], axis_A = p->displacement_A / sqrt(3.0);

    aet_rotation(angles_deg, R);
    for (int i = 0; i < s->n; i++) {
        double r[3];
        for (int k = 0; k < 3; k++)
            r[k] = s->at[i][k] * p->lattice_A / 2;
        aet_rotate(R, r, a->position_A[i]);
        layer->values[i] = s->layer[i];
        if (axis_A > 0) {
            aet_rng_normal4(key, (uint64_t)i, z);
            for (int k = 0; k < 3; k++)
                a->position_A[i][k] += axis_A * z[k];
        }
    }
    aet_atoms_add_scalar(a, "lattice_A", p->lattice_A, "A",
                         "cubic lattice constant the model was built with");
    aet_atoms_add_scalar(a, "rotate_phi_deg", angles_deg[0], "deg",
                         "rotation of the crystal axes, phi");
    aet_atoms_add_scalar(a, "rotate_theta_deg", angles_deg[1], "deg",
                         "rotation of the crystal axes, theta");
    aet_atoms_add_scalar(a, "rotate_psi_deg", angles_deg[2], "deg",
                         "rotation of the crystal axes, psi");
}

aet_err aet_particle_build(const aet_particle_params *params, aet_atoms **out)
{
    aet_err err = AET_OK;
    aet_crystal sites = {0};
    recipe r;
    double angles_deg[3];

    *out = NULL;
    AET_TRY(recipe_of(params, &r));
    AET_TRY(angles_of(params, angles_deg));
    AET_TRY(aet_crystal_create(params, &sites));
    AET_GO(aet_atoms_create(sites.n, out));
    AET_GO(decorate(params, &r, &sites, *out));
    place(params, &sites, angles_deg, *out);
    if (params->displacement_A > 0 && aet_atoms_check(*out, DISTANCE_MIN_A) != AET_OK)
        AET_GO(aet_error_set(AET_ERR_NUMERIC, __FILE__, __LINE__,
                             "particle.displacement_A = %g brings atoms too near to each other",
                             params->displacement_A));
done:
    aet_crystal_free(&sites);
    if (err != AET_OK)
        aet_atoms_free(out);
    return err;
}
