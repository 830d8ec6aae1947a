/* Probes as sums of beams.
 *
 * With beams on a rectangular grid the coefficients of a probe are a product of one factor per line and one per
 * column of beams, so the sum over beams is done in two steps, each a product of real matrices:
 *
 *   1. along ky, once for each line of probes:  lines[line][column] = sum_beams a exp(-2 pi i ky y) S
 *   2. along kx, for every probe of the line:   probe = sum_columns exp(-2 pi i kx x) lines[line][column]
 *
 * For n beams in c columns that is n / (probes of a line) + c multiply-adds a point instead of n: 949 beams in 35
 * columns cost less than a tenth.  Row by row of points, so that what step 1 makes is still in cache for step 2. */
#include "aetlas/data/units.h"
#include "aetlas/num/gemm.h"
#include "stem_prism.h"
#include <math.h>
#include <string.h>

/* Where the probes of a tile are cut: line by line, in points of the matrix's grid. */
typedef struct {
    int lines, iy[AET_STEM_PRISM_LINES]; /* of the scan */
    int top[AET_STEM_PRISM_LINES];       /* first row of the window of each line */
    int first[AET_STEM_PRISM_LINES + 1]; /* probes of each line */
    int x0, y0, wide, high;              /* what all windows cover */
} cut;

static int start(double place_A, double length_A, int points, int window)
{
    return window == points ? 0 : (int)lround(place_A / length_A * points) - window / 2;
}

static int probe_start(const aet_stem_job *j, int probe, double left_A)
{
    return start(aet_stem_scan_x(j, probe % j->nx) - left_A, j->lx, j->prism->sx, j->prism->wx);
}

static cut cut_tile(const aet_stem_job *j, const aet_stem_scan *scan, const aet_stem_unit *tile,
                    const double left_A[2])
{
    const struct aet_stem_prism *s = j->prism;
    cut c = {.lines = 0};
    int low = 0, high = 0;
    for (int i = 0; i < tile->count; i++) {
        int probe = scan->probe[tile->first + i], iy = probe / j->nx;
        int x = probe_start(j, probe, left_A[0]);
        if (c.lines == 0 || c.iy[c.lines - 1] != iy) {
            c.iy[c.lines] = iy;
            c.top[c.lines] = start(aet_stem_scan_y(j, iy) - left_A[1], j->ly, s->sy, s->wy);
            c.first[c.lines++] = i;
        }
        low = i == 0 || x < low ? x : low;
        high = i == 0 || x > high ? x : high;
    }
    c.first[c.lines] = tile->count;
    c.x0 = low;
    c.wide = high - low + s->wx;
    c.y0 = c.top[0];
    c.high = c.top[c.lines - 1] - c.top[0] + s->wy;
    return c;
}

/* left: for every column of the part [2 lines][2 beams]: amplitudes and phases of the beams at each line, real
 * and imaginary parts as a real matrix. */
static void line_phases(const aet_stem_job *j, const cut *c, double bottom_A)
{
    const struct aet_stem_prism *s = j->prism;
    float *out = s->left;
    for (int p = 0; p < s->part; p++) {
        int from = s->first[s->column[p]], n = s->first[s->column[p] + 1] - from;
        for (int l = 0; l < c->lines; l++, out += 4 * n)
            for (int i = 0; i < n; i++) {
                double y = aet_stem_scan_y(j, c->iy[l]) - bottom_A;
                double turn = -2 * AET_PI * s->beams.ky[from + i] * y / j->ly;
                double cs = cos(turn), sn = sin(turn);
                double re = (double)crealf(s->beams.amplitude[from + i]),
                       im = (double)cimagf(s->beams.amplitude[from + i]);
                out[i] = out[3 * n + i] = (float)(re * cs - im * sn);
                out[2 * n + i] = (float)(re * sn + im * cs);
                out[n + i] = -out[2 * n + i];
            }
    }
}

/* right: for every probe [2][2 columns]. */
static void probe_phases(const aet_stem_job *j, const aet_stem_scan *scan,
                         const aet_stem_unit *tile, double left_A)
{
    const struct aet_stem_prism *s = j->prism;
    float *out = s->right;
    for (int i = 0; i < tile->count; i++, out += 4 * s->part)
        for (int p = 0; p < s->part; p++) {
            double x = aet_stem_scan_x(j, scan->probe[tile->first + i] % j->nx) - left_A;
            double turn = -2 * AET_PI * s->beams.kx[s->first[s->column[p]]] * x / j->lx;
            out[p] = out[3 * s->part + p] = (float)cos(turn);
            out[2 * s->part + p] = (float)sin(turn);
            out[s->part + p] = (float)-sin(turn);
        }
}

