#include "aetlas/simulate/stem.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/farm.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/timing.h"
#include "aetlas/physics/geometry.h"
#include "stem_job.h"
#include <math.h>

#define AET_PARAM_OWNER aet_stem_params
AET_PARAMS_TABLE(aet_stem_table, "stem", "ADF-STEM images by multislice or PRISM", AET_STEM_PARAMS);

static aet_optics lens(const aet_stem_params *p)
{
    return (aet_optics){.energy_keV = p->energy_keV,
                        .semiangle_mrad = p->semiangle_mrad,
                        .c1_A = p->defocus_A,
                        .c3_A = p->c3_um * 1e4,
                        .c5_A = p->c5_mm * 1e7};
}

/* Local.  What every item of this rank works with. */
static aet_err equip(aet_stem_job *j, const aet_optics *o)
{
    aet_stem_grid *g = &j->grid;
    AET_TRY(AET_ARRAY((int64_t)j->tilts * j->nx * j->ny, "sums of images", &j->sum));
    if (j->prism == NULL)
        AET_TRY(aet_stem_grid_equip(g));
    AET_TRY(aet_stem_slicer_create(g, j->p, j->species, j->n_species, &j->slicer));
    if (j->prism != NULL)
        return aet_stem_prism_equip(j);
    AET_TRY(aet_stem_aperture_create(g, o, 1, &j->aperture));
    AET_TRY(AET_ARRAY(aet_stem_grid_wave(g), "the detector", &j->weight));
    aet_stem_detector(j->p, g->lx, g->ly, g->hx, g->hy, j->weight);
    AET_TRY(AET_ARRAY(aet_stem_grid_wave(g) * j->batch, "waves", &j->waves));
    aet_stem_probe(g, &j->aperture, 0, 0, j->waves);
    j->empty = aet_stem_detect(j->weight, j->waves, aet_stem_grid_wave(g));
    return AET_OK;
}

static void free_job(aet_stem_job *j)
{
    aet_release(&j->middle_A);
    aet_release(&j->weight);
    aet_release(&j->waves);
    aet_release(&j->sum);
    aet_stem_aperture_free(&j->aperture);
    aet_stem_prism_free(j);
    aet_stem_slicer_free(&j->slicer);
    aet_stem_grid_free(&j->grid);
}

/* Local.  The specimen of one tilt and configuration. */
static aet_err freeze(const aet_stem_job *j, int tilt, int configuration, aet_stem_specimen **s)
{
    double R[3][3], (*displacement)[3] = NULL;
    aet_rotation(j->angles_deg[tilt], R);
    if (j->p->phonons > 0) {
        AET_TRY(AET_ARRAY(j->atoms->n, "displacements", &displacement));
        aet_stem_displace(j->atoms, j->rms_A, j->p->seed, tilt, configuration, displacement);
    }
    aet_err err = aet_stem_specimen_create(j->atoms, R, (const double(*)[3])displacement, j->p, s);
    aet_release(&displacement);
    return err;
}

/* Collective over group. */
static aet_err run_item(MPI_Comm group, int item, void *job)
{
    aet_stem_job *j = job;
    aet_stem_specimen *specimen = NULL;
    int tilt = item / j->configurations;
    aet_err err = AET_AGREE(group, freeze(j, tilt, item % j->configurations, &specimen));
    if (err == AET_OK)
        err = j->prism ? aet_stem_prism(group, j, tilt, specimen)
                       : aet_stem_multislice(group, j, tilt, specimen);
    aet_stem_specimen_free(&specimen);
    return err;
}

typedef struct {
    aet_stem_job *job;
    aet_progress progress;
} watch;

static void done_item(int item, aet_err code, const char *text, double seconds, void *watch_)
{
    watch *w = watch_;
    (void)seconds;
    if (code != AET_OK)
        aet_warn("tilt %d, configuration %d: %s", item / w->job->configurations,
                 item % w->job->configurations, text);
    aet_progress_step(&w->progress, NULL);
}

static aet_err run_watched(MPI_Comm group, int item, void *watch_)
{
    aet_stem_job *j = ((watch *)watch_)->job;
    aet_err err = run_item(group, item, j);
    if (j->kept && err != AET_OK)
        aet_stem_kept_drop(j, item);
    return j->kept && err == AET_OK ? aet_stem_kept_put(group, j, item) : err;
}

static void say_cost(const aet_stem_job *j, int todo, int ranks)
{
    double item_s = aet_stem_seconds(j), all_h = item_s * todo / 3600;
    if (todo == 0)
        return;
    aet_info("%d items to do of about %.2g core seconds: %.2g core hours, %.2g h on %d rank%s "
             "(good to a factor of two)",
             todo, item_s, all_h, all_h / ranks, ranks, ranks == 1 ? "" : "s");
}

