#include "trace/detect_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include <math.h>
#include <string.h>

#define LEAST_VOXELS 3
#define NEAR         4   /* seeds looked at for each voxel */
#define REACH        4.0 /* standard deviations at which a Gaussian is cut */

typedef struct {
    const aet_grid *g;
    double level, reach;
    int *component; /* [voxels] number from 1, 0: below the level */
} map;

static int64_t count_of(const aet_grid *g)
{
    return (int64_t)g->nx * g->ny * g->nz;
}

static void place_of(const aet_grid *g, int i, int c[3])
{
    c[0] = i % g->nx;
    c[1] = i / g->nx % g->ny;
    c[2] = i / g->nx / g->ny;
}

/* Marks what hangs together with voxel `first`, over faces; stack has room for all voxels. */
static void flood(map *m, int first, int number, int *stack)
{
    const aet_grid *g = m->g;
    int step[3] = {1, g->nx, g->nx * g->ny}, size[3] = {g->nx, g->ny, g->nz}, depth = 0;
    stack[depth++] = first;
    m->component[first] = number;
    while (depth > 0) {
        int i = stack[--depth], c[3];
        place_of(g, i, c);
        for (int a = 0; a < 3; a++)
            for (int sign = -1; sign <= 1; sign += 2) {
                int j = i + sign * step[a], k = c[a] + sign;
                if (k < 0 || k >= size[a] || m->component[j] || !((double)g->x[j] > m->level))
                    continue;
                m->component[j] = number;
                stack[depth++] = j;
            }
    }
}

static aet_err label(map *m)
{
    int number = 0, *stack = NULL, n = (int)count_of(m->g);
    AET_TRY(AET_ARRAY(n, "labels of voxels", &m->component));
    AET_TRY(AET_ARRAY(n, "voxels to visit", &stack));
    for (int i = 0; i < n; i++)
        if (!m->component[i] && (double)m->g->x[i] > m->level)
            flood(m, i, ++number, stack);
    aet_release(&stack);
    return AET_OK;
}

/* Larger than the neighbours before it and not smaller than those after it. */
static bool is_top(const aet_grid *g, int i)
{
    int c[3];
    place_of(g, i, c);
    for (int k = 0; k < 27; k++) {
        int x = c[0] + k % 3 - 1, y = c[1] + k / 3 % 3 - 1, z = c[2] + k / 9 - 1;
        if (k == 13 || x < 0 || x >= g->nx || y < 0 || y >= g->ny || z < 0 || z >= g->nz)
            continue;
        float other = g->x[((int64_t)z * g->ny + y) * g->nx + x];
        if (k < 13 ? other >= g->x[i] : other > g->x[i])
            return false;
    }
    return true;
}

/* The maxima above the level: their number, and, with a list, themselves. */
static int find_tops(const map *m, aet_peak *list)
{
    int found = 0, n = (int)count_of(m->g);
    for (int i = 0; i < n; i++) {
        if (!m->component[i] || !is_top(m->g, i))
            continue;
        if (list) {
            aet_peak *q = &list[found];
            place_of(m->g, i, q->voxel);
            for (int a = 0; a < 3; a++)
                q->at[a] = q->voxel[a];
            q->strength = q->density = m->g->x[i];
        }
        found++;
    }
    return found;
}

/* Of maxima nearer than reach the strongest stays. */
static aet_err find_seeds(map *m, aet_peaks *seeds)
{
    int dropped;
    seeds->n = find_tops(m, NULL);
    AET_TRY(AET_ARRAY(seeds->n, "maxima", &seeds->peak));
    find_tops(m, seeds->peak);
    return aet_trace_thin(seeds, m->reach, &dropped);
}

static int component_of(const map *m, const int voxel[3])
{
    return m->component[((int64_t)voxel[2] * m->g->ny + voxel[1]) * m->g->nx + voxel[0]];
}

/* The seed nearest to a voxel among those of its component; else the nearest. */
static int seed_of(const map *m, const aet_peaks *seeds, const aet_cells *cells, int i)
{
    int c[3], near[NEAR];
    place_of(m->g, i, c);
    double r[3] = {c[0], c[1], c[2]};
    int n = aet_cells_k_nearest(cells, r, NEAR, INFINITY, -1, near, NULL);
    for (int k = 0; k < n; k++)
        if (component_of(m, seeds->peak[near[k]].voxel) == m->component[i])
            return near[k];
    return -1;
}

