/* The items of a data set over groups of ranks.
 *
 * Tasks are items, and shards: the shard is put together by whoever meets it in the order, which is so
 * many items after its last one that these are most likely done; where they are not, it is left to the
 * end, when all ranks go over what remains.  So no two groups ever write one shard, and the disk
 * holds few items twice.
 */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/journal.h"
#include "aetlas/num/fft.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/timing.h"
#include "dataset_priv.h"
#include <math.h>

typedef struct {
    int shard, item; /* item < 0: the shard is to be put together */
} task;

typedef struct {
    const aet_dataset *d;
    task *tasks;
    int n_tasks;
    double seconds[AET_DATASET_PHASES]; /* of this rank, as leader of a group */
    int made, bad, joined;              /* likewise */
    aet_progress progress;              /* rank 0 */
} state;

/* ---- what is to do ---- */

/* Rank 0: items that are missing from shards first .. last - 1; their shards come `lag` items later. */
static aet_err list_tasks(state *s, int first, int last, int lag)
{
    const aet_dataset *d = s->d;
    int waiting = first; /* the next shard whose joining is not listed yet */
    int *due = AET_NEW(int, d->n_shards + 1);
    aet_err err = AET_OK;
    int items = 0;
    for (int shard = first; shard < last && !err; shard++) {
        bool there = false;
        int item, n = dataset_shard_items(d, shard, &item);
        err = dataset_shard_state(d, shard, &there);
        due[shard] = there ? -1 : 0;
        if (there)
            dataset_shard_sweep(d, shard);
        for (int i = item; i < item + n && !there && !err; i++) {
            bool made = false;
            err = dataset_item_state(d, i, &made);
            if (!made) {
                s->tasks[s->n_tasks++] = (task){shard, i};
                items++;
            }
            for (; waiting < shard && (due[waiting] < 0 || items >= due[waiting] + lag); waiting++)
                if (due[waiting] >= 0)
                    s->tasks[s->n_tasks++] = (task){waiting, -1};
        }
        if (!there)
            due[shard] = items;
    }
    for (; waiting < last && !err; waiting++)
        if (due[waiting] >= 0)
            s->tasks[s->n_tasks++] = (task){waiting, -1};
    aet_release(&due);
    return err;
}

/* Collective.  The same list on all ranks. */
static aet_err share_tasks(MPI_Comm comm, state *s, int first, int last, int lag)
{
    int rank;
    aet_err err = AET_OK;
    char path[AET_PATH_MAX];
    MPI_Comm_rank(comm, &rank);
    AET_TRY(AET_AGREE(comm, AET_ARRAY(s->d->n_items + s->d->n_shards, "tasks", &s->tasks)));
    if (rank == 0) {
        dataset_path(s->d, "items", path);
        err = aet_dir_make(path);
    }
    if (rank == 0 && !err)
        err = list_tasks(s, first, last, lag);
    AET_TRY(AET_AGREE(comm, err));
    MPI_Bcast(&s->n_tasks, 1, MPI_INT, 0, comm);
    aet_bcast_bytes(comm, s->tasks, s->n_tasks * (int64_t)sizeof *s->tasks, 0);
    return AET_OK;
}

/* ---- doing it ---- */

/* The journal tells people what happened; the files tell the program. */
static aet_err note(const aet_dataset *d, const char *name, aet_err err, bool bad, double seconds)
{
    aet_journal_line l = {.done = !err && !bad, .seconds = seconds, .fingerprint = d->fingerprint};
    aet_fmt(l.item, sizeof l.item, "%s", name);
    aet_fmt(l.stage, sizeof l.stage, "item");
    aet_fmt(l.reason, sizeof l.reason, "%s", l.done ? "" : aet_error_text());
    return aet_journal_append(d->journal, &l);
}

static aet_err run_item(MPI_Comm group, state *s, int item)
{
    char name[64];
    int rank;
    bool bad = false;
    dataset_place p = dataset_item_place(s->d, item);
    double begin_s = aet_clock_s();
    aet_fmt(name, sizeof name, "%s-%d", p.split->name, p.number);
    MPI_Comm_rank(group, &rank);
    aet_log_item(name);
    aet_log_brief(true);
    aet_err err = dataset_item_make(group, s->d, item, s->seconds, &bad);
    if (bad && rank == 0) /* of the group: rank 0 of all does not see it otherwise */
        aet_log_rank(AET_LOG_WARN, "cannot be made and is marked bad: %s", aet_error_text());
    aet_log_brief(false);
    aet_log_item(NULL);
    aet_err noted = AET_OK;
    if (rank == 0) {
        s->made += !err;
        s->bad += bad;
        if (err != AET_ERR_STOPPED)
            noted = note(s->d, name, err, bad, aet_clock_s() - begin_s);
    }
    if (!err)
        err = AET_AGREE(group, noted);
    return aet_error_frame(err, "%s", name);
}

static aet_err join_shard(MPI_Comm group, state *s, int shard)
{
    int rank;
    bool done = false;
    aet_err err = AET_OK;
    double begin_s = aet_clock_s();
    MPI_Comm_rank(group, &rank);
    if (rank == 0) {
        err = dataset_shard_join(s->d, shard, &done);
        s->joined += done && !err;
        s->seconds[AET_DATASET_WRITE] += aet_clock_s() - begin_s;
    }
    return AET_AGREE(group, err);
}

static aet_err run_task(MPI_Comm group, int k, void *ctx)
{
    state *s = ctx;
    task t = s->tasks[k];
    return t.item >= 0 ? run_item(group, s, t.item) : join_shard(group, s, t.shard);
}

