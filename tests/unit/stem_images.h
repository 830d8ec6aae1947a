/* A small cluster and its ADF-STEM images, for tests of aetlas simulate stem as a whole. */
#ifndef AET_TEST_STEM_IMAGES_H
#define AET_TEST_STEM_IMAGES_H

#include "aetlas/base/mem.h"
#include "aetlas/simulate/stem.h"
#include "test.h"

static const double flat[1][3] = {{0, 0, 0}};
static const double tilts[3][3] = {{0, -40, 0}, {1.2, 20, -0.7}, {0, 90, 0}};

/* 80 kV reaches the detector with few pixels: tests are quick, and lines are short enough to be the same bits
 * everywhere. */
static inline aet_stem_params defaults(void)
{
    aet_stem_params p;
    T_OK(aet_config_load(NULL, &aet_stem_table, &p));
    p.energy_keV = 80;
    p.adf_inner_mrad = 60;
    p.adf_outer_mrad = 110;
    p.pixel_A = 0.6;
    p.margin_A = 1.5;
    p.phonons = 0;
    p.method = AET_STEM_MULTISLICE;
    return p;
}

static inline aet_atoms *cluster(void)
{
    static const double r[5][3] = {
        {0.11, 0.07, -0.05}, {2.3, 0.9, 1.7}, {-1.2, 2.1, -2.9}, {1.2, -2.3, 3.4}, {-2, -0.4, 0.8}};
    static const uint8_t z[5] = {78, 28, 78, 28, 78};
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(5, &a));
    memcpy(a->position_A, r, sizeof r);
    memcpy(a->species, z, sizeof z);
    return a;
}

static inline aet_tilt *images_on(MPI_Comm comm, const aet_atoms *a, const double (*angles)[3],
                                  int n, const aet_stem_params *p)
{
    aet_tilt *t = NULL;
    T_OK(aet_simulate_stem(comm, a, angles, n, p, &t));
    return t;
}

static inline aet_tilt *images(const aet_atoms *a, const double (*angles)[3], int n,
                               const aet_stem_params *p)
{
    return images_on(MPI_COMM_WORLD, a, angles, n, p);
}

static inline double top(const aet_tilt *t)
{
    double v = 0;
    for (int64_t i = 0; i < (int64_t)t->n * t->ny * t->nx; i++)
        v = fmax(v, (double)t->images[i]);
    return v;
}

/* Largest difference over the brightest pixel. */
static inline double apart(const aet_tilt *a, const aet_tilt *b)
{
    double v = 0;
    T_CHECK(a->n == b->n && a->nx == b->nx && a->ny == b->ny);
    for (int64_t i = 0; i < (int64_t)a->n * a->ny * a->nx; i++)
        v = fmax(v, fabs((double)a->images[i] - (double)b->images[i]));
    return v / top(a);
}

#endif
