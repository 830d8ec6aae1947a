#include "ink.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/png.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

aet_err aet_ink_create(int nx, int ny, aet_ink *c)
{
    *c = (aet_ink){.nx = nx, .ny = ny};
    AET_TRY(AET_ARRAY((int64_t)nx * ny, "a picture", &c->rgb));
    for (int64_t i = 0; i < (int64_t)nx * ny; i++)
        c->rgb[i][0] = c->rgb[i][1] = c->rgb[i][2] = 1.0F;
    return AET_OK;
}

void aet_ink_free(aet_ink *c)
{
    aet_release(&c->rgb);
}

void aet_ink_rgb(uint32_t color, double rgb[3])
{
    for (int k = 0; k < 3; k++)
        rgb[k] = ((color >> (16 - 8 * k)) & 255) / 255.0;
}

void aet_ink_dot(aet_ink *c, int x, int y, const double rgb[3], double part)
{
    if (x < 0 || y < 0 || x >= c->nx || y >= c->ny || part <= 0)
        return;
    float *p = c->rgb[(int64_t)y * c->nx + x];
    for (int k = 0; k < 3; k++)
        p[k] = (float)((double)p[k] + part * (rgb[k] - (double)p[k]));
}

void aet_ink_rectangle(aet_ink *c, double x, double y, double nx, double ny, uint32_t color)
{
    double rgb[3];
    aet_ink_rgb(color, rgb);
    for (int j = (int)lrint(y); j < (int)lrint(y + ny); j++)
        for (int i = (int)lrint(x); i < (int)lrint(x + nx); i++)
            aet_ink_dot(c, i, j, rgb, 1);
}

/* Distance of a point from a segment. */
static double distance(double px, double py, double x0, double y0, double x1, double y1)
{
    double dx = x1 - x0, dy = y1 - y0, d2 = dx * dx + dy * dy;
    double t = d2 > 0 ? ((px - x0) * dx + (py - y0) * dy) / d2 : 0;
    t = fmin(1, fmax(0, t));
    return hypot(px - x0 - t * dx, py - y0 - t * dy);
}

void aet_ink_line(aet_ink *c, double x0, double y0, double x1, double y1, double width,
                  uint32_t color)
{
    double rgb[3], reach = width / 2 + 1;
    aet_ink_rgb(color, rgb);
    for (int y = (int)(fmin(y0, y1) - reach); y <= (int)(fmax(y0, y1) + reach); y++)
        for (int x = (int)(fmin(x0, x1) - reach); x <= (int)(fmax(x0, x1) + reach); x++) {
            double d = distance(x + 0.5, y + 0.5, x0, y0, x1, y1);
            aet_ink_dot(c, x, y, rgb, fmin(1, width / 2 + 0.5 - d));
        }
}

/* ---- lettering ---- */

/* Letters are strokes of a round pen: points of a digit (x) and a letter (height, d the base line, m
 * the top of capitals, j that of small letters, a the lowest), strokes apart by blanks, those after
 * ~ as smooth curves. */
typedef struct {
    char letter;
    int width;
    const char *strokes;
} glyph;

