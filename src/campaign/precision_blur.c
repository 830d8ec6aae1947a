/* Blur and noise of images, in Fourier space. */
#include "aetlas/base/mem.h"
#include "aetlas/campaign/precision.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include <math.h>

enum { SCAN = 64 };
static const double blur_max_A = 4;

/* ---- spectra of images ---- */

/* A frame, its frequencies, and the transform of one image at a time. */
typedef struct {
    int nx, ny, half;
    int64_t n;      /* of the half spectrum */
    double *q2;     /* [n]: squared frequency, 1/A^2 */
    double *weight; /* [n]: how often the frequency stands in the whole spectrum */
    aet_fft2 *fft;
} frame;

static void frame_free(frame *f)
{
    aet_release(&f->q2);
    aet_release(&f->weight);
    aet_fft2_free(&f->fft);
}

static aet_err frame_create(const aet_tilt *t, frame *f)
{
    aet_err err = AET_OK;
    *f = (frame){.nx = t->nx, .ny = t->ny, .half = t->nx / 2 + 1};
    f->n = (int64_t)f->half * t->ny;
    AET_GO(AET_ARRAY(f->n, "frequencies of an image", &f->q2));
    AET_GO(AET_ARRAY(f->n, "frequencies of an image", &f->weight));
    AET_GO(aet_fft2_create(t->nx, t->ny, &f->fft));
    for (int64_t k = 0; k < f->n; k++) {
        int kx = (int)(k % f->half), ky = aet_fft_signed((int)(k / f->half), t->ny);
        f->q2[k] = pow(kx / (t->nx * t->pixel_A), 2) + pow(ky / (t->ny * t->pixel_A), 2);
        f->weight[k] = kx == 0 || 2 * kx == t->nx ? 1 : 2;
    }
done:
    if (err)
        frame_free(f);
    return err;
}

/* The spectrum of image i, in the buffer of the transform. */
static const double complex *spectrum(const frame *f, const aet_tilt *t, int i)
{
    const float *image = aet_tilt_image(t, i);
    double *real = aet_fft2_real(f->fft);
    for (int64_t k = 0; k < (int64_t)f->nx * f->ny; k++)
        real[k] = (double)image[k];
    aet_fft2_forward(f->fft);
    return aet_fft2_spectrum(f->fft);
}

static double power(double complex z)
{
    return creal(z) * creal(z) + cimag(z) * cimag(z);
}

/* Both spectra of a pair of images: that of a is copied. */
static void spectra(const frame *f, const aet_tilt *a, const aet_tilt *b, int i,
                    double complex *copy, const double complex **second)
{
    const double complex *first = spectrum(f, a, i);
    for (int64_t k = 0; k < f->n; k++)
        copy[k] = first[k];
    *second = spectrum(f, b, i);
}

static aet_err check_frames(const aet_tilt *a, const aet_tilt *b)
{
    AET_CHECK(
        a->n == b->n && a->nx == b->nx && a->ny == b->ny, AET_ERR_INPUT,
        "series of %d images of %d x %d and of %d images of %d x %d pixels cannot be compared",
        a->n, a->nx, a->ny, b->n, b->nx, b->ny);
    return AET_OK;
}

/* ---- the width of the blur ---- */

/* By frequency, over all images: |I|^2 and Re conj(I) M.  With g = exp(-2 pi^2 sigma^2 q^2) the least sum of squares
 * for a given sigma is |M|^2 - (sum g C)^2 / sum g^2 A, at the scale sum g C / sum g^2 A. */
typedef struct {
    frame f;
    double *power, *cross; /* [f.n]: times the weight */
} match;

static aet_err gather(const aet_tilt *simulated, const aet_tilt *measured, match *m)
{
    double complex *copy = NULL;
    const double complex *other;
    AET_TRY(AET_ARRAY(m->f.n, "the power of images", &m->power));
    AET_TRY(AET_ARRAY(m->f.n, "the power of images", &m->cross));
    AET_TRY(AET_ARRAY(m->f.n, "the spectrum of an image", &copy));
    for (int i = 0; i < simulated->n; i++) {
        spectra(&m->f, simulated, measured, i, copy, &other);
        for (int64_t k = 1; k < m->f.n; k++) { /* the mean is left out */
            m->power[k] += m->f.weight[k] * power(copy[k]);
            m->cross[k] += m->f.weight[k] *
                           (creal(copy[k]) * creal(other[k]) + cimag(copy[k]) * cimag(other[k]));
        }
    }
    aet_release(&copy);
    return AET_OK;
}

/* What the sum of squares falls by, and the scale. */
static double gain(const match *m, double sigma, double *scale)
{
    double a = 0, c = 0;
    for (int64_t k = 1; k < m->f.n; k++) {
        double g = exp(-2 * AET_PI * AET_PI * sigma * sigma * m->f.q2[k]);
        a += g * g * m->power[k];
        c += g * m->cross[k];
    }
    *scale = a > 0 ? c / a : 0;
    return c > 0 && a > 0 ? c * c / a : 0;
}

