/* ranks: 1 2 3 4 */
/* Convolutions of a box against plain sums; linear, symmetric, and the quadratic form of themselves. */
#include "test.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/num/boxconv.h"
#include "aetlas/par/agree.h"

/* Relative to the root mean square of the result: single precision through six passes of transforms there
 * and back. */
#define TOL 5e-6

typedef struct {
    int nx, rows, planes;
    bool deep;
} box;

static float value(int item, int x, int y, int z)
{
    aet_rng key = {11, (uint32_t)item, AET_RNG_TEST};

    return (float)(2 * aet_rng_uniform(key, (uint64_t)((z * 128 + y) * 128 + x)) - 1);
}

/* An even kernel, any values else. */
static float kernel_value(int item, int x, int y, int z)
{
    return value(item, x + 64, y + 64, z + 64) + value(item, 64 - x, 64 - y, 64 - z);
}

typedef struct {
    const aet_boxconv_shape *s;
    int item, other;  /* values of item, plus 2 * other's if that is not 0 */
    int kernel_pitch; /* of a kernel, else 0 */
    float *out;       /* [planes mine][rows][nx] */
} context;

static float item_value(const context *c, int x, int y, int z)
{
    return value(c->item, x, y, z) + (c->other ? 2 * value(c->other, x, y, z) : 0);
}

static void give(void *p, int plane, float *values)
{
    const context *c = p;

    for (int y = 0; y < c->s->rows; y++)
        for (int x = 0; x < c->s->nx; x++)
            values[y * c->s->pitch + x] = item_value(c, x, y, plane + c->s->slab.start);
}

static void give_kernel(void *p, int plane, float *values)
{
    const context *c = p;
    int ny = c->s->rows, nx = c->s->nx, z = c->s->deep ? plane + c->s->slab.start : 0;

    for (int y = 1 - ny; y < ny; y++)
        for (int x = 1 - nx; x < nx; x++)
            values[(y + ny - 1) * c->kernel_pitch + x + nx - 1] = kernel_value(c->item, x, y, z);
}

static void take(void *p, int plane, float *values)
{
    const context *c = p;

    for (int y = 0; y < c->s->rows; y++)
        memcpy(c->out + ((int64_t)plane * c->s->rows + y) * c->s->nx, values + y * c->s->pitch,
               (size_t)c->s->nx * sizeof *values);
}

static double direct(const context *c, int kernel, int x, int y, int z)
{
    double sum = 0;

    for (int w = 0; w < c->s->planes; w++)
        for (int v = 0; v < c->s->rows; v++)
            for (int u = 0; u < c->s->nx; u++)
                if (c->s->deep || w == z)
                    sum += (double)kernel_value(kernel, x - u, y - v, z - w) *
                           (double)item_value(c, u, v, w);
    return sum;
}

/* Root mean square of out - want, over that of want; and <given x, want>. */
static double deviation(const context *c, int kernel, double *product)
{
    const aet_boxconv_shape *s = c->s;
    double sums[3] = {0};

    for (int z = 0; z < s->slab.count; z++)
        for (int y = 0; y < s->rows; y++)
            for (int x = 0; x < s->nx; x++) {
                double want = direct(c, kernel, x, y, z + s->slab.start);
                double got = (double)c->out[((int64_t)z * s->rows + y) * s->nx + x];
                sums[0] += (got - want) * (got - want);
                sums[1] += want * want;
                sums[2] += want * (double)item_value(c, x, y, z + s->slab.start);
            }
    aet_sum_double(s->comm, sums, 3);
    *product = sums[2];
    return sqrt(sums[0] / sums[1]);
}

static float *kernel_make(aet_boxconv *c, int item)
{
    context k = {
        .s = aet_boxconv_get_shape(c), .item = item, .kernel_pitch = aet_boxconv_kernel_pitch(c)};
    float *kernel = NULL;

    T_OK(AET_ARRAY(aet_boxconv_kernel_count(c), "kernel", &kernel));
    float *plane = NULL;
    T_OK(AET_ARRAY((2 * k.s->rows - 1) * k.kernel_pitch, "plane of a kernel", &plane));
    for (int z = 0; z < (k.s->deep ? k.s->slab.count : 1); z++) {
        give_kernel(&k, z, plane);
        aet_boxconv_kernel_plane(c, z, plane);
    }
    aet_boxconv_kernel_finish(c, kernel);
    aet_release(&plane);
    return kernel;
}

