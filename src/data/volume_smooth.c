#include "aetlas/data/boundary.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/halo.h"
#include "aetlas/num/blur.h"
#include "aetlas/par/agree.h"
#include <math.h>

/* Gaussian smoothing of own planes into smooth[slab.count][ny][nx]. */
static void smooth_own(const aet_volume *v, const aet_block *b, double sigma, float *smooth)
{
    int64_t plane = (int64_t)v->ny * v->nx;
    int reach = (int)ceil(AET_SMOOTH_REACH * sigma);
    double *weight = aet_blur_weights(sigma, reach);
    for (int z = 0; z < v->slab.count; z++) {
        float *out = smooth + z * plane;
        for (int k = -reach; k <= reach; k++) {
            int g = v->slab.start + z + k;
            g = g < 0 ? 0 : g >= v->nz ? v->nz - 1 : g;
            const float *in = aet_block_row(b, g, 0);
            float w = (float)weight[k + reach];
            for (int64_t i = 0; i < plane; i++)
                out[i] += w * in[i];
        }
        aet_blur(out, 1, v->ny, v->nx, sigma, AET_SMOOTH_REACH);
    }
    aet_release(&weight);
}

aet_err aet_volume_smooth(const aet_volume *v, double sigma, float **out)
{
    aet_err err = AET_OK;
    aet_block *block = NULL;

    AET_GO(aet_halo_block(v, (int)ceil(AET_SMOOTH_REACH * sigma), &block));
    AET_GO(AET_AGREE(v->comm, AET_ARRAY(aet_volume_count(v), "smoothed volume", out)));
    smooth_own(v, block, sigma, *out);
done:
    aet_block_free(&block);
    return err;
}
