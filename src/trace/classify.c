/* Species by intensity, or by cubes of voxels. */
#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/cluster.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define K_MAX AET_TRACE_CLASSES_MAX
/* A class of non-atoms is believed when its mean is below this part of the first species', ... */
#define NONATOM_RATIO 0.6
/* ... and when the species' means differ as elements do: at least as Z^0.3 (linear projections go
 * as about Z^0.5, annular dark field as Z^1.6 to Z^1.8).  Where not, the upper classes are halves
 * of one species. */
#define LEAST_EXPONENT 0.3
#define LLOYD_ROUNDS   500

/* The peaks to be classified, each a vector: its intensity, or its cube. */
typedef struct {
    const int *z_list;
    int n_species;
    const aet_trace_params *p;
    int n, dim;
    double *x;       /* [n] intensities */
    double *vectors; /* [n][dim] */
    int *which;      /* [n] in the list of peaks */
    int k;           /* classes */
    int *label;      /* [n] in 0 .. k-1 */
    double *centers; /* [K_MAX][dim] */
} sample;

static bool believable(const int z_list[], int n_species, const double centers[K_MAX])
{
    if (centers[0] > NONATOM_RATIO * centers[1])
        return false;
    for (int s = 1; s < n_species; s++)
        if (centers[s] > centers[s + 1] * pow((double)z_list[s - 1] / z_list[s], LEAST_EXPONENT))
            return false;
    return true;
}

/* Means and deviations of the classes, and the least separation of neighbouring species. */
static void summarise(int n, const double *x, const int *label, int n_species, aet_trace_report *r)
{
    double sum[K_MAX] = {0}, sum2[K_MAX] = {0};
    int count[K_MAX] = {0};
    for (int i = 0; i < n; i++) {
        sum[label[i]] += x[i];
        count[label[i]]++;
    }
    for (int i = 0; i < n; i++) {
        double d = x[i] - sum[label[i]] / count[label[i]];
        sum2[label[i]] += d * d;
    }
    r->weak = count[0];
    r->nonatom_mean = count[0] ? sum[0] / count[0] : 0;
    r->separation = n_species > 1 ? INFINITY : 0;
    for (int s = 0; s < n_species; s++) {
        r->count[s] = count[s + 1];
        int members = count[s + 1] > 0 ? count[s + 1] : 1;
        r->mean[s] = sum[s + 1] / members;
        r->deviation[s] = sqrt(sum2[s + 1] / members);
        if (s > 0)
            r->separation = fmin(
                r->separation,
                (r->mean[s] - r->mean[s - 1]) /
                    sqrt(0.5 * (pow(r->deviation[s], 2) + pow(r->deviation[s - 1], 2)) + 1e-300));
    }
}

