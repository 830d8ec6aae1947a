/* The second pass: atomic layers of a crystal, read off the volume plane by plane. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "trace/tracer_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_A 0.05 /* of the histogram of heights */
/* Smoothing of the histogram, as a part of the distance of layers: a sixth keeps neighbouring ones
 * apart where atoms scatter by a tenth of it. */
#define SMOOTH_PART (1.0 / 6)
/* A layer holds at least this part of the atoms of the fullest. */
#define LEAST_PART 0.02
/* A maximum nearer than this part of the minimum distance to a peak there is shows that peak. */
#define KNOWN 0.5

typedef struct {
    int side, half;    /* of the plane, in voxels */
    double origin[3];  /* voxel about which it lies */
    double axis[3][3]; /* unit vectors: two in the plane, one across */
    float *density;    /* [side][side] */
} plane;

/* ---- where the layers are ---- */

static double height_of(const aet_tracer *t, const plane *pl, const aet_peak *q)
{
    double h = 0;
    for (int a = 0; a < 3; a++)
        h += pl->axis[2][a] * (q->at[a] - pl->origin[a]);
    return h * t->volume->voxel_A;
}

/* Histogram of the atoms' heights, smoothed by a Gaussian. */
static void fill_histogram(const aet_tracer *t, const plane *pl, double sigma_A, int bins,
                           double low, double *count)
{
    int reach = (int)ceil(4 * sigma_A / STEP_A);
    for (int i = 0; i < t->peaks.n; i++) {
        if (t->peaks.peak[i].label == 0)
            continue;
        double at = (height_of(t, pl, &t->peaks.peak[i]) - low) / STEP_A;
        for (int b = (int)at - reach; b <= (int)at + reach; b++)
            if (b >= 0 && b < bins)
                count[b] += exp(-0.5 * pow((b - at) * STEP_A / sigma_A, 2));
    }
}

/* Heights of the peaks of the histogram, in A from the plane's origin. */
static aet_err find_layers(const aet_tracer *t, const plane *pl, double spacing_A, double **layers,
                           int *n)
{
    double low = -pl->half * t->volume->voxel_A, most = 0, *count = NULL;
    int bins = (int)ceil(-2 * low / STEP_A) + 1;
    *n = 0;
    AET_TRY(AET_ARRAY(bins, "heights of layers", layers));
    AET_TRY(AET_ARRAY(bins, "histogram of heights", &count));
    fill_histogram(t, pl, SMOOTH_PART * spacing_A, bins, low, count);
    for (int b = 0; b < bins; b++)
        most = fmax(most, count[b]);
    for (int b = 1; b + 1 < bins; b++)
        if (count[b] > LEAST_PART * most && count[b] > count[b - 1] && count[b] >= count[b + 1])
            (*layers)[(*n)++] = low + b * STEP_A;
    aet_release(&count);
    return AET_OK;
}

/* ---- planes ---- */

static void point_of(const plane *pl, double height, int i, int j, double r[3])
{
    for (int a = 0; a < 3; a++)
        r[a] = pl->origin[a] + (i - pl->half) * pl->axis[0][a] + (j - pl->half) * pl->axis[1][a] +
               height * pl->axis[2][a];
}

/* Trilinear interpolation; 0 outside the volume and where another rank has the lower plane. */
static float density_at(const aet_tracer *t, const double r[3])
{
    const aet_block *b = t->block;
    int c[3] = {(int)floor(r[0]), (int)floor(r[1]), (int)floor(r[2])};
    aet_slab slab = t->volume->slab;
    double f[3] = {r[0] - c[0], r[1] - c[1], r[2] - c[2]}, sum = 0;
    if (c[0] < 0 || c[0] + 1 >= b->nx || c[1] < 0 || c[1] + 1 >= b->ny || c[2] + 1 >= b->nz ||
        c[2] < slab.start || c[2] >= slab.start + slab.count)
        return 0;
    for (int k = 0; k < 4; k++) {
        int y = k & 1, z = k >> 1;
        const float *row = aet_block_row(b, c[2] + z, c[1] + y) + c[0];
        double w = (y ? f[1] : 1 - f[1]) * (z ? f[2] : 1 - f[2]);
        sum += w * ((1 - f[0]) * (double)row[0] + f[0] * (double)row[1]);
    }
    return (float)sum;
}

/* Collective.  The plane at a height (voxels), the same on all ranks. */
static void read_plane(const aet_tracer *t, double height, plane *pl)
{
    for (int j = 0; j < pl->side; j++)
        for (int i = 0; i < pl->side; i++) {
            double r[3];
            point_of(pl, height, i, j, r);
            pl->density[(int64_t)j * pl->side + i] = density_at(t, r);
        }
    /* Each point is zero on all ranks but one: the sum is exact. */
    aet_sum_float(t->volume->comm, pl->density, (int64_t)pl->side * pl->side);
}

/* Larger than the neighbours before it and not smaller than those after it. */
static bool is_top(const plane *pl, int i, int j)
{
    const float *x = pl->density + (int64_t)j * pl->side + i;
    for (int k = 0; k < 9; k++) {
        float other = x[(k / 3 - 1) * pl->side + k % 3 - 1];
        if (k != 4 && (k < 4 ? other >= *x : other > *x))
            return false;
    }
    return true;
}

/* ---- new peaks ---- */

typedef struct {
    aet_peak *list;
    int n, room;
} found;

