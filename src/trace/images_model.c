/* One image of the model, and what it says about the atoms. */
#include "trace/images_priv.h"

#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "aetlas/physics/geometry.h"
#include <math.h>
#include <string.h>

/* One factor of R and of its derivative: the rotation by angle about an axis and, a quarter of a turn
 * on, without the axis. */
static void factor_of(int axis, double angle, double m[3][3], double d[3][3])
{
    int u = (axis + 1) % 3, v = (axis + 2) % 3;
    memset(m, 0, 9 * sizeof(double));
    memset(d, 0, 9 * sizeof(double));
    m[axis][axis] = 1;
    m[u][u] = m[v][v] = cos(angle);
    m[v][u] = sin(angle);
    m[u][v] = -sin(angle);
    d[u][u] = d[v][v] = -sin(angle);
    d[v][u] = cos(angle);
    d[u][v] = -cos(angle);
}

static void product(const double a[3][3], const double b[3][3], double c[3][3])
{
    aet_gemm(false, false, 3, 3, 3, 1, &a[0][0], &b[0][0], 0, &c[0][0]);
}

void images_pose_set(images_fit *f, int image)
{
    static const int axis[3] = {2, 1, 0}; /* phi about z, theta about y, psi about x */
    images_pose *pose = &f->pose[image];
    double m[3][3][3], d[3][3][3], half[3][3], whole[3][3];
    for (int k = 0; k < 3; k++)
        factor_of(axis[k], pose->angles_deg[k] * AET_RAD_PER_DEG, m[k], d[k]);
    for (int k = -1; k < 3; k++) { /* -1: R itself */
        product(k == 0 ? d[0] : m[0], k == 1 ? d[1] : m[1], half);
        product(half, k == 2 ? d[2] : m[2], whole);
        for (int r = 0; r < 2; r++)
            for (int c = 0; c < 3; c++)
                (k < 0 ? pose->see : pose->turn[k])[r][c] = whole[c][r] / f->tilt->pixel_A;
    }
}

static void apply(const double m[2][3], const double r[3], double out[2])
{
    out[0] = m[0][0] * r[0] + m[0][1] * r[1] + m[0][2] * r[2];
    out[1] = m[1][0] * r[0] + m[1][1] * r[1] + m[1][2] * r[2];
}

void images_look(const images_fit *f, int image, const double r[3], double at[2])
{
    const images_pose *pose = &f->pose[image];
    apply(pose->see, r, at);
    at[0] += f->tilt->nx / 2 + pose->shift_px[0];
    at[1] += f->tilt->ny / 2 + pose->shift_px[1];
}

void images_lenses(images_fit *f)
{
    for (int s = 0; s < f->n_kinds; s++) {
        const images_kind *kind = &f->kind[s];
        for (int64_t w = 0; w < f->g.waves; w++)
            kind->lens[w] = kind->factor[w] * exp(-2 * AET_PI * AET_PI *
                                                  (kind->variance - f->least_variance) * f->q2[w]);
        images_arrange(&f->g.c, kind->lens, kind->wave);
    }
}

void images_put_atoms(const images_fit *f, int image, int s, const double *direction, float *grid)
{
    const images_pose *pose = &f->pose[image];
    const double *moved = direction ? direction + 4 * (int64_t)f->n + POSE * image : NULL;
    memset(grid, 0, (size_t)f->g.points * sizeof *grid);
    for (int a = 0; a < f->n; a++) {
        double at[2], slope[2] = {0, 0}, h = f->kind[s].height * (1 + f->excess[a]);
        if (f->species[a] != s)
            continue;
        images_look(f, image, f->at[a], at);
        if (!direction) {
            images_spread(&f->g, at, h, slope, grid);
            continue;
        }
        const double *d = direction + 4 * (int64_t)a;
        apply(pose->see, d, slope);
        for (int k = 0; f->p->poses && k < 3; k++) {
            double turned[2];
            apply(pose->turn[k], f->at[a], turned);
            slope[0] += moved[k] * turned[0];
            slope[1] += moved[k] * turned[1];
        }
        slope[0] = h * (slope[0] + moved[3]);
        slope[1] = h * (slope[1] + moved[4]);
        images_spread(&f->g, at, f->kind[s].height * d[3], slope, grid);
    }
}

void images_cut(const images_grid *g, const float *grid, double *plane)
{
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i < g->nx; i++)
            plane[(int64_t)j * g->nx + i] =
                (double)grid[(int64_t)(g->pad + g->fine * j) * g->mx + g->pad + g->fine * i];
}

void images_put(const images_grid *g, const double *plane, float *grid)
{
    memset(grid, 0, (size_t)g->points * sizeof *grid);
    for (int j = 0; j < g->ny; j++)
        for (int i = 0; i < g->nx; i++)
            grid[(int64_t)(g->pad + g->fine * j) * g->mx + g->pad + g->fine * i] =
                (float)plane[(int64_t)j * g->nx + i];
}

void images_to_float(const images_grid *g, const double *from, float *to)
{
    for (int64_t k = 0; k < g->points; k++)
        to[k] = (float)from[k];
}

void images_to_double(const images_grid *g, const float *from, double *to)
{
    for (int64_t k = 0; k < g->points; k++)
        to[k] = (double)from[k];
}

void images_project(images_fit *f, int image, const double *direction, double *plane)
{
    images_convolver *c = &f->g.c;
    for (int s = 0; s < f->n_kinds; s += 2) { /* two species at a time */
        bool two = s + 1 < f->n_kinds;
        images_put_atoms(f, image, s, direction, c->re);
        if (two)
            images_put_atoms(f, image, s + 1, direction, c->im);
        images_forward(c, two);
        images_filter(c, f->kind[s].wave, two ? f->kind[s + 1].wave : NULL, -1);
        images_backward(c, false);
        if (s == 0)
            images_cut(&f->g, c->re, plane);
        else {
            images_cut(&f->g, c->re, f->work);
            for (int64_t k = 0; k < (int64_t)f->g.nx * f->g.ny; k++)
                plane[k] += f->work[k];
        }
    }
}

