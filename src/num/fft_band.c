/* Band-limited single-precision transforms, line by line.
 *
 * Along y every column of the band is one contiguous line of `work`; along x sixteen rows at a time are turned
 * out of `work` into a small block that stays in cache, transformed, multiplied, transformed back and turned
 * in again.  So a product with a field costs two passes over `work` and one over the field, and the lines
 * outside of the band cost nothing.  Lines are padded, because those a power of two apart would all fall on
 * the same few places of the cache. */
#include "aetlas/num/fft_band.h"
#include "aetlas/base/mem.h"
#include "num/fft_priv.h"
#include <fftw3.h>
#include <string.h>

enum { ROWS = 16, PAD = 16, SIZE_MAX_POINTS = 16384, MEASURE_LINE_FROM = 192 };

struct aet_fft_band {
    int nx, ny, hx, hy, mx, my;
    int line, row;        /* padded lengths along y and x */
    float complex *work;  /* [mx][line] */
    float complex *block; /* [ROWS][row] */
    float complex *one;   /* a line along y, in cache */
    fftwf_plan y_forward, y_backward, x_forward, x_backward;
};

/* Complex numbers that are only moved. */
typedef double moved __attribute__((may_alias));
typedef double quad __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t quad_mask __attribute__((vector_size(32)));
/* Four complex numbers. */
typedef float octet __attribute__((vector_size(32), aligned(8), may_alias));
typedef int32_t octet_mask __attribute__((vector_size(32)));

static int padded(int n)
{
    return (n + PAD - 1) / PAD * PAD + PAD;
}

int64_t aet_fft_band_bytes(int nx, int ny, int hx, int hy)
{
    (void)hy;
    return (int64_t)sizeof(float complex) *
           ((int64_t)(2 * hx + 1) * padded(ny) + (int64_t)ROWS * padded(nx));
}

static fftwf_plan plan_lines(int n, int count, int distance, float complex *in, float complex *out,
                             int sign)
{
    unsigned flags = n < MEASURE_LINE_FROM ? FFTW_ESTIMATE : FFTW_MEASURE;
    return fftwf_plan_many_dft(1, &n, count, in, NULL, 1, distance, out, NULL, 1, distance, sign,
                               flags);
}

aet_err aet_fft_band_create(int nx, int ny, int hx, int hy, aet_fft_band **plan)
{
    aet_err err = AET_OK;
    *plan = NULL;
    AET_CHECK(nx > 0 && ny > 0 && nx <= SIZE_MAX_POINTS && ny <= SIZE_MAX_POINTS && hx >= 0 &&
                  hy >= 0 && 2 * hx < nx && 2 * hy < ny,
              AET_ERR_INPUT, "a band of +-%d x +-%d frequencies on %d x %d points is not usable",
              hx, hy, nx, ny);
    fft_init_once();
    aet_fft_band *p = AET_NEW(aet_fft_band, 1);
    *p = (aet_fft_band){.nx = nx, .ny = ny, .hx = hx, .hy = hy, .mx = 2 * hx + 1, .my = 2 * hy + 1};
    p->line = padded(ny);
    p->row = padded(nx);
    AET_GO(AET_ARRAY((int64_t)p->mx * p->line, "columns of a wave", &p->work));
    AET_GO(AET_ARRAY((int64_t)ROWS * p->row, "rows of a wave", &p->block));
    AET_GO(AET_ARRAY(p->line, "a column of a wave", &p->one));
    p->y_forward = plan_lines(ny, 1, p->line, p->work, p->one, FFTW_FORWARD);
    p->y_backward = plan_lines(ny, 1, p->line, p->one, p->work, FFTW_BACKWARD);
    p->x_forward = plan_lines(nx, ROWS, p->row, p->block, p->block, FFTW_FORWARD);
    p->x_backward = plan_lines(nx, ROWS, p->row, p->block, p->block, FFTW_BACKWARD);
    AET_GO_CHECK(p->y_forward && p->y_backward && p->x_forward && p->x_backward, AET_ERR_NUMERIC,
                 "FFTW has no plan for lines of %d and %d points", nx, ny);
    /* measuring leaves rubbish, and the padding is transformed along with the rest */
    memset(p->work, 0, sizeof *p->work * (size_t)p->mx * (size_t)p->line);
    memset(p->block, 0, sizeof *p->block * (size_t)(ROWS * p->row));
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
    fftwf_plan plans[] = {p->y_forward, p->y_backward, p->x_forward, p->x_backward};
    for (int i = 0; i < 4; i++)
        if (plans[i])
            fftwf_destroy_plan(plans[i]);
    aet_release(&p->work);
    aet_release(&p->block);
    aet_release(&p->one);
    aet_release(plan);
}

