/* The quadratic of a set of measured points: the kernel of its convolution, its right-hand side. */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "recon/recon_priv.h"
#include <string.h>

typedef struct {
    aet_boxconv *conv;
    const aet_boxconv_shape *shape;
    recon_quadratic *q;
} making;

static void take_b(void *context, int plane, float *values)
{
    const making *m = context;
    const aet_boxconv_shape *s = m->shape;

    for (int y = 0; y < s->rows; y++)
        memcpy(m->q->b + ((int64_t)plane * s->rows + y) * s->nx, values + (int64_t)y * s->pitch,
               (size_t)s->nx * sizeof *values);
}

static void take_kernel(void *context, int plane, float *values)
{
    const making *m = context;

    aet_boxconv_kernel_plane(m->conv, plane, values);
}

static aet_err make_b(making *m, recon_pruned which)
{
    which.values = true;
    which.nx = m->shape->nx;
    which.ny = m->shape->rows;
    which.nz = m->shape->planes;
    which.first_x = 0;
    which.first_y = 0;
    return recon_pruned_sum(m->shape->comm, &which, take_b, m);
}

static aet_err make_kernel(making *m, recon_pruned which)
{
    which.values = false;
    which.nx = 2 * m->shape->nx - 1;
    which.ny = 2 * m->shape->rows - 1;
    which.nz = m->shape->planes;
    which.first_x = 1 - m->shape->nx;
    which.first_y = 1 - m->shape->rows;
    AET_TRY(recon_pruned_sum(m->shape->comm, &which, take_kernel, m));
    if (!m->q->kernel)
        AET_TRY(AET_AGREE(m->shape->comm, AET_ARRAY(aet_boxconv_kernel_count(m->conv),
                                                    "GENFIRE kernel", &m->q->kernel)));
    aet_boxconv_kernel_finish(m->conv, m->q->kernel);
    return AET_OK;
}

/* Sum of squares of the values over the whole grid, over m^3 as h and b are. */
static void make_norm(MPI_Comm comm, const recon_pruned *which, recon_quadratic *q)
{
    double m = which->grid->m, sum = 0;

    for (int64_t i = 0; i < which->n_points; i++) {
        const recon_point *p = which->points + i;
        if (p->withheld == which->withheld &&
            recon_length2(which->grid, p->kx, p->ky, p->kz) < which->reach2)
            sum += (p->kx > 0 ? 2 : 1) *
                   ((double)p->re * (double)p->re + (double)p->im * (double)p->im);
    }
    aet_sum_double(comm, &sum, 1);
    q->norm2 = sum / (m * m * m);
}

aet_err recon_quadratic_make(aet_boxconv *c, const recon_pruned *which, recon_quadratic *q)
{
    const aet_boxconv_shape *s = aet_boxconv_get_shape(c);
    making m = {c, s, q};

    if (!q->b)
        AET_TRY(AET_AGREE(s->comm, AET_ARRAY((int64_t)s->slab.count * s->rows * s->nx,
                                             "GENFIRE right-hand side", &q->b)));
    make_norm(s->comm, which, q);
    AET_TRY(make_b(&m, *which));
    return make_kernel(&m, *which);
}

static void add(float *restrict to, const float *restrict from, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        to[i] += from[i];
}

void recon_quadratic_join(const aet_boxconv *c, recon_quadratic *q, recon_quadratic *other)
{
    const aet_boxconv_shape *s = aet_boxconv_get_shape(c);

    add(q->kernel, other->kernel, aet_boxconv_kernel_count(c));
    add(q->b, other->b, (int64_t)s->slab.count * s->rows * s->nx);
    q->norm2 += other->norm2;
    recon_quadratic_free(other);
}

void recon_quadratic_free(recon_quadratic *q)
{
    aet_release(&q->kernel);
    aet_release(&q->b);
}