/* <out, value(item)> over all ranks */
static double dot(const context *c, int item)
{
    const aet_boxconv_shape *s = c->s;
    double sum = 0;

    for (int z = 0; z < s->slab.count; z++)
        for (int y = 0; y < s->rows; y++)
            for (int x = 0; x < s->nx; x++)
                sum += (double)c->out[((int64_t)z * s->rows + y) * s->nx + x] *
                       (double)value(item, x, y, z + s->slab.start);
    aet_sum_double(s->comm, &sum, 1);
    return sum;
}

static void check_symmetry(aet_boxconv *c, const float *kernel, context *u)
{
    double form[2];
    aet_boxconv_step step = {.context = u, .give = give, .kernel = kernel, .take = take};

    u->item = 1;
    u->other = 0;
    aet_boxconv_do(c, &step, form);
    double a = dot(u, 2), norm = sqrt(dot(u, 1) * dot(u, 1)) + 1;
    u->item = 2;
    aet_boxconv_do(c, &step, form);
    T_NEAR((a - dot(u, 1)) / norm, 0, 1e-4); /* sums of both signs against one of them */
}

static void check_box(const box *b)
{
    aet_boxconv *c = NULL;
    double form[2], product;

    T_OK(aet_boxconv_create(MPI_COMM_WORLD, b->nx, b->rows, b->planes, b->deep, &c));
    context u = {.s = aet_boxconv_get_shape(c), .item = 1, .other = 3};
    u.out = AET_NEW(float, (int64_t)u.s->slab.count * b->rows * b->nx + 1);
    float *h = kernel_make(c, 5), *g = kernel_make(c, 6);
    aet_boxconv_step step = {
        .context = &u, .give = give, .kernel = h, .take = take, .watch = {h, g}};
    aet_boxconv_do(c, &step, form);
    double d = deviation(&u, 5, &product);
    if (!(d <= TOL))
        T_REPORT("%d x %d x %d, deep %d: off by %.3g", b->nx, b->rows, b->planes, b->deep, d);
    aet_sum_double(MPI_COMM_WORLD, form, 2);
    double scale = sqrt((double)b->nx * b->rows * b->planes) * b->nx; /* of a product of these */
    T_NEAR((form[0] - product) / scale, 0, 1e-4);
    step.kernel = NULL; /* forms alone are the same */
    double again[2];
    aet_boxconv_do(c, &step, again);
    aet_sum_double(MPI_COMM_WORLD, again, 2);
    T_CHECK(again[0] == form[0] && again[1] == form[1]);
    deviation(&u, 6, &product);
    T_NEAR((form[1] - product) / scale, 0, 1e-4);
    check_symmetry(c, h, &u);
    aet_release(&u.out);
    aet_release(&h);
    aet_release(&g);
    aet_boxconv_free(&c);
    T_CHECK(c == NULL);
}

/* What planning is told is what is taken: all of it but the few lines in cache. */
static void check_bytes(void)
{
    aet_boxconv *c = NULL;

    T_OK(aet_boxconv_create(MPI_COMM_WORLD, 48, 20, 30, true, &c));
    int64_t n = aet_boxconv_kernel_count(c);
    T_CHECK(t_rank != 0 || (double)n * 4 == aet_boxconv_kernel_bytes(48, 20, 30, true, t_size));
    /* four floats per voxel */
    T_CHECK(t_size != 1 || n == 4 * 48 * 20 * 30);
    T_CHECK(t_size != 1 || aet_boxconv_sent_bytes(48, 20, 30, true, 1) == 0);
    /* rows of 2 x 20 frequencies, half of the planes, 48 complex each, there and back, half of it kept */
    T_NEAR(aet_boxconv_sent_bytes(48, 20, 30, true, 2), 40.0 * 15 * 48 * 8, 0);
    aet_boxconv_free(&c);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    static const box boxes[] = {{1, 1, 1, true},    {2, 3, 2, true},   {16, 7, 9, true},
                                {17, 16, 5, true},  {11, 13, 3, true}, {5, 2, 19, true},
                                {33, 6, 5, true},   {1, 1, 3, false},  {7, 9, 5, false},
                                {18, 17, 3, false}, {32, 11, 6, false}};

    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++)
        check_box(boxes + i);
    check_bytes();
    T_END();
}
