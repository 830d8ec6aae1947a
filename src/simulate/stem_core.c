/* Scattering factors for waves that end at a band limit.
 *
 * An atom's potential has a logarithmic peak, and exp(i sigma v) mixes frequencies: of what it scatters inside
 * the band, part went through frequencies beyond it (second and higher orders of the Born series).  Leaving
 * those out changes the image of a platinum atom by 10 % on pixels of 0.1 A.  So the factor that atoms are put
 * into slices with is not f but f + c with the complex c(q) for which an isolated atom's transmission function is
 * right throughout the band:
 *
 *   band(exp(i sigma u)) = band(exp(i sigma v)),   u_hat = f + c inside the band, 0 beyond.
 *
 * With N[w](q), the transform of exp(i sigma w) - 1 - i sigma w, the residual of a trial u is R = i sigma (f -
 * u_hat) + N[v] - N[u]; the step is that of Newton's method as if the band's edge did not matter, i sigma du =
 * exp(-i sigma u) R in real space.  In the end c = (N[v] - N[u]) / (i sigma) at any frequency.  All functions are
 * radial, so transforms are sums over J0. */
#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "aetlas/num/special.h"
#include "aetlas/physics/electron.h"
#include "stem_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REACH_A   6.0  /* v^2 and u^2 are below 1e-6 of their centre beyond */
#define TOLERANCE 5e-5 /* of f(0), on a step: images change by less than 1e-3 */
enum { CORE_PANELS = 20, ROUNDS = 200, SPARE = 8 };

typedef struct {
    int nr, nq;
    double *r, *wr; /* radii and 2 pi r dr */
    double *q, *wq; /* frequencies inside the band and 2 pi q dq */
    double *j0;     /* [nq][nr] */
    double *v;      /* [nr]: the true potential, V A */
    double *nv;     /* [nq][2]: N[v] */
    double *hat;    /* [nq][2]: f + c */
    double *ring;   /* [nr][2]: exp(i sigma u) - 1 - i sigma u, weighted */
    double *back;   /* [nr][2]: exp(-i sigma u) */
    double *rest;   /* [nr][2], [nq][2]: the residual, in space and as transform */
    double *rest_q;
    double *weighted, *change; /* [nq][2]: scratch */
} workshop;

/* exp(z) - 1 - z without cancellation. */
static void exp_rest(double re, double im, double out[2])
{
    double term[2] = {1, 0}, sum[2] = {0, 0};
    if (hypot(re, im) > 0.5) {
        out[0] = exp(re) * cos(im) - 1 - re;
        out[1] = exp(re) * sin(im) - im;
        return;
    }
    for (int k = 1; k <= 14; k++) {
        double next = (term[0] * re - term[1] * im) / k;
        term[1] = (term[0] * im + term[1] * re) / k;
        term[0] = next;
        sum[0] += k > 1 ? term[0] : 0;
        sum[1] += k > 1 ? term[1] : 0;
    }
    out[0] = sum[0];
    out[1] = sum[1];
}

