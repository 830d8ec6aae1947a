/* Waves, cells and specimens for tests of what happens inside aetlas simulate stem. */
#ifndef AET_TEST_STEM_WAVES_H
#define AET_TEST_STEM_WAVES_H

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/physics/electron.h"
#include "simulate/stem_priv.h"
#include "test.h"

static const double origin[2] = {0, 0};

static inline aet_stem_params defaults(void)
{
    aet_stem_params p;
    T_OK(aet_config_load(NULL, &aet_stem_table, &p));
    p.energy_keV = 300;
    p.phonons = 0;
    return p;
}

static inline aet_stem_grid grid_of(double side_A, double sampling_A, double keV)
{
    aet_stem_grid g;
    aet_stem_grid_size(side_A, side_A, sampling_A, keV, &g);
    T_OK(aet_stem_grid_equip(&g));
    return g;
}

static inline float complex *wave_on(const aet_stem_grid *g, int n)
{
    float complex *w = NULL;
    T_OK(AET_ARRAY(n * aet_stem_grid_wave(g), "waves", &w));
    return w;
}

static inline double size2(float complex z)
{
    return (double)crealf(z) * (double)crealf(z) + (double)cimagf(z) * (double)cimagf(z);
}

static inline float complex field_at(const aet_stem_grid *g, int x, int y)
{
    const aet_cell *cell = &g->field[y / AET_LANES * g->nx + x];
    return CMPLXF(cell->re[y % AET_LANES], cell->im[y % AET_LANES]);
}

static inline double norm2(const float complex *w, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += size2(w[i]);
    return sum;
}

static inline aet_stem_specimen *atoms_at(int n, const double (*r)[3], const int *z,
                                          const aet_stem_params *p)
{
    static const double upright[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    aet_atoms *a = NULL;
    aet_stem_specimen *s = NULL;
    T_OK(aet_atoms_create(n, &a));
    for (int i = 0; i < n; i++) {
        a->species[i] = (uint8_t)z[i];
        memcpy(a->position_A[i], r[i], sizeof r[i]);
    }
    T_OK(aet_stem_specimen_create(a, upright, NULL, p, &s));
    aet_atoms_free(&a);
    return s;
}

#endif
