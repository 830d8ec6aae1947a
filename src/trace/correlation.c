/* How like a simulated atom the density is, atom by atom. */
#include "aetlas/base/mem.h"
#include "aetlas/num/cells.h"
#include "aetlas/par/agree.h"
#include "trace/trace_priv.h"

#include <math.h>
#include <string.h>

enum { PLACES = 64 };
#define REACH 5.0 /* of a Gaussian, in widths: 4e-6 of its height are left */

/* Sums of whole numbers, which are the same on any number of ranks. */
typedef struct {
    int64_t n, a, b, aa, bb, ab;
} sums;

typedef struct {
    const aet_volume *v;
    const aet_atoms *atoms;
    double width, radius; /* voxels */
    double *model;        /* owned, [slab.count][ny][nx] */
    sums *sum;            /* owned, [atoms] */
} matching;

/* The own voxels low .. high of a box about a place. */
static void box_about(const aet_volume *v, const double at[3], double reach, int low[3],
                      int high[3])
{
    const int first[3] = {0, 0, v->slab.start};
    const int end[3] = {v->nx, v->ny, v->slab.start + v->slab.count};
    for (int k = 0; k < 3; k++) {
        low[k] = (int)fmax(first[k], ceil(at[k] - reach));
        high[k] = (int)fmin(end[k] - 1, floor(at[k] + reach));
    }
}

static int64_t row_of(const aet_volume *v, int y, int z)
{
    return ((int64_t)(z - v->slab.start) * v->ny + y) * v->nx;
}

static void paint_atom(matching *m, const double at[3], double height)
{
    int low[3], high[3];
    double factor[3][PLACES];
    box_about(m->v, at, fmin(REACH * m->width, PLACES / 2 - 1), low, high);
    for (int k = 0; k < 3; k++)
        for (int i = low[k]; i <= high[k]; i++)
            factor[k][i - low[k]] = exp(-0.5 * pow((i - at[k]) / m->width, 2));
    for (int z = low[2]; z <= high[2]; z++)
        for (int y = low[1]; y <= high[1]; y++) {
            double *row = m->model + row_of(m->v, y, z) + low[0];
            double scale = height * factor[2][z - low[2]] * factor[1][y - low[1]];
            for (int x = 0; x <= high[0] - low[0]; x++)
                row[x] += scale * factor[0][x];
        }
}

/* Every atom of a species is as high as their mean. */
static void paint(matching *m)
{
    const aet_column *fitted = aet_atoms_find_column(m->atoms, "fit_height");
    double height[256] = {0}, at[3];
    int n[256] = {0};
    for (int i = 0; fitted && i < m->atoms->n; i++)
        if (fitted->values[i] > 0) {
            height[m->atoms->species[i]] += fitted->values[i];
            n[m->atoms->species[i]]++;
        }
    for (int i = 0; i < m->atoms->n; i++) {
        int z = m->atoms->species[i];
        aet_trace_place(m->v, m->atoms->position_A[i], at);
        paint_atom(m, at, n[z] > 0 ? height[z] / n[z] : 1.0);
    }
}

static void look_at(const matching *m, int i, double per_density, double per_model)
{
    double at[3];
    int low[3], high[3];
    sums *s = m->sum + i;
    aet_trace_place(m->v, m->atoms->position_A[i], at);
    box_about(m->v, at, m->radius, low, high);
    for (int z = low[2]; z <= high[2]; z++)
        for (int y = low[1]; y <= high[1]; y++)
            for (int x = low[0]; x <= high[0]; x++) {
                double d[3] = {x - at[0], y - at[1], z - at[2]};
                if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] > m->radius * m->radius)
                    continue;
                int64_t voxel = row_of(m->v, y, z) + x;
                int64_t a = llrint(per_density * (double)m->v->density[voxel]),
                        b = llrint(per_model * m->model[voxel]);
                s->n++;
                s->a += a;
                s->b += b;
                s->aa += a * a;
                s->bb += b * b;
                s->ab += a * b;
            }
}