static aet_err set_up(double limit, workshop *w)
{
    int panels = (int)ceil(2 * limit * REACH_A), inside = (int)ceil(limit * REACH_A / 2) + 1;
    double first = REACH_A / panels;
    w->nr = (panels - 1 + CORE_PANELS) * AET_GAUSS_NODES;
    w->nq = inside * AET_GAUSS_NODES;
    AET_TRY(AET_ARRAY(w->nr, "radii", &w->r));
    AET_TRY(AET_ARRAY(w->nr, "weights of radii", &w->wr));
    AET_TRY(AET_ARRAY(w->nq, "frequencies", &w->q));
    AET_TRY(AET_ARRAY(w->nq, "weights of frequencies", &w->wq));
    AET_TRY(AET_ARRAY((int64_t)w->nq * w->nr, "Bessel functions", &w->j0));
    AET_TRY(AET_ARRAY(w->nr, "a potential", &w->v));
    AET_TRY(AET_ARRAY(2 * w->nq, "a transform", &w->nv));
    AET_TRY(AET_ARRAY(2 * w->nq, "a scattering factor", &w->hat));
    AET_TRY(AET_ARRAY(2 * w->nr, "a transmission function", &w->ring));
    AET_TRY(AET_ARRAY(2 * w->nr, "a transmission function", &w->back));
    AET_TRY(AET_ARRAY(2 * w->nr, "a residual", &w->rest));
    AET_TRY(AET_ARRAY(2 * w->nq, "a residual", &w->rest_q));
    AET_TRY(AET_ARRAY(2 * w->nq, "a residual", &w->weighted));
    AET_TRY(AET_ARRAY(2 * w->nq, "a residual", &w->change));
    for (int i = 0; i < CORE_PANELS; i++) /* halved towards the nucleus, where v is log r */
        aet_gauss_panels(i ? first * pow(0.5, CORE_PANELS - i) : 0,
                         first * pow(0.5, CORE_PANELS - 1 - i), 1, w->r + i * AET_GAUSS_NODES,
                         w->wr + i * AET_GAUSS_NODES);
    aet_gauss_panels(first, REACH_A, panels - 1, w->r + CORE_PANELS * AET_GAUSS_NODES,
                     w->wr + CORE_PANELS * AET_GAUSS_NODES);
    aet_gauss_panels(0, limit, inside, w->q, w->wq);
    for (int i = 0; i < w->nr; i++)
        w->wr[i] *= 2 * AET_PI * w->r[i];
    for (int k = 0; k < w->nq; k++) {
        w->wq[k] *= 2 * AET_PI * w->q[k];
        for (int i = 0; i < w->nr; i++)
            w->j0[(int64_t)k * w->nr + i] = aet_bessel_j0(2 * AET_PI * w->q[k] * w->r[i]);
    }
    return AET_OK;
}

static void tear_down(workshop *w)
{
    aet_release(&w->r);
    aet_release(&w->wr);
    aet_release(&w->q);
    aet_release(&w->wq);
    aet_release(&w->j0);
    aet_release(&w->v);
    aet_release(&w->nv);
    aet_release(&w->hat);
    aet_release(&w->ring);
    aet_release(&w->back);
    aet_release(&w->rest);
    aet_release(&w->rest_q);
    aet_release(&w->weighted);
    aet_release(&w->change);
}

/* The transform [nq][2] of a weighted function [nr][2]: sums over radii times J0(2 pi q r). */
static void to_frequency(const workshop *w, const double *function, double *out)
{
    aet_gemm(false, false, w->nq, 2, w->nr, 1, w->j0, function, 0, out);
}

/* The function in space whose transform is hat. */
static void to_space(const workshop *w, const double *hat, double *function)
{
    for (int k = 0; k < w->nq; k++)
        for (int c = 0; c < 2; c++)
            w->weighted[2 * k + c] = w->wq[k] * hat[2 * k + c];
    aet_gemm(true, false, w->nr, 2, w->nq, 1, w->j0, w->weighted, 0, function);
}

/* The ring function of the true potential. */
static void ring_of_v(workshop *w, double sigma)
{
    for (int i = 0; i < w->nr; i++) {
        exp_rest(0, sigma * w->v[i], w->ring + 2 * i);
        w->ring[2 * i] *= w->wr[i];
        w->ring[2 * i + 1] *= w->wr[i];
    }
}

/* That of the potential whose transform is hat (times the volts of f). */
static void ring_of_u(workshop *w, double sigma)
{
    double factor = sigma * aet_scattering_volts();
    to_space(w, w->hat, w->ring);
    for (int i = 0; i < w->nr; i++) {
        double re = -factor * w->ring[2 * i + 1], im = factor * w->ring[2 * i]; /* i sigma u */
        w->back[2 * i] = exp(-re) * cos(im);
        w->back[2 * i + 1] = -exp(-re) * sin(im);
        exp_rest(re, im, w->ring + 2 * i);
        w->ring[2 * i] *= w->wr[i];
        w->ring[2 * i + 1] *= w->wr[i];
    }
}

/* z = n / (i factor) */
static void per_phase(const double n[2], double factor, double z[2])
{
    z[0] = n[1] / factor;
    z[1] = -n[0] / factor;
}

/* The residual, as a change of the scattering factor. */
static void find_rest(workshop *w, const aet_scattering *row, double factor)
{
    to_frequency(w, w->ring, w->change);
    for (int k = 0; k < w->nq; k++) {
        double n[2];
        for (int c = 0; c < 2; c++)
            n[c] = w->nv[2 * k + c] - w->change[2 * k + c];
        per_phase(n, factor, w->rest_q + 2 * k);
        w->rest_q[2 * k] += aet_scattering_factor(row, w->q[k]) - w->hat[2 * k];
        w->rest_q[2 * k + 1] -= w->hat[2 * k + 1];
    }
}

