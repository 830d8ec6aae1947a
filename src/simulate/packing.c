/* Amorphous packings: random places, no two nearer than a least distance.
 *
 * Atoms are put one after another at random places that are still free (random sequential addition;
 * Widom, J. Chem. Phys. 44, 3888 (1966)), which is the recipe of the published training sets and
 * reaches about 38 % of space.  Should the wanted density need more, the rest is put anywhere and the
 * overlaps are removed as soft spheres: the energy sum (1 - d/D)^2 / 2 over all pairs nearer than D is
 * brought to zero by FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)).  Up to some 62 % of
 * space such packings come to rest below the jammed density of 64 % without order (O'Hern et al.,
 * Phys. Rev. E 68, 011306 (2003)). */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "crystal.h"
#include <math.h>
#include <string.h>

enum { TRIES = 3000, FEW_TRIES = 30, STEPS = 20000 };
#define SPARSE  0.33  /* of space: what places alone can fill in reasonable time */
#define DENSEST 0.60  /* of space, by spheres of the least distance as diameter */
#define ROOM    1.004 /* D / least distance, so that what is left of an overlap does no harm */
#define SKIN    0.35  /* of D: neighbours are found anew when an atom has moved half as far */

/* A grid of cells that hold one atom at most: their diagonal is the least distance. */
typedef struct {
    int dim[3];
    double low[3], edge;
    int *atom; /* owned; -1: empty */
} grid;

static aet_err grid_create(const aet_body *b, double least, grid *g)
{
    int64_t cells = 1;
    g->edge = least / sqrt(3);
    for (int k = 0; k < 3; k++) {
        g->low[k] = b->low[k];
        g->dim[k] = (int)((b->high[k] - b->low[k]) / g->edge) + 1;
        cells *= g->dim[k];
    }
    AET_TRY(AET_ARRAY(cells, "cells of a packing", &g->atom));
    for (int64_t c = 0; c < cells; c++)
        g->atom[c] = -1;
    return AET_OK;
}

static int64_t cell_at(const grid *g, const int at[3])
{
    return ((int64_t)at[2] * g->dim[1] + at[1]) * g->dim[0] + at[0];
}

static double distance2(const double a[3], const double b[3])
{
    double x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
    return x * x + y * y + z * z;
}

/* Whether no atom is nearer to r than `least`; at is the cell of r. */
static bool is_free(const grid *g, const double (*atoms)[3], const double r[3], const int at[3],
                    double least)
{
    int low[3], high[3], c[3];
    for (int k = 0; k < 3; k++) {
        low[k] = at[k] > 2 ? at[k] - 2 : 0;
        high[k] = at[k] + 2 < g->dim[k] ? at[k] + 2 : g->dim[k] - 1;
    }
    for (c[2] = low[2]; c[2] <= high[2]; c[2]++)
        for (c[1] = low[1]; c[1] <= high[1]; c[1]++)
            for (c[0] = low[0]; c[0] <= high[0]; c[0]++) {
                int atom = g->atom[cell_at(g, c)];
                if (atom >= 0 && distance2(atoms[atom], r) < least * least)
                    return false;
            }
    return true;
}

/* A random place in the bounds of the body; *turn counts the draws. */
static void random_place(const aet_body *b, aet_rng key, uint64_t *turn, double r[3])
{
    double u[4];
    aet_rng_uniform4(key, (*turn)++, u);
    for (int k = 0; k < 3; k++)
        r[k] = b->low[k] + u[k] * (b->high[k] - b->low[k]);
}

/* Sequential addition; the rest, when free places run out, anywhere.  Gives the number that found a
 * free place. */
