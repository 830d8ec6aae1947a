#include "aetlas/par/farm.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include <pthread.h>
#include <string.h>
#include <time.h>

enum { TAG_REPORT = 1, TAG_ITEM, NO_ITEM = -1 };

/* What a group leader tells the master: the item it has finished (or NO_ITEM at first) and how. */
typedef struct {
    int item, code;
    double seconds;
    char text[AET_ERROR_TEXT_MAX];
} report_message;

typedef struct {
    MPI_Comm comm, group;
    int n_groups, my_group;
    bool on_demand;
    int n_items;
    const int *order;
    aet_farm_item run;
    aet_farm_done done;
    void *ctx;
    /* Of the next two lines, on rank 0: its master and its own leader use them. */
    pthread_mutex_t lock;
    int finished, failed, next;
    bool stopping; /* an item was stopped: none is given any more */
    double busy_s, span_s, start_s;
    report_message *sent; /* of a leader that is dealt its items */
    MPI_Request *requests;
    int n_sent;
} farm;

static void record(farm *f, const report_message *m)
{
    f->stopping |= m->code == AET_ERR_STOPPED;
    if (m->item == NO_ITEM || m->code == AET_ERR_STOPPED)
        return;
    f->finished++;
    f->failed += m->code != AET_OK;
    if (f->done)
        f->done(m->item, (aet_err)m->code, m->text, m->seconds, f->ctx);
}

static int next_item(farm *f)
{
    if (f->next >= f->n_items || f->stopping || aet_stop_asked())
        return NO_ITEM;
    int i = f->next++;
    return f->order ? f->order[i] : i;
}

/* Rank 0: takes a report and gives the next item. */
static int hand_out(farm *f, const report_message *m)
{
    pthread_mutex_lock(&f->lock);
    record(f, m);
    int item = f->on_demand ? next_item(f) : NO_ITEM;
    pthread_mutex_unlock(&f->lock);
    return item;
}

/* Answers the report that waits from source.  False: that leader is through. */
static bool serve(farm *f, int source)
{
    report_message m;
    MPI_Recv(&m, sizeof m, MPI_BYTE, source, TAG_REPORT, f->comm, MPI_STATUS_IGNORE);
    int item = hand_out(f, &m);
    if (f->on_demand)
        MPI_Send(&item, 1, MPI_INT, source, TAG_ITEM, f->comm);
    return item != NO_ITEM;
}

/* Serves the leaders of the other groups.  It sleeps between looks: an MPI receive would spin, cost a core, and
 * hold up the MPI calls of rank 0's own work. */
static void *master(void *farm_)
{
    farm *f = farm_;
    const struct timespec nap = {0, 500000};
    for (int active = f->n_groups - 1; active > 0;) {
        int waiting;
        MPI_Status status;
        MPI_Iprobe(MPI_ANY_SOURCE, TAG_REPORT, f->comm, &waiting, &status);
        if (waiting)
            active -= !serve(f, status.MPI_SOURCE);
        else
            nanosleep(&nap, NULL);
    }
    return NULL;
}

/* Leader: hands in a report and gets the next item. */
static int exchange(farm *f, const report_message *m, int *dealt)
{
    int item = NO_ITEM;
    if (f->on_demand && f->my_group == 0)
        return hand_out(f, m);
    if (f->on_demand) {
        MPI_Send(m, sizeof *m, MPI_BYTE, 0, TAG_REPORT, f->comm);
        MPI_Recv(&item, 1, MPI_INT, 0, TAG_ITEM, f->comm, MPI_STATUS_IGNORE);
        return item;
    }
    if (m->item != NO_ITEM) { /* rank 0 collects it at the end: the copy lives until then */
        report_message *copy = &f->sent[f->n_sent];
        *copy = *m;
        MPI_Isend(copy, sizeof *copy, MPI_BYTE, 0, TAG_REPORT, f->comm, &f->requests[f->n_sent++]);
    }
    int i = f->my_group + f->n_groups * (*dealt)++;
    if (i < f->n_items && m->code != AET_ERR_STOPPED && !aet_stop_asked())
        item = f->order ? f->order[i] : i;
    return item;
}

static void run_item(farm *f, int item, report_message *m)
{
    double begin_s = aet_clock_s();
    aet_error_clear();
    aet_err err = aet_agree(f->group, f->run(f->group, item, f->ctx));
    *m = (report_message){.item = item, .code = (int)err, .seconds = aet_clock_s() - begin_s};
    if (err)
        strncpy(m->text, aet_error_text(), sizeof m->text - 1);
    aet_error_clear();
    f->busy_s += m->seconds;
    f->span_s = aet_clock_s() - f->start_s;
}

