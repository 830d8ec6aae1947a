/* Where the residual images ask for an atom more.
 *
 * The plain sum of the residuals over images is no measure: an atom that is missing leaves a trace
 * that falls off with 1 / distance only, and many of them drown each other.  So places are found in
 * the filtered sum, with |q_x| as in filtered back-projection, on a fine lattice of points that are
 * not too near to an atom and not too far from all.  They are taken on trial: the heights of all
 * atoms, old and new, are fitted together, and those that keep little are let go.
 */
#include "trace/images_priv.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/cells.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_A 0.4 /* a quarter of the width of the peaks of g */
#define SHELL                                                                                      \
    1.3 /* of the neighbours' distance: an atom farther from all is none of the particle */
#define ASUNDER 1.2  /* of the least distance between two that are added at once */
#define FAINT   0.7  /* of the weakest height: neighbours have taken up part of it */
enum { TRIAL = 20 }; /* iterations for the heights */

enum { FREE = 0, SHELL_POINT = 1, TAKEN = 2 };

typedef struct {
    double low[3];
    int size[3];
    uint8_t *mark; /* owned */
    int n;
    double (*at)[3];       /* owned, [n] */
    double *score, *power; /* owned, [n] */
} field;

static void release(field *q)
{
    aet_release(&q->mark);
    aet_release(&q->at);
    aet_release(&q->score);
    aet_release(&q->power);
}

static int64_t index_of(const field *q, int x, int y, int z)
{
    return ((int64_t)z * q->size[1] + y) * q->size[0] + x;
}

/* Marks the points within `radius` of r. */
static void mark_ball(field *q, const double r[3], double radius, uint8_t mark)
{
    int from[3], to[3];
    for (int k = 0; k < 3; k++) {
        from[k] = (int)fmax(0, ceil((r[k] - radius - q->low[k]) / STEP_A));
        to[k] = (int)fmin(q->size[k] - 1, floor((r[k] + radius - q->low[k]) / STEP_A));
    }
    for (int z = from[2]; z <= to[2]; z++)
        for (int y = from[1]; y <= to[1]; y++)
            for (int x = from[0]; x <= to[0]; x++) {
                double d2 = pow(q->low[0] + x * STEP_A - r[0], 2) +
                            pow(q->low[1] + y * STEP_A - r[1], 2) +
                            pow(q->low[2] + z * STEP_A - r[2], 2);
                uint8_t *m = &q->mark[index_of(q, x, y, z)];
                if (d2 <= radius * radius && *m < mark)
                    *m = mark;
            }
}

/* Median distance of nearest neighbours. */
static aet_err neighbour_distance(const images_fit *f, double *distance)
{
    *distance = 0;
    aet_cells *cells = NULL;
    AET_TRY(aet_cells_create(f->n, (const double(*)[3])f->at, 0, &cells));
    aet_err err = aet_cells_spacing(cells, f->n, (const double(*)[3])f->at,
                                    10 * f->p->min_distance_A + 10, distance);
    *distance = fmax(*distance, f->p->min_distance_A);
    aet_cells_free(&cells);
    return err;
}

static aet_err lay_out(const images_fit *f, field *q)
{
    double reach, high[3];
    AET_TRY(neighbour_distance(f, &reach));
    reach *= SHELL;
    for (int k = 0; k < 3; k++) {
        q->low[k] = high[k] = f->at[0][k];
        for (int a = 0; a < f->n; a++) {
            q->low[k] = fmin(q->low[k], f->at[a][k]);
            high[k] = fmax(high[k], f->at[a][k]);
        }
        q->low[k] -= reach;
        q->size[k] = (int)ceil((high[k] + reach - q->low[k]) / STEP_A) + 1;
    }
    int64_t all = (int64_t)q->size[0] * q->size[1] * q->size[2], n = 0;
    AET_TRY(AET_ARRAY(all, "places for atoms", &q->mark));
    for (int a = 0; a < f->n; a++) {
        mark_ball(q, f->at[a], reach, SHELL_POINT);
        mark_ball(q, f->at[a], IMAGES_NEAR * f->p->min_distance_A, TAKEN);
    }
    for (int64_t k = 0; k < all; k++)
        n += q->mark[k] == SHELL_POINT;
    AET_CHECK(n <= INT32_MAX, AET_ERR_NOMEM, "too many places for atoms");
    q->n = (int)n;
    AET_TRY(AET_ARRAY(q->n, "places for atoms", &q->at));
    AET_TRY(AET_ARRAY(q->n, "their scores", &q->score));
    AET_TRY(AET_ARRAY(q->n, "their scores", &q->power));
    n = 0;
    for (int z = 0; z < q->size[2]; z++)
        for (int y = 0; y < q->size[1]; y++)
            for (int x = 0; x < q->size[0]; x++)
                if (q->mark[index_of(q, x, y, z)] == SHELL_POINT) {
                    int at[3] = {x, y, z};
                    for (int k = 0; k < 3; k++)
                        q->at[n][k] = q->low[k] + at[k] * STEP_A;
                    n++;
                }
    return AET_OK;
}

