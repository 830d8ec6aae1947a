/* One item of a data set: particle, tilt series, reconstruction, target, file. */
#include "aetlas/base/hash.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "aetlas/physics/potential.h"
#include "aetlas/simulate/series.h"
#include "dataset_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef dataset_work work;

/* ---- what chance decides ---- */

/* Distinct for all items of all splits, whatever their numbers of items are. */
static int seed_of(const aet_dataset *d, int item)
{
    dataset_place p = dataset_item_place(d, item);
    uint64_t base = aet_hash_bytes(AET_HASH_START, &d->params.seed, sizeof d->params.seed);
    uint64_t split = (uint64_t)(p.split - d->splits) << 29;
    return (int)((base + split + (uint64_t)p.number) & 0x7fffffff);
}

/* A normal deviate around the mean, within half of it. */
static double draw_width(aet_rng key, int which, double mean, double sd)
{
    double z[4], sigma = mean;
    for (int k = 0; k < 64; k++) {
        aet_rng_normal4(key, (uint64_t)(1 + 64 * which + k), z);
        sigma = mean + sd * z[0];
        if (fabs(sigma - mean) <= 0.5 * mean && sigma >= AET_PROFILE_SIGMA_MIN)
            return sigma;
    }
    return mean;
}

static void draw(work *w, aet_particle_params *particle)
{
    const aet_dataset *d = w->d;
    int seed = seed_of(d, w->item);
    aet_rng key = {(uint64_t)seed, 0, AET_RNG_RECIPE};
    size_t used = 0;
    w->simulate = d->simulate;
    w->simulate.seed = seed;
    *particle = d->particle;
    particle->seed = seed;
    w->column[COLUMN_SEED] = seed;
    if (d->params.vacancies_max > 0)
        particle->vacancies = d->params.vacancies_max * aet_rng_uniform(key, 0);
    w->column[COLUMN_VACANCIES] = particle->vacancies;
    for (int s = 0; s < d->n_species; s++) {
        int z = d->z[s];
        double sigma = draw_width(key, s, d->sigma_A[z], d->params.sigma_sd_A);
        char *text = w->simulate.sigma_A;
        aet_fmt(text + used, sizeof w->simulate.sigma_A - used, "%s%s:%.9f", s ? "," : "",
                aet_element_symbol(z), sigma);
        used = strlen(text);
        w->column[COLUMNS + 2 * s + 1] = sigma;
    }
}

/* ---- particle ---- */

/* Atoms that some image would not show: outside the cylinder about the tilt axis that all images hold,
 * with three widths of an atom to spare. */
static aet_err fit_box(work *w)
{
    const aet_simulate_params *s = &w->simulate;
    double widest = 0, most = (s->size / 2 - 1) * s->pixel_A;
    int n = w->atoms->n, inside = 0;
    for (int k = 0; k < w->d->n_species; k++)
        widest = fmax(widest, w->d->sigma_A[w->d->z[k]]);
    most -= 3 * widest;
    bool *keep = AET_NEW(bool, n);
    for (int i = 0; i < n; i++) {
        const double *r = w->atoms->position_A[i];
        keep[i] = hypot(r[0], r[2]) <= most && fabs(r[1]) <= most;
        inside += keep[i];
    }
    if (w->d->params.outside == AET_OUTSIDE_CUT && inside > 0)
        aet_atoms_select(w->atoms, keep);
    aet_release(&keep);
    w->column[COLUMN_OUTSIDE] = n > 0 ? (double)(n - inside) / n : 0;
    AET_CHECK(inside > 0 && (inside == n || w->d->params.outside == AET_OUTSIDE_CUT), AET_ERR_INPUT,
              "%d of %d atoms lie outside what images of %d pixels of %g A hold at all tilts",
              n - inside, n, s->size, s->pixel_A);
    return AET_OK;
}

static aet_err make_atoms(work *w)
{
    aet_particle_params particle;
    double volume_A3;
    draw(w, &particle);
    AET_TRY(aet_particle_build(&particle, &w->atoms));
    if (!aet_atoms_find_scalar(w->atoms, "body_volume_A3", &volume_A3))
        volume_A3 = w->atoms->n / (1 - particle.vacancies) * pow(particle.lattice_A, 3) / 4;
    AET_TRY(fit_box(w));
    w->column[COLUMN_VOLUME] = volume_A3 * (1 - w->column[COLUMN_OUTSIDE]);
    w->column[COLUMN_ATOMS] = w->atoms->n;
    for (int s = 0; s < w->d->n_species; s++)
        w->column[COLUMNS + 2 * s] = aet_atoms_count(w->atoms, w->d->z[s]);
    return AET_OK;
}

/* ---- tilt series ---- */

