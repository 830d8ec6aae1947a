#include "aetlas/analyse/pair.h"

#include "aetlas/base/mem.h"

#include <math.h>

static const double smooth_A = 0.1;
static const double rise = 0.05;              /* of the peak: what ends the search for the valley */
static const double flat = 0.01;              /* of the peak: what counts as equally low */
static const double fcc_valley = 1.207106781; /* (1 + sqrt 2)/2 */

aet_err aet_pairs_count(MPI_Comm comm, const aet_cells *cells, const uint8_t *kind, int kinds,
                        double range_A, double width_A, aet_pairs *p)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    *p = (aet_pairs){
        .bins = (int)ceil(range_A / width_A - 1e-9), .kinds = kinds, .width_A = width_A};
    p->rows = kinds * (kinds + 1) / 2;
    p->pairs = AET_NEW(int64_t, (size_t)p->rows * (size_t)p->bins);
    aet_cells_histogram(cells, kind, kinds, width_A, p->bins, rank, size, p->pairs);
    MPI_Allreduce(MPI_IN_PLACE, p->pairs, p->rows * p->bins, MPI_INT64_T, MPI_SUM, comm);
    return AET_OK;
}

void aet_pairs_free(aet_pairs *p)
{
    aet_release(&p->pairs);
}

/* Sum over the kinds, over r^2, smoothed. */
static double *radial(const aet_pairs *p)
{
    double *raw = AET_NEW(double, p->bins), *f = AET_NEW(double, p->bins);
    for (int b = 0; b < p->bins; b++) {
        double r = (b + 0.5) * p->width_A;
        for (int row = 0; row < p->rows; row++)
            raw[b] += (double)p->pairs[(int64_t)row * p->bins + b] / (r * r);
    }
    double sigma = fmax(smooth_A, p->width_A) / p->width_A;
    int reach = (int)ceil(4.0 * sigma);
    for (int b = 0; b < p->bins; b++) {
        double sum = 0.0, weights = 0.0;
        for (int k = b - reach; k <= b + reach; k++) {
            double w = exp(-0.5 * (k - b) * (k - b) / (sigma * sigma));
            sum += k >= 0 && k < p->bins ? w * raw[k] : 0.0;
            weights += w;
        }
        f[b] = sum / weights;
    }
    aet_release(&raw);
    return f;
}

/* Top of the parabola through three points around bin b, in bins. */
static double refine(const double *f, int bins, int b)
{
    if (b < 1 || b + 1 >= bins)
        return b;
    double curvature = f[b - 1] - 2.0 * f[b] + f[b + 1];
    return curvature < 0.0 ? b + 0.5 * (f[b - 1] - f[b + 1]) / curvature : b;
}

/* The first valley behind the peak, or a negative number when the curve does not rise again. */
static double valley_bin(const double *f, int bins, int peak)
{
    int lowest = peak;
    for (int b = peak; b < bins; b++) {
        if (f[b] < f[lowest])
            lowest = b;
        if (f[b] > f[lowest] + rise * f[peak]) {
            int from = lowest, to = lowest;
            double limit = f[lowest] + flat * f[peak];
            while (f[from - 1] <= limit)
                from--;
            while (f[to + 1] <= limit)
                to++;
            return 0.5 * (from + to);
        }
    }
    return -1.0;
}

aet_pair_shells aet_pairs_shells(const aet_pairs *p, double min_A)
{
    aet_pair_shells s = {0};
    double *f = radial(p);
    int peak = (int)ceil(min_A / p->width_A);
    for (int b = peak; b < p->bins; b++)
        if (f[b] > f[peak])
            peak = b;
    if (peak < p->bins && f[peak] > 0.0) {
        s.peak_A = (refine(f, p->bins, peak) + 0.5) * p->width_A;
        double valley = valley_bin(f, p->bins, peak);
        s.valley_found = valley > 0.0;
        s.valley_A = s.valley_found ? (valley + 0.5) * p->width_A : fcc_valley * s.peak_A;
    }
    aet_release(&f);
    return s;
}

double aet_ball_overlap(double r, double d)
{
    double x = r / d;
    return x < 1.0 ? 1.0 - 1.5 * x + 0.5 * x * x * x : 0.0;
}
