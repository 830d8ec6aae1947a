/* ranks: 1 */
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/mrc.h"
#include "aetlas/io/tiff.h"
#include "test.h"
#include "tiff_bytes.h"

static void save(const char *path, const void *bytes, size_t n)
{
    FILE *f = NULL;
    T_OK(aet_writer_open(path, &f));
    T_CHECK(fwrite(bytes, 1, n, f) == n);
    T_OK(aet_writer_close(path, &f));
}

static void compare(const aet_raster *r, const int64_t dims[3], const double *want)
{
    T_CHECK(r && r->ndim == 3 && r->dims[0] == dims[0] && r->dims[1] == dims[1] &&
            r->dims[2] == dims[2]);
    for (int64_t i = 0; r && i < r->count; i++)
        T_NEAR(aet_raster_get(r, i), want[i], 0.0);
}

/* ---- MRC ---- */

static void put(unsigned char *h, size_t at, int32_t v, int width, int swap)
{
    for (int k = 0; k < width; k++)
        h[at + (size_t)k] = (unsigned char)((uint32_t)v >> (swap ? 8 * (width - 1 - k) : 8 * k));
}

static void put_float(unsigned char *h, size_t at, float f, int swap)
{
    int32_t i;
    memcpy(&i, &f, 4);
    put(h, at, i, 4, swap);
}

/* 3 x 2 x 2 values of one mode with an extended header of 96 bytes; gives the length. */
static size_t mrc_bytes(unsigned char *h, int mode, int swap)
{
    static const int width[] = {1, 2, 4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 2};
    memset(h, 0, 4096);
    put(h, 0, 3, 4, swap);
    put(h, 4, 2, 4, swap);
    put(h, 8, 2, 4, swap);
    put(h, 12, mode, 4, swap);
    put(h, 28, 3, 4, swap);
    put_float(h, 40, 1.5f, swap);
    for (int i = 0; i < 3; i++)
        put(h, 64 + 4 * (size_t)i, i + 1, 4, swap);
    put(h, 92, 96, 4, swap);
    memcpy(h + 208, "MAP ", 4);
    h[212] = h[213] = swap ? 0x11 : 0x44;
    for (int i = 0; i < 12; i++) {
        size_t at = 1024 + 96 + (size_t)(i * width[mode]);
        if (mode == 2)
            put_float(h, at, (float)(i - 2), swap);
        else if (mode == 12) /* halves: -2 -1 0 1 2 3 .. as bits */
            put(h, at,
                (int[]){0xc000, 0xbc00, 0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600, 0x4700,
                        0x4800, 0x4880}[i],
                2, swap);
        else
            put(h, at, mode == 6 ? 40000 + i : i - 2, width[mode], swap);
    }
    return 1024 + 96 + (size_t)(12 * width[mode]);
}

static void test_mrc_modes(void)
{
    static const int modes[] = {0, 1, 2, 6, 12};
    static const int64_t dims[3] = {2, 2, 3};
    unsigned char h[4096];
    for (int i = 0; i < 5; i++)
        for (int swap = 0; swap < 2; swap++) {
            aet_raster *r = NULL;
            double want[12];
            for (int k = 0; k < 12; k++)
                want[k] = modes[i] == 6 ? 40000 + k : k - 2;
            save("m.mrc", h, mrc_bytes(h, modes[i], swap));
            T_CHECK(aet_mrc_is("m.mrc"));
            T_OK(aet_mrc_read("m.mrc", &r));
            compare(r, dims, want);
            T_NEAR(r ? r->pixel_A : 0.0, 0.5, 0.0);
            aet_raster_free(&r);
        }
    size_t n = mrc_bytes(h, 0, 0); /* IMOD's older bytes are unsigned */
    aet_raster *r = NULL;
    put(h, 152, 1146047817, 4, 0);
    save("m.mrc", h, n);
    T_OK(aet_mrc_read("m.mrc", &r));
    T_NEAR(r ? aet_raster_get(r, 0) : 0.0, 254.0, 0.0);
    aet_raster_free(&r);
}

static void test_mrc_lies(void)
{
    static const struct {
        size_t at;
        int32_t value;
        const char *says;
    } lies[] = {{0, 30000, "claims 30000 x 2 x 2"},
                {8, 1 << 30, "not an MRC file"},
                {0, -3, "not an MRC file"},
                {12, 4, "mode 4 is not read"},
                {12, 3, "mode 3 is not read"},
                {12, 99999, "not an MRC file"},
                {92, -1, "extended header of -1"},
                {92, 1 << 30, "extended header"},
                {64, 2, "order 2 2 3"},
                {8, 3, "cut short"}};
    unsigned char h[4096];
    aet_raster *r = NULL;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        size_t n = mrc_bytes(h, 2, 0);
        put(h, lies[i].at, lies[i].value, 4, 0);
        save("lie.mrc", h, n);
        T_FAILS(aet_mrc_read("lie.mrc", &r), AET_ERR_INPUT, lies[i].says);
    }
    size_t n = mrc_bytes(h, 2, 0);
    for (size_t cut = 0; cut < n; cut += 61) {
        save("cut.mrc", h, cut);
        T_FAILS(aet_mrc_read("cut.mrc", &r), AET_ERR_INPUT, "cut.mrc");
    }
}

