#include "aetlas/num/nufft.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/fft.h"
#include <math.h>
#include <string.h>

/* The kernel exp(beta (sqrt(1 - (2t/w)^2) - 1)) with the authors' beta for twofold padding, tabulated:
 * between rows it is interpolated linearly, to 4e-8. */
enum { WIDTH = 8, ROWS = 2048, NODES = 400 };
#define BETA (2.3 * WIDTH)

struct aet_nufft2 {
    int nx, ny, mx, my;
    int pitch;              /* of samples: mx and WIDTH of them again */
    float complex *samples; /* [my + WIDTH][pitch] */
    double *scale_x, *scale_y;
    float *table; /* [ROWS + 1][WIDTH]: the kernel at -WIDTH/2 + row/ROWS + column */
    aet_fft2 *fft;
};

static double kernel(double t)
{
    double s = 1 - 4 * t * t / (WIDTH * WIDTH);

    return s < 0 ? 0 : exp(BETA * (sqrt(s) - 1));
}

/* One over the transform of the kernel at x/m, with the sign that moves n/2 to the origin left out. */
static double scale_of(double xi)
{
    double sum = 0, h = (double)WIDTH / NODES;

    for (int i = 0; i < NODES; i++) {
        double t = -WIDTH / 2.0 + (i + 0.5) * h;
        sum += h * kernel(t) * cos(2 * M_PI * xi * t);
    }
    return 1 / sum;
}

static aet_err scales(int n, int m, double **scale)
{
    AET_TRY(AET_ARRAY(n, "weights of a transform", scale));
    for (int i = 0; i < n; i++)
        (*scale)[i] = scale_of((double)(i - n / 2) / m);
    return AET_OK;
}

static aet_err table_make(aet_nufft2 *p)
{
    AET_TRY(AET_ARRAY((ROWS + 1) * WIDTH, "kernel of a transform", &p->table));
    for (int r = 0; r <= ROWS; r++)
        for (int c = 0; c < WIDTH; c++)
            p->table[r * WIDTH + c] = (float)kernel(-WIDTH / 2.0 + (double)r / ROWS + c);
    return AET_OK;
}

aet_err aet_nufft2_create(int nx, int ny, aet_nufft2 **plan)
{
    aet_err err = AET_OK;
    aet_nufft2 *p = AET_NEW(aet_nufft2, 1);

    p->nx = nx;
    p->ny = ny;
    p->mx = aet_fft_good_size(2 * nx > WIDTH ? 2 * nx : WIDTH);
    p->my = aet_fft_good_size(2 * ny > WIDTH ? 2 * ny : WIDTH);
    p->pitch = p->mx + WIDTH;
    AET_GO(aet_fft2_create(p->mx, p->my, &p->fft));
    AET_GO(scales(nx, p->mx, &p->scale_x));
    AET_GO(scales(ny, p->my, &p->scale_y));
    AET_GO(table_make(p));
    AET_GO(AET_ARRAY((int64_t)(p->my + WIDTH) * p->pitch, "padded transform", &p->samples));
done:
    if (err != AET_OK)
        aet_nufft2_free(&p);
    *plan = p;
    return err;
}

void aet_nufft2_free(aet_nufft2 **plan)
{
    aet_nufft2 *p = *plan;

    if (!p)
        return;
    aet_fft2_free(&p->fft);
    aet_release(&p->scale_x);
    aet_release(&p->scale_y);
    aet_release(&p->table);
    aet_release(&p->samples);
    aet_release(plan);
}

/* The half spectrum's row, then its other half from the mate of the row, then its first samples again. */
static void row_fill(const aet_nufft2 *p, int ky)
{
    int half = p->mx / 2 + 1;
    const double complex *f = aet_fft2_spectrum(p->fft), *row = f + (int64_t)ky * half,
                         *mate = f + (int64_t)((p->my - ky) % p->my) * half;
    float complex *to = p->samples + (int64_t)ky * p->pitch;

    for (int k = 0; k < half; k++)
        to[k] = (float complex)row[k];
    for (int k = half; k < p->mx; k++)
        to[k] = (float complex)conj(mate[p->mx - k]);
    memcpy(to + p->mx, to, WIDTH * sizeof *to);
}

void aet_nufft2_image(aet_nufft2 *p, const float *image)
{
    double *real = aet_fft2_real(p->fft);

    memset(real, 0, (size_t)p->mx * (size_t)p->my * sizeof *real);
    for (int y = 0; y < p->ny; y++) {
        double *row = real + (int64_t)((y - p->ny / 2 + p->my) % p->my) * p->mx;
        for (int x = 0; x < p->nx; x++)
            row[(x - p->nx / 2 + p->mx) % p->mx] =
                (double)image[(int64_t)y * p->nx + x] * p->scale_x[x] * p->scale_y[y];
    }
    aet_fft2_forward(p->fft);
    for (int ky = 0; ky < p->my; ky++)
        row_fill(p, ky);
    memcpy(p->samples + (int64_t)p->my * p->pitch, p->samples,
           (size_t)WIDTH * (size_t)p->pitch * sizeof *p->samples);
}

/* The first sample around frequency u (cycles per pixel) and its WIDTH weights. */
static int weigh(const aet_nufft2 *p, double u, int m, float weight[WIDTH])
{
    double at = u * m - WIDTH / 2.0, first = ceil(at), row = (first - at) * ROWS;
    int r = row < ROWS - 1 ? (int)row : ROWS - 1, start = (int)first % m;
    float share = (float)(row - r);
    const float *low = p->table + (int64_t)r * WIDTH;

    for (int i = 0; i < WIDTH; i++)
        weight[i] = low[i] + share * (low[i + WIDTH] - low[i]);
    return start < 0 ? start + m : start;
}

float complex aet_nufft2_at(const aet_nufft2 *p, double u, double v)
{
    float wx[WIDTH], wy[WIDTH], sums[2 * WIDTH] = {0}, re = 0, im = 0;
    int x = weigh(p, u, p->mx, wx), y = weigh(p, v, p->my, wy);
    const float *row = (const float *)(p->samples + (int64_t)y * p->pitch + x);

    for (int i = 0; i < WIDTH; i++, row += 2 * p->pitch)
        for (int k = 0; k < 2 * WIDTH; k++)
            sums[k] += wy[i] * row[k];
    for (int k = 0; k < WIDTH; k++) {
        re += wx[k] * sums[2 * k];
        im += wx[k] * sums[2 * k + 1];
    }
    return CMPLXF(re, im);
}
