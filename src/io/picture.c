#include "aetlas/io/picture.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/png.h"
#include "aetlas/par/agree.h"
#include "ink.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LOW_FRACTION  0.005
#define HIGH_FRACTION 0.998
enum { GAP = 6, WANTED = 240, MAX_ZOOM = 8, MAX_SIDE = 30000, GLYPH_ROWS = 5 };

typedef struct {
    int nx, ny;
    uint8_t *grey;
} canvas;

/* ---- contrast ---- */

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static aet_err contrast(const aet_panel *p, double *low, double *high)
{
    int64_t n = (int64_t)p->nx * p->ny;
    float *sorted = NULL;
    AET_TRY(AET_ARRAY(n, "panel", &sorted));
    memcpy(sorted, p->values, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, by_value);
    *low = (double)sorted[(int64_t)(LOW_FRACTION * (double)(n - 1))];
    *high = (double)sorted[(int64_t)(HIGH_FRACTION * (double)(n - 1))];
    if (*high <= *low) { /* a few bright pixels on nothing */
        *low = (double)sorted[0];
        *high = (double)sorted[n - 1];
    }
    aet_release(&sorted);
    return AET_OK;
}

static aet_err draw_panel(canvas *c, int x0, int y0, int zoom, const aet_panel *p)
{
    double low, high;
    AET_TRY(contrast(p, &low, &high));
    double gain = high > low ? 255.0 / (high - low) : 0.0;
    for (int y = 0; y < p->ny * zoom; y++)
        for (int x = 0; x < p->nx * zoom; x++) {
            double v = gain * ((double)p->values[(int64_t)(y / zoom) * p->nx + x / zoom] - low);
            c->grey[(int64_t)(y0 + y) * c->nx + x0 + x] = (uint8_t)(v < 0.0     ? 0
                                                                    : v > 255.0 ? 255
                                                                                : lrint(v));
        }
    return AET_OK;
}

/* ---- scale bar ---- */

typedef struct {
    char letter;
    const char *rows[GLYPH_ROWS];
} glyph;

static const glyph font[] = {
    {'0', {"###", "# #", "# #", "# #", "###"}},
    {'1', {" # ", "## ", " # ", " # ", "###"}},
    {'2', {"###", "  #", "###", "#  ", "###"}},
    {'5', {"###", "#  ", "###", "  #", "###"}},
    {'n', {"   ", "   ", "## ", "# #", "# #"}},
    {'m', {"     ", "     ", "#### ", "# # #", "# # #"}},
    {' ', {" ", " ", " ", " ", " "}},
    {'.', {" ", " ", " ", " ", "#"}},
};

static void fill(canvas *c, int x0, int y0, int nx, int ny, uint8_t grey)
{
    for (int y = y0; y < y0 + ny; y++)
        for (int x = x0; x < x0 + nx; x++)
            if (x >= 0 && y >= 0 && x < c->nx && y < c->ny)
                c->grey[(int64_t)y * c->nx + x] = grey;
}

static void write_text(canvas *c, int x, int y, int dot, const char *text)
{
    for (; *text; text++)
        for (size_t g = 0; g < sizeof font / sizeof *font; g++) {
            if (font[g].letter != *text)
                continue;
            int width = (int)strlen(font[g].rows[0]);
            for (int i = 0; i < GLYPH_ROWS; i++)
                for (int k = 0; k < width; k++)
                    if (font[g].rows[i][k] == '#')
                        fill(c, x + k * dot, y + i * dot, dot, dot, 255);
            x += (width + 1) * dot;
        }
}

static void draw_bar(canvas *c, int x0, int y0, int zoom, const aet_panel *p, double pixel_A)
{
    char label[24];
    int dot = 2, ny = p->ny * zoom;
    double length_A = aet_round_length(0.25 * p->nx * pixel_A, label, sizeof label);
    int length = (int)lrint(length_A / pixel_A * zoom), height = 3 + (GLYPH_ROWS + 3) * dot;
    if (ny < 3 * height)
        return;
    int x = x0 + 6, y = y0 + ny - 6 - height;
    fill(c, x - 3, y - 3, (length > 48 ? length : 48) + 6, height + 6, 0);
    write_text(c, x, y, dot, label);
    fill(c, x, y + (GLYPH_ROWS + 2) * dot, length, 4, 255);
}

/* ---- montage ---- */

static int zoom_of(int n, const aet_panel *panels)
{
    int side = 1;
    for (int i = 0; i < n; i++) {
        side = panels[i].nx > side ? panels[i].nx : side;
        side = panels[i].ny > side ? panels[i].ny : side;
    }
    int zoom = (WANTED + side - 1) / side;
    return zoom < 1 ? 1 : zoom > MAX_ZOOM ? MAX_ZOOM : zoom;
}

/* Width of the widest panel of each column, or height of the highest of each row. */
static int extent(int rows, int columns, const aet_panel *panels, bool width, int k)
{
    int most = 0;
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            const aet_panel *p = &panels[r * columns + c];
            int n = width ? p->nx : p->ny;
            if ((width ? c : r) == k && n > most)
                most = n;
        }
    return most;
}

