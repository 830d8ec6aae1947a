/* How probable each atom's species is: a mixture of normal distributions of the intensities.
 *
 * Cutting at limits makes classes look narrower than they are where they overlap; the mixture,
 * started from them, does not, so that the probabilities are those of being right.  Where species
 * have means that go with the place, these come from the labels and stay; what is fitted are the
 * distances from them.  Were the means fitted too, the classes could take each other's atoms place
 * by place.
 */
#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include <math.h>
#include <string.h>

#define ROUNDS  200
#define SETTLED 1e-5
/* The mean of the whole model counts as this many atoms among those around an atom. */
#define PRIOR 3.0
/* The means of the labels are off by this part of their gap at most: cut half-way, overlapping
 * classes look too far apart. */
#define OFFSET_MOST 0.25
/* Share of stray values to reckon with at least. */
#define STRAY_LEAST 1e-3
#define K_MAX       AET_TRACE_CLASSES_MAX

typedef struct {
    int n, k;   /* classified peaks; classes, the non-atoms (0) among them */
    int *index; /* in the list of peaks */
    double (*at)[3];
    double *x;
    double *p, *fresh; /* [n][k] */
    aet_neighbours *nb;
    double *local; /* [n][k] means of the classes about each atom, by the labels */
    double offset[K_MAX], sigma[K_MAX], share[K_MAX]; /* of the intensities less these */
    double *member;                                   /* [n] probability of being of any class */
    double stray;                                     /* share of those of none */
    double range;                                     /* of the intensities */
    double floor;                                     /* of the deviations */
    double gap;                                       /* least distance of two species' means */
} mixture;

static aet_err gather(const aet_peaks *peaks, int k, mixture *m)
{
    m->k = k;
    AET_TRY(AET_ARRAY(peaks->n, "classified peaks", &m->index));
    AET_TRY(AET_ARRAY(peaks->n, "their positions", &m->at));
    AET_TRY(AET_ARRAY(peaks->n, "their intensities", &m->x));
    AET_TRY(AET_ARRAY((int64_t)peaks->n * k, "probabilities", &m->p));
    AET_TRY(AET_ARRAY((int64_t)peaks->n * k, "probabilities", &m->fresh));
    AET_TRY(AET_ARRAY((int64_t)peaks->n * k, "local means", &m->local));
    AET_TRY(AET_ARRAY(peaks->n, "membership", &m->member));
    for (int i = 0; i < peaks->n; i++) {
        const aet_peak *q = &peaks->peak[i];
        if (!q->fitted || !q->inside)
            continue;
        m->index[m->n] = i;
        memcpy(m->at[m->n], q->at, sizeof *m->at);
        m->x[m->n] = q->intensity;
        m->p[m->n * k + q->label] = 1;
        m->member[m->n] = 1;
        m->n++;
    }
    return AET_OK;
}

static aet_err find_around(double radius, mixture *m)
{
    aet_cells *cells = NULL;
    aet_err err = aet_cells_create(m->n, (const double(*)[3])m->at, 0.5 * radius, &cells);
    if (err == AET_OK)
        err = aet_neighbours_find(cells, radius, &m->nb);
    aet_cells_free(&cells);
    return err;
}

/* Means of the classes by the labels: for all, then for those around each atom. */
static void global_means(mixture *m, double mean[K_MAX])
{
    double sum[K_MAX] = {0}, weight[K_MAX] = {0};
    for (int i = 0; i < m->n; i++)
        for (int s = 0; s < m->k; s++) {
            weight[s] += m->p[i * m->k + s];
            sum[s] += m->p[i * m->k + s] * m->x[i];
        }
    for (int s = 0; s < m->k; s++)
        mean[s] = weight[s] > 0 ? sum[s] / weight[s] : 0;
}

static void means_around(const mixture *m, int i, const double all[K_MAX], double *mean)
{
    double weight[K_MAX];
    for (int s = 0; s < m->k; s++) {
        weight[s] = PRIOR;
        mean[s] = PRIOR * all[s];
    }
    for (int64_t j = m->nb ? m->nb->start[i] : 0; m->nb && j < m->nb->start[i + 1]; j++) {
        int other = m->nb->index[j];
        for (int s = 1; s < m->k; s++) { /* non-atoms have one mean for all */
            weight[s] += m->p[other * m->k + s];
            mean[s] += m->p[other * m->k + s] * m->x[other];
        }
    }
    for (int s = 0; s < m->k; s++)
        mean[s] /= weight[s];
}

static void fill_local(mixture *m)
{
    double all[K_MAX];
    global_means(m, all);
    m->gap = HUGE_VAL;
    for (int s = 2; s < m->k; s++) /* a species without members has the mean 0 */
        m->gap = all[s] > all[s - 1] && all[s - 1] > 0 ? fmin(m->gap, all[s] - all[s - 1]) : m->gap;
    for (int i = 0; i < m->n; i++)
        means_around(m, i, all, m->local + (int64_t)i * m->k);
}

static double clamp(double x, double limit)
{
    return fmin(fmax(x, -limit), limit);
}

