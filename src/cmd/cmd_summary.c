#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/campaign.h"
#include "aetlas/campaign/summary.h"
#include "cmd/campaign_file.h"
#include "cmd/command.h"

static aet_err of_campaign(aet_args *args)
{
    aet_campaign *c = NULL;
    AET_TRY(aet_campaign_from_file(args, &c));
    aet_err err = aet_campaign_summary(args->comm, c);
    if (!err || err == AET_ERR_PARTIAL)
        aet_out("report = %s/report.html\n", c->output);
    aet_campaign_free(&c);
    return err;
}

/* A file RESULTS/p1/measures.h5 is called p1, any other by its own name. */
static void name_entry(const char *path, aet_summary_entry *e)
{
    char dir[AET_PATH_MAX];
    aet_path_stem(path, e->name, sizeof e->name);
    aet_path_dir(path, dir, sizeof dir);
    if (aet_str_same(e->name, "measures") && !aet_str_same(dir, "."))
        aet_fmt(e->name, sizeof e->name, "%s", aet_path_base(dir));
    aet_fmt(e->path, sizeof e->path, "%s", path);
}

/* Each has a folder of pictures of its own. */
static void tell_apart(aet_summary_entry *entries, int k)
{
    char name[48];
    int same = 0;
    for (int i = 0; i < k; i++)
        same += aet_str_same(entries[i].name, entries[k].name);
    aet_fmt(name, sizeof name, "%.40s", entries[k].name);
    if (same)
        aet_fmt(entries[k].name, sizeof entries[k].name, "%s~%d", name, same + 1);
}

static aet_err of_files(aet_args *args)
{
    AET_CHECK(args->output, AET_ERR_USAGE,
              "-o FOLDER is missing: where the tables and the report go");
    aet_summary_entry *entries = AET_NEW(aet_summary_entry, args->n_inputs);
    for (int i = 0; i < args->n_inputs; i++)
        name_entry(args->inputs[i], &entries[i]);
    for (int i = args->n_inputs - 1; i > 0; i--)
        tell_apart(entries, i);
    aet_err err =
        aet_summary_write(args->comm, "Summary", entries, args->n_inputs, true, args->output);
    aet_release(&entries);
    if (!err || err == AET_ERR_PARTIAL)
        aet_out("report = %s/report.html\n", args->output);
    return err;
}

static aet_err run(aet_args *args)
{
    return aet_str_ends(args->inputs[0], ".ini") ? of_campaign(args) : of_files(args);
}

static const aet_param_table *const tables[] = {&aet_campaign_table, NULL};

const aet_command aet_cmd_summary = {
    .name = "summary",
    .group = "campaign",
    .output = AET_MAY_OUTPUT,
    .usage = "CAMPAIGN.ini | A/measures.h5 B/measures.h5 ... -o FOLDER",
    .summary = "campaign statistics and the report, from what is there",
    .text =
        "Collects the scalars of all finished particles into summary.csv (a row per particle) and\n"
        "groups.csv (mean and standard deviation by group and cycle count), draws sphericity,\n"
        "facets, composition, short-range order, strain and activity against cycles, their\n"
        "profiles against depth and their histograms (figures/: SVG, PNG and the numbers as\n"
        "CSV), the atoms of each particle by these measures, and puts all into report.html.\n"
        "With a campaign file everything goes to the campaign's folder; with measures files,\n"
        "to -o FOLDER. Measures that cannot be read are left out and named (status 8).",
    .examples = "  aetlas summary campaign.ini\n"
                "  aetlas summary results/*/measures.h5 -o overview",
    .min_inputs = 1,
    .max_inputs = -1,
    .tables = tables,
    .run = run,
};