/* A scan, because the gain may have side maxima, then the golden section between the neighbours of the best. */
static double best_width(const match *m)
{
    static const double ratio = 0.6180339887498949;
    double best = -1, low = 0, high = 0, scale;
    for (int i = 0; i <= SCAN; i++) {
        double v = gain(m, blur_max_A * i / SCAN, &scale);
        if (v > best) {
            best = v;
            low = blur_max_A * (i > 0 ? i - 1 : 0) / SCAN;
            high = blur_max_A * (i < SCAN ? i + 1 : SCAN) / SCAN;
        }
    }
    for (int i = 0; i < 40; i++) {
        double step = ratio * (high - low), a = high - step, b = low + step;
        if (gain(m, a, &scale) < gain(m, b, &scale))
            low = a;
        else
            high = b;
    }
    return 0.5 * (low + high);
}

aet_err aet_precision_fit_blur(const aet_tilt *simulated, const aet_tilt *measured, double fixed_A,
                               double *blur_A, double *scale)
{
    aet_err err = AET_OK;
    match m = {.power = NULL};
    AET_TRY(check_frames(simulated, measured));
    AET_TRY(frame_create(measured, &m.f));
    AET_GO(gather(simulated, measured, &m));
    *blur_A = fixed_A >= 0 ? fixed_A : best_width(&m);
    AET_GO_CHECK(gain(&m, *blur_A, scale) > 0 && *blur_A < 0.99 * blur_max_A, AET_ERR_NUMERIC,
                 "no blur up to %g A makes the simulated images like the measured ones",
                 blur_max_A);
done:
    frame_free(&m.f);
    aet_release(&m.power);
    aet_release(&m.cross);
    return err;
}

aet_err aet_precision_blur(aet_tilt *t, double blur_A, double scale)
{
    frame f;
    AET_TRY(frame_create(t, &f));
    double norm = scale / ((double)t->nx * t->ny);
    for (int i = 0; i < t->n; i++) {
        float *image = aet_tilt_image(t, i);
        double complex *z = aet_fft2_spectrum(f.fft);
        spectrum(&f, t, i);
        for (int64_t k = 0; k < f.n; k++)
            z[k] *= norm * exp(-2 * AET_PI * AET_PI * blur_A * blur_A * f.q2[k]);
        aet_fft2_backward(f.fft);
        const double *real = aet_fft2_real(f.fft);
        for (int64_t k = 0; k < (int64_t)t->nx * t->ny; k++)
            image[k] = (float)real[k];
    }
    frame_free(&f);
    return AET_OK;
}

/* ---- noise and detail ---- */

/* The mean power of one frequency in the corners, where white noise is all there is. */
static double corner_power(const frame *f, const double complex *z, double pixel_A)
{
    double sum = 0, n = 0, nyquist2 = pow(0.5 / pixel_A, 2);
    for (int64_t k = 0; k < f->n; k++)
        if (f->q2[k] > nyquist2) {
            sum += f->weight[k] * power(z[k]);
            n += f->weight[k];
        }
    return n > 0 ? sum / n : 0;
}

aet_err aet_precision_counts(const aet_tilt *t, double *per_unit)
{
    frame f;
    double mean = 0, noise = 0;
    AET_TRY(frame_create(t, &f));
    for (int i = 0; i < t->n; i++) {
        const double complex *z = spectrum(&f, t, i);
        mean += creal(z[0]);
        noise += corner_power(&f, z, t->pixel_A);
    }
    frame_free(&f);
    *per_unit = noise > 0 && mean > 0 ? mean / noise : (double)INFINITY;
    return AET_OK;
}

/* Powers and product of two spectra in a band; what noise brings to that of the second is taken out. */
static void band_sums(const frame *f, const double complex *a, const double complex *b, double low,
                      double high, double noise, double sum[3])
{
    double least = 0;
    sum[0] = sum[1] = sum[2] = 0;
    for (int64_t k = 0; k < f->n; k++) {
        if (f->q2[k] < low * low || f->q2[k] > high * high)
            continue;
        sum[0] += f->weight[k] * power(a[k]);
        sum[1] += f->weight[k] * (power(b[k]) - noise);
        least += 0.01 * f->weight[k] * power(b[k]);
        sum[2] += f->weight[k] * (creal(a[k]) * creal(b[k]) + cimag(a[k]) * cimag(b[k]));
    }
    sum[1] = fmax(sum[1], least); /* an image that is hardly more than noise */
}

static double correlation(const double sum[3])
{
    return sum[0] > 0 && sum[1] > 0 ? sum[2] / sqrt(sum[0] * sum[1]) : 0;
}

aet_err aet_precision_detail(const aet_tilt *a, const aet_tilt *b, double low, double high,
                             double *each, double *all)
{
    frame f;
    double complex *copy = NULL;
    const double complex *other;
    double total[3] = {0, 0, 0}, sum[3];
    AET_TRY(check_frames(a, b));
    AET_TRY(frame_create(a, &f));
    aet_err err = AET_ARRAY(f.n, "the spectrum of an image", &copy);
    for (int i = 0; i < a->n && !err; i++) {
        spectra(&f, a, b, i, copy, &other);
        band_sums(&f, copy, other, low, high, corner_power(&f, other, a->pixel_A), sum);
        if (each)
            each[i] = correlation(sum);
        for (int k = 0; k < 3; k++)
            total[k] += sum[k];
    }
    *all = correlation(total);
    aet_release(&copy);
    frame_free(&f);
    return err;
}
