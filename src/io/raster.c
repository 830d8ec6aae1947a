#include "aetlas/io/raster.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include <math.h>
#include <string.h>

#define COUNT_MAX ((int64_t)1 << 40)

aet_err aet_raster_create(int ndim, const int64_t *dims, bool wide, aet_raster **out)
{
    aet_err err = AET_OK;
    *out = NULL;
    AET_CHECK(ndim >= 1 && ndim <= AET_RASTER_DIMS, AET_ERR_INPUT,
              "%d dimensions; 1 to %d are understood", ndim, AET_RASTER_DIMS);
    aet_raster *r = AET_NEW(aet_raster, 1);
    r->ndim = ndim;
    r->count = 1;
    for (int i = 0; i < ndim; i++) {
        AET_GO_CHECK(dims[i] > 0 && dims[i] <= COUNT_MAX / r->count, AET_ERR_INPUT,
                     "a size of %lld along dimension %d is not possible", (long long)dims[i], i);
        r->dims[i] = dims[i];
        r->count *= dims[i];
    }
    if (wide)
        AET_GO(AET_ARRAY(r->count, "array", &r->f64));
    else
        AET_GO(AET_ARRAY(r->count, "array", &r->f32));
    *out = r;
    return AET_OK;
done:
    aet_raster_free(&r);
    return err;
}

void aet_raster_free(aet_raster **r)
{
    if (!*r)
        return;
    aet_release(&(*r)->f32);
    aet_release(&(*r)->f64);
    aet_release(r);
}

/* ---- conversion ---- */

int aet_raster_width(char code)
{
    switch (code) {
    case 'b':
    case 'B':
        return 1;
    case 'h':
    case 'H':
    case 'e':
        return 2;
    case 'i':
    case 'I':
    case 'f':
        return 4;
    case 'l':
    case 'L':
    case 'd':
        return 8;
    default:
        return 0;
    }
}

/* IEEE 754 binary16. */
static double half(uint16_t h)
{
    int exponent = h >> 10 & 31, fraction = h & 1023;
    double v = exponent == 0    ? ldexp(fraction, -24)
               : exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY)
                                : ldexp(1024 + fraction, exponent - 25);
    return h >> 15 ? -v : v;
}

static uint64_t load(const unsigned char *p, int width, bool swap)
{
    uint64_t v = 0;
    for (int k = 0; k < width; k++)
        v = v << 8 | p[swap ? k : width - 1 - k]; /* the machine is little-endian */
    return v;
}

static double value_of(const unsigned char *p, char code, bool swap)
{
    uint64_t u = load(p, aet_raster_width(code), swap);
    uint32_t w = (uint32_t)u;
    float f;
    double d;
    switch (code) {
    case 'b':
        return (int8_t)u;
    case 'h':
        return (int16_t)u;
    case 'i':
        return (int32_t)u;
    case 'l':
        return (double)(int64_t)u;
    case 'e':
        return half((uint16_t)u);
    case 'f':
        memcpy(&f, &w, sizeof f);
        return (double)f;
    case 'd':
        memcpy(&d, &u, sizeof d);
        return d;
    default:
        return (double)u;
    }
}

/* Values in this machine's byte order: plain loops, which the compiler can vectorise. */
#define COPY(type)                                                                                 \
    do {                                                                                           \
        type v;                                                                                    \
        for (int64_t i = 0; r->f64 && i < n; i++) {                                                \
            memcpy(&v, p + i * (int64_t)sizeof v, sizeof v);                                       \
            r->f64[at + i] = (double)v;                                                            \
        }                                                                                          \
        for (int64_t i = 0; r->f32 && i < n; i++) {                                                \
            memcpy(&v, p + i * (int64_t)sizeof v, sizeof v);                                       \
            r->f32[at + i] = (float)v;                                                             \
        }                                                                                          \
    } while (0)

