/* How much a place looks like a hill: the Laplacian of the smoothed volume, turned over.
 *
 * Where atoms nearly run into one another - in the direction of the missing wedge, or in a crystal of
 * which some reflections were never seen - the density between them hardly falls, and smoothing
 * against noise makes one maximum of two.  The Laplacian does not see a level or a slope, so hills on
 * the haze of their neighbours stay apart.
 */
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "trace/trace_priv.h"

static double laplacian(const aet_block *b, int z, int y, int x)
{
    const float *row = aet_block_row(b, z, y) + x;
    double sum = (double)row[-1] + (double)row[1];
    sum += (double)aet_block_row(b, z, y - 1)[x] + (double)aet_block_row(b, z, y + 1)[x];
    sum += (double)aet_block_row(b, z - 1, y)[x] + (double)aet_block_row(b, z + 1, y)[x];
    return sum - 6 * (double)row[0];
}

static void fill(const aet_volume *v, const aet_block *b, float *out)
{
    for (int k = 0; k < v->slab.count; k++) {
        int z = v->slab.start + k;
        if (z < 1 || z > v->nz - 2)
            continue;
        for (int y = 1; y < v->ny - 1; y++)
            for (int x = 1; x < v->nx - 1; x++)
                out[((int64_t)k * v->ny + y) * v->nx + x] = (float)-laplacian(b, z, y, x);
    }
}

aet_err aet_trace_blobs(const aet_volume *smooth, float **blobs)
{
    aet_err err = AET_OK;
    aet_block *b = NULL;
    *blobs = NULL;
    AET_GO(aet_halo_block(smooth, 1, &b));
    AET_GO(AET_AGREE(smooth->comm, AET_ARRAY(aet_volume_count(smooth), "hills", blobs)));
    fill(smooth, b, *blobs);
done:
    aet_block_free(&b);
    return err;
}
