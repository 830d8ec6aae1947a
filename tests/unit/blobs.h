/* Gaussian blobs, their images at any Euler angles by formula, and the density itself: for tests of
 * reconstructions.  To be included after test.h. */
#ifndef AET_TEST_BLOBS_H
#define AET_TEST_BLOBS_H

#include "aetlas/data/units.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/recon/reconstruct.h"

enum { S = 24, TILTS = 19 };
#define SIGMA 1.8

static const struct {
    double x, y, z, height;
} blobs[] = {{4, 2, -3, 1.0}, {-2, 4, 3, 0.7}, {1, -5, 1, 1.2}, {-4, -1, -4, 0.8}};
enum { BLOBS = sizeof blobs / sizeof *blobs };

static inline aet_recon_params defaults(aet_recon_method method, int iterations)
{
    aet_recon_params p;

    T_OK(aet_config_load(NULL, &aet_recon_table, &p));
    p.method = (int)method;
    p.iterations = iterations;
    p.oversampling = 2; /* small grids: their transforms are planned at once */
    return p;
}

/* Images of the blobs by the line integral of a Gaussian; tilts from `first` on. */
static inline aet_tilt *series_of(int nx, int ny, double euler, double first, double step)
{
    aet_tilt *t = NULL;
    double R[3][3], line = SIGMA * sqrt(2 * AET_PI);

    T_OK(aet_tilt_create(TILTS, ny, nx, 1.0, &t));
    for (int i = 0; i < TILTS; i++) {
        double *a = t->angles_deg[i];
        a[0] = euler * (i % 3 - 1);
        a[1] = first + step * i;
        a[2] = euler * (i % 5 - 2) / 2;
        aet_rotation(a, R);
        for (int b = 0; b < BLOBS; b++)
            for (int k = 0; k < nx * ny; k++) {
                double u = R[0][0] * blobs[b].x + R[0][1] * blobs[b].y + R[0][2] * blobs[b].z;
                double v = R[1][0] * blobs[b].x + R[1][1] * blobs[b].y + R[1][2] * blobs[b].z;
                double du = k % nx - nx / 2 - u, dv = k / nx - ny / 2 - v;
                aet_tilt_image(t, i)[k] += (float)(blobs[b].height * line *
                                                   exp(-(du * du + dv * dv) / (2 * SIGMA * SIGMA)));
            }
    }
    return t;
}

static inline aet_tilt *series(int nx, int ny, double euler)
{
    return series_of(nx, ny, euler, -72, 8);
}

static inline aet_volume *truth(int nx, int ny, int nz)
{
    aet_volume *v = NULL;

    T_OK(aet_volume_create(MPI_COMM_WORLD, nx, ny, nz, 1.0, &v));
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        for (int b = 0; b < BLOBS; b++) {
            double x = (double)(i % nx) - nx / 2 - blobs[b].x;
            double y = (double)(i / nx % ny) - ny / 2 - blobs[b].y;
            double z = (double)(i / nx / ny) + v->slab.start - nz / 2 - blobs[b].z;
            v->density[i] +=
                (float)(blobs[b].height * exp(-(x * x + y * y + z * z) / (2 * SIGMA * SIGMA)));
        }
    return v;
}

static inline double correlation(const aet_volume *a, const aet_volume *b)
{
    double c = 0;

    T_OK(aet_volume_compare(a, b, false, &c, NULL, NULL));
    return c;
}

#endif
