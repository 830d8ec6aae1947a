/* Displacements and strain on a grid, from what the analysis left in the model. */
#include "aetlas/analyse/analyse.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "analyse/strain_field.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

enum { GRAINS_WIDTH = 19, COMPONENTS = 6 };

typedef struct {
    const aet_atoms *a;
    const aet_analyse_params *p;
    int n;           /* grains */
    strain_field *f; /* owned, [n] */
    int sites, *of;  /* all sites; owned: the grain of each, from 0 */
    double (*at)[3]; /* owned */
    aet_cells *cells;
    double centre[3], longest; /* the largest neighbour distance */
} source;

static void source_free(source *s)
{
    for (int g = 0; g < s->n && s->f; g++)
        strain_field_free(s->f + g);
    aet_release(&s->f);
    aet_release(&s->of);
    aet_release(&s->at);
    aet_cells_free(&s->cells);
}

static aet_lattice lattice_of(const double *row)
{
    aet_lattice l = {.constant_A = row[2]};
    for (int k = 0; k < 3; k++) {
        l.origin_A[k] = row[7 + k];
        for (int v = 0; v < 3; v++)
            l.rotation[k][v] = row[10 + 3 * v + k];
    }
    return l;
}

/* The field of grain g, from 0; its sites join the common list. */
static aet_err add_grain(source *s, const aet_curve *c, int g, const double *grain,
                         const double *site)
{
    aet_err err = AET_OK;
    double(*r)[3] = NULL;
    int(*sites)[3] = NULL, n = 0;
    aet_lattice l = lattice_of(c->values + GRAINS_WIDTH * g);
    AET_GO(AET_ARRAY(s->a->n, "displacements", &r));
    AET_GO(AET_ARRAY(s->a->n, "displacements", &sites));
    for (int i = 0; i < s->a->n; i++)
        if ((int)grain[i] == g + 1) {
            memcpy(r[n], s->a->position_A[i], sizeof *r);
            for (int k = 0; k < 3; k++)
                sites[n][k] = (int)lrint(site[3 * i + k]);
            n++;
        }
    AET_GO(strain_field_make(&l, n, (const double(*)[3])r, (const int(*)[3])sites,
                             s->p->strain_sigma_A, s->p->strain_method == AET_STRAIN_LINEAR,
                             s->f + g));
    for (int i = 0; i < n; i++) {
        memcpy(s->at[s->sites], s->f[g].at[i], sizeof *s->at);
        s->of[s->sites++] = g;
    }
    s->longest = fmax(s->longest, sqrt(0.5) * l.constant_A);
done:
    aet_release(&r);
    aet_release(&sites);
    return err;
}

static aet_err source_make(const aet_atoms *a, const aet_analyse_params *p, source *s)
{
    const aet_curve *c = aet_atoms_find_curve(a, "grains");
    const aet_column *grain = aet_atoms_find_column(a, "grain"),
                     *site = aet_atoms_find_column(a, "fcc_site");
    *s = (source){.a = a, .p = p};
    AET_CHECK(c && c->n > 0 && c->width == GRAINS_WIDTH && grain && site, AET_ERR_INPUT,
              "the model has no lattice, so that displacements and strain cannot be told");
    s->n = c->n;
    s->f = AET_NEW(strain_field, s->n);
    AET_TRY(AET_ARRAY(a->n, "lattice sites", &s->at));
    AET_TRY(AET_ARRAY(a->n, "lattice sites", &s->of));
    for (int g = 0; g < s->n; g++)
        AET_TRY(add_grain(s, c, g, grain->values, site->values));
    for (int i = 0; i < s->sites; i++)
        for (int k = 0; k < 3; k++)
            s->centre[k] += s->at[i][k] / s->sites;
    return aet_cells_create(s->sites, (const double(*)[3])s->at, 0.0, &s->cells);
}

