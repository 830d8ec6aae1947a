/* Along the axes, on blocks of 16 lines that stay in cache. */
#include "aetlas/base/mem.h"
#include "num/boxconv_priv.h"
#include <string.h>

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* ---- along x: rows are lanes ---- */

/* 16 rows (fewer: `rows`) at 16 values each, turned round: v[t] holds value t of each row. */
static void rows_load(const float *from, int pitch, int rows, aet_lane v[AET_LANES])
{
    for (int r = 0; r < AET_LANES; r++)
        v[r] = r < rows ? *(const aet_lane *)(from + (int64_t)r * pitch) : (aet_lane){0};
    aet_lanes_transpose(v);
}

/* Values of offset -below ... n-1 of 16 rows into the line, each at its place modulo g. */
static void line_load(const aet_boxconv *c, const float *from, int pitch, int rows, int below)
{
    const boxconv_axis *a = &c->x;
    const float *turn = a->turn + 2 * (a->g - 1 - below);
    aet_lane v[AET_LANES];

    memset(c->even, 0, (size_t)c->blocks * AET_LANES * sizeof *c->even);
    for (int first = 0; first < a->n + below; first += AET_LANES) {
        rows_load(from + first, pitch, rows, v);
        int n = least(AET_LANES, a->n + below - first);
        for (int t = 0; t < n; t++) {
            int d = first + t - below;
            aet_cell *to = c->even + (d < 0 ? d + a->g : d);
            to->re += v[t] * turn[2 * (first + t)];
            to->im += v[t] * turn[2 * (first + t) + 1];
        }
    }
}

/* From frequencies in 16 rows' line to rows of frequencies. */
static void line_store(const aet_boxconv *c, int row, int rows)
{
    aet_lane v[AET_LANES], w[AET_LANES];

    for (int b = 0; b < c->blocks; b++) {
        for (int k = 0; k < AET_LANES; k++) {
            v[k] = c->even[b * AET_LANES + k].re;
            w[k] = c->even[b * AET_LANES + k].im;
        }
        aet_lanes_transpose(v);
        aet_lanes_transpose(w);
        for (int r = 0; r < rows; r++)
            c->plane[(int64_t)(row + r) * c->blocks + b] = (aet_cell){v[r], w[r]};
    }
}

void boxconv_x_forward(aet_boxconv *c, const float *values, int below_y, int below_x, int pitch)
{
    int all = c->y.n + below_y;

    for (int row = 0; row < all; row += AET_LANES) {
        int rows = least(AET_LANES, all - row);
        line_load(c, values + (int64_t)row * pitch, pitch, rows, below_x);
        aet_lanes_forward(c->x.plan, c->even);
        line_store(c, row, rows);
    }
}

static void line_fetch(const aet_boxconv *c, int row, int rows)
{
    aet_lane v[AET_LANES], w[AET_LANES];

    for (int b = 0; b < c->blocks; b++) {
        for (int r = 0; r < AET_LANES; r++) {
            const aet_cell *from = c->plane + (int64_t)(row + least(r, rows - 1)) * c->blocks + b;
            v[r] = from->re;
            w[r] = from->im;
        }
        aet_lanes_transpose(v);
        aet_lanes_transpose(w);
        for (int k = 0; k < AET_LANES; k++)
            c->even[b * AET_LANES + k] = (aet_cell){v[k], w[k]};
    }
}

/* The real part, turned back, of the first n values. */
static void line_keep(const aet_boxconv *c, float *to, int rows)
{
    const boxconv_axis *a = &c->x;
    const float *turn = a->turn + 2 * (a->g - 1);
    aet_lane v[AET_LANES];

    for (int first = 0; first < a->n; first += AET_LANES) {
        int n = least(AET_LANES, a->n - first);
        for (int t = 0; t < AET_LANES; t++)
            v[t] = t < n ? c->even[first + t].re * turn[2 * (first + t)] +
                               c->even[first + t].im * turn[2 * (first + t) + 1]
                         : (aet_lane){0};
        aet_lanes_transpose(v);
        for (int r = 0; r < rows; r++)
            *(aet_lane *)(to + (int64_t)r * c->shape.pitch + first) = v[r];
    }
}

void boxconv_x_backward(aet_boxconv *c)
{
    for (int row = 0; row < c->y.n; row += AET_LANES) {
        int rows = least(AET_LANES, c->y.n - row);
        line_fetch(c, row, rows);
        aet_lanes_backward(c->x.plan, c->even);
        line_keep(c, c->values + (int64_t)row * c->shape.pitch, rows);
    }
}

/* ---- across rows and planes: frequencies along x are lanes ---- */

