/* ranks: 1 2 3 4 */
#include "aetlas/io/nouns.h"
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/io/h5.h"
#include "aetlas/io/share.h"
#include "test.h"
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static const aet_rng key = {7, 1, AET_RNG_TEST};

/* What goes through a file is compared exactly: floats are stored as they are. */
static void test_tilt(void)
{
    aet_tilt *t = NULL, *back = NULL;
    T_OK(aet_tilt_create(3, 4, 5, 0.3216, &t));
    for (int i = 0; i < 60; i++)
        t->images[i] = (float)aet_rng_uniform(key, (uint64_t)i);
    for (int i = 0; i < 3; i++)
        t->angles_deg[i][1] = -60.0 + 0.1 * i;
    T_OK(aet_tilt_write(MPI_COMM_WORLD, "t.h5", t));
    T_CHECK(!aet_file_exists("t.h5.part"));
    T_OK(aet_tilt_read(MPI_COMM_WORLD, "t.h5", &back));
    T_CHECK(back && back->n == 3 && back->ny == 4 && back->nx == 5);
    if (back) {
        T_NEAR(back->pixel_A, 0.3216, 0.0);
        T_CHECK(memcmp(back->images, t->images, 60 * sizeof(float)) == 0);
        T_CHECK(memcmp(back->angles_deg, t->angles_deg, 9 * sizeof(double)) == 0);
    }
    aet_tilt_free(&back);
    t->images[17] = NAN;
    T_FAILS(aet_tilt_write(MPI_COMM_WORLD, "bad.h5", t), AET_ERR_INPUT, "NaN");
    T_CHECK(!aet_file_exists("bad.h5") && !aet_file_exists("bad.h5.part"));
    t->images[17] = 0.0f;
    T_FAILS(aet_tilt_write(MPI_COMM_WORLD, "no/such/folder/t.h5", t), AET_ERR_OUTPUT,
            "No such file");
    T_FAILS(aet_volume_read(MPI_COMM_WORLD, "t.h5", &(aet_volume *){NULL}), AET_ERR_INPUT,
            "is not a volume");
    aet_tilt_free(&t);
}

static float voxel(int x, int y, int z)
{
    return (float)(x + 10 * y + 100 * z) - 3.5f;
}

/* nz = 2: with 3 and 4 ranks some have no plane. */
static void test_volume(int nz)
{
    aet_volume *v = NULL, *back = NULL;
    T_OK(aet_volume_create(MPI_COMM_WORLD, 5, 4, nz, 0.5, &v));
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        v->density[i] = voxel((int)(i % 5), (int)(i / 5 % 4), v->slab.start + (int)(i / 20));
    static const char *const heads[] = {"iteration", "r1"};
    aet_curve *c = aet_volume_add_curve(v, "reconstruction", 3, 2, heads, "errors");
    for (int i = 0; i < 6; i++)
        c->values[i] = i == 3 ? (double)NAN : i / 7.0;
    T_OK(aet_volume_write(MPI_COMM_WORLD, "v.h5", v));
    T_CHECK(aet_file_exists("v.h5") && !aet_file_exists("v.h5.part"));
    T_OK(aet_volume_read(MPI_COMM_WORLD, "v.h5", &back));
    T_CHECK(back && back->nz == nz && back->ny == 4 && back->nx == 5 && back->voxel_A == 0.5);
    if (back)
        T_CHECK(memcmp(back->density, v->density, (size_t)aet_volume_count(v) * sizeof(float)) ==
                0);
    const aet_curve *d = back ? aet_volume_find_curve(back, "reconstruction") : NULL;
    T_CHECK(d && d->n == 3 && d->width == 2 && strcmp(d->head[1], "r1") == 0);
    T_CHECK(d && isnan(d->values[3]) && memcmp(d->values, c->values, 3 * sizeof *c->values) == 0);
    aet_volume_free(&back);
    T_FAILS(aet_volume_write(MPI_COMM_WORLD, "no/such/folder/v.h5", v), AET_ERR_OUTPUT,
            "No such file");
    if (v->slab.count > 0)
        v->density[0] = INFINITY;
    T_FAILS(aet_volume_write(MPI_COMM_WORLD, "bad.h5", v), AET_ERR_INPUT, "");
    aet_volume_free(&v);
}

