/* ranks: 1 2 3 4 */
/* A reconstruction that was cut off goes on as if it had not been; a state that is damaged or of something
 * else is not used; where no state can be written, only the state is lost. */
#include "test.h"

#include "blobs.h"

#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "recon/recon_priv.h"
#include <unistd.h>

#define STATE "state.h5"
enum { ALL = 12, CUT = 6 };
static const double always = 1e-9; /* minutes: a state before every iteration */

static aet_volume *run(MPI_Comm comm, const aet_tilt *t, const aet_recon_params *p,
                       const char *path, aet_recon_report *r)
{
    aet_volume *v = NULL;

    T_OK(aet_reconstruct_kept(comm, t, NULL, p, path, &v, r));
    return v;
}

/* max |a - b| / max |b| */
static double difference(const aet_volume *a, const aet_volume *b)
{
    double m[2] = {0, 0};

    for (int64_t i = 0; i < aet_volume_count(b); i++) {
        m[0] = fmax(m[0], fabs((double)(a->density[i] - b->density[i])));
        m[1] = fmax(m[1], fabs((double)b->density[i]));
    }
    MPI_Allreduce(MPI_IN_PLACE, m, 2, MPI_DOUBLE, MPI_MAX, a->comm);
    return m[0] / m[1];
}

/* What a run leaves that is killed in its middle: one of fewer iterations, but for the last of them.  With a
 * schedule or a second pass, which depend on their number, one that is killed in the last. */
static void cut_off(const aet_tilt *t, const aet_recon_params *p)
{
    aet_recon_params part = *p;
    aet_recon_report r;

    part.checkpoint_minutes = always;
    bool depends = p->enforce != AET_ENFORCE_ALL || recon_iterations_most(p) > p->iterations;
    part.iterations = depends ? ALL : CUT;
    aet_volume *v = run(MPI_COMM_WORLD, t, &part, STATE, &r);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
}

/* R1 of the same iteration on other ranks: sums of floats in another order. */
#define TOL_RANKS 1e-5

