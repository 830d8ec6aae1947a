/* Gauss-Newton steps by conjugate gradients, damped after Levenberg and Marquardt. */
#include "trace/images_priv.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include <math.h>
#include <string.h>

#define STRIDE_A   0.3 /* an atom moves no farther in one step: the profile is no parabola beyond */
#define ENOUGH     0.1 /* of the gradient's norm may be left by a solution */
#define DAMP_FIRST 1e-2
#define DAMP_LEAST 1e-3
#define DAMP_MOST  1e2
#define POINTLESS  1e-2 /* noise variances per atom: a fall of the misfit by less says nothing */
#define LIFT       0.02
enum { BLOCK = 7 }; /* of an atom: xx xy xz yy yz zz and the excess */

typedef struct {
    images_fit *f;
    int64_t n;                /* unknowns */
    double damp, prior, hold; /* of excess, of places: per square of them */
    double *plane, *gradient, *step, *rest, *guess, *along, *image_of, *block, *pose;
    double (*saved_at)[3], *saved_excess;
    images_pose *saved_pose;
} solver;

static void release(solver *s)
{
    double **arrays[] = {&s->plane, &s->gradient, &s->step,  &s->rest, &s->guess,
                         &s->along, &s->image_of, &s->block, &s->pose, &s->saved_excess};
    for (int i = 0; i < (int)(sizeof arrays / sizeof *arrays); i++)
        aet_release(arrays[i]);
    aet_release(&s->saved_at);
    aet_release(&s->saved_pose);
}

static aet_err make(images_fit *f, solver *s)
{
    int64_t pixels = (int64_t)f->g.nx * f->g.ny;
    *s = (solver){.f = f, .n = images_unknowns(f), .damp = DAMP_FIRST};
    double **vector[] = {&s->gradient, &s->step, &s->rest, &s->guess, &s->along, &s->image_of};
    for (int i = 0; i < (int)(sizeof vector / sizeof *vector); i++)
        AET_TRY(AET_ARRAY(s->n, "unknowns of a fit", vector[i]));
    AET_TRY(AET_ARRAY(pixels, "an image", &s->plane));
    AET_TRY(AET_ARRAY(BLOCK * (int64_t)f->n, "preconditioner", &s->block));
    AET_TRY(AET_ARRAY(POSE * f->tilt->n, "preconditioner", &s->pose));
    AET_TRY(AET_ARRAY(f->n, "saved positions", &s->saved_at));
    AET_TRY(AET_ARRAY(f->n, "saved heights", &s->saved_excess));
    return AET_ARRAY(f->tilt->n, "saved poses", &s->saved_pose);
}

/* Sums over the grid of the squares of a profile and of its derivative along a pixel. */
static void powers(const images_fit *f, int s, double *own, double *slope)
{
    int half = f->g.mx / 2 + 1;
    double per_q2 = 0.5 * pow(2 * AET_PI * f->tilt->pixel_A, 2);
    double narrow = 2 * AET_PI * AET_PI * f->g.window2 * f->g.step_A * f->g.step_A;
    *own = *slope = 0;
    for (int64_t w = 0; w < f->g.waves; w++) {
        double wave = f->kind[s].lens[w] * exp(-narrow * f->q2[w]);
        double part = (w % half == 0 || 2 * (w % half) == f->g.mx ? 1 : 2) * wave * wave *
                      (double)f->g.points;
        *own += part;
        *slope += part * per_q2 * f->q2[w];
    }
}

