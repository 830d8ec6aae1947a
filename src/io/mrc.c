#include "aetlas/io/mrc.h"
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Byte offsets of the header words used here. */
enum {
    HEADER = 1024,
    AT_SIZE = 0,
    AT_MODE = 12,
    AT_GRID = 28,
    AT_CELL = 40,
    AT_CELL_ANGLES = 52,
    AT_AXES = 64,
    AT_STATS = 76,
    AT_SPACE_GROUP = 88,
    AT_EXTENDED = 92,
    AT_VERSION = 108,
    AT_IMOD_STAMP = 152,
    AT_IMOD_FLAGS = 156,
    AT_ORIGIN = 196,
    AT_MAP = 208,
    AT_MACHINE = 212,
    AT_RMS = 216,
    AT_LABELS = 220
};
enum { IMOD_STAMP = 1146047817, MAX_SIDE = 1 << 20, BLOCK = 1 << 16 };

static int32_t get_int(const unsigned char *h, int at, bool swap)
{
    const unsigned char *p = h + at;
    uint32_t v = swap ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                      : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
    return (int32_t)v;
}

static double get_float(const unsigned char *h, int at, bool swap)
{
    int32_t i = get_int(h, at, swap);
    float f;
    memcpy(&f, &i, sizeof f);
    return (double)f;
}

static char mode_code(const aet_mrc_head *head)
{
    switch (head->mode) {
    case 0:
        return head->unsigned_bytes ? 'B' : 'b';
    case 1:
        return 'h';
    case 2:
        return 'f';
    case 6:
        return 'H';
    case 12:
        return 'e';
    default:
        return 0;
    }
}

static bool plausible(const unsigned char *h, bool swap)
{
    for (int i = 0; i < 3; i++) {
        int n = get_int(h, AT_SIZE + 4 * i, swap);
        if (n <= 0 || n > MAX_SIDE)
            return false;
    }
    int mode = get_int(h, AT_MODE, swap);
    return mode >= 0 && mode <= 101;
}

static bool read_header(const char *path, unsigned char h[HEADER])
{
    FILE *f = fopen(path, "rb");
    bool ok = f && fread(h, 1, HEADER, f) == HEADER;
    if (f)
        fclose(f);
    return ok;
}

bool aet_mrc_is(const char *path)
{
    unsigned char h[HEADER];
    aet_mrc_head head;
    if (!read_header(path, h))
        return false;
    if (memcmp(h + AT_MAP, "MAP", 3) == 0)
        return true;
    return (aet_str_ends(path, ".mrc") || aet_str_ends(path, ".mrcs") ||
            aet_str_ends(path, ".rec") || aet_str_ends(path, ".st") || aet_str_ends(path, ".ali") ||
            aet_str_ends(path, ".map")) &&
           aet_mrc_head_read(path, &head) == AET_OK;
}

/* The pixel size in Angstrom; some programs leave the cell at one Angstrom per pixel or at zero. */
static double pixel_of(const unsigned char *h, bool swap)
{
    int mx = get_int(h, AT_GRID, swap);
    double cell = get_float(h, AT_CELL, swap);
    double pixel = mx > 0 && cell > 0.0 ? cell / mx : 0.0;
    return isfinite(pixel) && pixel < 1e6 ? pixel : 0.0;
}

static aet_err check_axes(const char *path, const unsigned char *h, bool swap)
{
    int c = get_int(h, AT_AXES, swap), r = get_int(h, AT_AXES + 4, swap),
        s = get_int(h, AT_AXES + 8, swap);
    AET_CHECK((c == 1 && r == 2 && s == 3) || (c == 0 && r == 0 && s == 0), AET_ERR_INPUT,
              "%s: its axes are stored in the order %d %d %d, expected 1 2 3 (x fastest)", path, c,
              r, s);
    return AET_OK;
}

aet_err aet_mrc_head_read(const char *path, aet_mrc_head *head)
{
    unsigned char h[HEADER];
    int64_t size = 0;
    AET_TRY(aet_file_size(path, &size));
    AET_CHECK(size >= HEADER && read_header(path, h), AET_ERR_INPUT,
              "%s: %lld bytes are less than an MRC header (%d)", path, (long long)size, HEADER);
    bool big = h[AT_MACHINE] == 0x11; /* the machine stamp; not all programs write it */
    bool swap = plausible(h, big) ? big : !big;
    AET_CHECK(plausible(h, swap), AET_ERR_INPUT,
              "%s: is not an MRC file: its header says %d x %d x %d values of mode %d", path,
              get_int(h, 0, big), get_int(h, 4, big), get_int(h, 8, big), get_int(h, AT_MODE, big));
    *head = (aet_mrc_head){.nx = get_int(h, 0, swap),
                           .ny = get_int(h, 4, swap),
                           .nz = get_int(h, 8, swap),
                           .mode = get_int(h, AT_MODE, swap),
                           .pixel_A = pixel_of(h, swap),
                           .swap = swap};
    head->unsigned_bytes =
        get_int(h, AT_IMOD_STAMP, swap) == IMOD_STAMP && !(get_int(h, AT_IMOD_FLAGS, swap) & 1);
    char code = mode_code(head);
    AET_CHECK(code, AET_ERR_INPUT, "%s: MRC mode %d is not read; modes 0, 1, 2, 6 and 12 are", path,
              head->mode);
    AET_TRY(check_axes(path, h, swap));
    int64_t extended = get_int(h, AT_EXTENDED, swap), count = (int64_t)head->nx * head->ny;
    AET_CHECK(extended >= 0 && extended <= size - HEADER, AET_ERR_INPUT,
              "%s: claims an extended header of %lld bytes in a file of %lld", path,
              (long long)extended, (long long)size);
    head->data_at = HEADER + extended;
    AET_CHECK(count <= (size - head->data_at) / aet_raster_width(code) / head->nz, AET_ERR_INPUT,
              "%s: its header claims %d x %d x %d values of %d bytes, but "
              "the file has %lld bytes after the header; is it cut short?",
              path, head->nx, head->ny, head->nz, aet_raster_width(code),
              (long long)(size - head->data_at));
    return AET_OK;
}