static aet_err add_all(const aet_body *b, double least, int64_t tries, int seed, aet_sites *s,
                       int *n_free)
{
    grid g = {.atom = NULL};
    aet_rng key = {(uint64_t)seed, 0, AET_RNG_PACKING};
    uint64_t turn = 0;
    int at[3], n = 0;
    AET_TRY(grid_create(b, least, &g));
    while (n < s->n && tries-- > 0) {
        double *r = s->at[n];
        random_place(b, key, &turn, r);
        for (int k = 0; k < 3; k++)
            at[k] = (int)((r[k] - g.low[k]) / g.edge);
        if (g.atom[cell_at(&g, at)] < 0 && is_free(&g, (const double(*)[3])s->at, r, at, least) &&
            aet_body_inside(b, r))
            g.atom[cell_at(&g, at)] = n++;
    }
    *n_free = n;
    for (; n < s->n; n++)
        do
            random_place(b, key, &turn, s->at[n]);
        while (!aet_body_inside(b, s->at[n]));
    aet_release(&g.atom);
    return AET_OK;
}

/* Soft spheres in the body. */
typedef struct {
    int n;
    double diameter;
    double (*r)[3], (*speed)[3], (*force)[3], (*found)[3]; /* found: where neighbours were found */
    aet_neighbours *near;
} spheres;

static aet_err find_near(spheres *w)
{
    aet_cells *cells = NULL;
    aet_neighbours_free(&w->near);
    memcpy(w->found, w->r, (size_t)w->n * sizeof *w->found);
    AET_TRY(aet_cells_create(w->n, (const double(*)[3])w->r, w->diameter * 0.6, &cells));
    aet_err err = aet_neighbours_find(cells, w->diameter * (1 + SKIN), &w->near);
    aet_cells_free(&cells);
    return err;
}

static bool moved_far(const spheres *w)
{
    double limit = SKIN * w->diameter / 2;
    for (int i = 0; i < w->n; i++)
        if (distance2(w->r[i], w->found[i]) > limit * limit)
            return true;
    return false;
}

/* Forces of the overlaps; gives the smallest distance relative to the diameter. */
static double push(spheres *w)
{
    double closest = 1, d = w->diameter;
    for (int i = 0; i < w->n; i++) {
        double f[3] = {0}, *r = w->r[i];
        for (int64_t m = w->near->start[i]; m < w->near->start[i + 1]; m++) {
            const double *q = w->r[w->near->index[m]];
            double x = r[0] - q[0], y = r[1] - q[1], z = r[2] - q[2], d2 = x * x + y * y + z * z;
            if (d2 >= d * d)
                continue;
            double away = sqrt(d2), by = (1 - away / d) / fmax(away, 1e-3 * d);
            closest = fmin(closest, away / d);
            f[0] += by * x;
            f[1] += by * y;
            f[2] += by * z;
        }
        memcpy(w->force[i], f, sizeof f);
    }
    return closest;
}

/* State of FIRE: time step and mixing, with the constants of its authors. */
typedef struct {
    double dt, mix;
    int downhill;
} fire;

/* Turns the speeds towards the forces; stops all when they go uphill. */
static void steer(spheres *w, fire *f, double dt_max)
{
    double power = 0, speed2 = 0, force2 = 0;
    for (int i = 0; i < w->n; i++)
        for (int k = 0; k < 3; k++) {
            power += w->speed[i][k] * w->force[i][k];
            speed2 += w->speed[i][k] * w->speed[i][k];
            force2 += w->force[i][k] * w->force[i][k];
        }
    if (power > 0 && f->downhill++ > 5) {
        f->dt = fmin(f->dt * 1.1, dt_max);
        f->mix *= 0.99;
    }
    if (power <= 0) {
        f->dt *= 0.5;
        f->mix = 0.1;
        f->downhill = 0;
    }
    double keep = power > 0 ? 1 - f->mix : 0;
    double turn = power > 0 && force2 > 0 ? f->mix * sqrt(speed2 / force2) : 0;
    for (int i = 0; i < w->n; i++)
        for (int k = 0; k < 3; k++)
            w->speed[i][k] = keep * w->speed[i][k] + turn * w->force[i][k];
}

