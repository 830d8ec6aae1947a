/* Slices of a spectrum on a grid, interpolated with a separable kernel of 6 points per axis.
 *
 * Only kx >= 0 is stored; F(-k) is the conjugate of F(k).  A point is taken with kx >= 0, itself or
 * its mate.  Where all its columns lie between 0 and gx/2, both excluded, rows of 8 (two of weight
 * 0) are summed; else columns are sorted into those of the row and those of the mate's row, and
 * columns 0 and gx/2, which have their mate stored, are shared between both.  The transpose of
 * the transform counts columns between once where a backward transform counts them twice: so scatter adds
 * halves, and twice to the columns that are shared. */
#include "physics/slice_priv.h"

#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "aetlas/num/special.h"
#include <math.h>
#include <string.h>

/* pi sqrt((W/s)^2 (s - 1/2)^2 - 0.8) for W = 6 points and a grid s = 2 times as large */
#define BETA 13.8551

/* ---- the kernel ---- */

static double kernel(double t)
{
    double u = 2 * t / SLICE_TAPS;

    return u * u < 1 ? aet_bessel_i0(BETA * sqrt(1 - u * u)) / aet_bessel_i0(BETA) : 0;
}

double slice_kernel_transform(int j, int g)
{
    double x = AET_PI * SLICE_TAPS * j / g, s = sqrt(BETA * BETA - x * x); /* |j| <= g/4: x < 5 */

    return SLICE_TAPS * sinh(s) / s / aet_bessel_i0(BETA);
}

/* Chebyshev interpolation of f at degree + 1 nodes, as powers of z. */
static void powers(double tap, double out[SLICE_DEGREE + 1])
{
    enum { N = SLICE_DEGREE + 1 };
    double before[N] = {1}, now[N] = {0, 1}; /* T_0 and T_1 as powers */

    memset(out, 0, N * sizeof *out);
    for (int k = 0; k < N; k++) {
        double c = 0, next[N] = {0};
        for (int i = 0; i < N; i++) {
            double a = AET_PI * (i + 0.5) / N;
            c += (k ? 2.0 : 1.0) / N * cos(k * a) * kernel(tap - 3 + (1 + cos(a)) / 2);
        }
        for (int i = 0; i < N; i++)
            out[i] += c * before[i];
        for (int i = 0; i < N; i++)
            next[i] = (i ? 2 * now[i - 1] : 0) - before[i];
        memcpy(before, now, sizeof before);
        memcpy(now, next, sizeof now);
    }
}

void slice_grid_make(int gx, int gy, int gz, slice_grid *g)
{
    double p[SLICE_DEGREE + 1];

    *g = (slice_grid){.gx = gx, .gy = gy, .gz = gz};
    for (int j = 0; j < SLICE_TAPS; j++) {
        powers(j, p);
        for (int k = 0; k <= SLICE_DEGREE; k++)
            g->poly[k][j] = (float)p[k];
    }
}

/* ---- one point ---- */

/* Vectors, so that compilers keep them in registers: weights along an axis; complex values of a row,
 * which may begin anywhere. */
typedef float lanes
    __attribute__((vector_size(SLICE_LANES * sizeof(float)), aligned(4), may_alias));
typedef float pairs
    __attribute__((vector_size(2 * SLICE_LANES * sizeof(float)), aligned(4), may_alias));

typedef struct {
    int first[3]; /* of the 6 points along each axis, any sign */
    lanes w[3];
    bool mate; /* the point's mate was taken */
} stencil;

static inline void weigh(const slice_grid *g, double p, int *first, lanes *out)
{
    double low = floor(p - SLICE_TAPS / 2) + 1;
    float z = (float)(2 * (low - (p - SLICE_TAPS / 2)) - 1);
    lanes w = *(const lanes *)g->poly[SLICE_DEGREE];

    *first = (int)low;
    for (int k = SLICE_DEGREE - 1; k >= 0; k--)
        w = w * z + *(const lanes *)g->poly[k];
    *out = w;
}

static inline int wrap(int i, int n)
{
    return i >= 0 && i < n ? i : (i % n + n) % n;
}

