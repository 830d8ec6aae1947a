#include "aetlas/num/cluster.h"

#include "aetlas/base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    double value;
    int index;
} item;

/* Everything the dynamic programme looks at; prefix
 * sums are of values less their mean, for precision. */
typedef struct {
    int n;
    const double *sum, *sum2; /* [n+1] */
    const double *before;     /* best cost of the first j values in one group less */
    double *cost;             /* [n+1] */
    int *cut;                 /* [n+1] where the last group starts */
} plan;

static int by_value(const void *a, const void *b)
{
    const item *p = a, *q = b;
    if (p->value != q->value)
        return p->value < q->value ? -1 : 1;
    return p->index - q->index;
}

/* Sum of squares about the mean of the sorted values i..j-1. */
static double spread(const plan *p, int i, int j)
{
    double s = p->sum[j] - p->sum[i];
    double d = p->sum2[j] - p->sum2[i] - s * s / (j - i);
    return d > 0 ? d : 0;
}

/* Best cuts for all ends in [lo, hi], knowing that they lie in [cut_lo, cut_hi]: the best cut never
 * moves left when the end moves right, so halving the ends halves the cuts. */
static void solve(const plan *p, int lo, int hi, int cut_lo, int cut_hi)
{
    if (lo > hi)
        return;
    int mid = lo + (hi - lo) / 2, best = cut_lo;
    double least = INFINITY;
    for (int i = cut_lo; i <= cut_hi && i < mid; i++) {
        double c = p->before[i] + spread(p, i, mid);
        if (c < least) {
            least = c;
            best = i;
        }
    }
    p->cost[mid] = least;
    p->cut[mid] = best;
    solve(p, lo, mid - 1, cut_lo, best);
    solve(p, mid + 1, hi, best, cut_hi);
}

/* Fills cut[k][n+1]; cost ends as the optimum of k groups. */
static void fill_cuts(int n, int k, const double *sum, const double *sum2, double *before,
                      double *cost, int *cut)
{
    plan p = {n, sum, sum2, before, cost, NULL};
    before[0] = 0;
    for (int j = 1; j <= n; j++)
        before[j] = spread(&p, 0, j);
    for (int g = 1; g < k; g++) {
        p.cut = cut + (int64_t)g * (n + 1);
        for (int j = 0; j <= g; j++)
            cost[j] = j == 0 ? 0 : INFINITY;
        solve(&p, g + 1, n, g, n - 1);
        memcpy(before, cost, sizeof *cost * (size_t)(n + 1));
    }
}

static int distinct(int n, const item *sorted)
{
    int d = n > 0;
    for (int i = 1; i < n; i++)
        d += sorted[i].value != sorted[i - 1].value;
    return d;
}

static void read_groups(int n, int k, const item *sorted, const int *cut, double *centers,
                        int *label)
{
    int end = n;
    for (int g = k - 1; g >= 0; g--) {
        int begin = g == 0 ? 0 : cut[(int64_t)g * (n + 1) + end];
        double s = 0;
        for (int i = begin; i < end; i++) {
            s += sorted[i].value;
            if (label)
                label[sorted[i].index] = g;
        }
        centers[g] = s / (end - begin);
        end = begin;
    }
}

aet_err aet_kmeans_line(int n, const double *x, int k, double *centers, int *label, double *sum2)
{
    aet_err err = AET_OK;
    item *sorted = NULL;
    double *s = NULL, *s2 = NULL, *before = NULL, *cost = NULL, mean = 0;
    int *cut = NULL;

    AET_GO(AET_ARRAY(n, "values to cluster", &sorted));
    AET_GO(AET_ARRAY(n + 1, "prefix sums", &s));
    AET_GO(AET_ARRAY(n + 1, "prefix sums", &s2));
    AET_GO(AET_ARRAY(n + 1, "cluster costs", &before));
    AET_GO(AET_ARRAY(n + 1, "cluster costs", &cost));
    AET_GO(AET_ARRAY((int64_t)k * (n + 1), "cluster cuts", &cut));
    for (int i = 0; i < n; i++) {
        AET_GO_CHECK(isfinite(x[i]), AET_ERR_INPUT, "k-means: value %d is not finite", i);
        sorted[i] = (item){x[i], i};
        mean += x[i] / n;
    }
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    AET_GO_CHECK(k >= 1 && distinct(n, sorted) >= k, AET_ERR_INPUT,
                 "k-means: %d groups wanted of %d values, of which %d differ", k, n,
                 distinct(n, sorted));
    for (int i = 0; i < n; i++) {
        double d = sorted[i].value - mean;
        s[i + 1] = s[i] + d;
        s2[i + 1] = s2[i] + d * d;
    }
    fill_cuts(n, k, s, s2, before, cost, cut);
    read_groups(n, k, sorted, cut, centers, label);
    if (sum2)
        *sum2 = before[n];
done:
    aet_release(&sorted);
    aet_release(&s);
    aet_release(&s2);
    aet_release(&before);
    aet_release(&cost);
    aet_release(&cut);
    return err;
}

static int nearest(int dim, const double *v, int k, const double *centers)
{
    int best = 0;
    double least = INFINITY;
    for (int g = 0; g < k; g++) {
        double d2 = 0;
        for (int j = 0; j < dim; j++)
            d2 += (v[j] - centers[g * dim + j]) * (v[j] - centers[g * dim + j]);
        if (d2 < least) {
            least = d2;
            best = g;
        }
    }
    return best;
}

static void update_centers(int n, int dim, const double *x, int k, const int *label,
                           double *centers)
{
    double *sum = AET_NEW(double, k *dim);
    int *members = AET_NEW(int, k);
    for (int i = 0; i < n; i++) {
        members[label[i]]++;
        for (int j = 0; j < dim; j++)
            sum[label[i] * dim + j] += x[(int64_t)i * dim + j];
    }
    for (int g = 0; g < k; g++)
        for (int j = 0; j < dim && members[g] > 0; j++)
            centers[g * dim + j] = sum[g * dim + j] / members[g];
    aet_release(&sum);
    aet_release(&members);
}

aet_err aet_kmeans_vectors(int n, int dim, const double *x, int k, double *centers, int *label,
                           int max_iterations, int *iterations)
{
    AET_CHECK(k >= 1 && n >= k, AET_ERR_INPUT, "k-means: %d groups wanted of %d vectors", k, n);
    int it = 0, changed = n;
    for (int i = 0; i < n; i++)
        label[i] = -1;
    for (; it < max_iterations && changed > 0; it++) {
        changed = 0;
        for (int i = 0; i < n; i++) {
            int g = nearest(dim, x + (int64_t)i * dim, k, centers);
            changed += g != label[i];
            label[i] = g;
        }
        if (changed > 0)
            update_centers(n, dim, x, k, label, centers);
    }
    if (iterations)
        *iterations = it;
    return AET_OK;
}
