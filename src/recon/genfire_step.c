/* A step of GENFIRE, plain or accelerated, in one pass over the object beside the convolution.
 *
 * A step starts from a = now + beta (now - before), beta = 0 for plain ones.  While planes of h*a come
 * out of the convolution, the next object P[a + b - h*a] takes the place of the one before, and with it
 * come the products that make the error of a and tell whether the momentum points uphill. */
#include "aetlas/num/lanes.h"
#include "aetlas/par/agree.h"
#include "recon/genfire_priv.h"
#include <math.h>
#include <string.h>

/* R_free of the accelerated method costs half an iteration: it is looked at this often, and while there is
 * none only the last object is looked at. */
enum { CHECK_EVERY = 5 };

enum { FORM, PRODUCT, UPHILL, FREE_PRODUCT, SUMS };

/* ---- rows ---- */

typedef int32_t mask_lane __attribute__((vector_size(sizeof(aet_lane))));

/* 16 values from anywhere; n of them at the end of a row. */
static inline __attribute__((always_inline)) void load(const float *from, int n, aet_lane *v)
{
    if (n < AET_LANES)
        *v = (aet_lane){0};
    memcpy(v, from, n < AET_LANES ? (size_t)n * sizeof *from : sizeof *v);
}

static inline __attribute__((always_inline)) void store(float *to, int n, const aet_lane *v)
{
    memcpy(to, v, n < AET_LANES ? (size_t)n * sizeof *to : sizeof *v);
}

static double sum_of(const aet_lane *v)
{
    double sum = 0;

    for (int l = 0; l < AET_LANES; l++)
        sum += (double)(*v)[l];
    return sum;
}

typedef struct {
    const float *now, *b, *conv, *support;
    float *before;
    float beta;
    bool positive;
} row;

static inline __attribute__((always_inline)) void step_cells(const row *r, int at, int n,
                                                             aet_lane sums[3])
{
    aet_lane now, before, b, conv, support;

    load(r->now + at, n, &now);
    load(r->before + at, n, &before);
    load(r->b + at, n, &b);
    load(r->conv + at, n, &conv);
    aet_lane a = now + r->beta * (now - before), next = a + b - conv;
    if (r->positive)
        next = (aet_lane)((mask_lane)next & (next > 0));
    if (r->support) {
        load(r->support + at, n, &support);
        next = (aet_lane)((mask_lane)next & (support > 0));
    }
    sums[FORM] += a * conv;
    sums[PRODUCT] += a * b;
    sums[UPHILL] += (a - next) * (next - now); /* the step just made against the way travelled */
    store(r->before + at, n, &next);
}

/* Sums of one row in single precision, of rows in double. */
static void step_row(const row *r, int n, double *total)
{
    aet_lane sums[3] = {{0}};
    int i = 0;

    for (; i + AET_LANES <= n; i += AET_LANES)
        step_cells(r, i, AET_LANES, sums);
    if (i < n)
        step_cells(r, i, n - i, sums);
    for (int s = 0; s < 3; s++)
        total[s] += sum_of(sums + s);
}

static inline __attribute__((always_inline)) void ahead_cells(const float *now, const float *before,
                                                              float beta, int n, float *a)
{
    aet_lane v, w;

    load(now, n, &v);
    load(before, n, &w);
    v += beta * (v - w);
    store(a, n, &v);
}

static void ahead_row(const float *now, const float *before, float beta, int n, float *a)
{
    int i = 0;

    for (; i + AET_LANES <= n; i += AET_LANES)
        ahead_cells(now + i, before + i, beta, AET_LANES, a + i);
    if (i < n)
        ahead_cells(now + i, before + i, beta, n - i, a + i);
}

static inline __attribute__((always_inline)) void dot_cells(const float *a, const float *b, int n,
                                                            aet_lane *sums)
{
    aet_lane v, w;

    load(a, n, &v);
    load(b, n, &w);
    *sums += v * w;
}

static double dot_row(const float *a, const float *b, int n)
{
    aet_lane sums = {0};
    int i = 0;

    for (; i + AET_LANES <= n; i += AET_LANES)
        dot_cells(a + i, b + i, AET_LANES, &sums);
    if (i < n)
        dot_cells(a + i, b + i, n - i, &sums);
    return sum_of(&sums);
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
            ahead_row(j->now + at, j->before + at, (float)j->beta, s->nx, values);
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
                 .positive = j->params->positivity};
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
    if (error <= RECON_WELL * j->best_error)
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

/* The object of the last iteration is given back or forgotten, so it makes no step. */
static void step_fast(genfire_job *j, int it, aet_recon_report *report)
{
    bool end = it == (int)j->last - 1, look = end || (j->watch && it % CHECK_EVERY == 0);

    if (look)
        check(j, it, report);
    if (end)
        return;
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
