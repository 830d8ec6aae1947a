/* ranks: 1 2 3 4 */
/* GENFIRE without its big grid against the literal algorithm; the accelerated method against both and the truth. */
#include "test.h"

#include "blobs.h"
#define LITERAL_DOUBLE
#include "genfire_literal.h"

#include "aetlas/base/rng.h"

/* Single precision all the way, in another order: some 1e-7 of the largest value per iteration, not amplified,
 * since a step brings no two objects further apart. */
#define TOL_ORACLE 1e-5
/* The root of a difference of sums that are right to some 1e-7. */
#define TOL_ERROR 1e-3

typedef struct {
    const char *name;
    int nx, ny, size_z;
    double oversampling, euler;
    int gridding, enforce, iterations;
    double radius, withheld;
    bool positivity, support;
} oracle_case;

static aet_volume *half_space(int nx, int ny, int nz)
{
    aet_volume *v = NULL;

    T_OK(aet_volume_create(MPI_COMM_WORLD, nx, ny, nz, 1.0, &v));
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        v->density[i] = i % nx + i / nx / ny + v->slab.start < nx ? 1 : 0;
    return v;
}

static aet_recon_params params_of(const oracle_case *c)
{
    aet_recon_params p = defaults(AET_RECON_GENFIRE, c->iterations);

    p.oversampling = c->oversampling;
    p.gridding = c->gridding;
    p.enforce = c->enforce;
    p.radius = c->radius;
    p.withheld = c->withheld;
    p.positivity = c->positivity;
    p.size_z = c->size_z;
    return p;
}

static double gap(double a, double b) /* 0 where both are NAN */
{
    return isnan(a) && isnan(b) ? 0 : fabs(a - b);
}

static void same_curve(const oracle_case *c, const aet_recon_report *a, const aet_recon_report *b)
{
    double worst = 0;

    T_CHECK(a->iterations == b->iterations);
    for (int i = 0; i < a->iterations; i++) {
        worst = fmax(worst, gap(a->curve[i].k_error2, b->curve[i].k_error2));
        worst = fmax(worst, gap(a->curve[i].r_free2, b->curve[i].r_free2));
    }
    if (!(worst <= TOL_ERROR))
        T_REPORT("%s: errors differ by %.3g", c->name, worst);
}

static void same_object(const oracle_case *c, const aet_volume *v, const float *want)
{
    int64_t first = (int64_t)v->slab.start * v->nx * v->ny;
    double worst = 0, peak = 0;

    for (int64_t i = 0; i < (int64_t)v->nx * v->ny * v->nz; i++)
        peak = fmax(peak, fabs((double)want[i]));
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        worst = fmax(worst, fabs((double)v->density[i] - (double)want[first + i]));
    t_checks++;
    if (!(worst <= TOL_ORACLE * peak && peak > 0.1))
        T_REPORT("%s: objects differ by %.3g of %.3g", c->name, worst, peak);
}

static void check_oracle(const oracle_case *c)
{
    aet_tilt *t = series(c->nx, c->ny, c->euler);
    aet_recon_params p = params_of(c);
    aet_recon_report got, want;
    aet_volume *v = NULL, *support = NULL;
    int size[3];
    double k_error = 0;

    aet_recon_size(t, &p, size, size);
    if (c->support)
        support = half_space(size[0], size[1], size[2]);
    float *all = AET_NEW(float, size[0] * size[1] * size[2]);
    recon_report_start(&want, t->n, p.iterations);
    T_OK(literal_genfire(MPI_COMM_WORLD, t, support, &p, size, all, &want, &k_error));
    T_OK(aet_reconstruct(MPI_COMM_WORLD, t, support, &p, &v, &got));
    same_object(c, v, all);
    same_curve(c, &got, &want);
    T_CHECK(k_error > 0 && k_error < 1);
    aet_release(&all);
    aet_recon_report_free(&got);
    aet_recon_report_free(&want);
    aet_volume_free(&v);
    aet_volume_free(&support);
    aet_tilt_free(&t);
}

static const oracle_case cases[] = {
    {"s = 2", S, S, 0, 2, 0, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 12, 0.3, 0, true, false},
    {"s = 3", S, S, 0, 3, 2, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0, true, false},
    {"s = 4", S, S, 0, 4, 5, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 5, 0.2, 0.1, true, true},
    {"s = 1", S, S, 0, 1, 2, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0.1, true, false},
    {"s = 1.6", 21, 21, 0, 1.6, 2, AET_GRIDDING_FFT, AET_ENFORCE_ALL, 8, 0.5, 0, true, true},
    {"odd", 21, 23, 0, 2, 3, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0, false, false},
    {"flat", 26, 17, 15, 2.5, 3, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0.05, true, false},
    {"deep", 15, 16, 27, 2, 30, AET_GRIDDING_FFT, AET_ENFORCE_ALL, 8, 0.5, 0, true, true},
    {"extend", S, S, 0, 2, 0, AET_GRIDDING_DFT, AET_ENFORCE_EXTEND, 20, 0.3, 0.1, true, false},
    {"there and back", 22, S, 0, 2, 3, AET_GRIDDING_FFT, AET_ENFORCE_THERE_AND_BACK, 40, 0.5, 0,
     true, false},
};

