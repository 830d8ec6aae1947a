/* A strict reader of MATLAB files of version 5 ("MAT-File Format", The MathWorks, 2019, chapter 1).
 *
 * Ours, and not libmatio, for two reasons: libmatio 1.5.23 believes the sizes in
 * a damaged header (of 1200 mutated files 54 made it ask for more than 1 GB, two
 * kept it busy for ever), and it brings the serial HDF5 library into a program
 * that uses the parallel one.  Here every size is compared with what the file
 * can hold before memory is taken, and values are converted as they stream by.
 */
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "mat5_priv.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { HEADER = 128, BLOCK = 1 << 16, MAX_VARIABLES = 512, INFLATE_RATIO = 1100 };
enum { mi_MATRIX = 14, mi_COMPRESSED = 15 };
enum { mx_FIRST_NUMERIC = 6, mx_LAST_NUMERIC = 15, mx_OPAQUE = 17 };
enum { FLAG_COMPLEX = 0x0800, FLAG_LOGICAL = 0x0200 };

static const char *const class_names[] = {
    "?",     "cell",  "struct", "object", "text",   "sparse", "double", "single",   "int8",
    "uint8", "int16", "uint16", "int32",  "uint32", "int64",  "uint64", "function", "object"};

/* Codes of aet_raster_put for the storage types 1 .. 13 of a data element. */
static char type_code(uint32_t mi)
{
    static const char codes[] = "?bBhHiIf?d??lL";
    return mi < sizeof codes - 1 && codes[mi] != '?' ? codes[mi] : 0;
}

/* A top-level element as a stream of bytes, inflated on the way when it is compressed. */
typedef struct {
    const char *path;
    FILE *f;
    bool swap, packed, open;
    int64_t left;  /* bytes of the element still in the file */
    int64_t holds; /* bytes that can still come out of it, at most */
    z_stream z;
    unsigned char in[BLOCK];
} source;

typedef struct {
    uint32_t type;
    int64_t bytes;
    bool small; /* the data stand in the tag itself */
    unsigned char data[4];
} tag;

static uint32_t word(const unsigned char *p, bool swap)
{
    uint32_t a = p[0], b = p[1], c = p[2], d = p[3];
    return swap ? a << 24 | b << 16 | c << 8 | d : d << 24 | c << 16 | b << 8 | a;
}

static aet_err cut_short(const source *s)
{
    AET_FAIL(AET_ERR_INPUT, "%s: this MATLAB file is damaged or cut short", s->path);
}

static bool take_plain(source *s, unsigned char *to, int64_t n)
{
    if (n > s->left || fread(to, 1, (size_t)n, s->f) != (size_t)n)
        return false;
    s->left -= n;
    return true;
}

static bool take_packed(source *s, unsigned char *to, int64_t n)
{
    s->z.next_out = to;
    s->z.avail_out = (uInt)n;
    while (s->z.avail_out > 0) {
        if (s->z.avail_in == 0) {
            int64_t m = s->left < BLOCK ? s->left : BLOCK;
            if (m == 0 || !take_plain(s, s->in, m))
                return false;
            s->z.next_in = s->in;
            s->z.avail_in = (uInt)m;
        }
        int rc = inflate(&s->z, Z_NO_FLUSH);
        if (rc != Z_OK && (rc != Z_STREAM_END || s->z.avail_out > 0))
            return false;
    }
    return true;
}

/* n <= BLOCK. */
static aet_err take(source *s, void *to, int64_t n)
{
    bool ok = n <= s->holds && (s->packed ? take_packed(s, to, n) : take_plain(s, to, n));
    s->holds -= n;
    return ok ? AET_OK : cut_short(s);
}

static aet_err take_tag(source *s, tag *t)
{
    unsigned char b[8];
    AET_TRY(take(s, b, 8));
    uint32_t first = word(b, s->swap);
    t->small = first >> 16 != 0;
    t->type = t->small ? first & 0xffff : first;
    t->bytes = t->small ? (int64_t)(first >> 16) : (int64_t)word(b + 4, s->swap);
    memcpy(t->data, b + 4, 4);
    return t->small && t->bytes > 4 ? cut_short(s) : AET_OK;
}

