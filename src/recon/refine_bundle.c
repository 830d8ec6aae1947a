/* The Gauss-Newton step of beads and poses together: derivatives of images, normal equations, conjugate
 * gradients. */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/geometry.h"
#include "recon/refine_priv.h"
#include <math.h>
#include <string.h>

/* Of the diagonal of J^T J.  It holds what no image tells: how the beads as a whole are turned and where
 * they are. */
#define DAMPING 1e-5

/* Conjugate gradients end when the residual has fallen to this (square norm), or after so many steps. */
#define CG_PART 1e-4
enum { CG_STEPS = 25 };

/* ---- derivatives of one image ---- */

typedef struct {
    double R[3][3], centre[2]; /* centre: where the origin voxel is seen, pixels of the level */
    double axis[REFINE_MOST][3];
} view;

static void view_of(const refine_bundle *w, int i, view *g)
{
    const aet_pose *pose = &w->poses[i];
    const refine_level *l = w->l;

    aet_rotation(pose->angles_deg, g->R);
    g->centre[0] = l->nu / 2 + pose->shift_px[0] / l->bin + l->offset[0];
    g->centre[1] = l->nv / 2 + pose->shift_px[1] / l->bin + l->offset[1];
    for (int k = 0; k < REFINE_MOST; k++) /* a bound that the compiler knows */
        if (k < w->u->n && w->u->of[k] < REFINE_X)
            refine_axis(w->u->of[k], pose->angles_deg, g->axis[k]);
}

static void see(const view *g, const double r[3], double seen[3], double at[2])
{
    aet_rotate(g->R, r, seen);
    at[0] = g->centre[0] + seen[0];
    at[1] = g->centre[1] + seen[1];
}

/* How a bead's image moves with unknown k of the pose. */
static void velocity(const refine_bundle *w, const view *g, int k, const double seen[3],
                     double by[2])
{
    const double *a = g->axis[k];

    by[0] = w->u->of[k] == REFINE_X;
    by[1] = w->u->of[k] == REFINE_Y;
    if (w->u->of[k] < REFINE_X) {
        by[0] = a[1] * seen[2] - a[2] * seen[1];
        by[1] = a[2] * seen[0] - a[0] * seen[2];
    }
}

/* image += J_i x */
static void apply(const refine_bundle *w, int i, const double *x, float *image)
{
    const double *pose = x + w->poses_at + (int64_t)i * w->u->n, width = x[w->width_at];
    double seen[3], at[2], by[2], moved[3];
    view g;

    view_of(w, i, &g);
    for (int a = 0; a < w->b->n; a++) {
        const double *own = x + 4 * (int64_t)a;
        double weight = w->b->weight[a];
        see(&g, w->b->at[a], seen, at);
        aet_rotate(g.R, own, moved);
        for (int k = 0; k < w->u->n; k++) {
            velocity(w, &g, k, seen, by);
            moved[0] += by[0] * pose[k];
            moved[1] += by[1] * pose[k];
        }
        refine_bead_paint(
            w->b, at,
            (double[]){weight * own[3], weight * moved[0], weight * moved[1], weight * width},
            w->l->nu, w->l->nv, image);
    }
}

/* y += J_i^T image */
static void transpose(const refine_bundle *w, int i, const float *image, double *y)
{
    double *pose = y + w->poses_at + (int64_t)i * w->u->n;
    double seen[3], at[2], by[2], sum[4];
    view g;

    view_of(w, i, &g);
    for (int a = 0; a < w->b->n; a++) {
        double weight = w->b->weight[a], *own = y + 4 * (int64_t)a;
        see(&g, w->b->at[a], seen, at);
        refine_bead_gather(w->b, at, image, w->l->nu, w->l->nv, sum);
        for (int c = 0; c < 3; c++)
            own[c] += weight * (g.R[0][c] * sum[1] + g.R[1][c] * sum[2]);
        own[3] += weight * sum[0];
        for (int k = 0; k < w->u->n; k++) {
            velocity(w, &g, k, seen, by);
            pose[k] += weight * (by[0] * sum[1] + by[1] * sum[2]);
        }
        y[w->width_at] += weight * sum[3];
    }
}

static double square(const float *image, int64_t n)
{
    double sum = 0;

    for (int64_t k = 0; k < n; k++)
        sum += (double)image[k] * (double)image[k];
    return sum;
}

double refine_bundle_residual(const refine_bundle *w)
{
    const refine_level *l = w->l;
    double seen[3], at[2], sum = 0;
    view g;

    for (int i = 0; i < l->mine; i++) {
        const float *b = l->b + (l->first + i) * l->m;
        float *r = w->r + i * l->m;
        memset(r, 0, (size_t)l->m * sizeof *r);
        if (!l->used[l->first + i])
            continue;
        view_of(w, l->first + i, &g);
        for (int a = 0; a < w->b->n; a++) {
            see(&g, w->b->at[a], seen, at);
            refine_bead_paint(w->b, at, (double[4]){w->b->weight[a]}, l->nu, l->nv, r);
        }
        for (int64_t k = 0; k < l->m; k++)
            r[k] = b[k] - r[k];
        sum += square(r, l->m);
    }
    aet_sum_double(l->comm, &sum, 1);
    return sum;
}

/* ---- normal equations ---- */

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void hold_poses(const refine_bundle *w, double *x)
{
    if (w->still)
        memset(x + w->poses_at, 0, (size_t)(w->width_at - w->poses_at) * sizeof *x);
}

