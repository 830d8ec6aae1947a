#include "aetlas/analyse/track.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

#define AET_PARAM_OWNER aet_track_params
AET_PARAMS_TABLE(aet_track_table, "track", "one particle at several stages", AET_TRACK_PARAMS);

/* ---- tables of what happened ---- */

static const double *values(const aet_atoms *a, const char *name)
{
    const aet_column *c = aet_atoms_find_column(a, name);
    return c ? c->values : NULL;
}

/* Atoms of each fate against some value of theirs, in bins of `width` around its multiples. */
static void add_table(aet_atoms *a, const char *name, const char *head, const double *fate,
                      const double *x, double width, const char *last)
{
    const char *heads[] = {head, "consistent", "exchanged", last};
    int bins = 1;
    for (int i = 0; i < a->n; i++)
        if (isfinite(x[i])) {
            int bin = (int)lrint(x[i] / width);
            bins = bin >= bins ? bin + 1 : bins;
        }
    aet_curve *c = aet_atoms_add_curve(a, name, bins, 4, heads,
                                       "atoms by what became of them, against the first column");
    for (int k = 0; k < bins; k++)
        c->values[4 * k] = k * width;
    for (int i = 0; i < a->n; i++)
        if (isfinite(x[i]) && x[i] >= 0.0)
            c->values[4 * (int64_t)lrint(x[i] / width) + 1 + (int)fate[i]] += 1.0;
}

static void add_tables(aet_atoms *a, const char *prefix, const char *last, double bin_A)
{
    const double *fate = values(a, prefix), *depth = values(a, "mesh_distance_A"),
                 *cn = values(a, "coordination");
    char name[48];
    aet_fmt(name, sizeof name, "%s_depth", prefix);
    if (depth)
        add_table(a, name, "depth_A", fate, depth, bin_A, last);
    aet_fmt(name, sizeof name, "%s_coordination", prefix);
    add_table(a, name, "coordination", fate, cn, 1.0, last);
}

/* ---- pairs ---- */

/* The columns of one model, given its partners in another. */
static void add_fates(aet_atoms *a, const aet_atoms *other, const int *partner, const char *fate,
                      const char *index, const char *what)
{
    char text[160];
    aet_fmt(text, sizeof text, "0 consistent, 1 exchanged, 2 %s", what);
    aet_atoms_add_column(a, fate, 1, "1", text);
    aet_atoms_add_column(a, index, 1, "1", "index of the same position there, from 0; -1: none");
    double *kind = aet_atoms_find_column(a, fate)->values,
           *to = aet_atoms_find_column(a, index)->values;
    for (int i = 0; i < a->n; i++) {
        int j = partner[i];
        to[i] = j;
        kind[i] = j < 0                                ? AET_FATE_SINGLE
                  : a->species[i] == other->species[j] ? AET_FATE_CONSISTENT
                                                       : AET_FATE_EXCHANGED;
    }
}

static void count_pairs(const aet_atoms *a, const aet_atoms *b, const int *pair, aet_track_step *s)
{
    s->common = s->consistent = 0;
    for (int i = 0; i < a->n; i++)
        if (pair[i] >= 0) {
            s->common++;
            s->consistent += a->species[i] == b->species[pair[i]];
        }
    s->n_a = a->n;
    s->n_b = b->n;
    s->lost = a->n - s->common;
    s->gained = b->n - s->common;
}

static aet_err pair_stages(aet_atoms *a, aet_atoms *b, double max_A, aet_track_step *s, int *pair,
                           int *back)
{
    aet_atoms_match match;
    AET_TRY(aet_atoms_compare(a, b, max_A, false, &match, pair));
    memset(back, 0xff, (size_t)b->n * sizeof *back);
    for (int i = 0; i < a->n; i++)
        if (pair[i] >= 0)
            back[pair[i]] = i;
    count_pairs(a, b, pair, s);
    s->max_A = max_A;
    s->rmsd_A = match.rmsd_A;
    add_fates(a, b, pair, "fate", "next_atom", "lost: without partner in the next stage");
    add_fates(b, a, back, "history", "previous_atom", "new: without partner in the stage before");
    return AET_OK;
}

/* ---- enrichment by direction ---- */

static const aet_column *enrichment(const aet_atoms *a)
{
    for (int k = 0; k < a->n_columns; k++)
        if (strncmp(a->columns[k].name, "enrichment_", 11) == 0)
            return a->columns + k;
    return NULL;
}