/* ---- the accelerated method ---- */

/* Least-squares distance to the truth, over the norm of the truth. */
static double distance(const aet_volume *v, const aet_volume *w)
{
    double sums[2] = {0, 0};

    for (int64_t i = 0; i < aet_volume_count(v); i++) {
        sums[0] += pow((double)v->density[i] - (double)w->density[i], 2);
        sums[1] += pow((double)w->density[i], 2);
    }
    aet_sum_double(MPI_COMM_WORLD, sums, 2);
    return sqrt(sums[0] / sums[1]);
}

/* Even noise with a deviation of this share of the largest pixel. */
static void add_noise(aet_tilt *t, double share)
{
    aet_rng key = {5, 0, AET_RNG_TEST};
    double peak = 0;

    for (int64_t i = 0; i < (int64_t)t->n * t->nx * t->ny; i++)
        peak = fmax(peak, (double)t->images[i]);
    for (int64_t i = 0; i < (int64_t)t->n * t->nx * t->ny; i++)
        t->images[i] +=
            (float)(share * peak * sqrt(12.0) * (aet_rng_uniform(key, (uint64_t)i) - 0.5));
}

static aet_volume *run(const aet_tilt *t, const aet_recon_params *p, aet_recon_report *r)
{
    aet_volume *v = NULL;

    T_OK(aet_reconstruct(MPI_COMM_WORLD, t, NULL, p, &v, r));
    return v;
}

typedef struct {
    const aet_volume *a, *b;
} pair;

static void give_difference(void *context, int plane, float *values)
{
    const pair *p = context;
    int nx = p->a->nx, pitch = (nx + 15) / 16 * 16;

    for (int i = 0; i < nx * p->a->ny; i++) {
        int64_t at = (int64_t)plane * nx * p->a->ny + i;
        values[i / nx * pitch + i % nx] = p->a->density[at] - p->b->density[at];
    }
}

/* || M F (a - b) || / || values ||: how far apart two objects are where there are data. */
static double measured_distance(const aet_tilt *t, const aet_recon_params *p, const aet_volume *a,
                                const aet_volume *b)
{
    const int size[3] = {a->nx, a->ny, a->nz};
    int m = recon_grid_size(t->nx, t->ny, size, p->oversampling);
    recon_grid grid = {.m = m, .first = t_rank, .step = t_size, .params = p};
    recon_pruned which = {.grid = &grid, .reach2 = INFINITY};
    recon_quadratic q = {0};
    recon_point *points = NULL;
    aet_boxconv *c = NULL;
    double form[AET_BOXCONV_FORMS];

    T_OK(recon_points(&grid, t, &points, &which.n_points));
    which.points = points;
    T_OK(aet_boxconv_create(MPI_COMM_WORLD, a->nx, a->ny, a->nz, true, &c));
    T_OK(recon_quadratic_make(c, &which, &q));
    aet_boxconv_step step = {
        .context = &(pair){a, b}, .give = give_difference, .watch = {q.kernel}};
    aet_boxconv_do(c, &step, form);
    aet_sum_double(MPI_COMM_WORLD, form, 1);
    double result = sqrt(fmax(form[0], 0) / q.norm2);
    aet_boxconv_free(&c);
    recon_quadratic_free(&q);
    aet_release(&points);
    return result;
}

/* The minimum is unique where there are data (elsewhere positivity alone decides): with tilts all around and
 * noise, so that no object fits, both methods come to the same one, as far as plain iterations have come. */
#define TOL_FIXED 2e-3
static void check_fixed_point(void)
{
    aet_tilt *t = series_of(16, 16, 2, -90, 180.0 / TILTS);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 4000);
    aet_recon_report a, b;

    add_noise(t, 0.05);
    p.oversampling = 1;
    p.radius = 0.9;
    aet_volume *plain = run(t, &p, &a);
    p.method = AET_RECON_GENFIRE_FAST;
    p.iterations = 800;
    p.withheld = 0;
    aet_volume *fast = run(t, &p, &b);
    T_CHECK(b.iterations == 800); /* nothing withheld: nothing to stop it */
    T_CHECK(a.curve[a.best].k_error2 > 0.05);
    T_NEAR(a.curve[a.best].k_error2, b.curve[b.best].k_error2, TOL_ERROR);
    T_NEAR(measured_distance(t, &p, plain, fast), 0, TOL_FIXED);
    aet_recon_report_free(&a);
    aet_recon_report_free(&b);
    aet_volume_free(&plain);
    aet_volume_free(&fast);
    aet_tilt_free(&t);
}

