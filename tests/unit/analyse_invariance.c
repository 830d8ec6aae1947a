/* ranks: 1 2 3 */
/* Every scalar, column and curve of the analysis stays when the model is reordered, turned and moved, or taken by
 * another number of ranks. */
#include "analyse_models.h"

/* A twinned particle of an alloy with nickel towards one side, its atoms off their sites: no two of them alike. */
static aet_atoms *particle(void)
{
    const char *const letters = "ABCABCABACBACB";
    const double nn = 2.72;
    double(*x)[3] = (double(*)[3])AET_NEW(double, 3 * 4000);
    aet_atoms *a = NULL;
    int n = 0;
    for (int l = 0; l < 14; l++)
        for (int j = -20; j <= 20; j++)
            for (int i = -20; i <= 20; i++) {
                double shift = (letters[l] - 'A') / 3.0;
                double r[3] = {nn * (i + shift + 0.5 * (j + shift)), nn * sqrt(0.75) * (j + shift),
                               nn * sqrt(2.0 / 3.0) * (l - 6.0)};
                if (r[0] * r[0] + 1.1 * r[1] * r[1] + r[2] * r[2] + 0.2 * r[0] * r[2] < 15.0 * 15.0)
                    memcpy(x[n++], r, sizeof r);
            }
    T_OK(aet_atoms_create(n, &a));
    for (int i = 0; i < n; i++) {
        double z[4];
        aet_rng_normal4((aet_rng){.seed = 9, .purpose = AET_RNG_TEST}, (uint64_t)i, z);
        for (int k = 0; k < 3; k++)
            a->position_A[i][k] = x[i][k] + 0.1 * z[k];
        a->species[i] = x[i][1] + 8.0 * z[3] > 3.0 ? 28 : 78;
    }
    aet_release(&x);
    return a;
}

static void measure(MPI_Comm comm, aet_atoms *a)
{
    aet_analyse_params p = defaults();
    p.crystallinity = true;
    T_OK(aet_analyse(comm, a, &p));
}

static bool one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strncmp(name, *list, strlen(*list)) == 0)
            return true;
    return false;
}

/* 1e-9 of the larger of the number and one: rounding of coordinates through fits. */
static bool alike(double x, double y)
{
    return (isnan(x) && isnan(y)) || fabs(x - y) <= 1e-9 * fmax(1.0, fabs(x));
}

/* A value of an atom that does not depend on the frame: vectors by their length, tensors by trace and squares. */
static double frameless(const aet_column *c, int i, int which)
{
    const double *v = c->values + (int64_t)i * c->width;
    double sum = 0.0;
    if (c->width == 1)
        return v[0];
    for (int k = 0; k < c->width; k++)
        sum += which == 0               ? (k >= 3 ? 2.0 : 1.0) * v[k] * v[k]
               : k < 3 && c->width == 6 ? v[k]
                                        : 0.0;
    return sum;
}

/* Names of directions, and of faults (as they come up); the site is named from the frame as well. */
static const char *const named[] = {"region", "planar_fault", "fcc_site", NULL};
static const char *const framed[] = {"normal_", "centre_", "x_A", "y_A", "z_A",
                                     "origin_", "a1_",     "a2_", "a3_", "axis_x",
                                     "axis_y",  "axis_z",  NULL};
static const char *const vectors[] = {"fcc_lattice", "fcc_cell", "layer_axes", NULL};

static void compare_columns(const aet_atoms *a, const aet_atoms *b, const int *place)
{
    T_CHECK(a->n_columns == b->n_columns && a->n_columns > 40);
    for (int c = 0; c < a->n_columns; c++) {
        const aet_column *x = a->columns + c, *y = aet_atoms_find_column(b, x->name);
        int wrong = 0;
        for (int i = 0; y && i < a->n && !one_of(x->name, named); i++)
            for (int which = 0; which < 2; which++)
                wrong += !alike(frameless(x, i, which), frameless(y, place[i], which));
        if (strcmp(x->name, "planar_fault") == 0)
            for (int i = 0; y && i < a->n; i++)
                wrong += (x->values[i] > 0.0) != (y->values[place[i]] > 0.0);
        if (wrong > 0 || !y)
            T_REPORT("column %s differs at %d of %d atoms", x->name, wrong, a->n);
    }
}

static void compare_rest(const aet_atoms *a, const aet_atoms *b, bool turned)
{
    T_CHECK(a->n_scalars == b->n_scalars && a->n_scalars > 60);
    for (int k = 0; k < a->n_scalars; k++) {
        double y = (double)NAN;
        T_CHECK(aet_atoms_find_scalar(b, a->scalars[k].name, &y));
        if (!alike(a->scalars[k].value, y) &&
            (!turned || strcmp(a->scalars[k].name, "fcc_turn_deg") != 0))
            T_REPORT("scalar %s: %.15g, then %.15g", a->scalars[k].name, a->scalars[k].value, y);
    }
    T_CHECK(a->n_curves == b->n_curves && a->n_curves > 8);
    for (int k = 0; k < a->n_curves; k++) {
        const aet_curve *x = a->curves + k, *y = aet_atoms_find_curve(b, x->name);
        T_CHECK(y && x->n == y->n && x->width == y->width);
        for (int i = 0; y && x->n == y->n && i < x->n * x->width; i++)
            if (!alike(x->values[i], y->values[i]) &&
                !(turned && (one_of(x->name, vectors) || one_of(x->head[i % x->width], framed)))) {
                T_REPORT("curve %s, %s, row %d: %.15g, then %.15g", x->name, x->head[i % x->width],
                         i / x->width, x->values[i], y->values[i]);
                break;
            }
    }
}

static void moved(bool turned)
{
    aet_atoms *a = particle(), *b = NULL;
    T_OK(aet_atoms_copy(a, &b));
    int *place = AET_NEW(int, a->n);
    reorder(b, place);
    if (turned)
        move(b, (const double[3]){33.0, -70.0, 12.0}, (const double[3]){40.0, -3.0, 7.0});
    measure(MPI_COMM_WORLD, a);
    measure(MPI_COMM_WORLD, b);
    T_CHECK(scalar(a, "grains") == 2.0 && scalar(a, "twin_planes") == 1.0);
    compare_columns(a, b, place);
    compare_rest(a, b, turned);
    aet_release(&place);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

/* Bitwise the same on one rank and on all. */
static void ranks(void)
{
    aet_atoms *a = particle(), *b = NULL;
    int wrong = 0;
    T_OK(aet_atoms_copy(a, &b));
    measure(MPI_COMM_WORLD, a);
    measure(MPI_COMM_SELF, b);
    for (int k = 0; k < a->n_scalars; k++)
        wrong += a->scalars[k].value != b->scalars[k].value;
    for (int k = 0; k < a->n_curves; k++)
        wrong += memcmp(a->curves[k].values, b->curves[k].values,
                        (size_t)(a->curves[k].n * a->curves[k].width) * sizeof(double)) != 0;
    for (int k = 0; k < a->n_columns; k++)
        wrong += memcmp(a->columns[k].values, b->columns[k].values,
                        (size_t)(a->n * a->columns[k].width) * sizeof(double)) != 0;
    T_CHECK(wrong == 0 && a->n_scalars == b->n_scalars && a->n_columns == b->n_columns);
    aet_atoms_free(&a);
    aet_atoms_free(&b);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    moved(false);
    moved(true);
    ranks();
    T_END();
}