/* clang-format off */
static const glyph font[] = {
    {' ', 4, ""}, {'%', 8, "1d7m ~2m0l0j2i4j4l2m ~6h4g4e6d8e8g6h"}, {'(', 3, "~3m1k0h0g1e3b"},
    {')', 3, "~0m2k3h3g2e0b"}, {'+', 6, "0g6g 3j3d"}, {',', 1, "1d0b"}, {'-', 4, "0g4g"},
    {'.', 1, "0d0d"}, {'/', 5, "0c5m"}, {'0', 6, "~3m1l0j0g1e3d5e6g6j5l3m"}, {'1', 4, "0k3m3d"},
    {'2', 6, "~0k1l3m5l6k5i3g0d 0d6d"}, {'3', 6, "~0l1m3m5l5j4i2h ~2h4h6g6e4d2d0e"},
    {'4', 6, "5d5m0g6g"}, {'5', 6, "5m1m0i ~0i2j4j6h6f5e3d1d0e"},
    {'6', 6, "~5m3l1j0g0f1e3d5e6f6g5i3j1i0g"}, {'7', 6, "0m6m2d"},
    {'8', 6, "~3i1j1l3m5l5j3i ~3i1h0f1e3d5e6f5h3i"}, {'9', 6, "~1d3e5g6j6k5l3m1l0k0j1h3g5h6j"},
    {':', 1, "0d0d 0i0i"}, {'=', 6, "0i6i 0f6f"}, {'A', 8, "0d4m8d 1g7g"},
    {'B', 6, "0d0m3m ~3m5l5j3i 0i3i ~3i6h6e3d 3d0d"}, {'C', 7, "~7k6l4m2l0j0g2e4d6e7f"},
    {'D', 7, "0d0m3m ~3m6l7i7h6e3d 3d0d"}, {'E', 6, "6m0m0d6d 0i5i"}, {'F', 6, "6m0m0d 0i5i"},
    {'G', 7, "~7k6l4m2l0j0g2e4d6e7f 7f7h4h"}, {'H', 7, "0m0d 7m7d 0i7i"}, {'I', 1, "0m0d"},
    {'J', 4, "4m4f ~4f4e2d1d0e0f"}, {'K', 6, "0m0d 6m0g 2i6d"}, {'L', 5, "0m0d5d"},
    {'M', 8, "0d0m4f8m8d"}, {'N', 7, "0d0m7d7m"}, {'O', 8, "~4m2l0j0g2e4d6e8g8j6l4m"},
    {'P', 6, "0d0m3m ~3m6l6i3h 3h0h"}, {'Q', 8, "~4m2l0j0g2e4d6e8g8j6l4m 5f8c"},
    {'R', 6, "0d0m3m ~3m6l6i3h 3h0h 3h6d"}, {'S', 6, "~6k5l3m1l0k1i5h6f5e3d1e0f"},
    {'T', 6, "0m6m 3m3d"}, {'U', 7, "0m0g ~0g1e3d4d6e7g 7g7m"}, {'V', 7, "0m3d4d7m"},
    {'W', 9, "0m2d5k7d9m"}, {'X', 6, "0m6d 6m0d"}, {'Y', 6, "0m3h6m 3h3d"}, {'Z', 6, "0m6m0d6d"},
    {'^', 4, "0k2m4k"}, {'_', 5, "0c5c"}, {'a', 5, "~5h4j2j0h0f2d4d5f 5j5d"},
    {'b', 5, "0m0d ~0f1d3d5f5h3j1j0h"}, {'c', 5, "~5i4j2j0h0f2d4d5e"},
    {'d', 5, "5m5d ~5f4d2d0f0h2j4j5h"}, {'e', 5, "0g5g ~5g5i3j2j0h0f2d4d5e"},
    {'f', 4, "~4m2m1k 1k1d 0j3j"}, {'g', 5, "5j5c ~5c4a2a0b ~5h4j2j0h0f2d4d5f"},
    {'h', 5, "0m0d ~0h2j4j5h 5h5d"}, {'i', 1, "0j0d 0m0m"}, {'j', 3, "2j2c ~2c1a0a 2m2m"},
    {'k', 5, "0m0d 4j0f 2h5d"}, {'l', 1, "0m0d"}, {'m', 8, "0j0d ~0h2j3j4h 4h4d ~4h6j7j8h 8h8d"},
    {'n', 5, "0j0d ~0h2j4j5h 5h5d"}, {'o', 6, "~2j0h0f2d4d6f6h4j2j"},
    {'p', 5, "0j0a ~0f1d3d5f5h3j1j0h"}, {'q', 5, "5j5a ~5f4d2d0f0h2j4j5h"},
    {'r', 3, "0j0d ~0h1i2j3j"}, {'s', 5, "~5i4j1j0i1h4g5f4d1d0e"}, {'t', 4, "1m1f ~1f2d4d 0j3j"},
    {'u', 5, "0j0f ~0f1d3d5f 5j5d"}, {'v', 6, "0j3d6j"}, {'w', 8, "0j2d4i6d8j"},
    {'x', 5, "0j5d 5j0d"}, {'y', 6, "0j3d 6j2a"}, {'z', 5, "0j5j0d5d"},
    {'{', 3, "~3m2m1l1j0h1f1d2c3c"}, {'}', 3, "~0m1m2l2j3h2f2d1c0c"},
};
/* clang-format on */
enum { CAPITAL = 9, GAP = 2, PIECES = 8 };
#define PEN 1.1 /* of the grid of the letters */

