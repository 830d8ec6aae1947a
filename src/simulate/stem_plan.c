#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/elements.h"
#include "aetlas/physics/electron.h"
#include "aetlas/physics/geometry.h"
#include "simulate_priv.h"
#include "stem_prism.h"
#include <math.h>

#define COLUMNS 6                   /* 1/A: see aetlas/simulate/stem.h */
#define FINE_A  0.04                /* to 8.3 /A */
enum { BATCH_MAX = 512, TILE = 8 }; /* waves at a time; probes along a side that share a window */

static aet_err check_model(aet_stem_job *j)
{
    const aet_atoms *a = j->atoms;
    AET_CHECK(a->n > 0, AET_ERR_INPUT, "the model holds no atoms; there is nothing to simulate");
    AET_TRY(aet_atoms_check(a, 0));
    for (int i = 0; i < a->n; i++)
        AET_CHECK(a->species[i] > 0, AET_ERR_INPUT,
                  "atom %d has no element; the model must be classified", i);
    j->n_species = aet_atoms_species(a, j->species);
    for (int i = 0; i < a->n; i++) {
        bool known = false;
        for (int k = 0; k < j->n_species; k++)
            known |= j->species[k] == a->species[i];
        AET_CHECK(known, AET_ERR_INPUT, "the model holds more than %d elements", j->n_species);
    }
    for (int k = 0; k < j->n_species; k++) {
        const aet_scattering *row;
        AET_TRY(aet_scattering_find((aet_scattering_model)j->p->scattering, j->species[k], &row));
    }
    return j->p->phonons > 0 ? aet_stem_thermal(j->p, a, j->rms_A) : AET_OK;
}

static aet_err check_angle(const aet_stem_params *p, const char *what, double mrad, double pixel_A)
{
    double reach = aet_electron_wavelength_A(p->energy_keV) * aet_optics_limit(pixel_A) * 1e3;
    AET_CHECK(mrad <= reach * (1 + 1e-9), AET_ERR_USAGE,
              "%s, %g mrad, lies beyond %.4g mrad, where waves on pixels of %.4g A end (2/3 of the "
              "Nyquist frequency at %g keV); it needs stem.sampling_A <= %.4g, or 0 to have that "
              "chosen",
              what, mrad, reach, pixel_A, p->energy_keV,
              floor(aet_optics_pixel_A(p->energy_keV, mrad) * 1e4) * 1e-4);
    return AET_OK;
}

/* The largest pixel that will do, and the aperture and the detector within its reach. */
static aet_err find_sampling(const aet_stem_params *p, double *sampling_A)
{
    double across = p->adf_outer_mrad + p->semiangle_mrad;
    AET_CHECK(p->adf_outer_mrad > p->adf_inner_mrad, AET_ERR_USAGE,
              "stem.adf_outer_mrad = %g is not above adf_inner_mrad = %g", p->adf_outer_mrad,
              p->adf_inner_mrad);
    *sampling_A = p->sampling_A > 0 ? p->sampling_A : aet_optics_pixel_A(p->energy_keV, across);
    AET_TRY(check_angle(p, "the outer angle of the detector", p->adf_outer_mrad, *sampling_A));
    AET_TRY(check_angle(p, "the aperture", p->semiangle_mrad, *sampling_A));
    double whole = aet_optics_pixel_A(p->energy_keV, across);
    if (*sampling_A > whole * (1 + 1e-9))
        aet_warn("scattering by up to %.4g mrad, from one side of the aperture across to the other "
                 "side of the detector, is cut on pixels of %.4g A; stem.sampling_A <= %.4g keeps "
                 "all of it",
                 across, *sampling_A, whole);
    return AET_OK;
}

/* The box around the model as each tilt sees it: its middle, and the largest sides. */
static aet_err find_cell(aet_stem_job *j)
{
    double wide[2] = {0, 0}, margin = j->p->margin_A;
    AET_TRY(AET_ARRAY(j->tilts, "centres of the cell", &j->middle_A));
    for (int t = 0; t < j->tilts; t++) {
        double R[3][3], at[3], low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
        aet_rotation(j->angles_deg[t], R);
        for (int i = 0; i < j->atoms->n; i++) {
            aet_rotate(R, j->atoms->position_A[i], at);
            for (int c = 0; c < 2; c++) {
                low[c] = fmin(low[c], at[c]);
                high[c] = fmax(high[c], at[c]);
            }
        }
        for (int c = 0; c < 2; c++) {
            j->middle_A[t][c] = 0.5 * (low[c] + high[c]);
            wide[c] = fmax(wide[c], high[c] - low[c]);
        }
    }
    double most = fmax(wide[0], wide[1]), side = j->p->cell_A;
    AET_CHECK(side == 0 || side >= most, AET_ERR_USAGE,
              "the model is %.4g A wide and does not fit stem.cell_A = %g; 0 chooses it", most,
              side);
    j->lx = side > 0 ? side : wide[0] + 2 * margin;
    j->ly = side > 0 ? side : wide[1] + 2 * margin;
    AET_CHECK(j->lx >= 2 && j->ly >= 2, AET_ERR_USAGE,
              "the cell is only %.3g x %.3g A; give a larger stem.margin_A or cell_A", j->lx,
              j->ly);
    return AET_OK;
}

