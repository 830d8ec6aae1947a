#include "trace/trace_priv.h"

#include "aetlas/base/mem.h"
#include <math.h>

struct aet_near {
    const aet_peaks *peaks;
    double reach, low[3], edge;
    int n[3];
    int *start; /* [cells + 1] into order */
    int *order; /* kept peaks by cell, ascending inside each */
};

static int cell_along(const aet_near *c, int a, double x)
{
    int i = (int)floor((x - c->low[a]) / c->edge);
    return i < 0 ? 0 : i >= c->n[a] ? c->n[a] - 1 : i;
}

static int cell_of(const aet_near *c, const double r[3])
{
    return (cell_along(c, 2, r[2]) * c->n[1] + cell_along(c, 1, r[1])) * c->n[0] +
           cell_along(c, 0, r[0]);
}

/* Cells of at least `reach`, at most 256 along an axis. */
static void size_cells(aet_near *c)
{
    double high[3] = {0, 0, 0}, span = 0;
    bool any = false;
    for (int i = 0; i < c->peaks->n; i++)
        for (int a = 0; a < 3 && c->peaks->peak[i].kept; a++) {
            double x = c->peaks->peak[i].at[a];
            bool first = !any && i >= 0;
            c->low[a] = first || x < c->low[a] ? x : c->low[a];
            high[a] = first || x > high[a] ? x : high[a];
            any = any || a == 2;
        }
    for (int a = 0; a < 3; a++)
        span = fmax(span, high[a] - c->low[a]);
    c->edge = fmax(fmax(c->reach, span / 256), 1e-3);
    for (int a = 0; a < 3; a++)
        c->n[a] = 1 + (int)((high[a] - c->low[a]) / c->edge);
}

aet_err aet_near_create(const aet_peaks *peaks, double reach, aet_near **near)
{
    aet_err err = AET_OK;
    aet_near *c = AET_NEW(aet_near, 1);
    c->peaks = peaks;
    c->reach = reach;
    size_cells(c);
    int cells = c->n[0] * c->n[1] * c->n[2];
    AET_GO(AET_ARRAY(cells + 2, "cells of peaks", &c->start));
    AET_GO(AET_ARRAY(peaks->n, "peaks by cell", &c->order));
    /* Counting sort; counts are kept two further on, so that start ends in its right place. */
    for (int i = 0; i < peaks->n; i++)
        if (peaks->peak[i].kept)
            c->start[cell_of(c, peaks->peak[i].at) + 2]++;
    for (int k = 1; k < cells + 2; k++)
        c->start[k] += c->start[k - 1];
    for (int i = 0; i < peaks->n; i++)
        if (peaks->peak[i].kept)
            c->order[c->start[cell_of(c, peaks->peak[i].at) + 1]++] = i;
done:
    if (err != AET_OK)
        aet_near_free(&c);
    *near = c;
    return err;
}

void aet_near_free(aet_near **near)
{
    if (*near) {
        aet_release(&(*near)->start);
        aet_release(&(*near)->order);
    }
    aet_release(near);
}

int aet_near_list(const aet_near *c, const double r[3], int max, int *found)
{
    int n = 0, lo[3], hi[3];
    for (int a = 0; a < 3; a++) {
        lo[a] = cell_along(c, a, r[a] - c->reach);
        hi[a] = cell_along(c, a, r[a] + c->reach);
    }
    for (int z = lo[2]; z <= hi[2]; z++)
        for (int y = lo[1]; y <= hi[1]; y++) {
            int row = (z * c->n[1] + y) * c->n[0];
            for (int k = c->start[row + lo[0]]; k < c->start[row + hi[0] + 1] && n < max; k++) {
                const double *at = c->peaks->peak[c->order[k]].at;
                double d2 = 0;
                for (int a = 0; a < 3; a++)
                    d2 += (at[a] - r[a]) * (at[a] - r[a]);
                if (d2 < c->reach * c->reach)
                    found[n++] = c->order[k];
            }
        }
    return n;
}
