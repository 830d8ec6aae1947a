#include "aetlas/trace/fit.h"

#include <math.h>
#include <string.h>

#define N_PAR        8 /* height, at x y z, log width x y z, background */
#define N_BASIS      4 /* per axis: g, u g, u^2 g, 1 with u = (x - x0)/s, g = exp(-u^2/2) */
#define ITERATIONS   60
#define WIDTH_LOW    0.3
#define WIDTH_HIGH   5.0
#define STEP_SETTLED 1e-7

/* Which one-dimensional function each derivative of the model is made of, per axis. */
static const int part[N_PAR][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1},
                                   {2, 0, 0}, {0, 2, 0}, {0, 0, 2}, {3, 3, 3}};

/* The sums of a least-squares problem at one point: Gram matrix, gradient and chi^2. */
typedef struct {
    double gram[N_PAR][N_PAR];
    double gradient[N_PAR]; /* J^T (y - f) */
    double chi2;
} normal;

typedef struct {
    int side, n_par;
    const double *y;
    double sum_y, sum_y2;
} problem;

typedef double basis[N_BASIS][AET_FIT_SIDE_MAX];

static void fill_basis(int side, double at, double width, basis f)
{
    int half = side / 2;
    for (int i = 0; i < side; i++) {
        double u = (i - half - at) / width;
        f[0][i] = exp(-0.5 * u * u);
        f[1][i] = u * f[0][i];
        f[2][i] = u * f[1][i];
        f[3][i] = 1.0;
    }
}

static void fill_line_sums(int side, basis f, double s[N_BASIS][N_BASIS])
{
    for (int a = 0; a < N_BASIS; a++)
        for (int b = 0; b <= a; b++) {
            double sum = 0;
            for (int i = 0; i < side; i++)
                sum += f[a][i] * f[b][i];
            s[a][b] = s[b][a] = sum;
        }
}

static double dot(int n, const double *a, const double *b)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

/* t[j] = sum over the box of y times the product of
 * one-dimensional functions of derivative j (j < 7). */
static void contract(const problem *p, basis f[3], double t[N_PAR])
{
    int n = p->side;
    double row[3][AET_FIT_SIDE_MAX], plane[4][AET_FIT_SIDE_MAX], plane_y2[AET_FIT_SIDE_MAX];
    for (int z = 0; z < n; z++) {
        for (int y = 0; y < n; y++) {
            const double *line = p->y + (z * n + y) * n;
            for (int a = 0; a < 3; a++)
                row[a][y] = dot(n, line, f[0][a]);
        }
        plane[0][z] = dot(n, row[0], f[1][0]);
        plane[1][z] = dot(n, row[1], f[1][0]);
        plane[2][z] = dot(n, row[0], f[1][1]);
        plane[3][z] = dot(n, row[2], f[1][0]);
        plane_y2[z] = dot(n, row[0], f[1][2]);
    }
    t[0] = dot(n, plane[0], f[2][0]);
    t[1] = dot(n, plane[1], f[2][0]);
    t[2] = dot(n, plane[2], f[2][0]);
    t[3] = dot(n, plane[0], f[2][1]);
    t[4] = dot(n, plane[3], f[2][0]);
    t[5] = dot(n, plane_y2, f[2][0]);
    t[6] = dot(n, plane[0], f[2][2]);
    t[7] = p->sum_y;
}

/* x: height, at, log widths, background.  The model is x[0] times derivative 0 plus x[7] times
 * derivative 7, so J^T f and |f|^2 come from the Gram matrix as well. */
static void evaluate(const problem *p, const double x[N_PAR], normal *q)
{
    basis f[3];
    double s[3][N_BASIS][N_BASIS], t[N_PAR], c[N_PAR];
    for (int a = 0; a < 3; a++) {
        fill_basis(p->side, x[1 + a], exp(x[4 + a]), f[a]);
        fill_line_sums(p->side, f[a], s[a]);
        c[1 + a] = x[0] / exp(x[4 + a]);
        c[4 + a] = x[0];
    }
    c[0] = c[7] = 1;
    contract(p, f, t);
    for (int j = 0; j < N_PAR; j++)
        for (int k = 0; k <= j; k++) {
            double g = c[j] * c[k];
            for (int a = 0; a < 3; a++)
                g *= s[a][part[j][a]][part[k][a]];
            q->gram[j][k] = q->gram[k][j] = g;
        }
    for (int j = 0; j < N_PAR; j++)
        q->gradient[j] = c[j] * t[j] - x[0] * q->gram[j][0] - x[7] * q->gram[j][7];
    q->chi2 = p->sum_y2 - 2 * (x[0] * t[0] + x[7] * t[7]) + x[0] * x[0] * q->gram[0][0] +
              2 * x[0] * x[7] * q->gram[0][7] + x[7] * x[7] * q->gram[7][7];
}

/* Solves (G + lambda diag G) step = gradient by
 * Cholesky; false when it is not positive definite. */
