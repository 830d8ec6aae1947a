/* The images of a model as the microscope would have taken them: sharp, then blurred, scaled and noisy. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/scattering.h"
#include "campaign/precision_priv.h"
#include <math.h>

static aet_stem_params microscope(const aet_precision_recipe *r, const aet_tilt *measured)
{
    aet_stem_params p = r->stem;
    p.method = r->params.images == AET_PRECISION_PRISM ? AET_STEM_PRISM : AET_STEM_MULTISLICE;
    p.pixel_A = measured->pixel_A;
    p.size = measured->nx;
    p.size_y = measured->ny;
    p.dose_e_per_A2 = p.source_sigma_A = 0;
    return p;
}

/* Atoms all over a sphere, on a spiral: for all that counts here, a particle. */
static aet_err make_shell(double diameter_A, int z, aet_atoms **a)
{
    enum { SHELL = 200 };
    AET_TRY(aet_atoms_create(SHELL, a));
    for (int i = 0; i < SHELL; i++) {
        double c = 1 - (2 * i + 1.0) / SHELL, s = sqrt(1 - c * c), turn = 2.399963 * i;
        double r[3] = {s * cos(turn), s * sin(turn), c};
        for (int k = 0; k < 3; k++)
            (*a)->position_A[i][k] = 0.5 * diameter_A * r[k];
        (*a)->species[i] = (uint8_t)z;
    }
    return AET_OK;
}

aet_err aet_precision_cost(const aet_tilt *measured, double diameter_A, int z,
                           const aet_precision_recipe *r, double *bytes_per_rank,
                           double *core_seconds)
{
    aet_atoms *a = NULL;
    aet_stem_params p = microscope(r, measured);
    *bytes_per_rank = *core_seconds = 0;
    if (r->params.images == AET_PRECISION_LINEAR)
        return AET_OK;
    AET_TRY(make_shell(diameter_A, z, &a));
    aet_log_brief(true);
    aet_err err = aet_stem_cost(a, (const double(*)[3])measured->angles_deg, measured->n, &p,
                                bytes_per_rank, core_seconds);
    aet_log_brief(false);
    aet_atoms_free(&a);
    return err;
}

aet_err precision_simulate(precision_work *w)
{
    char path[AET_PATH_MAX];
    aet_stem_params p = microscope(w->r, w->measured);
    if (w->r->params.images == AET_PRECISION_LINEAR) {
        w->images = w->linear;
        w->linear = NULL;
        return AET_OK;
    }
    aet_tilt_free(&w->linear);
    precision_path(w, "images", path);
    return aet_simulate_stem_kept(w->comm, w->model, (const double(*)[3])w->measured->angles_deg,
                                  w->measured->n, &p, path, &w->images);
}

static double brightest(const aet_tilt *t)
{
    double top = 0;
    for (int64_t k = 0; k < (int64_t)t->n * t->ny * t->nx; k++)
        top = fmax(top, (double)t->images[k]);
    return top;
}

/* sum |I - M| / sum |M| of each image, and the correlation of its detail. */
static aet_err judge_images(precision_work *w)
{
    const aet_tilt *m = w->measured;
    double all, *detail = AET_NEW(double, m->n);
    aet_err err = aet_precision_detail(w->images, m, AET_PRECISION_DETAIL_LOW,
                                       AET_PRECISION_DETAIL_HIGH, detail, &all);
    for (int i = 0; i < m->n && !err; i++) {
        const float *a = aet_tilt_image(w->images, i), *b = aet_tilt_image(m, i);
        double apart = 0, sum = 0, *row = w->theta_r1 + 3 * i;
        for (int64_t k = 0; k < (int64_t)m->ny * m->nx; k++) {
            apart += fabs((double)a[k] - (double)b[k]);
            sum += fabs((double)b[k]);
        }
        row[0] = m->angles_deg[i][1];
        row[1] = sum > 0 ? apart / sum : 0;
        row[2] = detail[i];
    }
    aet_release(&detail);
    return err;
}

/* Rank 0 alone, so that all have the same bits.  counts: per unit of the blurred images. */
static aet_err blur_images(precision_work *w, double *counts)
{
    const aet_precision_params *p = &w->r->params;
    AET_TRY(aet_precision_fit_blur(w->images, w->measured, p->blur_A, &w->blur_A, &w->scale));
    AET_TRY(aet_precision_blur(w->images, w->blur_A, w->scale));
    AET_TRY(judge_images(w));
    if (p->dose_e_per_A2 < 0)
        return aet_precision_counts(w->measured, counts);
    *counts = 0;
    return AET_OK;
}

/* Of the images before they were scaled, how much of the beam a unit is: [stem] gives fractions of it. */
static aet_err beam_fraction(const precision_work *w, double *k)
{
    int z[8], n = aet_atoms_species(w->model, z);
    const aet_scattering *row;
    const aet_simulate_params *p = &w->r->linear;
    *k = 1;
    if (w->r->params.images != AET_PRECISION_LINEAR)
        return AET_OK;
    if (p->adf_fraction > 0) {
        *k = p->adf_fraction * w->scale / brightest(w->images);
        return AET_OK;
    }
    AET_TRY(aet_scattering_find((aet_scattering_model)p->scattering, z[n - 1], &row));
    *k = aet_scattering_adf_A2(row, p->energy_keV, p->adf_inner_mrad, p->adf_outer_mrad) /
         aet_scattering_integral(row);
    return AET_OK;
}

/* Collective.  Poisson counts; per_unit 0: from the dose. */
static aet_err add_noise(precision_work *w, double per_unit)
{
    const double plenty = 1e9; /* counts whose noise single precision hardly holds */
    aet_tilt *t = w->images;
    double k, top = brightest(t), per_dose = t->pixel_A * t->pixel_A / t->n;
    if (w->r->params.dose_e_per_A2 == 0)
        return AET_OK;
    AET_TRY(beam_fraction(w, &k)); /* the same on all ranks */
    k /= w->scale;
    if (per_unit <= 0)
        per_unit = w->r->params.dose_e_per_A2 * per_dose * k;
    if (!(per_unit * top < plenty)) {
        aet_info("the measured images hold no noise to speak of: none is added");
        return AET_OK;
    }
    w->dose_e_per_A2 = per_unit / (per_dose * k);
    return aet_simulate_counts(w->comm, t, per_unit, w->r->params.seed);
}

aet_err precision_finish_images(precision_work *w)
{
    double numbers[3];
    aet_err err = AET_OK;
    const aet_tilt *t = w->images;
    AET_TRY(AET_AGREE(w->comm, AET_ARRAY(3 * t->n, "misfits of images", &w->theta_r1)));
    if (w->rank == 0)
        err = blur_images(w, &numbers[2]);
    AET_TRY(AET_AGREE(w->comm, err));
    numbers[0] = w->blur_A;
    numbers[1] = w->scale;
    MPI_Bcast(numbers, 3, MPI_DOUBLE, 0, w->comm);
    w->blur_A = numbers[0];
    w->scale = numbers[1];
    aet_bcast_bytes(w->comm, t->images, (int64_t)t->n * t->ny * t->nx * (int64_t)sizeof *t->images,
                    0);
    aet_bcast_bytes(w->comm, w->theta_r1, 3 * (int64_t)t->n * (int64_t)sizeof(double), 0);
    aet_info("images blurred by %.3f A", w->blur_A);
    if (w->blur_A < 0.02 && w->r->params.blur_A < 0)
        aet_warn("the measured images are as sharp as the simulated ones, or sharper: no blur");
    return add_noise(w, numbers[2]);
}
