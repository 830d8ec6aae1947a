/* What a campaign needs, from the shapes of its inputs. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/campaign/campaign.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include <math.h>

static const double GiB = 1024.0 * 1024.0 * 1024.0;
enum { MOST_RANKS = 1 << 14 };

/* The largest particle that one would take in such a frame: a ball over 0.8 of it, */
static double diameter_A(const aet_tilt *t)
{
    return 0.8 * t->pixel_A * (t->nx < t->ny ? t->nx : t->ny);
}

/* of atoms of 15 A^3. */
static double most_atoms(const aet_tilt *t)
{
    return AET_PI / 6.0 * pow(diameter_A(t), 3.0) / 15.0;
}

static void add_stage(double stage_bytes, double stage_seconds, double *bytes, double *seconds)
{
    *bytes = stage_bytes > *bytes ? stage_bytes : *bytes;
    *seconds += stage_seconds;
}

/* Of the largest stage, and of all. */
static void need_of(const aet_campaign *c, const aet_tilt *t, const aet_campaign_need *d,
                    double *bytes, double *seconds)
{
    /* precision reconstructs and traces once more */
    double stage_bytes, stage_seconds, again = c->params.precision ? 2 : 1;
    int work[3], size[3];
    aet_recon_tilt_memory(t, &c->recon, d->ranks, bytes, seconds);
    *seconds *= again;
    if (c->params.refine) {
        aet_refine_memory(d->n, d->ny, d->nx, &c->refine, &c->recon, d->ranks, &stage_bytes,
                          &stage_seconds);
        add_stage(stage_bytes, stage_seconds, bytes, seconds);
    }
    aet_recon_size(t, &c->recon, work, size);
    aet_trace_memory(size, t->pixel_A, most_atoms(t), &c->trace, d->ranks, &stage_bytes,
                     &stage_seconds);
    add_stage(stage_bytes, stage_seconds * again, bytes, seconds);
    int fits = c->params.fit + (c->params.precision && c->precision.params.fit);
    if (fits > 0) {
        aet_fit_memory(t, most_atoms(t), &c->fit, d->ranks, &stage_bytes, &stage_seconds);
        add_stage(stage_bytes, fits * stage_seconds, bytes, seconds);
    }
}

/* The fewest ranks, in powers of two, that keep the memory of each within the limit. */
static void size_group(const aet_campaign *c, const aet_tilt *t, double images_bytes,
                       double images_s, aet_campaign_need *d)
{
    double bytes = 0.0, seconds = 0.0;
    int first = c->params.ranks_per_item > 0 ? c->params.ranks_per_item : 1;
    for (d->ranks = first; d->ranks <= MOST_RANKS; d->ranks *= 2) {
        need_of(c, t, d, &bytes, &seconds);
        if (c->params.ranks_per_item > 0 || bytes <= c->params.memory_per_rank_GiB * GiB)
            break;
    }
    d->GiB_per_rank = fmax(bytes, images_bytes) / GiB;
    d->core_hours = (seconds * d->ranks + images_s) / 3600.0;
}

/* Seconds and bytes of the analysis, per atom. */
#define MODEL_S     3e-4
#define MODEL_BYTES 4e3

static aet_err look_at_model(const aet_campaign *c, const aet_particle *p, aet_campaign_need *d)
{
    aet_atoms *a = NULL;
    AET_TRY(aet_campaign_load_atoms(MPI_COMM_SELF, c, p, &a));
    *d = (aet_campaign_need){.n = a->n,
                             .ranks = 1,
                             .GiB_per_rank = a->n * MODEL_BYTES / GiB,
                             .core_hours = a->n * MODEL_S / 3600.0};
    aet_atoms_free(&a);
    return AET_OK;
}

/* Of the images that precision makes: bytes of a rank, on whose number they do not depend, and core seconds. */
static aet_err images_of(const aet_campaign *c, const aet_particle *p, const aet_tilt *t,
                         double *bytes, double *seconds)
{
    int z[8], n;
    *bytes = *seconds = 0.0;
    if (!c->params.precision)
        return AET_OK;
    AET_TRY(aet_element_list(p->species[0] ? p->species : c->params.species, z, &n));
    return aet_precision_cost(t, diameter_A(t), z[n - 1], &c->precision, bytes, seconds);
}

static aet_err look_at_images(const aet_campaign *c, const aet_particle *p, aet_campaign_need *d)
{
    aet_tilt *t = NULL;
    AET_TRY(aet_campaign_load(MPI_COMM_SELF, p, &t));
    *d = (aet_campaign_need){.n = t->n, .ny = t->ny, .nx = t->nx};
    double images_bytes, images_s;
    aet_err err = images_of(c, p, t, &images_bytes, &images_s);
    if (err == AET_OK)
        size_group(c, t, images_bytes, images_s, d);
    aet_tilt_free(&t);
    return err;
}

/* Local.  The input is read whole: what is wrong with it shows before a job is queued. */
static void look(const aet_campaign *c, int i, aet_campaign_need *d)
{
    const char *reason;
    const aet_particle *p = &c->particles[i];
    *d = (aet_campaign_need){0};
    if ((aet_particle_is_model(p) ? look_at_model(c, p, d) : look_at_images(c, p, d)) != AET_OK) {
        aet_log_rank(AET_LOG_WARN, "%s cannot be used: %s", p->name, aet_error_text());
        aet_error_clear();
        *d = (aet_campaign_need){0};
        return;
    }
    d->done = aet_campaign_state(c, p, &reason);
}

aet_err aet_campaign_plan(MPI_Comm comm, const aet_campaign *c, aet_campaign_need *needs)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    for (int i = rank; i < c->n; i += size)
        look(c, i, &needs[i]);
    for (int i = 0; i < c->n; i++)
        MPI_Bcast(&needs[i], sizeof needs[i], MPI_BYTE, i % size, comm);
    return AET_OK;
}