/* What an atom's three sums say about its own unknowns and those of the pose. */
static void credit(const images_fit *f, int image, int a, const double sum[3], double *out)
{
    const images_pose *pose = &f->pose[image];
    double height = f->kind[f->species[a]].height, h = height * (1 + f->excess[a]);
    double *own = out + 4 * (int64_t)a, *moved = out + 4 * (int64_t)f->n + POSE * image;
    for (int k = 0; k < 3; k++)
        own[k] += h * (pose->see[0][k] * sum[1] + pose->see[1][k] * sum[2]);
    own[3] += height * sum[0];
    for (int k = 0; f->p->poses && k < 3; k++) {
        double turned[2];
        apply(pose->turn[k], f->at[a], turned);
        moved[k] += h * (turned[0] * sum[1] + turned[1] * sum[2]);
    }
    moved[3] += h * sum[1];
    moved[4] += h * sum[2];
}

static void read_atoms(const images_fit *f, int image, int s, const float *grid, double *out)
{
    double at[2], sum[3];
    for (int a = 0; a < f->n; a++)
        if (f->species[a] == s) {
            images_look(f, image, f->at[a], at);
            images_gather(&f->g, at, grid, sum);
            credit(f, image, a, sum, out);
        }
}

void images_back(images_fit *f, int image, const double *plane, double *out)
{
    images_convolver *c = &f->g.c;
    for (int s = 0; s < f->n_kinds; s += 2) {
        bool two = s + 1 < f->n_kinds;
        images_put(&f->g, plane, c->re);
        images_forward(c, false);
        images_filter(c, f->kind[s].wave, two ? f->kind[s + 1].wave : NULL, 1);
        images_backward(c, two);
        read_atoms(f, image, s, c->re, out);
        if (two)
            read_atoms(f, image, s + 1, c->im, out);
    }
}

/* ---- the background: 1, x, y, x^2, xy, y^2 over the image, x and y in -1 .. 1 ---- */

static int basis_size(const images_fit *f)
{
    static const int count[] = {0, 1, 3, 6};
    return count[f->p->background + 1];
}

/* The functions on a row, sum_k part_k b_k(x, y) = c0 + c1 x + c2 x^2. */
static void row_of(int j, int ny, const double part[BASIS_MAX], double c[3])
{
    double y = 2.0 * j / ny - 1;
    c[0] = part[0] + part[2] * y + part[5] * y * y;
    c[1] = part[1] + part[4] * y;
    c[2] = part[3];
}

/* Sums of a row times 1, x, x^2, into those of the functions. */
static void add_row(int j, int ny, const double m[3], double right[BASIS_MAX])
{
    double y = 2.0 * j / ny - 1;
    right[0] += m[0];
    right[1] += m[1];
    right[2] += m[0] * y;
    right[3] += m[2];
    right[4] += m[1] * y;
    right[5] += m[0] * y * y;
}

/* sum of weight * plane * each function. */
static void project_on(const images_fit *f, const float *weight, const double *plane,
                       double right[BASIS_MAX])
{
    memset(right, 0, BASIS_MAX * sizeof *right);
    for (int j = 0; j < f->g.ny; j++) {
        double m[3] = {0}, step = 2.0 / f->g.nx;
        for (int i = 0; i < f->g.nx; i++, weight++, plane++) {
            double v = (double)*weight * *plane, x = step * i - 1;
            m[0] += v;
            m[1] += v * x;
            m[2] += v * x * x;
        }
        add_row(j, f->g.ny, m, right);
    }
}

/* plane += factor * sum part_k b_k. */
static void add_functions(const images_fit *f, const double part[BASIS_MAX], double factor,
                          double *plane)
{
    for (int j = 0; j < f->g.ny; j++) {
        double c[3], step = 2.0 / f->g.nx;
        row_of(j, f->g.ny, part, c);
        for (int i = 0; i < f->g.nx; i++, plane++) {
            double x = step * i - 1;
            *plane += factor * (c[0] + x * (c[1] + x * c[2]));
        }
    }
}

aet_err images_background(images_fit *f, int image, double *plane)
{
    const float *weight = images_own(f, f->weight, image);
    double m[BASIS_MAX * BASIS_MAX] = {0}, right[BASIS_MAX];
    int n = basis_size(f);
    for (int k = 0; k < n; k++) {
        double one[BASIS_MAX] = {0};
        one[k] = 1;
        memset(plane, 0, (size_t)f->g.nx * (size_t)f->g.ny * sizeof *plane);
        add_functions(f, one, 1, plane);
        project_on(f, weight, plane, right);
        memcpy(m + k * n, right, (size_t)n * sizeof *m);
    }
    return n > 0 ? aet_pinv(n, n, m, 1e-10, f->normal + (image - f->first) * BASIS_MAX * BASIS_MAX)
                 : AET_OK;
}

void images_flatten(images_fit *f, int image, double *plane)
{
    const double *inverse = f->normal + (image - f->first) * BASIS_MAX * BASIS_MAX;
    double right[BASIS_MAX], part[BASIS_MAX] = {0};
    int n = basis_size(f);
    if (n == 0)
        return;
    project_on(f, images_own(f, f->weight, image), plane, right);
    for (int k = 0; k < n * n; k++)
        part[k / n] += inverse[k] * right[k % n];
    add_functions(f, part, -1, plane);
}
