#include "aetlas/num/nufft.h"

#include "aetlas/base/mem.h"
#include "aetlas/num/fft.h"
#include "aetlas/num/lanes.h"
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
    /* along x 16 rows, along y 16 frequencies side by side */
    aet_lanes *along_x, *along_y;
    int *place_x, *place_y; /* where the transforms have a frequency */
    aet_cell *line;         /* the longer of mx and my */
    aet_cell *rows;         /* [ny][frequencies along x, by 16] */
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

static aet_err axis_make(int m, aet_lanes **plan, int **place)
{
    AET_TRY(aet_lanes_create(m, plan));
    AET_TRY(AET_ARRAY(m, "order of frequencies", place));
    for (int i = 0; i < m; i++)
        (*place)[aet_lanes_frequency(*plan, i)] = i;
    return AET_OK;
}

static int blocks_of(const aet_nufft2 *p)
{
    return (p->mx + AET_LANES - 1) / AET_LANES;
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
    AET_GO(axis_make(p->mx, &p->along_x, &p->place_x));
    AET_GO(axis_make(p->my, &p->along_y, &p->place_y));
    AET_GO(AET_ARRAY(p->mx > p->my ? p->mx : p->my, "line of a transform", &p->line));
    AET_GO(AET_ARRAY((int64_t)ny * blocks_of(p), "rows of a transform", &p->rows));
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
    aet_lanes_free(&p->along_x);
    aet_lanes_free(&p->along_y);
    aet_release(&p->place_x);
    aet_release(&p->place_y);
    aet_release(&p->line);
    aet_release(&p->rows);
    aet_release(&p->scale_x);
    aet_release(&p->scale_y);
    aet_release(&p->table);
    aet_release(&p->samples);
    aet_release(plan);
}

/* Rows row ... row + 15 of the image, transformed along x. */
static void rows_forward(const aet_nufft2 *p, const float *image, int row)
{
    int n = p->ny - row < AET_LANES ? p->ny - row : AET_LANES;
    aet_lane re[AET_LANES], im[AET_LANES];

    memset(p->line, 0, (size_t)p->mx * sizeof *p->line);
    for (int x = 0; x < p->nx; x++)
        for (int l = 0; l < n; l++)
            p->line[(x - p->nx / 2 + p->mx) % p->mx].re[l] =
                (float)((double)image[(int64_t)(row + l) * p->nx + x] * p->scale_x[x] *
                        p->scale_y[row + l]);
    aet_lanes_forward(p->along_x, p->line);
    for (int b = 0; b < blocks_of(p); b++) {
        for (int i = 0; i < AET_LANES; i++) {
            int k = b * AET_LANES + i;
            re[i] = k < p->mx ? p->line[p->place_x[k]].re : (aet_lane){0};
            im[i] = k < p->mx ? p->line[p->place_x[k]].im : (aet_lane){0};
        }
        aet_lanes_transpose(re);
        aet_lanes_transpose(im);
        for (int l = 0; l < n; l++)
            p->rows[(int64_t)(row + l) * blocks_of(p) + b] = (aet_cell){re[l], im[l]};
    }
}

/* 16 frequencies along x, transformed along y, into the samples. */
static void columns_forward(const aet_nufft2 *p, int block)
{
    int first = block * AET_LANES, n = p->mx - first < AET_LANES ? p->mx - first : AET_LANES;

    memset(p->line, 0, (size_t)p->my * sizeof *p->line);
    for (int y = 0; y < p->ny; y++)
        p->line[(y - p->ny / 2 + p->my) % p->my] = p->rows[(int64_t)y * blocks_of(p) + block];
    aet_lanes_forward(p->along_y, p->line);
    for (int k = 0; k < p->my; k++) {
        const aet_cell *from = p->line + p->place_y[k];
        for (int l = 0; l < n; l++)
            p->samples[(int64_t)k * p->pitch + first + l] = CMPLXF(from->re[l], from->im[l]);
    }
}

void aet_nufft2_image(aet_nufft2 *p, const float *image)
{
    for (int row = 0; row < p->ny; row += AET_LANES)
        rows_forward(p, image, row);
    for (int b = 0; b < blocks_of(p); b++)
        columns_forward(p, b);
    for (int k = 0; k < p->my; k++) /* the first samples again, behind the last */
        memcpy(p->samples + (int64_t)k * p->pitch + p->mx, p->samples + (int64_t)k * p->pitch,
               WIDTH * sizeof *p->samples);
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
