#include "trace/detect_priv.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/num/cluster.h"
#include "aetlas/num/sort.h"
#include "aetlas/par/agree.h"
#include <math.h>

#define CLASSES 20
/* Classes of voxels come from at most so many of them, evenly through their order. */
#define SAMPLE 20000

/* Values above the level, ascending; at most SAMPLE of them. */
static aet_err sample_above(const aet_grid *g, double level, double **x, int *n)
{
    int64_t count = (int64_t)g->nx * g->ny * g->nz;
    int total = 0;
    AET_TRY(AET_ARRAY(count, "voxels above the threshold", x));
    for (int64_t i = 0; i < count; i++)
        if ((double)g->x[i] > level)
            (*x)[total++] = (double)g->x[i];
    aet_sort(total, *x);
    *n = total < SAMPLE ? total : SAMPLE;
    for (int i = 0; i < *n; i++)
        (*x)[i] = (*x)[(int64_t)i * total / *n];
    return AET_OK;
}

/* The levels to be tried: Otsu's, and the least value of each class of the voxels above it. */
static aet_err choose_levels(const aet_grid *g, double otsu, double level[CLASSES + 1], int *n)
{
    double *x = NULL, centers[CLASSES];
    int *label = NULL, count = 0;
    aet_err err = AET_OK;
    level[0] = otsu;
    *n = 1;
    AET_GO(sample_above(g, otsu, &x, &count));
    AET_GO(AET_ARRAY(count, "classes of voxels", &label));
    if (count <= CLASSES || aet_kmeans_line(count, x, CLASSES, centers, label, NULL) != AET_OK)
        goto done; /* a few voxels: Otsu's level alone */
    for (int i = 1; i < count; i++)
        if (label[i] != label[i - 1] && *n < CLASSES + 1)
            level[(*n)++] = 0.5 * (x[i] + x[i - 1]); /* between the two: voxels are above it */
done:
    aet_release(&x);
    aet_release(&label);
    return err;
}

typedef struct {
    aet_grid g;
    double reach, width;
    int border;
} search;

/* This rank's share of the levels. */
static aet_err correlate_own(const search *s, MPI_Comm comm, int n, const double *level,
                             double *correlation)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    for (int i = rank; i < n; i += size) {
        aet_piece *pieces = NULL;
        int found = 0;
        aet_err err = aet_pieces_find(&s->g, level[i], s->reach, s->border, &pieces, &found);
        if (err == AET_OK)
            err = aet_pieces_correlation(&s->g, pieces, found, s->width, &correlation[i]);
        aet_release(&pieces);
        AET_TRY(err);
    }
    return AET_OK;
}

static aet_err best_level(const search *s, MPI_Comm comm, double otsu, double *best)
{
    double level[CLASSES + 1], correlation[CLASSES + 1] = {0};
    int n = 0, top = 0;
    AET_TRY(AET_AGREE(comm, choose_levels(&s->g, otsu, level, &n)));
    AET_TRY(AET_AGREE(comm, correlate_own(s, comm, n, level, correlation)));
    aet_sum_double(comm, correlation, n); /* each is zero on all ranks but one */
    for (int i = 1; i < n; i++)
        top = correlation[i] > correlation[top] ? i : top;
    *best = level[top];
    aet_debug("trace: level %g of %d, correlation %.4f", *best, n, correlation[top]);
    return AET_OK;
}

static float median_top(int n, const aet_piece *pieces)
{
    double *top = AET_NEW(double, n + 1);
    for (int i = 0; i < n; i++)
        top[i] = (double)pieces[i].top;
    aet_sort(n, top);
    float median = (float)top[n / 2];
    aet_release(&top);
    return median;
}

/* Radius at which an atom of typical height falls to the level. */
static double theoretical_radius(int n, const aet_piece *pieces, double width, double level)
{
    double ratio = n > 0 ? (double)median_top(n, pieces) / level : 1;
    return ratio > 1 ? width * sqrt(2 * log(ratio)) : 0;
}

static aet_err make_peaks(const aet_volume *v, int n, const aet_piece *pieces, const bool *keep,
                          aet_peaks *peaks, aet_trace_report *r)
{
    aet_peak *list = NULL;
    int kept = 0;
    AET_TRY(AET_ARRAY(n, "peaks", &list));
    for (int i = 0; i < n; i++) {
        if (!keep[i])
            continue;
        aet_peak *q = &list[kept++];
        *q = (aet_peak){.strength = pieces[i].top,
                        .density = pieces[i].top,
                        .inside = true,
                        .origin = AET_ORIGIN_TRACED,
                        .fitted = false};
        for (int a = 0; a < 3; a++) {
            q->box[a] = q->voxel[a] = pieces[i].voxel[a];
            q->start[a] = q->at[a] = q->centre[a] = pieces[i].at[a];
        }
    }
    r->badly_bound = n - kept;
    aet_err err = aet_trace_insert(v, peaks, list, kept);
    aet_release(&list);
    return err;
}

static aet_err take_pieces(const aet_volume *v, const search *s, aet_peaks *peaks,
                           aet_trace_report *r)
{
    aet_err err = AET_OK;
    aet_piece *pieces = NULL;
    bool *keep = NULL;
    int n = 0;
    AET_GO(aet_pieces_find(&s->g, r->threshold, s->reach, s->border, &pieces, &n));
    AET_GO_CHECK(n > 0, AET_ERR_INPUT, "no piece of the volume (%d x %d x %d) above %g", v->nx,
                 v->ny, v->nz, r->threshold);
    AET_GO(AET_ARRAY(n, "pieces to keep", &keep));
    AET_GO(aet_pieces_held(n, pieces, theoretical_radius(n, pieces, s->width, r->threshold), keep,
                           NULL));
    r->candidates = n;
    AET_GO(make_peaks(v, n, pieces, keep, peaks, r));
done:
    aet_release(&pieces);
    aet_release(&keep);
    return err;
}

aet_err aet_trace_pieces(const aet_volume *smooth, const aet_trace_params *p, aet_peaks *peaks,
                         aet_trace_report *r)
{
    aet_err err = AET_OK;
    aet_trace_params plain = *p;
    float *all = NULL;
    double otsu;

    *peaks = (aet_peaks){0};
    plain.threshold = 1;
    plain.threshold_density = 0;
    AET_TRY(aet_trace_threshold(smooth, &plain, &otsu));
    AET_TRY(aet_volume_gather(smooth, -1, &all));
    search s = {{smooth->nx, smooth->ny, smooth->nz, all},
                p->min_distance_A / smooth->voxel_A,
                p->width_A / smooth->voxel_A,
                p->border};
    AET_GO(best_level(&s, smooth->comm, otsu, &r->threshold));
    AET_GO(AET_AGREE(smooth->comm, take_pieces(smooth, &s, peaks, r)));
done:
    aet_release(&all);
    return err;
}
