#include "aetlas/num/boxconv.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include "num/boxconv_priv.h"
#include <math.h>
#include <string.h>

/* Rows go between ranks in parts of so many bytes (a row at least), so that only one part needs room
 * twice, and is still in cache when it is used. */
#define PART_BYTES (8.0 * 1024 * 1024)

/* ---- set-up ---- */

static aet_err axis_create(int n, double shift, boxconv_axis *a)
{
    a->n = n;
    a->g = aet_fft_good_size(n);
    AET_TRY(aet_lanes_create(a->g, &a->plan));
    AET_TRY(AET_ARRAY(2 * (2 * a->g - 1), "turns of an axis", &a->turn));
    for (int d = -(a->g - 1); d < a->g; d++) {
        double angle = -2 * M_PI * d * shift / a->g;
        a->turn[2 * (d + a->g - 1)] = (float)cos(angle);
        a->turn[2 * (d + a->g - 1) + 1] = (float)sin(angle);
    }
    return AET_OK;
}

static void axis_free(boxconv_axis *a)
{
    aet_lanes_free(&a->plan);
    aet_release(&a->turn);
}

static int blocks_of(int n)
{
    return (n + AET_LANES - 1) / AET_LANES;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* Rows of a rank that make a part. */
static int portion_of(int rows, int planes, int blocks, int ranks)
{
    int mine = aet_slab_of(rows, 0, ranks).count;
    double fit = fmax(1, floor(PART_BYTES / ((double)planes * blocks * sizeof(aet_cell))));

    return fit < mine ? (int)fit : mine;
}

static aet_err arrays(aet_boxconv *c)
{
    const aet_boxconv_shape *s = &c->shape;
    int64_t rows = 2 * s->rows - 1;
    int line = most(c->blocks * AET_LANES, most(c->y.g, s->deep ? c->z.g : 1));

    AET_TRY(AET_ARRAY(line, "lines of a convolution", &c->even));
    AET_TRY(AET_ARRAY(line, "lines of a convolution", &c->odd));
    AET_TRY(AET_ARRAY(rows * c->blocks, "plane of a convolution", &c->plane));
    AET_TRY(AET_ARRAY((int64_t)s->rows * s->pitch, "plane of a convolution", &c->values));
    AET_TRY(AET_ARRAY(most((int)rows, s->planes), "planes of a convolution", &c->at));
    if (!s->deep)
        return AET_OK;
    AET_TRY(AET_ARRAY((int64_t)2 * c->y.g * s->slab.count * c->blocks, "transform of a convolution",
                      &c->spectrum));
    if (c->size > 1)
        AET_TRY(AET_ARRAY((int64_t)c->portion * s->planes * c->blocks, "rows of a convolution",
                          &c->chunk));
    return AET_OK;
}

static aet_err set_up(aet_boxconv *c)
{
    const aet_boxconv_shape *s = &c->shape;

    AET_TRY(axis_create(s->nx, 0.25, &c->x));
    AET_TRY(axis_create(s->rows, 0.5, &c->y));
    if (s->deep)
        AET_TRY(axis_create(s->planes, 0.5, &c->z));
    c->blocks = blocks_of(c->x.g);
    c->rows = aet_slab_of(2 * c->y.g, c->rank, c->size);
    c->portion = portion_of(2 * c->y.g, s->planes, c->blocks, c->size);
    return arrays(c);
}

aet_err aet_boxconv_create(MPI_Comm comm, int nx, int rows, int planes, bool deep,
                           aet_boxconv **out)
{
    aet_boxconv *c = AET_NEW(aet_boxconv, 1);

    AET_ASSERT(nx > 0 && rows > 0 && planes > 0);
    MPI_Comm_rank(comm, &c->rank);
    MPI_Comm_size(comm, &c->size);
    c->shape = (aet_boxconv_shape){.comm = comm,
                                   .nx = nx,
                                   .rows = rows,
                                   .planes = planes,
                                   .deep = deep,
                                   .slab = aet_slab_of(planes, c->rank, c->size),
                                   .pitch = blocks_of(nx) * AET_LANES};
    c->tables = AET_NEW(int, 4 * c->size);
    aet_err err = AET_AGREE(comm, set_up(c));
    if (err != AET_OK)
        aet_boxconv_free(&c);
    *out = c;
    return err;
}

void aet_boxconv_free(aet_boxconv **conv)
{
    aet_boxconv *c = *conv;

    if (!c)
        return;
    axis_free(&c->x);
    axis_free(&c->y);
    axis_free(&c->z);
    aet_release(&c->even);
    aet_release(&c->odd);
    aet_release(&c->plane);
    aet_release(&c->values);
    aet_release(&c->at);
    aet_release(&c->spectrum);
    aet_release(&c->chunk);
    aet_release(&c->tables);
    aet_release(conv);
}

const aet_boxconv_shape *aet_boxconv_get_shape(const aet_boxconv *c)
{
    return &c->shape;
}

int64_t aet_boxconv_kernel_count(const aet_boxconv *c)
{
    int64_t row = (int64_t)c->blocks * AET_LANES * 2;

    return c->shape.deep ? c->rows.count * row * c->z.g : row * c->y.g;
}

int aet_boxconv_kernel_pitch(const aet_boxconv *c)
{
    return blocks_of(2 * c->shape.nx - 1) * AET_LANES;
}

/* ---- between ranks ---- */

/* Rows of a rank in a part, counted from its first. */
static int rows_in(const aet_boxconv *c, int rank, int part)
{
    int left = aet_slab_of(2 * c->y.g, rank, c->size).count - part * c->portion;

    return left < 0 ? 0 : left < c->portion ? left : c->portion;
}

static void exchange(const aet_boxconv *c, int part, bool back)
{
    int *there = c->tables, *here = c->tables + 2 * c->size, mine = rows_in(c, c->rank, part);
    MPI_Datatype row;

    for (int r = 0; r < c->size; r++) {
        aet_slab planes = aet_slab_of(c->shape.planes, r, c->size);
        aet_slab rows = aet_slab_of(2 * c->y.g, r, c->size);
        there[r] = rows_in(c, r, part) * c->shape.slab.count;
        there[c->size + r] =
            there[r] > 0 ? (rows.start + part * c->portion) * c->shape.slab.count : 0;
        here[r] = mine * planes.count;
        here[c->size + r] = here[r] > 0 ? mine * planes.start : 0;
    }
    MPI_Type_contiguous(c->blocks * 2 * AET_LANES, MPI_FLOAT, &row);
    MPI_Type_commit(&row);
    if (back)
        MPI_Alltoallv(c->chunk, here, here + c->size, row, c->spectrum, there, there + c->size, row,
                      c->shape.comm);
    else
        MPI_Alltoallv(c->spectrum, there, there + c->size, row, c->chunk, here, here + c->size, row,
                      c->shape.comm);
    MPI_Type_free(&row);
}

/* Where the planes of row i of this rank's part lie. */
static void chunk_at(const aet_boxconv *c, int part, int i)
{
    int mine = rows_in(c, c->rank, part);

    for (int r = 0; r < c->size; r++) {
        aet_slab s = aet_slab_of(c->shape.planes, r, c->size);
        for (int z = 0; z < s.count; z++)
            c->at[s.start + z] =
                c->chunk + ((int64_t)mine * s.start + (int64_t)i * s.count + z) * c->blocks;
    }
}

/* ---- across planes ---- */

static void across_here(aet_boxconv *c, const boxconv_middle *m)
{
    for (int row = 0; row < c->rows.count; row++) {
        for (int z = 0; z < c->shape.planes; z++)
            c->at[z] = c->spectrum + ((int64_t)row * c->shape.planes + z) * c->blocks;
        boxconv_line(c, &c->z, 0, row, m);
    }
}

static void across_ranks(aet_boxconv *c, const boxconv_middle *m)
{
    int rows = aet_slab_of(2 * c->y.g, 0, c->size).count;

    for (int part = 0; part * c->portion < rows; part++) {
        exchange(c, part, false);
        for (int i = 0; i < rows_in(c, c->rank, part); i++) {
            chunk_at(c, part, i);
            boxconv_line(c, &c->z, 0, part * c->portion + i, m);
        }
        if (m->kernel)
            exchange(c, part, true);
    }
}

static void across(aet_boxconv *c, const boxconv_middle *m)
{
    if (c->size > 1)
        across_ranks(c, m);
    else
        across_here(c, m);
}

/* Across the rows of the plane at hand, where that is all. */
static void within(aet_boxconv *c, int below, const boxconv_middle *m)
{
    for (int i = 0; i < c->y.n + below; i++)
        c->at[i] = c->plane + (int64_t)i * c->blocks;
    boxconv_line(c, &c->y, below, 0, m);
}

/* ---- the convolution ---- */

void aet_boxconv_kernel_plane(aet_boxconv *c, int plane, const float *values)
{
    const aet_boxconv_shape *s = &c->shape;

    boxconv_x_forward(c, values, s->rows - 1, s->nx - 1, aet_boxconv_kernel_pitch(c));
    if (!s->deep)
        return;
    if (s->slab.start + plane == 0)
        for (int64_t i = 0; i < (int64_t)(2 * s->rows - 1) * c->blocks; i++) {
            c->plane[i].re *= 0.5F;
            c->plane[i].im *= 0.5F;
        }
    boxconv_y_forward(c, plane, s->rows - 1);
}

void aet_boxconv_kernel_finish(aet_boxconv *c, float *kernel)
{
    bool deep = c->shape.deep;
    double points = deep ? 4.0 * c->x.g * c->y.g * c->z.g : 2.0 * c->x.g * c->y.g;
    /* of a deep kernel half the planes are given: twice the real part, plane 0 counted half */
    boxconv_middle m = {.make = kernel, .scale = (float)((deep ? 2 : 1) / points)};

    if (deep)
        across(c, &m);
    else
        within(c, c->shape.rows - 1, &m);
}

void aet_boxconv_do(aet_boxconv *c, const aet_boxconv_step *s, double form[AET_BOXCONV_FORMS])
{
    boxconv_middle m = {.kernel = s->kernel, .form = form};
    bool deep = c->shape.deep;

    for (int i = 0; i < AET_BOXCONV_FORMS; i++) {
        m.watch[i] = s->watch[i];
        form[i] = 0;
    }
    for (int p = 0; p < c->shape.slab.count; p++) {
        s->give(s->context, p, c->values);
        boxconv_x_forward(c, c->values, 0, 0, c->shape.pitch);
        if (deep) {
            boxconv_y_forward(c, p, 0);
            continue;
        }
        within(c, 0, &m);
        if (s->kernel) {
            boxconv_x_backward(c);
            s->take(s->context, p, c->values);
        }
    }
    if (!deep)
        return;
    across(c, &m);
    for (int p = 0; s->kernel && p < c->shape.slab.count; p++) {
        boxconv_y_backward(c, p);
        boxconv_x_backward(c);
        s->take(s->context, p, c->values);
    }
}

/* ---- what it costs ---- */

/* Cells of the transform on the first rank. */
static double cells(int nx, int rows, int planes, bool deep, int ranks)
{
    double slab = deep ? aet_slab_of(planes, 0, ranks).count : 0;

    return 2.0 * aet_fft_good_size(rows) * slab * blocks_of(aet_fft_good_size(nx));
}

double aet_boxconv_bytes(int nx, int rows, int planes, bool deep, int ranks)
{
    int blocks = blocks_of(aet_fft_good_size(nx));
    double plane = (2.0 * rows - 1) * blocks * sizeof(aet_cell) +
                   (double)rows * blocks_of(nx) * sizeof(aet_lane);
    double part = 0;

    if (deep && ranks > 1)
        part = (double)portion_of(2 * aet_fft_good_size(rows), planes, blocks, ranks) * planes *
               blocks;
    return (cells(nx, rows, planes, deep, ranks) + part) * sizeof(aet_cell) + plane;
}

double aet_boxconv_kernel_bytes(int nx, int rows, int planes, bool deep, int ranks)
{
    double g = aet_fft_good_size(rows), across = deep ? aet_slab_of(2 * (int)g, 0, ranks).count : 1;

    return across * blocks_of(aet_fft_good_size(nx)) * 2 * (deep ? aet_fft_good_size(planes) : g) *
           sizeof(aet_lane);
}

double aet_boxconv_sent_bytes(int nx, int rows, int planes, bool deep, int ranks)
{
    return 2 * cells(nx, rows, planes, deep, ranks) * sizeof(aet_cell) * (ranks - 1) / ranks;
}