aet_err aet_picture_write(const char *path, int rows, int columns, const aet_panel *panels,
                          double pixel_A)
{
    canvas c = {GAP, GAP, NULL};
    aet_err err = AET_OK;
    int zoom = zoom_of(rows * columns, panels);
    for (int k = 0; k < columns; k++)
        c.nx += extent(rows, columns, panels, true, k) * zoom + GAP;
    for (int k = 0; k < rows; k++)
        c.ny += extent(rows, columns, panels, false, k) * zoom + GAP;
    AET_CHECK(c.nx <= MAX_SIDE && c.ny <= MAX_SIDE, AET_ERR_INPUT,
              "%s: a picture of %d x %d pixels is too large", path, c.nx, c.ny);
    AET_GO(AET_ARRAY((int64_t)c.nx * c.ny, "picture", &c.grey));
    memset(c.grey, 64, (size_t)c.nx * (size_t)c.ny);
    for (int r = 0, y = GAP; r < rows; r++) {
        for (int k = 0, x = GAP; k < columns; k++) {
            const aet_panel *p = &panels[r * columns + k];
            if (p->nx > 0)
                AET_GO(draw_panel(&c, x, y, zoom, p));
            x += extent(rows, columns, panels, true, k) * zoom + GAP;
        }
        y += extent(rows, columns, panels, false, r) * zoom + GAP;
    }
    if (pixel_A > 0.0)
        draw_bar(&c, GAP, GAP, zoom, &panels[0], pixel_A);
    err = aet_png_write(path, c.nx, c.ny, c.grey);
done:
    aet_release(&c.grey);
    return err;
}

/* ---- volumes ---- */

enum { SUM, SLICE, MAXIMUM, ALONG = 3 }; /* rows; columns: along z, y, x */

/* Adds one voxel to the panels of one direction; u, v: the two other coordinates. */
static void add_voxel(aet_panel *row[3], int u, int v, bool central, float value)
{
    int64_t at = (int64_t)v * row[SUM]->nx + u;
    row[SUM]->values[at] += value;
    if (central)
        row[SLICE]->values[at] = value;
    if (value > row[MAXIMUM]->values[at])
        row[MAXIMUM]->values[at] = value;
}

static void add_voxels(const aet_volume *v, aet_panel *panels)
{
    aet_panel *along[ALONG][3];
    for (int d = 0; d < ALONG; d++)
        for (int r = 0; r < 3; r++)
            along[d][r] = &panels[r * ALONG + d];
    const float *p = v->density;
    for (int z = v->slab.start; z < v->slab.start + v->slab.count; z++)
        for (int y = 0; y < v->ny; y++)
            for (int x = 0; x < v->nx; x++, p++) {
                add_voxel(along[0], x, y, z == v->nz / 2, *p);
                add_voxel(along[1], x, z, y == v->ny / 2, *p);
                add_voxel(along[2], y, z, x == v->nx / 2, *p);
            }
}

static aet_err make_panels(const aet_volume *v, aet_panel panels[9])
{
    const int nx[3] = {v->nx, v->nx, v->ny}, ny[3] = {v->ny, v->nz, v->nz};
    for (int i = 0; i < 9; i++) {
        aet_panel *p = &panels[i];
        p->nx = nx[i % ALONG];
        p->ny = ny[i % ALONG];
        AET_TRY(AET_ARRAY((int64_t)p->nx * p->ny, "panel", &p->values));
        for (int64_t k = 0; i / ALONG == MAXIMUM && k < (int64_t)p->nx * p->ny; k++)
            p->values[k] = -FLT_MAX;
    }
    return AET_OK;
}

aet_err aet_picture_volume(const char *path, const aet_volume *v)
{
    aet_panel panels[9] = {{0}};
    int rank;
    MPI_Comm_rank(v->comm, &rank);
    aet_err err = AET_OK;
    AET_GO(AET_AGREE(v->comm, make_panels(v, panels)));
    add_voxels(v, panels);
    for (int i = 0; i < 9; i++) {
        int64_t n = (int64_t)panels[i].nx * panels[i].ny;
        if (i / ALONG == MAXIMUM)
            MPI_Allreduce(MPI_IN_PLACE, panels[i].values, (int)n, MPI_FLOAT, MPI_MAX, v->comm);
        else /* slices: one rank has the value, the others zero */
            aet_sum_float(v->comm, panels[i].values, n);
    }
    if (rank == 0)
        err = aet_picture_write(path, 3, ALONG, panels, v->voxel_A);
    err = aet_agree(v->comm, err);
done:
    for (int i = 0; i < 9; i++)
        aet_release(&panels[i].values);
    return err;
}

/* ---- tilt series ---- */

aet_err aet_picture_tilt(const char *path, const aet_tilt *t)
{
    aet_panel panels[9] = {{0}};
    int n = t->n < 9 ? t->n : 9, columns = n < 3 ? n : 3, rows = (n + columns - 1) / columns;
    for (int i = 0; i < n; i++) {
        int image = n > 1 ? (int)((int64_t)i * (t->n - 1) / (n - 1)) : 0;
        panels[i] = (aet_panel){t->nx, t->ny, aet_tilt_image(t, image)};
    }
    return aet_picture_write(path, rows, columns, panels, t->pixel_A);
}