/* Both halves of the frequencies of cells at[d + below] + block. */
static void halves_forward(const aet_boxconv *c, const boxconv_axis *a, int below, int block)
{
    const float *turn = a->turn + 2 * (a->g - 1 - below);

    memset(c->even + a->n, 0, (size_t)(a->g - a->n) * sizeof *c->even);
    memset(c->odd + a->n, 0, (size_t)(a->g - a->n) * sizeof *c->odd);
    for (int i = below; i < below + a->n; i++) {
        aet_cell f = c->at[i][block];
        float re = turn[2 * i], im = turn[2 * i + 1];
        c->even[i - below] = f;
        c->odd[i - below] = (aet_cell){f.re * re - f.im * im, f.re * im + f.im * re};
    }
    for (int i = 0; i < below; i++) {
        aet_cell f = c->at[i][block], *even = c->even + a->g + i - below,
                 *odd = c->odd + a->g + i - below;
        float re = turn[2 * i], im = turn[2 * i + 1];
        even->re += f.re;
        even->im += f.im;
        odd->re += f.re * re - f.im * im;
        odd->im += f.re * im + f.im * re;
    }
    aet_lanes_forward(a->plan, c->even);
    aet_lanes_forward(a->plan, c->odd);
}

static void halves_backward(const aet_boxconv *c, const boxconv_axis *a, int block)
{
    const float *turn = a->turn + 2 * (a->g - 1);

    aet_lanes_backward(a->plan, c->even);
    aet_lanes_backward(a->plan, c->odd);
    for (int i = 0; i < a->n; i++) {
        const aet_cell *even = c->even + i, *odd = c->odd + i;
        float re = turn[2 * i], im = turn[2 * i + 1];
        c->at[i][block] = (aet_cell){even->re + odd->re * re + odd->im * im,
                                     even->im + odd->im * re - odd->re * im};
    }
}

static aet_cell *spectrum_at(const aet_boxconv *c, int plane, int frequency)
{
    return c->spectrum + ((int64_t)frequency * c->shape.slab.count + plane) * c->blocks;
}

void boxconv_y_forward(aet_boxconv *c, int plane, int below)
{
    int g = c->y.g;

    for (int i = 0; i < c->y.n + below; i++)
        c->at[i] = c->plane + (int64_t)i * c->blocks;
    for (int b = 0; b < c->blocks; b++) {
        halves_forward(c, &c->y, below, b);
        for (int k = 0; k < g; k++) {
            spectrum_at(c, plane, k)[b] = c->even[k];
            spectrum_at(c, plane, g + k)[b] = c->odd[k];
        }
    }
}

void boxconv_y_backward(aet_boxconv *c, int plane)
{
    int g = c->y.g;

    for (int i = 0; i < c->y.n; i++)
        c->at[i] = c->plane + (int64_t)i * c->blocks;
    for (int b = 0; b < c->blocks; b++) {
        for (int k = 0; k < g; k++) {
            c->even[k] = spectrum_at(c, plane, k)[b];
            c->odd[k] = spectrum_at(c, plane, g + k)[b];
        }
        halves_backward(c, &c->y, b);
    }
}

/* ---- in the middle ---- */

/* sum k |f|^2 of n cells, in single precision over one line, then in double. */
static double energy(const aet_lane *k, const aet_cell *f, int n)
{
    aet_lane sums = {0};
    double sum = 0;

    for (int i = 0; i < n; i++)
        sums += k[i] * (f[i].re * f[i].re + f[i].im * f[i].im);
    for (int l = 0; l < AET_LANES; l++)
        sum += (double)sums[l];
    return sum;
}

static void multiply(const aet_lane *k, aet_cell *f, int n)
{
    for (int i = 0; i < n; i++) {
        f[i].re *= k[i];
        f[i].im *= k[i];
    }
}

static void real_part(const aet_cell *f, float scale, aet_lane *k, int n)
{
    for (int i = 0; i < n; i++)
        k[i] = scale * f[i].re;
}

void boxconv_line(aet_boxconv *c, const boxconv_axis *a, int below, int64_t row,
                  const boxconv_middle *m)
{
    int g = a->g;

    for (int b = 0; b < c->blocks; b++) {
        int64_t first = (row * c->blocks + b) * 2 * g * AET_LANES;
        halves_forward(c, a, below, b);
        for (int i = 0; i < AET_BOXCONV_FORMS; i++)
            if (m->watch[i]) {
                const aet_lane *k = (const aet_lane *)(m->watch[i] + first);
                m->form[i] += energy(k, c->even, g) + energy(k + g, c->odd, g);
            }
        if (m->make) {
            aet_lane *k = (aet_lane *)(m->make + first);
            real_part(c->even, m->scale, k, g);
            real_part(c->odd, m->scale, k + g, g);
        }
        if (m->kernel) {
            const aet_lane *k = (const aet_lane *)(m->kernel + first);
            multiply(k, c->even, g);
            multiply(k + g, c->odd, g);
            halves_backward(c, a, b);
        }
    }
}