/* A grid that covers all sites and what lies inside by them. */
static aet_err make_grid(MPI_Comm comm, const source *s, aet_maps **m)
{
    double low[3], high[3], step = s->p->map_voxel_A, origin[3];
    int size[3];
    for (int k = 0; k < 3; k++) {
        low[k] = HUGE_VAL;
        high[k] = -HUGE_VAL;
        for (int i = 0; i < s->sites; i++) {
            low[k] = fmin(low[k], s->at[i][k] - s->longest);
            high[k] = fmax(high[k], s->at[i][k] + s->longest);
        }
        origin[k] = step * floor(low[k] / step); /* the frame's origin is the middle of a voxel */
        size[k] = (int)ceil((high[k] - origin[k]) / step) + 1;
    }
    return aet_maps_create(comm, size, step, origin, m);
}

typedef struct {
    float *inside, *grain, *displacement, *strain[COMPONENTS], *mean, *radial;
} targets;

static aet_err add_maps(aet_maps *m, targets *t)
{
    static const char *const names[COMPONENTS] = {"strain_xx", "strain_yy", "strain_zz",
                                                  "strain_yz", "strain_xz", "strain_xy"};
    AET_TRY(aet_maps_add(m, "inside", 1, "1", "1 within a neighbour distance of a lattice site",
                         &t->inside));
    AET_TRY(aet_maps_add(m, "grain", 1, "1", "grain of the nearest site; 0 outside", &t->grain));
    AET_TRY(aet_maps_add(m, "displacement", 3, "A", "smoothed, in the frame of the atoms",
                         &t->displacement));
    for (int k = 0; k < COMPONENTS; k++)
        AET_TRY(
            aet_maps_add(m, names[k], 1, "1", "along the <100> axes of the grain", &t->strain[k]));
    AET_TRY(aet_maps_add(m, "strain_mean", 1, "1", "a third of the trace", &t->mean));
    return aet_maps_add(m, "strain_radial", 1, "1", "along the direction from the centre",
                        &t->radial);
}

static void one_voxel(const source *s, const double p[3], int64_t at, const targets *t)
{
    double nearest, u[3], g[3][3], e[3][3], from[3];
    int site = aet_cells_nearest(s->cells, p, s->longest, -1, &nearest);
    if (site < 0)
        return;
    const strain_field *f = s->f + s->of[site];
    if (nearest > sqrt(0.5) * f->lattice.constant_A || !strain_field_at(f, p, u, g))
        return;
    strain_field_tensor(f, (const double(*)[3])g,
                        s->p->strain_zero == AET_STRAIN_OF_BULK ? s->p->strain_reference_A : 0.0,
                        e);
    difference(p, s->centre, from);
    t->inside[at] = 1.0f;
    t->grain[at] = (float)(s->of[site] + 1);
    for (int k = 0; k < 3; k++)
        t->displacement[3 * at + k] = (float)u[k];
    for (int k = 0; k < COMPONENTS; k++)
        t->strain[k][at] = (float)e[strain_voigt[k][0]][strain_voigt[k][1]];
    t->mean[at] = (float)((e[0][0] + e[1][1] + e[2][2]) / 3.0);
    t->radial[at] = (float)strain_field_along(f, (const double(*)[3])e, from);
}

static void fill(const source *s, const aet_maps *m, const targets *t)
{
    int64_t at = 0;
    for (int z = m->slab.start; z < m->slab.start + m->slab.count; z++)
        for (int y = 0; y < m->ny; y++)
            for (int x = 0; x < m->nx; x++, at++) {
                const double p[3] = {m->origin_A[0] + m->voxel_A * x,
                                     m->origin_A[1] + m->voxel_A * y,
                                     m->origin_A[2] + m->voxel_A * z};
                one_voxel(s, p, at, t);
            }
}

aet_err aet_strain_maps(MPI_Comm comm, const aet_atoms *a, const aet_analyse_params *params,
                        aet_maps **maps)
{
    aet_err err = AET_OK;
    source s = {0};
    targets t;
    *maps = NULL;
    aet_phase_begin("strain maps");
    AET_GO(AET_AGREE(comm, source_make(a, params, &s)));
    AET_GO(make_grid(comm, &s, maps));
    AET_GO(add_maps(*maps, &t));
    fill(&s, *maps, &t);
done:
    aet_phase_end("strain maps");
    source_free(&s);
    if (err)
        aet_maps_free(maps);
    return err;
}