/* Whether any of the rows of ky, or of their mates, is on this rank. */
static inline bool here(const slice_grid *g, int first)
{
    if (g->ny == g->gy)
        return true;
    for (int j = 0; j < SLICE_TAPS; j++)
        if (wrap(first + j, g->gy) - g->y0 >= 0 && wrap(first + j, g->gy) - g->y0 < g->ny)
            return true;
    return false;
}

/* No column is at the edge or beyond it. */
static inline bool inside(const slice_grid *g, const stencil *s)
{
    return s->first[0] >= 1 && s->first[0] + SLICE_LANES <= g->gx / 2;
}

/* False: this rank has nothing of the point. */
static inline bool place(const slice_grid *g, const slice_view *v, int ku, int kv, stencil *s)
{
    double p[3];

    for (int a = 0; a < 3; a++)
        p[a] = ku * v->du[a] + kv * v->dv[a];
    s->mate = p[0] < 0;
    for (int a = 0; s->mate && a < 3; a++)
        p[a] = -p[a];
    weigh(g, p[0], &s->first[0], &s->w[0]);
    weigh(g, p[1], &s->first[1], &s->w[1]);
    if (inside(g, s) && !here(g, s->first[1]))
        return false;
    weigh(g, p[2], &s->first[2], &s->w[2]);
    return true;
}

/* Index of a row of the spectrum; -1: not on this rank. */
static inline int64_t row_of(const slice_grid *g, int ky, int kz)
{
    int y = wrap(ky, g->gy) - g->y0;

    return y < 0 || y >= g->ny ? -1 : ((int64_t)y * g->gz + wrap(kz, g->gz)) * (g->gx / 2 + 1);
}

/* ---- points away from the edges ---- */

/* Where a stencil's rows begin, along ky (-1: on another rank) and what kz adds. */
static inline void rows_of(const slice_grid *g, const stencil *s, int64_t y[SLICE_TAPS],
                           int64_t z[SLICE_TAPS])
{
    for (int j = 0; j < SLICE_TAPS; j++) {
        int64_t row = row_of(g, s->first[1] + j, 0);
        y[j] = row < 0 ? -1 : 2 * (row + s->first[0]);
        z[j] = (int64_t)wrap(s->first[2] + j, g->gz) * 2 * (g->gx / 2 + 1);
    }
}

static inline float complex gather_inside(const slice_grid *g, const stencil *s,
                                          const float complex *spectrum)
{
    int64_t y[SLICE_TAPS], z[SLICE_TAPS];
    pairs sum = {0};
    float re = 0, im = 0;

    rows_of(g, s, y, z);
    for (int j = 0; j < SLICE_TAPS; j++) {
        if (y[j] < 0)
            continue;
        const float *from = (const float *)spectrum + y[j];
        for (int k = 0; k < SLICE_TAPS; k++)
            sum += s->w[1][j] * s->w[2][k] * *(const pairs *)(from + z[k]);
    }
    for (int l = 0; l < SLICE_TAPS; l++) {
        re += s->w[0][l] * sum[2 * l];
        im += s->w[0][l] * sum[2 * l + 1];
    }
    return CMPLXF(re, s->mate ? -im : im);
}

static inline void scatter_inside(const slice_grid *g, const stencil *s, float complex value,
                                  float complex *spectrum)
{
    int64_t y[SLICE_TAPS], z[SLICE_TAPS];
    pairs add = {0};

    for (int l = 0; l < SLICE_LANES; l++) {
        add[2 * l] = s->w[0][l] * crealf(value);
        add[2 * l + 1] = s->w[0][l] * cimagf(value);
    }
    rows_of(g, s, y, z);
    for (int j = 0; j < SLICE_TAPS; j++) {
        if (y[j] < 0)
            continue;
        float *to = (float *)spectrum + y[j];
        for (int k = 0; k < SLICE_TAPS; k++)
            *(pairs *)(to + z[k]) += s->w[1][j] * s->w[2][k] * add;
    }
}

/* ---- points at the edges ---- */

/* Columns of a point in its own row (side 0) and in its mate's (side 1). */
typedef struct {
    int n[2], column[2][SLICE_TAPS];
    float w[2][SLICE_TAPS];
} columns;

