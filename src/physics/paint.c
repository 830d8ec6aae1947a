#include "aetlas/physics/paint.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include <math.h>
#include <stdlib.h>

enum { LANES = 8, ROWS = 4, REACH_MAX = 2048, ROW_MAX = 2 * REACH_MAX + 1 + 2 * LANES };
/* Of the atom's centre: terms that are less in a whole row are left out of it. */
#define NEGLIGIBLE 1e-9
#define SAFE       500.0 /* exponents up to it neither overflow nor spoil the products of factors */

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
    int *needed;       /* [row / LANES]: terms that count in a vector of columns */
    int *needed_row;   /* [row]: and in a row of pixels */
    double *x, *y, *z; /* [terms][row]: the factors of the atom at hand */
};

/* How many terms, from the widest on, count at d pixels from the atom or farther. */
static int count_beyond(const aet_brush *b, double d)
{
    int needed = 0;
    for (int k = 0; k < b->terms; k++)
        if (fmax(fabs(b->amplitude[k]), fabs(b->density[k])) * exp(-b->alpha[k] * d * d) >
            NEGLIGIBLE * b->centre)
            needed = k + 1;
    return needed;
}

/* That for each row and each vector of columns, at their pixels
 * nearest to the atom, half a pixel nearer for any sub-pixel place. */
static void count_terms(aet_brush *b)
{
    for (int i = 0; i < b->row; i++) {
        b->needed_row[i] = count_beyond(b, fmax(0.0, abs(i - b->reach) - 0.5));
        double left = i - b->reach - 0.5, right = b->reach - 0.5 - (i + LANES - 1);
        if (i % LANES == 0)
            b->needed[i / LANES] = count_beyond(b, fmax(0.0, fmax(left, right)));
    }
}

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
    AET_GO(AET_ARRAY(b->row / LANES, "the terms of columns", &b->needed));
    AET_GO(AET_ARRAY(b->row, "the terms of rows", &b->needed_row));
    AET_GO(AET_ARRAY(b->terms * b->row + LANES, "the factors of an atom", &b->x));
    AET_GO(AET_ARRAY(b->terms * b->row + LANES, "the factors of an atom", &b->y));
    AET_GO(AET_ARRAY(b->terms * b->row + LANES, "the factors of an atom", &b->z));
    for (int k = 0; k < b->terms; k++) {
        b->alpha[k] = p->alpha[k] * pixel_A * pixel_A;
        b->amplitude[k] = p->amplitude[k];
        b->density[k] = p->amplitude[k] * sqrt(p->alpha[k] / AET_PI);
        for (int i = -b->reach; i <= b->reach; i++)
            b->table[k * b->row + i + b->reach] = exp(-b->alpha[k] * i * i);
    }
    count_terms(b);
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
    aet_release(&(*b)->needed);
    aet_release(&(*b)->needed_row);
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
static void store(double *plane, int64_t start, int i, int low, int high, const lanes *sum)
{
    if (i >= low && i + LANES <= high)
        *(lanes *)(plane + start + i) += *sum;
    else
        for (int l = 0; l < LANES; l++)
            if (i + l >= low && i + l < high)
                plane[start + i + l] += (*sum)[l];
}

/* Rows r < n of the patch, nx apart: row[i] += sum_k weight[k][r]
 * x[k][i] for low <= i < high, in whole vectors of the padded factors;
 * four rows at once keep four sums in flight and read each factor once. */
static void add_rows(double *restrict plane, int64_t start, int nx, int n, int low, int high,
                     const aet_brush *b, double weight[][ROWS], int terms)
{
    for (int i = low / LANES * LANES; i < high; i += LANES) {
        lanes sum[ROWS] = {{0}};
        int needed = terms < b->needed[i / LANES] ? terms : b->needed[i / LANES];
        const double *x = b->x + i;
        for (int k = 0; k < needed; k++, x += b->row)
            for (int r = 0; r < ROWS; r++)
                sum[r] += weight[k][r] * *(const lanes *)x;
        for (int r = 0; r < n; r++)
            store(plane, start + (int64_t)r * nx, i, low, high, &sum[r]);
    }
}

