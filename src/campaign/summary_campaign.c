/* The summary of a campaign: which particles take part. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/campaign/campaign.h"
#include "aetlas/campaign/summary.h"

/* A picture of the particle, relative to the report; "" where there is none. */
static void picture_of(const aet_campaign *c, const aet_particle *p, const char *file,
                       char picture[AET_PATH_MAX])
{
    char path[AET_PATH_MAX];
    aet_campaign_path(c, p, file, path);
    picture[0] = 0;
    if (aet_file_exists(path))
        aet_path_join(picture, AET_PATH_MAX, p->name, file);
}

aet_err aet_campaign_summary(MPI_Comm comm, const aet_campaign *c)
{
    aet_summary_entry *entries = AET_NEW(aet_summary_entry, c->n);
    int n = 0, rank;
    MPI_Comm_rank(comm, &rank);
    for (int i = 0; i < c->n && rank == 0; i++) {
        const aet_particle *p = &c->particles[i];
        aet_summary_entry *e = &entries[n];
        aet_campaign_path(c, p, "measures.h5", e->path);
        if (!aet_file_exists(e->path))
            continue;
        const aet_journal_line *last = aet_journal_find(c->journal, p->name, NULL);
        if (last && !last->done) {
            aet_warn("%s is left out: its stage '%s' failed since its measures were made", p->name,
                     last->stage);
            continue;
        }
        aet_fmt(e->name, sizeof e->name, "%s", p->name);
        aet_fmt(e->group, sizeof e->group, "%s", p->group);
        e->cycles = p->cycles;
        aet_campaign_path(c, p, "precision.h5", e->precision);
        if (!c->params.precision || !aet_file_exists(e->precision))
            e->precision[0] = 0;
        picture_of(c, p, "volume.png", e->picture);
        picture_of(c, p, "reconstruction.png", e->errors);
        n++;
    }
    MPI_Bcast(&n, 1, MPI_INT, 0, comm);
    aet_err err = AET_OK;
    if (n > 0)
        err = aet_summary_write(comm, c->params.name, entries, n, c->params.pictures, c->output);
    else
        aet_warn("no particle is finished: there is nothing to summarise");
    aet_release(&entries);
    return err;
}
