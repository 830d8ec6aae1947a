#include "aetlas/num/linop.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/par/agree.h"
#include <math.h>

void aet_linop_forward(const aet_linop *op, const float *x, float *y)
{
    op->forward(op, x, y);
}

void aet_linop_adjoint(const aet_linop *op, const float *y, float *x)
{
    op->adjoint(op, y, x);
}

void aet_linop_free(aet_linop **op)
{
    if (!*op)
        return;
    if ((*op)->free_ctx)
        (*op)->free_ctx((*op)->ctx);
    aet_release(op);
}

static double dot(const float *a, const float *b, int64_t n)
{
    double sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

double aet_linop_dot_domain(const aet_linop *op, const float *a, const float *b)
{
    double sum = dot(a, b, op->n_domain);

    aet_sum_double(op->comm, &sum, 1);
    return sum;
}

double aet_linop_dot_range(const aet_linop *op, const float *a, const float *b)
{
    return dot(a, b, op->n_range);
}

static void fill_uniform(float *a, int64_t n, aet_rng key)
{
    double u[4];

    for (int64_t i = 0; i < n; i++) {
        if (i % 4 == 0)
            aet_rng_uniform4(key, (uint64_t)(i / 4), u);
        a[i] = (float)u[i % 4];
    }
}

/* Two vectors of each kind, all or none, on all ranks. */
static aet_err vectors(const aet_linop *op, float **x, float **gx, float **y)
{
    aet_err err = AET_OK;

    AET_GO(AET_ARRAY(op->n_domain, "operator domain vector", x));
    AET_GO(AET_ARRAY(op->n_domain, "operator domain vector", gx));
    AET_GO(AET_ARRAY(op->n_range, "operator range vector", y));
done:
    return aet_agree(op->comm, err);
}

aet_err aet_linop_adjoint_error(const aet_linop *op, uint64_t seed, double *relative)
{
    aet_err err = AET_OK;
    float *x = NULL, *back = NULL, *y = NULL, *ax = NULL;
    int rank;

    MPI_Comm_rank(op->comm, &rank);
    AET_GO(vectors(op, &x, &back, &y));
    AET_GO(AET_AGREE(op->comm, AET_ARRAY(op->n_range, "operator range vector", &ax)));
    fill_uniform(x, op->n_domain, (aet_rng){seed, (uint32_t)rank + 1, AET_RNG_TEST});
    fill_uniform(y, op->n_range, (aet_rng){seed, 0, AET_RNG_TEST});
    aet_linop_forward(op, x, ax);
    aet_linop_adjoint(op, y, back);
    double left = aet_linop_dot_range(op, ax, y);
    double right = aet_linop_dot_domain(op, x, back);
    *relative = fabs(left - right) / (fabs(left) > 0 ? fabs(left) : 1);
done:
    aet_release(&x);
    aet_release(&back);
    aet_release(&y);
    aet_release(&ax);
    return err;
}

/* One power step: x becomes g / max g; gives the Collatz-Wielandt bound and max g. */
static double power_step(const aet_linop *op, const uint8_t *mask, const float *g, float *x)
{
    double top[2] = {0, 0};

    for (int64_t i = 0; i < op->n_domain; i++) {
        if ((mask && !mask[i]) || x[i] <= 0)
            continue;
        top[0] = fmax(top[0], (double)g[i] / (double)x[i]);
        top[1] = fmax(top[1], (double)g[i]);
    }
    MPI_Allreduce(MPI_IN_PLACE, top, 2, MPI_DOUBLE, MPI_MAX, op->comm);
    /* Entries far below the largest no longer matter for the eigenvector but would spoil the ratio
     * by rounding: they stay at a floor, which keeps x > 0 and the bound rigorous. */
    for (int64_t i = 0; i < op->n_domain; i++)
        if ((!mask || mask[i]) && x[i] > 0)
            x[i] = top[1] > 0 ? fmaxf((float)((double)g[i] / top[1]), 1e-3F) : 0;
    return top[0];
}

aet_err aet_linop_norm2_bound(const aet_linop *op, const uint8_t *mask, int steps, double *bound)
{
    aet_err err = AET_OK;
    float *x = NULL, *g = NULL, *y = NULL;

    *bound = 0;
    AET_GO(vectors(op, &x, &g, &y));
    for (int64_t i = 0; i < op->n_domain; i++)
        x[i] = !mask || mask[i] ? 1 : 0;
    for (int s = 0; s < steps; s++) {
        aet_linop_forward(op, x, y);
        aet_linop_adjoint(op, y, g);
        double now = power_step(op, mask, g, x);
        *bound = s == 0 ? now : fmin(*bound, now);
    }
done:
    aet_release(&x);
    aet_release(&g);
    aet_release(&y);
    return err;
}
