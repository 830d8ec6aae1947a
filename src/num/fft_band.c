/* Band-limited single-precision transforms, sixteen lines side by side (aetlas/num/lanes.h).
 *
 * Along y sixteen columns of the band lie side by side, along x sixteen rows; between the two, blocks of 16 by 16
 * numbers are turned in registers.  A block of rows is transformed, multiplied and transformed back while it is in
 * cache, so a product with a field costs two passes over `work` and one over the field, and the lines outside of
 * the band cost nothing. */
#include "aetlas/num/fft_band.h"
#include "aetlas/base/mem.h"
#include <stdlib.h>
#include <string.h>

enum {
    LANES = AET_LANES,
    SIZE_MAX_POINTS = 16384,
    TURNS = 5 /* what reading, turning and writing cost, in passes of a transform */
};

struct aet_fft_band {
    int nx, ny, hx, hy, mx, my;
    int blocks;  /* of sixteen rows */
    int columns; /* of sixteen columns of the band */
    aet_lanes *along_x, *along_y;
    int *place_x, *place_y; /* [mx], [my]: where the transforms have the band's frequencies */
    int *empty_x, *empty_y; /* [nx - mx], [ny - my]: and where they have others */
    aet_cell *row, *column; /* [nx], [ny]: lines in cache */
    aet_cell *work;         /* [blocks][16 columns]: rows in lanes, kx by kx */
};

typedef int32_t lane_mask __attribute__((vector_size(4 * AET_LANES)));
/* Sixteen complex numbers in memory. */
typedef float half_line __attribute__((vector_size(4 * AET_LANES), aligned(4), may_alias));

static int by_lanes(int n)
{
    return (n + LANES - 1) / LANES;
}

int64_t aet_fft_band_cells(int nx, int ny)
{
    return (int64_t)by_lanes(ny) * nx;
}

int64_t aet_fft_band_bytes(int nx, int ny, int hx, int hy)
{
    (void)hy;
    return (int64_t)sizeof(aet_cell) *
           ((int64_t)by_lanes(ny) * LANES * by_lanes(2 * hx + 1) + nx + ny);
}

/* Frequency k = -h .. h of the band stands at place[k + h] of a transform of n points. */
static aet_err axis(int n, int h, aet_lanes **plan, int **place, int **empty)
{
    int others = 0;
    AET_TRY(aet_lanes_create(n, plan));
    AET_TRY(AET_ARRAY(2 * h + 1, "order of frequencies", place));
    AET_TRY(AET_ARRAY(n - 2 * h, "order of frequencies", empty));
    for (int i = 0; i < n; i++) {
        int k = aet_lanes_frequency(*plan, i);
        if (k <= h)
            (*place)[k + h] = i;
        else if (k >= n - h)
            (*place)[k - n + h] = i;
        else
            (*empty)[others++] = i;
    }
    return AET_OK;
}

aet_err aet_fft_band_create(int nx, int ny, int hx, int hy, aet_fft_band **plan)
{
    aet_err err = AET_OK;
    *plan = NULL;
    AET_CHECK(nx > 0 && ny > 0 && nx <= SIZE_MAX_POINTS && ny <= SIZE_MAX_POINTS && hx >= 0 &&
                  hy >= 0 && 2 * hx < nx && 2 * hy < ny,
              AET_ERR_INPUT, "a band of +-%d x +-%d frequencies on %d x %d points is not usable",
              hx, hy, nx, ny);
    aet_fft_band *p = AET_NEW(aet_fft_band, 1);
    *p = (aet_fft_band){.nx = nx, .ny = ny, .hx = hx, .hy = hy, .mx = 2 * hx + 1, .my = 2 * hy + 1};
    p->blocks = by_lanes(ny);
    p->columns = by_lanes(p->mx);
    AET_GO(axis(nx, hx, &p->along_x, &p->place_x, &p->empty_x));
    AET_GO(axis(ny, hy, &p->along_y, &p->place_y, &p->empty_y));
    AET_GO(AET_ARRAY(nx, "rows of a wave", &p->row));
    AET_GO(AET_ARRAY(ny, "columns of a wave", &p->column));
    AET_GO(AET_ARRAY((int64_t)p->blocks * p->columns * LANES, "a wave", &p->work));
done:
    if (err != AET_OK)
        aet_fft_band_free(&p);
    *plan = p;
    return err;
}

