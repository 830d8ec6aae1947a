/* Inside num/boxconv*.c. */
#ifndef AET_NUM_BOXCONV_PRIV_H
#define AET_NUM_BOXCONV_PRIV_H

#include "aetlas/num/boxconv.h"
#include "aetlas/num/lanes.h"

/* An axis of n values, transformed at frequencies (j + shift)/g: along x shift is 1/4, across rows and
 * planes 0 (the even half of 2g frequencies) and 1/2 (the odd half). */
typedef struct {
    int n, g;
    aet_lanes *plan;
    float *turn; /* [2g-1][2]: exp(-2 pi i d shift/g) of offset d at [d + g-1] */
} boxconv_axis;

struct aet_boxconv {
    aet_boxconv_shape shape;
    boxconv_axis x, y, z; /* z: deep only */
    int blocks;           /* of 16 frequencies along x */
    int rank, size;
    aet_cell *even, *odd; /* a block of lines */
    aet_cell *plane;      /* [2 rows - 1][blocks], transformed along x */
    float *values;        /* [rows][pitch] */
    aet_cell **at;        /* [planes] */
    /* deep only */
    aet_slab rows;      /* of the transform, 2 y.g of them, on this rank */
    aet_cell *spectrum; /* [2 y.g][planes mine][blocks] */
    aet_cell *chunk;    /* [portion rows][planes][blocks], by rank they came from */
    int portion;        /* rows of each rank on their way at a time */
    int *tables;        /* [4][size] */
};

/* What is done between the way there and the way back of a line. */
typedef struct {
    const float *kernel, *watch[AET_BOXCONV_FORMS];
    float *make;  /* a kernel to make, or NULL */
    float scale;  /* of it */
    double *form; /* [AET_BOXCONV_FORMS] */
} boxconv_middle;

/* Local.  A plane of values, [rows][pitch] from offset -below on, transformed along x; and back, into
 * c->values. */
void boxconv_x_forward(aet_boxconv *c, const float *values, int below_y, int below_x, int pitch);
void boxconv_x_backward(aet_boxconv *c);
/* Local.  From the plane to the spectrum and back. */
void boxconv_y_forward(aet_boxconv *c, int plane, int below);
void boxconv_y_backward(aet_boxconv *c, int plane);
/* Local.  One row of the spectrum, cells of offset d at c->at[d + below]. */
void boxconv_line(aet_boxconv *c, const boxconv_axis *a, int below, int64_t row,
                  const boxconv_middle *m);

#endif
