/* Which atoms the images ask for. */
#include "trace/images_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/cells.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

/* A species is changed for a gain of more than this many noise variances: a lesser one may be
 * rounding, and the next round would change it back. */
#define WORTHWHILE 4.0
/* Before atoms have been moved to where they belong, heights are too low: of the least height. */
#define LENIENT 0.5

void images_count(images_fit *f)
{
    for (int s = 0; s < f->n_kinds; s++)
        f->kind[s].count = 0;
    for (int a = 0; a < f->n; a++)
        f->kind[f->species[a]].count++;
}

static aet_err grow(void **array, size_t size, int n, int room, const char *what)
{
    void *fresh = NULL;
    AET_TRY(aet_array_bytes(room, size, what, &fresh));
    if (n > 0)
        memcpy(fresh, *array, (size_t)n * size);
    aet_free_bytes(*array);
    *array = fresh;
    return AET_OK;
}

aet_err images_room(images_fit *f, int n)
{
    if (n <= f->room)
        return AET_OK;
    int room = n + n / 8 + 16;
    AET_TRY(grow((void **)&f->at, sizeof *f->at, f->n, room, "positions"));
    AET_TRY(grow((void **)&f->start, sizeof *f->start, f->n, room, "first positions"));
    AET_TRY(grow((void **)&f->excess, sizeof *f->excess, f->n, room, "heights"));
    AET_TRY(grow((void **)&f->species, sizeof *f->species, f->n, room, "species"));
    AET_TRY(grow((void **)&f->origin, sizeof *f->origin, f->n, room, "origins"));
    AET_TRY(grow((void **)&f->fresh, sizeof *f->fresh, f->n, room, "atoms on trial"));
    AET_TRY(grow((void **)&f->centre, sizeof *f->centre, f->n, room, "heights to expect"));
    AET_TRY(grow((void **)&f->width, sizeof *f->width, f->n, room, "heights to expect"));
    AET_TRY(grow((void **)&f->site, sizeof *f->site, f->n, room, "sites"));
    AET_TRY(grow((void **)&f->tied, sizeof *f->tied, f->n, room, "sites"));
    f->room = room;
    return AET_OK;
}

/* With the atom that stands there taken out, one of species t and height H (1 + e) changes the
 * misfit by -2 H (1 + e) g + H^2 (1 + e)^2 N + prior e^2, least at
 * e = (H g - H^2 N) / (H^2 N + prior). */
void images_weigh(const images_fit *f, const double *score, const double *power, int now,
                  double height, images_verdict *v)
{
    double spread = f->p->height_spread, prior = spread > 0 ? f->noise / (spread * spread) : 0;
    v->best = 0;
    for (int t = 0; t < f->n_kinds; t++) {
        double H = f->kind[t].height, N = power[aet_pair_row(t, t)], g = score[t], e = 0;
        if (now >= 0)
            g += height * power[aet_pair_row(t, now)];
        v->whole[t] = H * H * N;
        if (spread > 0 && v->whole[t] + prior > 0)
            e = (H * g - v->whole[t]) / (v->whole[t] + prior);
        v->gain[t] = (1 + e) * (2 * H * g - (1 + e) * v->whole[t]) - prior * e * e;
        v->height[t] = v->whole[t] > 0 ? H * g / v->whole[t] : 0;
        if (v->gain[t] > v->gain[v->best])
            v->best = t;
    }
}

aet_err images_judge(images_fit *f, images_verdict *verdict)
{
    aet_err err = AET_OK;
    double *score = NULL, *power = NULL;
    int pairs = f->n_kinds * (f->n_kinds + 1) / 2;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(f->n * f->n_kinds, "correlations of atoms", &score)));
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(f->n * pairs, "correlations of atoms", &power)));
    AET_GO(images_correlate(f, f->n, (const double(*)[3])f->at, score, power));
    for (int64_t a = 0; a < f->n; a++)
        images_weigh(f, score + a * f->n_kinds, power + a * pairs, f->species[a],
                     f->kind[f->species[a]].height * (1 + f->excess[a]), &verdict[a]);
done:
    aet_release(&score);
    aet_release(&power);
    return err;
}

double images_faintest(const images_fit *f, int s)
{
    double least = INFINITY;
    for (int t = 0; t < f->n_kinds; t++)
        if (f->kind[t].count > 0)
            least = fmin(least, f->kind[t].height * f->kind[t].factor[0]);
    return least / (f->kind[s].height * f->kind[s].factor[0]);
}

