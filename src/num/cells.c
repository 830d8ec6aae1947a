#include "aetlas/num/cells.h"

#include "aetlas/base/mem.h"
#include "cells_priv.h"

#include <math.h>

/* Length of a cell: the one asked for, or one that holds about four points of a filled box,
 * enlarged until there are at most a few cells per point. */
static double cell_edge(int n, const double size[3], double edge)
{
    double volume = 1.0;
    for (int k = 0; k < 3; k++)
        volume *= fmax(size[k], 1e-9);
    if (edge <= 0.0)
        edge = cbrt(4.0 * volume / (n > 0 ? n : 1));
    double longest = fmax(size[0], fmax(size[1], size[2]));
    edge = fmax(edge, fmax(longest * 1e-6, 1e-9));
    double limit = 8.0 * n + 64.0;
    for (;;) {
        double cells = 1.0;
        for (int k = 0; k < 3; k++)
            cells *= floor(size[k] / edge) + 1.0;
        if (cells <= limit)
            return edge;
        edge *= 1.25;
    }
}

static void bounding_box(int n, const double (*x)[3], double low[3], double size[3])
{
    for (int k = 0; k < 3; k++) {
        double a = n ? x[0][k] : 0.0, b = a;
        for (int i = 1; i < n; i++) {
            a = fmin(a, x[i][k]);
            b = fmax(b, x[i][k]);
        }
        low[k] = a;
        size[k] = b - a;
    }
}

static int cell_of(const aet_cells *c, const double p[3])
{
    int cell[3];
    for (int k = 0; k < 3; k++)
        cell[k] = aet_cells_axis(c, k, p[k]);
    return (cell[2] * c->dim[1] + cell[1]) * c->dim[0] + cell[0];
}

/* Counting sort by cell; points of a cell stay in ascending order. */
static aet_err sort_points(aet_cells *c, const double (*x)[3])
{
    int *where;
    AET_TRY(AET_ARRAY(c->n, "cell of each point", &where));
    for (int i = 0; i < c->n; i++) {
        where[i] = cell_of(c, x[i]);
        c->start[where[i] + 1]++;
    }
    for (int k = 0; k < c->n_cells; k++)
        c->start[k + 1] += c->start[k];
    for (int i = c->n - 1; i >= 0; i--) {
        int place = --c->start[where[i] + 1];
        c->item[place] = i;
        c->x[place] = x[i][0];
        c->y[place] = x[i][1];
        c->z[place] = x[i][2];
    }
    /* The descending fill moved each end down to its beginning: shift back by one cell. */
    for (int k = 0; k < c->n_cells; k++)
        c->start[k] = c->start[k + 1];
    c->start[c->n_cells] = c->n;
    aet_release(&where);
    return AET_OK;
}

aet_err aet_cells_create(int n, const double (*x)[3], double edge, aet_cells **out)
{
    *out = NULL;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            AET_CHECK(isfinite(x[i][k]), AET_ERR_INPUT,
                      "point %d: coordinate %c is %g, a finite number was expected", i + 1,
                      "xyz"[k], x[i][k]);
    aet_err err = AET_OK;
    aet_cells *c = AET_NEW(aet_cells, 1);
    double size[3];
    c->n = n;
    bounding_box(n, x, c->low, size);
    c->edge = cell_edge(n, size, edge);
    c->n_cells = 1;
    for (int k = 0; k < 3; k++) {
        c->dim[k] = (int)(size[k] / c->edge) + 1;
        c->n_cells *= c->dim[k];
    }
    AET_GO(AET_ARRAY(c->n_cells + 1, "cells", &c->start));
    AET_GO(AET_ARRAY(n, "points in cells", &c->item));
    AET_GO(AET_ARRAY(n, "points in cells", &c->x));
    AET_GO(AET_ARRAY(n, "points in cells", &c->y));
    AET_GO(AET_ARRAY(n, "points in cells", &c->z));
    AET_GO(sort_points(c, x));
    *out = c;
done:
    if (err != AET_OK)
        aet_cells_free(&c);
    return err;
}

void aet_cells_free(aet_cells **c)
{
    if (!*c)
        return;
    aet_release(&(*c)->start);
    aet_release(&(*c)->item);
    aet_release(&(*c)->x);
    aet_release(&(*c)->y);
    aet_release(&(*c)->z);
    aet_release(c);
}
