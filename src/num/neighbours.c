#include "aetlas/num/cells.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/sort.h"
#include "cells_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* First and last place of the cells low[0]..high[0] of one row: contiguous, as x runs fastest. */
static inline void row_run(const aet_cells *c, const aet_cell_block *b, int iy, int iz, int *first,
                           int *end)
{
    int row = (iz * c->dim[1] + iy) * c->dim[0];
    *first = c->start[row + b->low[0]];
    *end = c->start[row + b->high[0] + 1];
}

/* Points within r of the one at `place`, itself left out. */
static int count_near(const aet_cells *c, int place, double r)
{
    const double p[3] = {c->x[place], c->y[place], c->z[place]}, r2 = r * r;
    aet_cell_block b = aet_cells_block(c, p, r);
    int count = 0, first, end;
    for (int iz = b.low[2]; iz <= b.high[2]; iz++)
        for (int iy = b.low[1]; iy <= b.high[1]; iy++) {
            row_run(c, &b, iy, iz, &first, &end);
            for (int q = first; q < end; q++)
                count += aet_cells_distance2(c, q, p) <= r2;
        }
    return count - 1;
}

static int ascending(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

enum { FEW = 64 }; /* up to here insertion is faster */

static void sort_ascending(int *v, int n)
{
    if (n > FEW) {
        qsort(v, (size_t)n, sizeof *v, ascending);
        return;
    }
    for (int i = 1; i < n; i++) {
        int x = v[i], k = i;
        for (; k > 0 && v[k - 1] > x; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
}

/* Writes the neighbours of the point at `place`, ascending.  scratch
 * holds one place more than there are: the write is unconditional
 * and the counter moves only for a hit, which avoids branches. */
static void list_near(const aet_cells *c, int place, double r, int *scratch, int *index)
{
    const double p[3] = {c->x[place], c->y[place], c->z[place]}, r2 = r * r;
    aet_cell_block b = aet_cells_block(c, p, r);
    int count = 0, first, end;
    for (int iz = b.low[2]; iz <= b.high[2]; iz++)
        for (int iy = b.low[1]; iy <= b.high[1]; iy++) {
            row_run(c, &b, iy, iz, &first, &end);
            for (int q = first; q < end; q++) {
                scratch[count] = q;
                count += aet_cells_distance2(c, q, p) <= r2;
            }
        }
    int n = 0;
    for (int k = 0; k < count; k++)
        if (scratch[k] != place)
            index[n++] = c->item[scratch[k]];
    sort_ascending(index, n);
}

aet_err aet_neighbours_find(const aet_cells *c, double r, aet_neighbours **out)
{
    aet_err err = AET_OK;
    aet_neighbours *nb = AET_NEW(aet_neighbours, 1);
    int *scratch = NULL, most = 0;
    *out = NULL;
    nb->n = c->n;
    AET_GO(AET_ARRAY(c->n + 1, "neighbour rows", &nb->start));
    for (int place = 0; place < c->n; place++) {
        int count = count_near(c, place, r);
        nb->start[c->item[place] + 1] = count;
        most = count > most ? count : most;
    }
    for (int i = 0; i < c->n; i++)
        nb->start[i + 1] += nb->start[i];
    AET_GO(AET_ARRAY(nb->start[c->n], "neighbours", &nb->index));
    AET_GO(AET_ARRAY(most + 2, "neighbours of one point", &scratch));
    for (int place = 0; place < c->n; place++)
        list_near(c, place, r, scratch, nb->index + nb->start[c->item[place]]);
    *out = nb;
done:
    aet_release(&scratch);
    if (err != AET_OK)
        aet_neighbours_free(&nb);
    return err;
}

void aet_neighbours_free(aet_neighbours **nb)
{
    if (!*nb)
        return;
    aet_release(&(*nb)->start);
    aet_release(&(*nb)->index);
    aet_release(nb);
}

/* Inserts (d2, item) into the list of the k best, ordered by (d2, item). */
static int insert_best(int n, int k, int *item, double *d2, int new_item, double new_d2)
{
    int at = n < k ? n : k - 1;
    if (n == k && (new_d2 > d2[at] || (new_d2 == d2[at] && new_item > item[at])))
        return n;
    for (; at > 0 && (d2[at - 1] > new_d2 || (d2[at - 1] == new_d2 && item[at - 1] > new_item));
         at--) {
        d2[at] = d2[at - 1];
        item[at] = item[at - 1];
    }
    d2[at] = new_d2;
    item[at] = new_item;
    return n < k ? n + 1 : k;
}

static int best_within(const aet_cells *c, const double p[3], int k, double r, int skip, int *item,
                       double *d2)
{
    aet_cell_block b = aet_cells_block(c, p, r);
    double r2 = r * r;
    int n = 0, first, end;
    for (int iz = b.low[2]; iz <= b.high[2]; iz++)
        for (int iy = b.low[1]; iy <= b.high[1]; iy++) {
            row_run(c, &b, iy, iz, &first, &end);
            for (int q = first; q < end; q++) {
                double here = aet_cells_distance2(c, q, p);
                if (here <= r2 && c->item[q] != skip)
                    n = insert_best(n, k, item, d2, c->item[q], here);
            }
        }
    return n;
}

/* Radius that reaches every point from p. */
static double reach(const aet_cells *c, const double p[3])
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        double far = fmax(fabs(p[k] - c->low[k]), fabs(p[k] - c->low[k] - c->dim[k] * c->edge));
        sum += far * far;
    }
    return sqrt(sum) * (1.0 + 1e-12);
}

int aet_cells_k_nearest(const aet_cells *c, const double p[3], int k, double max, int skip,
                        int *index, double *distance)
{
    enum { ON_STACK = 64 };
    double local[ON_STACK], *d2 = distance ? distance : k <= ON_STACK ? local : AET_NEW(double, k);
    double all = fmin(max, reach(c, p)), r = fmin(c->edge * cbrt(k), all);
    int n = 0;
    /* A ball that holds k points holds the k nearest: enlarge until it does. */
    while (c->n > 0 && k > 0 && all >= 0.0) {
        n = best_within(c, p, k, r, skip, index, d2);
        if (n == k || r >= all)
            break;
        r = fmin(2.0 * r, all);
    }
    for (int i = 0; i < n; i++)
        d2[i] = sqrt(d2[i]);
    if (d2 != distance && d2 != local)
        aet_release(&d2);
    return n;
}

int aet_cells_nearest(const aet_cells *c, const double p[3], double max, int skip, double *distance)
{
    int index;
    double d;
    if (aet_cells_k_nearest(c, p, 1, max, skip, &index, &d) == 0)
        return -1;
    if (distance)
        *distance = d;
    return index;
}

int aet_cells_gather(const aet_cells *c, const double p[3], double r, int skip, int max, int *index)
{
    aet_cell_block b = aet_cells_block(c, p, r);
    int n = 0, first, end;
    for (int iz = b.low[2]; iz <= b.high[2]; iz++)
        for (int iy = b.low[1]; iy <= b.high[1]; iy++) {
            aet_cells_ball_run(c, p, r, iy, iz, &first, &end);
            for (int q = first; q < end; q++) {
                if (aet_cells_distance2(c, q, p) > r * r || c->item[q] == skip)
                    continue;
                if (n < max)
                    index[n] = c->item[q];
                n++;
            }
        }
    return n;
}

int aet_cells_within(const aet_cells *c, const double p[3], double r, int skip, int max, int *index)
{
    int n = aet_cells_gather(c, p, r, skip, max, index);
    sort_ascending(index, n < max ? n : max);
    return n;
}

enum { CHUNK = 256 };

/* Adds the pairs of one point with the places first .. end-1.  Bins are computed for a chunk, which
 * vectorises, before the counters are touched. */
static void histogram_run(const aet_cells *c, const double p[3], int first, int end,
                          double per_width, int bins, const uint8_t *kind, int own, int64_t *counts)
{
    int bin[CHUNK];
    for (int from = first; from < end; from += CHUNK) {
        int n = end - from < CHUNK ? end - from : CHUNK;
        for (int k = 0; k < n; k++) {
            double scaled = sqrt(aet_cells_distance2(c, from + k, p)) * per_width;
            bin[k] = scaled < bins ? (int)scaled : bins;
        }
        for (int k = 0; k < n; k++)
            if (bin[k] < bins) {
                int row = kind ? aet_pair_row(own, kind[c->item[from + k]]) : 0;
                counts[(int64_t)row * bins + bin[k]]++;
            }
    }
}

void aet_cells_histogram(const aet_cells *c, const uint8_t *kind, int kinds, double width, int bins,
                         int part, int parts, int64_t *counts)
{
    int from = (int)((int64_t)c->n * part / parts), to = (int)((int64_t)c->n * (part + 1) / parts);
    AET_ASSERT(kind || kinds == 1);
    for (int place = from; place < to; place++) {
        const double p[3] = {c->x[place], c->y[place], c->z[place]};
        int own = kind ? kind[c->item[place]] : 0, first, end;
        aet_cell_block b = aet_cells_block(c, p, width * bins);
        /* Each pair once: partners lie at later places, so earlier rows are empty. */
        for (int iz = aet_cells_axis(c, 2, p[2]); iz <= b.high[2]; iz++)
            for (int iy = b.low[1]; iy <= b.high[1]; iy++) {
                row_run(c, &b, iy, iz, &first, &end);
                if (first <= place)
                    first = place + 1;
                histogram_run(c, p, first, end, 1.0 / width, bins, kind, own, counts);
            }
    }
}

aet_err aet_cells_spacing(const aet_cells *c, int n, const double (*x)[3], double max,
                          double *median)
{
    double *d;
    int found = 0;
    AET_TRY(AET_ARRAY(n, "distances of neighbours", &d));
    for (int i = 0; i < n; i++)
        found += aet_cells_nearest(c, x[i], max, i, &d[found]) >= 0;
    aet_sort(found, d);
    *median = found > 0 ? d[found / 2] : 0;
    aet_release(&d);
    return AET_OK;
}
