/* ranks: 1 2 3 4 */
/* GENFIRE without its big grid against the literal algorithm. */
#include "test.h"

#include "blobs.h"
#define LITERAL_DOUBLE
#include "genfire_literal.h"

/* Single precision here, double there: some 1e-7 of the largest value per iteration, not amplified, since a step
 * brings no two objects further apart. */
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
    int limit, withhold, size_y;
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
    p.size_y = c->size_y;
    p.limit = c->limit;
    p.withhold = c->withhold;
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
    {"s = 2", S, S, 0, 2, 0, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 12, 0.3, 0, true, false, 0, 0, 0},
    {"s = 3", S, S, 0, 3, 2, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0, true, false, 0, 0, 0},
    {"s = 4", S, S, 0, 4, 5, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 5, 0.2, 0.1, true, true, 0, 0, 0},
    {"s = 1", S, S, 0, 1, 2, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0.1, true, false, 0, 0, 0},
    {"s = 1.6", 21, 21, 0, 1.6, 2, AET_GRIDDING_FFT, AET_ENFORCE_ALL, 8, 0.5, 0, true, true, 0, 0,
     0},
    {"odd", 21, 23, 0, 2, 3, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0, false, false, 0, 0, 0},
    {"flat", 26, 17, 15, 2.5, 3, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0.05, true, false, 0, 0,
     0},
    {"deep", 15, 16, 27, 2, 30, AET_GRIDDING_FFT, AET_ENFORCE_ALL, 8, 0.5, 0, true, true, 0, 0, 0},
    {"extend", S, S, 0, 2, 0, AET_GRIDDING_DFT, AET_ENFORCE_EXTEND, 20, 0.3, 0.1, true, false, 0, 0,
     0},
    {"there and back", 22, S, 0, 2, 3, AET_GRIDDING_FFT, AET_ENFORCE_THERE_AND_BACK, 40, 0.5, 0,
     true, false, 0, 0, 0},
    /* the limits, on slices and not */
    {"columns", 22, 19, 0, 2, 0, AET_GRIDDING_FFT, AET_ENFORCE_ALL, 8, 0.5, 0.1, true, true,
     AET_LIMIT_NONE, AET_WITHHOLD_POINTS, 0},
    {"sphere, one axis", S, S, 0, 2, 0, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0.1, true, false,
     AET_LIMIT_SPHERE, AET_WITHHOLD_POINTS, 0},
    {"cylinder, any angle", 21, 20, 0, 2, 3, AET_GRIDDING_DFT, AET_ENFORCE_EXTEND, 20, 0.3, 0.1,
     true, false, AET_LIMIT_CYLINDER, AET_WITHHOLD_IMAGES, 0},
    {"no limit, any angle", 15, 16, 0, 2, 7, AET_GRIDDING_FFT, AET_ENFORCE_ALL, 8, 0.5, 0, true,
     false, AET_LIMIT_NONE, AET_WITHHOLD_IMAGES, 0},
    {"lower than images", 20, 18, 23, 2, 0, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0.1, true,
     true, AET_LIMIT_AUTO, AET_WITHHOLD_IMAGES, 13},
    {"higher than images", 17, 16, 14, 1.6, 0, AET_GRIDDING_FFT, AET_ENFORCE_THERE_AND_BACK, 40,
     0.5, 0.1, true, false, AET_LIMIT_AUTO, AET_WITHHOLD_POINTS, 25},
    {"few planes", 9, 3, 2, 3, 0, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0, true, false,
     AET_LIMIT_AUTO, AET_WITHHOLD_IMAGES, 0},
    {"few planes, any angle", 9, 3, 2, 3, 4, AET_GRIDDING_DFT, AET_ENFORCE_ALL, 8, 0.3, 0, true,
     false, AET_LIMIT_AUTO, AET_WITHHOLD_IMAGES, 0},
};

int main(int argc, char **argv)
{
    T_START(argc, argv);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_oracle(cases + i);
    T_END();
}