static void add_voxel(const aet_grid *g, int i, aet_piece *p, double *mass)
{
    int c[3];
    double w = (double)g->x[i];
    place_of(g, i, c);
    for (int a = 0; a < 3; a++)
        p->at[a] += w * c[a];
    *mass += w;
    p->voxels++;
}

static aet_err fill_pieces(const map *m, const aet_peaks *seeds, aet_piece *pieces)
{
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    double(*x)[3] = NULL, *mass = NULL;
    int n = (int)count_of(m->g);
    AET_GO(AET_ARRAY(seeds->n, "maxima", &x));
    AET_GO(AET_ARRAY(seeds->n, "masses", &mass));
    for (int s = 0; s < seeds->n; s++) {
        memcpy(x[s], seeds->peak[s].at, sizeof x[s]);
        memcpy(pieces[s].voxel, seeds->peak[s].voxel, sizeof pieces[s].voxel);
        pieces[s].top = seeds->peak[s].density;
    }
    AET_GO(aet_cells_create(seeds->n, (const double(*)[3])x, m->reach, &cells));
    for (int i = 0; i < n; i++) {
        int s = m->component[i] ? seed_of(m, seeds, cells, i) : -1;
        if (s >= 0)
            add_voxel(m->g, i, &pieces[s], &mass[s]);
    }
    for (int s = 0; s < seeds->n; s++) {
        pieces[s].radius = cbrt(0.75 * pieces[s].voxels / AET_PI);
        for (int a = 0; a < 3; a++)
            pieces[s].at[a] /= mass[s] > 0 ? mass[s] : 1;
    }
done:
    aet_cells_free(&cells);
    aet_release(&x);
    aet_release(&mass);
    return err;
}

static bool is_inside(const aet_grid *g, const aet_piece *p, int border)
{
    int size[3] = {g->nx, g->ny, g->nz};
    for (int a = 0; a < 3; a++)
        if (p->voxel[a] < border || p->voxel[a] >= size[a] - border)
            return false;
    return p->voxels >= LEAST_VOXELS;
}

aet_err aet_pieces_find(const aet_grid *g, double level, double reach, int border,
                        aet_piece **pieces, int *n)
{
    aet_err err = AET_OK;
    aet_peaks seeds = {0};
    map m = {g, level, reach, NULL};
    *pieces = NULL;
    *n = 0;
    AET_GO(label(&m));
    AET_GO(find_seeds(&m, &seeds));
    AET_GO(AET_ARRAY(seeds.n, "pieces", pieces));
    AET_GO(fill_pieces(&m, &seeds, *pieces));
    for (int s = 0; s < seeds.n; s++)
        if (is_inside(g, &(*pieces)[s], border))
            (*pieces)[(*n)++] = (*pieces)[s];
done:
    aet_release(&m.component);
    aet_release(&seeds.peak);
    return err;
}

/* Adds a Gaussian of unit height. */
static void paint(const aet_grid *g, const double at[3], double width, float *sum)
{
    int low[3], high[3], size[3] = {g->nx, g->ny, g->nz};
    for (int a = 0; a < 3; a++) {
        low[a] = (int)fmax(0, ceil(at[a] - REACH * width));
        high[a] = (int)fmin(size[a] - 1, floor(at[a] + REACH * width));
    }
    for (int z = low[2]; z <= high[2]; z++)
        for (int y = low[1]; y <= high[1]; y++) {
            double d2 = pow(y - at[1], 2) + pow(z - at[2], 2);
            float *row = sum + ((int64_t)z * g->ny + y) * g->nx;
            for (int x = low[0]; x <= high[0]; x++)
                row[x] += (float)exp(-0.5 * (d2 + pow(x - at[0], 2)) / (width * width));
        }
}

aet_err aet_pieces_correlation(const aet_grid *g, const aet_piece *pieces, int n, double width,
                               double *correlation)
{
    float *model = NULL;
    int64_t count = count_of(g);
    double sum[5] = {0};
    AET_TRY(AET_ARRAY(count, "density of the pieces", &model));
    for (int i = 0; i < n; i++)
        paint(g, pieces[i].at, width, model);
    for (int64_t i = 0; i < count; i++) {
        double a = (double)model[i], b = (double)g->x[i];
        sum[0] += a;
        sum[1] += b;
        sum[2] += a * a;
        sum[3] += b * b;
        sum[4] += a * b;
    }
    double va = sum[2] - sum[0] * sum[0] / count, vb = sum[3] - sum[1] * sum[1] / count;
    *correlation = va > 0 && vb > 0 ? (sum[4] - sum[0] * sum[1] / count) / sqrt(va * vb) : 0;
    aet_release(&model);
    return AET_OK;
}
