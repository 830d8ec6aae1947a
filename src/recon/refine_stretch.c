/* The one thing that rounds find only slowly: a stretch of the object along the beam at tilt 0.
 *
 * An object stretched by 1 + e along z looks, seen along a tilt theta, as the object itself does along
 * theta' with tan theta' = (1 + e) tan theta, but for e sin^2 theta of width: a missing wedge leaves
 * little else to tell them apart, and a volume adapts to wrong angles of that kind.  So the stretch is
 * looked for on its own: volumes from nothing with the poses stretched by -d, 0 and d, and the least of
 * the parabola through their misfits. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/physics/geometry.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

static const double trial_stretch = 0.01;
enum {
    ITERATIONS = 3
}; /* times those at the start of a level: the misfits must have come to differ */

/* Rows 0 and 1 of R become the orthonormal pair nearest to those of R diag(1, 1, 1 + e). */
void refine_stretch_pose(double e, aet_pose *pose)
{
    double R[3][3], g[3] = {0}; /* of P P^T: 00, 01, 11 */

    aet_rotation(pose->angles_deg, R);
    for (int i = 0; i < 2; i++)
        R[i][2] *= 1 + e;
    for (int k = 0; k < 3; k++) {
        g[0] += R[0][k] * R[0][k];
        g[1] += R[0][k] * R[1][k];
        g[2] += R[1][k] * R[1][k];
    }
    /* (P P^T)^(-1/2), by the closed form of 2 x 2: sqrt A = (A + d) / t, d^2 = det A, t^2 = tr A + 2d */
    double d = sqrt(g[0] * g[2] - g[1] * g[1]), t = sqrt(g[0] + g[2] + 2 * d);
    for (int k = 0; k < 3; k++) {
        double a = R[0][k], b = R[1][k];
        R[0][k] = ((g[2] + d) * a - g[1] * b) / (t * d);
        R[1][k] = ((g[0] + d) * b - g[1] * a) / (t * d);
    }
    for (int k = 0; k < 3; k++) /* the third row across them */
        R[2][k] = R[0][(k + 1) % 3] * R[1][(k + 2) % 3] - R[0][(k + 2) % 3] * R[1][(k + 1) % 3];
    refine_euler((const double(*)[3])R, pose->angles_deg, pose->angles_deg);
}

/* Sum of squares that a volume of its own leaves of the images. */
static aet_err misfit(refine_level *l, int iterations, double e, const aet_pose *poses,
                      double *square)
{
    aet_pose *trial = AET_NEW(aet_pose, l->n);
    aet_err err = AET_OK;

    memcpy(trial, poses, (size_t)l->n * sizeof *trial);
    for (int i = 0; i < l->n; i++)
        refine_stretch_pose(e, trial + i);
    AET_GO(refine_level_poses(l, trial));
    AET_GO(refine_level_volume(l, NULL, ITERATIONS * iterations));
    *square = 0;
    for (int i = 0; i < l->n; i++)
        for (int64_t p = i * l->m; l->used[i] && p < (i + 1) * l->m; p++)
            *square += (double)l->r[p] * (double)l->r[p];
done:
    aet_release(&trial);
    return err;
}

aet_err refine_stretch(refine_level *l, int iterations, aet_pose *poses)
{
    double f[3];

    for (int k = 0; k < 3; k++)
        AET_TRY(misfit(l, iterations, (k - 1) * trial_stretch, poses, &f[k]));
    double bend = f[0] - 2 * f[1] + f[2], most = 2 * trial_stretch;
    if (!(bend > 0))
        return AET_OK;
    double e = 0.5 * trial_stretch * (f[0] - f[2]) / bend;
    e = fmax(-most, fmin(most, e));
    aet_debug("binning %d: stretched by %.5f along the beam", l->bin, e);
    for (int i = 0; i < l->n; i++)
        refine_stretch_pose(e, poses + i);
    return AET_OK;
}
