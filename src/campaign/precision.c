#include "aetlas/campaign/precision.h"
#include "aetlas/analyse/expected.h"

#include "aetlas/base/file.h"
#include "aetlas/base/hash.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "campaign/precision_priv.h"
#include <string.h>
#include <unistd.h>

#define AET_PARAM_OWNER aet_precision_params
AET_PARAMS_TABLE(aet_precision_table, "precision", "how far an atom model can be trusted",
                 AET_PRECISION_PARAMS);

aet_err aet_precision_load(const aet_config *config, aet_precision_recipe *r)
{
    AET_TRY(aet_config_load(config, &aet_precision_table, &r->params));
    AET_TRY(aet_config_load(config, &aet_stem_table, &r->stem));
    AET_TRY(aet_config_load(config, &aet_simulate_table, &r->linear));
    AET_TRY(aet_config_load(config, &aet_recon_table, &r->recon));
    AET_TRY(aet_config_load(config, &aet_trace_table, &r->trace));
    AET_TRY(aet_config_load(config, &aet_fit_table, &r->fit));
    return aet_config_load(config, &aet_analyse_table, &r->analyse);
}

uint64_t aet_precision_fingerprint(const aet_precision_recipe *r)
{
    const struct {
        const aet_param_table *table;
        const void *params;
    } parts[] = {{&aet_precision_table, &r->params},
                 {&aet_stem_table, &r->stem},
                 {&aet_simulate_table, &r->linear},
                 {&aet_fit_table, &r->fit}};
    uint64_t hash = AET_HASH_START;
    for (int k = 0; k < (r->params.fit ? 4 : 3); k++) {
        char *text = aet_config_text(parts[k].table, parts[k].params);
        hash = aet_hash_text(hash, text);
        aet_release(&text);
    }
    return hash;
}

void aet_precision_free(aet_precision_result *r)
{
    aet_atoms_free(&r->model);
    aet_atoms_free(&r->found);
    aet_tilt_free(&r->images);
}

void precision_path(const precision_work *w, const char *file, char path[AET_PATH_MAX])
{
    aet_path_join(path, AET_PATH_MAX, w->folder, file);
}

void aet_precision_forget(MPI_Comm comm, const char *folder)
{
    char path[AET_PATH_MAX];
    int rank;
    MPI_Comm_rank(comm, &rank);
    aet_path_join(path, sizeof path, folder, "checkpoint");
    aet_recon_checkpoint_remove(comm, path);
    if (rank != 0)
        return;
    aet_path_join(path, sizeof path, folder, "images");
    aet_simulate_stem_forget(path);
    rmdir(folder); /* fails where something of somebody else is in it, which then stays */
}

/* ---- before the long part ---- */

/* Collective.  Linear images are quick, and those of another particle, or at other angles, show other lattice
 * fringes. */
static aet_err check_together(precision_work *w)
{
    aet_err err = AET_OK;
    aet_simulate_params p = w->r->linear;
    p.pixel_A = w->measured->pixel_A;
    p.size = w->measured->nx;
    p.size_y = w->measured->ny;
    p.dose_e_per_A2 = 0;
    for (int i = 0; i < w->model->n; i++)
        AET_CHECK(w->model->species[i] > 0, AET_ERR_INPUT,
                  "atom %d of the model has no species; the model must be classified", i);
    AET_TRY(aet_simulate_tilt(w->comm, w->model, (const double(*)[3])w->measured->angles_deg,
                              w->measured->n, &p, &w->linear));
    if (w->rank == 0)
        err = aet_precision_detail(w->linear, w->measured, AET_PRECISION_DETAIL_LOW,
                                   AET_PRECISION_DETAIL_HIGH, NULL, &w->linear_match);
    AET_TRY(AET_AGREE(w->comm, err));
    MPI_Bcast(&w->linear_match, 1, MPI_DOUBLE, 0, w->comm);
    AET_CHECK(
        w->linear_match >= w->r->params.match, AET_ERR_INPUT,
        "model and tilt series do not belong together: atomic detail of the images correlates "
        "by %.3f with that of linear images of the model, less than precision.match = %g "
        "(angles, pixel size and origin of both must be those of one reconstruction)",
        w->linear_match, w->r->params.match);
    aet_info("model and series belong together: their atomic detail correlates by %.3f",
             w->linear_match);
    return AET_OK;
}

