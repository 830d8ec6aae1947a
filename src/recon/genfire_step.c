/* A step of GENFIRE, plain or accelerated, in one pass over the object beside the convolution.
 *
 * A step starts from a = now + beta (now - before), beta = 0 for plain ones.  While planes of h*a come
 * out of the convolution, the next object P[a + b - h*a] takes the place of the one before, and with it
 * come the products that make the error of a and tell whether the momentum points uphill. */
#include "aetlas/par/agree.h"
#include "recon/genfire_priv.h"
#include <math.h>
#include <string.h>

/* R_free of the accelerated method costs half an iteration: it is looked at this often. */
enum { CHECK_EVERY = 5 };
/* Errors that are not much above the least.  R_free is flat about its least value, and the sharpness
 * of the atoms comes last: in simulated series of the papers' dose most atoms were found where R_free
 * had risen by 3 to 6 %; the distance to the truth is still far below that of 1000 plain iterations. */
#define WELL 1.05

enum { FORM, PRODUCT, UPHILL, FREE_PRODUCT, SUMS };
enum { SIDE = 16 }; /* sums side by side, so that the loop need not wait for each addition */

/* ---- rows ---- */

static inline __attribute__((always_inline)) void ahead(const float *now, const float *before,
                                                        float beta, const int n, float *a)
{
    for (int i = 0; i < n; i++)
        a[i] = now[i] + beta * (now[i] - before[i]);
}

typedef struct {
    const float *now, *b, *conv, *support;
    float *before;
    float beta, low;
} row;

static inline __attribute__((always_inline)) void step_cells(const row *r, const int at,
                                                             const int n, float sums[3][SIDE])
{
    float a[SIDE], next[SIDE];

    ahead(r->now + at, r->before + at, r->beta, n, a);
    for (int i = 0; i < n; i++) {
        float x = a[i] + r->b[at + i] - r->conv[at + i];
        next[i] = x > r->low ? x : r->low;
    }
    if (r->support)
        for (int i = 0; i < n; i++)
            next[i] = r->support[at + i] > 0 ? next[i] : 0;
    for (int i = 0; i < n; i++) {
        sums[FORM][i] += a[i] * r->conv[at + i];
        sums[PRODUCT][i] += a[i] * r->b[at + i];
        /* the step just made against the way travelled */
        sums[UPHILL][i] += (a[i] - next[i]) * (next[i] - r->now[at + i]);
        r->before[at + i] = next[i];
    }
}

/* Sums of one row in single precision, of rows in double. */
static void step_row(const row *r, int n, double *total)
{
    float sums[3][SIDE] = {{0}};
    int i = 0;

    for (; i + SIDE <= n; i += SIDE)
        step_cells(r, i, SIDE, sums);
    if (i < n)
        step_cells(r, i, n - i, sums);
    for (int s = 0; s < 3; s++)
        for (int k = 0; k < SIDE; k++)
            total[s] += (double)sums[s][k];
}