/* The part of a patch around `nearest` that lies on pixels first .. first + n - 1: low <= i < high
 * of the patch, whose pixel i is start + i of the plane. */
typedef struct {
    int nearest, start, low, high;
} range;

/* How many terms count in a group of rows from `first` on: those of the row nearest to the atom. */
static int count_in_rows(const aet_brush *b, int first)
{
    int last = first + ROWS - 1, nearest = first > b->reach  ? first
                                           : last < b->reach ? last
                                                             : b->reach;
    return b->needed_row[nearest];
}

/* The outer product of the factors in x and y, with the amplitudes b->scaled. */
static void add_patch(double *plane, int nx, const aet_brush *b, range rx, range ry)
{
    double weight[AET_PROFILE_TERMS][ROWS];
    for (int j = ry.low; j < ry.high; j += ROWS) {
        int n = ry.high - j < ROWS ? ry.high - j : ROWS, terms = count_in_rows(b, j);
        for (int k = 0; k < terms; k++)
            for (int r = 0; r < ROWS; r++) /* past the last row: padding, not stored */
                weight[k][r] = b->scaled[k] * b->y[k * b->row + j + r];
        add_rows(plane, (int64_t)(ry.start + j) * nx + rx.start, nx, n, rx.low, rx.high, b, weight,
                 terms);
    }
}

/* The patch has `wide` pixels; along x its padding of zeros counts,
 * so that most rows are whole vectors.  False if no part of it lies
 * there; a coordinate that is no number, or far away, has none. */
static bool clip(const aet_brush *b, double x, int wide, int first, int n, range *r)
{
    if (!(x > first - 1 - b->reach && x < first + n + b->reach))
        return false;
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

void aet_paint_atom(double *plane, int nx, int ny, aet_brush *b, double x, double y)
{
    range rx, ry;
    if (!clip(b, x, b->row, 0, nx, &rx) || !clip(b, y, 2 * b->reach + 1, 0, ny, &ry))
        return;
    set_factors(b, x, rx, b->x);
    set_factors(b, y, ry, b->y);
    for (int k = 0; k < b->terms; k++)
        b->scaled[k] = b->amplitude[k];
    add_patch(plane, nx, b, rx, ry);
}

/* One line, at dy from the atom, of which it is at x pixels. */
static void add_line(double *line, int nx, aet_brush *b, double x, double dy)
{
    range rx;
    int row = b->reach + (int)lround(fabs(dy)), terms;
    double weight[AET_PROFILE_TERMS];
    if (row > 2 * b->reach || !clip(b, x, b->row, 0, nx, &rx))
        return;
    terms = b->needed_row[row];
    for (int k = 0; k < terms; k++) {
        weight[k] = b->amplitude[k] * exp(-b->alpha[k] * dy * dy);
        factor(b, k, x - rx.nearest, b->x + k * b->row);
    }
    for (int i = rx.low / LANES * LANES; i < rx.high; i += LANES) {
        lanes sum = {0};
        int needed = terms < b->needed[i / LANES] ? terms : b->needed[i / LANES];
        for (int k = 0; k < needed; k++)
            sum += weight[k] * *(const lanes *)(b->x + k * b->row + i);
        store(line, rx.start, i, rx.low, rx.high, &sum);
    }
}

void aet_paint_lines(double *plane, int nx, int ny, const double *line_x, const double *line_y,
                     aet_brush *b, double x, double y)
{
    for (int j = 0; j < ny; j++)
        if (fabs(line_y[j] - y) <= b->reach)
            add_line(plane + (int64_t)j * nx, nx, b, x - line_x[j], line_y[j] - y);
}

void aet_paint_brick(double *brick, int nx, int ny, int first, int nz, aet_brush *b, double x,
                     double y, double z)
{
    range rx, ry, rz;
    if (!clip(b, x, b->row, 0, nx, &rx) || !clip(b, y, 2 * b->reach + 1, 0, ny, &ry) ||
        !clip(b, z, 2 * b->reach + 1, first, nz, &rz))
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
