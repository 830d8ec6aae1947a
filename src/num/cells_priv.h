/* Inside of the cell lists, shared by cells.c, neighbours.c and gauss.c. */
#ifndef AET_NUM_CELLS_PRIV_H
#define AET_NUM_CELLS_PRIV_H

#include "aetlas/num/cells.h"
#include <math.h>

struct aet_cells {
    int n, n_cells;
    int dim[3];
    double low[3], edge;
    int *start;        /* [n_cells+1]: places of a cell */
    int *item;         /* [n]: the point at a place */
    double *x, *y, *z; /* [n]: its coordinates */
};

/* Cell index along axis k, clamped into the grid. */
static inline int aet_cells_axis(const aet_cells *c, int k, double p)
{
    double q = (p - c->low[k]) / c->edge;
    if (!(q > 0.0))
        return 0;
    return q < c->dim[k] ? (int)q : c->dim[k] - 1;
}

/* The cells that a ball may touch. */
typedef struct {
    int low[3], high[3];
} aet_cell_block;

static inline aet_cell_block aet_cells_block(const aet_cells *c, const double p[3], double r)
{
    aet_cell_block b;
    for (int k = 0; k < 3; k++) {
        b.low[k] = aet_cells_axis(c, k, p[k] - r);
        b.high[k] = aet_cells_axis(c, k, p[k] + r);
    }
    return b;
}

/* How far p is from cell i of an axis; a little less, for rounding. */
static inline double aet_cells_beside(const aet_cells *c, int axis, int i, double p)
{
    double low = c->low[axis] + i * c->edge - p;
    return fmax(0.0, fmax(low, -low - c->edge) - 1e-9 * (c->edge + fabs(p)));
}

/* The part of that row that a ball about p may touch: of a wide ball's box nearly half is empty corners. */
static inline void aet_cells_ball_run(const aet_cells *c, const double p[3], double r, int iy,
                                      int iz, int *first, int *end)
{
    double dy = aet_cells_beside(c, 1, iy, p[1]), dz = aet_cells_beside(c, 2, iz, p[2]),
           rest = r * r - dy * dy - dz * dz;
    *first = *end = 0;
    if (rest < 0.0)
        return;
    double half = sqrt(rest) * (1.0 + 1e-9);
    int row = (iz * c->dim[1] + iy) * c->dim[0];
    *first = c->start[row + aet_cells_axis(c, 0, p[0] - half)];
    *end = c->start[row + aet_cells_axis(c, 0, p[0] + half) + 1];
}

static inline double aet_cells_distance2(const aet_cells *c, int place, const double p[3])
{
    double dx = c->x[place] - p[0], dy = c->y[place] - p[1], dz = c->z[place] - p[2];
    return dx * dx + dy * dy + dz * dz;
}

#endif