/* Whether the images could show the atom, and do not: by its height as fitted together with all
 * others, or by what it alone brings. */
static bool is_absent(const images_fit *f, int a, const images_verdict *v, double weakest)
{
    double least = f->p->significance * f->p->significance * f->noise;
    if (1 + f->excess[a] < weakest * images_faintest(f, f->species[a]))
        return true;
    if (v->whole[v->best] < 2 * least) /* hardly in the images: they cannot tell */
        return false;
    return v->height[v->best] < weakest || v->gain[v->best] < least;
}

/* The lesser of two atoms that are too near to each other is no atom. */
static aet_err mark_pairs(const images_fit *f, const images_verdict *verdict, bool *keep)
{
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    aet_neighbours *nb = NULL;
    AET_GO(aet_cells_create(f->n, (const double(*)[3])f->at, f->p->min_distance_A, &cells));
    AET_GO(aet_neighbours_find(cells, IMAGES_NEAR * f->p->min_distance_A, &nb));
    for (int a = 0; a < f->n; a++)
        for (int64_t k = nb->start[a]; k < nb->start[a + 1]; k++) {
            const images_verdict *u = &verdict[a], *v = &verdict[nb->index[k]];
            if (keep[nb->index[k]] && (u->gain[u->best] < v->gain[v->best] ||
                                       (u->gain[u->best] <= v->gain[v->best] && a > nb->index[k])))
                keep[a] = false;
        }
done:
    aet_neighbours_free(&nb);
    aet_cells_free(&cells);
    return err;
}

aet_err images_atoms(const images_fit *f, aet_atoms **atoms)
{
    AET_TRY(aet_atoms_create(f->n, atoms));
    for (int a = 0; a < f->n; a++) {
        memcpy((*atoms)->position_A[a], f->at[a], sizeof *f->at);
        (*atoms)->species[a] = (uint8_t)f->kind[f->species[a]].z;
    }
    return AET_OK;
}

void images_keep(images_fit *f, const bool *keep)
{
    int n = 0;
    for (int a = 0; a < f->n; a++) {
        if (!keep[a])
            continue;
        memcpy(f->at[n], f->at[a], sizeof *f->at);
        memcpy(f->start[n], f->start[a], sizeof *f->start);
        f->excess[n] = f->excess[a];
        f->species[n] = f->species[a];
        f->fresh[n] = f->fresh[a];
        memcpy(f->site[n], f->site[a], sizeof *f->site);
        f->tied[n] = f->tied[a];
        f->centre[n] = f->centre[a];
        f->width[n] = f->width[a];
        f->origin[n++] = f->origin[a];
    }
    f->n = n;
}

static aet_err apply(images_fit *f, const images_verdict *verdict, bool species)
{
    bool *keep = NULL;
    double weakest = (species ? 1 : LENIENT) * f->p->weakest;
    AET_TRY(AET_ARRAY(f->n, "atoms to keep", &keep));
    for (int a = 0; a < f->n; a++) {
        const images_verdict *v = &verdict[a];
        keep[a] = !f->p->drop || !is_absent(f, a, v, weakest);
        if (species && f->p->reclassify &&
            v->gain[v->best] - v->gain[f->species[a]] > WORTHWHILE * f->noise) {
            f->report->changed += keep[a];
            f->species[a] = v->best;
            f->excess[a] = 0;
        }
    }
    aet_err err = f->p->drop ? mark_pairs(f, verdict, keep) : AET_OK;
    for (int a = 0; a < f->n; a++)
        f->report->dropped += !keep[a];
    images_keep(f, keep);
    aet_release(&keep);
    return err;
}

aet_err images_edit(images_fit *f, bool species)
{
    aet_err err = AET_OK;
    images_verdict *verdict = NULL;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(f->n, "verdicts on atoms", &verdict)));
    AET_GO(images_judge(f, verdict));
    AET_GO(AET_AGREE(f->comm, apply(f, verdict, species)));
    AET_GO_CHECK(f->n > 0, AET_ERR_INPUT,
                 "the images ask for none of the atoms: do model and series belong together?");
    images_count(f);
done:
    aet_release(&verdict);
    return err;
}
