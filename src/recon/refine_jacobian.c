/* How images change with their poses.
 *
 * A point that is seen at (u, v) and lies at depth w along the beam moves by (a_y w - a_z v,
 * a_z u - a_x w) per radian about the axis a in the laboratory, and by (1, 0) or (0, 1) with a
 * shift.  So with p the image, q that of density times depth, and the gradient D,
 *
 *   dp = a_x D_v q - a_y D_u q + a_z (v D_u p - u D_v p),     dp = -D_u p,     dp = -D_v p.
 *
 * Depth is a sum of the voxel's three coordinates, so q is one of the images of three volumes,
 * density times a coordinate.
 */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/slab.h"
#include "aetlas/physics/geometry.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

/* Of the diagonal of J^T J: keeps the step small along what an image does not determine. */
#define DAMPING 1e-4

/* The margin where derivatives are left 0: the reach of the difference. */
enum { MARGIN = 2 };

/* ---- images of density times depth ---- */

static void times_coordinate(const refine_level *l, int which, float *out)
{
    int nx = l->size[0], ny = l->size[1], nz = l->size[2], z0 = aet_slab_mine(nz, l->comm).start;

    for (int64_t c = 0; c < l->op->n_domain / ny; c++) {
        const float *x = l->x + c * ny;
        float *o = out + c * ny;
        int ix = (int)(c % nx), iz = (int)(c / nx) + z0;
        float at = (float)(which == 0 ? ix - nx / 2 : iz - nz / 2);
        for (int y = 0; y < ny; y++)
            o[y] = x[y] * (which == 1 ? (float)(y - ny / 2) : at);
    }
}

/* depth: [mine][m]; work: [n][m] */
static void project_depth(const refine_level *l, float *work, float *depth)
{
    double R[3][3];

    memset(depth, 0, (size_t)(l->mine * l->m) * sizeof *depth);
    for (int a = 0; a < 3; a++) {
        times_coordinate(l, a, l->g);
        aet_linop_forward(l->op, l->g, work);
        for (int i = 0; i < l->mine; i++) {
            aet_rotation(l->angles_deg[l->first + i], R);
            const float *w = work + (l->first + i) * l->m;
            float *d = depth + i * l->m, share = (float)R[2][a];
            for (int64_t k = 0; k < l->m; k++)
                d[k] += share * w[k];
        }
    }
}

/* ---- columns ---- */

/* Fourth-order central difference. */
static inline float slope(const float *p, ptrdiff_t step)
{
    return (8 * (p[step] - p[-step]) - (p[2 * step] - p[-2 * step])) * (1.0F / 12);
}

static void shift_column(const refine_level *l, int along_v, const float *image, float *column)
{
    for (int u = MARGIN; u < l->nu - MARGIN; u++)
        for (int v = MARGIN; v < l->nv - MARGIN; v++) {
            int64_t k = (int64_t)u * l->nv + v;
            column[k] = -slope(image + k, along_v ? 1 : l->nv);
        }
}

static void angle_column(const refine_level *l, const double axis[3], const double shift[2],
                         const float *image, const float *depth, float *column)
{
    float ax = (float)axis[0], ay = (float)axis[1], az = (float)axis[2];

    for (int u = MARGIN; u < l->nu - MARGIN; u++)
        for (int v = MARGIN; v < l->nv - MARGIN; v++) {
            int64_t k = (int64_t)u * l->nv + v;
            float x = (float)(u - l->nu / 2 - shift[0]), y = (float)(v - l->nv / 2 - shift[1]);
            column[k] = ax * slope(depth + k, 1) - ay * slope(depth + k, l->nv) +
                        az * (y * slope(image + k, l->nv) - x * slope(image + k, 1));
        }
}

static double dot(const float *a, const float *b, int64_t n)
{
    double sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* Of J^T J with a weight on the diagonal. */
static aet_err invert(const refine_level *l, const float *column, int n, const double *weight,
                      double *inverse)
{
    double normal[REFINE_MOST * REFINE_MOST], one[REFINE_MOST * REFINE_MOST] = {0};

    for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++)
            normal[a * n + b] = dot(column + a * l->m, column + b * l->m, l->m);
    for (int a = 0; a < n; a++) {
        double *d = normal + a * n + a;
        *d = *d > 0 ? *d * (1 + DAMPING) + weight[a] : 1;
        one[a * n + a] = 1;
    }
    return aet_solve(n, n, normal, one, inverse);
}

/* The pull is that of a prior if the whole residual were one number's error: far more than noise
 * alone would ask for, because most of it comes from the volume and is the same in all images. */
