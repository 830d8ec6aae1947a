/* Passes over all images: each rank its own, sums over all. */
#include "trace/images_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/cells.h"
#include "aetlas/num/gemm.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include <math.h>
#include <string.h>

#define COVERED   0.2 /* of a bright pixel: the particle is there */
#define NARROWEST 0.6 /* of the variance to start from: the window needs room */
#define WIDEST    4.0

static int64_t pixels(const images_fit *f)
{
    return (int64_t)f->g.nx * f->g.ny;
}

static bool in_rim(const images_fit *f, int64_t k)
{
    int i = (int)(k % f->g.nx), j = (int)(k / f->g.nx), rim = f->p->rim;
    return i < rim || j < rim || i >= f->g.nx - rim || j >= f->g.ny - rim;
}

aet_err images_weights(images_fit *f, bool first)
{
    aet_err err = AET_OK;
    double *plane = NULL, sum[2] = {0, 0};
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(pixels(f), "an image", &plane)));
    for (int pass = 0; pass < 2; pass++) { /* brightness, then weights */
        for (int image = f->first; image < f->first + f->own; image++) {
            float *w = images_own(f, f->weight, image);
            const float *measured = aet_tilt_image(f->tilt, image);
            if (!first)
                images_project(f, image, NULL, plane);
            for (int64_t k = 0; k < pixels(f); k++) {
                double m = fmax(0, first ? (double)measured[k] : plane[k]);
                sum[0] += pass == 0 ? m : 0;
                sum[1] += pass == 0 ? m * m : 0;
                m = (1 + f->p->floor) * f->bright / (m + f->p->floor * f->bright);
                if (pass == 1)
                    w[k] = in_rim(f, k)                                ? 0
                           : first || f->p->weights == AET_FIT_UNIFORM ? 1
                                                                       : (float)m;
            }
        }
        if (pass == 0)
            aet_sum_double(f->comm, sum, 2);
        AET_GO_CHECK(sum[1] > 0, AET_ERR_INPUT, "no atom of the model is seen in the images");
        f->bright = sum[1] / sum[0];
    }
    for (int image = f->first; image < f->first + f->own && !err; image++)
        err = images_background(f, image, plane);
    err = AET_AGREE(f->comm, err);
done:
    aet_release(&plane);
    return err;
}

/* Residual of one image; sums: cost, cost and pixels where the particle is, R1. */
static void one_residual(images_fit *f, int image, double *plane, double *other, double sums[4])
{
    const float *measured = aet_tilt_image(f->tilt, image), *w = images_own(f, f->weight, image);
    float *residual = images_own(f, f->residual, image);
    double off = 0, all = 0;
    images_project(f, image, NULL, other);
    for (int64_t k = 0; k < pixels(f); k++)
        plane[k] = (double)measured[k] - other[k];
    images_flatten(f, image, plane);
    for (int64_t k = 0; k < pixels(f); k++) {
        double part = (double)w[k] * plane[k] * plane[k];
        bool covered = w[k] > 0 && other[k] > COVERED * f->bright;
        residual[k] = (float)plane[k];
        sums[0] += part;
        sums[1] += covered ? part : 0;
        sums[2] += covered;
        off += w[k] > 0 ? fabs(plane[k]) : 0;
        all += w[k] > 0 ? fabs((double)measured[k]) : 0;
        plane[k] *= (double)w[k];
    }
    sums[3] += all > 0 ? off / all : 0;
}

aet_err images_residuals(images_fit *f, double *gradient, images_misfit *m)
{
    aet_err err = AET_OK;
    double *plane = NULL, *other = NULL, sums[4] = {0};
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(pixels(f), "an image", &plane)));
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(pixels(f), "an image", &other)));
    if (gradient)
        memset(gradient, 0, (size_t)images_unknowns(f) * sizeof *gradient);
    for (int image = f->first; image < f->first + f->own; image++) {
        one_residual(f, image, plane, other, sums);
        if (gradient)
            images_back(f, image, plane, gradient);
    }
    aet_sum_double(f->comm, sums, 4);
    if (gradient)
        aet_sum_double(f->comm, gradient, images_unknowns(f));
    f->noise = sums[2] > 0 ? sums[1] / sums[2] : 0;
    *m = (images_misfit){.cost = sums[0], .r1 = sums[3] / f->tilt->n};
done:
    aet_release(&plane);
    aet_release(&other);
    return err;
}