/* Adds a map's values at the points, between its points linearly. */
static void read_map(const images_fit *f, int image, const float *map, const field *q, double *out)
{
    const images_grid *g = &f->g;
    double place[2];
    for (int i = 0; i < q->n; i++) {
        images_look(f, image, q->at[i], place);
        double x = g->pad + g->fine * place[0], y = g->pad + g->fine * place[1];
        if (!(x >= 0 && y >= 0 && x < g->mx - 1 && y < g->my - 1))
            continue;
        int ix = (int)x, iy = (int)y;
        const float *m = map + (int64_t)iy * g->mx + ix;
        x -= ix;
        y -= iy;
        double low = (1 - x) * (double)m[0] + x * (double)m[1];
        double high = (1 - x) * (double)m[g->mx] + x * (double)m[g->mx + 1];
        out[i] += (1 - y) * low + y * high;
    }
}

/* sum |q_x| |P|^2 / sum |P|^2 for the profile of species s, q_x in waves of the grid: what the filter
 * makes of an atom's own sum. */
static double filtered_part(const images_fit *f, int s)
{
    int half = f->g.mx / 2 + 1;
    double all = 0, part = 0, narrow = 2 * AET_PI * AET_PI * f->g.window2 * pow(f->g.step_A, 2);
    for (int64_t w = 0; w < f->g.waves; w++) {
        double power = pow(f->kind[s].lens[w] * exp(-narrow * f->q2[w]), 2);
        power *= w % half == 0 || 2 * (w % half) == f->g.mx ? 1 : 2;
        all += power;
        part += (double)(w % half) * power;
    }
    return part / all;
}

static aet_err score_points(images_fit *f, int s, field *q)
{
    aet_err err = AET_OK;
    double *plane = NULL;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(f->g.nx * f->g.ny, "an image", &plane)));
    images_crosses(f);
    for (int image = f->first; image < f->first + f->own; image++) {
        images_transform(f, image, true, plane);
        read_map(f, image, images_map_filtered(f, s), q, q->score);
        images_transform(f, image, false, plane);
        read_map(f, image, images_map(f, s, s, false), q, q->power);
    }
    aet_sum_double(f->comm, q->score, q->n);
    aet_sum_double(f->comm, q->power, q->n);
    double part = filtered_part(f, s);
    for (int i = 0; i < q->n; i++)
        q->score[i] = q->power[i] > 0 ? q->score[i] / (part * q->power[i] * f->kind[s].height) : 0;
done:
    aet_release(&plane);
    return err;
}

/* ---- choosing ---- */

typedef struct {
    double gain;
    int point;
} candidate;

static int by_gain(const void *a, const void *b)
{
    const candidate *p = a, *q = b;
    if (p->gain != q->gain)
        return p->gain < q->gain ? 1 : -1;
    return (p->point > q->point) - (p->point < q->point);
}

static bool is_taken(const field *q, const double r[3])
{
    int at[3];
    for (int k = 0; k < 3; k++)
        at[k] = (int)lround((r[k] - q->low[k]) / STEP_A);
    return q->mark[index_of(q, at[0], at[1], at[2])] == TAKEN;
}

