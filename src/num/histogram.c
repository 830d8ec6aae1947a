#include "aetlas/num/histogram.h"

void aet_histogram_add(int64_t n, const float *x, double low, double high, int bins,
                       int64_t *counts)
{
    double scale = bins / (high - low);
    for (int64_t i = 0; i < n; i++) {
        double at = ((double)x[i] - low) * scale;
        int bin = at <= 0 ? 0 : at >= bins ? bins - 1 : (int)at;
        counts[bin]++;
    }
}

aet_err aet_otsu(int bins, const int64_t *counts, double low, double high, double *threshold)
{
    double total = 0, moment = 0, below = 0, below_moment = 0, best = -1;
    int first = 0, last = 0, filled = 0;
    for (int i = 0; i < bins; i++) {
        total += (double)counts[i];
        moment += (double)counts[i] * (i + 0.5);
        filled += counts[i] > 0;
    }
    AET_CHECK(
        filled > 1, AET_ERR_NUMERIC,
        "Otsu threshold: all values lie in one of %d bins between %g and %g, two classes expected",
        bins, low, high);
    for (int i = 0; i < bins - 1; i++) {
        below += (double)counts[i];
        below_moment += (double)counts[i] * (i + 0.5);
        double above = total - below;
        if (below <= 0 || above <= 0)
            continue;
        double gap = below_moment / below - (moment - below_moment) / above;
        double between = below * above * gap * gap;
        if (between > best * (1 + 1e-12)) {
            best = between;
            first = i;
        }
        if (between >= best * (1 - 1e-12))
            last = i;
    }
    *threshold = low + (high - low) * (0.5 * (first + last) + 1.0) / bins;
    return AET_OK;
}