/* Rank 0 alone goes on with the state of all. */
static void on_other_ranks(const aet_tilt *t, const aet_recon_params *p,
                           const aet_recon_report *whole)
{
    aet_recon_params same = *p;
    aet_recon_report r;

    if (t_rank == 0) {
        same.checkpoint_minutes = 0;
        aet_volume *v = run(MPI_COMM_SELF, t, &same, STATE, &r);
        T_NEAR(r.mean_r1, whole->mean_r1, TOL_RANKS);
        T_CHECK(r.iterations == whole->iterations);
        aet_recon_report_free(&r);
        aet_volume_free(&v);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static bool same_curve(const aet_recon_report *a, const aet_recon_report *b)
{
    return a->iterations == b->iterations && a->best == b->best &&
           memcmp(a->curve, b->curve, (size_t)a->iterations * sizeof *a->curve) == 0;
}

static void check_method(const aet_tilt *t, const aet_recon_params *p)
{
    aet_recon_report whole, rest;
    aet_volume *v = run(MPI_COMM_WORLD, t, p, NULL, &whole);

    recon_keep k;

    cut_off(t, p);
    recon_keep_begin(MPI_COMM_WORLD, STATE, t, NULL, p, &k);
    T_CHECK(recon_keep_peek(&k) > 0); /* there is something to go on from */
    on_other_ranks(t, p, &whole);
    aet_volume *w = run(MPI_COMM_WORLD, t, p, STATE, &rest);
    T_CHECK(difference(w, v) == 0);
    T_CHECK(same_curve(&rest, &whole) && rest.mean_r1 == whole.mean_r1);
    aet_recon_report_free(&whole);
    aet_recon_report_free(&rest);
    aet_volume_free(&v);
    aet_volume_free(&w);
    aet_recon_checkpoint_remove(MPI_COMM_WORLD, STATE);
    MPI_Barrier(MPI_COMM_WORLD);
    T_CHECK(!aet_file_exists(STATE));
}

static void check_methods(void)
{
    aet_tilt *t = series(S, S, 2);

    for (int method = 0; method < 4; method++) {
        aet_recon_params p = defaults((aet_recon_method)method, ALL);
        p.withheld = 0.1;
        p.patience = ALL; /* -fast does not stop by itself */
        check_method(t, &p);
        p.withhold = AET_WITHHOLD_POINTS;
        if (method == AET_RECON_RESIRE_FAST)
            check_method(t, &p);
        p.withhold = AET_WITHHOLD_IMAGES;
        p.enforce = AET_ENFORCE_THERE_AND_BACK;
        if (method == AET_RECON_GENFIRE)
            check_method(t, &p);
    }
    for (int method = 0; method < 2; method++) { /* nothing withheld, and the other projectors */
        aet_recon_params p = defaults((aet_recon_method)method, ALL);
        p.withheld = 0;
        p.plateau = 0;
        p.projector = AET_PROJECTOR_CONVOLUTION;
        check_method(t, &p);
        p.projector = AET_PROJECTOR_FOURIER;
        if (method == AET_RECON_RESIRE_FAST)
            check_method(t, &p);
    }
    aet_tilt_free(&t);
}

/* The result is that of a run without a state. */
static void expect_unused(const aet_tilt *t, const aet_recon_params *p)
{
    aet_recon_report fresh, r;
    aet_volume *v = run(MPI_COMM_WORLD, t, p, NULL, &fresh);
    aet_volume *w = run(MPI_COMM_WORLD, t, p, STATE, &r);

    T_CHECK(difference(w, v) == 0);
    T_CHECK(same_curve(&r, &fresh));
    aet_recon_report_free(&fresh);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_volume_free(&w);
}

/* Overwrites, or where value is negative cuts off, at a place given as a share of the file. */
static void harm(double share, int value)
{
    if (t_rank == 0) {
        FILE *f = fopen(STATE, "r+b");
        T_CHECK(f != NULL);
        fseek(f, 0, SEEK_END);
        long at = (long)(share * (double)ftell(f));
        fseek(f, at, SEEK_SET);
        if (value >= 0)
            fputc(value, f);
        else
            T_CHECK(ftruncate(fileno(f), at) == 0);
        fclose(f);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static void check_damage(void)
{
    static const struct {
        double share;
        int value;
    } harms[] = {{0.0, -1}, {0.02, 77}, {0.5, 201}, {0.75, 33}, {0.999, -1}};
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, CUT + 1);

    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        cut_off(t, &p);
        harm(harms[i].share, harms[i].value);
        expect_unused(t, &p);
    }
    aet_tilt_free(&t);
}

/* Other images, parameters, method; fewer iterations than are done. */
static void check_others(void)
{
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(AET_RECON_GENFIRE, CUT + 1);

    cut_off(t, &p);
    t->images[100] += 0.5F;
    expect_unused(t, &p);
    t->images[100] -= 0.5F;
    p.radius = 0.25;
    expect_unused(t, &p);
    p.radius = 0.3;
    p.method = AET_RECON_GENFIRE_FAST;
    expect_unused(t, &p);
    p.method = AET_RECON_GENFIRE;
    p.iterations = CUT - 2;
    expect_unused(t, &p);
    aet_tilt_free(&t);
}

/* No folder to write into; values that are no numbers leave the state before. */
static void check_unwritable(void)
{
    aet_tilt *t = series(S, S, 0);
    aet_recon_params p = defaults(AET_RECON_RESIRE, CUT);
    aet_recon_report r;
    recon_keep k;
    float value = 1, *data = &value;

    p.checkpoint_minutes = always;
    aet_volume *v = run(MPI_COMM_WORLD, t, &p, "missing/state.h5", &r);
    T_CHECK(r.iterations == CUT);
    recon_keep_begin(MPI_COMM_WORLD, STATE, t, NULL, &p, &k);
    recon_keep_array(&k, "object", &data, 1);
    T_OK(recon_keep_visit(&k, &r, "test", 1));
    value = NAN;
    T_OK(recon_keep_visit(&k, &r, "test", 2));
    T_CHECK(k.saved == 1);
    recon_keep_begin(MPI_COMM_WORLD, STATE, t, NULL, &p, &k);
    T_CHECK(recon_keep_peek(&k) == 1);
    aet_recon_checkpoint_remove(MPI_COMM_WORLD, STATE);
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_methods();
    check_damage();
    check_others();
    check_unwritable();
    T_END();
}