void aet_fft_band_free(aet_fft_band **plan)
{
    aet_fft_band *p = *plan;
    if (!p)
        return;
    aet_lanes_free(&p->along_x);
    aet_lanes_free(&p->along_y);
    aet_release(&p->place_x);
    aet_release(&p->place_y);
    aet_release(&p->empty_x);
    aet_release(&p->empty_y);
    aet_release(&p->row);
    aet_release(&p->column);
    aet_release(&p->work);
    aet_release(plan);
}

/* ---- fields and rows as others have them ---- */

void aet_fft_band_pack(const aet_fft_band *p, const float *re, const float *im, int64_t stride,
                       aet_cell *field)
{
    aet_lane a[LANES], b[LANES];
    for (int y = 0; y < p->ny; y += LANES, field += p->nx)
        for (int x = 0; x < p->nx; x += LANES) {
            int wide = p->nx - x < LANES ? p->nx - x : LANES;
            for (int i = 0; i < LANES; i++) {
                a[i] = b[i] = (aet_lane){0};
                if (y + i < p->ny) {
                    memcpy(&a[i], re + (y + i) * stride + x, sizeof *re * (size_t)wide);
                    memcpy(&b[i], im + (y + i) * stride + x, sizeof *im * (size_t)wide);
                }
            }
            aet_lanes_transpose(a);
            aet_lanes_transpose(b);
            for (int i = 0; i < wide; i++)
                field[x + i] = (aet_cell){a[i], b[i]};
        }
}

void aet_fft_band_unpack(const aet_fft_band *p, const aet_cell *field, float *re, float *im,
                         int64_t stride)
{
    aet_lane a[LANES], b[LANES];
    for (int y = 0; y < p->ny; y += LANES, field += p->nx)
        for (int x = 0; x < p->nx; x += LANES) {
            int wide = p->nx - x < LANES ? p->nx - x : LANES;
            for (int i = 0; i < LANES; i++) {
                a[i] = i < wide ? field[x + i].re : (aet_lane){0};
                b[i] = i < wide ? field[x + i].im : (aet_lane){0};
            }
            aet_lanes_transpose(a);
            aet_lanes_transpose(b);
            for (int i = 0; i < LANES && y + i < p->ny; i++) {
                memcpy(re + (y + i) * stride + x, &a[i], sizeof *re * (size_t)wide);
                memcpy(im + (y + i) * stride + x, &b[i], sizeof *im * (size_t)wide);
            }
        }
}

/* ---- columns of the band: along y ---- */

#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD  1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define LOW  0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31

/* n <= 16 complex numbers as real and imaginary parts, zeros behind them, and back. */
static inline void take_apart(const float complex *from, int n, aet_lane *re, aet_lane *im)
{
    aet_lane a = {0}, b = {0};
    if (n == LANES) {
        a = *(const half_line *)from;
        b = *(const half_line *)(from + LANES / 2);
    } else {
        aet_lane both[2] = {{0}, {0}};
        memcpy(both, from, sizeof *from * (size_t)n);
        a = both[0];
        b = both[1];
    }
    *re = __builtin_shufflevector(a, b, EVEN);
    *im = __builtin_shufflevector(a, b, ODD);
}

static inline void put_together(aet_lane re, aet_lane im, int n, float complex *to)
{
    aet_lane both[2] = {__builtin_shufflevector(re, im, LOW),
                        __builtin_shufflevector(re, im, HIGH)};
    if (n == LANES) {
        *(half_line *)to = both[0];
        *(half_line *)(to + LANES / 2) = both[1];
    } else {
        memcpy(to, both, sizeof *to * (size_t)n);
    }
}