static void column_add(columns *c, int side, int column, float w)
{
    c->column[side][c->n[side]] = column;
    c->w[side][c->n[side]++] = w;
}

static columns sort_columns(const slice_grid *g, const stencil *s)
{
    columns c = {.n = {0, 0}};

    for (int j = 0; j < SLICE_TAPS; j++) {
        int m = wrap(s->first[0] + j, g->gx);
        if (m == 0 || m == g->gx / 2) {
            column_add(&c, 0, m, s->w[0][j] / 2);
            column_add(&c, 1, m, s->w[0][j] / 2);
        } else if (m < g->gx / 2) {
            column_add(&c, 0, m, s->w[0][j]);
        } else {
            column_add(&c, 1, g->gx - m, s->w[0][j]);
        }
    }
    return c;
}

static inline int64_t side_row(const slice_grid *g, const stencil *s, int side, int j, int k)
{
    int ky = s->first[1] + j, kz = s->first[2] + k;

    return side ? row_of(g, -ky, -kz) : row_of(g, ky, kz);
}

static float complex gather_edge(const slice_grid *g, const stencil *s,
                                 const float complex *spectrum)
{
    columns c = sort_columns(g, s);
    float sum[2][2] = {{0}};

    for (int i = 0; i < SLICE_TAPS * SLICE_TAPS; i++)
        for (int side = 0; side < 2; side++) {
            int64_t row = side_row(g, s, side, i / SLICE_TAPS, i % SLICE_TAPS);
            float w = s->w[1][i / SLICE_TAPS] * s->w[2][i % SLICE_TAPS];
            for (int t = 0; row >= 0 && t < c.n[side]; t++) {
                float complex value = spectrum[row + c.column[side][t]];
                sum[side][0] += w * c.w[side][t] * crealf(value);
                sum[side][1] += w * c.w[side][t] * cimagf(value);
            }
        }
    float im = sum[0][1] - sum[1][1];
    return CMPLXF(sum[0][0] + sum[1][0], s->mate ? -im : im);
}

/* Shared columns count once in the backward transform: their two halves are the whole. */
static void scatter_edge(const slice_grid *g, const stencil *s, float complex value,
                         float complex *spectrum)
{
    columns c = sort_columns(g, s);

    for (int i = 0; i < SLICE_TAPS * SLICE_TAPS; i++)
        for (int side = 0; side < 2; side++) {
            int64_t row = side_row(g, s, side, i / SLICE_TAPS, i % SLICE_TAPS);
            float w = s->w[1][i / SLICE_TAPS] * s->w[2][i % SLICE_TAPS];
            float complex add = side ? conjf(value) : value;
            for (int t = 0; row >= 0 && t < c.n[side]; t++) {
                int k = c.column[side][t];
                float twice = k == 0 || k == g->gx / 2 ? 2 : 1;
                spectrum[row + k] += twice * w * c.w[side][t] * add;
            }
        }
}

/* ---- slices ---- */

void slice_gather(const slice_grid *g, const slice_view *v, const float complex *spectrum,
                  float complex *slice)
{
    int half = v->pv / 2 + 1;
    stencil s;

    for (int kv = 0; kv < half; kv++)
        for (int u = 0; u < v->pu; u++) {
            float complex *to = slice + (int64_t)u * half + kv;
            if (!place(g, v, aet_fft_signed(u, v->pu), kv, &s))
                *to = 0;
            else
                *to = inside(g, &s) ? gather_inside(g, &s, spectrum) : gather_edge(g, &s, spectrum);
        }
}

void slice_scatter(const slice_grid *g, const slice_view *v, const float complex *slice,
                   float complex *spectrum)
{
    int half = v->pv / 2 + 1;
    stencil s;

    for (int kv = 0; kv < half; kv++)
        for (int u = 0; u < v->pu; u++) {
            float complex value = slice[(int64_t)u * half + kv] / 2;
            if (!place(g, v, aet_fft_signed(u, v->pu), kv, &s))
                continue;
            value = s.mate ? conjf(value) : value;
            if (inside(g, &s))
                scatter_inside(g, &s, value, spectrum);
            else
                scatter_edge(g, &s, value, spectrum);
        }
}