/* The nearest of the 14 directions, numbered as the column region; axes: <100> in columns. */
static int region_of(const double d[3], const double axes[3][3])
{
    double u[3], corner = 0.0;
    int axis = 0;
    for (int k = 0; k < 3; k++) {
        u[k] = axes[0][k] * d[0] + axes[1][k] * d[1] + axes[2][k] * d[2];
        corner += fabs(u[k]) / sqrt(3.0);
    }
    for (int k = 1; k < 3; k++)
        axis = fabs(u[k]) > fabs(u[axis]) ? k : axis;
    if (fabs(u[axis]) >= corner)
        return 1 + 2 * axis + (u[axis] < 0.0);
    return 7 + (u[0] < 0.0) + 2 * (u[1] < 0.0) + 4 * (u[2] < 0.0);
}

enum { REGIONS = 14 };

static void region_means(const aet_atoms *a, const double centre[3], const double axes[3][3],
                         double mean[REGIONS + 1], int count[REGIONS + 1])
{
    const double *x = enrichment(a)->values;
    memset(mean, 0, (REGIONS + 1) * sizeof *mean);
    memset(count, 0, (REGIONS + 1) * sizeof *count);
    for (int i = 0; i < a->n; i++) {
        double d[3];
        difference(a->position_A[i], centre, d);
        int r = region_of(d, axes);
        mean[r] += x[i];
        count[r]++;
    }
    for (int r = 1; r <= REGIONS; r++)
        mean[r] /= count[r] ? count[r] : 1;
}

/* Directions are those of the earlier model's lattice, from its centroid. */
static void add_regions(const aet_atoms *a, aet_atoms *b)
{
    static const char *const heads[] = {"region", "atoms_before", "before",
                                        "atoms",  "after",        "difference"};
    const aet_curve *lattice = aet_atoms_find_curve(a, "fcc_lattice");
    double axes[3][3], centre[3] = {0}, before[REGIONS + 1], after[REGIONS + 1];
    int n_before[REGIONS + 1], n_after[REGIONS + 1];
    if (!lattice || !enrichment(a) || !enrichment(b))
        return;
    for (int v = 0; v < 3; v++) {
        double u[3];
        memcpy(u, lattice->values + 3 * v, sizeof u);
        normalise(u);
        for (int k = 0; k < 3; k++)
            axes[k][v] = u[k];
    }
    for (int i = 0; i < a->n; i++)
        for (int k = 0; k < 3; k++)
            centre[k] += a->position_A[i][k] / a->n;
    region_means(a, centre, (const double(*)[3])axes, before, n_before);
    region_means(b, centre, (const double(*)[3])axes, after, n_after);
    aet_curve *c = aet_atoms_add_curve(b, "region_change", REGIONS, 6, heads,
                                       "mean enrichment by direction, 1-6 +x -x +y -y +z -z, 7-14 "
                                       "<111>, before and in this stage");
    for (int r = 1; r <= REGIONS; r++) {
        const double row[6] = {r,          n_before[r], before[r],
                               n_after[r], after[r],    after[r] - before[r]};
        memcpy(c->values + 6 * (r - 1), row, sizeof row);
    }
}

/* ---- the core ---- */

/* Pairs `core` with a stage; drops what has no partner there.  The number of stages merged so far
 * weighs the average. */
static aet_err merge(aet_atoms *core, const aet_atoms *stage, int merged, double max_A, int *pair,
                     bool *keep)
{
    aet_atoms_match match;
    AET_TRY(aet_atoms_compare(core, stage, max_A, false, &match, pair));
    for (int i = 0; i < core->n; i++) {
        keep[i] = pair[i] >= 0;
        for (int k = 0; keep[i] && k < 3; k++)
            core->position_A[i][k] +=
                (stage->position_A[pair[i]][k] - core->position_A[i][k]) / (merged + 1);
    }
    aet_atoms_select(core, keep);
    return AET_OK;
}

/* Every stage is paired with the final list again, so that all cores are of one size; what fails
 * there is dropped too. */
static aet_err settle(aet_atoms *core, aet_atoms **stages, int n, double max_A, int *pair,
                      bool *keep)
{
    aet_atoms_match match;
    for (int s = 0; s < n; s++) {
        AET_TRY(aet_atoms_compare(core, stages[s], max_A, false, &match, pair));
        for (int i = 0; i < core->n; i++)
            keep[i] = pair[i] >= 0;
        if (match.common < core->n) {
            aet_atoms_select(core, keep);
            s = -1; /* a pairing may change when others are gone: from the start */
        }
    }
    return AET_OK;
}