void images_normal(images_fit *f, double *plane, const double *in, double *out)
{
    double begin_s = aet_clock_s();
    memset(out, 0, (size_t)images_unknowns(f) * sizeof *out);
    for (int image = f->first; image < f->first + f->own; image++) {
        const float *w = images_own(f, f->weight, image);
        images_project(f, image, in, plane);
        images_flatten(f, image, plane);
        for (int64_t k = 0; k < pixels(f); k++)
            plane[k] *= (double)w[k];
        images_back(f, image, plane, out);
    }
    aet_sum_double(f->comm, out, images_unknowns(f));
    f->report->products++;
    f->report->product_seconds += aet_clock_s() - begin_s;
}

/* ---- heights and variances ---- */

/* Derivatives of an image with height and variance of each species: columns [2 kinds][pixels]. */
static void columns_of(images_fit *f, int image, double *column)
{
    double complex *spectrum = aet_fft2_spectrum(f->g.fft);
    for (int s = 0; s < f->n_kinds; s++) {
        const images_kind *kind = &f->kind[s];
        images_put_atoms(f, image, s, NULL, f->plane);
        images_to_double(&f->g, f->plane, aet_fft2_real(f->g.fft));
        aet_fft2_forward(f->g.fft);
        memcpy(f->waves, spectrum, (size_t)f->g.waves * sizeof *f->waves);
        for (int which = 0; which < 2; which++) {
            double *plane = column + (2 * s + which) * pixels(f);
            for (int64_t w = 0; w < f->g.waves; w++)
                spectrum[w] = f->waves[w] * kind->lens[w] *
                              (which ? -2 * AET_PI * AET_PI * f->q2[w] : 1 / kind->height);
            aet_fft2_backward(f->g.fft);
            images_to_float(&f->g, aet_fft2_real(f->g.fft), f->plane);
            images_cut(&f->g, f->plane, plane);
            images_flatten(f, image, plane);
        }
    }
}

/* Normal equations of an image: matrix [n][n] and right side [n] behind it. */
static void add_equations(images_fit *f, int image, const double *column, int n, double *equations)
{
    const float *w = images_own(f, f->weight, image), *r = images_own(f, f->residual, image);
    for (int a = 0; a < n; a++)
        for (int b = 0; b <= n; b++) {
            const double *p = column + a * pixels(f), *q = column + b * pixels(f);
            double sum = 0;
            for (int64_t k = 0; k < pixels(f); k++)
                sum += (double)w[k] * p[k] * (b < n ? q[k] : (double)r[k]);
            equations[b < n ? a * n + b : n * n + a] += sum;
        }
}

static void take_step(images_fit *f, const double *x, bool widths)
{
    for (int s = 0; s < f->n_kinds; s++) {
        images_kind *kind = &f->kind[s];
        if (kind->count == 0)
            continue;
        kind->height = fmax(kind->height + x[2 * s], 0.2 * kind->height);
        if (widths)
            kind->variance =
                fmin(fmax(kind->variance + x[2 * s + 1], NARROWEST * f->least_variance),
                     WIDEST * f->least_variance);
    }
    images_lenses(f);
}

aet_err images_newton(images_fit *f, bool widths)
{
    enum { MOST = 2 * SPECIES_MAX };
    aet_err err = AET_OK;
    double *column = NULL, equations[MOST * (MOST + 1)] = {0}, x[MOST] = {0};
    int n = 2 * f->n_kinds;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(n * pixels(f), "derivatives of an image", &column)));
    for (int image = f->first; image < f->first + f->own; image++) {
        columns_of(f, image, column);
        add_equations(f, image, column, n, equations);
    }
    aet_sum_double(f->comm, equations, n * (n + 1));
    for (int k = 0; k < n * n; k++) /* without widths their rows and columns are empty */
        if (!widths && ((k / n) % 2 || (k % n) % 2))
            equations[k] = 0;
    for (int k = 1; k < n && !widths; k += 2)
        equations[n * n + k] = 0;
    AET_GO(AET_AGREE(f->comm, aet_lstsq(n, n, 1, equations, equations + n * n, 1e-12, x, NULL)));
    take_step(f, x, widths);
done:
    aet_release(&column);
    return err;
}

/* ---- correlations ---- */

/* exp(-2 pi^2 window q^2): what the window does to a wave. */
static double window_at(const images_fit *f, int64_t w)
{
    return exp(-2 * AET_PI * AET_PI * f->g.window2 * f->g.step_A * f->g.step_A * f->q2[w]);
}

