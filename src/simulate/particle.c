#include "aetlas/simulate/particle.h"
#include "aetlas/base/str.h"
#include "aetlas/data/units.h"
#include "aetlas/physics/geometry.h"
#include "composition.h"
#include "relax.h"
#include <math.h>
#include <string.h>

#define AET_PARAM_OWNER aet_particle_params
AET_PARAMS_TABLE(aet_particle_table, "particle", "model particles", AET_PARTICLE_PARAMS);

#define DISTANCE_MIN_A 1.0 /* no two atoms of a solid are nearer */

/* Euler angles of the rotation.  Random: uniform over all orientations, for which sin(theta) is
 * uniform between phi and psi uniform around the circle. */
static aet_err angles_of(const aet_particle_params *p, double angles_deg[3])
{
    int n;
    double u[4], given[3];
    char key[3][16];
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
    bool read = aet_str_list(p->rotate, 3, key, given, &n) && n == 3;
    AET_CHECK(read && !key[0][0] && !key[1][0] && !key[2][0], AET_ERR_USAGE,
              "particle.rotate = %s; expected three angles phi,theta,psi in degrees, or random",
              p->rotate);
    memcpy(angles_deg, given, sizeof given);
    return AET_OK;
}

static bool relaxes(const aet_particle_params *p)
{
    return p->vegard_A[0] != '\0' || p->surface_relaxation != 0;
}

static aet_err check(const aet_particle_params *p, const aet_recipe *r)
{
    AET_CHECK(p->csro[0] == '\0' || r->n == 2, AET_ERR_USAGE,
              "particle.csro is the order of two elements; particle.species = %s", p->species);
    AET_CHECK(p->structure == AET_STRUCTURE_FCC || !relaxes(p), AET_ERR_USAGE,
              "particle.vegard_A and surface_relaxation need structure = fcc");
    return AET_OK;
}

static aet_err order(const aet_particle_params *p, const aet_recipe *r, const aet_sites *s,
                     uint8_t *species)
{
    double target;
    if (p->csro[0] == '\0')
        return AET_OK;
    AET_CHECK(aet_str_real(p->csro, &target) && target >= -1 && target <= 1, AET_ERR_USAGE,
              "particle.csro = %s; expected a number from -1 to 1", p->csro);
    return aet_csro_reach(s->near, aet_recipe_layered(p, r) ? s->layer : NULL, target, p->seed,
                          species);
}

/* Elements, with what is said about them. */
static aet_err decorate(const aet_particle_params *p, const aet_recipe *r, const aet_sites *s,
                        aet_atoms *a)
{
    AET_TRY(aet_recipe_deal(p, r, s, a->species));
    AET_TRY(order(p, r, s, a->species));
    if (r->n == 2)
        aet_atoms_add_scalar(a, "csro", aet_csro_measure(s->near, a->species), "1",
                             "1 - N_AB / (2 c_A c_B N) over the bonds of nearest neighbours");
    if (s->layer != NULL) {
        aet_column *layer =
            aet_atoms_add_column(a, "layer", 1, "1", "atomic layer from the surface, 1 outermost");
        for (int i = 0; i < s->n; i++)
            layer->values[i] = s->layer[i];
    }
    return AET_OK;
}

/* Places in Angstrom along the cube axes: a uniform crystal, then relaxed. */
static aet_err build_crystal(const aet_particle_params *p, const aet_recipe *r, const aet_sites *s,
                             aet_atoms *a)
{
    double constant_A[256], mean_A = p->lattice_A;
    bool vegard = p->vegard_A[0] != '\0';
    if (vegard) {
        AET_TRY(aet_vegard_read(p, r->n, r->z, constant_A));
        mean_A = 0;
        for (int i = 0; i < a->n; i++)
            mean_A += constant_A[a->species[i]] / a->n;
    }
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] = s->at[i][k] * mean_A / 2;
    aet_atoms_add_scalar(a, "lattice_A", mean_A, "A",
                         "mean cubic lattice constant the model was built with");
    if (!relaxes(p))
        return AET_OK;
    return aet_relax(s, a->species, vegard ? constant_A : NULL, mean_A, p->surface_relaxation,
                     a->position_A);
}

static void centre(aet_atoms *a)
{
    double mean[3] = {0};
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++)
            mean[k] += a->position_A[i][k] / a->n;
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] -= mean[k];
}

static void place(const aet_particle_params *p, const double angles_deg[3], aet_atoms *a)
{
    aet_rng key = {(uint64_t)p->seed, 0, AET_RNG_DISPLACEMENT};
    double R[3][3], z[4], axis_A = p->displacement_A / sqrt(3.0);
    static const char *const angle[] = {"phi", "theta", "psi"};

    aet_rotation(angles_deg, R);
    for (int i = 0; i < a->n; i++) {
        double r[3];
        memcpy(r, a->position_A[i], sizeof r);
        aet_rotate(R, r, a->position_A[i]);
        if (axis_A > 0) {
            aet_rng_normal4(key, (uint64_t)i, z);
            for (int k = 0; k < 3; k++)
                a->position_A[i][k] += axis_A * z[k];
        }
    }
    for (int k = 0; k < 3; k++) {
        char name[48], text[64];
        aet_fmt(name, sizeof name, "rotate_%s_deg", angle[k]);
        aet_fmt(text, sizeof text, "rotation of the crystal axes, %s", angle[k]);
        aet_atoms_add_scalar(a, name, angles_deg[k], "deg", text);
    }
}

static aet_err make_sites(const aet_particle_params *p, const aet_body *body, aet_sites *s)
{
    if (p->structure == AET_STRUCTURE_AMORPHOUS)
        AET_TRY(aet_packing_create(p, body, s));
    else
        AET_TRY(aet_crystal_create(p, body, s));
    AET_CHECK(s->n > 0, AET_ERR_USAGE,
              "no atom lies in the particle: particle.size, volume or density are too small");
    return aet_sites_vacate(s, p->vacancies, p->seed);
}

static void say_volume(const aet_particle_params *p, const aet_body *body, aet_atoms *a)
{
    if (body->n > 0 || p->structure == AET_STRUCTURE_AMORPHOUS)
        aet_atoms_add_scalar(a, "body_volume_A3", body->volume * pow(p->lattice_A / 2, 3), "A^3",
                             "volume of the shape that atoms were put into");
}

aet_err aet_particle_build(const aet_particle_params *params, aet_atoms **out)
{
    aet_err err = AET_OK;
    aet_sites sites = {0};
    aet_body body;
    aet_recipe r;
    double angles_deg[3];

    *out = NULL;
    AET_TRY(aet_recipe_create(params, &r));
    AET_TRY(check(params, &r));
    AET_TRY(angles_of(params, angles_deg));
    AET_TRY(aet_body_create(params, &body));
    AET_GO(make_sites(params, &body, &sites));
    AET_GO(aet_atoms_create(sites.n, out));
    AET_GO(decorate(params, &r, &sites, *out));
    AET_GO(build_crystal(params, &r, &sites, *out));
    if (body.n > 0)
        centre(*out);
    say_volume(params, &body, *out);
    place(params, angles_deg, *out);
    if (params->displacement_A > 0 && aet_atoms_check(*out, DISTANCE_MIN_A) != AET_OK)
        AET_GO(aet_error_set(AET_ERR_NUMERIC, __FILE__, __LINE__,
                             "particle.displacement_A = %g brings atoms too near to each other",
                             params->displacement_A));
done:
    aet_sites_free(&sites);
    if (err != AET_OK)
        aet_atoms_free(out);
    return err;
}