static aet_err describe(aet_atoms *core, aet_atoms **stages, int n, double max_A, int *pair)
{
    aet_atoms_match match;
    aet_atoms_add_column(core, "stays", 1, "1", "1: of the same species at every stage");
    aet_atoms_add_column(core, "spread_A", 1, "A", "RMS distance of the stages from the average");
    double *stays = aet_atoms_find_column(core, "stays")->values,
           *spread = aet_atoms_find_column(core, "spread_A")->values;
    for (int i = 0; i < core->n; i++)
        stays[i] = 1.0;
    for (int s = 0; s < n; s++) {
        AET_TRY(aet_atoms_compare(core, stages[s], max_A, false, &match, pair));
        double *in =
            aet_atoms_add_column(stages[s], "core", 1, "1", "1 in the time-invariant core")->values;
        for (int i = 0; i < core->n; i++) {
            double d[3];
            in[pair[i]] = 1.0;
            difference(stages[s]->position_A[pair[i]], core->position_A[i], d);
            spread[i] += dot(d, d) / n;
            if (stages[s]->species[pair[i]] != core->species[i])
                stays[i] = 0.0;
        }
    }
    for (int i = 0; i < core->n; i++)
        spread[i] = sqrt(spread[i]);
    return AET_OK;
}

static aet_err find_core(aet_atoms **stages, int n, double max_A, aet_atoms **core)
{
    aet_err err = AET_OK;
    int *pair = NULL;
    bool *keep = NULL;
    aet_atoms *c = NULL;
    AET_GO(aet_atoms_create(stages[0]->n, &c));
    memcpy(c->position_A, stages[0]->position_A, (size_t)c->n * sizeof *c->position_A);
    memcpy(c->species, stages[0]->species, (size_t)c->n * sizeof *c->species);
    AET_GO(AET_ARRAY(c->n, "pairs of atoms", &pair));
    AET_GO(AET_ARRAY(c->n, "pairs of atoms", &keep));
    for (int s = 1; s < n; s++)
        AET_GO(merge(c, stages[s], s, max_A, pair, keep));
    AET_GO(settle(c, stages, n, max_A, pair, keep));
    AET_GO(describe(c, stages, n, max_A, pair));
    aet_atoms_add_scalar(c, "core_fraction", (double)c->n / stages[0]->n, "1",
                         "atoms of the time-invariant core / atoms of the first stage");
    *core = c;
    c = NULL;
done:
    aet_release(&pair);
    aet_release(&keep);
    aet_atoms_free(&c);
    return err;
}

/* ---- all ---- */

static aet_err lay_over(aet_atoms *a, aet_atoms *b, const aet_track_params *p, double max_A,
                        aet_track_step *s)
{
    double nn;
    if (p->superpose == AET_TRACK_AS_THEY_LIE)
        return AET_OK;
    if (!aet_atoms_find_scalar(a, "pair_peak_A", &nn))
        nn = 2.0 * max_A;
    AET_TRY(
        aet_superpose(a, b, max_A, sqrt(2.0) * nn, p->superpose == AET_TRACK_TURNED, &s->motion));
    aet_superpose_apply(&s->motion, b);
    return AET_OK;
}

static double pair_distance(const aet_atoms *a, const aet_track_params *p)
{
    double valley;
    if (p->common_A > 0.0)
        return p->common_A;
    return aet_atoms_find_scalar(a, "pair_valley_A", &valley) ? 0.5 * valley : 1.4;
}

static aet_err one_step(aet_atoms **stages, int k, const aet_track_params *p, aet_track_step *s)
{
    aet_err err = AET_OK;
    int *pair = NULL, *back = NULL;
    AET_GO(AET_ARRAY(stages[k]->n, "pairs of atoms", &pair));
    AET_GO(AET_ARRAY(stages[k + 1]->n, "pairs of atoms", &back));
    AET_GO(pair_stages(stages[k], stages[k + 1], pair_distance(stages[0], p), s, pair, back));
    add_tables(stages[k], "fate", "lost", p->depth_bin_A);
    add_tables(stages[k + 1], "history", "new", p->depth_bin_A);
    add_regions(stages[k], stages[k + 1]);
done:
    aet_release(&pair);
    aet_release(&back);
    return err;
}

aet_err aet_track(MPI_Comm comm, aet_atoms **stages, int n, const aet_analyse_params *analyse,
                  const aet_track_params *params, aet_track_step *step, aet_atoms **core)
{
    *core = NULL;
    AET_CHECK(n >= 2, AET_ERR_USAGE, "%d stage: following a particle takes two at least", n);
    AET_TRY(aet_analyse(comm, stages[0], analyse));
    for (int k = 1; k < n; k++) {
        step[k - 1] = (aet_track_step){.motion = {.rotation = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}};
        AET_TRY(AET_AGREE(comm, lay_over(stages[k - 1], stages[k], params,
                                         pair_distance(stages[0], params), &step[k - 1])));
        AET_TRY(aet_analyse(comm, stages[k], analyse));
        AET_TRY(AET_AGREE(comm, one_step(stages, k - 1, params, &step[k - 1])));
    }
    return AET_AGREE(comm, find_core(stages, n, pair_distance(stages[0], params), core));
}