typedef struct {
    aet_ink *c;
    double x, y, unit; /* the corner of a letter; pixels per step of the grid */
    uint32_t color;
} pen;

static void draw(const pen *p, const double a[2], const double b[2])
{
    aet_ink_line(p->c, p->x + a[0] * p->unit, p->y - a[1] * p->unit, p->x + b[0] * p->unit,
                 p->y - b[1] * p->unit, PEN * p->unit, p->color);
}

/* Between b and c a cubic through all points (Catmull and Rom 1974). */
static void curve(const pen *p, const double *a, const double *b, const double *c, const double *d)
{
    double from[2] = {b[0], b[1]}, to[2];
    for (int i = 1; i <= PIECES; i++) {
        double t = (double)i / PIECES;
        for (int k = 0; k < 2; k++)
            to[k] = 0.5 * (2 * b[k] + t * (c[k] - a[k]) +
                           t * t * (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) +
                           t * t * t * (3 * b[k] - 3 * c[k] + d[k] - a[k]));
        draw(p, from, to);
        memcpy(from, to, sizeof from);
    }
}

/* One stroke; gives where it ends in the text. */
static const char *stroke(const pen *p, const char *text)
{
    double at[24][2];
    int n = 0;
    bool smooth = *text == '~';
    for (text += smooth; *text && *text != ' ' && n < 24; text += 2, n++) {
        at[n][0] = text[0] - '0';
        at[n][1] = text[1] - 'd';
    }
    bool closed = n > 2 && at[0][0] == at[n - 1][0] && at[0][1] == at[n - 1][1];
    for (int i = 0; i + 1 < n; i++) {
        const double *before = i > 0 ? at[i - 1] : closed ? at[n - 2] : at[0];
        const double *after = i + 2 < n ? at[i + 2] : closed ? at[1] : at[n - 1];
        if (smooth)
            curve(p, before, at[i], at[i + 1], after);
        else
            draw(p, at[i], at[i + 1]);
    }
    return text;
}

static const glyph *find(char letter)
{
    for (size_t i = 0; i < sizeof font / sizeof *font; i++)
        if (font[i].letter == letter)
            return &font[i];
    return &font[0]; /* blank */
}

double aet_ink_text(aet_ink *c, double x, double y, double height, double align, uint32_t color,
                    const char *text)
{
    double width = 0, unit = height / CAPITAL;
    for (const char *t = text; *t; t++)
        width += (find(*t)->width + (t[1] ? GAP : 0)) * unit;
    pen p = {c, x + align * width, y, unit, color};
    for (; c != NULL && *text; text++) {
        const glyph *g = find(*text);
        for (const char *s = g->strokes; *s; s += *s == ' ')
            s = stroke(&p, s);
        p.x += (g->width + GAP) * unit;
    }
    return width;
}

double aet_round_length(double wanted_A, char *label, size_t size)
{
    double power = pow(10.0, floor(log10(wanted_A))), ratio = wanted_A / power;
    double length = power * (ratio >= 5.0 ? 5.0 : ratio >= 2.0 ? 2.0 : 1.0);
    (void)aet_fmt(label, size, "%g nm", length / 10.0);
    return length;
}

/* ---- to the file ---- */

static uint8_t level(double v)
{
    return (uint8_t)lrint(255 * fmin(1, fmax(0, v)));
}

aet_err aet_ink_write(const aet_ink *c, int zoom, const char *path)
{
    int nx = c->nx / zoom, ny = c->ny / zoom;
    uint8_t *rgb = NULL;
    AET_TRY(AET_ARRAY((int64_t)nx * ny * 3, "a picture", &rgb));
    for (int y = 0; y < ny; y++)
        for (int x = 0; x < nx; x++)
            for (int k = 0; k < 3; k++) {
                double sum = 0;
                for (int j = 0; j < zoom * zoom; j++)
                    sum +=
                        (double)
                            c->rgb[(int64_t)(y * zoom + j / zoom) * c->nx + x * zoom + j % zoom][k];
                rgb[((int64_t)y * nx + x) * 3 + k] = level(sum / zoom / zoom);
            }
    aet_err err = aet_png_write_rgb(path, nx, ny, rgb);
    aet_release(&rgb);
    return err;
}