/* The data of a short element (at most `most` bytes) and its padding. */
static aet_err take_short(source *s, const tag *t, unsigned char *to, int64_t most)
{
    unsigned char pad[8];
    if (t->bytes > most)
        return cut_short(s);
    if (t->small) {
        memcpy(to, t->data, (size_t)t->bytes);
        return AET_OK;
    }
    AET_TRY(take(s, to, t->bytes));
    return take(s, pad, -t->bytes & 7);
}

static aet_err open_source(source *s, const tag *t)
{
    s->packed = t->type == mi_COMPRESSED;
    s->left = t->bytes;
    s->holds = s->packed ? t->bytes * INFLATE_RATIO : t->bytes;
    if (!s->packed)
        return AET_OK;
    s->z = (z_stream){0};
    AET_CHECK(inflateInit(&s->z) == Z_OK, AET_ERR_NOMEM, "%s: no memory to inflate", s->path);
    s->open = true;
    tag inner;
    AET_TRY(take_tag(s, &inner));
    if (inner.type != mi_MATRIX || inner.small || inner.bytes > s->holds)
        return cut_short(s);
    s->holds = inner.bytes;
    return AET_OK;
}

static void close_source(source *s)
{
    if (s->open)
        inflateEnd(&s->z);
    s->open = false;
}

static aet_err take_dims(source *s, aet_raster_info *info)
{
    tag t;
    unsigned char b[32];
    AET_TRY(take_tag(s, &t));
    AET_TRY(take_short(s, &t, b, sizeof b));
    info->ndim = (int)(t.bytes / 4);
    if (t.type != 5 || t.bytes % 4 || info->ndim < 1)
        return cut_short(s);
    info->count = 1;
    for (int i = 0; i < info->ndim; i++) {
        int64_t n = (int32_t)word(b + 4 * i, s->swap);
        AET_CHECK(n >= 0 && (n == 0 || info->count <= ((int64_t)1 << 46) / n), AET_ERR_INPUT,
                  "%s: a variable claims an impossible size (%lld along dimension %d)", s->path,
                  (long long)n, i + 1);
        info->dims[info->ndim - 1 - i] = n; /* the first varies fastest */
        info->count *= n;
    }
    return AET_OK;
}

static aet_err take_name(source *s, aet_raster_info *info)
{
    tag t;
    unsigned char b[sizeof info->name] = {0};
    AET_TRY(take_tag(s, &t));
    AET_TRY(take_short(s, &t, b, sizeof b - 1));
    for (size_t i = 0; b[i]; i++)
        if (b[i] < 32 || b[i] > 126)
            b[i] = '?';
    memcpy(info->name, b, sizeof b);
    if (!b[0]) { /* what belongs to serialised objects */
        (void)aet_fmt(info->name, sizeof info->name, "(unnamed)");
        info->numeric = false;
    }
    return t.type == 1 ? AET_OK : cut_short(s);
}

/* Flags, dimensions and name of a matrix. */
static aet_err take_head(source *s, aet_raster_info *info)
{
    tag t;
    unsigned char b[8];
    AET_TRY(take_tag(s, &t));
    AET_TRY(take_short(s, &t, b, sizeof b));
    if (t.type != 6 || t.bytes != 8)
        return cut_short(s);
    uint32_t flags = word(b, s->swap), class = flags & 0xff;
    *info = (aet_raster_info){0};
    if (class > mx_OPAQUE)
        return cut_short(s);
    info->numeric =
        class >= mx_FIRST_NUMERIC && class <= mx_LAST_NUMERIC && !(flags & FLAG_COMPLEX);
    (void)aet_fmt(info->type, sizeof info->type, "%s%s", flags & FLAG_COMPLEX ? "complex " : "",
                  flags & FLAG_LOGICAL && info->numeric ? "logical" : class_names[class]);
    if (class != mx_OPAQUE) /* an object of a class has no dimensions */
        AET_TRY(take_dims(s, info));
    return take_name(s, info);
}