/* Sixteen columns of the spectrum from `first` on to where their transform wants them. */
static void read_columns(aet_fft_band *p, const float complex *spectrum, int first)
{
    aet_lane re[LANES], im[LANES];
    int wide = p->mx - first < LANES ? p->mx - first : LANES;
    for (int i = 0; i < p->ny - p->my; i++)
        p->column[p->empty_y[i]] = (aet_cell){{0}, {0}};
    for (int k = 0; k < p->my; k += LANES) {
        int n = p->my - k < LANES ? p->my - k : LANES;
        for (int i = 0; i < LANES; i++)
            if (i < wide)
                take_apart(spectrum + (int64_t)(first + i) * p->my + k, n, &re[i], &im[i]);
            else
                re[i] = im[i] = (aet_lane){0};
        aet_lanes_transpose(re);
        aet_lanes_transpose(im);
        for (int i = 0; i < n; i++)
            p->column[p->place_y[k + i]] = (aet_cell){re[i], im[i]};
    }
}

/* Between columns side by side and rows side by side, a block of 16 by 16 at a time. */
static void columns_to_work(aet_fft_band *p, int first)
{
    aet_lane re[LANES], im[LANES];
    for (int b = 0; b < p->blocks; b++) {
        aet_cell *work = p->work + (int64_t)b * p->columns * LANES + first;
        for (int i = 0; i < LANES; i++) {
            bool here = b * LANES + i < p->ny;
            re[i] = here ? p->column[b * LANES + i].re : (aet_lane){0};
            im[i] = here ? p->column[b * LANES + i].im : (aet_lane){0};
        }
        aet_lanes_transpose(re);
        aet_lanes_transpose(im);
        for (int i = 0; i < LANES; i++)
            work[i] = (aet_cell){re[i], im[i]};
    }
}

static void work_to_columns(aet_fft_band *p, int first)
{
    aet_lane re[LANES], im[LANES];
    for (int b = 0; b < p->blocks; b++) {
        const aet_cell *work = p->work + (int64_t)b * p->columns * LANES + first;
        for (int i = 0; i < LANES; i++) {
            re[i] = work[i].re;
            im[i] = work[i].im;
        }
        aet_lanes_transpose(re);
        aet_lanes_transpose(im);
        for (int i = 0; i < LANES && b * LANES + i < p->ny; i++)
            p->column[b * LANES + i] = (aet_cell){re[i], im[i]};
    }
}

static void columns_backward(aet_fft_band *p, const float complex *spectrum)
{
    for (int first = 0; first < p->mx; first += LANES) {
        read_columns(p, spectrum, first);
        aet_lanes_backward(p->along_y, p->column);
        columns_to_work(p, first);
    }
}

/* What sixteen columns of a spectrum are multiplied with, and how far they go. */
typedef struct {
    aet_lane re, im;
    lane_mask limit;
    bool factors;
    const float complex *fy;
} finish;

static finish finish_of(const aet_fft_band *p, int first, const float complex *fx,
                        const float complex *fy, const int *limit)
{
    finish f = {.factors = fx != NULL, .fy = fy};
    for (int i = 0; i < LANES; i++) {
        bool here = first + i < p->mx;
        f.re[i] = here && fx ? crealf(fx[first + i]) : 0;
        f.im[i] = here && fx ? cimagf(fx[first + i]) : 0;
        f.limit[i] = here && limit ? limit[first + i] : p->hy;
    }
    return f;
}

/* Frequency k of sixteen columns, from their transform. */
static inline aet_cell finished(const aet_fft_band *p, const finish *f, int k)
{
    aet_cell v = p->column[p->place_y[k]];
    if (f->factors) {
        float c = crealf(f->fy[k]), s = cimagf(f->fy[k]);
        aet_lane a = f->re * c - f->im * s, b = f->re * s + f->im * c;
        aet_lane re = v.re * a - v.im * b;
        v.im = v.re * b + v.im * a;
        v.re = re;
    }
    lane_mask inside = f->limit >= abs(k - p->hy);
    return (aet_cell){(aet_lane)((lane_mask)v.re & inside), (aet_lane)((lane_mask)v.im & inside)};
}