/* y = J^T J x with damping */
static void product(const refine_bundle *w, const double *x, double *y)
{
    const refine_level *l = w->l;

    memset(y, 0, (size_t)w->size * sizeof *y);
    for (int i = l->first; i < l->first + l->mine; i++) {
        if (!l->used[i])
            continue;
        memset(w->image, 0, (size_t)l->m * sizeof *w->image);
        apply(w, i, x, w->image);
        transpose(w, i, w->image, y);
    }
    aet_sum_double(l->comm, y, w->size);
    for (int64_t k = 0; k < w->size; k++)
        y[k] += DAMPING * w->diagonal[k] * x[k];
    hold_poses(w, y);
}

/* Column norms of a pose and of the beads' width as they are; `one` is a vector of zeros to work in. */
static void add_norms(const refine_bundle *w, int i, double *one)
{
    for (int k = 0; k <= w->u->n; k++) {
        int64_t at = k < w->u->n ? w->poses_at + (int64_t)i * w->u->n + k : w->width_at;
        memset(w->image, 0, (size_t)w->l->m * sizeof *w->image);
        one[at] = 1;
        apply(w, i, one, w->image);
        one[at] = 0;
        w->diagonal[at] += square(w->image, w->l->m);
    }
}

/* Of J^T J: of beads as if each stood alone, of the rest as it is. */
static void fill_diagonal(const refine_bundle *w, double *one)
{
    const refine_level *l = w->l;
    double *d = w->diagonal, flat, slope;
    view g;

    refine_bead_norms(w->b, &flat, &slope);
    memset(d, 0, (size_t)w->size * sizeof *d);
    memset(one, 0, (size_t)w->size * sizeof *one);
    for (int i = l->first; i < l->first + l->mine; i++) {
        if (!l->used[i])
            continue;
        view_of(w, i, &g);
        for (int a = 0; a < w->b->n; a++) {
            double w2 = w->b->weight[a] * w->b->weight[a];
            for (int c = 0; c < 3; c++)
                d[4 * (int64_t)a + c] +=
                    w2 * slope * (g.R[0][c] * g.R[0][c] + g.R[1][c] * g.R[1][c]);
            d[4 * (int64_t)a + 3] += w2 * flat;
        }
        add_norms(w, i, one);
    }
    aet_sum_double(l->comm, d, w->size);
    for (int64_t k = 0; k < w->size; k++)
        d[k] = d[k] > 0 ? d[k] : 1;
}

/* The direction along which beads are stretched along z and poses follow, and its curvature: 0 where it
 * is not there. */
static double fill_stretch(const refine_bundle *w, double *s, double *work)
{
    const double e = 1e-4; /* of a difference; second order is 1e-4 of it */

    memset(s, 0, (size_t)w->size * sizeof *s);
    if (w->still || w->u->n < 3 || w->u->of[2] != REFINE_PSI)
        return 0;
    for (int a = 0; a < w->b->n; a++)
        s[4 * (int64_t)a + 2] = -w->b->at[a][2];
    for (int i = 0; i < w->l->n; i++) {
        aet_pose pose = w->poses[i];
        refine_stretch_pose(e, &pose);
        for (int k = 0; k < 3; k++)
            s[w->poses_at + (int64_t)i * w->u->n + k] =
                (pose.angles_deg[k] - w->poses[i].angles_deg[k]) * AET_RAD_PER_DEG / e;
    }
    product(w, s, work);
    return dot(s, work, w->size);
}

/* ---- conjugate gradients ---- */

typedef struct {
    double *r, *z, *p, *q, *stretch;
    double curvature;
} cg;

/* The inverse of the diagonal, and of the curvature along the stretch, which is so soft that the diagonal
 * alone would find it only after many steps. */
static void precondition(const refine_bundle *w, const cg *c)
{
    double along = c->curvature > 0 ? dot(c->stretch, c->r, w->size) / c->curvature : 0;

    for (int64_t k = 0; k < w->size; k++)
        c->z[k] = c->r[k] / w->diagonal[k] + along * c->stretch[k];
    hold_poses(w, c->z);
}

static void iterate(const refine_bundle *w, const cg *c, double *x)
{
    int64_t n = w->size;

    precondition(w, c);
    memcpy(c->p, c->z, (size_t)n * sizeof *c->p);
    double rz = dot(c->r, c->z, n), start = rz;
    for (int it = 0; it < CG_STEPS && rz > CG_PART * start; it++) {
        product(w, c->p, c->q);
        double alpha = rz / dot(c->p, c->q, n), last = rz;
        for (int64_t k = 0; k < n; k++) {
            x[k] += alpha * c->p[k];
            c->r[k] -= alpha * c->q[k];
        }
        precondition(w, c);
        rz = dot(c->r, c->z, n);
        for (int64_t k = 0; k < n; k++)
            c->p[k] = c->z[k] + rz / last * c->p[k];
    }
}

void refine_bundle_solve(const refine_bundle *w, double *x, double *work)
{
    const refine_level *l = w->l;
    int64_t n = w->size;
    cg c = {work, work + n, work + 2 * n, work + 3 * n, work + 4 * n, 0};

    fill_diagonal(w, c.r);
    c.curvature = fill_stretch(w, c.stretch, c.q);
    memset(c.r, 0, (size_t)n * sizeof *c.r);
    for (int i = 0; i < l->mine; i++) /* zero where an image is not used */
        transpose(w, l->first + i, w->r + i * l->m, c.r);
    aet_sum_double(l->comm, c.r, n);
    hold_poses(w, c.r);
    memset(x, 0, (size_t)n * sizeof *x);
    iterate(w, &c, x);
}