/* The best places, far enough from each other, in front of q->at; *n of them. */
static aet_err choose(const images_fit *f, int s, field *q, int *n)
{
    candidate *c = NULL;
    double(*best)[3] = NULL, least = FAINT * f->p->weakest * images_faintest(f, s);
    int found = 0;
    *n = 0;
    AET_TRY(AET_ARRAY(q->n, "candidates", &c));
    for (int i = 0; i < q->n; i++)
        if (q->score[i] > least)
            c[found++] = (candidate){q->score[i], i};
    qsort(c, (size_t)found, sizeof *c, by_gain);
    aet_err err = AET_ARRAY(found, "best places", &best);
    for (int i = 0; i < found && !err; i++)
        if (!is_taken(q, q->at[c[i].point])) {
            memcpy(best[*n], q->at[c[i].point], sizeof *best);
            mark_ball(q, best[(*n)++], ASUNDER * f->p->min_distance_A, TAKEN);
        }
    if (!err && *n > 0)
        memcpy(q->at, best, (size_t)*n * sizeof *best);
    aet_release(&best);
    aet_release(&c);
    return err;
}

/* Puts atoms of species s there, of height 0. */
static aet_err put_on_trial(images_fit *f, int s, int n, const double (*at)[3])
{
    AET_TRY(images_room(f, f->n + n));
    for (int i = 0; i < n; i++, f->n++) {
        memcpy(f->at[f->n], at[i], sizeof *f->at);
        memcpy(f->start[f->n], at[i], sizeof *f->at);
        f->excess[f->n] = -1;
        f->species[f->n] = s;
        f->origin[f->n] = -1;
        f->fresh[f->n] = true;
        f->tied[f->n] = false;
        f->centre[f->n] = f->width[f->n] = 0;
    }
    return AET_OK;
}

/* What a new atom is most like, with the height that it was given. */
static void name_atom(images_fit *f, int a)
{
    int s = f->species[a];
    double sent = (1 + f->excess[a]) * f->kind[s].height * f->kind[s].factor[0], best = INFINITY;
    for (int t = 0; t < f->n_kinds; t++) {
        double whole = f->kind[t].height * f->kind[t].factor[0], off = fabs(sent - whole);
        if (off < best) {
            f->species[a] = t;
            f->excess[a] = sent / whole - 1;
            best = off;
        }
    }
    f->fresh[a] = false;
}

/* Those of some height stay. */
static aet_err let_go(images_fit *f)
{
    bool *keep = NULL;
    AET_TRY(AET_ARRAY(f->n, "atoms to keep", &keep));
    for (int a = 0; a < f->n; a++) {
        double least = FAINT * f->p->weakest * images_faintest(f, f->species[a]);
        keep[a] = !f->fresh[a] || 1 + f->excess[a] >= least;
        f->report->added += f->fresh[a] && keep[a];
        if (f->fresh[a])
            name_atom(f, a);
    }
    images_keep(f, keep);
    aet_release(&keep);
    return AET_OK;
}

/* Counted as the commonest species at first. */
static int commonest(const images_fit *f)
{
    int s = 0;
    for (int t = 0; t < f->n_kinds; t++)
        s = f->kind[t].count > f->kind[s].count ? t : s;
    return s;
}

aet_err images_try(images_fit *f, int n, const double (*at)[3])
{
    if (n == 0)
        return AET_OK;
    AET_TRY(AET_AGREE(f->comm, put_on_trial(f, commonest(f), n, at)));
    AET_TRY(images_heights(f, TRIAL));
    AET_TRY(AET_AGREE(f->comm, let_go(f)));
    images_count(f);
    return AET_OK;
}

aet_err images_add(images_fit *f)
{
    aet_err err = AET_OK;
    field q = {0};
    int s = commonest(f), n = 0;
    images_misfit m;
    AET_GO(AET_AGREE(f->comm, lay_out(f, &q)));
    AET_GO(images_residuals(f, NULL, &m));
    AET_GO(score_points(f, s, &q));
    AET_GO(AET_AGREE(f->comm, choose(f, s, &q, &n)));
    aet_debug("fit: %d places, %d atoms on trial", q.n, n);
    AET_GO(images_try(f, n, (const double(*)[3])q.at));
done:
    release(&q);
    return err;
}
