/* ranks: 1 */
#include "aetlas/io/mat.h"
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/angles.h"
#include "aetlas/io/h5.h"
#include "mat_bytes.h"
#include "test.h"

static mat_bytes m;

static void save(const char *path, const void *bytes, size_t n)
{
    FILE *f = NULL;
    T_OK(aet_writer_open(path, &f));
    T_CHECK(fwrite(bytes, 1, n, f) == n);
    T_OK(aet_writer_close(path, &f));
}

static bool is_3d(const aet_raster_info *i)
{
    return i->ndim == 3;
}

static bool any(const aet_raster_info *i)
{
    (void)i;
    return true;
}

static const aet_raster_want want_3d = {NULL, is_3d, "a volume", true};

/* (Nx,Ny,n) = (2,3,4), first index fastest: value = x + 10 y + 100 k. */
static void check_order(const char *path)
{
    aet_raster *r = NULL;
    T_CHECK(aet_mat_is(path));
    T_OK(aet_mat_read(path, &want_3d, &r));
    T_CHECK(r && r->ndim == 3 && r->dims[0] == 4 && r->dims[1] == 3 && r->dims[2] == 2);
    for (int64_t i = 0; r && i < r->count; i++)
        T_NEAR(aet_raster_get(r, i), (double)(i % 2 + 10 * (i / 2 % 3) + 100 * (i / 6)), 0.0);
    aet_raster_free(&r);
}

static void test_order(void)
{
    const int32_t dims[3] = {2, 3, 4};
    unsigned char values[24 * 2];
    for (int big = 0; big < 2; big++)
        for (int packed = 0; packed < 2; packed++) {
            mat_header(&m, big);
            for (int i = 0; i < 24; i++) {
                int v = i % 2 + 10 * (i / 2 % 3) + 100 * (i / 6);
                values[2 * i + (big ? 1 : 0)] = (unsigned char)(v & 255);
                values[2 * i + (big ? 0 : 1)] = (unsigned char)(v >> 8);
            }
            /* class double, stored as 16-bit integers, as MATLAB does when they suffice */
            mat_variable(&m, "images", 6, dims, 3, 3, values, sizeof values);
            if (packed)
                mat_compress(&m, 128);
            save("order.mat", m.b, m.n);
            check_order("order.mat");
        }
}

