#include "aetlas/physics/gram.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/boxconv.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/geometry.h"
#include <math.h>
#include <string.h>

struct aet_gram {
    MPI_Comm comm;
    aet_boxconv *conv;
    const aet_boxconv_shape *shape; /* rows along x, nx along y */
    float *kernel;
    const float *x; /* of the application at hand */
    float *out;
};

/* ---- the kernel ---- */

/* sin(pi t), right to 2e-7. */
static inline float sin_pi(float t)
{
    float s = t - 2 * rintf(0.5F * t), a = fabsf(s);

    a = a > 0.5F ? 1 - a : a;
    float q = a * a;
    float p =
        a *
        (3.14159265F +
         q * (-5.16771278F +
              q * (2.55016404F + q * (-0.599264529F + q * (0.0821458866F - 0.00737043094F * q)))));
    return s < 0 ? -p : p;
}

/* D as numerator and denominator, of t within half a period. */
static inline void fraction(float at, float period, float per_period, float *over, float *under)
{
    float t = at - period * rintf(at * per_period);
    bool middle = fabsf(t) < 1e-3F; /* there 1 - pi^2 t^2 / 6 */

    *over = middle ? 1 - 1.645F * t * t : sin_pi(t);
    *under = middle ? 1 : period * sin_pi(t * per_period);
}

typedef struct {
    float u, du, pu, v, dv, pv;
} wave;

/* Adds the waves of n offsets along y. */
static void add_row(const wave *w, int n, float *row)
{
    float u0 = w->u, du = w->du, pu = w->pu, v0 = w->v, dv = w->dv, pv = w->pv;
    float per_pu = 1 / pu, per_pv = 1 / pv;

    for (int k = 0; k < n; k++) {
        float a, b, c, d;
        fraction(u0 + (float)k * du, pu, per_pu, &a, &b);
        fraction(v0 + (float)k * dv, pv, per_pv, &c, &d);
        row[k] += a * c / (b * d);
    }
}

static void plane_fill(const aet_projector_setup *s, const int field[2], int dz, int pitch,
                       float *plane)
{
    memset(plane, 0, (size_t)(2 * s->nx - 1) * (size_t)pitch * sizeof *plane);
    for (int i = 0; i < s->n; i++) {
        double R[3][3];
        aet_rotation(s->angles_deg[i], R);
        for (int row = 0; row < 2 * s->nx - 1; row++) {
            double d[3] = {row - (s->nx - 1), -(s->ny - 1), dz}, at[3];
            aet_rotate((const double(*)[3])R, d, at);
            wave w = {(float)at[0], (float)R[0][1], (float)field[0],
                      (float)at[1], (float)R[1][1], (float)field[1]};
            add_row(&w, 2 * s->ny - 1, plane + (int64_t)row * pitch);
        }
    }
}

static aet_err kernel_make(aet_gram *g, const aet_projector_setup *s, const int field[2])
{
    int pitch = aet_boxconv_kernel_pitch(g->conv);
    float *plane = NULL;
    aet_err err = AET_ARRAY((int64_t)(2 * s->nx - 1) * pitch, "plane of a kernel", &plane);

    AET_TRY(AET_AGREE(g->comm, err));
    for (int k = 0; k < g->shape->slab.count; k++) {
        plane_fill(s, field, g->shape->slab.start + k, pitch, plane);
        aet_boxconv_kernel_plane(g->conv, k, plane);
    }
    aet_release(&plane);
    err = AET_ARRAY(aet_boxconv_kernel_count(g->conv), "kernel of the projector", &g->kernel);
    AET_TRY(AET_AGREE(g->comm, err));
    aet_boxconv_kernel_finish(g->conv, g->kernel);
    return AET_OK;
}

/* ---- use ---- */

static void give(void *context, int plane, float *values)
{
    const aet_gram *g = context;
    const aet_boxconv_shape *s = g->shape;

    for (int row = 0; row < s->rows; row++)
        memcpy(values + (int64_t)row * s->pitch, g->x + ((int64_t)plane * s->rows + row) * s->nx,
               (size_t)s->nx * sizeof *values);
}

static void take(void *context, int plane, float *values)
{
    const aet_gram *g = context;
    const aet_boxconv_shape *s = g->shape;

    for (int row = 0; row < s->rows; row++)
        memcpy(g->out + ((int64_t)plane * s->rows + row) * s->nx, values + (int64_t)row * s->pitch,
               (size_t)s->nx * sizeof *values);
}

double aet_gram_apply(aet_gram *g, const float *x, float *out)
{
    aet_boxconv_step step = {
        .context = g, .give = give, .kernel = g->kernel, .take = take, .watch = {g->kernel}};
    double form[AET_BOXCONV_FORMS];

    g->x = x;
    g->out = out;
    aet_boxconv_do(g->conv, &step, form);
    aet_sum_double(g->comm, form, 1);
    return form[0];
}

double aet_gram_bound(aet_gram *gram, const uint8_t *mask, int steps, float *x, float *g)
{
    int64_t n = (int64_t)gram->shape->slab.count * gram->shape->rows * gram->shape->nx;
    double bound = INFINITY;

    for (int64_t i = 0; i < n; i++)
        x[i] = !mask || mask[i] ? 1 : 0;
    for (int k = 0; k < steps; k++) {
        double top[2] = {0, 0};
        aet_gram_apply(gram, x, g);
        for (int64_t i = 0; i < n; i++)
            if (x[i] > 0) {
                top[0] = fmax(top[0], (double)(g[i] / x[i]));
                top[1] = fmax(top[1], (double)g[i]);
            }
        MPI_Allreduce(MPI_IN_PLACE, top, 2, MPI_DOUBLE, MPI_MAX, gram->comm);
        bound = fmin(bound, top[0]);
        /* a floor keeps the bound from being spoiled by rounding, as in aet_linop_norm2_bound */
        for (int64_t i = 0; i < n; i++)
            if (x[i] > 0)
                x[i] = fmaxf((float)((double)g[i] / top[1]), 1e-3F);
    }
    return bound;
}

/* ---- set-up ---- */

void aet_gram_free(aet_gram **gram)
{
    aet_gram *g = *gram;

    if (!g)
        return;
    aet_boxconv_free(&g->conv);
    aet_release(&g->kernel);
    aet_release(gram);
}

aet_err aet_gram_create(MPI_Comm comm, const aet_projector_setup *s, double oversampling,
                        aet_gram **gram)
{
    aet_gram *g = AET_NEW(aet_gram, 1);
    aet_err err = AET_OK;
    int field[2];

    g->comm = comm;
    aet_slice_field(s, oversampling, field);
    AET_GO(aet_boxconv_create(comm, s->ny, s->nx, s->nz, true, &g->conv));
    g->shape = aet_boxconv_get_shape(g->conv);
    AET_GO(kernel_make(g, s, field));
done:
    if (err != AET_OK)
        aet_gram_free(&g);
    *gram = g;
    return err;
}

double aet_gram_bytes(const int size[3], int ranks)
{
    return aet_boxconv_bytes(size[1], size[0], size[2], true, ranks) +
           aet_boxconv_kernel_bytes(size[1], size[0], size[2], true, ranks) +
           4.0 * size[0] * size[1] * sizeof(float);
}