/* Rough; the stages tell more. */
static void say_cost(const precision_work *w)
{
    double bytes, seconds;
    int size;
    MPI_Comm_size(w->comm, &size);
    aet_recon_tilt_memory(w->measured, &w->r->recon, size, &bytes, &seconds);
    aet_info("reconstruction: about %.2g core hours, %.2g GB per rank", seconds * size / 3600,
             1e-9 * bytes);
    if (!w->r->params.fit)
        return;
    aet_fit_memory(w->measured, w->model->n, &w->r->fit, size, &bytes, &seconds);
    aet_info("fit: about %.2g core hours, %.2g GB per rank", seconds * size / 3600, 1e-9 * bytes);
}

/* ---- from images to atoms ---- */

/* Collective. */
static aet_err reconstruct(precision_work *w)
{
    char path[AET_PATH_MAX];
    aet_volume *support = NULL;
    aet_recon_report report = {0};
    aet_err err = AET_OK;
    precision_path(w, "checkpoint", path);
    if (w->r->recon.support[0])
        AET_GO(aet_volume_read(w->comm, w->r->recon.support, &support));
    AET_GO(
        aet_reconstruct_kept(w->comm, w->images, support, &w->r->recon, path, &w->volume, &report));
    w->recon_r1 = report.mean_r1;
done:
    aet_volume_free(&support);
    aet_recon_report_free(&report);
    return err;
}

/* Collective. */
static aet_err trace(precision_work *w)
{
    int z[8], n = aet_atoms_species(w->model, z);
    aet_trace_report report;
    return aet_trace(w->volume, z, n, &w->r->trace, &w->out->found, &report);
}

/* Collective. */
static aet_err fit(precision_work *w)
{
    aet_atoms *fitted = NULL;
    aet_fit_report report;
    if (!w->r->params.fit)
        return AET_OK;
    AET_TRY(aet_fit_images(w->comm, w->images, w->out->found, &w->r->fit, aet_expected_find,
                           &fitted, NULL, &report));
    aet_atoms_free(&w->out->found);
    w->out->found = fitted;
    aet_fit_note(&report, fitted);
    w->fit_r1 = report.r1_after;
    return AET_OK;
}

/* ---- the outcome ---- */

/* Positions and species alone. */
static aet_err bare_copy(const aet_atoms *a, aet_atoms **copy)
{
    AET_TRY(aet_atoms_create(a->n, copy));
    memcpy((*copy)->position_A, a->position_A, (size_t)a->n * sizeof *a->position_A);
    memcpy((*copy)->species, a->species, (size_t)a->n * sizeof *a->species);
    return AET_OK;
}

static void take_column(aet_atoms *to, const aet_atoms *from, const char *name)
{
    const aet_column *c = aet_atoms_find_column(from, name);
    if (!c)
        return;
    aet_column *d = aet_atoms_add_column(to, name, c->width, c->unit, c->description);
    memcpy(d->values, c->values, (size_t)from->n * (size_t)c->width * sizeof *c->values);
}

/* Collective.  Where every atom of the model lies: surface, layers, depth. */
static aet_err add_depth(precision_work *w)
{
    aet_atoms *a = NULL;
    aet_err err = AET_AGREE(w->comm, bare_copy(w->model, &a));
    if (!err)
        err = aet_analyse(w->comm, a, &w->r->analyse);
    if (!err) {
        take_column(w->out->model, a, "surface");
        take_column(w->out->model, a, "layer");
        take_column(w->out->model, a, "depth_A");
    }
    aet_atoms_free(&a);
    return err;
}