/* Each numeric class with its own storage type: the values 0 and 1. */
static void test_classes(void)
{
    static const struct {
        uint32_t class, type, bytes;
        const char *name;
        unsigned char one[8]; /* little-endian */
    } cases[] = {
        {6, 9, 8, "double", {0, 0, 0, 0, 0, 0, 0xf0, 0x3f}},
        {7, 7, 4, "single", {0, 0, 0x80, 0x3f}},
        {8, 1, 1, "int8", {1}},
        {9, 2, 1, "uint8", {1}},
        {10, 3, 2, "int16", {1}},
        {11, 4, 2, "uint16", {1}},
        {12, 5, 4, "int32", {1}},
        {13, 6, 4, "uint32", {1}},
        {14, 12, 8, "int64", {1}},
        {15, 13, 8, "uint64", {1}},
        {9 | 0x0200, 2, 1, "logical", {1}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const int32_t dims[2] = {1, 2};
        unsigned char values[16] = {0};
        aet_raster *r = NULL;
        aet_raster_info *infos = NULL;
        int n = 0;
        const aet_raster_want want = {"x", any, "numbers", false};
        memcpy(values + cases[c].bytes, cases[c].one, cases[c].bytes);
        mat_header(&m, 0);
        mat_variable(&m, "x", cases[c].class, dims, 2, cases[c].type, values, 2 * cases[c].bytes);
        save("class.mat", m.b, m.n);
        T_OK(aet_mat_list("class.mat", &infos, &n));
        T_CHECK(n == 1 && infos[0].numeric && strcmp(infos[0].type, cases[c].name) == 0);
        T_OK(aet_mat_read("class.mat", &want, &r));
        T_CHECK(r && r->count == 2 && aet_raster_get(r, 0) == 0.0 && aet_raster_get(r, 1) == 1.0);
        aet_raster_free(&r);
        aet_release(&infos);
    }
}

static void test_choice(void)
{
    const int32_t dims[3] = {2, 2, 2}, flat[2] = {4, 2};
    unsigned char v[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    aet_raster *r = NULL;
    aet_raster_want want = want_3d;
    mat_header(&m, 0);
    mat_variable(&m, "first", 9, dims, 3, 2, v, 8);
    mat_variable(&m, "other", 9, flat, 2, 2, v, 8);
    mat_variable(&m, "cells", 1, flat, 2, 2, v, 8);
    save("choice.mat", m.b, m.n);
    T_OK(aet_mat_read("choice.mat", &want, &r)); /* the only one of three dimensions */
    T_CHECK(r && r->ndim == 3);
    aet_raster_free(&r);
    want.name = "cells";
    T_FAILS(aet_mat_read("choice.mat", &want, &r), AET_ERR_INPUT,
            "'cells' is a cell, not an array of numbers");
    want.name = "absent";
    T_FAILS(aet_mat_read("choice.mat", &want, &r), AET_ERR_INPUT,
            "it holds first (uint8 2 x 2 x 2), other (uint8 2 x 4)");
    want.name = "other";
    T_OK(aet_mat_read("choice.mat", &want, &r));
    T_CHECK(r && r->ndim == 2 && r->dims[0] == 2);
    aet_raster_free(&r);
    mat_variable(&m, "second", 9, dims, 3, 2, v, 8);
    save("choice.mat", m.b, m.n);
    T_FAILS(aet_mat_read("choice.mat", &want_3d, &r), AET_ERR_INPUT, "name one with --variable");
    mat_header(&m, 0);
    mat_variable(&m, "z", 9 | 0x0800, dims, 3, 2, v, 8);
    save("complex.mat", m.b, m.n);
    T_FAILS(aet_mat_read("complex.mat", &want_3d, &r), AET_ERR_INPUT, "complex uint8");
}

/* Headers that lie: more values than bytes, impossible sizes, negative ones, unknown types. */
static void test_lies(void)
{
    static const struct {
        int32_t dims[3];
        uint32_t type;
        const char *says;
    } lies[] = {
        {{2, 2, 3}, 2, "claims 12 values, but 8 bytes"},
        {{2, 2, 1000000}, 2, "more than the file can hold"},
        {{0x7fffffff, 0x7fffffff, 0x7fffffff}, 2, "impossible size"},
        {{2, -2, 2}, 2, "impossible size (-2"},
        {{2, 2, 2}, 8, "of type 8"},
        {{2, 2, 2}, 9, "claims 8 values, but 8 bytes of type 9"},
        {{2, 0, 2}, 2, "is empty"},
    };
    unsigned char v[8] = {0};
    aet_raster *r = NULL;
    for (int packed = 0; packed < 2; packed++)
        for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
            if (packed && i == 1)
                continue; /* a packed element could hold that many; found out while reading */
            mat_header(&m, 0);
            mat_variable(&m, "v", 9, lies[i].dims, 3, lies[i].type, v, 8);
            if (packed)
                mat_compress(&m, 128);
            save("lie.mat", m.b, m.n);
            T_FAILS(aet_mat_read("lie.mat", &want_3d, &r), AET_ERR_INPUT, lies[i].says);
            T_CHECK(r == NULL);
        }
}

static void test_truncated(void)
{
    const int32_t dims[3] = {2, 3, 4};
    unsigned char v[24] = {1};
    aet_raster *r = NULL;
    for (int packed = 0; packed < 2; packed++) {
        mat_header(&m, 0);
        mat_variable(&m, "v", 9, dims, 3, 2, v, 24);
        if (packed)
            mat_compress(&m, 128);
        for (size_t cut = 0; cut < m.n; cut++) {
            save("cut.mat", m.b, cut);
            T_FAILS(aet_mat_read("cut.mat", &want_3d, &r), AET_ERR_INPUT, "cut.mat");
        }
    }
    T_FAILS(aet_mat_read("no.mat", &want_3d, &r), AET_ERR_INPUT, "No such file");
}

/* Version 7.3: HDF5 after a block of 512 bytes; sizes come the other way round. */
static void test_73(void)
{
    aet_h5 *f = NULL;
    char *bytes = NULL;
    int64_t n = 0;
    double v[24];
    const int64_t dims[3] = {4, 3, 2}, list[2] = {3, 1};
    const aet_h5_field images = {"/images", AET_H5_F64, "", ""},
                       text = {"/name", AET_H5_U8, "", ""};
    for (int i = 0; i < 24; i++)
        v[i] = i % 2 + 10 * (i / 2 % 3) + 100 * (i / 6);
    T_OK(aet_h5_create(MPI_COMM_SELF, "seven.h5", 10000, &f));
    T_OK(aet_h5_write_root(f, &images, 3, dims, v));
    T_OK(aet_h5_set_text(f, "/images", "MATLAB_class", "double"));
    T_OK(aet_h5_write_root(f, &text, 2, list, "abc"));
    T_OK(aet_h5_set_text(f, "/name", "MATLAB_class", "char"));
    T_OK(aet_h5_commit(&f));
    T_OK(aet_file_read_text("seven.h5", 1 << 20, &bytes, &n));
    mat_header(&m, 0);
    m.b[125] = 2;
    memcpy(m.b + 512, bytes, (size_t)n);
    save("seven.mat", m.b, 512 + (size_t)n);
    check_order("seven.mat");
    const aet_raster_want want = {"name", any, "numbers", false};
    aet_raster *r = NULL;
    T_FAILS(aet_mat_read("seven.mat", &want, &r), AET_ERR_INPUT, "is a char");
    save("seven.mat", m.b, 512 + (size_t)n / 2);
    T_FAILS(aet_mat_read("seven.mat", &want_3d, &r), AET_ERR_INPUT, "cut short");
    aet_release(&bytes);
}

/* n x 3, 1 x n and n x 1; three images with three angles are rows of the matrix as MATLAB shows it. */
static void test_angles(void)
{
    int8_t v[12];
    int n = 0;
    double(*a)[3] = NULL;
    for (int i = 0; i < 12; i++)
        v[i] = (int8_t)(i - 4);
    static const int32_t shapes[][2] = {{4, 3}, {3, 3}, {1, 12}, {12, 1}, {3, 4}};
    static const int count[] = {4, 3, 12, 12, 4};
    for (int s = 0; s < 5; s++) {
        mat_header(&m, 0);
        mat_variable(&m, "angles", 8, shapes[s], 2, 1, v, (uint32_t)(shapes[s][0] * shapes[s][1]));
        save("angles.mat", m.b, m.n);
        T_OK(aet_angles_read("angles.mat", NULL, &n, &a));
        T_CHECK(n == count[s]);
        for (int i = 0; i < n && n == count[s]; i++)
            for (int k = 0; k < 3; k++) {
                double want = s < 2   ? v[i + k * shapes[s][0]]
                              : s < 4 ? (k == 1 ? v[i] : 0.0)
                                      : v[3 * i + k];
                T_NEAR(a[i][k], want, 0.0);
            }
        aet_release(&a);
    }
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_order();
    test_classes();
    test_choice();
    test_lies();
    test_truncated();
    test_73();
    test_angles();
    T_END();
}
