/* What GENFIRE needs, as its parts say (num/boxconv.h, pruned.c, points.c). */
#include "aetlas/num/lanes.h"
#include "aetlas/par/slab.h"
#include "recon/recon_priv.h"
#include <math.h>

/* Measured on one core of 2023 (tests/bench/reconstruct.c). */
#define NS_PER_VOXEL_STEP 25.0
#define NS_PER_SLICE_STEP 7.0   /* the same voxel, of planes on their own */
#define NS_PER_SAMPLE     150.0 /* DFT gridding: a value from 64 of a padded transform */
#define NS_PER_WAVE       0.15  /* a point's share in a voxel along z */
#define NS_PER_FLOP       0.02  /* of transforms in cache */

/* Half a disc of thickness 2 radius per image. */
static double points_of(int n, double m, const aet_recon_params *p)
{
    return n * 0.7854 * m * m * p->radius;
}

/* Slices across the tilt axis: the objects, with one more beside the volume; two planes and two-dimensional
 * kernels; the points of one slice with their values in all slices of this rank. */
static double slices_bytes(int n, double m, const int w[3], const aet_recon_params *p, int ranks)
{
    double here = aet_slab_of(w[1], 0, ranks).count, sets = recon_withheld(p) > 0 ? 2 : 1;
    double voxels = (double)w[0] * w[2] * here, points = n * m * p->radius;

    return aet_boxconv_bytes(w[0], w[2], w[1], false, ranks) +
           sets * aet_boxconv_kernel_bytes(w[0], w[2], w[1], false, ranks) +
           (4 + sets + (p->support[0] ? 3 : 0)) * voxels * sizeof(float) +
           points * (here + AET_LANES) * 2 * sizeof(float) + m * w[2] * sizeof(aet_cell);
}

double recon_genfire_bytes(int n, int ny, int nx, const int w[3], const aet_recon_params *p,
                           bool slices, int ranks)
{
    double m = recon_grid_size(nx, ny, w, p->oversampling), sets = recon_withheld(p) > 0 ? 2 : 1;
    double voxels = (double)w[0] * w[1] * aet_slab_of(w[2], 0, ranks).count;
    if (slices)
        return slices_bytes(n, m, w, p, ranks) + 2.0 * n * ny * nx * sizeof(float);
    double kernel = aet_boxconv_kernel_bytes(w[0], w[1], w[2], true, ranks);
    double always = aet_boxconv_bytes(w[0], w[1], w[2], true, ranks) +
                    (1 + sets) * voxels * sizeof(float) + /* the volume, right-hand sides */
                    (p->support[0] ? 2 : 0) * voxels * sizeof(float) +
                    2.0 * n * ny * nx * sizeof(float);
    double points = points_of(n, m, p) / ranks * sizeof(recon_point);
    double gridding = p->gridding == AET_GRIDDING_FFT ? 16 * m * m : 160.0 * nx * ny;
    double lines = m / 2 * 2 * w[1] * sizeof(aet_cell);
    double making =
        sets * kernel + points + (ranks > 1 ? 2 : 1) * lines + 4.0 * w[0] * w[1] * sizeof(aet_lane);
    double iterating = sets * kernel + 2 * voxels * sizeof(float);

    if (p->enforce != AET_ENFORCE_ALL) /* kernels are made anew between iterations */
        iterating = making + 2 * voxels * sizeof(float);
    return always + fmax(points + gridding, fmax(making, iterating));
}

/* Of lines of n points. */
static double transforms_ns(double lines, double n)
{
    return NS_PER_FLOP * 5 * lines * n * log2(n + 1);
}

double recon_genfire_seconds(int n, int ny, int nx, const int w[3], const aet_recon_params *p,
                             bool slices, int ranks)
{
    static const double changes[] = {1, 13, 25}; /* of the constraint set, by schedule */
    double m = recon_grid_size(nx, ny, w, p->oversampling), points = points_of(n, m, p);
    double voxels = (double)w[0] * w[1] * w[2];
    /* along z, y and x, of b and twice the size of the kernel */
    double make = 2 * NS_PER_WAVE * points * w[2] + 2 * transforms_ns(0.4 * m * w[2], m) +
                  transforms_ns(1.5 * w[1] * w[2], m) + NS_PER_VOXEL_STEP * voxels;
    double makes = changes[p->enforce] + (recon_withheld(p) > 0 ? 1 : 0);
    double steps = p->method == AET_RECON_GENFIRE_FAST ? 1.1 : 1; /* and its checks */
    double gridding = p->gridding == AET_GRIDDING_DFT ? NS_PER_SAMPLE * points / ranks
                                                      : transforms_ns(2 * n * m, m);

    if (slices) /* points and kernels are of one slice: as good as nothing beside the steps */
        return 1e-9 * (makes + steps * p->iterations) * NS_PER_SLICE_STEP * voxels / ranks;
    return 1e-9 *
           (gridding + (makes * make + steps * p->iterations * NS_PER_VOXEL_STEP * voxels) / ranks);
}
