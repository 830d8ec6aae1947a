/* Input and target of an item as they go into the data set: normalised, compared, packed, written.  Local:
 * rank 0 of the group has both. */
#include "aetlas/base/mem.h"
#include "aetlas/data/elements.h"
#include "aetlas/num/half.h"
#include "dataset_priv.h"
#include <math.h>
#include <string.h>

typedef dataset_work work;

/* ---- normalisation ---- */

static bool counts(const aet_dataset *d, int z)
{
    int wanted[AET_DATASET_SPECIES], n = 0;
    if (d->params.normalise[0] == 0)
        return true;
    if (aet_element_list(d->params.normalise, wanted, &n) != AET_OK)
        return false; /* cannot be: checked when the recipe was opened */
    for (int i = 0; i < n; i++)
        if (wanted[i] == z)
            return true;
    return false;
}

/* The sum over 3x3x3 voxels around a place; places lie a voxel inside (check_fit). */
static double cube_sum(const float *v, int n, const double r[3], double voxel_A)
{
    int at[3];
    double sum = 0;
    for (int k = 0; k < 3; k++)
        at[k] = (int)lround(r[k] / voxel_A) + n / 2;
    for (int z = at[2] - 1; z <= at[2] + 1; z++)
        for (int y = at[1] - 1; y <= at[1] + 1; y++)
            for (int x = at[0] - 1; x <= at[0] + 1; x++)
                if (x >= 0 && y >= 0 && z >= 0 && x < n && y < n && z < n)
                    sum += (double)v[((int64_t)z * n + y) * n + x];
    return sum;
}

/* Mean over 3x3x3 voxels at the atoms that count (Supplementary methods of the papers). */
static aet_err normalisation(const work *w, const float *v, double *mean)
{
    bool by_z[256];
    double sum = 0;
    int64_t n = 0;
    for (int z = 0; z < 256; z++)
        by_z[z] = false;
    for (int s = 0; s < w->d->n_species; s++)
        by_z[w->d->z[s]] = counts(w->d, w->d->z[s]);
    for (int i = 0; i < w->atoms->n; i++)
        if (by_z[w->atoms->species[i]]) {
            sum += cube_sum(v, w->simulate.size, w->atoms->position_A[i], w->simulate.pixel_A);
            n++;
        }
    *mean = n ? sum / (27.0 * (double)n) : 0;
    AET_CHECK(*mean > 0 && isfinite(*mean), AET_ERR_NUMERIC,
              "the reconstruction has no density at the atoms (mean of 3x3x3 voxels: %g)", *mean);
    return AET_OK;
}

static void scale(float *v, int64_t n, double factor)
{
    for (int64_t i = 0; i < n; i++)
        v[i] = (float)(factor * (double)v[i]);
}

/* Pearson correlation and rms difference of input and target. */
static void compare(work *w, int64_t n)
{
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (int64_t i = 0; i < n; i++) {
        double x = (double)w->input[i], y = (double)w->target[i];
        a += x, b += y, aa += x * x, bb += y * y, ab += x * y;
    }
    double m = (double)n, covariance = ab - a * b / m;
    w->column[COLUMN_CORRELATION] = covariance / sqrt((aa - a * a / m) * (bb - b * b / m));
    w->column[COLUMN_RMSE] = sqrt(fmax(0, aa - 2 * ab + bb) / m);
}

/* Images are sums of voxels in V A, potentials are in V: a voxel length lies between them. */
aet_err dataset_normalise(dataset_work *w)
{
    double mean = 0;
    int64_t n = (int64_t)w->simulate.size * w->simulate.size * w->simulate.size;
    AET_TRY(normalisation(w, w->input, &mean));
    scale(w->input, n, 1 / mean);
    if (w->d->params.target == AET_TARGET_POTENTIAL)
        scale(w->target, n, w->simulate.pixel_A / mean);
    w->column[COLUMN_NORMALISATION] = mean;
    compare(w, n);
    return AET_OK;
}

/* ---- the file ---- */

/* The unit of whole numbers that reach up to the largest value. */
static double unit_of(const aet_dataset *d, const float *v, int64_t n)
{
    float top = 0;
    for (int64_t i = 0; i < n && d->params.store == AET_STORE_U16; i++)
        top = v[i] > top ? v[i] : top;
    return top > 0 ? (double)top / 65535 : 1;
}

/* Into the numbers of the file, piece by piece in place: none is longer than a float. */
static void pack(const aet_dataset *d, float *v, int64_t n, double unit)
{
    enum { PIECE = 4096 };
    uint16_t words[PIECE];
    for (int64_t i = 0; i < n && d->params.store != AET_STORE_F32; i += PIECE) {
        int64_t m = n - i < PIECE ? n - i : PIECE;
        if (d->params.store == AET_STORE_F16)
            aet_half_pack(v + i, m, words);
        for (int64_t k = 0; k < m && d->params.store == AET_STORE_U16; k++)
            words[k] = (uint16_t)(fmax(0, (double)v[i + k]) / unit + 0.5);
        memcpy((char *)v + 2 * i, words, (size_t)m * sizeof *words);
    }
}

static aet_err put_volumes(work *w, aet_h5 *f)
{
    const aet_dataset *d = w->d;
    int64_t side = w->simulate.size, n = side * side * side;
    const int64_t dims[4] = {1, side, side, side};
    aet_h5_field input = dataset_input(d), target = dataset_target(d);
    double unit[2] = {unit_of(d, w->input, n), unit_of(d, w->target, n)};
    pack(d, w->input, n, unit[0]);
    pack(d, w->target, n, unit[1]);
    w->column[COLUMN_INPUT_SCALE] = unit[0];
    w->column[COLUMN_TARGET_SCALE] = unit[1];
    AET_TRY(aet_h5_make(f, &input, 4, dims, d->params.compress));
    AET_TRY(aet_h5_make(f, &target, 4, dims, d->params.compress));
    AET_TRY(aet_h5_put(f, &input, 0, w->input));
    return aet_h5_put(f, &target, 0, w->target);
}

static aet_err put_truth(const work *w, aet_h5 *f)
{
    const int64_t dims[2] = {w->atoms->n, 3}, columns[1] = {w->d->n_columns};
    const aet_h5_field row = {"/row", AET_H5_F64, "", ""};
    float *position = NULL;
    AET_TRY(AET_ARRAY(dims[0] * 3, "positions", &position));
    for (int64_t i = 0; i < dims[0] * 3; i++)
        position[i] = (float)(&w->atoms->position_A[0][0])[i];
    aet_err err = aet_h5_write_root(f, &dataset_position, 2, dims, position);
    aet_release(&position);
    AET_TRY(err);
    AET_TRY(aet_h5_write_root(f, &dataset_species, 1, dims, w->atoms->species));
    return aet_h5_write_root(f, &row, 1, columns, w->column);
}

aet_err dataset_item_write(dataset_work *w)
{
    char path[AET_PATH_MAX];
    aet_err err = AET_OK;
    aet_h5 *f = NULL;
    int64_t side = w->simulate.size;
    dataset_item_path(w->d, w->item, "h5", path);
    int64_t bytes = 2 * side * side * side * (w->d->params.store == AET_STORE_F32 ? 4 : 2);
    AET_TRY(aet_h5_create(MPI_COMM_SELF, path, bytes + 13 * (int64_t)w->atoms->n + (1 << 18), &f));
    AET_GO(put_volumes(w, f));
    AET_GO(put_truth(w, f));
    AET_GO(dataset_mark(w->d, f));
    err = aet_h5_commit(&f);
done:
    aet_h5_close(&f);
    return err;
}