static aet_err push(found *f, const double r[3], float density)
{
    if (f->n == f->room) {
        aet_peak *more;
        f->room = f->room ? 2 * f->room : 256;
        AET_TRY(AET_ARRAY(f->room, "maxima of layers", &more));
        if (f->n > 0)
            memcpy(more, f->list, (size_t)f->n * sizeof *more);
        aet_release(&f->list);
        f->list = more;
    }
    aet_peak *q = &f->list[f->n++];
    *q = (aet_peak){
        .strength = density, .density = density, .inside = true, .origin = AET_ORIGIN_LAYER};
    for (int a = 0; a < 3; a++) {
        q->box[a] = q->voxel[a] = (int)lround(r[a]);
        q->start[a] = q->at[a] = q->centre[a] = r[a];
    }
    return AET_OK;
}

static bool within_border(const aet_tracer *t, const double r[3])
{
    int size[3] = {t->volume->nx, t->volume->ny, t->volume->nz};
    for (int a = 0; a < 3; a++) {
        int c = (int)lround(r[a]);
        if (c < t->p.border || c >= size[a] - t->p.border)
            return false;
    }
    return true;
}

/* The maxima of a plane that no peak there is accounts for. */
static aet_err collect(const aet_tracer *t, const aet_cells *cells, double height, const plane *pl,
                       found *f)
{
    double near = KNOWN * t->p.min_distance_A / t->volume->voxel_A;
    for (int j = 1; j + 1 < pl->side; j++)
        for (int i = 1; i + 1 < pl->side; i++) {
            double r[3];
            float density = pl->density[(int64_t)j * pl->side + i];
            if (!((double)density > t->report.threshold) || !is_top(pl, i, j))
                continue;
            point_of(pl, height, i, j, r);
            if (within_border(t, r) && aet_cells_nearest(cells, r, near, -1, NULL) < 0)
                AET_TRY(push(f, r, density));
        }
    return AET_OK;
}

static aet_err peak_cells(const aet_peaks *peaks, aet_cells **cells)
{
    double(*x)[3] = NULL;
    AET_TRY(AET_ARRAY(peaks->n, "positions of peaks", &x));
    for (int i = 0; i < peaks->n; i++)
        memcpy(x[i], peaks->peak[i].at, sizeof x[i]);
    aet_err err = aet_cells_create(peaks->n, (const double(*)[3])x, 0, cells);
    aet_release(&x);
    return err;
}

static void set_plane(const aet_tracer *t, const aet_lattice *l, plane *pl)
{
    const aet_volume *v = t->volume;
    int size[3] = {v->nx, v->ny, v->nz};
    double diagonal2 = 0;
    for (int a = 0; a < 3; a++) {
        diagonal2 += 0.25 * size[a] * size[a];
        pl->origin[a] = size[a] / 2;
        for (int k = 0; k < 3; k++)
            pl->axis[k][a] = l->rotation[a][k];
    }
    pl->half = (int)ceil(sqrt(diagonal2)) + 1;
    pl->side = 2 * pl->half + 1;
}

/* Collective. */
static aet_err read_layers(aet_tracer *t, const aet_lattice *l, found *f)
{
    MPI_Comm comm = t->volume->comm;
    aet_err err = AET_OK;
    aet_cells *cells = NULL;
    double *layers = NULL;
    plane pl = {0};
    int n = 0;

    set_plane(t, l, &pl);
    AET_GO(AET_AGREE(comm, AET_ARRAY((int64_t)pl.side * pl.side, "plane", &pl.density)));
    AET_GO(AET_AGREE(comm, find_layers(t, &pl, 0.5 * l->constant_A, &layers, &n)));
    AET_GO(AET_AGREE(comm, peak_cells(&t->peaks, &cells)));
    for (int k = 0; k < n; k++) {
        double height = layers[k] / t->volume->voxel_A;
        read_plane(t, height, &pl);
        AET_GO(AET_AGREE(comm, collect(t, cells, height, &pl, f)));
    }
    t->report.layers = n;
    t->report.layer_maxima = f->n;
done:
    aet_cells_free(&cells);
    aet_release(&layers);
    aet_release(&pl.density);
    return err;
}

/* Drops the new peaks without a hill, then those too near to others, the strongest first. */
static aet_err accept(aet_tracer *t)
{
    bool *keep = NULL;
    int dropped;
    AET_TRY(AET_ARRAY(t->peaks.n, "peaks to keep", &keep));
    for (int i = 0; i < t->peaks.n; i++)
        keep[i] = t->peaks.peak[i].fitted || t->peaks.peak[i].origin != AET_ORIGIN_LAYER;
    aet_trace_keep(&t->peaks, keep);
    aet_release(&keep);
    return aet_trace_thin(&t->peaks, t->p.min_distance_A / t->volume->voxel_A, &dropped);
}

aet_err aet_tracer_layers(aet_tracer *t, const aet_lattice *lattice)
{
    const aet_volume *v = t->volume;
    aet_err err = AET_OK;
    found f = {0};

    aet_phase_begin("trace_layers");
    AET_GO(read_layers(t, lattice, &f));
    AET_GO(AET_AGREE(v->comm, aet_trace_insert(v, &t->peaks, f.list, f.n)));
    AET_GO(AET_AGREE(v->comm, aet_trace_boxes_own(t->block, v->voxel_A, &t->p, AET_ORIGIN_LAYER,
                                                  t->p.method != AET_TRACE_BOXES, &t->peaks)));
    AET_GO(aet_trace_share(v->comm, &t->peaks));
    AET_GO(AET_AGREE(v->comm, accept(t)));
    AET_GO(aet_tracer_finish(t));
    aet_debug("trace: %d layers, %d maxima, %d atoms from them", t->report.layers,
              t->report.layer_maxima, t->report.from_layers);
done:
    aet_phase_end("trace_layers");
    aet_release(&f.list);
    return err;
}
