/* ranks: 1 2 3 */
/* Planted changes between stages, found again. */
#include "aetlas/analyse/track.h"
#include "analyse_models.h"

static aet_track_params track_defaults(void)
{
    aet_track_params p;
    T_OK(aet_config_load(NULL, &aet_track_table, &p));
    return p;
}

/* An alloy without symmetry: a ball cut flat on one side, nickel towards another. */
static aet_atoms *particle(void)
{
    aet_atoms *a = ball(a_A, 4.0);
    bool *keep = AET_NEW(bool, a->n);
    for (int i = 0; i < a->n; i++) {
        const double *r = a->position_A[i];
        keep[i] = r[0] + 0.3 * r[1] < 9.0;
        aet_rng key = {.seed = 3, .purpose = AET_RNG_TEST};
        double z[4];
        aet_rng_normal4(key, (uint64_t)i, z);
        if (r[1] + 6.0 * z[0] > 0.0)
            a->species[i] = 28;
    }
    aet_atoms_select(a, keep);
    aet_release(&keep);
    return a;
}

static double distance(const aet_atoms *a, int i)
{
    const double *r = a->position_A[i];
    return sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
}

/* Takes away every 40th atom of the outer 4 A, exchanges every 50th. */
static aet_atoms *change(const aet_atoms *a, int *lost, int *exchanged)
{
    aet_atoms *b = NULL;
    bool *keep = AET_NEW(bool, a->n);
    *lost = *exchanged = 0;
    T_OK(aet_atoms_copy(a, &b));
    for (int i = 0; i < a->n; i++) {
        keep[i] = i % 40 != 7 || distance(a, i) < 11.0;
        *lost += !keep[i];
        if (keep[i] && i % 50 == 3) {
            b->species[i] = a->species[i] == 28 ? 78 : 28;
            (*exchanged)++;
        }
    }
    aet_atoms_select(b, keep);
    aet_release(&keep);
    return b;
}

static int with(const aet_atoms *a, const char *column, double value)
{
    const double *v = aet_atoms_find_column(a, column)->values;
    int n = 0;
    for (int i = 0; i < a->n; i++)
        n += v[i] == value;
    return n;
}