/* Collective. */
static aet_err run_all(MPI_Comm comm, aet_stem_job *j)
{
    int items = j->tilts * j->configurations, todo = j->kept ? j->kept->n : items, ranks;
    MPI_Comm_size(comm, &ranks);
    if (j->kept && todo < items)
        aet_info("%d of %d items are there already, in %s", items - todo, items, j->kept->folder);
    say_cost(j, todo, ranks);
    watch w = {j, aet_progress_begin_at("tilts x configurations", items - todo, items)};
    if (todo > 0)
        AET_TRY(aet_farm_run(comm, todo, j->kept ? j->kept->todo : NULL, 1, run_watched, done_item,
                             &w, NULL));
    aet_progress_end(&w.progress);
    return j->kept ? aet_stem_kept_get(comm, j) : AET_OK;
}

static aet_err check_angles(const double (*angles_deg)[3], int n, const aet_stem_params *p)
{
    AET_CHECK(n > 0, AET_ERR_INPUT, "no tilt angles; at least one orientation is needed");
    AET_CHECK(n < 65536 && p->phonons < 65536, AET_ERR_INPUT, "%d tilts are too many", n);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            AET_CHECK(isfinite(angles_deg[i][k]), AET_ERR_INPUT,
                      "angle %d of orientation %d is not a finite number", k + 1, i);
    return AET_OK;
}

/* Local. */
static aet_err prepare(aet_stem_job *j, int ranks, aet_tilt **t)
{
    aet_optics o = lens(j->p);
    AET_TRY(aet_stem_plan(j, &o, ranks));
    AET_TRY(equip(j, &o));
    int over = j->p->oversampling;
    AET_TRY(aet_tilt_create(j->tilts, j->ny / over, j->nx / over, j->p->pixel_A, t));
    for (int i = 0; i < j->tilts; i++)
        for (int k = 0; k < 3; k++)
            (*t)->angles_deg[i][k] = j->angles_deg[i][k];
    return AET_OK;
}

/* Collective.  What is kept of this series already; angles are checked first: there may be none. */
static aet_err look_for_kept(MPI_Comm comm, aet_stem_job *j, const char *folder, aet_stem_kept *k)
{
    AET_TRY(check_angles(j->angles_deg, j->tilts, j->p)); /* the same on all ranks */
    j->items = j->tilts * j->configurations;
    if (folder == NULL)
        return AET_OK;
    AET_TRY(aet_stem_kept_open(comm, j, folder, k));
    j->kept = k;
    j->items = k->n > 0 ? k->n : 1;
    return AET_OK;
}

aet_err aet_stem_cost(const aet_atoms *atoms, const double (*angles_deg)[3], int n,
                      const aet_stem_params *params, double *bytes_per_rank, double *core_seconds)
{
    aet_stem_job j = {.atoms = atoms, .p = params, .angles_deg = angles_deg, .tilts = n};
    aet_optics o = lens(params);
    j.configurations = params->phonons > 0 ? params->phonons : 1;
    j.items = n * j.configurations;
    AET_TRY(check_angles(angles_deg, n, params));
    aet_err err = aet_stem_plan(&j, &o, 1);
    if (err == AET_OK) {
        *bytes_per_rank = j.bytes;
        *core_seconds = aet_stem_seconds(&j) * j.items;
    }
    free_job(&j);
    return err;
}

aet_err aet_simulate_stem(MPI_Comm comm, const aet_atoms *atoms, const double (*angles_deg)[3],
                          int n, const aet_stem_params *params, aet_tilt **out)
{
    return aet_simulate_stem_kept(comm, atoms, angles_deg, n, params, NULL, out);
}

aet_err aet_simulate_stem_kept(MPI_Comm comm, const aet_atoms *atoms, const double (*angles_deg)[3],
                               int n, const aet_stem_params *params, const char *folder,
                               aet_tilt **out)
{
    aet_err err = AET_OK;
    int ranks;
    aet_stem_kept kept = {.n = 0};
    aet_stem_job j = {.atoms = atoms, .p = params, .angles_deg = angles_deg, .tilts = n};
    j.configurations = params->phonons > 0 ? params->phonons : 1;
    MPI_Comm_size(comm, &ranks);
    aet_phase_begin("stem");
    *out = NULL;
    AET_GO(look_for_kept(comm, &j, folder, &kept));
    AET_GO(AET_AGREE(comm, prepare(&j, ranks, out)));
    AET_GO(run_all(comm, &j));
    AET_GO(aet_stem_images(comm, &j, *out));
done:
    free_job(&j);
    aet_stem_kept_close(&kept);
    if (err != AET_OK)
        aet_tilt_free(out);
    aet_phase_end("stem");
    return err;
}