static int wrap(int i, int n)
{
    return (i % n + n) % n;
}

/* Step 1 for one row of points: s->lines [lines][2][columns][wide]. */
static void sum_columns(const struct aet_stem_prism *s, const cut *c, int y)
{
    const float *left = s->left;
    int64_t row = wrap(c->y0 + y, s->sy);
    for (int p = 0; p < s->part; p++) {
        int n = s->first[s->column[p] + 1] - s->first[s->column[p]];
        const float *beams = s->matrix + s->place[p] + row * 2 * n * s->sx;
        for (int done = 0, count; done < c->wide; done += count) {
            int x = wrap(c->x0 + done, s->sx);
            count = c->wide - done < s->sx - x ? c->wide - done : s->sx - x;
            aet_gemm_single(false, false, 2 * c->lines, count, 2 * n, 1, left, 2 * n, beams + x,
                            s->sx, 0, s->lines + (int64_t)p * c->wide + done,
                            (int64_t)s->part * c->wide);
        }
        left += 4 * n * c->lines;
    }
}

static void put(float *out, const float *in, int n, bool add)
{
    if (!add)
        memcpy(out, in, sizeof *in * (size_t)n);
    else
        for (int i = 0; i < n; i++)
            out[i] += in[i];
}

/* Step 2 for one row of one line: some neighbouring probes at a time. */
static void sum_probes(const aet_stem_job *j, const aet_stem_scan *scan, const aet_stem_unit *tile,
                       const cut *c, int line, int y, double left_A, bool add, float *probes)
{
    const struct aet_stem_prism *s = j->prism;
    int64_t window = (int64_t)s->wx * s->wy, at = (int64_t)(c->y0 + y - c->top[line]) * s->wx;
    const float *lines = s->lines + (int64_t)2 * line * s->part * c->wide;
    for (int i = c->first[line]; i < c->first[line + 1]; i += AET_STEM_PRISM_GROUP) {
        int n = c->first[line + 1] - i < AET_STEM_PRISM_GROUP ? c->first[line + 1] - i
                                                              : AET_STEM_PRISM_GROUP;
        const int *probe = scan->probe + tile->first + i;
        int from = probe_start(j, probe[0], left_A);
        int wide = probe_start(j, probe[n - 1], left_A) - from + s->wx;
        aet_gemm_single(false, false, 2 * n, wide, 2 * s->part, 1,
                        s->right + (int64_t)4 * s->part * i, 2 * s->part, lines + from - c->x0,
                        c->wide, 0, s->row, wide);
        for (int k = 0; k < n; k++) {
            int shift = probe_start(j, probe[k], left_A) - from;
            float *out = probes + 2 * window * (i + k) + at;
            put(out, s->row + (int64_t)2 * k * wide + shift, s->wx, add);
            put(out + window, s->row + (int64_t)(2 * k + 1) * wide + shift, s->wx, add);
        }
    }
}

void aet_stem_prism_sum(aet_stem_job *j, const aet_stem_scan *scan, const aet_stem_unit *tile,
                        const double left_A[2], bool add, float *probes)
{
    struct aet_stem_prism *s = j->prism;
    cut c = cut_tile(j, scan, tile, left_A);
    line_phases(j, &c, left_A[1]);
    probe_phases(j, scan, tile, left_A[0]);
    for (int y = 0; y < c.high; y++) {
        sum_columns(s, &c, y);
        for (int l = 0; l < c.lines; l++)
            if (c.y0 + y >= c.top[l] && c.y0 + y < c.top[l] + s->wy)
                sum_probes(j, scan, tile, &c, l, y, left_A[0], add, probes);
    }
}

double aet_stem_prism_detect(aet_stem_job *j, const float *probe)
{
    struct aet_stem_prism *s = j->prism;
    int64_t window = (int64_t)s->wx * s->wy;
    aet_fft_band_pack(s->window, probe, probe + window, s->wx, s->view);
    aet_fft_band_forward(s->window, s->view, s->seen, NULL);
    int64_t points = (int64_t)(2 * ((s->wx - 1) / 2) + 1) * (2 * ((s->wy - 1) / 2) + 1);
    return aet_stem_detect(s->weight, s->seen, points) / ((double)window * (double)window);
}