/* A profile by itself, centred on the grid's first point. */
static void profile_of(images_fit *f, int s, double *plane)
{
    double complex *spectrum = aet_fft2_spectrum(f->g.fft);
    for (int64_t w = 0; w < f->g.waves; w++)
        spectrum[w] = f->kind[s].lens[w] * window_at(f, w);
    aet_fft2_backward(f->g.fft);
    memcpy(plane, aet_fft2_real(f->g.fft), (size_t)f->g.points * sizeof *plane);
}

void images_crosses(images_fit *f)
{
    const double complex *spectrum = aet_fft2_spectrum(f->g.fft);
    for (int t = 0; t < f->n_kinds; t++)
        for (int s = 0; s <= t; s++) {
            double *cross = f->cross + aet_pair_row(s, t) * f->g.waves, *real;
            profile_of(f, s, f->work);
            profile_of(f, t, f->other);
            real = aet_fft2_real(f->g.fft);
            for (int64_t k = 0; k < f->g.points; k++)
                real[k] = f->work[k] * f->other[k] / (double)f->g.points;
            aet_fft2_forward(f->g.fft);
            for (int64_t w = 0; w < f->g.waves; w++)
                cross[w] = creal(spectrum[w]);
        }
}

void images_transform(images_fit *f, int image, bool residual, double *plane)
{
    const float *w = images_own(f, f->weight, image), *r = images_own(f, f->residual, image);
    for (int64_t k = 0; k < pixels(f); k++)
        plane[k] = (double)w[k] * (residual ? (double)r[k] : 1);
    images_put(&f->g, plane, f->plane);
    images_to_double(&f->g, f->plane, aet_fft2_real(f->g.fft));
    aet_fft2_forward(f->g.fft);
    memcpy(f->waves, aet_fft2_spectrum(f->g.fft), (size_t)f->g.waves * sizeof *f->waves);
}

const float *images_map(images_fit *f, int s, int t, bool window)
{
    double complex *spectrum = aet_fft2_spectrum(f->g.fft);
    const double *filter = t < 0 ? f->kind[s].lens : f->cross + aet_pair_row(s, t) * f->g.waves;
    for (int64_t w = 0; w < f->g.waves; w++) {
        /* a lens is over the window already, a product of profiles is not */
        double through =
            t < 0 ? (window ? 1 : window_at(f, w)) : (window ? 1 / window_at(f, w) : 1);
        spectrum[w] = f->waves[w] * filter[w] * through;
    }
    aet_fft2_backward(f->g.fft);
    images_to_float(&f->g, aet_fft2_real(f->g.fft), f->plane);
    return f->plane;
}

const float *images_map_filtered(images_fit *f, int s)
{
    double complex *spectrum = aet_fft2_spectrum(f->g.fft);
    int half = f->g.mx / 2 + 1;
    for (int64_t w = 0; w < f->g.waves; w++)
        spectrum[w] = f->waves[w] * f->kind[s].lens[w] * window_at(f, w) * (double)(w % half);
    aet_fft2_backward(f->g.fft);
    images_to_float(&f->g, aet_fft2_real(f->g.fft), f->plane);
    return f->plane;
}

static void read_at(images_fit *f, int image, const float *map, int n, const double (*at)[3],
                    int stride, double *out)
{
    double place[2], sum[3];
    for (int a = 0; a < n; a++) {
        images_look(f, image, at[a], place);
        images_gather(&f->g, place, map, sum);
        out[(int64_t)a * stride] += sum[0];
    }
}

aet_err images_correlate(images_fit *f, int n, const double (*at)[3], double *score, double *power)
{
    aet_err err = AET_OK;
    double *plane = NULL;
    int pairs = f->n_kinds * (f->n_kinds + 1) / 2;
    AET_GO(AET_AGREE(f->comm, AET_ARRAY(pixels(f), "an image", &plane)));
    memset(score, 0, (size_t)n * (size_t)f->n_kinds * sizeof *score);
    memset(power, 0, (size_t)n * (size_t)pairs * sizeof *power);
    images_crosses(f);
    for (int image = f->first; image < f->first + f->own; image++) {
        images_transform(f, image, true, plane);
        for (int s = 0; s < f->n_kinds; s++)
            read_at(f, image, images_map(f, s, -1, true), n, at, f->n_kinds, score + s);
        images_transform(f, image, false, plane);
        for (int t = 0; t < f->n_kinds; t++)
            for (int s = 0; s <= t; s++)
                read_at(f, image, images_map(f, s, t, true), n, at, pairs,
                        power + aet_pair_row(s, t));
    }
    aet_sum_double(f->comm, score, (int64_t)n * f->n_kinds);
    aet_sum_double(f->comm, power, (int64_t)n * pairs);
done:
    aet_release(&plane);
    return err;
}
