/* What tracing takes: the arrays of its steps, and time by speeds measured on one core of 2023. */
#include "trace/trace_priv.h"

#include "aetlas/data/boundary.h"
#include "aetlas/par/slab.h"
#include <math.h>

#define PROGRAM_BYTES 60e6
/* A candidate twice, its neighbours, what is classified, and the columns of the atom. */
#define ATOM_BYTES 2000.0
#define VOXEL_S    1.2e-7 /* smoothing, maxima and boundary */
#define LEVEL_S    4.4e-7 /* the levels of trace.detect=pieces, spread over the ranks */
#define ATOM_S     7.8e-4 /* fits until they settle */

void aet_trace_memory(const int size[3], double voxel_A, double atoms, const aet_trace_params *p,
                      int ranks, double *bytes_per_rank, double *seconds)
{
    double plane = (double)size[0] * size[1] * sizeof(float), all = plane * size[2];
    int own = aet_slab_of(size[2], 0, ranks).count, depth = aet_trace_depth(p, voxel_A);
    double reach = ceil(AET_SMOOTH_REACH * aet_trace_smoothing_A(p) / voxel_A);
    double wide = ceil(AET_SMOOTH_REACH * p->boundary_sigma);
    double slab = own * plane, fits = fmin(size[2], own + 2 * depth) * plane;

    /* Beside the volume: the planes that are smoothed and what comes of it; */
    double most = slab + fmin(size[2], own + 2 * reach) * plane;
    /* the smoothed volume, with a halo, and its hills; */
    if (p->detect == AET_TRACE_BLOBS)
        most = fmax(most, 2 * slab + fmin(size[2], own + 2) * plane);
    /* the whole on every rank, with values or labels of its voxels and voxels to be visited; */
    if (p->detect == AET_TRACE_PIECES)
        most = fmax(most, slab + 3 * all);
    /* the planes of the fits, a volume smoothed for the boundary, labels with a halo, pairs. */
    most = fmax(most, fits);
    if (p->boundary)
        most = fmax(
            most, fits + fmax(slab + fmin(size[2], own + 2 * wide) * plane, 3 * slab + 4 * plane));
    *bytes_per_rank = PROGRAM_BYTES + slab + most + ATOM_BYTES * atoms;
    double voxel_s = VOXEL_S + (p->detect == AET_TRACE_PIECES ? LEVEL_S : 0);
    *seconds = (voxel_s * all / sizeof(float) + ATOM_S * atoms) / ranks;
}
