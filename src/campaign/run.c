/* The particles of a campaign over groups of ranks. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/campaign.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include <stdlib.h>

typedef struct {
    const aet_campaign *campaign;
    const int *items; /* particle of each farm item */
    aet_progress progress;
} run_state;

static aet_err run_item(MPI_Comm group, int item, void *ctx)
{
    const run_state *r = ctx;
    return aet_campaign_particle(group, r->campaign, &r->campaign->particles[r->items[item]]);
}

/* Runs in the master thread: only logging. */
static void item_done(int item, aet_err code, const char *text, double seconds, void *ctx)
{
    run_state *r = ctx;
    const char *name = r->campaign->particles[r->items[item]].name;
    if (code)
        aet_log(AET_LOG_ERROR, "%s failed after %.1f s: %s", name, seconds, text);
    else
        aet_info("%s finished in %.1f s", name, seconds);
    aet_progress_step(&r->progress, NULL);
}

typedef struct {
    int item;
    int64_t size;
} weight;

static int larger_first(const void *a, const void *b)
{
    const weight *x = a, *y = b;
    if (x->size != y->size)
        return x->size < y->size ? 1 : -1;
    return x->item - y->item;
}

/* Largest inputs first, so that no long item starts last. */
static void order_items(MPI_Comm comm, const aet_campaign *c, int *items)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    weight *w = AET_NEW(weight, c->n);
    for (int i = 0; i < c->n && rank == 0; i++) {
        w[i].item = i;
        if (aet_file_size(c->particles[i].input, &w[i].size) != AET_OK)
            w[i].size = 0; /* it fails soon, with a message of its own */
    }
    aet_error_clear();
    qsort(w, (size_t)c->n, sizeof *w, larger_first);
    for (int i = 0; i < c->n; i++)
        items[i] = w[i].item;
    MPI_Bcast(items, c->n, MPI_INT, 0, comm);
    aet_release(&w);
}

/* As many ranks per item as the largest needs to keep within the memory of a rank.  One item, or one rank,
 * makes one group whatever the answer: then no input is read for it. */
static aet_err group_size(MPI_Comm comm, const aet_campaign *c, int n_items, int *ranks)
{
    int size;
    MPI_Comm_size(comm, &size);
    *ranks = c->params.ranks_per_item;
    if (*ranks > 0 || n_items == 1 || size == 1)
        return AET_OK;
    aet_campaign_need *needs = AET_NEW(aet_campaign_need, c->n);
    aet_err err = aet_campaign_plan(comm, c, needs);
    *ranks = 1;
    for (int i = 0; i < c->n && !err; i++)
        if (needs[i].ranks > *ranks)
            *ranks = needs[i].ranks;
    aet_release(&needs);
    return err;
}

static aet_err make_output(MPI_Comm comm, const aet_campaign *c)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    return AET_AGREE(comm, rank == 0 ? aet_dir_make(c->output) : AET_OK);
}

aet_err aet_campaign_run(MPI_Comm comm, const aet_campaign *c, int only, aet_farm_report *report)
{
    int ranks = 1, n = only >= 0 ? 1 : c->n;
    *report = (aet_farm_report){0};
    AET_TRY(make_output(comm, c));
    AET_TRY(group_size(comm, c, n, &ranks));
    int *items = AET_NEW(int, c->n);
    order_items(comm, c, items);
    if (only >= 0)
        items[0] = only;
    run_state state = {c, items, aet_progress_begin("particles", n)};
    aet_err err = aet_farm_run(comm, n, NULL, ranks, run_item, item_done, &state, report);
    aet_progress_end(&state.progress);
    aet_release(&items);
    aet_info("%d particles, %d failed, %d not run; %d groups, busy %.0f %% of the time, %.1f s",
             report->finished, report->failed, report->not_run, report->groups,
             100.0 * report->busy_fraction, report->wall_s);
    return err;
}
