/* ranks: 1 2 3 4 */
/* GENFIRE accelerated and slice by slice: against plain iterations, the whole, and the truth. */
#include "test.h"

#include "blobs.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/par/agree.h"
#include "recon/recon_priv.h"

/* Single precision in another order: some 1e-7 of the largest value per iteration. */
#define TOL_ORACLE 1e-5
/* The root of a difference of sums that are right to some 1e-7. */
#define TOL_ERROR 1e-3

static double gap(double a, double b) /* 0 where both are NAN */
{
    return isnan(a) && isnan(b) ? 0 : fabs(a - b);
}

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
    recon_grid grid = recon_grid_of(t, size, p);
    recon_pruned which = {.grid = &grid, .reach2 = INFINITY};
    recon_quadratic q = {0};
    recon_point *points = NULL;
    aet_boxconv *c = NULL;
    double form[AET_BOXCONV_FORMS];

    grid.first = t_rank;
    grid.step = t_size;
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
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 3000);
    aet_recon_report a, b;

    add_noise(t, 0.05);
    p.oversampling = 1;
    p.radius = 0.9;
    aet_volume *plain = run(t, &p, &a);
    p.method = AET_RECON_GENFIRE_FAST;
    p.iterations = 400;
    p.withheld = 0;
    aet_volume *fast = run(t, &p, &b);
    T_CHECK(b.iterations == 400); /* nothing withheld: nothing to stop it */
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

/* Slices one by one are the whole at once: the same points, the same momentum, the same end. */
static void check_slices(aet_recon_method method, int withhold, int enforce)
{
    aet_tilt *t = series(20, 18, 0);
    aet_recon_params p = defaults(method, 30);
    aet_recon_report a, b;
    aet_volume *whole = NULL;
    recon_keep keep;
    double worst = 0;

    add_noise(t, 0.05);
    p.withheld = 0.1;
    p.withhold = withhold;
    p.enforce = enforce;
    p.patience = 8;
    aet_volume *v = run(t, &p, &a);
    T_OK(aet_volume_create(MPI_COMM_WORLD, 20, 18, 20, 1.0, &whole));
    recon_report_start(&b, t->n, recon_iterations_most(&p));
    recon_keep_begin(MPI_COMM_WORLD, NULL, t, NULL, &p, &keep);
    T_OK(recon_genfire_as(t, NULL, &p, false, &keep, whole, &b));
    T_CHECK(a.slices && !b.slices && a.limit == AET_LIMIT_CYLINDER && b.limit == a.limit);
    T_CHECK(a.points == b.points && a.iterations == b.iterations && a.settled == b.settled);
    for (int i = 0; i < a.iterations; i++) {
        worst = fmax(worst, gap(a.curve[i].k_error2, b.curve[i].k_error2));
        worst = fmax(worst, gap(a.curve[i].r_free2, b.curve[i].r_free2));
    }
    T_NEAR(worst, 0, TOL_ERROR);
    T_NEAR(distance(v, whole), 0, TOL_ORACLE * p.iterations);
    aet_recon_report_free(&a);
    aet_recon_report_free(&b);
    aet_volume_free(&v);
    aet_volume_free(&whole);
    aet_tilt_free(&t);
}

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
    check_fixed_point();
    for (size_t i = 0; i < sizeof fast_cases / sizeof *fast_cases; i++)
        check_fast(fast_cases + i);
    check_slices(AET_RECON_GENFIRE, AET_WITHHOLD_POINTS, AET_ENFORCE_EXTEND);
    check_slices(AET_RECON_GENFIRE_FAST, AET_WITHHOLD_IMAGES, AET_ENFORCE_ALL);
    check_fast_schedule();
    check_overflow();
    T_END();
}
