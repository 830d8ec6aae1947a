/* Inside of the cell lists, shared by cells.c and neighbours.c. */
#ifndef AET_NUM_CELLS_PRIV_H
#define AET_NUM_CELLS_PRIV_H

#include "aetlas/num/cells.h"

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

#endif