static void test_share_volume(void)
{
    const int n[3] = {3, 2, 5};
    float all[30];
    aet_volume *v = NULL;
    for (int i = 0; i < 30; i++)
        all[i] = t_rank ? 0.0f : (float)i;
    T_OK(aet_volume_share(MPI_COMM_WORLD, AET_OK, n, 0.7, all, &v));
    for (int64_t i = 0; v && i < aet_volume_count(v); i++)
        T_NEAR((double)v->density[i], (double)(i + 6 * v->slab.start), 0.0);
    aet_volume_free(&v);
}

static aet_atoms *model(void)
{
    static const char *const heads[] = {"r_A", "g"};
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(4, &a));
    for (int i = 0; i < 4; i++) {
        a->species[i] = i % 2 ? 78 : 28;
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] = i * 2.5 + 0.1 * k;
    }
    aet_column *c = aet_atoms_add_column(a, "strain", 6, "1", "six numbers");
    for (int i = 0; i < 24; i++)
        c->values[i] = i / 7.0;
    c = aet_atoms_add_column(a, "a_first_by_name", 1, "A", "");
    c->values[2] = -1.25;
    aet_atoms_add_scalar(a, "sphericity", 0.75, "1", "of the surface");
    aet_curve *g = aet_atoms_add_curve(a, "pair_distribution", 5, 2, heads, "g(r)");
    for (int i = 0; i < 10; i++)
        g->values[i] = sqrt(i);
    return a;
}

static void same_model(const aet_atoms *a, const aet_atoms *b)
{
    T_CHECK(b && b->n == 4 && b->n_columns == 2 && b->n_scalars == 1 && b->n_curves == 1);
    if (!b || b->n_columns != 2 || b->n_curves != 1)
        return;
    T_CHECK(memcmp(a->position_A, b->position_A, 12 * sizeof(double)) == 0);
    T_CHECK(memcmp(a->species, b->species, 4) == 0);
    T_CHECK(strcmp(b->columns[0].name, "strain") == 0 && b->columns[0].width == 6);
    T_CHECK(strcmp(b->columns[0].unit, "1") == 0 &&
            strcmp(b->columns[0].description, "six numbers") == 0);
    T_CHECK(memcmp(a->columns[0].values, b->columns[0].values, 24 * sizeof(double)) == 0);
    T_CHECK(b->columns[1].values[2] == -1.25);
    double s = 0.0;
    T_CHECK(aet_atoms_find_scalar(b, "sphericity", &s) && s == 0.75);
    T_CHECK(b->curves[0].n == 5 && b->curves[0].width == 2 &&
            strcmp(b->curves[0].head[1], "g") == 0);
    T_CHECK(memcmp(a->curves[0].values, b->curves[0].values, 10 * sizeof(double)) == 0);
}

static void test_atoms(void)
{
    aet_atoms *a = model(), *back = NULL, *none = NULL;
    T_OK(aet_atoms_write(MPI_COMM_WORLD, "a.h5", a));
    T_OK(aet_atoms_read(MPI_COMM_WORLD, "a.h5", &back));
    same_model(a, back);
    aet_atoms_free(&back);
    aet_atoms_free(&a);
    T_OK(aet_atoms_create(0, &none));
    T_OK(aet_atoms_write(MPI_COMM_WORLD, "none.h5", none));
    T_OK(aet_atoms_read(MPI_COMM_WORLD, "none.h5", &back));
    T_CHECK(back && back->n == 0);
    aet_atoms_free(&back);
    aet_atoms_free(&none);
}