static double dot_row(const float *restrict a, const float *restrict b, int n)
{
    float sums[SIDE] = {0};
    double sum = 0;
    int i = 0;

    for (; i + SIDE <= n; i += SIDE)
        for (int k = 0; k < SIDE; k++)
            sums[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum += (double)(a[i] * b[i]);
    for (int k = 0; k < SIDE; k++)
        sum += (double)sums[k];
    return sum;
}

/* ---- planes ---- */

/* Where row y of a plane begins in arrays of voxels. */
static int64_t voxel(const genfire_job *j, int plane, int y)
{
    return ((int64_t)plane * j->shape->rows + y) * j->shape->nx;
}

static void give_ahead(void *context, int plane, float *values)
{
    genfire_job *j = context;
    const aet_boxconv_shape *s = j->shape;

    for (int y = 0; y < s->rows; y++, values += s->pitch) {
        int64_t at = voxel(j, plane, y);
        if (j->beta > 0)
            ahead(j->now + at, j->before + at, (float)j->beta, s->nx, values);
        else
            memcpy(values, j->now + at, (size_t)s->nx * sizeof *values);
        if (j->watch && !j->fast)
            j->sums[FREE_PRODUCT] += dot_row(values, j->free.b + at, s->nx);
    }
}

static void give_now(void *context, int plane, float *values)
{
    genfire_job *j = context;
    const aet_boxconv_shape *s = j->shape;

    for (int y = 0; y < s->rows; y++, values += s->pitch) {
        int64_t at = voxel(j, plane, y);
        memcpy(values, j->now + at, (size_t)s->nx * sizeof *values);
        j->sums[PRODUCT] += dot_row(values, j->data.b + at, s->nx);
        if (j->watch)
            j->sums[FREE_PRODUCT] += dot_row(values, j->free.b + at, s->nx);
    }
}

static void take_conv(void *context, int plane, float *values)
{
    genfire_job *j = context;
    const aet_boxconv_shape *s = j->shape;

    for (int y = 0; y < s->rows; y++, values += s->pitch) {
        int64_t at = voxel(j, plane, y);
        row r = {.now = j->now + at,
                 .b = j->data.b + at,
                 .conv = values,
                 .support = j->support ? j->support + at : NULL,
                 .before = j->before + at,
                 .beta = (float)j->beta,
                 .low = j->params->positivity ? 0 : -INFINITY};
        step_row(&r, s->nx, j->sums);
    }
}

/* ---- errors ---- */

static double relative(double form, double product, double norm2)
{
    double square = form - 2 * product + norm2;

    if (!isfinite(square))
        return (double)NAN;
    return norm2 > 0 ? sqrt(fmax(square, 0) / norm2) : 0;
}

static void errors(const genfire_job *j, const double sums[SUMS], double free_form,
                   aet_recon_step *step)
{
    const double none = (double)NAN;

    *step = (aet_recon_step){.r1 = none, .r2 = none, .cost = none, .r_free2 = none};
    step->k_error2 = relative(sums[FORM], sums[PRODUCT], j->data.norm2);
    if (!isnan(free_form))
        step->r_free2 = relative(free_form, sums[FREE_PRODUCT], j->free.norm2);
}

static void swap(float **a, float **b)
{
    float *t = *a;

    *a = *b;
    *b = t;
}

static bool better(genfire_job *j, int it, double error, aet_recon_report *report)
{
    bool less = error < j->best_error;

    if (less) {
        j->best_error = error;
        j->best_at = it;
        report->best = it;
    }
    if (error <= WELL * j->best_error)
        j->well_at = it;
    return less;
}

/* ---- steps ---- */

/* From a to the next object, which takes the place of the one before. */
static double step_on(genfire_job *j, const float *watch)
{
    aet_boxconv_step s = {.context = j,
                          .give = give_ahead,
                          .kernel = j->data.kernel,
                          .take = take_conv,
                          .watch = {watch}};
    double form[AET_BOXCONV_FORMS], all[SUMS + 1];

    memset(j->sums, 0, sizeof j->sums);
    aet_boxconv_do(j->conv, &s, form);
    memcpy(all, j->sums, sizeof j->sums);
    all[SUMS] = form[0];
    aet_sum_double(j->comm, all, SUMS + 1);
    memcpy(j->sums, all, sizeof j->sums);
    return watch ? all[SUMS] : (double)NAN;
}

static void step_plain(genfire_job *j, int it, aet_recon_report *report)
{
    aet_recon_step *step = report->curve + it;
    double apart = step_on(j, j->watch ? j->free.kernel : NULL);

    errors(j, j->sums, apart, step);
    if (better(j, it, step->k_error2, report))
        swap(&j->best, &j->now);
    swap(&j->now, &j->before);
}

/* Errors of the object itself, not of the point ahead of it. */
static void check(genfire_job *j, int it, aet_recon_report *report)
{
    aet_boxconv_step s = {
        .context = j, .give = give_now, .watch = {j->data.kernel, j->free.kernel}};
    double form[AET_BOXCONV_FORMS], all[SUMS + 1];

    memset(j->sums, 0, sizeof j->sums);
    aet_boxconv_do(j->conv, &s, form);
    memcpy(all, j->sums, sizeof j->sums);
    all[FORM] = form[0];
    all[SUMS] = form[1];
    aet_sum_double(j->comm, all, SUMS + 1);
    errors(j, all, j->watch ? all[SUMS] : (double)NAN, report->curve + it);
    const aet_recon_step *step = report->curve + it;
    if (better(j, it, j->watch ? step->r_free2 : step->k_error2, report))
        memcpy(j->best, j->now, (size_t)j->n * sizeof *j->best);
}

/* Momentum for the next step; none if this one went uphill along the way travelled. */
static void go_ahead(genfire_job *j)
{
    double t = (1 + sqrt(1 + 4 * j->t * j->t)) / 2;

    j->beta = (j->t - 1) / t;
    j->t = t;
    if (j->sums[UPHILL] > 0) {
        j->t = 1;
        j->beta = 0;
    }
    swap(&j->now, &j->before);
}

static void step_fast(genfire_job *j, int it, aet_recon_report *report)
{
    bool look = it % CHECK_EVERY == 0 || it == (int)j->last - 1;

    if (look)
        check(j, it, report);
    step_on(j, NULL);
    if (!look)
        errors(j, j->sums, (double)NAN, report->curve + it);
    go_ahead(j);
}

void genfire_step(genfire_job *j, int it, aet_recon_report *report)
{
    if (j->fast)
        step_fast(j, it, report);
    else
        step_plain(j, it, report);
}