/* ---- turning: out[j][i] = in[i][j] for n lines `in_line` apart, ROWS wide ---- */

static void turn4(const moved *in, int64_t in_line, moved *out, int64_t out_line)
{
    const quad_mask even = {0, 4, 2, 6}, odd = {1, 5, 3, 7}, low = {0, 1, 4, 5},
                    high = {2, 3, 6, 7};
    quad a = *(const quad *)in, b = *(const quad *)(in + in_line);
    quad c = *(const quad *)(in + 2 * in_line), d = *(const quad *)(in + 3 * in_line);
    quad ab0 = __builtin_shuffle(a, b, even), ab1 = __builtin_shuffle(a, b, odd);
    quad cd0 = __builtin_shuffle(c, d, even), cd1 = __builtin_shuffle(c, d, odd);
    *(quad *)out = __builtin_shuffle(ab0, cd0, low);
    *(quad *)(out + out_line) = __builtin_shuffle(ab1, cd1, low);
    *(quad *)(out + 2 * out_line) = __builtin_shuffle(ab0, cd0, high);
    *(quad *)(out + 3 * out_line) = __builtin_shuffle(ab1, cd1, high);
}

/* n columns of the work array, sixteen places of each, become parts of sixteen rows. */
static void turn_out(const moved *column, int64_t line, int n, moved *row, int64_t row_length)
{
    int i = 0;
    for (; i + 4 <= n; i += 4)
        for (int j = 0; j < ROWS; j += 4)
            turn4(column + i * line + j, line, row + j * row_length + i, row_length);
    for (; i < n; i++)
        for (int j = 0; j < ROWS; j++)
            row[j * row_length + i] = column[i * line + j];
}

static void turn_in(const moved *row, int64_t row_length, int n, moved *column, int64_t line)
{
    int i = 0;
    for (; i + 4 <= n; i += 4)
        for (int j = 0; j < ROWS; j += 4)
            turn4(row + j * row_length + i, row_length, column + i * line + j, line);
    for (; i < n; i++)
        for (int j = 0; j < ROWS; j++)
            column[i * line + j] = row[j * row_length + i];
}

/* ---- lines along y ---- */

/* Spectrum to work: zero frequency first, nothing outside of the band. */
static void columns_backward(aet_fft_band *p, const float complex *spectrum)
{
    size_t size = sizeof *spectrum;
    for (int k = 0; k < p->mx; k++) {
        const float complex *from = spectrum + (int64_t)k * p->my;
        memcpy(p->one, from + p->hy, size * (size_t)(p->hy + 1));
        memset(p->one + p->hy + 1, 0, size * (size_t)(p->ny - p->my));
        memcpy(p->one + p->ny - p->hy, from, size * (size_t)p->hy);
        fftwf_execute_dft(p->y_backward, p->one, p->work + (int64_t)k * p->line);
    }
}

/* a[i] *= b[i]; written out, because C's own product minds infinities. */
static inline void scale_by(float *a, const float *b)
{
    float re = a[0] * b[0] - a[1] * b[1];
    a[1] = a[0] * b[1] + a[1] * b[0];
    a[0] = re;
}

static void multiply(float complex *a_, const float complex *b_, int n)
{
    const octet_mask re = {0, 0, 2, 2, 4, 4, 6, 6}, im = {1, 1, 3, 3, 5, 5, 7, 7},
                     swap = {1, 0, 3, 2, 5, 4, 7, 6};
    const octet sign = {-1, 1, -1, 1, -1, 1, -1, 1};
    float *a = (float *)a_;
    const float *b = (const float *)b_;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
        octet x = *(const octet *)(a + 2 * i), y = *(const octet *)(b + 2 * i);
        *(octet *)(a + 2 * i) = x * __builtin_shuffle(y, re) +
                                __builtin_shuffle(x, swap) * (__builtin_shuffle(y, im) * sign);
    }
    for (; i < n; i++)
        scale_by(a + 2 * i, b + 2 * i);
}