static bool damped_step(int n, const normal *q, double lambda, double step[N_PAR])
{
    double l[N_PAR][N_PAR];
    for (int j = 0; j < n; j++)
        for (int i = j; i < n; i++) {
            double s = q->gram[i][j] * (i == j ? 1 + lambda : 1);
            for (int k = 0; k < j; k++)
                s -= l[i][k] * l[j][k];
            if (i == j && !(s > 0))
                return false;
            l[i][j] = i == j ? sqrt(s) : s / l[j][j];
        }
    for (int i = 0; i < n; i++) {
        step[i] = q->gradient[i];
        for (int k = 0; k < i; k++)
            step[i] -= l[i][k] * step[k];
        step[i] /= l[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            step[i] -= l[k][i] * step[k];
        step[i] /= l[i][i];
    }
    return true;
}

static void move(int n, const double x[N_PAR], const double step[N_PAR], double y[N_PAR])
{
    memcpy(y, x, N_PAR * sizeof *y);
    for (int i = 0; i < n; i++)
        y[i] += step[i];
    for (int a = 4; a < 7; a++)
        y[a] = fmin(fmax(y[a], log(WIDTH_LOW)), log(WIDTH_HIGH));
}

static double largest(int n, const double x[N_PAR], const double step[N_PAR])
{
    double big = fabs(step[0]) / fmax(fabs(x[0]), 1e-300);
    for (int i = 1; i < n && i < 7; i++)
        big = fmax(big, fabs(step[i]));
    return big;
}

/* Levenberg-Marquardt with the damping rule of Marquardt (1963): tenth after a success, tenfold
 * after a failure. */
static bool minimise(const problem *p, double x[N_PAR], normal *q, int *iterations)
{
    double lambda = 1e-3, step[N_PAR] = {0}, y[N_PAR];
    normal trial;
    evaluate(p, x, q);
    for (int it = 1; it <= ITERATIONS && lambda < 1e12; it++) {
        *iterations = it;
        if (!damped_step(p->n_par, q, lambda, step)) {
            lambda *= 10;
            continue;
        }
        move(p->n_par, x, step, y);
        evaluate(p, y, &trial);
        bool settled = largest(p->n_par, x, step) < STEP_SETTLED;
        if (trial.chi2 <= q->chi2) {
            memcpy(x, y, sizeof y);
            *q = trial;
            lambda = fmax(lambda * 0.1, 1e-12);
        } else {
            lambda *= 10;
        }
        if (settled)
            return true;
    }
    return false;
}

/* Best height (and background) for the start position and widths: linear. */
static void start_height(const problem *p, bool with_background, double x[N_PAR])
{
    normal q;
    x[0] = 0;
    evaluate(p, x, &q);
    double gg = q.gram[0][0], g1 = q.gram[0][7], one = q.gram[7][7], det = gg * one - g1 * g1;
    if (with_background && det > 1e-9 * gg * one) {
        x[0] = (q.gradient[0] * one - q.gradient[7] * g1) / det;
        x[7] += (q.gradient[7] * gg - q.gradient[0] * g1) / det;
    } else {
        x[0] = q.gradient[0] / gg;
    }
}

bool aet_fit_gauss(int half, const double *box, aet_fit_free what, aet_gauss *g)
{
    return aet_fit_gauss_box(2 * half + 1, box, what, g);
}

bool aet_fit_gauss_box(int side, const double *box, aet_fit_free what, aet_gauss *g)
{
    int half = side / 2, n = side * side * side;
    double scale = 0, y[AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX * AET_FIT_SIDE_MAX];
    for (int i = 0; i < n; i++)
        scale = fmax(scale, fabs(box[i]));
    if (!(scale > 0))
        return false;
    problem p = {side, (int)what, y, 0, 0};
    for (int i = 0; i < n; i++) {
        y[i] = box[i] / scale;
        p.sum_y += y[i];
        p.sum_y2 += y[i] * y[i];
    }
    double x[N_PAR] = {0, g->at[0], g->at[1], g->at[2], 0, 0, 0, g->background / scale};
    for (int a = 0; a < 3; a++)
        x[4 + a] = log(fmin(fmax(g->width[a], WIDTH_LOW), WIDTH_HIGH));
    start_height(&p, what == AET_FIT_BACKGROUND, x);
    normal q;
    g->converged = minimise(&p, x, &q, &g->iterations);
    for (int a = 0; a < 3; a++) {
        g->at[a] = x[1 + a];
        g->width[a] = exp(x[4 + a]);
        if (!(fabs(x[1 + a]) <= half + 1))
            return false;
    }
    g->height = x[0] * scale;
    g->background = x[7] * scale;
    g->residual = sqrt(fmax(q.chi2, 0) / n) / fmax(fabs(x[0]), 1e-300);
    return x[0] > 0;
}

void aet_gauss_add(int side, const aet_gauss *g, const double at[3], double factor, double *box)
{
    int half = side / 2;
    double e[3][AET_FIT_SIDE_MAX];
    for (int a = 0; a < 3; a++)
        for (int i = 0; i < side; i++) {
            double u = (i - half - at[a]) / g->width[a];
            e[a][i] = exp(-0.5 * u * u);
        }
    for (int z = 0; z < side; z++)
        for (int y = 0; y < side; y++) {
            double c = factor * g->height * e[2][z] * e[1][y];
            for (int x = 0; x < side; x++)
                box[(z * side + y) * side + x] += c * e[0][x];
        }
}
