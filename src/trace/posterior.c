/* How probable each atom's species is: a mixture of normal distributions of the intensities.
 *
 * Cutting at limits makes classes look narrower than they are where they overlap; the mixture,
 * started from them, does not, so that the probabilities are those of being right.
 */
#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include <math.h>
#include <string.h>

#define ROUNDS  200
#define SETTLED 1e-5
/* The mean of the whole model counts as this many atoms among those around an atom. */
#define PRIOR 3.0
#define K_MAX AET_TRACE_CLASSES_MAX

typedef struct {
    int n, k;   /* classified peaks; classes, the non-atoms (0) among them */
    int *index; /* in the list of peaks */
    double (*at)[3];
    double *x;
    double *p, *fresh; /* [n][k] */
    aet_neighbours *nb;
    double mean[K_MAX], sigma[K_MAX], share[K_MAX];
    double floor; /* of the deviations */
} mixture;

static aet_err gather(const aet_peaks *peaks, int k, mixture *m)
{
    m->k = k;
    AET_TRY(AET_ARRAY(peaks->n, "classified peaks", &m->index));
    AET_TRY(AET_ARRAY(peaks->n, "their positions", &m->at));
    AET_TRY(AET_ARRAY(peaks->n, "their intensities", &m->x));
    AET_TRY(AET_ARRAY((int64_t)peaks->n * k, "probabilities", &m->p));
    AET_TRY(AET_ARRAY((int64_t)peaks->n * k, "probabilities", &m->fresh));
    for (int i = 0; i < peaks->n; i++) {
        const aet_peak *q = &peaks->peak[i];
        if (!q->fitted || !q->inside)
            continue;
        m->index[m->n] = i;
        memcpy(m->at[m->n], q->at, sizeof *m->at);
        m->x[m->n] = q->intensity;
        m->p[m->n * k + q->label] = 1;
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

static void global_means(mixture *m)
{
    double sum[K_MAX] = {0}, weight[K_MAX] = {0};
    for (int i = 0; i < m->n; i++)
        for (int s = 0; s < m->k; s++) {
            weight[s] += m->p[i * m->k + s];
            sum[s] += m->p[i * m->k + s] * m->x[i];
        }
    for (int s = 0; s < m->k; s++) {
        m->share[s] = weight[s] / m->n;
        if (weight[s] > 0)
            m->mean[s] = sum[s] / weight[s];
    }
}

/* The means that hold at atom i: of the species around it; non-atoms have one for all. */
static void means_at(const mixture *m, int i, double mean[K_MAX])
{
    double weight[K_MAX];
    memcpy(mean, m->mean, sizeof m->mean);
    if (!m->nb)
        return;
    for (int s = 1; s < m->k; s++) {
        weight[s] = PRIOR;
        mean[s] *= PRIOR;
    }
    for (int64_t j = m->nb->start[i]; j < m->nb->start[i + 1]; j++) {
        int other = m->nb->index[j];
        for (int s = 1; s < m->k; s++) {
            weight[s] += m->p[other * m->k + s];
            mean[s] += m->p[other * m->k + s] * m->x[other];
        }
    }
    for (int s = 1; s < m->k; s++)
        mean[s] /= weight[s];
}

static void deviations(mixture *m)
{
    double sum2[K_MAX] = {0};
    for (int i = 0; i < m->n; i++) {
        double mean[K_MAX];
        means_at(m, i, mean);
        for (int s = 0; s < m->k; s++)
            sum2[s] += m->p[i * m->k + s] * pow(m->x[i] - mean[s], 2);
    }
    for (int s = 0; s < m->k; s++)
        m->sigma[s] = fmax(m->floor, sqrt(sum2[s] / fmax(m->share[s] * m->n, 1e-300)));
}

/* New probabilities of atom i.  By logarithms: far from all classes the densities are all 0. */
static void expect(const mixture *m, int i, double *p)
{
    double mean[K_MAX], logs[K_MAX], top = -HUGE_VAL, sum = 0;
    means_at(m, i, mean);
    for (int s = 0; s < m->k; s++) {
        double u = (m->x[i] - mean[s]) / m->sigma[s];
        logs[s] = m->share[s] > 0 ? log(m->share[s] / m->sigma[s]) - 0.5 * u * u : -HUGE_VAL;
        top = fmax(top, logs[s]);
    }
    for (int s = 0; s < m->k; s++)
        sum += p[s] = exp(logs[s] - top);
    for (int s = 0; s < m->k; s++)
        p[s] /= sum;
}

/* One round; gives the largest change of a probability. */
static double improve(mixture *m)
{
    double change = 0;
    global_means(m);
    deviations(m);
    for (int i = 0; i < m->n; i++)
        expect(m, i, m->fresh + (int64_t)i * m->k);
    for (int64_t i = 0; i < (int64_t)m->n * m->k; i++)
        change = fmax(change, fabs(m->fresh[i] - m->p[i]));
    memcpy(m->p, m->fresh, (size_t)m->n * (size_t)m->k * sizeof *m->p);
    return change;
}

static bool in_order(const mixture *m)
{
    double last = -INFINITY;
    for (int s = 0; s < m->k; s++) {
        if (m->share[s] * m->n < 0.5)
            continue;
        if (!(m->mean[s] > last))
            return false;
        last = m->mean[s];
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
    m->floor = 1e-4 * (high - low) + 1e-300;
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
    aet_release(&m.fresh);
    return err;
}
