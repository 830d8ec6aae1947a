/* ranks: 1 */
/* Readers of foreign files against damaged ones: every mutation is read or refused as INPUT, with little
 * memory and no fault that a sanitizer would see.  AETLAS_MUTATIONS: how many per format (default 300). */
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/io/load.h"
#include "aetlas/io/mat.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/raster.h"
#include "aetlas/io/tiff.h"
#include "aetlas/io/xyz.h"
#include "mat_bytes.h"
#include "test.h"
#include "tiff_bytes.h"
#include <stdlib.h>

enum { ROOM = 1 << 16 };
/* The files have some kB: reading one must not take memory by the hundred MB. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MiB 1500.0 /* it holds freed memory back */
#else
#define MEMORY_MiB 300.0
#endif

typedef struct {
    unsigned char b[ROOM];
    size_t n;
} bytes;

/* Without the fsync of an output: thousands are written. */
static void save(const char *path, const bytes *x)
{
    remove(path); /* ext4 would flush a file that is cut to nothing and written anew */
    FILE *f = fopen(path, "wb");
    T_CHECK(f && fwrite(x->b, 1, x->n, f) == x->n);
    if (f)
        fclose(f);
}

static void read_back(const char *path, bytes *x)
{
    char *text = NULL;
    int64_t n = 0;
    T_OK(aet_file_read_text(path, ROOM, &text, &n));
    memcpy(x->b, text, (size_t)n);
    x->n = (size_t)n;
    aet_release(&text);
}

/* One to four changes, most of them where headers are: a byte, a telling 32-bit word, or a cut. */
static void mutate(const bytes *from, bytes *to, int index)
{
    static const uint32_t words[] = {0,          1,          2,          8,      0xffffffff,
                                     0x7fffffff, 0x80000000, 0x10000000, 0xffff, 3};
    *to = *from;
    for (int k = 0; k < 4; k++) {
        double u[4];
        aet_rng_uniform4((aet_rng){11, (uint32_t)index, AET_RNG_TEST}, (uint64_t)k, u);
        if (k > 0 && u[3] < 0.5)
            return;
        size_t range = u[3] < 0.75 && to->n > 400 ? 400 : to->n;
        size_t at = (size_t)(u[0] * (double)range);
        if (u[1] < 0.45)
            to->b[at] = (unsigned char)(u[2] * 256.0);
        else if (u[1] < 0.9 && at + 4 <= to->n)
            memcpy(to->b + (at & ~(size_t)3), &words[(int)(u[2] * 10.0)], 4);
        else
            to->n = at;
    }
}

static bool any(const aet_raster_info *i)
{
    (void)i;
    return true;
}

static aet_err read_mat(const char *path)
{
    aet_raster_info *infos = NULL;
    int n = 0;
    aet_err err = aet_mat_list(path, &infos, &n);
    for (int i = 0; i < n && !err; i++) {
        const aet_raster_want want = {infos[i].name, any, "numbers", false};
        aet_raster *r = NULL;
        err = aet_mat_read(path, &want, &r);
        aet_raster_free(&r);
    }
    aet_release(&infos);
    return err;
}

static aet_err read_volume(const char *path)
{
    const aet_load_volume_options o = {.fallback_A = 1.0};
    aet_volume *v = NULL;
    aet_err err = aet_load_volume(MPI_COMM_SELF, path, &o, &v);
    aet_volume_free(&v);
    return err;
}

static aet_err read_atoms(const char *path)
{
    aet_atoms *a = NULL;
    aet_err err = aet_xyz_read(path, &a);
    aet_atoms_free(&a);
    return err;
}

static void attack(const char *name, const bytes *good, aet_err (*read)(const char *path))
{
    static bytes bad;
    const char *text = getenv("AETLAS_MUTATIONS");
    int n = text ? (int)strtol(text, NULL, 10) : 300, taken = 0;
    save(name, good);
    T_OK(read(name));
    for (int i = 0; i < n; i++) {
        mutate(good, &bad, i);
        save(name, &bad);
        aet_err err = read(name);
        taken += err == AET_OK;
        T_CHECK(err == AET_OK || err == AET_ERR_INPUT);
        if (err != AET_OK && err != AET_ERR_INPUT)
            printf("%s, mutation %d: %s: %s\n", name, i, aet_err_name(err), aet_error_text());
    }
    printf("%s: %d mutations, %d could be read\n", name, n, taken);
    T_CHECK(aet_mem_peak_MiB() < MEMORY_MiB);
}

static void make_mat(bytes *x, int packed)
{
    static mat_bytes m;
    static const int32_t dims[3] = {8, 8, 8}, flat[2] = {3, 20};
    static double v[512];
    mat_header(&m, 0);
    for (int i = 0; i < 512; i++)
        v[i] = i * 0.5;
    for (int k = 0; k < 2; k++) {
        size_t at = m.n;
        mat_variable(&m, k ? "positions" : "volume", 6, k ? flat : dims, k ? 2 : 3, 9, v,
                     k ? 480 : sizeof v);
        if (packed)
            mat_compress(&m, at);
    }
    memcpy(x->b, m.b, m.n);
    x->n = m.n;
}

static void make_tiff(bytes *x, uint32_t tile)
{
    static tiff_bytes t;
    static float v[16 * 16];
    tiff_shape s = {16, 16, 32, 3, 1, tile};
    tiff_start(&t, 0);
    for (int page = 0; page < 3; page++)
        tiff_page(&t, &s, v, sizeof v);
    memcpy(x->b, t.b, t.n);
    x->n = t.n;
}

static void make_volume(bytes *x, const char *path)
{
    aet_volume *v = NULL;
    T_OK(aet_volume_create(MPI_COMM_SELF, 8, 8, 8, 1.0, &v));
    v->density[3] = 1.0f;
    T_OK(aet_volume_write(MPI_COMM_SELF, path, v));
    aet_volume_free(&v);
    read_back(path, x);
}

int main(int argc, char **argv)
{
    static bytes x;
    static const char xyz[] =
        "3\nProperties=species:S:1:pos:R:3:q:R:2\nPt 1 2 3 4 5\nNi 2 3 4 5 6\nAu 1 1 1 1 1\n";
    T_START(argc, argv);
    aet_log_init(1, AET_LOG_ERROR);
    make_mat(&x, 0);
    attack("plain.mat", &x, read_mat);
    make_mat(&x, 1);
    attack("packed.mat", &x, read_mat);
    make_tiff(&x, 0);
    attack("strips.tif", &x, read_volume);
    make_tiff(&x, 16);
    attack("tiles.tif", &x, read_volume);
    memset(&x, 0, sizeof x);
    memcpy(x.b, (int32_t[]){8, 8, 8, 2}, 16);
    memcpy(x.b + 208, "MAP DD", 6);
    x.n = 1024 + 512 * 4;
    attack("cube.mrc", &x, read_volume);
    memcpy(x.b, xyz, sizeof xyz - 1);
    x.n = sizeof xyz - 1;
    attack("three.xyz", &x, read_atoms);
    make_volume(&x, "v.h5");
    attack("v.h5", &x, read_volume);
    T_END();
}
