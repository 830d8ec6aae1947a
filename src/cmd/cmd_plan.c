#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/campaign/campaign.h"
#include "cmd/campaign_file.h"
#include "cmd/command.h"
#include <math.h>

static void print_needs(const aet_campaign *c, const aet_campaign_need *needs)
{
    aet_out("%-24s %-16s %6s %10s %11s  %s\n", "particle", "images", "ranks", "GiB/rank",
            "core-hours", "state");
    for (int i = 0; i < c->n; i++) {
        const aet_campaign_need *d = &needs[i];
        char shape[48];
        snprintf(shape, sizeof shape, d->ny ? "%d x %d x %d" : "%d atoms", d->n, d->ny, d->nx);
        aet_out("%-24s %-16s %6d %10.2f %11.3f  %s\n", c->particles[i].name,
                d->n ? shape : "unreadable", d->ranks, d->GiB_per_rank, d->core_hours,
                d->done ? "done" : "to do");
    }
}

/* Enough ranks that all particles run at once, on nodes as they are common. */
static void print_jobs(const aet_args *args, const aet_campaign *c, const aet_campaign_need *needs)
{
    int ranks = 1, left = 0;
    double total_h = 0.0, longest_h = 0.0, GiB = 0.0;
    for (int i = 0; i < c->n; i++) {
        if (needs[i].done || !needs[i].n)
            continue;
        left++;
        ranks = needs[i].ranks > ranks ? needs[i].ranks : ranks;
        total_h += needs[i].core_hours;
        longest_h = fmax(longest_h, needs[i].core_hours / needs[i].ranks);
        GiB = fmax(GiB, needs[i].GiB_per_rank);
    }
    aet_out("particles_to_do = %d\ncore_hours = %.3f\n", left, total_h);
    if (left == 0)
        return;
    int minutes = (int)ceil(2.0 * 60.0 * longest_h) + 5; /* twice the estimate, and the start */
    int memory_GiB = (int)ceil(1.25 * GiB + 0.5);
    aet_out("\n# one job, all particles at once:\n"
            "sbatch --ntasks=%d --mem-per-cpu=%dG --time=%d jobs/campaign.sbatch %s\n",
            left * ranks, memory_GiB, minutes, args->inputs[0]);
    aet_out("# or one particle per task of a job array, and the summary after it:\n"
            "id=$(sbatch --parsable --array=1-%d --ntasks=%d --mem-per-cpu=%dG --time=%d "
            "jobs/particles.sbatch %s)\n"
            "sbatch --dependency=afterany:$id --ntasks=1 jobs/campaign.sbatch %s\n",
            c->n, ranks, memory_GiB, minutes, args->inputs[0], args->inputs[0]);
}

static aet_err run(aet_args *args)
{
    aet_campaign *c = NULL;
    AET_TRY(aet_campaign_from_file(args, &c));
    aet_campaign_need *needs = AET_NEW(aet_campaign_need, c->n);
    aet_err err = aet_campaign_plan(args->comm, c, needs);
    if (!err) {
        print_needs(c, needs);
        print_jobs(args, c, needs);
    }
    aet_release(&needs);
    aet_campaign_free(&c);
    return err;
}

const aet_command aet_cmd_plan = {
    .name = "plan",
    .group = "campaign",
    .usage = "CAMPAIGN.ini",
    .summary = "tasks, memory, core hours and sbatch lines of a campaign; runs nothing",
    .text =
        "Looks at the inputs of every particle and prints what `aetlas run` would need: the\n"
        "ranks per particle that keep each within campaign.memory_per_rank_GiB, memory, core\n"
        "hours (good to a factor of two for a particle that fills its frame; a smaller one takes\n"
        "less), what is done already, and sbatch lines that fit.",
    .examples = "  aetlas plan campaign.ini\n"
                "  aetlas plan campaign.ini --set campaign.memory_per_rank_GiB=4",
    .min_inputs = 1,
    .max_inputs = 1,
    .tables = aet_campaign_tables,
    .run = run,
};