/* Runs in the master thread: only logging. */
static void task_done(int k, aet_err code, const char *text, double seconds, void *ctx)
{
    state *s = ctx;
    if (code)
        aet_log(AET_LOG_ERROR, "after %.1f s: %s", seconds, text);
    if (s->tasks[k].item >= 0)
        aet_progress_step(&s->progress, NULL);
}

/* ---- after the items ---- */

/* Collective.  Shards that are not there yet, of first .. last - 1, are tried once more. */
static aet_err join_rest(MPI_Comm comm, state *s, int first, int last, int *left)
{
    int rank;
    aet_err err = AET_OK;
    MPI_Comm_rank(comm, &rank);
    s->n_tasks = 0;
    for (int shard = first; shard < last && rank == 0 && !err; shard++) {
        bool there = false;
        err = dataset_shard_state(s->d, shard, &there);
        if (!there)
            s->tasks[s->n_tasks++] = (task){shard, -1};
    }
    AET_TRY(AET_AGREE(comm, err));
    MPI_Bcast(&s->n_tasks, 1, MPI_INT, 0, comm);
    aet_bcast_bytes(comm, s->tasks, s->n_tasks * (int64_t)sizeof *s->tasks, 0);
    int before = s->joined, joined;
    if (s->n_tasks > 0)
        err = aet_farm_run(comm, s->n_tasks, NULL, 1, run_task, task_done, s, NULL);
    joined = s->joined - before;
    MPI_Allreduce(MPI_IN_PLACE, &joined, 1, MPI_INT, MPI_SUM, comm);
    *left = s->n_tasks - joined;
    return err;
}

/* Collective.  When the whole is there. */
static aet_err finish(MPI_Comm comm, const aet_dataset *d)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    aet_phase_begin("index");
    aet_err err = AET_AGREE(comm, rank == 0 ? dataset_index_write(d) : AET_OK);
    aet_phase_end("index");
    return err;
}

static void collect(MPI_Comm comm, const state *s, aet_dataset_report *r)
{
    int counts[3] = {s->made, s->bad, s->joined};
    double peak = aet_mem_peak_MiB();
    MPI_Allreduce(MPI_IN_PLACE, counts, 3, MPI_INT, MPI_SUM, comm);
    MPI_Allreduce(s->seconds, r->seconds, AET_DATASET_PHASES, MPI_DOUBLE, MPI_SUM, comm);
    MPI_Allreduce(&peak, &r->peak_MiB, 1, MPI_DOUBLE, MPI_MAX, comm);
    r->items = counts[0];
    r->bad = counts[1];
    r->shards = counts[2];
    for (int k = 0; k < AET_DATASET_PHASES; k++)
        r->item_seconds += r->seconds[k];
}

/* Collective.  Items, then what remains of shards; the outcome is PARTIAL when some are left. */
static aet_err run_tasks(MPI_Comm comm, state *s, int first, int last, aet_dataset_report *r)
{
    aet_farm_report farm = {0};
    int items = 0;
    for (int k = 0; k < s->n_tasks; k++)
        items += s->tasks[k].item >= 0;
    s->progress = aet_progress_begin("items", items);
    aet_err err = AET_OK;
    if (s->n_tasks > 0)
        err =
            aet_farm_run(comm, s->n_tasks, NULL, r->ranks_per_item, run_task, task_done, s, &farm);
    aet_progress_end(&s->progress);
    r->groups = farm.groups;
    r->busy_fraction = farm.busy_fraction;
    r->wall_s = farm.wall_s;
    r->failed = farm.failed;
    if (err && err != AET_ERR_PARTIAL)
        return err;
    aet_err rest = join_rest(comm, s, first, last, &r->shards_left);
    if (rest && rest != AET_ERR_PARTIAL)
        return rest;
    AET_CHECK(
        r->shards_left == 0, AET_ERR_PARTIAL,
        "%d shards are unfinished: items of them failed for want of memory or disk; run again "
        "to try them again (%s says why)",
        r->shards_left, s->d->journal);
    return AET_OK;
}

static aet_err all_there(MPI_Comm comm, const aet_dataset *d, bool *all)
{
    int rank, there = 1;
    aet_err err = AET_OK;
    MPI_Comm_rank(comm, &rank);
    for (int shard = 0; shard < d->n_shards && rank == 0 && there && !err; shard++) {
        bool this = false;
        err = dataset_shard_state(d, shard, &this);
        there = this;
    }
    AET_TRY(AET_AGREE(comm, err));
    MPI_Bcast(&there, 1, MPI_INT, 0, comm);
    *all = there;
    return AET_OK;
}

aet_err aet_dataset_run(MPI_Comm comm, const aet_dataset *d, int k, int n, aet_dataset_report *r)
{
    int size, first = (int)((int64_t)d->n_shards * k / n),
              last = (int)((int64_t)d->n_shards * (k + 1) / n);
    bool all = false;
    aet_err err = AET_OK;
    aet_dataset_need need;
    state s = {.d = d};
    *r = (aet_dataset_report){0};
    MPI_Comm_size(comm, &size);
    aet_fft_repeatable();
    aet_dataset_plan(d, &need);
    r->ranks_per_item = need.ranks_per_item < size ? need.ranks_per_item : size;
    AET_GO(share_tasks(comm, &s, first, last, 2 * (size / r->ranks_per_item)));
    AET_GO(run_tasks(comm, &s, first, last, r));
    AET_GO(all_there(comm, d, &all));
    if (all && n == 1)
        AET_GO(finish(comm, d));
done:
    collect(comm, &s, r);
    aet_release(&s.tasks);
    return err;
}
