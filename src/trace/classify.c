#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/cluster.h"
#include <math.h>

#define K_MAX (AET_TRACE_SPECIES_MAX + 1)
/* A class of non-atoms is believed when its mean is below this part of the first species', ... */
#define NONATOM_RATIO 0.6
/* ... and when the species' means differ as elements do: at least as Z^0.3 (linear projections go
 * as about Z^0.5, annular dark field as Z^1.6 to Z^1.8).  Where not, the upper classes are halves
 * of one species. */
#define LEAST_EXPONENT 0.3

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

/* Distance from the nearest limit between classes, in units of the gap of the two means: 0 at a
 * limit, 0.5 at a mean. */
static double margin_of(int k, const double *centers, int label, double x)
{
    double margin = INFINITY;
    for (int side = -1; side <= 0; side++) {
        int lower = label + side;
        if (lower < 0 || lower + 1 >= k)
            continue;
        double gap = centers[lower + 1] - centers[lower];
        double limit = 0.5 * (centers[lower + 1] + centers[lower]);
        margin = fmin(margin, fabs(x - limit) / gap);
    }
    return isfinite(margin) ? margin : 1.0;
}

/* Clusters with a class of non-atoms where the parameters
 * or the intensities ask for one; k: classes found. */
static aet_err cluster(const int z_list[], int n_species, const aet_trace_params *p, int n,
                       const double *x, double centers[K_MAX], int *label, int *k)
{
    *k = n_species + 1;
    if (p->nonatoms == AET_TRACE_ALWAYS)
        return aet_kmeans_line(n, x, *k, centers, label, NULL);
    if (p->nonatoms == AET_TRACE_AUTO && n > *k &&
        aet_kmeans_line(n, x, *k, centers, label, NULL) == AET_OK &&
        believable(z_list, n_species, centers))
        return AET_OK;
    *k = n_species;
    return aet_kmeans_line(n, x, *k, centers, label, NULL);
}

aet_err aet_trace_classify(const int z_list[], int n_species, double voxel_A,
                           const aet_trace_params *p, aet_peaks *peaks, aet_trace_report *report)
{
    aet_err err = AET_OK;
    double *x = NULL, centers[K_MAX];
    int *label = NULL, *which = NULL, n = 0, k = 0;

    AET_GO(AET_ARRAY(peaks->n, "intensities", &x));
    AET_GO(AET_ARRAY(peaks->n, "classes", &label));
    AET_GO(AET_ARRAY(peaks->n, "classified peaks", &which));
    for (int i = 0; i < peaks->n; i++)
        if (peaks->peak[i].fitted && peaks->peak[i].inside) {
            x[n] = peaks->peak[i].intensity;
            which[n++] = i;
        }
    err = cluster(z_list, n_species, p, n, x, centers, label, &k);
    AET_GO(aet_error_frame(err, "classes of %d peaks for %d species", n, n_species));
    int shift = n_species + 1 - k;
    for (int i = 0; i < n; i++) {
        peaks->peak[which[i]].label = label[i] + shift;
        peaks->peak[which[i]].margin = margin_of(k, centers, label[i], x[i]);
    }
    report->has_nonatom_class = shift == 0;
    AET_GO(aet_trace_reclassify(peaks, n_species, p->local_A / voxel_A, &report->changed));
    for (int i = 0; i < n; i++)
        label[i] = peaks->peak[which[i]].label;
    summarise(n, x, label, n_species, report);
done:
    aet_release(&x);
    aet_release(&label);
    aet_release(&which);
    return err;
}
