/* Planes of the grid convolved with the profiles of two species at once.
 *
 * Of Z = A + i B, whatever the two real planes are, Re F^-1 (p - i q) F Z = p * A + q * B, and of a
 * plane A alone F^-1 (p + i q) F A = p * A + i (q * A), because profiles are even.  So one transform
 * each way serves two species, both ways; 16 rows or columns are transformed side by side.
 */
#include "trace/images_priv.h"

#include "aetlas/base/mem.h"
#include <string.h>

enum { W = AET_LANES };

int images_plane_size(int n)
{
    int size = (n + W - 1) / W * W;
    while (aet_fft_good_size(size) != size)
        size += W;
    return size;
}

aet_err images_convolver_create(int mx, int my, images_convolver *c)
{
    *c = (images_convolver){.mx = mx, .my = my};
    AET_TRY(aet_lanes_create(mx, &c->along_x));
    AET_TRY(aet_lanes_create(my, &c->along_y));
    AET_TRY(AET_ARRAY(mx, "a line", &c->line));
    AET_TRY(AET_ARRAY((int64_t)mx / W * my, "a transform", &c->cells));
    AET_TRY(AET_ARRAY((int64_t)mx * my, "a plane", &c->re));
    return AET_ARRAY((int64_t)mx * my, "a plane", &c->im);
}

void images_convolver_free(images_convolver *c)
{
    aet_lanes_free(&c->along_x);
    aet_lanes_free(&c->along_y);
    aet_release(&c->line);
    aet_release(&c->cells);
    aet_release(&c->re);
    aet_release(&c->im);
}

void images_arrange(const images_convolver *c, const double *lens, aet_lane *wave)
{
    int half = c->mx / 2 + 1;
    for (int b = 0; b < c->mx / W; b++)
        for (int q = 0; q < c->my; q++)
            for (int l = 0; l < W; l++) {
                int kx = aet_lanes_frequency(c->along_x, b * W + l);
                int ky = aet_lanes_frequency(c->along_y, q);
                kx = kx < half ? kx : c->mx - kx;
                wave[(int64_t)b * c->my + q][l] = (float)lens[(int64_t)ky * half + kx];
            }
}

/* 16 rows of a plane to cells of 16 rows, or back. */
static void rows_in(const images_convolver *c, const float *plane, int y, int imaginary)
{
    aet_lane v[W];
    for (int x = 0; x < c->mx; x += W) {
        for (int r = 0; r < W; r++)
            v[r] = *(const aet_lane *)(plane + (int64_t)(y + r) * c->mx + x);
        aet_lanes_transpose(v);
        for (int k = 0; k < W; k++)
            *(imaginary ? &c->line[x + k].im : &c->line[x + k].re) = v[k];
    }
}

static void rows_out(const images_convolver *c, float *plane, int y, int imaginary)
{
    aet_lane v[W];
    for (int x = 0; x < c->mx; x += W) {
        for (int k = 0; k < W; k++)
            v[k] = imaginary ? c->line[x + k].im : c->line[x + k].re;
        aet_lanes_transpose(v);
        for (int r = 0; r < W; r++)
            *(aet_lane *)(plane + (int64_t)(y + r) * c->mx + x) = v[r];
    }
}

/* The line's cells, 16 waves at a time, to or from the columns of rows y .. y + 15. */
static void turn(const images_convolver *c, int y, int back)
{
    aet_lane re[W], im[W];
    for (int b = 0; b < c->mx / W; b++) {
        aet_cell *line = c->line + b * W, *column = c->cells + (int64_t)b * c->my + y;
        aet_cell *from = back ? column : line, *to = back ? line : column;
        for (int k = 0; k < W; k++) {
            re[k] = from[k].re;
            im[k] = from[k].im;
        }
        aet_lanes_transpose(re);
        aet_lanes_transpose(im);
        for (int k = 0; k < W; k++)
            to[k] = (aet_cell){re[k], im[k]};
    }
}

static int is_empty(const float *rows, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        if (rows[k] != 0)
            return 0;
    return 1;
}

void images_forward(const images_convolver *c, bool two)
{
    for (int y = 0; y < c->my; y += W) {
        const float *re = c->re + (int64_t)y * c->mx, *im = c->im + (int64_t)y * c->mx;
        if (is_empty(re, (int64_t)W * c->mx) && (!two || is_empty(im, (int64_t)W * c->mx))) {
            for (int b = 0; b < c->mx / W; b++)
                memset(c->cells + (int64_t)b * c->my + y, 0, W * sizeof *c->cells);
            continue;
        }
        rows_in(c, c->re, y, 0);
        if (two)
            rows_in(c, c->im, y, 1);
        else
            for (int x = 0; x < c->mx; x++)
                c->line[x].im = (aet_lane){0};
        aet_lanes_forward(c->along_x, c->line);
        turn(c, y, 0);
    }
    for (int b = 0; b < c->mx / W; b++)
        aet_lanes_forward(c->along_y, c->cells + (int64_t)b * c->my);
}

void images_filter(const images_convolver *c, const aet_lane *p, const aet_lane *q, float sign)
{
    for (int64_t k = 0; k < (int64_t)c->mx / W * c->my; k++) {
        aet_cell z = c->cells[k];
        aet_lane f = q ? sign * q[k] : (aet_lane){0};
        c->cells[k] = (aet_cell){p[k] * z.re - f * z.im, p[k] * z.im + f * z.re};
    }
}

void images_backward(const images_convolver *c, bool two)
{
    for (int b = 0; b < c->mx / W; b++)
        aet_lanes_backward(c->along_y, c->cells + (int64_t)b * c->my);
    for (int y = 0; y < c->my; y += W) {
        turn(c, y, 1);
        aet_lanes_backward(c->along_x, c->line);
        rows_out(c, c->re, y, 0);
        if (two)
            rows_out(c, c->im, y, 1);
    }
}