static bool put_native(aet_raster *r, int64_t at, int64_t n, char code, const unsigned char *p)
{
    switch (code) {
    case 'b':
        COPY(int8_t);
        return true;
    case 'B':
        COPY(uint8_t);
        return true;
    case 'h':
        COPY(int16_t);
        return true;
    case 'H':
        COPY(uint16_t);
        return true;
    case 'f':
        COPY(float);
        return true;
    case 'd':
        COPY(double);
        return true;
    default:
        return false;
    }
}

void aet_raster_put(aet_raster *r, int64_t at, int64_t n, char code, bool swap, const void *bytes)
{
    const unsigned char *p = bytes;
    int width = aet_raster_width(code);
    AET_ASSERT(at >= 0 && n >= 0 && at <= r->count - n && width > 0);
    if (!swap && put_native(r, at, n, code, p))
        return;
    for (int64_t i = 0; i < n; i++) {
        double v = value_of(p + i * width, code, swap);
        if (r->f64)
            r->f64[at + i] = v;
        else
            r->f32[at + i] = (float)v;
    }
}

/* ---- choice ---- */

void aet_raster_describe(const aet_raster_info *info, char *buf, size_t size)
{
    size_t used;
    (void)aet_fmt(buf, size, "%s", info->type);
    for (int i = 0; i < info->ndim && i < 8; i++) {
        used = strlen(buf);
        (void)aet_fmt(buf + used, size - used, "%s%lld", i ? " x " : " ", (long long)info->dims[i]);
    }
}

static void list_all(const aet_raster_info *infos, int n, char *buf, size_t size)
{
    buf[0] = 0;
    for (int i = 0; i < n; i++) {
        char one[160];
        size_t used = strlen(buf);
        aet_raster_describe(&infos[i], one, sizeof one);
        (void)aet_fmt(buf + used, size - used, "%s%s (%s)", i ? ", " : "", infos[i].name, one);
    }
    if (!n)
        (void)aet_fmt(buf, size, "nothing");
}

static bool has_other(const aet_raster_info *infos, int n)
{
    for (int i = 0; i < n; i++)
        if (!infos[i].numeric)
            return true;
    return false;
}

static bool same_name(const char *have, const char *want)
{
    return strcmp(have, want) == 0 ||
           (have[0] == '/' && want[0] != '/' && strcmp(have + 1, want) == 0);
}

aet_err aet_raster_choose(const char *path, const aet_raster_info *infos, int n,
                          const aet_raster_want *want, const char *option, int *index)
{
    char all[1200];
    int found = -1, fitting = 0;
    list_all(infos, n, all, sizeof all);
    for (int i = 0; i < n; i++) {
        if (want->name ? !same_name(infos[i].name, want->name)
                       : !infos[i].numeric || !want->fits(&infos[i]))
            continue;
        if (fitting++ == 0)
            found = i;
    }
    *index = found;
    if (want->name) {
        AET_CHECK(fitting > 0, AET_ERR_INPUT, "%s: there is no '%s' in it; it holds %s", path,
                  want->name, all);
        AET_CHECK(infos[found].numeric, AET_ERR_INPUT, "%s: '%s' is a %s, not an array of numbers",
                  path, want->name, infos[found].type);
        AET_CHECK(infos[found].ndim <= AET_RASTER_DIMS, AET_ERR_INPUT, "%s: '%s' has %d dimensions",
                  path, want->name, infos[found].ndim);
        return AET_OK;
    }
    AET_CHECK(fitting > 0, AET_ERR_INPUT, "%s: holds no numbers that could be %s; it holds %s%s",
              path, want->what, all,
              has_other(infos, n) ? "; save the array by itself, not in an object, struct or cell"
                                  : "");
    AET_CHECK(fitting == 1, AET_ERR_INPUT,
              "%s: several arrays could be %s; name one with %s: it holds %s", path, want->what,
              option, all);
    return AET_OK;
}
