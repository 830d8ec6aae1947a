#include "describe.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/elements.h"
#include "aetlas/num/cells.h"
#include <float.h>
#include <math.h>

#define NEAREST_MAX_A 20.0

typedef struct {
    double low, high, sum;
    int64_t n, not_finite;
} range;

static void take(range *r, double v)
{
    if (!isfinite(v)) {
        r->not_finite++;
        return;
    }
    r->low = r->n == 0 || v < r->low ? v : r->low;
    r->high = r->n == 0 || v > r->high ? v : r->high;
    r->sum += v;
    r->n++;
}

static void print_range(const char *prefix, const char *dot, const range *r)
{
    if (r->n > 0)
        aet_out("%s%smin = %.6g\n%s%smax = %.6g\n%s%smean = %.6g\n", prefix, dot, r->low, prefix,
                dot, r->high, prefix, dot, r->sum / (double)r->n);
    if (r->not_finite > 0)
        aet_out("%s%snot_finite = %lld\n", prefix, dot, (long long)r->not_finite);
}

void describe_values(const char *prefix, const aet_raster *r)
{
    range x = {0};
    for (int64_t i = 0; i < r->count; i++)
        take(&x, aet_raster_get(r, i));
    print_range(prefix, ".", &x);
}

void describe_tilt(const aet_tilt *t)
{
    static const char *const names[] = {"phi_deg", "theta_deg", "psi_deg"};
    range x = {0}, angle[3] = {{0}};
    for (int64_t i = 0; i < (int64_t)t->n * t->ny * t->nx; i++)
        take(&x, (double)t->images[i]);
    for (int i = 0; i < t->n; i++)
        for (int k = 0; k < 3; k++)
            take(&angle[k], t->angles_deg[i][k]);
    aet_out("images = %d\nnx = %d\nny = %d\npixel_A = %.6g\n", t->n, t->nx, t->ny, t->pixel_A);
    for (int k = 0; k < 3; k++)
        aet_out("%s = %.4f to %.4f\n", names[k], angle[k].low, angle[k].high);
    print_range("", "", &x);
}

static void describe_curves(const aet_curve *curves, int n)
{
    for (int i = 0; i < n; i++)
        aet_out("curve %s = %d rows of %d: %s\n", curves[i].name, curves[i].n, curves[i].width,
                curves[i].description);
}

void describe_volume(const aet_volume *v)
{
    range x = {0};
    double low = DBL_MAX, high = -DBL_MAX, sums[2];
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        take(&x, (double)v->density[i]);
    if (x.n > 0) {
        low = x.low;
        high = x.high;
    }
    aet_volume_sums(v, &sums[0], &sums[1]);
    MPI_Allreduce(MPI_IN_PLACE, &low, 1, MPI_DOUBLE, MPI_MIN, v->comm);
    MPI_Allreduce(MPI_IN_PLACE, &high, 1, MPI_DOUBLE, MPI_MAX, v->comm);
    aet_out("nx = %d\nny = %d\nnz = %d\nvoxel_A = %.6g\nmin = %.6g\nmax = %.6g\nmean = %.6g\n",
            v->nx, v->ny, v->nz, v->voxel_A, low, high, sums[0] / ((double)v->nx * v->ny * v->nz));
    describe_curves(v->curves, v->n_curves);
}

static void describe_columns(const aet_atoms *a)
{
    for (int c = 0; c < a->n_columns; c++) {
        const aet_column *col = &a->columns[c];
        range x = {0};
        for (int64_t i = 0; i < (int64_t)a->n * col->width; i++)
            take(&x, col->values[i]);
        aet_out("column %s = %d per atom%s%s%s%s\n", col->name, col->width,
                col->unit[0] ? ", unit " : "", col->unit, col->description[0] ? ", " : "",
                col->description);
        print_range(col->name, ".", &x);
    }
    for (int i = 0; i < a->n_scalars; i++)
        aet_out("%s = %.8g\n", a->scalars[i].name, a->scalars[i].value);
    describe_curves(a->curves, a->n_curves);
}

aet_err describe_atoms(const aet_atoms *a)
{
    int z[8], n = aet_atoms_species(a, z);
    aet_out("atoms = %d\n", a->n);
    for (int i = 0; i < n && i < 8; i++)
        aet_out("atoms_%s = %d\n", aet_element_symbol(z[i]), aet_atoms_count(a, z[i]));
    for (int k = 0; k < 3 && a->n > 0; k++) {
        range x = {0};
        for (int i = 0; i < a->n; i++)
            take(&x, a->position_A[i][k]);
        aet_out("%c_A = %.4f to %.4f\n", 'x' + k, x.low, x.high);
    }
    aet_cells *cells = NULL;
    AET_TRY(aet_cells_create(a->n, (const double(*)[3])a->position_A, 2.0, &cells));
    double nearest = DBL_MAX, d;
    for (int i = 0; i < a->n; i++)
        if (aet_cells_nearest(cells, a->position_A[i], NEAREST_MAX_A, i, &d) >= 0 && d < nearest)
            nearest = d;
    aet_cells_free(&cells);
    if (nearest < DBL_MAX)
        aet_out("nearest_pair_A = %.4f\n", nearest);
    describe_columns(a);
    return AET_OK;
}

void describe_memory(MPI_Comm comm, double planned_bytes)
{
    const double MiB = 1024.0 * 1024.0;
    double peak = aet_mem_peak_MiB();
    MPI_Allreduce(MPI_IN_PLACE, &peak, 1, MPI_DOUBLE, MPI_MAX, comm);
    aet_out("planned_memory_MiB = %.0f\npeak_memory_MiB = %.0f\n", planned_bytes / MiB, peak);
}
