#include "aetlas/analyse/track.h"
#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/load.h"
#include "aetlas/io/nouns.h"
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

enum { MAP_PIXELS = 600 };

/* --times 0,8,19.5: of every stage, in seconds. */
static aet_err read_times(const aet_args *args, double *times, bool *given)
{
    const char *text = aet_args_get(args, "times");
    char(*key)[16] = aet_new_bytes(MAX_STAGES * sizeof *key);
    int n = 0;
    for (int k = 0; k < args->n_inputs; k++)
        times[k] = k + 1;
    bool good = !text || (aet_str_list(text, MAX_STAGES, key, times, &n) && n == args->n_inputs);
    for (int k = 0; k < n; k++)
        good = good && !key[k][0] && (k == 0 || times[k] > times[k - 1]);
    aet_release(&key);
    AET_CHECK(good, AET_ERR_USAGE, "--times %s: expected %d rising numbers, one for each stage",
              text, args->n_inputs);
    *given = text != NULL;
    return AET_OK;
}

static aet_err draw_maps(const aet_args *args, aet_atoms **stages, const char *dir)
{
    char path[AET_PATH_MAX], name[32];
    for (int k = 0; k < args->n_inputs; k++) {
        aet_fmt(name, sizeof name, "stage%d", k + 1);
        aet_path_join(path, sizeof path, dir, name);
        AET_TRY(aet_figure_maps_write(stages[k], false, MAP_PIXELS, path));
    }
    return AET_OK;
}

static aet_err draw_all(const aet_args *args, aet_atoms **stages, const double *times, bool timed)
{
    const char *dir = aet_args_get(args, "figures");
    char name[AET_PATH_MAX];
    if (!dir)
        return AET_OK;
    aet_figures *f = aet_figures_new(timed ? AET_FIGURES_TIMES : AET_FIGURES_STAGES);
    for (int k = 0; k < args->n_inputs; k++) {
        aet_path_stem(args->inputs[k], name, sizeof name);
        aet_figures_add(f, stages[k], name, "", times[k]);
    }
    aet_err err = aet_figures_draw(args->comm, f, dir);
    aet_figures_free(&f);
    AET_TRY(err);
    return AET_AGREE(args->comm, args->rank == 0 ? draw_maps(args, stages, dir) : AET_OK);
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
    return AET_AGREE(args->comm, err);
}

static aet_err follow(aet_args *args, aet_atoms **stages, aet_track_step *step)
{
    const aet_load_atoms_options as_is = {0};
    aet_analyse_params analyse;
    aet_track_params params;
    aet_atoms *core = NULL;
    double times[MAX_STAGES];
    bool timed = false;
    AET_TRY(read_times(args, times, &timed));
    AET_TRY(aet_args_params(args, &aet_analyse_table, &analyse));
    AET_TRY(aet_args_params(args, &aet_track_table, &params));
    for (int k = 0; k < args->n_inputs; k++)
        AET_TRY(aet_load_atoms(args->comm, args->inputs[k], &as_is, &stages[k]));
    AET_TRY(aet_track(args->comm, stages, args->n_inputs, &analyse, &params, step, &core));
    aet_err err = save(args, stages, step, core);
    if (!err)
        err = draw_all(args, stages, times, timed);
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

static const aet_option options[] = {
    {.name = "figures",
     .value = "DIR",
     .help = "draw the standard figures of the stages, and what changed from each to the next, "
             "into DIR"},
    {.name = "times",
     .value = "T1,T2,..",
     .help = "of the stages, in seconds: figures are against time, not against the stage"},
    {0},
};
static const aet_param_table *const tables[] = {&aet_track_table, &aet_analyse_table, NULL};

const aet_command aet_cmd_track = {
    .name = "track",
    .group = "stages",
    .output = AET_NEEDS_OUTPUT,
    .usage = "first.h5 second.h5 ... -o FOLDER [--figures DIR] [--times T1,T2,..]",
    .summary = "one particle at several stages: which atoms stayed, changed, went and came",
    .text =
        "Lays every model over the one before it, whichever way it lies, pairs atoms, and\n"
        "analyses all of them. Common positions are mutual nearest atoms nearer than\n"
        "track.common_A; consistent ones keep their species, exchanged ones do not; the rest\n"
        "is lost in the earlier stage and new in the later one.\n"
        "\n"
        "FOLDER gets stageN_NAME.h5 (the models, moved, with all measures and the columns\n"
        "fate, next_atom, history, previous_atom, core), core.h5 (the positions common to all\n"
        "stages, averaged) and track.csv (a row per step). stdout: the same counts, and the\n"
        "size of the core. With --figures size, shape, composition, strain, crystallinity and\n"
        "core are drawn against the stage, profiles and histograms for each of them, and for\n"
        "each step lost, new and exchanged atoms against depth and coordination and the change\n"
        "of the enrichment by direction.",
    .examples = "  aetlas track pristine.h5 after_4k.h5 after_12k.h5 -o followed\n"
                "  aetlas track s*.h5 -o series --figures series --times 0,8,19 \\\n"
                "      --set analyse.crystallinity=yes\n"
                "  aetlas track a.h5 b.h5 -o ab --set track.superpose=no --set track.common_A=1.2",
    .min_inputs = 2,
    .max_inputs = -1,
    .options = options,
    .tables = tables,
    .run = run,
};