static void pull_of(const refine_level *l, const refine_unknowns *u, int i, const refine_hold *hold,
                    double *weight, double *pull)
{
    const double *before = hold->before[l->first + i].angles_deg;
    const double *now = hold->now[l->first + i].angles_deg;
    const float *r = l->r + (l->first + i) * l->m;
    double w = dot(r, r, l->m) / pow(hold->hold_deg * AET_RAD_PER_DEG, 2);

    for (int k = 0; k < u->n; k++) {
        weight[k] = u->of[k] >= REFINE_X ? 0 : w;
        pull[k] = u->of[k] >= REFINE_IN_PLANE
                      ? 0
                      : w * (now[u->of[k]] - before[u->of[k]]) * AET_RAD_PER_DEG;
    }
}

static aet_err image_columns(const refine_level *l, const refine_unknowns *u, int i,
                             const float *image, const float *depth, const refine_hold *hold,
                             refine_jacobian *j)
{
    float *column = j->column + (int64_t)i * j->k * l->m;
    double axis[3], weight[REFINE_MOST];

    for (int k = 0; k < u->n; k++)
        if (u->of[k] >= REFINE_X) {
            shift_column(l, u->of[k] == REFINE_Y, image, column + k * l->m);
        } else {
            refine_axis(u->of[k], l->angles_deg[l->first + i], axis);
            angle_column(l, axis, l->shift[l->first + i], image, depth, column + k * l->m);
        }
    pull_of(l, u, i, hold, weight, j->pull + (int64_t)i * j->k);
    return invert(l, column, u->n, weight, j->inverse + (int64_t)i * j->k * j->k);
}

/* ---- the whole ---- */

static aet_err arrays(const refine_level *l, refine_jacobian *j, float **depth, float **work)
{
    AET_TRY(AET_ARRAY(l->mine * l->m, "depth images", depth));
    AET_TRY(AET_ARRAY(l->n * l->m, "projected images", work));
    if (j->column)
        return AET_OK;
    AET_TRY(AET_ARRAY((int64_t)l->mine * j->k, "pull of the given angles", &j->pull));
    AET_TRY(AET_ARRAY((int64_t)l->mine * j->k * j->k, "normal equations", &j->inverse));
    return AET_ARRAY(l->mine * j->k * l->m, "derivative images", &j->column);
}

static aet_err columns(const refine_level *l, const refine_unknowns *u, const float *images,
                       const float *depth, const refine_hold *hold, refine_jacobian *j)
{
    for (int i = 0; i < l->mine; i++)
        AET_TRY(image_columns(l, u, i, images + (l->first + i) * l->m, depth + i * l->m, hold, j));
    return AET_OK;
}

aet_err refine_jacobian_make(const refine_level *l, const refine_unknowns *u,
                             const refine_hold *hold, refine_jacobian *j)
{
    aet_err err = AET_OK;
    float *depth = NULL, *work = NULL;

    j->k = u->n;
    AET_GO(AET_AGREE(l->comm, arrays(l, j, &depth, &work)));
    project_depth(l, work, depth);
    for (int64_t i = 0; i < l->n * l->m; i++)
        work[i] = l->r[i] + l->b[i];
    AET_GO(AET_AGREE(l->comm, columns(l, u, work, depth, hold, j)));
done:
    aet_release(&depth);
    aet_release(&work);
    return err;
}

void refine_jacobian_free(refine_jacobian *j)
{
    aet_release(&j->column);
    aet_release(&j->inverse);
    aet_release(&j->pull);
}

void refine_jacobian_step(const refine_level *l, const refine_jacobian *j, int i, const float *r,
                          double *step)
{
    const float *column = j->column + (int64_t)i * j->k * l->m;
    const double *inverse = j->inverse + (int64_t)i * j->k * j->k;
    double slope_of[REFINE_MOST];

    for (int k = 0; k < j->k; k++)
        slope_of[k] = dot(column + k * l->m, r, l->m) + j->pull[i * j->k + k];
    for (int a = 0; a < j->k; a++) {
        step[a] = 0;
        for (int b = 0; b < j->k; b++)
            step[a] -= inverse[a * j->k + b] * slope_of[b];
    }
}

void refine_jacobian_add(const refine_level *l, const refine_jacobian *j, int i, const double *step,
                         float *r)
{
    for (int k = 0; k < j->k; k++) {
        const float *column = j->column + ((int64_t)i * j->k + k) * l->m;
        float s = (float)step[k];
        for (int64_t p = 0; p < l->m; p++)
            r[p] += s * column[p];
    }
}
