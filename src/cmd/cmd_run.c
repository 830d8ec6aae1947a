#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/campaign.h"
#include "aetlas/campaign/summary.h"
#include "cmd/campaign_file.h"
#include "cmd/command.h"
#include <string.h>

static const aet_option options[] = {
    {"item", "K", "only the K-th particle of the table (from 1), for job arrays; no summary", 'i'},
    {NULL, NULL, NULL, 0},
};

/* The state of each particle, as one may pipe it.  Rank 0 only: it reads the inputs' fingerprints. */
static void print_states(const aet_campaign *c)
{
    aet_out("%-24s %-12s %s\n", "particle", "state", "reason");
    for (int i = 0; i < c->n; i++) {
        const char *reason;
        bool done = aet_campaign_state(c, &c->particles[i], &reason);
        aet_out("%-24s %-12s %s\n", c->particles[i].name,
                done        ? "done"
                : reason[0] ? "failed"
                            : "missing",
                done ? "" : reason);
    }
}

/* After the particles: statistics, states, and the outcome,
 * which is that of the particles unless worse comes. */
static aet_err finish(MPI_Comm comm, aet_campaign *c, bool summary, const aet_farm_report *r,
                      aet_err outcome)
{
    int rank;
    char text[AET_ERROR_TEXT_MAX];
    MPI_Comm_rank(comm, &rank);
    aet_fmt(text, sizeof text, "%s", aet_error_text());
    AET_TRY(aet_campaign_reload(comm, c));
    aet_err report = summary ? aet_campaign_summary(comm, c) : AET_OK;
    if (report == AET_ERR_PARTIAL && outcome == AET_OK) {
        outcome = report;
        aet_fmt(text, sizeof text, "%s", aet_error_text());
    } else if (report != AET_ERR_PARTIAL)
        AET_TRY(report);
    if (rank == 0)
        print_states(c);
    aet_out("finished = %d\nfailed = %d\ngroups = %d\nbusy_fraction = %.4f\nseconds = %.2f\n",
            r->finished - r->failed, r->failed, r->groups, r->busy_fraction, r->wall_s);
    if (outcome)
        AET_FAIL(outcome, "%s", text);
    return AET_OK;
}

static aet_err run(aet_args *args)
{
    long item = 0;
    aet_campaign *c = NULL;
    aet_farm_report report;
    AET_TRY(aet_args_int(args, "item", 1, 1000000, &item));
    AET_TRY(aet_campaign_from_file(args, &c));
    aet_err err = AET_OK;
    AET_GO_CHECK(item <= c->n, AET_ERR_USAGE, "--item %ld: the table has %d particles", item, c->n);
    err = aet_campaign_run(args->comm, c, (int)item - 1, &report);
    if (err == AET_OK || err == AET_ERR_PARTIAL || err == AET_ERR_STOPPED)
        err = finish(args->comm, c, item == 0 && err != AET_ERR_STOPPED, &report, err);
done:
    aet_campaign_free(&c);
    return err;
}

const aet_command aet_cmd_run = {
    .name = "run",
    .group = "campaign",
    .usage = "CAMPAIGN.ini [--item K]",
    .summary = "a whole campaign: what is missing is done, what is done is kept",
    .text = "Takes every particle of the campaign's table from its tilt series to a volume, atoms\n"
            "and measures (or from atoms to measures, where these are its input), spreads the "
            "particles over groups of ranks, and ends with statistics\n"
            "by group and cycle count. A particle that fails costs itself only (status 8, the\n"
            "reason in campaign.journal). Run the same command again to go on after a stop, a\n"
            "time limit or a crash, and after new particles or changed parameters: only what they\n"
            "touch is done anew. With campaign.precision every model is also simulated,\n"
            "reconstructed and traced again (aetlas help precision).\n"
            "\n"
            "Stopping: SIGTERM, SIGUSR1 or a file named `stop` (status 7).",
    .examples = "  aetlas run campaign.ini\n"
                "  mpirun -n 16 aetlas run campaign.ini --set reconstruct.iterations=300\n"
                "  sbatch jobs/campaign.sbatch campaign.ini",
    .min_inputs = 1,
    .max_inputs = 1,
    .options = options,
    .tables = aet_campaign_tables,
    .run = run,
};