/* The diagonal blocks of the normal matrix, atoms seen as if alone, with the weight about each. */
static void add_blocks(solver *s, int image, const double own[], const double slope[])
{
    images_fit *f = s->f;
    const images_pose *pose = &f->pose[image];
    const float *w = images_own(f, f->weight, image);
    for (int64_t k = 0; k < (int64_t)f->g.nx * f->g.ny; k++)
        s->plane[k] = (double)w[k];
    images_put(&f->g, s->plane, f->plane);
    for (int a = 0; a < f->n; a++) {
        const images_kind *kind = &f->kind[f->species[a]];
        double at[2], sum[3], *b = s->block + BLOCK * (int64_t)a, *p = s->pose + POSE * image;
        images_look(f, image, f->at[a], at);
        images_gather(&f->g, at, f->plane, sum);
        double h2 = pow(kind->height * (1 + f->excess[a]), 2) * slope[f->species[a]] * sum[0];
        for (int i = 0, k = 0; i < 3; i++)
            for (int j = i; j < 3; j++, k++)
                b[k] +=
                    h2 * (pose->see[0][i] * pose->see[0][j] + pose->see[1][i] * pose->see[1][j]);
        b[6] += kind->height * kind->height * own[f->species[a]] * sum[0];
        for (int k = 0; k < POSE; k++)
            for (int r = 0; r < 2; r++) {
                double d = k >= 3 ? k - 3 == r : 0;
                for (int c = 0; c < 3 && k < 3; c++)
                    d += pose->turn[k][r][c] * f->at[a][c];
                p[k] += h2 * d * d;
            }
    }
}

/* Atoms at the rim of all images have next to nothing there by their centre alone, but tails that
 * count: a part of the mean atom's block keeps their steps small. */
static void lift_blocks(solver *s)
{
    double trace = 0, own = 0;
    for (int64_t a = 0; a < s->f->n; a++) {
        const double *b = s->block + BLOCK * a;
        trace += (b[0] + b[3] + b[5]) / s->f->n;
        own += b[6] / s->f->n;
    }
    for (int64_t a = 0; a < s->f->n; a++) {
        double *b = s->block + BLOCK * a;
        b[0] += LIFT * trace / 3;
        b[3] += LIFT * trace / 3;
        b[5] += LIFT * trace / 3;
        b[6] += LIFT * own;
    }
}

static void make_blocks(solver *s)
{
    images_fit *f = s->f;
    double own[SPECIES_MAX], slope[SPECIES_MAX];
    memset(s->block, 0, BLOCK * (size_t)f->n * sizeof *s->block);
    memset(s->pose, 0, POSE * (size_t)f->tilt->n * sizeof *s->pose);
    for (int k = 0; k < f->n_kinds; k++)
        powers(f, k, &own[k], &slope[k]);
    for (int image = f->first; image < f->first + f->own; image++)
        add_blocks(s, image, own, slope);
    aet_sum_double(f->comm, s->block, BLOCK * (int64_t)f->n);
    aet_sum_double(f->comm, s->pose, POSE * f->tilt->n);
    lift_blocks(s);
}

/* x = m^-1 y for a symmetric 3 x 3 block. */
static void solve_block(const double b[6], double damp, double hold, const double y[3], double x[3])
{
    double ridge = damp * (b[0] + b[3] + b[5]) / 3 + hold;
    double a = b[0] + ridge, d = b[3] + ridge, g = b[5] + ridge;
    double c0 = d * g - b[4] * b[4], c1 = b[2] * b[4] - b[1] * g, c2 = b[1] * b[4] - b[2] * d;
    double det = a * c0 + b[1] * c1 + b[2] * c2;
    x[0] = (c0 * y[0] + c1 * y[1] + c2 * y[2]) / det;
    x[1] = (c1 * y[0] + (a * g - b[2] * b[2]) * y[1] + (b[1] * b[2] - a * b[4]) * y[2]) / det;
    x[2] = (c2 * y[0] + (b[1] * b[2] - a * b[4]) * y[1] + (a * d - b[1] * b[1]) * y[2]) / det;
}

static double prior_of(const solver *s, int64_t a)
{
    double width = s->f->width[a];
    return s->f->fresh[a] ? 0 : width > 0 ? s->prior * pow(s->f->spread / width, 2) : s->prior;
}

static double hold_of(const solver *s, int64_t a)
{
    return s->f->tied[a] ? s->hold : 0;
}

/* Unknowns that are not fitted get 0, so they stay out of the whole iteration. */
static void precondition(const solver *s, const double *y, double *x)
{
    const images_fit *f = s->f;
    memset(x, 0, (size_t)s->n * sizeof *x);
    for (int64_t a = 0; a < f->n; a++) {
        const double *b = s->block + BLOCK * a;
        if (f->p->positions && !f->held)
            solve_block(b, s->damp, hold_of(s, a), y + 4 * a, x + 4 * a);
        if (f->spread > 0)
            x[4 * a + 3] = y[4 * a + 3] / ((1 + s->damp) * b[6] + prior_of(s, a) + 1e-300);
    }
    for (int64_t k = 0; f->p->poses && !f->held && k < POSE * f->tilt->n; k++)
        x[4 * (int64_t)f->n + k] = y[4 * (int64_t)f->n + k] / ((1 + s->damp) * s->pose[k] + 1e-300);
}

