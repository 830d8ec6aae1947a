#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/par/stop.h"
#include "aetlas/physics/electron.h"
#include "stem_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float complex product(float complex a, float complex b)
{
    return CMPLXF(crealf(a) * crealf(b) - cimagf(a) * cimagf(b),
                  crealf(a) * cimagf(b) + cimagf(a) * crealf(b));
}

/* Slices outside, waves inside: a transmission function is made once for all waves, and never kept. */
aet_err aet_stem_propagate(aet_stem_slicer *s, aet_stem_grid *g, const aet_stem_specimen *m,
                           const double left_A[2], bool whole, float complex *waves, int n)
{
    int64_t points = aet_stem_grid_wave(g);
    double scale = 1.0 / ((double)g->nx * g->ny);
    aet_stem_grid_space(g, m->depth_A[0], 1);
    for (int w = 0; w < n; w++)
        for (int kx = 0; kx < g->mx; kx++)
            for (int ky = 0; ky < g->my; ky++) {
                float complex *v = &waves[w * points + (int64_t)kx * g->my + ky];
                *v = product(*v, product(g->fx[kx], g->fy[ky]));
            }
    for (int k = 0; k < m->slices; k++) {
        AET_CHECK(!aet_stop_asked(), AET_ERR_STOPPED, "stopped in slice %d of %d", k, m->slices);
        AET_TRY(aet_stem_slice(s, g, m, k, left_A, whole));
        double next = k + 1 < m->slices ? m->depth_A[k + 1] : 0; /* the last goes back to z = 0 */
        aet_stem_grid_space(g, next - m->depth_A[k], scale);
        for (int w = 0; w < n; w++)
            aet_fft_band_multiply(g->plan, waves + w * points, g->field, g->fx, g->fy, g->limit);
    }
    return AET_OK;
}

/* ---- into the specimen ---- */

aet_err aet_stem_aperture_create(const aet_stem_grid *g, const aet_optics *o, int step,
                                 aet_stem_aperture *a)
{
    double edge = o->semiangle_mrad * 1e-3 / g->lambda_A, norm = 0;
    int top_x = (int)(edge * g->lx / step) + 1, top_y = (int)(edge * g->ly / step) + 1, most;
    *a = (aet_stem_aperture){.n = 0};
    most = (2 * top_x + 1) * (2 * top_y + 1);
    AET_TRY(AET_ARRAY(most, "beams of the aperture", &a->kx));
    AET_TRY(AET_ARRAY(most, "beams of the aperture", &a->ky));
    AET_TRY(AET_ARRAY(most, "beams of the aperture", &a->amplitude));
    for (int i = -top_x; i <= top_x; i++)
        for (int j = -top_y; j <= top_y; j++) {
            int kx = i * step, ky = j * step;
            double qx = kx / g->lx, qy = ky / g->ly;
            double weight = aet_optics_disc(edge, qx, qy, step / g->lx, step / g->ly);
            if (weight == 0 || abs(kx) > g->hx || abs(ky) > g->limit[kx + g->hx])
                continue;
            a->kx[a->n] = kx;
            a->ky[a->n] = ky;
            double angle = aet_optics_phase(o, hypot(qx, qy));
            a->amplitude[a->n++] =
                CMPLXF((float)(weight * cos(angle)), (float)(-weight * sin(angle)));
            norm += weight * weight;
        }
    for (int b = 0; b < a->n; b++)
        a->amplitude[b] *= (float)(1 / sqrt(norm));
    return AET_OK;
}

void aet_stem_aperture_free(aet_stem_aperture *a)
{
    aet_release(&a->kx);
    aet_release(&a->ky);
    aet_release(&a->amplitude);
}

void aet_stem_probe(const aet_stem_grid *g, const aet_stem_aperture *a, double x_A, double y_A,
                    float complex *wave)
{
    memset(wave, 0, sizeof *wave * (size_t)aet_stem_grid_wave(g));
    for (int b = 0; b < a->n; b++) {
        double turn = 2 * AET_PI * (a->kx[b] * x_A / g->lx + a->ky[b] * y_A / g->ly);
        float complex shift = CMPLXF((float)cos(turn), (float)-sin(turn));
        wave[(int64_t)(a->kx[b] + g->hx) * g->my + a->ky[b] + g->hy] =
            product(a->amplitude[b], shift);
    }
}

/* ---- and out of it ---- */

void aet_stem_detector(const aet_stem_params *p, double lx, double ly, int hx, int hy,
                       float *weight)
{
    double per_A = 1e-3 / aet_electron_wavelength_A(p->energy_keV);
    double inner = p->adf_inner_mrad * per_A, outer = p->adf_outer_mrad * per_A;
    for (int kx = -hx; kx <= hx; kx++)
        for (int ky = -hy; ky <= hy; ky++) {
            double qx = kx / lx, qy = ky / ly;
            double hole = inner > 0 ? aet_optics_disc(inner, qx, qy, 1 / lx, 1 / ly) : 0;
            *weight++ = (float)(aet_optics_disc(outer, qx, qy, 1 / lx, 1 / ly) * (1 - hole));
        }
}

double aet_stem_detect(const float *weight, const float complex *wave, int64_t n)
{
    double sum = 0;
    const float *w = (const float *)wave;
    for (int64_t i = 0; i < n; i++)
        sum += (double)(weight[i] * (w[2 * i] * w[2 * i] + w[2 * i + 1] * w[2 * i + 1]));
    return sum;
}
