#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/physics/electron.h"
#include "stem_priv.h"
#include <math.h>
#include <string.h>

/* Highest frequency strictly inside the limit: at the limit itself products would alias onto it. */
static int band(double q_limit, double length_A)
{
    return (int)ceil(q_limit * length_A * (1 - 1e-12)) - 1;
}

static void set_circle(aet_stem_grid *g)
{
    for (int k = -g->hx; k <= g->hx; k++) {
        double rest = g->q_limit * g->q_limit - pow(k / g->lx, 2);
        int top = band(sqrt(fmax(rest, 0)), g->ly);
        g->limit[k + g->hx] = top < g->hy ? top : g->hy;
    }
}

void aet_stem_grid_size(double lx, double ly, double sampling_A, double energy_keV,
                        aet_stem_grid *g)
{
    *g = (aet_stem_grid){.lx = lx, .ly = ly};
    g->nx = aet_fft_band_size((int)ceil(lx / sampling_A * (1 - 1e-12)), 2);
    g->ny = aet_fft_band_size((int)ceil(ly / sampling_A * (1 - 1e-12)), 2);
    g->q_limit = fmin(aet_optics_limit(lx / g->nx), aet_optics_limit(ly / g->ny));
    g->lambda_A = aet_electron_wavelength_A(energy_keV);
    g->hx = band(g->q_limit, lx);
    g->hy = band(g->q_limit, ly);
    g->mx = 2 * g->hx + 1;
    g->my = 2 * g->hy + 1;
}

aet_err aet_stem_grid_equip(aet_stem_grid *g)
{
    AET_TRY(AET_ARRAY(g->mx, "band limits", &g->limit));
    set_circle(g);
    AET_TRY(AET_ARRAY(g->mx, "free space along x", &g->fx));
    AET_TRY(AET_ARRAY(g->my, "free space along y", &g->fy));
    AET_TRY(AET_ARRAY(aet_fft_band_cells(g->nx, g->ny), "a transmission function", &g->field));
    AET_TRY(AET_ARRAY(aet_stem_grid_wave(g), "the spectrum of a slice", &g->spectrum));
    return aet_fft_band_create(g->nx, g->ny, g->hx, g->hy, &g->plan);
}

void aet_stem_grid_free(aet_stem_grid *g)
{
    aet_release(&g->limit);
    aet_release(&g->fx);
    aet_release(&g->fy);
    aet_release(&g->field);
    aet_release(&g->spectrum);
    aet_fft_band_free(&g->plan);
}

static void space(float complex *f, int h, double length_A, double phase, double scale)
{
    for (int k = -h; k <= h; k++) {
        double angle = phase * pow(k / length_A, 2);
        f[k + h] = CMPLXF((float)(scale * cos(angle)), (float)(-scale * sin(angle)));
    }
}

void aet_stem_grid_space(aet_stem_grid *g, double distance_A, double scale)
{
    double phase = AET_PI * g->lambda_A * distance_A;
    space(g->fx, g->hx, g->lx, phase, scale);
    space(g->fy, g->hy, g->ly, phase, 1);
}
