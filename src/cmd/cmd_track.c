#include "aetlas/analyse/track.h"
#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/load.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/plot.h"
#include "aetlas/par/agree.h"
#include "cmd/command.h"

#include <stdio.h>

enum { MAX_STAGES = 256 };

/* ---- tables ---- */

static void row(FILE *f, const char *before, const char *after, const aet_track_step *s)
{
    fprintf(f, "%s,%s,%d,%d,%d,%d,%d,%d,%d,%.6g,%.6g,%.6g,%.6g,%.6g\n", before, after, s->n_a,
            s->n_b, s->common, s->consistent, s->common - s->consistent, s->lost, s->gained,
            s->n_a ? (double)s->common / s->n_a : 0.0, s->n_b ? (double)s->common / s->n_b : 0.0,
            s->common ? (double)s->consistent / s->common : 0.0, 100.0 * s->rmsd_A,
            s->motion.turned_deg);
}

static aet_err write_table(const aet_args *args, const char *dir, const aet_track_step *step)
{
    char path[AET_PATH_MAX], before[AET_PATH_MAX], after[AET_PATH_MAX];
    FILE *f = NULL;
    aet_path_join(path, sizeof path, dir, "track.csv");
    AET_TRY(aet_writer_open(path, &f));
    fputs("before,after,atoms_before,atoms_after,common,consistent,exchanged,lost,new,"
          "common_of_before,common_of_after,consistent_of_common,rmsd_pm,turned_deg\n",
          f);
    for (int k = 0; k + 1 < args->n_inputs; k++) {
        aet_path_stem(args->inputs[k], before, sizeof before);
        aet_path_stem(args->inputs[k + 1], after, sizeof after);
        row(f, before, after, &step[k]);
    }
    return aet_writer_close(path, &f);
}

static void say(const aet_track_step *step, int n, const aet_atoms *core)
{
    for (int k = 0; k < n; k++) {
        const aet_track_step *s = step + k;
        aet_out("step_%d = common %d consistent %d exchanged %d lost %d new %d rmsd_pm %.2f\n",
                k + 1, s->common, s->consistent, s->common - s->consistent, s->lost, s->gained,
                100.0 * s->rmsd_A);
    }
    aet_out("core = %d\n", core->n);
}

/* ---- figures ---- */

/* The table of fates `name`, as bars of what changed: column 0 against 2 (exchanged) and 3. */
static aet_err draw(const aet_args *args, const aet_atoms *a, const char *name, const char *x_label,
                    const char *dir, int stage)
{
    const aet_curve *c = aet_atoms_find_curve(a, name);
    char path[AET_PATH_MAX], file[96], title[AET_TEXT_MAX];
    if (!c)
        return AET_OK;
    double *x = AET_NEW(double, 3 * c->n), *y[2] = {x + c->n, x + 2 * c->n};
    for (int i = 0; i < c->n; i++) {
        x[i] = c->values[4 * i];
        y[0][i] = c->values[4 * i + 2];
        y[1][i] = c->values[4 * i + 3];
    }
    const aet_plot_series series[] = {
        {.label = c->head[3], .n = c->n, .x = x, .y = y[1], .style = AET_PLOT_LINE_POINTS},
        {.label = c->head[2], .n = c->n, .x = x, .y = y[0], .style = AET_PLOT_LINE_POINTS}};
    aet_fmt(title, sizeof title, "%s", args->inputs[stage]);
    aet_fmt(file, sizeof file, "stage%d_%s.png", stage + 1, name);
    aet_path_join(path, sizeof path, dir, file);
    const aet_plot plot = {
        .title = title, .x_label = x_label, .y_label = "atoms", .n_series = 2, .series = series};
    aet_err err = aet_plot_write(args->comm, &plot, path, NULL);
    aet_release(&x);
    return err;
}

static aet_err draw_all(const aet_args *args, aet_atoms **stages, const char *dir)
{
    for (int k = 0; k < args->n_inputs; k++) {
        AET_TRY(draw(args, stages[k], "fate_depth", "depth / Å", dir, k));
        AET_TRY(draw(args, stages[k], "fate_coordination", "coordination", dir, k));
        AET_TRY(draw(args, stages[k], "origin_depth", "depth / Å", dir, k));
        AET_TRY(draw(args, stages[k], "origin_coordination", "coordination", dir, k));
    }
    return AET_OK;
}

