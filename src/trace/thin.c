#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include <stdlib.h>

#define NEAR_MAX 1024

typedef struct {
    float density;
    int index;
} ranked;

/* Falling density; equal ones in order of planes, rows, columns. */
static int by_density(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    if (p->density != q->density)
        return p->density > q->density ? -1 : 1;
    return p->index - q->index;
}

aet_err aet_trace_order(const aet_peaks *peaks, int **order)
{
    ranked *r = NULL;
    *order = NULL;
    AET_TRY(AET_ARRAY(peaks->n, "order of peaks", &r));
    for (int i = 0; i < peaks->n; i++)
        r[i] = (ranked){peaks->peak[i].density, i};
    qsort(r, (size_t)peaks->n, sizeof *r, by_density);
    aet_err err = AET_ARRAY(peaks->n, "order of peaks", order);
    for (int i = 0; err == AET_OK && i < peaks->n; i++)
        (*order)[i] = r[i].index;
    aet_release(&r);
    return err;
}

aet_err aet_trace_thin(aet_peaks *peaks, double reach, int *dropped)
{
    aet_err err = AET_OK;
    aet_near *cells = NULL;
    int *order = NULL, *found = AET_NEW(int, NEAR_MAX);
    bool *accepted = NULL;

    *dropped = 0;
    if (reach <= 0)
        goto done;
    AET_GO(aet_trace_order(peaks, &order));
    AET_GO(AET_ARRAY(peaks->n, "accepted peaks", &accepted));
    AET_GO(aet_near_create(peaks, reach, &cells)); /* keeps its own picture of who was kept */
    for (int i = 0; i < peaks->n; i++) {
        aet_peak *q = &peaks->peak[order[i]];
        if (!q->kept)
            continue;
        int n = aet_near_list(cells, q->at, NEAR_MAX, found);
        for (int k = 0; k < n && q->kept; k++)
            q->kept = !accepted[found[k]];
        accepted[order[i]] = q->kept;
        *dropped += !q->kept;
    }
done:
    aet_near_free(&cells);
    aet_release(&order);
    aet_release(&found);
    aet_release(&accepted);
    return err;
}