static double distance2(int dim, const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < dim; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

/* Distance from the nearest limit between classes, in units of the gap of the two means: 0 at a
 * limit, 0.5 at a mean.  The limit of two means is the plane half-way between them. */
static double margin_of(const sample *s, int i)
{
    const double *x = s->vectors + (int64_t)i * s->dim,
                 *own = s->centers + (int64_t)s->label[i] * s->dim;
    double margin = INFINITY, d2 = distance2(s->dim, x, own);
    for (int k = 0; k < s->k; k++) {
        const double *other = s->centers + (int64_t)k * s->dim;
        double gap2 = distance2(s->dim, own, other);
        if (k != s->label[i] && gap2 > 0)
            margin = fmin(margin, 0.5 * fabs(distance2(s->dim, x, other) - d2) / gap2);
    }
    return isfinite(margin) ? margin : 1.0;
}

/* Classes of the intensities with one of non-atoms where the
 * parameters or the intensities ask for one; sets k. */
static aet_err by_intensity(sample *s, double centers[K_MAX])
{
    s->k = s->n_species + 1;
    if (s->p->nonatoms == AET_TRACE_ALWAYS)
        return aet_kmeans_line(s->n, s->x, s->k, centers, s->label, NULL);
    if (s->p->nonatoms == AET_TRACE_AUTO && s->n > s->k &&
        aet_kmeans_line(s->n, s->x, s->k, centers, s->label, NULL) == AET_OK &&
        believable(s->z_list, s->n_species, centers))
        return AET_OK;
    s->k = s->n_species;
    return aet_kmeans_line(s->n, s->x, s->k, centers, s->label, NULL);
}

typedef struct {
    double x;
    int index;
} ranked;

static int by_falling(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    return p->x != q->x ? (p->x < q->x) - (p->x > q->x) : p->index - q->index;
}

/* The brightest `seeds` atoms are the last class, the others are classified without it. */
static aet_err plant(sample *s)
{
    double centers[K_MAX];
    ranked *order = NULL;
    sample rest = *s;
    int seeds = s->p->seeds;
    aet_err err = AET_OK;
    rest.x = NULL;
    rest.label = NULL;
    AET_CHECK(seeds < s->n, AET_ERR_INPUT,
              "trace.seeds = %d, but only %d peaks are to be classified", seeds, s->n);
    AET_GO(AET_ARRAY(s->n, "order of intensities", &order));
    AET_GO(AET_ARRAY(s->n, "other intensities", &rest.x));
    AET_GO(AET_ARRAY(s->n, "their classes", &rest.label));
    for (int i = 0; i < s->n; i++)
        order[i] = (ranked){s->x[i], i};
    qsort(order, (size_t)s->n, sizeof *order, by_falling);
    rest.n = s->n - seeds;
    for (int i = 0; i < rest.n; i++)
        rest.x[i] = order[seeds + i].x;
    rest.n_species--;
    AET_GO(by_intensity(&rest, centers));
    s->k = rest.k + 1;
    for (int i = 0; i < s->n; i++)
        s->label[order[i].index] = i < seeds ? rest.k : rest.label[i - seeds];
done:
    aet_release(&order);
    aet_release(&rest.x);
    aet_release(&rest.label);
    return err;
}

static int class_of_width(const sample *s, double low, double high, double x)
{
    int k = (int)(s->k * (x - low) / (high - low));
    return k < s->k ? k : s->k - 1;
}

/* Classes of equal width between the least and the largest intensity, as in the source, to start
 * from; those by intensity stay where one would be empty. */
static void equal_widths(sample *s)
{
    double low = INFINITY, high = -INFINITY;
    int count[K_MAX] = {0};
    for (int i = 0; i < s->n; i++) {
        low = fmin(low, s->x[i]);
        high = fmax(high, s->x[i]);
    }
    for (int i = 0; i < s->n && high > low; i++)
        count[class_of_width(s, low, high, s->x[i])]++;
    for (int k = 0; k < s->k; k++)
        if (count[k] == 0)
            return;
    for (int i = 0; i < s->n; i++)
        s->label[i] = class_of_width(s, low, high, s->x[i]);
}

static void mean_vectors(const sample *s)
{
    int count[K_MAX] = {0};
    memset(s->centers, 0, (size_t)K_MAX * (size_t)s->dim * sizeof *s->centers);
    for (int i = 0; i < s->n; i++) {
        count[s->label[i]]++;
        for (int j = 0; j < s->dim; j++)
            s->centers[s->label[i] * s->dim + j] += s->vectors[(int64_t)i * s->dim + j];
    }
    for (int k = 0; k < s->k; k++)
        for (int j = 0; j < s->dim; j++)
            s->centers[k * s->dim + j] /= count[k] > 0 ? count[k] : 1;
}

static aet_err form_classes(sample *s)
{
    double centers[K_MAX];
    bool seeded = s->p->seeds > 0 && s->n_species > 1, cubes = s->dim > 1;
    if (seeded)
        AET_TRY(plant(s));
    else
        AET_TRY(by_intensity(s, centers));
    if (cubes && !seeded)
        equal_widths(s);
    mean_vectors(s);
    /* Lines without seeds are at their optimum already. */
    if (cubes || seeded)
        return aet_kmeans_vectors(s->n, s->dim, s->vectors, s->k, s->centers, s->label,
                                  LLOYD_ROUNDS, NULL);
    return AET_OK;
}

/* rank[k]: the place of class k in the order of mean intensities. */
static void rank_classes(const sample *s, int rank[K_MAX])
{
    double sum[K_MAX] = {0}, count[K_MAX] = {0};
    for (int i = 0; i < s->n; i++) {
        sum[s->label[i]] += s->x[i];
        count[s->label[i]]++;
    }
    for (int k = 0; k < s->k; k++) {
        rank[k] = 0;
        for (int j = 0; j < s->k; j++)
            rank[k] += sum[j] * count[k] < sum[k] * count[j] ||
                       (sum[j] * count[k] == sum[k] * count[j] && j < k);
    }
}

static aet_err gather(const aet_peaks *peaks, const double *cubes, sample *s)
{
    int edge = 2 * s->p->cube_half + 1;
    s->dim = cubes ? edge * edge * edge : 1;
    AET_TRY(AET_ARRAY(peaks->n, "intensities", &s->x));
    AET_TRY(AET_ARRAY((int64_t)peaks->n * s->dim, "what is classified", &s->vectors));
    AET_TRY(AET_ARRAY(peaks->n, "classes", &s->label));
    AET_TRY(AET_ARRAY(peaks->n, "classified peaks", &s->which));
    AET_TRY(AET_ARRAY((int64_t)K_MAX * s->dim, "means of classes", &s->centers));
    for (int i = 0; i < peaks->n; i++) {
        if (!peaks->peak[i].fitted || !peaks->peak[i].inside)
            continue;
        s->x[s->n] = peaks->peak[i].intensity;
        memcpy(s->vectors + (int64_t)s->n * s->dim,
               cubes ? cubes + (int64_t)i * s->dim : &peaks->peak[i].intensity,
               (size_t)s->dim * sizeof *cubes);
        s->which[s->n++] = i;
    }
    return AET_OK;
}

static void release(sample *s)
{
    aet_release(&s->x);
    aet_release(&s->vectors);
    aet_release(&s->label);
    aet_release(&s->which);
    aet_release(&s->centers);
}

aet_err aet_trace_classify(const int z_list[], int n_species, double voxel_A,
                           const aet_trace_params *p, const double *cubes, aet_peaks *peaks,
                           aet_trace_report *report)
{
    aet_err err = AET_OK;
    sample s = {.z_list = z_list, .n_species = n_species, .p = p};

    AET_GO(gather(peaks, cubes, &s));
    AET_GO(aet_error_frame(form_classes(&s), "classes of %d peaks for %d species", s.n, n_species));
    int shift = n_species + 1 - s.k, rank[K_MAX];
    rank_classes(&s, rank);
    for (int i = 0; i < peaks->n; i++)
        peaks->peak[i].label = 0;
    for (int i = 0; i < s.n; i++) {
        peaks->peak[s.which[i]].label = rank[s.label[i]] + shift;
        peaks->peak[s.which[i]].margin = margin_of(&s, i);
    }
    report->has_nonatom_class = shift == 0;
    AET_GO(aet_trace_reclassify(peaks, n_species, p->local_A / voxel_A, &report->changed));
    for (int i = 0; i < s.n; i++)
        s.label[i] = peaks->peak[s.which[i]].label;
    summarise(s.n, s.x, s.label, n_species, report);
    AET_GO(aet_trace_posterior(peaks, n_species, p->local_A / voxel_A, p->certain, report));
done:
    release(&s);
    return err;
}