static void work(farm *f)
{
    int rank, dealt = 0;
    MPI_Comm_rank(f->group, &rank);
    report_message m = {.item = NO_ITEM};
    for (;;) {
        int item = NO_ITEM;
        if (rank == 0)
            item = exchange(f, &m, &dealt);
        MPI_Bcast(&item, 1, MPI_INT, 0, f->group);
        if (item == NO_ITEM)
            return;
        run_item(f, item, &m);
    }
}

/* Without a master thread rank 0 collects the reports when all groups are through. */
static void collect(farm *f)
{
    int rank, waiting = 1;
    MPI_Barrier(f->comm);
    MPI_Comm_rank(f->comm, &rank);
    while (rank == 0 && waiting) {
        MPI_Status status;
        MPI_Iprobe(MPI_ANY_SOURCE, TAG_REPORT, f->comm, &waiting, &status);
        if (waiting)
            serve(f, status.MPI_SOURCE);
    }
    MPI_Waitall(f->n_sent, f->requests, MPI_STATUSES_IGNORE);
}

static aet_err start_master(farm *f, int rank, pthread_t *thread)
{
    if (rank == 0 && f->on_demand)
        AET_CHECK(pthread_create(thread, NULL, master, f) == 0, AET_ERR_NOMEM,
                  "no thread for the master of the farm");
    return AET_OK;
}

static void summarise(farm *f, aet_farm_report *r)
{
    int counts[2] = {f->finished, f->failed}, rank;
    double times[2] = {f->busy_s, f->span_s};
    MPI_Comm_rank(f->comm, &rank);
    MPI_Bcast(counts, 2, MPI_INT, 0, f->comm);
    MPI_Allreduce(MPI_IN_PLACE, times, 2, MPI_DOUBLE, MPI_SUM, f->comm);
    *r = (aet_farm_report){.groups = f->n_groups,
                           .on_demand = f->on_demand,
                           .finished = counts[0],
                           .failed = counts[1],
                           .not_run = f->n_items - counts[0],
                           .busy_fraction = times[1] > 0.0 ? times[0] / times[1] : 1.0,
                           .wall_s = aet_clock_s() - f->start_s};
    MPI_Bcast(&r->wall_s, 1, MPI_DOUBLE, 0, f->comm);
}

static farm make_groups(MPI_Comm comm, int n_items, int group_size)
{
    int rank, size, level;
    farm f = {.n_items = n_items};
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    MPI_Query_thread(&level);
    f.on_demand = level == MPI_THREAD_MULTIPLE;
    f.n_groups = size / (group_size > 0 ? group_size : 1);
    if (f.n_groups > n_items)
        f.n_groups = n_items;
    if (f.n_groups < 1)
        f.n_groups = 1;
    f.my_group = (int)((long long)rank * f.n_groups / size);
    MPI_Comm_dup(comm, &f.comm);
    MPI_Comm_split(comm, f.my_group, rank, &f.group);
    if (!f.on_demand) {
        f.sent = AET_NEW(report_message, n_items / f.n_groups + 1);
        f.requests = AET_NEW(MPI_Request, n_items / f.n_groups + 1);
    }
    f.start_s = aet_clock_s();
    return f;
}

aet_err aet_farm_run(MPI_Comm comm, int n_items, const int *order, int group_size,
                     aet_farm_item run, aet_farm_done done, void *ctx, aet_farm_report *report)
{
    int rank;
    pthread_t thread;
    aet_farm_report local;
    farm f = make_groups(comm, n_items, group_size);
    pthread_mutex_init(&f.lock, NULL);
    f.order = order;
    f.run = run;
    f.done = done;
    f.ctx = ctx;
    MPI_Comm_rank(comm, &rank);
    aet_err err = AET_AGREE(comm, start_master(&f, rank, &thread));
    if (!err) {
        work(&f);
        if (rank == 0 && f.on_demand)
            pthread_join(thread, NULL);
        if (!f.on_demand)
            collect(&f);
    }
    summarise(&f, &local);
    if (report)
        *report = local;
    pthread_mutex_destroy(&f.lock);
    aet_release(&f.sent);
    aet_release(&f.requests);
    MPI_Comm_free(&f.group);
    MPI_Comm_free(&f.comm);
    if (err)
        return err;
    AET_CHECK(local.not_run == 0, AET_ERR_STOPPED,
              "stopped: %d of %d items were not finished; run again to go on", local.not_run,
              n_items);
    AET_CHECK(local.failed == 0, AET_ERR_PARTIAL, "%d of %d items failed", local.failed, n_items);
    return AET_OK;
}