aet_err aet_mrc_read(const char *path, aet_raster **r)
{
    unsigned char block[BLOCK];
    aet_mrc_head head;
    aet_err err = AET_OK;
    *r = NULL;
    AET_TRY(aet_mrc_head_read(path, &head));
    const int64_t dims[3] = {head.nz, head.ny, head.nx};
    char code = mode_code(&head);
    int width = aet_raster_width(code);
    FILE *f = fopen(path, "rb");
    AET_CHECK(f, AET_ERR_INPUT, "%s: %s", path, strerror(errno));
    AET_GO_CHECK(fseeko(f, head.data_at, SEEK_SET) == 0, AET_ERR_INPUT, "%s: %s", path,
                 strerror(errno));
    AET_GO(aet_error_frame(aet_raster_create(3, dims, false, r), "%s", path));
    for (int64_t at = 0, n; at < (*r)->count; at += n) {
        n = (*r)->count - at < BLOCK / width ? (*r)->count - at : BLOCK / width;
        AET_GO_CHECK(fread(block, (size_t)width, (size_t)n, f) == (size_t)n, AET_ERR_INPUT,
                     "%s: could not be read whole", path);
        aet_raster_put(*r, at, n, code, head.swap, block);
    }
    (*r)->pixel_A = head.pixel_A;
done:
    fclose(f);
    if (err)
        aet_raster_free(r);
    return err;
}

/* ---- writing ---- */

static void put_int(unsigned char *h, int at, int32_t v)
{
    memcpy(h + at, &v, sizeof v);
}

static void put_float(unsigned char *h, int at, double v)
{
    float f = (float)v;
    memcpy(h + at, &f, sizeof f);
}

/* Minimum, maximum, mean and root mean square deviation from it, as the header wants them. */
static void put_stats(unsigned char *h, const float *v, int64_t n)
{
    double low = (double)v[0], high = low, sum = 0.0, sum2 = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double x = (double)v[i];
        low = x < low ? x : low;
        high = x > high ? x : high;
        sum += x;
    }
    double mean = sum / (double)n;
    for (int64_t i = 0; i < n; i++)
        sum2 += ((double)v[i] - mean) * ((double)v[i] - mean);
    put_float(h, AT_STATS, low);
    put_float(h, AT_STATS + 4, high);
    put_float(h, AT_STATS + 8, mean);
    put_float(h, AT_RMS, sqrt(sum2 / (double)n));
}

static void fill_header(unsigned char *h, const int n[3], double pixel_A, bool stack,
                        const float *values)
{
    static const unsigned char little[4] = {0x44, 0x44, 0, 0};
    memset(h, 0, HEADER);
    for (int i = 0; i < 3; i++) {
        put_int(h, AT_SIZE + 4 * i, n[i]);
        /* A stack of images has a grid of one section (MRC2014, note 6). */
        put_int(h, AT_GRID + 4 * i, stack && i == 2 ? 1 : n[i]);
        put_float(h, AT_CELL + 4 * i, pixel_A * (stack && i == 2 ? 1 : n[i]));
        put_float(h, AT_CELL_ANGLES + 4 * i, 90.0);
        put_int(h, AT_AXES + 4 * i, i + 1);
        put_float(h, AT_ORIGIN + 4 * i, stack ? 0.0 : -pixel_A * (n[i] / 2));
    }
    put_int(h, AT_MODE, 2);
    put_int(h, AT_SPACE_GROUP, stack ? 0 : 1);
    put_int(h, AT_VERSION, 20140);
    put_stats(h, values, (int64_t)n[0] * n[1] * n[2]);
    memcpy(h + AT_MAP, "MAP ", 4);
    memcpy(h + AT_MACHINE, little, 4);
    put_int(h, AT_LABELS, 1);
    (void)aet_fmt((char *)h + AT_LABELS + 4, 80, "AETlas %s", AET_VERSION);
}

aet_err aet_mrc_write(const char *path, int nx, int ny, int nz, double pixel_A, bool stack,
                      const float *values)
{
    unsigned char h[HEADER];
    const int n[3] = {nx, ny, nz};
    FILE *f = NULL;
    fill_header(h, n, pixel_A, stack, values);
    AET_TRY(aet_writer_open(path, &f));
    (void)fwrite(h, 1, HEADER, f); /* checked by aet_writer_close */
    (void)fwrite(values, sizeof *values, (size_t)nx * (size_t)ny * (size_t)nz, f);
    return aet_writer_close(path, &f);
}
