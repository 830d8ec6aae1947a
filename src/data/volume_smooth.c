#include "aetlas/data/boundary.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/halo.h"
#include "aetlas/par/agree.h"
#include <math.h>

#define REACH 3.0 /* standard deviations at which the Gaussian is cut */

/* Out of a row of n values with stride; values outside count as the nearest one inside. */
static void smooth_line(int n, ptrdiff_t stride, int reach, const double *kernel,
                        const double *line, float *out)
{
    for (int i = 0; i < n; i++) {
        double s = 0;
        for (int k = -reach; k <= reach; k++) {
            int j = i + k < 0 ? 0 : i + k >= n ? n - 1 : i + k;
            s += kernel[k + reach] * line[j];
        }
        out[i * stride] = (float)s;
    }
}

static void smooth_plane(const aet_block *b, int reach, const double *kernel, double *line,
                         float *plane)
{
    for (int y = 0; y < b->ny; y++) {
        for (int x = 0; x < b->nx; x++)
            line[x] = (double)plane[(int64_t)y * b->nx + x];
        smooth_line(b->nx, 1, reach, kernel, line, plane + (int64_t)y * b->nx);
    }
    for (int x = 0; x < b->nx; x++) {
        for (int y = 0; y < b->ny; y++)
            line[y] = (double)plane[(int64_t)y * b->nx + x];
        smooth_line(b->ny, b->nx, reach, kernel, line, plane + x);
    }
}

/* Gaussian smoothing of own planes into smooth[slab.count][ny][nx]. */
static aet_err smooth_own(const aet_volume *v, const aet_block *b, int reach, const double *kernel,
                          float *smooth)
{
    int64_t plane = (int64_t)v->ny * v->nx;
    double *line = NULL;
    AET_TRY(AET_ARRAY(v->nx > v->ny ? v->nx : v->ny, "line to smooth", &line));
    for (int z = 0; z < v->slab.count; z++) {
        float *out = smooth + z * plane;
        for (int k = -reach; k <= reach; k++) {
            int g = v->slab.start + z + k;
            g = g < 0 ? 0 : g >= v->nz ? v->nz - 1 : g;
            const float *in = aet_block_row(b, g, 0);
            float w = (float)kernel[k + reach];
            for (int64_t i = 0; i < plane; i++)
                out[i] += w * in[i];
        }
        smooth_plane(b, reach, kernel, line, out);
    }
    aet_release(&line);
    return AET_OK;
}

aet_err aet_volume_smooth(const aet_volume *v, double sigma, float **out)
{
    aet_err err = AET_OK;
    aet_block *block = NULL;
    int reach = (int)ceil(REACH * sigma);
    double *kernel = AET_NEW(double, 2 * reach + 1), sum = 0;

    for (int k = -reach; k <= reach; k++)
        sum += kernel[k + reach] = exp(-0.5 * k * k / fmax(sigma * sigma, 1e-300));
    for (int k = 0; k <= 2 * reach; k++)
        kernel[k] /= sum;
    AET_GO(aet_halo_block(v, reach, &block));
    AET_GO(AET_AGREE(v->comm, AET_ARRAY(aet_volume_count(v), "smoothed volume", out)));
    AET_GO(AET_AGREE(v->comm, smooth_own(v, block, reach, kernel, *out)));
done:
    aet_block_free(&block);
    aet_release(&kernel);
    return err;
}