/* The damped normal matrix. */
static void multiply(solver *s, const double *in, double *out)
{
    images_fit *f = s->f;
    images_normal(f, s->plane, in, out);
    for (int64_t a = 0; a < f->n; a++) {
        const double *b = s->block + BLOCK * a;
        double ridge = s->damp * (b[0] + b[3] + b[5]) / 3 + hold_of(s, a);
        for (int k = 0; k < 3; k++)
            out[4 * a + k] += ridge * in[4 * a + k];
        out[4 * a + 3] += (s->damp * b[6] + prior_of(s, a)) * in[4 * a + 3];
    }
    for (int64_t k = 0; k < POSE * f->tilt->n; k++)
        out[4 * (int64_t)f->n + k] += s->damp * s->pose[k] * in[4 * (int64_t)f->n + k];
}

static double dot(int64_t n, const double *a, const double *b)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Preconditioned conjugate gradients from 0 into s->step. */
static void solve(solver *s, int iterations)
{
    memset(s->step, 0, (size_t)s->n * sizeof *s->step);
    memcpy(s->rest, s->gradient, (size_t)s->n * sizeof *s->rest);
    precondition(s, s->rest, s->guess);
    memcpy(s->along, s->guess, (size_t)s->n * sizeof *s->along);
    double size = dot(s->n, s->rest, s->guess), first = size;
    for (int i = 0; i < iterations && size > ENOUGH * ENOUGH * first; i++) {
        multiply(s, s->along, s->image_of);
        double curve = dot(s->n, s->along, s->image_of);
        if (!(curve > 0))
            return;
        for (int64_t k = 0; k < s->n; k++) {
            s->step[k] += size / curve * s->along[k];
            s->rest[k] -= size / curve * s->image_of[k];
        }
        precondition(s, s->rest, s->guess);
        double before = size;
        size = dot(s->n, s->rest, s->guess);
        for (int64_t k = 0; k < s->n; k++)
            s->along[k] = s->guess[k] + size / before * s->along[k];
    }
}

/* Shortens a move that is longer than most. */
static void shorten(double move[3], double most)
{
    double length = sqrt(dot(3, move, move));
    for (int k = 0; k < 3 && length > most; k++)
        move[k] *= most / length;
}

static void move_atom(images_fit *f, int a, const double *step)
{
    double move[3] = {step[0], step[1], step[2]}, far[3];
    shorten(move, STRIDE_A);
    for (int k = 0; k < 3; k++)
        far[k] = f->at[a][k] + move[k] - f->start[a][k];
    shorten(far, f->p->max_move_A);
    for (int k = 0; k < 3; k++)
        f->at[a][k] = f->start[a][k] + far[k];
    f->excess[a] = fmax(f->excess[a] + step[3], -0.95);
}

/* Root mean square move of the atoms in A. */
static double apply_step(solver *s)
{
    images_fit *f = s->f;
    double sum = 0;
    for (int a = 0; a < f->n; a++) {
        move_atom(f, a, s->step + 4 * (int64_t)a);
        for (int k = 0; k < 3; k++)
            sum += pow(f->at[a][k] - s->saved_at[a][k], 2);
    }
    for (int i = 0; f->p->poses && i < f->tilt->n; i++) {
        const double *d = s->step + 4 * (int64_t)f->n + POSE * i;
        for (int k = 0; k < 3; k++)
            f->pose[i].angles_deg[k] += d[k] * AET_DEG_PER_RAD;
        for (int k = 0; k < 2; k++)
            f->pose[i].shift_px[k] += d[3 + k];
        images_pose_set(f, i);
    }
    return f->n > 0 ? sqrt(sum / f->n) : 0;
}