/* Values become whole numbers up to 2^24: with a thousand voxels in a ball, sums of squares stay below 2^58. */
static void look(const matching *m)
{
    double most[2] = {0};
    for (int64_t i = 0; i < aet_volume_count(m->v); i++) {
        most[0] = fmax(most[0], fabs((double)m->v->density[i]));
        most[1] = fmax(most[1], m->model[i]);
    }
    MPI_Allreduce(MPI_IN_PLACE, most, 2, MPI_DOUBLE, MPI_MAX, m->v->comm);
    for (int k = 0; k < 2; k++)
        most[k] = most[k] > 0 ? 0x1p24 / most[k] : 0;
    for (int i = 0; i < m->atoms->n; i++)
        look_at(m, i, most[0], most[1]);
    MPI_Allreduce(MPI_IN_PLACE, m->sum, 6 * m->atoms->n, MPI_INT64_T, MPI_SUM, m->v->comm);
}

static double pearson(const sums *s)
{
    double n = (double)s->n, a = (double)s->a / n, b = (double)s->b / n;
    double va = (double)s->aa / n - a * a, vb = (double)s->bb / n - b * b;
    return va > 0 && vb > 0 ? ((double)s->ab / n - a * b) / sqrt(va * vb) : 0;
}

static void add_results(const sums *s, aet_atoms *a)
{
    double *column = aet_atoms_add_column(a, "correlation", 1, "1",
                                          "of the density around the atom with that of simulated "
                                          "atoms (Pearson)")
                         ->values;
    double sum = 0, square = 0;
    for (int i = 0; i < a->n; i++) {
        column[i] = pearson(s + i);
        sum += column[i] / a->n;
    }
    for (int i = 0; i < a->n; i++)
        square += (column[i] - sum) * (column[i] - sum);
    aet_atoms_add_scalar(a, "trace_correlation", sum, "1",
                         "mean correlation of the density around atoms with simulated ones");
    aet_atoms_add_scalar(a, "trace_correlation_sd", a->n > 1 ? sqrt(square / (a->n - 1)) : 0, "1",
                         "standard deviation of these over the atoms");
}

/* Half the mean distance to the nearest atom, in voxels; of a lone atom twice its width. */
static aet_err find_radius(matching *m)
{
    aet_cells *cells = NULL;
    double sum = 0, d = 0;
    AET_TRY(aet_cells_create(m->atoms->n, (const double(*)[3])m->atoms->position_A, 0, &cells));
    for (int i = 0; i < m->atoms->n && m->atoms->n > 1; i++) {
        (void)aet_cells_nearest(cells, m->atoms->position_A[i], HUGE_VAL, i, &d);
        sum += d / m->atoms->n;
    }
    aet_cells_free(&cells);
    m->radius = m->atoms->n > 1 ? 0.5 * sum / m->v->voxel_A : 2 * m->width;
    m->radius = fmin(m->radius, 6.0); /* 905 voxels */
    return AET_OK;
}

static aet_err prepare(matching *m)
{
    AET_TRY(AET_ARRAY(aet_volume_count(m->v), "simulated atoms", &m->model));
    AET_TRY(AET_ARRAY(m->atoms->n, "correlations of atoms", &m->sum));
    return find_radius(m);
}

aet_err aet_trace_correlation(const aet_volume *v, aet_atoms *a)
{
    aet_err err = AET_OK;
    double width_A = 0;
    matching m = {.v = v, .atoms = a};
    if (a->n == 0 || !aet_atoms_find_scalar(a, "trace_width_A", &width_A) || !(width_A > 0))
        return AET_OK;
    m.width = width_A / v->voxel_A;
    AET_GO(AET_AGREE(v->comm, prepare(&m)));
    paint(&m);
    look(&m);
    add_results(m.sum, a);
done:
    aet_release(&m.model);
    aet_release(&m.sum);
    return err;
}
