/* Setting up a fit: species, grid, first width and heights. */
#include "trace/images_priv.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include <math.h>
#include <string.h>

/* Widths that are tried where none is given, A. */
static const double widths[] = {0.4, 0.5, 0.6, 0.7, 0.85, 1.0};

static aet_err take_atoms(images_fit *f, const aet_atoms *atoms)
{
    int z[8];
    AET_CHECK(atoms->n > 0, AET_ERR_INPUT, "the model holds no atoms");
    f->n_kinds = aet_atoms_species(atoms, z);
    AET_CHECK(f->n_kinds <= SPECIES_MAX, AET_ERR_INPUT, "the model holds %d species, at most %d",
              f->n_kinds, SPECIES_MAX);
    for (int s = 0; s < f->n_kinds; s++) {
        AET_CHECK(z[s] > 0, AET_ERR_INPUT, "an atom of the model has no species; drop or name it");
        AET_TRY(aet_scattering_find(AET_KIRKLAND, z[s], &f->kind[s].row));
        f->kind[s].z = z[s];
    }
    AET_TRY(images_room(f, atoms->n));
    for (int a = 0; a < atoms->n; a++) {
        memcpy(f->at[a], atoms->position_A[a], sizeof *f->at);
        memcpy(f->start[a], atoms->position_A[a], sizeof *f->at);
        f->origin[a] = a;
        for (int s = 0; s < f->n_kinds; s++)
            if (z[s] == atoms->species[a])
                f->species[a] = s;
    }
    f->n = atoms->n;
    images_count(f);
    return AET_OK;
}

/* Form factors in V A, over pixels, over the window. */
static void make_factors(images_fit *f)
{
    const images_grid *g = &f->g;
    double scale = aet_scattering_volts() / (g->step_A * g->step_A * (double)g->points);
    double window = g->window2 * g->step_A * g->step_A;
    for (int64_t w = 0; w < g->waves; w++) {
        double q = sqrt(f->q2[w]), mean = 0, mean0 = 0;
        double narrow = exp(-2 * AET_PI * AET_PI * (f->least_variance - window) * f->q2[w]);
        for (int s = 0; s < f->n_kinds; s++) {
            mean += f->kind[s].count * aet_scattering_factor(f->kind[s].row, q);
            mean0 += f->kind[s].count * aet_scattering_factor(f->kind[s].row, 0);
        }
        for (int s = 0; s < f->n_kinds; s++) {
            double at0 = aet_scattering_factor(f->kind[s].row, 0);
            double own = aet_scattering_factor(f->kind[s].row, q);
            double form = f->p->profile == AET_FIT_GAUSSIAN  ? at0
                          : f->p->profile == AET_FIT_AVERAGE ? at0 * mean / mean0
                                                             : own;
            f->kind[s].factor[w] = scale * form * narrow;
        }
    }
}

static void release_grid(images_fit *f)
{
    images_grid_free(&f->g);
    aet_release(&f->q2);
    aet_release(&f->work);
    aet_release(&f->other);
    aet_release(&f->plane);
    aet_release(&f->waves);
    aet_release(&f->cross);
    for (int s = 0; s < SPECIES_MAX; s++) {
        aet_release(&f->kind[s].factor);
        aet_release(&f->kind[s].lens);
        aet_release(&f->kind[s].wave);
    }
}

void images_end(images_fit *f)
{
    release_grid(f);
    aet_release(&f->pose);
    aet_release(&f->weight);
    aet_release(&f->residual);
    aet_release(&f->normal);
    aet_release(&f->at);
    aet_release(&f->start);
    aet_release(&f->excess);
    aet_release(&f->species);
    aet_release(&f->origin);
    aet_release(&f->fresh);
    aet_release(&f->site);
    aet_release(&f->tied);
    aet_release(&f->centre);
    aet_release(&f->width);
}