static void keep_or_restore(solver *s, bool keep)
{
    images_fit *f = s->f;
    size_t n = (size_t)f->n, tilts = (size_t)f->tilt->n;
    memcpy(keep ? s->saved_at : f->at, keep ? f->at : s->saved_at, n * sizeof *f->at);
    memcpy(keep ? s->saved_excess : f->excess, keep ? f->excess : s->saved_excess,
           n * sizeof *f->excess);
    memcpy(keep ? s->saved_pose : f->pose, keep ? f->pose : s->saved_pose, tilts * sizeof *f->pose);
}

static void find_priors(solver *s)
{
    const images_fit *f = s->f;
    s->prior = f->spread > 0 ? f->noise / pow(f->spread, 2) : 0;
    s->hold = f->p->hold_A > 0 ? f->noise / pow(f->p->hold_A, 2) : 0;
}

/* The misfit with its gradient, both with what the priors add. */
static aet_err evaluate(solver *s, double *cost, images_misfit *m)
{
    images_fit *f = s->f;
    AET_TRY(images_residuals(f, s->gradient, m));
    *cost = m->cost;
    for (int64_t a = 0; a < f->n; a++) {
        double off = f->excess[a] - f->centre[a];
        *cost += prior_of(s, a) * off * off;
        s->gradient[4 * a + 3] -= prior_of(s, a) * off;
        for (int k = 0; k < 3 && f->tied[a]; k++) {
            off = f->at[a][k] - f->site[a][k];
            *cost += s->hold * off * off;
            s->gradient[4 * a + k] -= s->hold * off;
        }
    }
    return AET_OK;
}

/* One step, kept where it lowers the misfit. */
static aet_err try_step(solver *s, double *cost, images_misfit *m, double *move_A)
{
    double fresh;
    keep_or_restore(s, true);
    make_blocks(s);
    solve(s, s->f->p->iterations);
    *move_A = apply_step(s);
    AET_TRY(evaluate(s, &fresh, m));
    s->f->report->steps++;
    if (fresh <= *cost) {
        s->damp = fmax(0.1 * s->damp, DAMP_LEAST);
        *cost = fresh;
        return AET_OK;
    }
    s->damp *= 20;
    keep_or_restore(s, false);
    return evaluate(s, cost, m);
}

aet_err images_settle(images_fit *f, int steps)
{
    aet_err err = AET_OK;
    solver s = {0};
    images_misfit m;
    double cost, move_A = 0;
    if (!f->p->positions && f->spread <= 0 && !f->p->poses)
        return AET_OK;
    AET_GO(AET_AGREE(f->comm, make(f, &s)));
    AET_GO(images_residuals(f, NULL, &m));
    find_priors(&s);
    AET_GO(evaluate(&s, &cost, &m));
    for (int i = 0; i < steps && s.damp < DAMP_MOST; i++) {
        AET_GO_CHECK(!aet_stop_now(f->comm), AET_ERR_STOPPED, "the fit was stopped");
        double before = cost;
        AET_GO(try_step(&s, &cost, &m, &move_A));
        aet_debug("fit: R1 = %.5f, misfit = %.6g, damping = %.1g, move_pm = %.3f", m.r1, cost,
                  s.damp, move_A * AET_PM_PER_A);
        if ((f->p->positions && move_A * AET_PM_PER_A < f->p->settle_pm) ||
            (cost < before && before - cost < POINTLESS * f->noise * f->n))
            break;
    }
done:
    release(&s);
    return err;
}

aet_err images_heights(images_fit *f, int iterations)
{
    aet_err err = AET_OK;
    solver s = {0};
    images_misfit m;
    double cost;
    f->held = true;
    AET_GO(AET_AGREE(f->comm, make(f, &s)));
    AET_GO(images_residuals(f, NULL, &m));
    find_priors(&s);
    s.damp = DAMP_LEAST;
    AET_GO(evaluate(&s, &cost, &m));
    make_blocks(&s);
    solve(&s, iterations);
    for (int64_t a = 0; a < f->n; a++)
        f->excess[a] += s.step[4 * a + 3];
    AET_GO(images_residuals(f, NULL, &m));
    aet_debug("fit: heights of %d atoms, R1 = %.5f, misfit = %.6g, before %.6g", f->n, m.r1, m.cost,
              cost);
done:
    f->held = false;
    release(&s);
    return err;
}
