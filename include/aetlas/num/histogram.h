/* Histograms and the thresholds read from them.  Everything is Local; counts are exact integers, so
 * that histograms of the parts of an array may be added over ranks in any order. */
#ifndef AET_NUM_HISTOGRAM_H
#define AET_NUM_HISTOGRAM_H

#include "aetlas/base/error.h"
#include <stdint.h>

/* Local.  Adds n values to counts[bins] over [low, high]; bin i covers low + (i, i+1)(high -
 * low)/bins; values outside count in the first or last bin.  Needs low < high. */
void aet_histogram_add(int64_t n, const float *x, double low, double high, int bins,
                       int64_t *counts);

/* Local.  Otsu's threshold (IEEE Trans. SMC 9, 62 (1979)): the cut that makes the variance between
 * the two classes largest, as a value on the axis of the histogram.  Where several cuts are equal
 * (an empty gap), their middle.  NUMERIC when fewer than two bins are filled. */
aet_err aet_otsu(int bins, const int64_t *counts, double low, double high, double *threshold);

#endif
