#include "aetlas/io/tiff.h"
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <tiffio.h>

/* No compression of pictures does better than this many bytes out for one in. */
enum { MAX_RATIO = 2000, MAX_SIDE = 1 << 20, MAX_PAGES = 1 << 16 };

static char last_words[200]; /* of libtiff */

static void listen(const char *module, const char *fmt, va_list ap)
{
    (void)module;
    (void)vsnprintf(last_words, sizeof last_words, fmt, ap);
}

static void quiet(void)
{
    last_words[0] = 0;
    TIFFSetErrorHandler(listen);
    TIFFSetWarningHandler(NULL);
}

bool aet_tiff_is(const char *path)
{
    unsigned char b[4];
    FILE *f = fopen(path, "rb");
    bool ok = f && fread(b, 1, 4, f) == 4;
    if (f)
        fclose(f);
    return ok && ((b[0] == 'I' && b[1] == 'I' && (b[2] == 42 || b[2] == 43) && b[3] == 0) ||
                  (b[0] == 'M' && b[1] == 'M' && b[2] == 0 && (b[3] == 42 || b[3] == 43)));
}

typedef struct {
    uint32_t nx, ny;
    uint16_t bits, format, samples, photometric;
} page;

static void get_page(TIFF *t, page *p)
{
    *p = (page){.samples = 1, .bits = 1};
    TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &p->nx);
    TIFFGetField(t, TIFFTAG_IMAGELENGTH, &p->ny);
    TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &p->bits);
    TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &p->samples);
    TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLEFORMAT, &p->format);
    TIFFGetField(t, TIFFTAG_PHOTOMETRIC, &p->photometric);
}

/* The code of aet_raster_put; libtiff has put the bytes in this machine's order. */
static char page_code(const page *p)
{
    static const char codes[3][4] = {
        {'B', 'H', 'I', 'L'}, {'b', 'h', 'i', 'l'}, {0, 'e', 'f', 'd'}};
    int width = p->bits == 8 ? 0 : p->bits == 16 ? 1 : p->bits == 32 ? 2 : p->bits == 64 ? 3 : -1;
    int kind = p->format == SAMPLEFORMAT_UINT || p->format == SAMPLEFORMAT_VOID ? 0
               : p->format == SAMPLEFORMAT_INT                                  ? 1
               : p->format == SAMPLEFORMAT_IEEEFP                               ? 2
                                                                                : -1;
    return width < 0 || kind < 0 ? 0 : codes[kind][width];
}

static aet_err check_page(const char *path, int i, const page *p, const page *first, int64_t bytes)
{
    AET_CHECK(p->nx > 0 && p->ny > 0 && p->nx <= MAX_SIDE && p->ny <= MAX_SIDE, AET_ERR_INPUT,
              "%s, page %d: a size of %u x %u pixels is not possible", path, i, p->nx, p->ny);
    AET_CHECK(p->samples == 1 && p->photometric != PHOTOMETRIC_PALETTE, AET_ERR_INPUT,
              "%s, page %d: is a colour picture (%d samples per pixel), expected grey values", path,
              i, p->samples);
    AET_CHECK(page_code(p), AET_ERR_INPUT,
              "%s, page %d: pixels of %d bits and sample format %d are not read", path, i, p->bits,
              p->format);
    AET_CHECK(p->nx == first->nx && p->ny == first->ny, AET_ERR_INPUT,
              "%s, page %d: is %u x %u pixels, the first page is %u x %u", path, i, p->nx, p->ny,
              first->nx, first->ny);
    AET_CHECK((int64_t)p->nx * p->ny * (p->bits / 8) / MAX_RATIO <= bytes, AET_ERR_INPUT,
              "%s, page %d: claims %u x %u pixels, more than a file of %lld bytes can hold", path,
              i, p->nx, p->ny, (long long)bytes);
    return AET_OK;
}

static aet_err bad_page(const char *path, int i)
{
    AET_FAIL(AET_ERR_INPUT, "%s, page %d: cannot be read%s%s", path, i, last_words[0] ? ": " : "",
             last_words);
}

static aet_err read_strips(TIFF *t, const char *path, int i, const page *p, aet_raster *r)
{
    int width = p->bits / 8;
    tmsize_t size = TIFFStripSize(t);
    int64_t at = (int64_t)i * p->nx * p->ny, end = at + (int64_t)p->nx * p->ny;
    unsigned char *strip = NULL;
    if (size <= 0 || size > (tmsize_t)p->nx * p->ny * width)
        return bad_page(path, i);
    AET_TRY(AET_ARRAY(size, "strip", &strip));
    aet_err err = AET_OK;
    for (uint32_t s = 0; s < TIFFNumberOfStrips(t) && at < end && !err; s++) {
        tmsize_t got = TIFFReadEncodedStrip(t, s, strip, size);
        if (got <= 0 || got / width > end - at)
            err = bad_page(path, i);
        else
            aet_raster_put(r, at, got / width, page_code(p), false, strip);
        at += got / width;
    }
    aet_release(&strip);
    return err || at == end ? err : bad_page(path, i);
}

