/* Putting atoms on a grid, and reading a grid at atoms: a narrow Gaussian window of 12 x 12 points.
 *
 * With half of the variance of the profile left to the window, what the grid aliases is damped by
 * exp(-pi^2 variance / 2) in points: 1e-6 at 1.7 points.
 */
#include "trace/images_priv.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include <math.h>

#define MARGIN_A    5.0 /* atoms farther outside the image have less than 1e-3 of their centre in it */
#define FINE_BELOW  1.4 /* points: sharper profiles get a finer grid */
#define WINDOW_MOST 1.2 /* points: 12 points reach 5 deviations */

aet_err images_grid_create(int nx, int ny, double pixel_A, double sigma_A, images_grid *g)
{
    *g = (images_grid){.nx = nx, .ny = ny, .fine = 1};
    while (g->fine < 8 && sigma_A * g->fine / pixel_A < FINE_BELOW)
        g->fine *= 2;
    g->step_A = pixel_A / g->fine;
    g->window2 = fmin(0.5 * pow(sigma_A / g->step_A, 2), WINDOW_MOST * WINDOW_MOST);
    g->pad = (int)ceil(MARGIN_A / g->step_A) + STAMP / 2;
    g->mx = images_plane_size(nx * g->fine + 2 * g->pad);
    g->my = images_plane_size(ny * g->fine + 2 * g->pad);
    g->points = (int64_t)g->mx * g->my;
    g->waves = (int64_t)g->my * (g->mx / 2 + 1);
    for (int i = 0; i < STAMP; i++)
        g->own[i] = exp(-i * i / (2 * g->window2));
    AET_TRY(images_convolver_create(g->mx, g->my, &g->c));
    return aet_fft2_create(g->mx, g->my, &g->fft);
}

void images_grid_free(images_grid *g)
{
    images_convolver_free(&g->c);
    aet_fft2_free(&g->fft);
}

void images_frequencies(const images_grid *g, double *q2)
{
    int half = g->mx / 2 + 1;
    for (int j = 0; j < g->my; j++)
        for (int i = 0; i < half; i++)
            q2[(int64_t)j * half + i] = pow(i / (g->mx * g->step_A), 2) +
                                        pow(aet_fft_signed(j, g->my) / (g->my * g->step_A), 2);
}

/* The window's factor along one axis: value[i] at the points first + i. */
typedef struct {
    int first;
    double from; /* first - place */
    double value[STAMP];
} factor;

/* exp(-(from + i)^2 a) = exp(-from^2 a) exp(-2 from a)^i exp(-i^2 a) */
static bool set_factor(const images_grid *g, double pixel, int points, double scale, factor *f)
{
    double place = g->pad + g->fine * pixel, a = 1 / (2 * g->window2);
    if (!(place >= STAMP / 2 && place <= points - 1 - STAMP / 2))
        return false;
    f->first = (int)floor(place) - STAMP / 2 + 1;
    f->from = f->first - place;
    double power = scale * exp(-f->from * f->from * a), ratio = exp(-2 * f->from * a);
    for (int i = 0; i < STAMP; i++, power *= ratio)
        f->value[i] = power * g->own[i];
    return true;
}

void images_spread(const images_grid *g, const double at[2], double amount, const double slope[2],
                   float *plane)
{
    factor x, y;
    float line[STAMP], plain[STAMP];
    double per = g->fine / g->window2;
    if (!set_factor(g, at[0], g->mx, 1 / (2 * AET_PI * g->window2), &x) ||
        !set_factor(g, at[1], g->my, 1, &y))
        return;
    for (int i = 0; i < STAMP; i++) {
        line[i] = (float)((amount + slope[0] * per * (x.from + i)) * x.value[i]);
        plain[i] = (float)x.value[i];
    }
    for (int j = 0; j < STAMP; j++) {
        float *row = plane + (int64_t)(y.first + j) * g->mx + x.first;
        float straight = (float)y.value[j],
              across = (float)(slope[1] * per * (y.from + j) * y.value[j]);
        for (int i = 0; i < STAMP; i++)
            row[i] += straight * line[i] + across * plain[i];
    }
}

void images_gather(const images_grid *g, const double at[2], const float *plane, double out[3])
{
    factor x, y;
    float sum[STAMP] = {0}, across[STAMP] = {0};
    double per = g->fine / g->window2;
    out[0] = out[1] = out[2] = 0;
    if (!set_factor(g, at[0], g->mx, 1 / (2 * AET_PI * g->window2), &x) ||
        !set_factor(g, at[1], g->my, 1, &y))
        return;
    for (int j = 0; j < STAMP; j++) {
        const float *row = plane + (int64_t)(y.first + j) * g->mx + x.first;
        float straight = (float)y.value[j], slope = (float)(per * (y.from + j) * y.value[j]);
        for (int i = 0; i < STAMP; i++) {
            sum[i] += straight * row[i];
            across[i] += slope * row[i];
        }
    }
    for (int i = 0; i < STAMP; i++) {
        out[0] += x.value[i] * (double)sum[i];
        out[1] += per * (x.from + i) * x.value[i] * (double)sum[i];
        out[2] += x.value[i] * (double)across[i];
    }
}