static void test_mrc_round(void)
{
    float v[24];
    double want[24];
    aet_raster *r = NULL;
    aet_mrc_head head;
    static const int64_t dims[3] = {4, 3, 2};
    for (int i = 0; i < 24; i++)
        want[i] = (double)(v[i] = (float)i * 0.37f - 1.0f);
    T_OK(aet_mrc_write("w.mrc", 2, 3, 4, 0.3434, false, v));
    T_OK(aet_mrc_read("w.mrc", &r));
    compare(r, dims, want);
    T_NEAR(r ? r->pixel_A : 0.0, 0.3434, 1e-7); /* the header holds floats: 24 bits */
    T_OK(aet_mrc_head_read("w.mrc", &head));
    T_CHECK(head.mode == 2 && head.data_at == 1024 && !head.swap);
    aet_raster_free(&r);
    T_FAILS(aet_mrc_write("no/folder/w.mrc", 2, 3, 4, 1.0, true, v), AET_ERR_OUTPUT,
            "No such file");
}

/* ---- TIFF ---- */

static tiff_bytes t;

/* Two pages of 5 x 4 pixels 1, 2, ... 40 in every depth, order and cut; integers and reals. */
static void test_tiff_kinds(void)
{
    static const struct {
        uint32_t bits, format;
    } kinds[] = {{8, 1}, {8, 2}, {16, 1}, {16, 2}, {32, 1}, {32, 2}, {32, 3}};
    static const int64_t dims[3] = {2, 4, 5};
    double want[40];
    for (int i = 0; i < 40; i++)
        want[i] = i + 1;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int mode = 0; mode < 4; mode++) {
            int tiled = mode & 1, big = mode >> 1;
            tiff_shape s = {5, 4, kinds[k].bits, kinds[k].format, 1, tiled ? 16 : 0};
            uint32_t width = s.bits / 8, row = tiled ? 16 : 5,
                     bytes = (tiled ? 16 * 16 : 20) * width;
            static unsigned char data[16 * 16 * 4];
            aet_raster *r = NULL;
            tiff_start(&t, big);
            for (int page = 0; page < 2; page++) {
                memset(data, 0, sizeof data);
                for (uint32_t i = 0; i < 20; i++) {
                    float f = (float)(page * 20 + (int)i + 1);
                    int32_t v = (int32_t)f;
                    if (s.format == 3)
                        memcpy(&v, &f, 4);
                    put(data, (i / 5 * row + i % 5) * width, v, (int)width, big);
                }
                tiff_page(&t, &s, data, bytes);
            }
            save("k.tif", t.b, t.n);
            T_CHECK(aet_tiff_is("k.tif"));
            T_OK(aet_tiff_read("k.tif", &r));
            compare(r, dims, want);
            aet_raster_free(&r);
        }
}

static void test_tiff_wrong(void)
{
    static unsigned char data[256];
    aet_raster *r = NULL;
    tiff_shape s = {5, 4, 8, 1, 1, 0}, other = {4, 4, 8, 1, 1, 0}, colour = {5, 4, 8, 1, 3, 0},
               bits = {8, 4, 4, 1, 1, 0};
    tiff_start(&t, 0);
    tiff_page(&t, &s, data, 20);
    tiff_page(&t, &other, data, 16);
    save("w.tif", t.b, t.n);
    T_FAILS(aet_tiff_read("w.tif", &r), AET_ERR_INPUT,
            "page 1: is 4 x 4 pixels, the first page is 5 x 4");
    tiff_start(&t, 0);
    tiff_page(&t, &colour, data, 60);
    save("w.tif", t.b, t.n);
    T_FAILS(aet_tiff_read("w.tif", &r), AET_ERR_INPUT, "colour");
    tiff_start(&t, 0);
    bits.bits = 8;
    tiff_page(&t, &bits, data, 32);
    tiff_put(&t, 8 + 32 + 16 + 2 + 2 * 12 + 8, 4, 2); /* bits per sample: 4 */
    save("w.tif", t.b, t.n);
    T_FAILS(aet_tiff_read("w.tif", &r), AET_ERR_INPUT, "pixels of 4 bits");
    tiff_start(&t, 0);
    tiff_page(&t, &s, data, 20);
    tiff_put(&t, 8 + 20 + 16 + 2 + 8, 1000000, 4); /* width */
    save("w.tif", t.b, t.n);
    T_FAILS(aet_tiff_read("w.tif", &r), AET_ERR_INPUT, "more than a file of");
    tiff_start(&t, 0);
    tiff_page(&t, &s, data, 20);
    for (uint32_t cut = 0; cut < t.n - 4; cut += 7) /* the last 4 bytes say: no more pages */ {
        save("cut.tif", t.b, cut);
        T_FAILS(aet_tiff_read("cut.tif", &r), AET_ERR_INPUT, "cut.tif");
    }
    T_FAILS(aet_tiff_read("none.tif", &r), AET_ERR_INPUT, "No such file");
}

static void test_tiff_round(void)
{
    float v[30];
    double want[30];
    static const int64_t dims[3] = {2, 3, 5};
    aet_raster *r = NULL;
    for (int i = 0; i < 30; i++)
        want[i] = (double)(v[i] = (float)i * -0.37f);
    T_OK(aet_tiff_write("r.tif", 5, 3, 2, v));
    T_OK(aet_tiff_read("r.tif", &r));
    compare(r, dims, want);
    aet_raster_free(&r);
    T_FAILS(aet_tiff_write("no/folder/r.tif", 5, 3, 2, v), AET_ERR_OUTPUT, "no/folder/r.tif");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_mrc_modes();
    test_mrc_lies();
    test_mrc_round();
    test_tiff_kinds();
    test_tiff_wrong();
    test_tiff_round();
    T_END();
}
