/* Sorting numbers.  Local. */
#ifndef AET_NUM_SORT_H
#define AET_NUM_SORT_H

#include <stdint.h>

/* Sorts x[n] in ascending order; n may be 0.  The values are finite or infinite, not NAN. */
void aet_sort(int64_t n, double *x);

#endif