/* Column k of the work array to its place in the spectrum, as far as the band and limit go. */
static void column_forward(aet_fft_band *p, int k, const int *limit, float complex *out)
{
    int top = limit && limit[k] < p->hy ? limit[k] : p->hy;
    memset(out, 0, sizeof *out * (size_t)p->my);
    if (top < 0)
        return;
    fftwf_execute_dft(p->y_forward, p->work + (int64_t)k * p->line, p->one);
    memcpy(out + p->hy - top, p->one + p->ny - top, sizeof *out * (size_t)top);
    memcpy(out + p->hy, p->one, sizeof *out * (size_t)(top + 1));
}

/* ---- rows along x ---- */

/* Sixteen rows of the work array from y on, as rows in real space. */
static void rows_backward(aet_fft_band *p, int y)
{
    moved *block = (moved *)p->block;
    const moved *work = (const moved *)(p->work + y);
    for (int j = 0; j < ROWS; j++)
        memset(p->block + (int64_t)j * p->row + p->hx + 1, 0,
               sizeof *p->block * (size_t)(p->nx - p->mx));
    turn_out(work + (int64_t)p->hx * p->line, p->line, p->hx + 1, block, p->row);
    turn_out(work, p->line, p->hx, block + p->nx - p->hx, p->row);
    fftwf_execute(p->x_backward);
}

static void rows_forward(aet_fft_band *p, int y)
{
    const moved *block = (const moved *)p->block;
    moved *work = (moved *)(p->work + y);
    fftwf_execute(p->x_forward);
    turn_in(block, p->row, p->hx + 1, work + (int64_t)p->hx * p->line, p->line);
    turn_in(block + p->nx - p->hx, p->row, p->hx, work, p->line);
}

static int rows_at(const aet_fft_band *p, int y)
{
    return p->ny - y < ROWS ? p->ny - y : ROWS;
}

void aet_fft_band_backward(aet_fft_band *p, const float complex *spectrum, float complex *field)
{
    columns_backward(p, spectrum);
    for (int y = 0; y < p->ny; y += ROWS) {
        rows_backward(p, y);
        for (int j = 0; j < rows_at(p, y); j++)
            memcpy(field + (int64_t)(y + j) * p->nx, p->block + (int64_t)j * p->row,
                   sizeof *field * (size_t)p->nx);
    }
}

void aet_fft_band_forward(aet_fft_band *p, const float complex *field, float complex *spectrum,
                          const int *limit)
{
    for (int y = 0; y < p->ny; y += ROWS) {
        for (int j = 0; j < rows_at(p, y); j++)
            memcpy(p->block + (int64_t)j * p->row, field + (int64_t)(y + j) * p->nx,
                   sizeof *field * (size_t)p->nx);
        rows_forward(p, y);
    }
    for (int k = 0; k < p->mx; k++)
        column_forward(p, k, limit, spectrum + (int64_t)k * p->my);
}

void aet_fft_band_multiply(aet_fft_band *p, float complex *spectrum, const float complex *field,
                           const float complex *fx, const float complex *fy, const int *limit)
{
    columns_backward(p, spectrum);
    for (int y = 0; y < p->ny; y += ROWS) {
        rows_backward(p, y);
        for (int j = 0; j < rows_at(p, y); j++)
            multiply(p->block + (int64_t)j * p->row, field + (int64_t)(y + j) * p->nx, p->nx);
        rows_forward(p, y);
    }
    for (int k = 0; k < p->mx; k++) {
        float complex *out = spectrum + (int64_t)k * p->my;
        column_forward(p, k, limit, out);
        multiply(out, fy, p->my);
        for (int i = 0; i < p->my; i++)
            scale_by((float *)(out + i), (const float *)(fx + k));
    }
}

int aet_fft_band_size(int n, int multiple)
{
    static const int primes[] = {2, 3, 5, 7};
    double best_cost = 1e300;
    int best = 0, first = (n + multiple - 1) / multiple * multiple;
    for (int m = first; best == 0 || m <= first * 1.2; m += multiple) {
        int rest = m;
        for (int i = 0; i < 4; i++)
            while (rest % primes[i] == 0)
                rest /= primes[i];
        double cost = (double)m * m * (m % 32 == 0 ? 1 : m % 16 == 0 ? 1.2 : 1.5);
        if (rest == 1 && cost < best_cost) {
            best_cost = cost;
            best = m;
        }
    }
    return best;
}
