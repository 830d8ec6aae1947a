#include "aetlas/num/sort.h"

#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void aet_sort(int64_t n, double *x)
{
    if (n > 1)
        qsort(x, (size_t)n, sizeof *x, ascending);
}