static aet_err make_grid(images_fit *f, double sigma_A)
{
    release_grid(f);
    AET_TRY(images_grid_create(f->tilt->nx, f->tilt->ny, f->tilt->pixel_A, sigma_A, &f->g));
    f->least_variance = sigma_A * sigma_A;
    AET_TRY(AET_ARRAY(f->g.waves, "frequencies", &f->q2));
    AET_TRY(AET_ARRAY(f->g.points, "a grid", &f->work));
    AET_TRY(AET_ARRAY(f->g.points, "a grid", &f->other));
    AET_TRY(AET_ARRAY(f->g.points, "a grid", &f->plane));
    AET_TRY(AET_ARRAY(f->g.waves, "a transform", &f->waves));
    AET_TRY(AET_ARRAY(f->n_kinds * (f->n_kinds + 1) / 2 * f->g.waves, "profiles", &f->cross));
    images_frequencies(&f->g, f->q2);
    for (int s = 0; s < f->n_kinds; s++) {
        f->kind[s].variance = f->least_variance;
        f->kind[s].height = 1;
        AET_TRY(AET_ARRAY(f->g.waves, "a profile", &f->kind[s].factor));
        AET_TRY(AET_ARRAY(f->g.waves, "a profile", &f->kind[s].lens));
        AET_TRY(AET_ARRAY(f->g.points / AET_LANES, "a profile", &f->kind[s].wave));
    }
    make_factors(f);
    images_lenses(f);
    return AET_OK;
}

/* Heights from nothing: the common one as the ratio of sums, then one Newton step, with equal
 * weights. */
static aet_err first_heights(images_fit *f)
{
    aet_err err = AET_OK;
    double *plane = NULL, sum[2] = {0, 0};
    int64_t pixels = (int64_t)f->g.nx * f->g.ny;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(pixels, "an image", &plane)));
    for (int image = f->first; image < f->first + f->own; image++) {
        const float *measured = aet_tilt_image(f->tilt, image);
        images_project(f, image, NULL, plane);
        for (int64_t k = 0; k < pixels; k++) {
            sum[0] += plane[k] * (double)measured[k];
            sum[1] += plane[k] * plane[k];
        }
    }
    aet_sum_double(f->comm, sum, 2);
    AET_GO_CHECK(
        sum[0] > 0, AET_ERR_INPUT,
        "the model and the images have nothing in common: wrong angles, or another origin?");
    for (int s = 0; s < f->n_kinds; s++)
        f->kind[s].height = sum[0] / sum[1];
    AET_GO(images_weights(f, true));
done:
    aet_release(&plane);
    return err;
}

/* How far a common width is from the images. */
static aet_err try_width(images_fit *f, double sigma_A, images_misfit *m)
{
    AET_TRY(AET_AGREE(f->comm, make_grid(f, sigma_A)));
    AET_TRY(first_heights(f));
    AET_TRY(images_residuals(f, NULL, m));
    AET_TRY(images_newton(f, false));
    return images_residuals(f, NULL, m);
}

static aet_err find_width(images_fit *f)
{
    images_misfit m, best = {.cost = INFINITY};
    double sigma_A = f->p->sigma_A;
    for (int i = 0; i < (int)(sizeof widths / sizeof *widths) && f->p->sigma_A == 0; i++) {
        AET_TRY(try_width(f, widths[i], &m));
        aet_debug("fit: width %.2f A, R1 = %.4f", widths[i], m.r1);
        if (m.cost >= best.cost)
            break;
        best = m;
        sigma_A = widths[i];
    }
    return try_width(f, sigma_A, &m);
}

static aet_err make_arrays(images_fit *f)
{
    int64_t stack = (int64_t)f->own * f->tilt->nx * f->tilt->ny;
    AET_TRY(AET_ARRAY(f->tilt->n, "poses", &f->pose));
    AET_TRY(AET_ARRAY(stack, "weights", &f->weight));
    AET_TRY(AET_ARRAY(stack, "residual images", &f->residual));
    return AET_ARRAY((int64_t)f->own * BASIS_MAX * BASIS_MAX, "backgrounds", &f->normal);
}

aet_err images_begin(MPI_Comm comm, const aet_tilt *tilt, const aet_atoms *atoms,
                     const aet_fit_params *p, aet_fit_report *report, images_fit *f)
{
    aet_slab mine = aet_slab_mine(tilt->n, comm);
    *f = (images_fit){
        .comm = comm, .tilt = tilt, .p = p, .report = report, .spread = p->height_spread};
    f->first = mine.start;
    f->own = mine.count;
    AET_CHECK(p->rim * 2 < tilt->nx && p->rim * 2 < tilt->ny, AET_ERR_USAGE,
              "fit.rim = %d leaves nothing of images of %d x %d pixels", p->rim, tilt->nx,
              tilt->ny);
    AET_TRY(AET_AGREE(comm, take_atoms(f, atoms)));
    AET_TRY(AET_AGREE(comm, make_arrays(f)));
    for (int i = 0; i < tilt->n; i++) {
        memcpy(f->pose[i].angles_deg, tilt->angles_deg[i], sizeof f->pose[i].angles_deg);
        images_pose_set(f, i);
    }
    return find_width(f);
}