/* hat += transform of exp(-i sigma u) times the residual; gives the largest change. */
static double step(workshop *w)
{
    double change = 0;
    to_space(w, w->rest_q, w->rest);
    for (int i = 0; i < w->nr; i++) {
        double re = w->rest[2 * i], im = w->rest[2 * i + 1];
        w->rest[2 * i] = w->wr[i] * (re * w->back[2 * i] - im * w->back[2 * i + 1]);
        w->rest[2 * i + 1] = w->wr[i] * (re * w->back[2 * i + 1] + im * w->back[2 * i]);
    }
    to_frequency(w, w->rest, w->change);
    for (int k = 0; k < w->nq; k++) {
        const double *d = w->change + 2 * k;
        change = fmax(change, isfinite(d[0] + d[1]) ? hypot(d[0], d[1]) : (double)INFINITY);
        w->hat[2 * k] += d[0];
        w->hat[2 * k + 1] += d[1];
    }
    return change;
}

static aet_err iterate(workshop *w, const aet_scattering *row, double sigma)
{
    double factor = sigma * aet_scattering_volts(), f0 = aet_scattering_factor(row, 0);
    for (int k = 0; k < w->nq; k++)
        w->hat[2 * k] = aet_scattering_factor(row, w->q[k]);
    for (int round = 0; round < ROUNDS; round++) {
        ring_of_u(w, sigma);
        find_rest(w, row, factor);
        double change = step(w);
        if (change <= TOLERANCE * f0)
            return AET_OK;
        if (!isfinite(change))
            break;
    }
    AET_FAIL(AET_ERR_NUMERIC,
             "the transmission function of an atom with Z = %d was not found on a band to %.3g /A "
             "at %.4g rad/(V A); give a smaller stem.sampling_A",
             row->z, w->q[w->nq - 1], sigma);
}

/* c at frequencies SPARE times farther apart than needed: it is as smooth as its extent in space allows. */
static void sample(workshop *w, double sigma, double step, int n, double (*c)[2])
{
    double factor = sigma * aet_scattering_volts();
    ring_of_u(w, sigma);
    memcpy(w->rest, w->ring, sizeof *w->ring * 2 * (size_t)w->nr);
    ring_of_v(w, sigma);
    for (int i = 0; i < 2 * w->nr; i++)
        w->ring[i] -= w->rest[i];
    for (int k = 0; k < n; k++) {
        double sum[2] = {0, 0};
        for (int i = 0; i < w->nr; i++) {
            double line = aet_bessel_j0(2 * AET_PI * step * k * w->r[i]);
            sum[0] += w->ring[2 * i] * line;
            sum[1] += w->ring[2 * i + 1] * line;
        }
        per_phase(sum, factor, c[k]);
    }
}

/* Through four neighbours (Lagrange), even about 0. */
static void refine(const double (*c)[2], int nodes, float *out)
{
    for (int k = 0; k <= nodes; k++) {
        int at = k / SPARE;
        double t = (double)(k % SPARE) / SPARE;
        double weight[4] = {-t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2,
                            -(t + 1) * t * (t - 2) / 2, (t + 1) * t * (t - 1) / 6};
        for (int i = 0; i < 2; i++) {
            double sum = 0;
            for (int j = 0; j < 4; j++)
                sum += weight[j] * c[abs(at + j - 1)][i];
            out[2 * k + i] = (float)sum;
        }
    }
}

aet_err aet_stem_core(const aet_scattering *row, double energy_keV, double limit, int nodes,
                      float *correction_re_im)
{
    aet_err err = AET_OK;
    workshop w = {0};
    double sigma = aet_electron_interaction(energy_keV), (*c)[2] = NULL;
    int coarse = nodes / SPARE + 3;
    AET_GO(set_up(limit, &w));
    AET_GO(AET_ARRAY(coarse, "a correction", &c));
    for (int i = 0; i < w.nr; i++)
        w.v[i] = aet_scattering_projected(row, w.r[i]);
    ring_of_v(&w, sigma);
    to_frequency(&w, w.ring, w.nv);
    AET_GO(iterate(&w, row, sigma));
    sample(&w, sigma, limit * SPARE / nodes, coarse, c);
    refine((const double(*)[2])c, nodes, correction_re_im);
done:
    aet_release(&c);
    tear_down(&w);
    return err;
}