typedef struct {
    double noise, euler, oversampling;
    int gridding;
    double radius;
} fast_case;

/* What is given back is what so many iterations on all data give; up to the rounding of two kernels' sum. */
static void check_second_pass(const aet_tilt *t, const aet_recon_params *with,
                              const aet_volume *fast, const aet_recon_report *r)
{
    aet_recon_params p = *with;
    aet_recon_report all;

    p.withheld = 0;
    p.iterations = r->settled + 1;
    aet_volume *v = run(t, &p, &all);
    T_NEAR(distance(fast, v), 0, 1e-4);
    T_CHECK(all.settled == -1);
    aet_recon_report_free(&all);
    aet_volume_free(&v);
}

/* It ended `patience` after the least R_free; the second pass goes to the last that was within 5 % of it. */
static void check_settled(const aet_recon_params *p, const aet_recon_report *r)
{
    int least = 0, well = 0, passed;

    for (int i = 0; i < r->iterations; i++)
        least = r->curve[i].r_free2 < r->curve[least].r_free2 ? i : least;
    passed = least + p->patience;
    for (int i = 0; i < passed; i++)
        well = r->curve[i].r_free2 <= 1.05 * r->curve[least].r_free2 ? i : well;
    T_CHECK(least > 0 && r->settled == well && r->iterations == passed + well + 1);
    T_CHECK(isnan(r->curve[well + 1].r_free2) && isnan(r->curve[r->best].r_free2));
    T_CHECK(r->best >= passed && r->iterations < 250);
}

/* Stopped by withheld images it is at least as near to the truth as 300 plain iterations. */
static void check_fast(const fast_case *c)
{
    aet_tilt *t = series(S, S, c->euler);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 300);
    aet_recon_report a, b;
    aet_volume *w = truth(S, S, S);

    add_noise(t, c->noise);
    p.oversampling = c->oversampling;
    p.gridding = c->gridding;
    p.radius = c->radius;
    aet_volume *plain = run(t, &p, &a);
    p.method = AET_RECON_GENFIRE_FAST;
    p.patience = 20;
    aet_volume *fast = run(t, &p, &b);
    T_CHECK(distance(fast, w) <= distance(plain, w));
    check_settled(&p, &b);
    check_second_pass(t, &p, fast, &b);
    aet_recon_report_free(&a);
    aet_recon_report_free(&b);
    aet_volume_free(&plain);
    aet_volume_free(&fast);
    aet_volume_free(&w);
    aet_tilt_free(&t);
}

static const fast_case fast_cases[] = {
    {0, 0, 2, AET_GRIDDING_DFT, 0.3},
    {0, 3, 3, AET_GRIDDING_DFT, 0.2},
    {0.02, 0, 2, AET_GRIDDING_DFT, 0.3},
    {0.1, 3, 2, AET_GRIDDING_FFT, 0.5},
};

/* It does not stop before the schedule has come to its end. */
static void check_fast_schedule(void)
{
    aet_tilt *t = series(S, S, 2);
    aet_recon_params p = defaults(AET_RECON_GENFIRE_FAST, 140);
    aet_recon_report r;
    aet_volume *w = truth(S, S, S);

    p.enforce = AET_ENFORCE_EXTEND;
    p.patience = 5;
    aet_volume *v = run(t, &p, &r);
    T_CHECK(r.settled >= 120); /* all points from 12/14 on */
    T_CHECK(correlation(w, v) > 0.97);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_volume_free(&w);
    aet_tilt_free(&t);
}

/* Squares beyond single precision: said so, on all ranks, instead of a volume of nothing. */
static void check_overflow(void)
{
    aet_tilt *t = series(16, 16, 0);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 5);
    aet_recon_report r;
    aet_volume *v = NULL;

    for (int64_t i = 0; i < (int64_t)t->n * t->nx * t->ny; i++)
        t->images[i] *= 1e25F;
    for (int method = AET_RECON_GENFIRE; method <= AET_RECON_GENFIRE_FAST; method++) {
        p.method = method;
        T_FAILS(aet_reconstruct(MPI_COMM_WORLD, t, NULL, &p, &v, &r), AET_ERR_NUMERIC,
                "scale them down");
        T_CHECK(v == NULL);
        aet_recon_report_free(&r);
    }
    aet_tilt_free(&t);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_oracle(cases + i);
    check_fixed_point();
    for (size_t i = 0; i < sizeof fast_cases / sizeof *fast_cases; i++)
        check_fast(fast_cases + i);
    check_fast_schedule();
    check_overflow();
    T_END();
}