static aet_err read_tiles(TIFF *t, const char *path, int i, const page *p, aet_raster *r)
{
    int width = p->bits / 8;
    uint32_t tx = 0, ty = 0;
    unsigned char *tile = NULL;
    aet_err err = AET_OK;
    TIFFGetField(t, TIFFTAG_TILEWIDTH, &tx);
    TIFFGetField(t, TIFFTAG_TILELENGTH, &ty);
    if (tx == 0 || ty == 0 || tx > p->nx + 4096 || ty > p->ny + 4096 ||
        TIFFTileSize(t) != (tmsize_t)tx * ty * width)
        return bad_page(path, i);
    AET_TRY(AET_ARRAY((int64_t)tx * ty * width, "tile", &tile));
    for (uint32_t y = 0; y < p->ny && !err; y += ty)
        for (uint32_t x = 0; x < p->nx && !err; x += tx) {
            if (TIFFReadTile(t, tile, x, y, 0, 0) < 0)
                err = bad_page(path, i);
            uint32_t nx = p->nx - x < tx ? p->nx - x : tx;
            for (uint32_t row = 0; !err && row < ty && y + row < p->ny; row++)
                aet_raster_put(r, ((int64_t)i * p->ny + y + row) * p->nx + x, nx, page_code(p),
                               false, tile + (int64_t)row * tx * width);
        }
    aet_release(&tile);
    return err;
}

static aet_err count_pages(TIFF *t, const char *path, int64_t bytes, page *first, int *n)
{
    page p;
    *n = 0;
    do {
        get_page(t, &p);
        if (*n == 0)
            *first = p;
        AET_TRY(check_page(path, *n, &p, first, bytes));
        ++*n;
        AET_CHECK(*n <= MAX_PAGES, AET_ERR_INPUT, "%s: more than %d pages", path, MAX_PAGES);
    } while (TIFFReadDirectory(t));
    AET_CHECK((int64_t)first->nx * first->ny * (first->bits / 8) / MAX_RATIO * *n <= bytes,
              AET_ERR_INPUT,
              "%s: %d pages of %u x %u pixels are more than a file of %lld bytes can hold", path,
              *n, first->nx, first->ny, (long long)bytes);
    return AET_OK;
}

static aet_err open_tiff(const char *path, TIFF **t, page *first, int *n)
{
    int64_t bytes = 0;
    quiet();
    AET_TRY(aet_file_size(path, &bytes));
    *t = TIFFOpen(path, "rm"); /* m: plain reads, no memory map that a cut file could break */
    AET_CHECK(*t, AET_ERR_INPUT, "%s: is not a readable TIFF file: %s", path, last_words);
    return count_pages(*t, path, bytes, first, n);
}

aet_err aet_tiff_look(const char *path, aet_raster_info *info)
{
    TIFF *t = NULL;
    page p;
    int n = 0;
    aet_err err = open_tiff(path, &t, &p, &n);
    if (!err) {
        *info = (aet_raster_info){.numeric = true, .ndim = 3, .dims = {n, p.ny, p.nx}};
        info->count = (int64_t)n * p.ny * p.nx;
        (void)aet_fmt(info->name, sizeof info->name, "pages");
        (void)aet_fmt(info->type, sizeof info->type, "%s%d",
                      p.format == SAMPLEFORMAT_IEEEFP ? "real" : "integer", p.bits);
    }
    if (t)
        TIFFClose(t);
    return err;
}

aet_err aet_tiff_read(const char *path, aet_raster **r)
{
    TIFF *t = NULL;
    page p;
    int n = 0;
    aet_err err = AET_OK;
    *r = NULL;
    AET_GO(open_tiff(path, &t, &p, &n));
    const int64_t dims[3] = {n, p.ny, p.nx};
    AET_GO(aet_error_frame(aet_raster_create(3, dims, false, r), "%s", path));
    for (int i = 0; i < n && !err; i++) {
        AET_GO_CHECK(TIFFSetDirectory(t, (tdir_t)i), AET_ERR_INPUT, "%s, page %d: %s", path, i,
                     last_words);
        get_page(t, &p);
        err = TIFFIsTiled(t) ? read_tiles(t, path, i, &p, *r) : read_strips(t, path, i, &p, *r);
    }
done:
    if (t)
        TIFFClose(t);
    if (err)
        aet_raster_free(r);
    return err;
}

static bool write_page(TIFF *t, int nx, int ny, const float *values)
{
    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, (uint32_t)nx);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, (uint32_t)ny);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 32);
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, (uint32_t)ny);
    /* libtiff takes a plain pointer, but does not change the values it writes in this byte order */
    return TIFFWriteEncodedStrip(t, 0, (void *)(uintptr_t)values, (tmsize_t)nx * ny * 4) >= 0 &&
           TIFFWriteDirectory(t);
}

aet_err aet_tiff_write(const char *path, int nx, int ny, int pages, const float *values)
{
    char part[AET_PATH_MAX];
    int64_t image = (int64_t)nx * ny;
    bool ok = true;
    quiet();
    aet_part_name(path, part);
    TIFF *t = TIFFOpen(part, image * pages * 4 > (int64_t)4000000000 ? "w8" : "w");
    AET_CHECK(t, AET_ERR_OUTPUT, "%s: cannot be written: %s", path, last_words);
    for (int i = 0; i < pages && ok; i++)
        ok = write_page(t, nx, ny, values + i * image);
    TIFFClose(t);
    if (!ok || last_words[0]) {
        aet_part_discard(path);
        AET_FAIL(AET_ERR_OUTPUT, "%s: could not be written whole (disk full?): %s", path,
                 last_words);
    }
    return aet_part_commit(path);
}