static aet_err take_values(source *s, const aet_raster_info *info, aet_raster *r)
{
    unsigned char block[BLOCK];
    tag t;
    AET_TRY(take_tag(s, &t));
    char code = type_code(t.type);
    int width = code ? aet_raster_width(code) : 0;
    AET_CHECK(code && t.bytes == info->count * width, AET_ERR_INPUT,
              "%s: '%s' claims %lld values, but %lld bytes of type %u are there for it", s->path,
              info->name, (long long)info->count, (long long)t.bytes, t.type);
    if (t.small) {
        aet_raster_put(r, 0, info->count, code, s->swap, t.data);
        return AET_OK;
    }
    for (int64_t at = 0, n; at < info->count; at += n) {
        n = info->count - at < BLOCK / 8 ? info->count - at : BLOCK / 8;
        AET_TRY(take(s, block, n * width));
        aet_raster_put(r, at, n, code, s->swap, block);
    }
    return AET_OK;
}

static aet_err read_values(source *s, const aet_raster_info *info, bool wide, aet_raster **r)
{
    AET_CHECK(info->count > 0, AET_ERR_INPUT, "%s: '%s' is empty", s->path, info->name);
    /* Values take at least one byte each. */
    AET_CHECK(info->count <= s->holds, AET_ERR_INPUT,
              "%s: '%s' claims %lld values, more than the file can hold", s->path, info->name,
              (long long)info->count);
    int ndim = info->ndim, skip = 0;
    while (ndim > AET_RASTER_DIMS && info->dims[skip] == 1) {
        skip++;
        ndim--;
    }
    AET_TRY(aet_error_frame(aet_raster_create(ndim, info->dims + skip, wide, r), "%s: '%s'",
                            s->path, info->name));
    return take_values(s, info, *r);
}

static aet_err scan_element(source *s, aet_raster_info *infos, int *n, int index, bool wide,
                            aet_raster **r)
{
    unsigned char b[8];
    aet_err err = AET_OK;
    if (fread(b, 1, 8, s->f) != 8)
        return cut_short(s);
    tag t = {.type = word(b, s->swap), .bytes = (int64_t)word(b + 4, s->swap)};
    int64_t start = ftello(s->f), size = 0;
    AET_TRY(aet_file_size(s->path, &size));
    if (t.bytes > size - start || (t.type != mi_MATRIX && t.type != mi_COMPRESSED))
        return cut_short(s);
    AET_GO(open_source(s, &t));
    AET_GO(take_head(s, &infos[*n]));
    if (*n == index && r)
        AET_GO(read_values(s, &infos[*n], wide, r));
    (*n)++;
done:
    close_source(s);
    AET_TRY(err);
    AET_CHECK(fseeko(s->f, start + t.bytes, SEEK_SET) == 0, AET_ERR_INPUT, "%s: %s", s->path,
              strerror(errno));
    return AET_OK;
}

static aet_err open_file(source *s, int64_t *size)
{
    unsigned char b[HEADER];
    AET_TRY(aet_file_size(s->path, size));
    s->f = fopen(s->path, "rb");
    AET_CHECK(s->f, AET_ERR_INPUT, "%s: %s", s->path, strerror(errno));
    if (fread(b, 1, HEADER, s->f) != HEADER)
        return cut_short(s);
    s->swap = b[126] == 'M';
    int version = s->swap ? b[124] << 8 | b[125] : b[125] << 8 | b[124];
    AET_CHECK(version == 0x0100 && (b[126] == 'I' || b[126] == 'M'), AET_ERR_INPUT,
              "%s: is not a MATLAB file of version 5 to 7.3; save it with the option -v7", s->path);
    return AET_OK;
}

aet_err mat5_scan(const char *path, aet_raster_info **infos, int *n, int index, bool wide,
                  aet_raster **r)
{
    aet_err err = AET_OK;
    int64_t size = 0;
    source *s = AET_NEW(source, 1);
    s->path = path;
    *infos = AET_NEW(aet_raster_info, MAX_VARIABLES);
    *n = 0;
    if (r)
        *r = NULL;
    AET_GO(open_file(s, &size));
    while (ftello(s->f) < size && *n < MAX_VARIABLES && !(r && *r))
        AET_GO(scan_element(s, *infos, n, index, wide, r));
done:
    if (s->f)
        fclose(s->f);
    if (err && r)
        aet_raster_free(r);
    aet_release(&s);
    return err;
}