static aet_err find_scan(aet_stem_job *j)
{
    aet_simulate_params frame = {.pixel_A = j->p->pixel_A,
                                 .size = j->p->size,
                                 .size_y = j->p->size_y,
                                 .margin_A = j->p->margin_A};
    AET_TRY(aet_simulate_frame_size(j->atoms, j->angles_deg, j->tilts, &frame, &j->nx, &j->ny));
    j->nx *= j->p->oversampling;
    j->ny *= j->p->oversampling;
    j->step_A = j->p->pixel_A / j->p->oversampling;
    AET_CHECK((double)j->nx * j->ny < 1e9, AET_ERR_USAGE,
              "%d x %d probes an image are too many; lower stem.size or oversampling", j->nx,
              j->ny);
    return AET_OK;
}

/* Bytes whatever the number of waves, and of each wave. */
static void count_bytes(const aet_stem_job *j, double *fixed, double *each)
{
    const aet_stem_grid *g = &j->grid;
    double field = (double)sizeof(aet_cell) * (double)aet_fft_band_cells(g->nx, g->ny);
    *each = 8.0 * (double)aet_stem_grid_wave(g);
    *fixed = (double)aet_stem_slicer_bytes(g) + field + 1.5 * *each +
             (double)aet_fft_band_bytes(g->nx, g->ny, g->hx, g->hy) +
             8.0 * j->tilts * j->nx * j->ny;
}

static aet_err find_batch(aet_stem_job *j, int ranks)
{
    double fixed, each, room = j->p->memory_GB * 1e9;
    count_bytes(j, &fixed, &each);
    double most =
        j->tile_x > 0 ? TILE * TILE : fmin(BATCH_MAX, ceil((double)j->nx * j->ny / ranks));
    AET_CHECK(fixed + each <= room, AET_ERR_USAGE,
              "waves on %d x %d pixels need %.3g GB per rank, more than stem.memory_GB = %g",
              j->grid.nx, j->grid.ny, 1e-9 * (fixed + each), j->p->memory_GB);
    j->batch = (int)fmin(most, (room - fixed) / each);
    j->bytes = fixed + each * j->batch;
    aet_info("%d waves at a time, %.3g GB per rank", j->batch, 1e-9 * j->bytes);
    return AET_OK;
}

static void say_plan(const aet_stem_job *j)
{
    if (j->grid.q_limit < COLUMNS)
        aet_warn("waves end at %.3g /A: columns of heavy atoms seen end on come out some per cent "
                 "too dark (Pt: 5 %% at 6 /A, 18 %% at 4.3 /A); stem.sampling_A = %.2g avoids it",
                 j->grid.q_limit, FINE_A);
    aet_info("%d tilts x %d configurations of at most %d x %d probes; cell %.4g x %.4g A, %d x %d "
             "pixels of %.4g x %.4g A, band to %.4g mrad",
             j->tilts, j->configurations, j->nx, j->ny, j->lx, j->ly, j->grid.nx, j->grid.ny,
             j->grid.lx / j->grid.nx, j->grid.ly / j->grid.ny,
             1e3 * j->grid.q_limit * j->grid.lambda_A);
}

aet_err aet_stem_plan(aet_stem_job *j, const aet_optics *o, int ranks)
{
    double sampling = 0, window = 0;
    AET_TRY(check_model(j));
    AET_TRY(find_sampling(j->p, &sampling));
    AET_TRY(find_scan(j));
    AET_TRY(find_cell(j));
    if (j->p->method == AET_STEM_PRISM) {
        j->tile_x = AET_STEM_PRISM_ACROSS;
        j->tile_y = AET_STEM_PRISM_LINES;
    } else if (j->p->window_A > 0) {
        j->tile_x = j->tile_y = TILE;
        window = j->p->window_A + (TILE - 1) * j->step_A;
    }
    aet_stem_grid_size(window > 0 ? window : j->lx, window > 0 ? window : j->ly, sampling,
                       j->p->energy_keV, &j->grid);
    say_plan(j);
    if (j->p->method == AET_STEM_MULTISLICE)
        return find_batch(j, ranks);
    AET_TRY(aet_stem_grid_equip(&j->grid));
    return aet_stem_prism_plan(j, o, ranks);
}
