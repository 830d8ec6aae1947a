#include "aetlas/physics/paint.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include <math.h>

enum { LANES = 8, ROWS = 4, REACH_MAX = 2048, ROW_MAX = 2 * REACH_MAX + 1 + 2 * LANES };
#define NEGLIGIBLE                                                                                 \
    1e-9           /* of the atom's centre: terms that are less in a whole row are left out of it */
#define SAFE 500.0 /* exponents up to it neither overflow nor spoil the products of factors */

/* Doubles that are worked on at once; any address will do. */
typedef double lanes
    __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

struct aet_brush {
    int terms, reach;                    /* patch: pixels -reach .. reach around the nearest one */
    int row;                             /* its width, rounded up to whole vectors */
    double centre;                       /* of the projection */
    double alpha[AET_PROFILE_TERMS];     /* 1/pixel^2 */
    double density[AET_PROFILE_TERMS];   /* of the volume */
    double amplitude[AET_PROFILE_TERMS]; /* of the projection */
    double scaled[AET_PROFILE_TERMS];    /* of the plane at hand */
    double *table;                       /* [terms][row]: exp(-alpha i^2), i = -reach ... */
    double *x, *y, *z;                   /* [terms][row]: the factors of the atom at hand */
};

aet_err aet_brush_create(const aet_profile *p, double pixel_A, aet_brush **out)
{
    aet_err err = AET_OK;
    double reach = ceil(p->cutoff_A / pixel_A) + 1;
    *out = NULL;
    AET_CHECK(reach <= REACH_MAX, AET_ERR_USAGE,
              "pixels of %g A are too small: an atom would cover %g of them, at most %d", pixel_A,
              2 * reach, 2 * REACH_MAX);
    aet_brush *b = AET_NEW(aet_brush, 1);
    b->terms = p->terms;
    b->reach = (int)reach;
    b->row = (2 * b->reach + LANES) / LANES * LANES;
    b->centre = aet_profile_projected(p, 0);
    AET_GO(AET_ARRAY(b->terms * b->row, "a table of Gaussians", &b->table));
    AET_GO(AET_ARRAY(b->terms * b->row, "the factors of an atom", &b->x));
    AET_GO(AET_ARRAY(b->terms * b->row, "the factors of an atom", &b->y));
    AET_GO(AET_ARRAY(b->terms * b->row, "the factors of an atom", &b->z));
    for (int k = 0; k < b->terms; k++) {
        b->alpha[k] = p->alpha[k] * pixel_A * pixel_A;
        b->amplitude[k] = p->amplitude[k];
        b->density[k] = p->amplitude[k] * sqrt(p->alpha[k] / AET_PI);
        for (int i = -b->reach; i <= b->reach; i++)
            b->table[k * b->row + i + b->reach] = exp(-b->alpha[k] * i * i);
    }
    *out = b;
done:
    if (err != AET_OK)
        aet_brush_free(&b);
    return err;
}

void aet_brush_free(aet_brush **b)
{
    if (*b == NULL)
        return;
    aet_release(&(*b)->table);
    aet_release(&(*b)->x);
    aet_release(&(*b)->y);
    aet_release(&(*b)->z);
    aet_release(b);
}

/* out[i] = exp(-alpha (i - reach - d)^2) for the pixels of the patch, |d| <= 1/2. */
static void factor(const aet_brush *b, int k, double d, double *restrict out)
{
    const double *restrict table = b->table + k * b->row;
    double alpha = b->alpha[k], ratio = exp(2 * alpha * d);
    if (alpha * (b->reach + LANES) > SAFE) { /* Gaussians far narrower than a pixel */
        for (int i = 0; i <= 2 * b->reach; i++)
            out[i] = exp(-alpha * (i - b->reach - d) * (i - b->reach - d));
        return;
    }
    /* step[l] = exp(-alpha d^2) ratio^(l - reach), then eight pixels on at a time */
    double first = exp(-alpha * d * (d + 2 * b->reach)), square = ratio * ratio,
           fourth = square * square;
    lanes step = {first, first * ratio, first * square, first * square * ratio};
    for (int l = 0; l < LANES / 2; l++)
        step[l + LANES / 2] = step[l] * fourth;
    for (int i = 0; i < b->row; i += LANES) {
        *(lanes *)(out + i) = *(const lanes *)(table + i) * step;
        step *= fourth * fourth;
    }
}

/* Pixels low .. high - 1 of a patch row get their part of the vector at i; the row starts at
 * `start`, which may lie in front of the plane. */