/* ---- all ---- */

static aet_err write_stages(const aet_args *args, aet_atoms **stages, const aet_atoms *core)
{
    char path[AET_PATH_MAX], stem[AET_PATH_MAX], file[AET_PATH_MAX];
    for (int k = 0; k < args->n_inputs; k++) {
        aet_path_stem(args->inputs[k], stem, sizeof stem);
        AET_CHECK(aet_fmt(file, sizeof file, "stage%d_%s.h5", k + 1, stem), AET_ERR_USAGE,
                  "the name %s is too long", stem);
        aet_path_join(path, sizeof path, args->output, file);
        AET_TRY(aet_atoms_write(args->comm, path, stages[k]));
    }
    aet_path_join(path, sizeof path, args->output, "core.h5");
    return aet_atoms_write(args->comm, path, core);
}

static aet_err save(const aet_args *args, aet_atoms **stages, const aet_track_step *step,
                    const aet_atoms *core)
{
    aet_err err = AET_OK;
    AET_TRY(AET_AGREE(args->comm, args->rank == 0 ? aet_dir_make(args->output) : AET_OK));
    AET_TRY(write_stages(args, stages, core));
    if (args->rank == 0)
        err = write_table(args, args->output, step);
    AET_TRY(AET_AGREE(args->comm, err));
    return draw_all(args, stages, args->output);
}

static aet_err follow(aet_args *args, aet_atoms **stages, aet_track_step *step)
{
    const aet_load_atoms_options as_is = {0};
    aet_analyse_params analyse;
    aet_track_params params;
    aet_atoms *core = NULL;
    AET_TRY(aet_args_params(args, &aet_analyse_table, &analyse));
    AET_TRY(aet_args_params(args, &aet_track_table, &params));
    for (int k = 0; k < args->n_inputs; k++)
        AET_TRY(aet_load_atoms(args->comm, args->inputs[k], &as_is, &stages[k]));
    AET_TRY(aet_track(args->comm, stages, args->n_inputs, &analyse, &params, step, &core));
    aet_err err = save(args, stages, step, core);
    if (!err)
        say(step, args->n_inputs - 1, core);
    aet_atoms_free(&core);
    return err;
}

static aet_err run(aet_args *args)
{
    AET_CHECK(args->n_inputs <= MAX_STAGES, AET_ERR_USAGE, "%d stages are more than %d",
              args->n_inputs, MAX_STAGES);
    aet_atoms **stages = AET_NEW(aet_atoms *, args->n_inputs);
    aet_track_step *step = AET_NEW(aet_track_step, args->n_inputs);
    aet_err err = follow(args, stages, step);
    for (int k = 0; k < args->n_inputs; k++)
        aet_atoms_free(&stages[k]);
    aet_release(&stages);
    aet_release(&step);
    return err;
}

static const aet_param_table *const tables[] = {&aet_track_table, &aet_analyse_table, NULL};

const aet_command aet_cmd_track = {
    .name = "track",
    .group = "stages",
    .output = AET_NEEDS_OUTPUT,
    .usage = "first.h5 second.h5 ... -o FOLDER",
    .summary = "one particle at several stages: which atoms stayed, changed, went and came",
    .text = "Lays every model over the one before it, whichever way it lies, pairs atoms, and\n"
            "analyses all of them. Common positions are mutual nearest atoms nearer than\n"
            "track.common_A; consistent ones keep their species, exchanged ones do not; the rest\n"
            "is lost in the earlier stage and new in the later one.\n"
            "\n"
            "FOLDER gets stageN_NAME.h5 (the models, moved, with all measures and the columns\n"
            "fate, next_atom, origin, previous_atom, core), core.h5 (the positions common to all\n"
            "stages, averaged), track.csv (a row per step) and figures of what changed against\n"
            "depth and coordination. stdout: the same counts, and the size of the core.",
    .examples = "  aetlas track pristine.h5 after_4k.h5 after_12k.h5 -o followed\n"
                "  aetlas track a.h5 b.h5 -o ab --set track.superpose=no --set track.common_A=1.2",
    .min_inputs = 2,
    .max_inputs = -1,
    .tables = tables,
    .run = run,
};
