/* A series and parameters for benchmarks of GENFIRE. */
#ifndef AET_GENFIRE_SERIES_H
#define AET_GENFIRE_SERIES_H

#include "bench.h"

#include "aetlas/recon/reconstruct.h"

enum { TILTS = 41 };

static aet_tilt *genfire_series(int n)
{
    aet_tilt *t = NULL;

    B_OK(aet_tilt_create(TILTS, n, n, 1.0, &t));
    for (int i = 0; i < TILTS; i++) {
        t->angles_deg[i][1] = -72 + 3.0 * i;
        for (int k = 0; k < n * n; k++) { /* two discs: what is in the images does not matter */
            int x = k % n - n / 2, y = k / n - n / 2;
            aet_tilt_image(t, i)[k] =
                (float)((x * x + y * y < n * n / 9) + (abs(x - 3) < n / 9 && y > 0));
        }
    }
    return t;
}

static aet_recon_params genfire_params(double oversampling, int iterations)
{
    aet_recon_params p;

    B_OK(aet_config_load(NULL, &aet_recon_table, &p));
    p.method = AET_RECON_GENFIRE;
    p.iterations = iterations;
    p.oversampling = oversampling;
    p.gridding = AET_GRIDDING_FFT;
    p.limit = AET_LIMIT_SPHERE; /* not slice by slice */
    return p;
}

#endif
