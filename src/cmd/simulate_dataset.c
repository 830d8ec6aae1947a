#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/campaign/dataset.h"
#include "aetlas/io/nouns.h"
#include "cmd/campaign_file.h"
#include "cmd/simulate_kinds.h"
#include <string.h>

static const aet_param_table *const tables[] = {&aet_dataset_table, &aet_particle_table,
                                                &aet_simulate_table, &aet_recon_table, NULL};

/* "K:N": part K, from 1, of N. */
static aet_err parse_part(const aet_args *args, int *k, int *n)
{
    const char *text = aet_args_get(args, "part");
    char rest;
    *k = *n = 1;
    AET_CHECK(!text || (sscanf(text, "%9d:%9d%c", k, n, &rest) == 2 && *k >= 1 && *k <= *n),
              AET_ERR_USAGE, "--part %s: expected K:N with 1 <= K <= N, e.g. 3:20", text);
    return AET_OK;
}

static void say_plan(const aet_dataset *d)
{
    aet_dataset_need need;
    aet_dataset_plan(d, &need);
    aet_info(
        "%d items of %d^3 voxels in %d shards: about %.2f GiB for each of %d ranks of an item, "
        "%.1f core hours for the reconstructions of all, %.1f GB on disk before compression",
        d->n_items, d->simulate.size, d->n_shards, need.GiB_per_rank, need.ranks_per_item,
        need.core_seconds_per_item * d->n_items / 3600, need.bytes / 1e9);
}

static void say_report(const aet_dataset *d, const aet_dataset_report *r)
{
    aet_out("items = %d\nbad = %d\nfailed = %d\nshards = %d\nshards_left = %d\n", r->items, r->bad,
            r->failed, r->shards, r->shards_left);
    if (r->items == 0)
        return;
    aet_out("groups = %d\nranks_per_item = %d\nbusy_fraction = %.4f\nseconds = %.2f\n", r->groups,
            r->ranks_per_item, r->busy_fraction, r->wall_s);
    for (int k = 0; k < AET_DATASET_PHASES; k++)
        aet_out("seconds_per_item_%s = %.4f\n", aet_dataset_phase_names[k],
                r->seconds[k] / r->items);
    double core_s = r->item_seconds / r->items * r->ranks_per_item;
    aet_out("seconds_per_item = %.4f\nitems_per_hour = %.1f\nitems_per_core_hour = %.2f\n"
            "core_hours_of_all = %.2f\npeak_MiB_per_rank = %.0f\n",
            r->item_seconds / r->items, r->items / r->wall_s * 3600, 3600 / core_s,
            core_s * d->n_items / 3600, r->peak_MiB);
}

static aet_err run(aet_args *args)
{
    int k, n;
    aet_dataset *d = NULL;
    aet_dataset_report report;
    AET_TRY(parse_part(args, &k, &n));
    AET_TRY(aet_read_first_input(args));
    AET_TRY(aet_dataset_open(args->config, args->output, &d));
    say_plan(d);
    aet_err err = aet_dataset_run(args->comm, d, k - 1, n, &report);
    if (err == AET_OK || err == AET_ERR_PARTIAL || err == AET_ERR_STOPPED)
        say_report(d, &report);
    aet_dataset_free(&d);
    return err;
}

static const aet_option options[] = {
    {"part", "K:N", "only part K of N of the shards, for job arrays; no index", 0},
    {"seed", "N", "seed of everything random", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_shorthand shorthands[] = {{"seed", "dataset.seed"}, {NULL, NULL}};

const aet_command aet_kind_simulate_dataset = {
    .name = "simulate dataset",
    .usage = "RECIPE.ini [--part K:N] -o FOLDER",
    .summary = "thousands of simulated tomograms with their truth, to train a network",
    .text =
        "Makes random particles, their noisy tilt series with angle errors, reconstructs them\n"
        "(input) and paints what they should be (target), as the recipe says. FOLDER gets\n"
        "shards of items in HDF5, and when all are there train.h5, validation.h5 and test.h5,\n"
        "in which /input and /target [item][z][y][x] open as one array each, the truth atoms,\n"
        "manifest.csv and recipe.ini. See include/aetlas/campaign/dataset.h for every name.\n"
        "\n"
        "Items are spread over groups of ranks. Run again, after a stop or a crash, it goes on\n"
        "at the item and ends with the same bytes. An item that cannot be made is marked bad\n"
        "with its reason and costs itself only; one that failed for want of memory or disk\n"
        "(status 8) is tried again by the next run.\n"
        "\n"
        "The seeds of [particle], [simulate] and [reconstruct] do not count: dataset.seed does.",
    .examples =
        "  aetlas simulate dataset configs/dataset_S000.ini -o data\n"
        "  mpirun -n 16 aetlas simulate dataset recipe.ini -o data --set dataset.train=100\n"
        "  aetlas simulate dataset recipe.ini -o data --part 3:20\n"
        "  sbatch --array=1-20 jobs/dataset.sbatch recipe.ini -o data",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .shorthands = shorthands,
    .tables = tables,
    .run = run,
};