static void store(double *plane, int64_t start, int i, int low, int high, lanes sum)
{
    if (i >= low && i + LANES <= high)
        *(lanes *)(plane + start + i) += sum;
    else
        for (int l = 0; l < LANES; l++)
            if (i + l >= low && i + l < high)
                plane[start + i + l] += sum[l];
}

/* Rows r < n of the patch, nx apart: row[i] += sum_k weight[k][r] x[k][i] for low <= i < high, in
 * whole vectors of the padded factors; four rows at once keep four sums in flight and read each
 * factor once. */
static void add_rows(double *restrict plane, int64_t start, int nx, int n, int low, int high,
                     const double *restrict x, int stride, double weight[][ROWS], int terms)
{
    for (int i = low / LANES * LANES; i < high; i += LANES) {
        lanes sum[ROWS] = {{0}};
        for (int k = 0; k < terms; k++) {
            lanes f = *(const lanes *)(x + k * stride + i);
            for (int r = 0; r < ROWS; r++)
                sum[r] += weight[k][r] * f;
        }
        for (int r = 0; r < n; r++)
            store(plane, start + (int64_t)r * nx, i, low, high, sum[r]);
    }
}

/* The weights of the terms in n rows from `first` of the patch, and how many of them count: the
 * terms are ordered from wide to narrow. */
static int weigh(const aet_brush *b, int first, int n, double weight[][ROWS])
{
    int needed = 0;
    for (int k = 0; k < b->terms; k++)
        for (int r = 0; r < ROWS; r++) {
            weight[k][r] = r < n ? b->scaled[k] * b->y[k * b->row + first + r] : 0;
            if (fabs(weight[k][r]) > NEGLIGIBLE * b->centre)
                needed = k + 1;
        }
    return needed;
}

/* The part of a patch around `nearest` that lies on pixels first .. first + n - 1: low <= i < high
 * of the patch, whose pixel i is start + i of the plane. */
typedef struct {
    int nearest, start, low, high;
} range;

/* False if no part of it does; a coordinate that is no number, or far away, has none. */
static bool clip(const aet_brush *b, double x, int first, int n, range *r)
{
    if (!(x > first - 1 - b->reach && x < first + n + b->reach))
        return false;
    int wide = 2 * b->reach + 1;
    r->nearest = (int)lround(x);
    r->start = r->nearest - b->reach - first;
    r->low = r->start < 0 ? -r->start : 0;
    r->high = r->start + wide > n ? n - r->start : wide;
    return r->low < r->high;
}

static void set_factors(const aet_brush *b, double x, range r, double *out)
{
    for (int k = 0; k < b->terms; k++)
        factor(b, k, x - r.nearest, out + k * b->row);
}

/* The outer product of the factors in x and y, with the amplitudes b->scaled. */
static void add_patch(double *plane, int nx, const aet_brush *b, range rx, range ry)
{
    for (int j = ry.low; j < ry.high; j += ROWS) {
        double weight[AET_PROFILE_TERMS][ROWS];
        int n = ry.high - j < ROWS ? ry.high - j : ROWS, needed = weigh(b, j, n, weight);
        add_rows(plane, (int64_t)(ry.start + j) * nx + rx.start, nx, n, rx.low, rx.high, b->x,
                 b->row, weight, needed);
    }
}

void aet_paint_atom(double *plane, int nx, int ny, aet_brush *b, double x, double y)
{
    range rx, ry;
    if (!clip(b, x, 0, nx, &rx) || !clip(b, y, 0, ny, &ry))
        return;
    set_factors(b, x, rx, b->x);
    set_factors(b, y, ry, b->y);
    for (int k = 0; k < b->terms; k++)
        b->scaled[k] = b->amplitude[k];
    add_patch(plane, nx, b, rx, ry);
}

void aet_paint_brick(double *brick, int nx, int ny, int first, int nz, aet_brush *b, double x,
                     double y, double z)
{
    range rx, ry, rz;
    if (!clip(b, x, 0, nx, &rx) || !clip(b, y, 0, ny, &ry) || !clip(b, z, first, nz, &rz))
        return;
    set_factors(b, x, rx, b->x);
    set_factors(b, y, ry, b->y);
    set_factors(b, z, rz, b->z);
    for (int i = rz.low; i < rz.high; i++) {
        for (int k = 0; k < b->terms; k++)
            b->scaled[k] = b->density[k] * b->z[k * b->row + i];
        add_patch(brick + (int64_t)(rz.start + i) * nx * ny, nx, b, rx, ry);
    }
}