/* However the later stage lies, every planted change is found, and nothing else; noise as of measured models. */
static void planted(const double angles[3], double noise)
{
    aet_track_params p = track_defaults();
    aet_analyse_params analyse_p = defaults();
    int lost, exchanged;
    aet_atoms *a = particle(), *b = change(a, &lost, &exchanged), *core = NULL;
    aet_track_step step;
    T_CHECK(lost > 5 && exchanged > 10);
    add_noise(a, noise, 1);
    add_noise(b, noise, 2);
    move(b, angles, (double[3]){3.0, -8.0, 5.0});
    aet_atoms *stages[] = {a, b};
    T_OK(aet_track(MPI_COMM_WORLD, stages, 2, &analyse_p, &p, &step, &core));
    T_CHECK(step.lost == lost && step.gained == 0);
    T_CHECK(step.common == b->n && step.common - step.consistent == exchanged);
    T_NEAR(step.rmsd_A, noise * sqrt(6.0), 0.1 * noise + 1e-9); /* 900 pairs: a few per cent */
    T_CHECK(with(a, "fate", AET_FATE_SINGLE) == lost);
    T_CHECK(with(b, "history", AET_FATE_EXCHANGED) == exchanged);
    T_CHECK(core->n == b->n && with(core, "stays", 1.0) == b->n - exchanged);
    T_CHECK(with(a, "core", 1.0) == core->n && with(b, "core", 1.0) == core->n);
    const double *next = aet_atoms_find_column(a, "next_atom")->values;
    for (int i = 0; i < a->n; i++)
        if (next[i] >= 0.0)
            for (int k = 0; k < 3; k++) /* it was moved back */
                T_NEAR(b->position_A[(int)next[i]][k], a->position_A[i][k], 8.0 * noise + 1e-6);
    const aet_curve *c = aet_atoms_find_curve(a, "fate_depth");
    double sum = 0.0;
    for (int k = 0; k < c->n; k++)
        sum += c->values[4 * k + 3];
    T_CHECK(sum == lost);
    aet_atoms_free(&core);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

/* A third of the particle gone from one side, which moves the centroid by more than a neighbour distance: the rest is
 * found all the same. */
static void one_sided(void)
{
    aet_track_params p = track_defaults();
    aet_analyse_params analyse_p = defaults();
    aet_atoms *a = particle(), *b = NULL, *core = NULL;
    aet_track_step step;
    double shift = 0.0, all = 0.0;
    T_OK(aet_atoms_copy(a, &b));
    bool *keep = AET_NEW(bool, b->n);
    for (int i = 0; i < b->n; i++) {
        keep[i] = b->position_A[i][1] < 3.0;
        all += b->position_A[i][1] / b->n;
    }
    aet_atoms_select(b, keep);
    for (int i = 0; i < b->n; i++)
        shift += b->position_A[i][1] / b->n;
    T_CHECK(all - shift > a_A / sqrt(2.0));
    add_noise(b, 0.1, 2);
    move(b, (double[3]){40, -20, 65}, (double[3]){1, 2, 3});
    aet_atoms *stages[] = {a, b};
    T_OK(aet_track(MPI_COMM_WORLD, stages, 2, &analyse_p, &p, &step, &core));
    T_CHECK(step.common == b->n && step.consistent == b->n && step.gained == 0);
    aet_release(&keep);
    aet_atoms_free(&core);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

/* Three stages: new atoms at the third, a core that shrinks; regions' means add up to the whole. */
static void three(void)
{
    aet_track_params p = track_defaults();
    aet_analyse_params analyse_p = defaults();
    int lost, exchanged;
    aet_atoms *c = particle(), *b = change(c, &lost, &exchanged), *a = NULL, *core = NULL;
    T_OK(aet_atoms_copy(c, &a));
    aet_track_step step[2];
    aet_atoms *stages[] = {a, b, c};
    T_OK(aet_track(MPI_COMM_WORLD, stages, 3, &analyse_p, &p, step, &core));
    T_CHECK(step[0].lost == lost && step[1].gained == lost && step[1].lost == 0);
    T_CHECK(with(c, "history", AET_FATE_SINGLE) == lost);
    T_CHECK(core->n == b->n);
    const aet_curve *r = aet_atoms_find_curve(b, "region_change");
    double before = 0.0, mean = 0.0, atoms = 0.0;
    const double *x = aet_atoms_find_column(a, "enrichment_Ni")->values;
    for (int k = 0; k < r->n; k++) {
        before += r->values[6 * k + 1] * r->values[6 * k + 2];
        atoms += r->values[6 * k + 1];
        T_NEAR(r->values[6 * k + 5], r->values[6 * k + 4] - r->values[6 * k + 2], 1e-12);
    }
    for (int i = 0; i < a->n; i++)
        mean += x[i];
    T_CHECK(r->n == 14 && atoms == a->n);
    T_NEAR(before, mean, 1e-9 * a->n); /* rounding */
    aet_atoms_free(&core);
    for (int k = 0; k < 3; k++)
        aet_atoms_free(&stages[k]);
}

static void refused(void)
{
    aet_track_params p = track_defaults();
    aet_analyse_params analyse_p = defaults();
    aet_atoms *a = particle(), *core = NULL;
    aet_track_step step;
    T_FAILS(aet_track(MPI_COMM_WORLD, &a, 1, &analyse_p, &p, &step, &core), AET_ERR_USAGE,
            "1 stage");
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    planted((double[3]){0, 0, 0}, 0.0);
    planted((double[3]){5, -3, 8}, 0.1);
    planted((double[3]){77, 130, -100}, 0.1);
    one_sided();
    three();
    refused();
    T_END();
}
