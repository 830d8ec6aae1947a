/* ranks: 1 */
/* Foreign HDF5: EMD with axes, plain datasets, several candidates, what is no number. */
#include "aetlas/io/h5raster.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/h5.h"
#include "aetlas/io/load.h"
#include "test.h"

static bool is_3d(const aet_raster_info *i)
{
    return i->ndim == 3;
}

static const aet_raster_want want = {NULL, is_3d, "a volume", false};

/* A Berkeley EMD group: data and one axis per dimension, in the unit given. */
static void make_emd(const char *unit, bool second)
{
    aet_h5 *f = NULL;
    const aet_h5_field data = {"/data/tomogram/data", AET_H5_U8, "", ""},
                       other = {"/x/data", AET_H5_F32, "", ""};
    const aet_h5_field axis = {"/data/tomogram/dim3", AET_H5_F64, "", ""};
    const int64_t dims[3] = {2, 3, 4};
    unsigned char v[24];
    const double x[4] = {1.0, 1.05, 1.1, 1.15};
    for (int i = 0; i < 24; i++)
        v[i] = (unsigned char)(10 * i);
    T_OK(aet_h5_create(MPI_COMM_SELF, "x.emd", 10000, &f));
    T_OK(aet_h5_write_root(f, &data, 3, dims, v));
    T_OK(aet_h5_write_root(f, &axis, 1, (int64_t[]){4}, x));
    T_OK(aet_h5_set_text(f, axis.path, "units", unit));
    if (second)
        T_OK(aet_h5_write_root(f, &other, 3, dims, (float[24]){0}));
    T_OK(aet_h5_commit(&f));
}

static void test_emd(void)
{
    static const struct {
        const char *unit;
        double pixel_A;
    } units[] = {{"[n_m]", 0.5}, {"nm", 0.5}, {"A", 0.05}, {"deg", 0.0}};
    for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
        aet_raster *r = NULL;
        make_emd(units[k].unit, false);
        T_OK(aet_h5raster_read("x.emd", &want, &r));
        T_CHECK(r && r->dims[0] == 2 && r->dims[1] == 3 && r->dims[2] == 4);
        T_NEAR(r ? r->pixel_A : -1.0, units[k].pixel_A,
               1e-12); /* the difference of two axis values */
        for (int64_t i = 0; r && i < 24; i++)
            T_NEAR(aet_raster_get(r, i), 10.0 * (double)i, 0.0);
        aet_raster_free(&r);
    }
}

static void test_choice(void)
{
    aet_raster *r = NULL;
    aet_raster_want named = want;
    make_emd("nm", true);
    T_FAILS(aet_h5raster_read("x.emd", &want, &r), AET_ERR_INPUT, "name one with --dataset");
    named.name = "x/data"; /* the leading stroke may be left away */
    T_OK(aet_h5raster_read("x.emd", &named, &r));
    T_CHECK(r && aet_raster_get(r, 5) == 0.0);
    aet_raster_free(&r);
    named.name = "/data/tomogram";
    T_FAILS(aet_h5raster_read("x.emd", &named, &r), AET_ERR_INPUT,
            "there is no '/data/tomogram' in it");
}

/* Through the front door: the pixel size of the file, or the one that is given. */
static void test_load(void)
{
    const aet_load_volume_options given = {.variable = "data/tomogram/data", .pixel_A = 0.7};
    const aet_load_volume_options own = {.variable = "data/tomogram/data"},
                                  none = {.variable = "x/data"};
    aet_volume *v = NULL;
    T_OK(aet_load_volume(MPI_COMM_SELF, "x.emd", &own, &v));
    T_CHECK(v && v->nx == 4 && v->ny == 3 && v->nz == 2 && fabs(v->voxel_A - 0.5) < 1e-12);
    aet_volume_free(&v);
    T_OK(aet_load_volume(MPI_COMM_SELF, "x.emd", &given, &v));
    T_CHECK(v && v->voxel_A == 0.7);
    aet_volume_free(&v);
    T_FAILS(aet_load_volume(MPI_COMM_SELF, "x.emd", &none, &v), AET_ERR_INPUT,
            "give it in Angstrom with --pixel");
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    aet_log_init(1, AET_LOG_ERROR); /* the warnings are wanted here */
    test_emd();
    test_choice();
    test_load();
    T_END();
}