static void add_figures(precision_work *w)
{
    static const char *const heads[] = {"theta_deg", "r1", "detail"};
    aet_atoms *a = w->out->model;
    double r1 = 0;
    aet_curve *c =
        aet_atoms_add_curve(a, "image_match", w->measured->n, 3, heads,
                            "blurred images against measured ones: sum |difference| / sum "
                            "|measured|; correlation of the atomic detail (1.25 to 5 A)");
    memcpy(c->values, w->theta_r1, 3 * (size_t)w->measured->n * sizeof *c->values);
    for (int i = 0; i < w->measured->n; i++)
        r1 += w->theta_r1[3 * i + 1] / w->measured->n;
    aet_atoms_add_scalar(a, "blur_A", w->blur_A, "A", "Gaussian width of the images' blur");
    aet_atoms_add_scalar(a, "image_scale", w->scale, "1",
                         "measured over simulated intensity: counts per incident electron, or V A");
    aet_atoms_add_scalar(a, "image_r1", r1, "1",
                         "mean over tilts of sum |blurred - measured| / sum |measured|");
    aet_atoms_add_scalar(a, "linear_match", w->linear_match, "1",
                         "correlation of measured and linear images between 1.25 and 5 A");
    aet_atoms_add_scalar(a, "noise_dose_e_per_A2", w->dose_e_per_A2, "e/A^2",
                         "dose that the noise of the images corresponds to; 0: no noise");
    aet_atoms_add_scalar(a, "reconstruct_r1", w->recon_r1, "1",
                         "mean R1 of the reconstruction of the simulated images");
    if (w->r->params.fit)
        aet_atoms_add_scalar(a, "fit_r1", w->fit_r1, "1",
                             "R1 of the simulated images and the atoms fitted to them");
}

/* Collective. */
static aet_err conclude(precision_work *w)
{
    AET_TRY(AET_AGREE(w->comm, bare_copy(w->model, &w->out->model)));
    AET_TRY(add_depth(w));
    AET_TRY(AET_AGREE(w->comm,
                      aet_precision_measure(w->out->model, w->out->found, w->r->params.common_A,
                                            w->r->params.bin_pm, w->r->analyse.core_depth_A)));
    add_figures(w);
    w->out->images = w->images;
    w->images = NULL;
    return AET_OK;
}

/* Collective.  Runs a part unless a stop was asked for. */
static aet_err run_part(precision_work *w, const char *name, aet_err (*part)(precision_work *))
{
    AET_CHECK(!aet_stop_now(w->comm), AET_ERR_STOPPED, "stopped before the part '%s'", name);
    return aet_error_frame(part(w), "%s", name);
}

aet_err aet_precision_run(MPI_Comm comm, const aet_atoms *model, const aet_tilt *measured,
                          const aet_precision_recipe *recipe, const char *folder,
                          aet_precision_result *result)
{
    aet_err err = AET_OK;
    precision_work w = {.comm = comm,
                        .model = model,
                        .measured = measured,
                        .r = recipe,
                        .folder = folder,
                        .out = result};
    *result = (aet_precision_result){NULL, NULL, NULL};
    MPI_Comm_rank(comm, &w.rank);
    aet_phase_begin("precision");
    AET_GO(AET_AGREE(comm, w.rank == 0 ? aet_dir_make(folder) : AET_OK));
    AET_GO(check_together(&w));
    say_cost(&w);
    AET_GO(run_part(&w, "images", precision_simulate));
    AET_GO(run_part(&w, "blur and noise", precision_finish_images));
    AET_GO(run_part(&w, "reconstruction", reconstruct));
    AET_GO(run_part(&w, "tracing", trace));
    AET_GO(run_part(&w, "fit", fit));
    AET_GO(run_part(&w, "comparison", conclude));
done:
    aet_tilt_free(&w.linear);
    aet_tilt_free(&w.images);
    aet_volume_free(&w.volume);
    aet_release(&w.theta_r1);
    if (err)
        aet_precision_free(result);
    if (err && w.rank == 0)
        rmdir(folder); /* where nothing was kept yet */
    aet_phase_end("precision");
    return err;
}