/* One step.  An atom that would leave the body goes as far as each of the axes alone lets it, so that
 * it slides along the wall. */
static void step(const aet_body *b, spheres *w, double dt)
{
    for (int i = 0; i < w->n; i++) {
        double r[3], *v = w->speed[i], *now = w->r[i];
        for (int k = 0; k < 3; k++) {
            v[k] += dt * w->force[i][k];
            r[k] = now[k] + dt * v[k];
        }
        if (aet_body_inside(b, r)) {
            memcpy(now, r, sizeof r);
            continue;
        }
        for (int k = 0; k < 3; k++) {
            double before = now[k];
            now[k] = r[k];
            if (!aet_body_inside(b, now)) {
                now[k] = before;
                v[k] = 0;
            }
        }
    }
}

static aet_err spread(const aet_body *b, spheres *w, double least)
{
    /* unit masses; an overlap has the stiffness 1/D, a dozen of them swing in about sqrt D */
    double dt_max = 0.3 * sqrt(w->diameter);
    fire f = {.dt = 0.3 * dt_max, .mix = 0.1};
    double closest = 0;
    AET_TRY(find_near(w));
    for (int t = 0; t < STEPS; t++) {
        if (moved_far(w))
            AET_TRY(find_near(w));
        closest = push(w);
        if (closest * w->diameter >= least)
            return AET_OK;
        steer(w, &f, dt_max);
        step(b, w, f.dt);
    }
    AET_FAIL(AET_ERR_NUMERIC,
             "the amorphous packing does not come to rest: the nearest atoms are %.4f of "
             "particle.distance_min_A apart; a smaller distance or density is needed",
             closest * w->diameter / least);
}

static aet_err remove_overlaps(const aet_body *b, double least, aet_sites *s)
{
    aet_err err = AET_OK;
    spheres w = {.n = s->n, .diameter = ROOM * least, .r = s->at};
    AET_GO(AET_ARRAY(s->n, "speeds of atoms", &w.speed));
    AET_GO(AET_ARRAY(s->n, "forces on atoms", &w.force));
    AET_GO(AET_ARRAY(s->n, "places of atoms", &w.found));
    AET_GO(spread(b, &w, least));
done:
    aet_release(&w.speed);
    aet_release(&w.force);
    aet_release(&w.found);
    aet_neighbours_free(&w.near);
    return err;
}

aet_err aet_packing_create(const aet_particle_params *p, const aet_body *b, aet_sites *s)
{
    aet_err err = AET_OK;
    /* fcc has one atom in 2 cubed half lattice constants over 4 */
    double per_volume = p->density / 2, least = p->distance_min_A / (p->lattice_A / 2);
    double filled = per_volume * AET_PI / 6 * pow(least, 3);
    int n_free = 0;
    *s = (aet_sites){.n = (int)lround(per_volume * b->volume)};
    AET_CHECK(p->fault == AET_FAULT_NONE, AET_ERR_USAGE,
              "particle.fault has a meaning only in a crystal, not with structure = amorphous");
    AET_CHECK(
        filled <= DENSEST, AET_ERR_USAGE,
        "an amorphous packing of %g of the density of fcc whose atoms are at least %g A apart "
        "would fill %.3f of space; at most %.2f can be had, with particle.distance_min_A "
        "up to %.3f A at this density",
        p->density, p->distance_min_A, filled, DENSEST, cbrt(DENSEST / filled) * p->distance_min_A);
    AET_GO(AET_ARRAY(s->n, "the sites of a particle", &s->at));
    int64_t tries = (int64_t)s->n * (filled <= SPARSE ? TRIES : FEW_TRIES);
    AET_GO(add_all(b, least, tries, p->seed, s, &n_free));
    if (n_free < s->n)
        AET_GO(remove_overlaps(b, least, s));
    AET_GO(aet_sites_link(s));
done:
    if (err != AET_OK)
        aet_sites_free(s);
    return err;
}