static void write_columns(const aet_fft_band *p, const finish *f, int first,
                          float complex *spectrum)
{
    aet_lane re[LANES], im[LANES];
    for (int k = 0; k < p->my; k += LANES) {
        int n = p->my - k < LANES ? p->my - k : LANES;
        for (int i = 0; i < LANES; i++) {
            aet_cell v = i < n ? finished(p, f, k + i) : (aet_cell){{0}, {0}};
            re[i] = v.re;
            im[i] = v.im;
        }
        aet_lanes_transpose(re);
        aet_lanes_transpose(im);
        for (int i = 0; i < LANES && first + i < p->mx; i++)
            put_together(re[i], im[i], n, spectrum + (int64_t)(first + i) * p->my + k);
    }
}

static void columns_forward(aet_fft_band *p, float complex *spectrum, const float complex *fx,
                            const float complex *fy, const int *limit)
{
    for (int first = 0; first < p->mx; first += LANES) {
        finish f = finish_of(p, first, fx, fy, limit);
        work_to_columns(p, first);
        aet_lanes_forward(p->along_y, p->column);
        write_columns(p, &f, first, spectrum);
    }
}

/* ---- rows: along x ---- */

static void row_backward(aet_fft_band *p, int block)
{
    const aet_cell *work = p->work + (int64_t)block * p->columns * LANES;
    for (int i = 0; i < p->nx - p->mx; i++)
        p->row[p->empty_x[i]] = (aet_cell){{0}, {0}};
    for (int k = 0; k < p->mx; k++)
        p->row[p->place_x[k]] = work[k];
    aet_lanes_backward(p->along_x, p->row);
}

static void row_forward(aet_fft_band *p, int block)
{
    aet_cell *work = p->work + (int64_t)block * p->columns * LANES;
    aet_lanes_forward(p->along_x, p->row);
    for (int k = 0; k < p->mx; k++)
        work[k] = p->row[p->place_x[k]];
}

static void multiply(aet_cell *a, const aet_cell *b, int n)
{
    for (int i = 0; i < n; i++) {
        aet_lane re = a[i].re * b[i].re - a[i].im * b[i].im;
        a[i].im = a[i].re * b[i].im + a[i].im * b[i].re;
        a[i].re = re;
    }
}

void aet_fft_band_backward(aet_fft_band *p, const float complex *spectrum, aet_cell *field)
{
    columns_backward(p, spectrum);
    for (int b = 0; b < p->blocks; b++) {
        row_backward(p, b);
        memcpy(field + (int64_t)b * p->nx, p->row, sizeof *field * (size_t)p->nx);
    }
}

void aet_fft_band_forward(aet_fft_band *p, const aet_cell *field, float complex *spectrum,
                          const int *limit)
{
    for (int b = 0; b < p->blocks; b++) {
        memcpy(p->row, field + (int64_t)b * p->nx, sizeof *field * (size_t)p->nx);
        row_forward(p, b);
    }
    columns_forward(p, spectrum, NULL, NULL, limit);
}

void aet_fft_band_multiply(aet_fft_band *p, float complex *spectrum, const aet_cell *field,
                           const float complex *fx, const float complex *fy, const int *limit)
{
    columns_backward(p, spectrum);
    for (int b = 0; b < p->blocks; b++) {
        row_backward(p, b);
        multiply(p->row, field + (int64_t)b * p->nx, p->nx);
        row_forward(p, b);
    }
    columns_forward(p, spectrum, fx, fy, limit);
}

int aet_fft_band_size(int n, int multiple)
{
    double best_cost = 1e300;
    int best = 0, first = (n + multiple - 1) / multiple * multiple;
    for (int m = first; best == 0 || m <= first * 1.2; m += multiple) {
        int passes = aet_lanes_passes(m);
        double cost = (double)m * m * (TURNS + passes) * (m % LANES == 0 ? 1 : 1.1);
        if ((passes > 0 || m == 1) && cost < best_cost) {
            best_cost = cost;
            best = m;
        }
    }
    return best;
}