/* True angles go into the images; what the reconstruction is told are the nominal ones. */
static aet_err project(work *w, aet_tilt **t)
{
    const aet_dataset *d = w->d;
    int n = d->params.tilts;
    double(*true_deg)[3] = NULL;
    aet_simulate_params p = w->simulate;
    if (d->params.peak_counts > 0) {
        /* half of the beam reaches the detector at the brightest pixel: only their product, the mean
         * count there, has a meaning */
        p.adf_fraction = 0.5;
        p.dose_e_per_A2 = 2 * d->params.peak_counts * n / (p.pixel_A * p.pixel_A);
    }
    AET_TRY(AET_AGREE(w->group, AET_ARRAY(n, "true angles", &true_deg)));
    aet_simulate_angle_errors((const double(*)[3])d->angles_deg, n, d->params.tilt_error_deg,
                              d->params.axis_error_deg, p.seed, true_deg);
    aet_err err = aet_simulate_tilt(w->group, w->atoms, (const double(*)[3])true_deg, n, &p, t);
    if (!err)
        memcpy((*t)->angles_deg, d->angles_deg, (size_t)n * sizeof *d->angles_deg);
    aet_release(&true_deg);
    return err;
}

/* ---- volumes ---- */

/* Collective.  The whole volume on rank 0 of the group; v is used up. */
static aet_err take(aet_volume **v, float **whole)
{
    int size;
    MPI_Comm_size((*v)->comm, &size);
    aet_err err = AET_OK;
    if (size == 1) {
        *whole = (*v)->density;
        (*v)->density = NULL;
    } else
        err = aet_volume_gather(*v, 0, whole);
    aet_volume_free(v);
    return err;
}

static aet_err reconstruct(work *w, const aet_tilt *t)
{
    aet_volume *v = NULL;
    aet_recon_report report = {0};
    aet_recon_params p = w->d->recon;
    p.seed = w->simulate.seed;
    aet_err err = aet_reconstruct(w->group, t, NULL, &p, &v, &report);
    aet_recon_report_free(&report);
    return err ? err : take(&v, &w->input);
}

static aet_err make_target(work *w)
{
    aet_volume *v = NULL;
    aet_simulate_params p = w->d->simulate;
    if (w->d->params.target == AET_TARGET_GAUSSIANS)
        AET_TRY(aet_simulate_balls(w->group, w->atoms, &p, &v));
    else
        AET_TRY(aet_simulate_volume(w->group, w->atoms, &p, &v));
    return take(&v, &w->target);
}

/* ---- all of it ---- */

static double lap(work *w, aet_dataset_phase phase, double since_s)
{
    double now_s = aet_clock_s();
    w->seconds[phase] += now_s - since_s;
    return now_s;
}

static aet_err make(work *w)
{
    aet_err err = AET_OK;
    aet_tilt *t = NULL;
    double s = aet_clock_s();
    AET_GO(AET_AGREE(w->group, make_atoms(w)));
    s = lap(w, AET_DATASET_PARTICLE, s);
    AET_GO(project(w, &t));
    s = lap(w, AET_DATASET_PROJECTION, s);
    AET_GO(reconstruct(w, t));
    aet_tilt_free(&t);
    s = lap(w, AET_DATASET_RECONSTRUCTION, s);
    AET_GO(make_target(w));
    s = lap(w, AET_DATASET_TARGET, s);
    if (w->rank == 0)
        err = dataset_normalise(w);
    if (w->rank == 0 && !err)
        err = dataset_item_write(w);
    AET_GO(AET_AGREE(w->group, err));
    lap(w, AET_DATASET_WRITE, s);
done:
    aet_tilt_free(&t);
    return err;
}

/* Whether the item's own parameters are the reason, so that trying again is of no use. */
static bool is_its_own_fault(aet_err err)
{
    return err == AET_ERR_USAGE || err == AET_ERR_INPUT || err == AET_ERR_NUMERIC;
}

static aet_err write_reason(const aet_dataset *d, int item)
{
    char path[AET_PATH_MAX];
    FILE *f = NULL;
    dataset_item_path(d, item, "bad", path);
    AET_TRY(aet_writer_open(path, &f));
    fprintf(f, "%s\n", aet_error_text());
    return aet_writer_close(path, &f);
}

aet_err dataset_item_make(MPI_Comm group, const aet_dataset *d, int item,
                          double seconds[AET_DATASET_PHASES], bool *bad)
{
    work w = {.group = group, .d = d, .item = item, .seconds = seconds};
    MPI_Comm_rank(group, &w.rank);
    aet_err err = make(&w);
    aet_atoms_free(&w.atoms);
    aet_release(&w.input);
    aet_release(&w.target);
    *bad = is_its_own_fault(err);
    if (*bad)
        err = AET_AGREE(group, w.rank == 0 ? write_reason(d, item) : AET_OK);
    return err;
}

bool dataset_item_reason(const aet_dataset *d, int item, char *reason, size_t size)
{
    char path[AET_PATH_MAX], *text = NULL;
    int64_t length = 0;
    dataset_item_path(d, item, "bad", path);
    if (!aet_file_exists(path) || aet_file_read_text(path, 1 << 16, &text, &length) != AET_OK)
        return false;
    text[strcspn(text, "\n")] = 0;
    aet_fmt(reason, size, "%s", text);
    aet_release(&text);
    return true;
}

aet_err dataset_item_state(const aet_dataset *d, int item, bool *there)
{
    char path[AET_PATH_MAX];
    dataset_item_path(d, item, "bad", path);
    *there = aet_file_exists(path);
    if (*there)
        return AET_OK;
    dataset_item_path(d, item, "h5", path);
    return dataset_is_ours(d, path, there);
}