/* Shares, and the distance from the local means: its mean and deviation. */
static void maximise(mixture *m)
{
    double weight[K_MAX] = {0}, sum[K_MAX] = {0}, sum2[K_MAX] = {0}, total = 0;
    for (int64_t i = 0; i < (int64_t)m->n * m->k; i++) {
        int s = (int)(i % m->k);
        double d = m->x[i / m->k] - m->local[i], p = m->p[i] * m->member[i / m->k];
        weight[s] += p;
        sum[s] += p * d;
        sum2[s] += p * d * d;
        total += p;
    }
    m->stray = 1 - total / m->n;
    for (int s = 0; s < m->k; s++) {
        double w = fmax(weight[s], 1e-300);
        m->share[s] = weight[s] / m->n;
        m->offset[s] = clamp(sum[s] / w, OFFSET_MOST * m->gap);
        m->sigma[s] = fmax(m->floor, sqrt(fmax(0, (sum2[s] - 2 * m->offset[s] * sum[s]) / w +
                                                      m->offset[s] * m->offset[s])));
    }
}

/* The species share one deviation: with deviations of their own the likelihood likes a narrow class
 * inside a wide one better than two species side by side, and noise of a volume is much the same
 * at atoms of any kind. */
static void tie_deviations(mixture *m)
{
    double sum = 0, weight = 0;
    for (int s = 1; s < m->k; s++) {
        sum += m->share[s] * m->sigma[s] * m->sigma[s];
        weight += m->share[s];
    }
    for (int s = 1; s < m->k && weight > 0; s++)
        m->sigma[s] = sqrt(sum / weight);
}

/* New probabilities of atom i, and that of being of a class at all: stray values, wherever they
 * are, are of none.  By logarithms: far from all classes the densities are all 0. */
static void expect(mixture *m, int i, double *p)
{
    const double *local = m->local + (int64_t)i * m->k;
    double logs[K_MAX], top = -HUGE_VAL, sum = 0;
    for (int s = 0; s < m->k; s++) {
        double u = (m->x[i] - local[s] - m->offset[s]) / m->sigma[s];
        logs[s] = m->share[s] > 0 ? log(m->share[s] / m->sigma[s]) - 0.5 * u * u : -HUGE_VAL;
        top = fmax(top, logs[s]);
    }
    for (int s = 0; s < m->k; s++)
        sum += p[s] = exp(logs[s] - top);
    for (int s = 0; s < m->k; s++)
        p[s] /= sum;
    double density = sum * exp(top) / sqrt(2 * AET_PI);
    m->member[i] = density / (density + fmax(m->stray, STRAY_LEAST) / m->range);
}

/* One round; gives the largest change of a probability. */
static double improve(mixture *m)
{
    double change = 0;
    maximise(m);
    tie_deviations(m);
    for (int i = 0; i < m->n; i++)
        expect(m, i, m->fresh + (int64_t)i * m->k);
    for (int64_t i = 0; i < (int64_t)m->n * m->k; i++)
        change = fmax(change, fabs(m->fresh[i] - m->p[i]));
    memcpy(m->p, m->fresh, (size_t)m->n * (size_t)m->k * sizeof *m->p);
    return change;
}

/* Whether the classes keep their order, at the mean of their local means. */
static bool in_order(const mixture *m)
{
    double last = -HUGE_VAL;
    for (int s = 0; s < m->k; s++) {
        double mean = m->offset[s];
        for (int i = 0; i < m->n; i++)
            mean += m->local[(int64_t)i * m->k + s] / m->n;
        if (m->share[s] * m->n < 0.5)
            continue;
        if (!(mean > last))
            return false;
        last = mean;
    }
    return true;
}

/* Rounds until nothing changes.  A class that wanders over another means that there is no such
 * mixture: the last one in order counts. */
static void settle(mixture *m)
{
    double low = INFINITY, high = -INFINITY;
    for (int i = 0; i < m->n; i++) {
        low = fmin(low, m->x[i]);
        high = fmax(high, m->x[i]);
    }
    fill_local(m);
    m->range = high - low + 1e-300;
    m->floor = 1e-4 * m->range;
    for (int round = 0; round < ROUNDS; round++) {
        double change = improve(m);
        if (change < SETTLED || !in_order(m))
            break;
    }
}

static void note(aet_peaks *peaks, const mixture *m, double certain, aet_trace_report *r)
{
    int atoms = 0;
    r->mean_p = 0;
    r->uncertain = 0;
    for (int i = 0; i < peaks->n; i++)
        peaks->peak[i].p = 1; /* of those outside: by rule */
    for (int i = 0; i < m->n; i++) {
        aet_peak *q = &peaks->peak[m->index[i]];
        q->p = m->p[i * m->k + q->label];
        if (q->label > 0) {
            atoms++;
            r->mean_p += q->p;
            r->uncertain += q->p < certain;
        }
    }
    r->mean_p = atoms ? r->mean_p / atoms : 0;
}

aet_err aet_trace_posterior(aet_peaks *peaks, int n_species, double radius, double certain,
                            aet_trace_report *report)
{
    aet_err err = AET_OK;
    mixture m = {0};

    AET_GO(gather(peaks, n_species + 1, &m));
    if (radius > 0 && n_species > 1)
        AET_GO(find_around(radius, &m));
    if (m.n > 0)
        settle(&m);
    note(peaks, &m, certain, report);
done:
    aet_neighbours_free(&m.nb);
    aet_release(&m.index);
    aet_release(&m.at);
    aet_release(&m.x);
    aet_release(&m.p);
    aet_release(&m.local);
    aet_release(&m.member);
    aet_release(&m.fresh);
    return err;
}