/* Equal inputs give equal bytes: no times, no order of ranks. */
static void test_same_bytes(void)
{
    aet_atoms *a = model();
    char *one = NULL, *two = NULL;
    int64_t n1 = 0, n2 = 0;
    T_OK(aet_atoms_write(MPI_COMM_WORLD, "a.h5", a));
    T_OK(aet_file_read_text("a.h5", 1 << 20, &one, &n1));
    MPI_Barrier(MPI_COMM_WORLD);
    if (t_rank == 0)
        usleep(1100000); /* HDF5 would note the second */
    T_OK(aet_atoms_write(MPI_COMM_WORLD, "a.h5", a));
    T_OK(aet_file_read_text("a.h5", 1 << 20, &two, &n2));
    T_CHECK(n1 == n2 && n1 > 0 && memcmp(one, two, (size_t)n1) == 0);
    aet_release(&one);
    aet_release(&two);
    aet_atoms_free(&a);
}

static void put_text(const char *path, const char *bytes, int64_t n)
{
    FILE *f = NULL;
    if (t_rank == 0) {
        T_OK(aet_writer_open(path, &f));
        T_CHECK(fwrite(bytes, 1, (size_t)n, f) == (size_t)n);
        T_OK(aet_writer_close(path, &f));
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

/* A dataset whose header says `said` values, though `stored` lie in the file: the file is cut. */
static void test_truncated(void)
{
    aet_tilt *t = NULL, *back = NULL;
    char *bytes = NULL;
    int64_t n = 0;
    T_OK(aet_tilt_create(2, 64, 64, 1.0, &t));
    for (int i = 0; i < 2 * 64 * 64; i++)
        t->images[i] = 1.0f;
    T_OK(aet_tilt_write(MPI_COMM_WORLD, "t.h5", t));
    T_OK(aet_file_read_text("t.h5", 1 << 20, &bytes, &n));
    for (int64_t cut = 0; cut < n; cut += 1 + n / 12) {
        put_text("cut.h5", bytes, cut);
        T_FAILS(aet_tilt_read(MPI_COMM_WORLD, "cut.h5", &back), AET_ERR_INPUT, "cut.h5");
        T_CHECK(back == NULL);
    }
    T_FAILS(aet_tilt_read(MPI_COMM_WORLD, "absent.h5", &back), AET_ERR_INPUT, "absent.h5");
    T_FAILS(aet_tilt_read(MPI_COMM_WORLD, ".", &back), AET_ERR_INPUT, "regular");
    aet_release(&bytes);
    aet_tilt_free(&t);
}

/* Files of our layout with one thing wrong. */
static void make_wrong(const aet_h5_field *images, int ndim, int64_t angles, bool pixel)
{
    aet_h5 *f = NULL;
    const aet_h5_field field = {"/tilt/angles_deg", AET_H5_F64, "", ""};
    const int64_t dims[4] = {2, 3, 4, 1}, m[2] = {angles, 3};
    double values[24];
    for (int i = 0; i < 24; i++)
        values[i] = 1.0;
    T_OK(aet_h5_create(MPI_COMM_WORLD, "wrong.h5", 100000, &f));
    T_OK(aet_h5_write_root(f, images, ndim, dims, values));
    T_OK(aet_h5_write_root(f, &field, 2, m, values));
    if (pixel)
        T_OK(aet_h5_set_real(f, "/tilt", "pixel_A", 1.0));
    else
        T_OK(aet_h5_set_text(f, "/tilt", "pixel_A", "one"));
    T_OK(aet_h5_commit(&f));
}

static void test_wrong(void)
{
    const aet_h5_field images = {"/tilt/images", AET_H5_F64, "", ""},
                       other = {"/tilt/pictures", AET_H5_F64, "", ""};
    aet_tilt *t = NULL;
    make_wrong(&images, 3, 2, true);
    T_OK(aet_tilt_read(MPI_COMM_WORLD, "wrong.h5", &t)); /* doubles are converted */
    aet_tilt_free(&t);
    make_wrong(&images, 3, 3, true);
    T_FAILS(aet_tilt_read(MPI_COMM_WORLD, "wrong.h5", &t), AET_ERR_INPUT,
            "2 images need 2 x 3 angles, found 3 x 3");
    make_wrong(&images, 4, 2, true);
    T_FAILS(aet_tilt_read(MPI_COMM_WORLD, "wrong.h5", &t), AET_ERR_INPUT, "4 dimensions");
    make_wrong(&images, 3, 2, false);
    T_FAILS(aet_tilt_read(MPI_COMM_WORLD, "wrong.h5", &t), AET_ERR_INPUT, "pixel_A");
    make_wrong(&other, 3, 2, true);
    T_FAILS(aet_tilt_read(MPI_COMM_WORLD, "wrong.h5", &t), AET_ERR_INPUT, "not a tilt series");
}

/* Attributes beyond 64 kB, such as a long list of parameters. */
static void test_provenance(void)
{
    char *text = aet_new_bytes(100001), *back = aet_new_bytes(100001);
    aet_atoms *a = model();
    aet_h5 *f = NULL;
    memset(text, 'x', 100000);
    aet_provenance_set("aetlas trace v.h5", text);
    aet_provenance_note("r1", "0.1");
    aet_provenance_note("r1", "0.2");
    T_OK(aet_atoms_write(MPI_COMM_WORLD, "a.h5", a));
    T_OK(aet_h5_open("a.h5", &f));
    T_CHECK(aet_h5_get_text(f, "/provenance", "parameters", back, 100001) &&
            strcmp(text, back) == 0);
    T_CHECK(aet_h5_get_text(f, "/provenance", "r1", back, 100001) && strcmp(back, "0.2") == 0);
    T_CHECK(aet_h5_get_text(f, "/atoms/position_A", "unit", back, 100001) &&
            strcmp(back, "A") == 0);
    aet_h5_close(&f);
    aet_provenance_set(NULL, NULL);
    aet_release(&text);
    aet_release(&back);
    aet_atoms_free(&a);
}

/* The disk fills up after the file was begun, and is full before: by a limit on the size of files.
 */
static void test_full_disk(void)
{
    struct rlimit old, low;
    aet_atoms *a = NULL;
    aet_h5 *f = NULL;
    aet_volume *v = NULL;
    const aet_h5_field field = {"/x", AET_H5_F32, "", ""};
    const int64_t dims[3] = {8, 100, 100};
    T_OK(aet_volume_create(MPI_COMM_WORLD, 100, 100, 8, 1.0, &v));
    T_OK(aet_atoms_create(100000, &a));
    if (t_rank == 0) {
        float *all = aet_new_bytes(8 * 100 * 100 * 4);
        T_OK(aet_h5_create(MPI_COMM_SELF, "full.h5", 1000, &f));
        T_OK(aet_h5_write_root(f, &field, 3, dims, all));
        aet_release(&all);
    }
    getrlimit(RLIMIT_FSIZE, &old);
    low = old;
    low.rlim_cur = 65536;
    setrlimit(RLIMIT_FSIZE, &low);
    if (t_rank == 0)
        T_FAILS(aet_h5_commit(&f), AET_ERR_OUTPUT, "disk full");
    T_CHECK(f == NULL);
    T_FAILS(aet_volume_write(MPI_COMM_WORLD, "full.h5", v), AET_ERR_OUTPUT, "file size limit");
    T_FAILS(aet_atoms_write(MPI_COMM_WORLD, "full.h5", a), AET_ERR_OUTPUT, "file size limit");
    MPI_Barrier(MPI_COMM_WORLD);
    setrlimit(RLIMIT_FSIZE, &old);
    T_CHECK(!aet_file_exists("full.h5") && !aet_file_exists("full.h5.part"));
    aet_volume_free(&v);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    test_tilt();
    test_volume(7);
    test_volume(2);
    test_share_volume();
    test_atoms();
    test_same_bytes();
    test_truncated();
    test_wrong();
    test_provenance();
    signal(SIGXFSZ, SIG_IGN);
    test_full_disk();
    T_END();
}
