/* ranks: 1 2 */
/* san: 1 */
/* Planted grains, twins and rotations, found again; layers and their turns. */
#include "aetlas/analyse/grains.h"
#include "aetlas/data/units.h"
#include "analyse_models.h"

/* Room for a model that grows. */
typedef struct {
    int n;
    double (*x)[3];
} heap;

static void add_atom(heap *h, const double r[3])
{
    h->x = realloc(h->x, (size_t)(h->n + 1) * sizeof *h->x);
    memcpy(h->x[h->n++], r, 3 * sizeof(double));
}

static aet_atoms *to_atoms(heap *h)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(h->n, &a));
    for (int i = 0; i < h->n; i++) {
        memcpy(a->position_A[i], h->x[i], sizeof *h->x);
        a->species[i] = 78;
    }
    free(h->x);
    return a;
}

/* Close-packed layers, one letter each, along z within a ball; layers from `turned` on are rotated about z. */
static aet_atoms *stack(const char *letters, double nn, double radius, int turned, double turn_deg)
{
    heap h = {0};
    int layers = (int)strlen(letters);
    for (int l = 0; l < layers; l++)
        for (int j = -30; j <= 30; j++)
            for (int i = -30; i <= 30; i++) {
                double shift = (letters[l] - 'A') / 3.0, t = turn_deg * AET_RAD_PER_DEG;
                double x = nn * (i + shift + 0.5 * (j + shift)), y = nn * sqrt(0.75) * (j + shift);
                double c = l >= turned ? cos(t) : 1.0, s = l >= turned ? sin(t) : 0.0;
                const double r[3] = {c * x - s * y, s * x + c * y,
                                     nn * sqrt(2.0 / 3.0) * (l - 0.5 * (layers - 1))};
                if (r[0] * r[0] + r[1] * r[1] + r[2] * r[2] <= radius * radius)
                    add_atom(&h, r);
            }
    return to_atoms(&h);
}

static double cell(const aet_atoms *a, const char *curve, int row, const char *head)
{
    const aet_curve *c = aet_atoms_find_curve(a, curve);
    T_CHECK(c != NULL && row < c->n);
    int k = c ? aet_curve_column(c, head) : -1;
    T_CHECK(k >= 0);
    return c && k >= 0 && row < c->n ? c->values[row * c->width + k] : (double)NAN;
}

/* Two twin planes with one layer between (C A B A C A B), and the part above turned by 1.59 degrees about their
 * normal, with noise of 20 pm per axis: the turn comes back.  A half ball of 27 A has 2400 atoms, so the turn of
 * each is known to s/(R sqrt(2 N/5)) = 0.014 degrees. */
static void double_twin(void)
{
    const double axes[3] = {25, -40, 70};
    aet_atoms *a = stack("ABCABCABCABACABCABCABCA", 2.7662, 27.0, 12, 1.59);
    double R[3][3], along = 0.0;
    add_noise(a, 0.2, 1);
    move(a, axes, (double[3]){4, 5, 6});
    analyse(a);
    T_CHECK(scalar(a, "grains") >= 2.0);         /* the layers between may be a third */
    T_CHECK(scalar(a, "grain_assigned") > 0.92); /* the layer between has 6 % */
    T_NEAR(cell(a, "grain_pairs", 0, "angle_deg"), 1.59, 0.05);
    aet_rotation(axes, R);
    for (int k = 0; k < 3; k++) {
        const char *const heads[] = {"axis_x", "axis_y", "axis_z"}, *const hkl[] = {"axis_h",
                                                                                    "axis_k",
                                                                                    "axis_l"};
        along += R[k][2] * cell(a, "grain_pairs", 0, heads[k]);
        /* the same error across the axis: 0.05 of 1.59 degrees */
        T_NEAR(cell(a, "grain_pairs", 0, hkl[k]), sqrt(1.0 / 3.0), 0.04);
    }
    T_NEAR(fabs(along), 1.0, 2e-3);
    for (int g = 0; g < 2; g++) /* sqrt 3 times the noise, less what the fit takes */
        T_NEAR(cell(a, "grains", g, "rmsd_pm"), 20.0 * sqrt(3.0), 1.0);
    aet_atoms_free(&a);
}

/* A twin whose upper half is turned by 0.39 degrees within the plane, with noise s per axis: each layer's 2-D RMSD is
 * s sqrt 2 sqrt(1 - 2/N), two of its 2 N coordinates of 4 being fitted, to 1/sqrt(4 N) of it; the turn stands between
 * two layers, known to s/(R sqrt(N/2)) for each, R the radius. */
static void layers(void)
{
    const double s = 0.1, radius = 22.0;
    aet_atoms *a = stack("ABCABCABCBACBACBACB", 2.7662, radius, 10, 0.39);
    add_noise(a, s, 5);
    move(a, (double[3]){70, 20, -35}, (double[3]){3, 2, 1});
    analyse(a);
    const aet_curve *c = aet_atoms_find_curve(a, "layers");
    T_CHECK(c != NULL && c->n == 19);
    double turn[2] = {0}, in_all = 0.0;
    int fits[2] = {0};
    for (int k = 0; c && k < c->n; k++) {
        const double *row = c->values + 8 * k;
        double n = row[3];
        in_all += row[2];
        if (n < 100.0)
            continue;
        T_CHECK(n > 0.97 * row[2]);
        T_NEAR(row[5], 100.0 * s * sqrt(2.0 * (1.0 - 2.0 / n)),
               4.0 * 100.0 * s * sqrt(2.0 / (4.0 * n)));
        T_NEAR(row[4], 2.7662, 4.0 * s / sqrt(n * n / 12.0)); /* s over the root of sum |site|^2 */
        turn[k > 9] += k != 9 ? row[6] : 0.0;                 /* 9 is the plane that both share */
        fits[k > 9] += k != 9;
    }
    T_CHECK(in_all > 0.95 * a->n);
    T_CHECK(c && c->n == 19 &&
            cell(a, "layers", 1, "height_A") - cell(a, "layers", 0, "height_A") > 2.0);
    T_CHECK(fits[0] >= 6 && fits[1] >= 6);
    T_NEAR(fabs(turn[1] / fits[1] - turn[0] / fits[0]), 0.39, 0.04); /* four times 0.01 */
    T_NEAR(scalar(a, "layer_rmsd_pm"), 100.0 * s * sqrt(2.0), 0.5);
    aet_atoms_free(&a);
}

/* One twin plane: both parts are found, as twins, and the share of atoms on a lattice doubles. */
static void twin(void)
{
    aet_atoms *a = stack("ABCABCABCABACBACBACBA", 2.7662, 22.0, 99, 0.0);
    move(a, (double[3]){10, 20, 30}, (double[3]){0, 0, 0});
    analyse(a);
    T_CHECK(scalar(a, "grains") == 2.0);
    T_CHECK(scalar(a, "fcc_assigned") < 0.65 && scalar(a, "grain_assigned") == 1.0);
    T_CHECK(scalar(a, "twin_grain_pairs") == 1.0);
    T_NEAR(cell(a, "grain_pairs", 0, "angle_deg"), 60.0, 1e-6); /* rounding */
    T_NEAR(cell(a, "grain_pairs", 0, "from_twin_deg"), 0.0, 1e-6);
    T_NEAR(cell(a, "grain_pairs", 0, "axis_l"), sqrt(1.0 / 3.0), 1e-6);
    /* Strain is told within each: nothing is strained against its own lattice. */
    const aet_column *t = aet_atoms_find_column(a, "strain_tensor");
    double most = 0.0;
    for (int k = 0; k < 6 * a->n; k++)
        most = fmax(most, fabs(t->values[k]));
    T_NEAR(most, 0.0, 1e-9);
    aet_atoms_free(&a);
}

/* A twin drawn out along its normal by 1 %: that alone in the axes of the layers, on both sides, though the
 * cubes of the two lie otherwise.  Local-linear fits are exact; what is left is the square of the strain. */
static void drawn_twin(void)
{
    aet_atoms *a = stack("ABCABCABCABACBACBACBA", 3.912 / sqrt(2.0), 22.0, 99, 0.0);
    aet_analyse_params p = defaults();
    p.strain_zero = AET_STRAIN_OF_BULK;
    p.strain_method = AET_STRAIN_LINEAR;
    for (int i = 0; i < a->n; i++)
        a->position_A[i][2] *= 1.01;
    move(a, (double[3]){25, -40, 10}, (double[3]){3, 2, 1});
    T_OK(aet_analyse(MPI_COMM_WORLD, a, &p));
    const double *l = aet_atoms_find_column(a, "layer_strain")->values,
                 *grain = aet_atoms_find_column(a, "grain")->values;
    int of[3] = {0};
    for (int i = 0; i < a->n; i++) {
        of[(int)grain[i]]++;
        for (int k = 0; k < 6 && grain[i] > 0; k++)
            T_NEAR(l[6 * i + k], k == 2 ? 0.01 : 0.0, 2e-4);
    }
    T_CHECK(scalar(a, "grains") == 2.0 && of[1] > 500 && of[2] > 500);
    aet_atoms_free(&a);
}

/* Half a ball of one lattice, half of another: 3.84 and 3.96 A, 30 degrees about no special axis. */
static void two_constants(void)
{
    heap h = {0};
    double R[3][3];
    aet_rotation((double[3]){20, 25, 10}, R);
    for (int g = 0; g < 2; g++) {
        aet_atoms *part = ball(g ? 3.96 : 3.84, 5.2);
        for (int i = 0; i < part->n; i++) {
            const double *q = part->position_A[i];
            double r[3];
            for (int k = 0; k < 3; k++)
                r[k] = g ? R[k][0] * q[0] + R[k][1] * q[1] + R[k][2] * q[2] : q[k];
            if ((g ? r[2] >= 1.0 : r[2] <= -1.0) && r[0] * r[0] + r[1] * r[1] + r[2] * r[2] < 400.0)
                add_atom(&h, r);
        }
        aet_atoms_free(&part);
    }
    aet_atoms *a = to_atoms(&h);
    add_noise(a, 0.1, 3);
    analyse(a);
    T_CHECK(scalar(a, "grains") == 2.0 && scalar(a, "grain_assigned") > 0.97);
    double one = cell(a, "grains", 0, "constant_A"), two = cell(a, "grains", 1, "constant_A");
    /* a s/(R sqrt(3 N/5)) with 1000 atoms of 15 A: 0.001 A; four of these */
    T_NEAR(fmin(one, two), 3.84, 0.004);
    T_NEAR(fmax(one, two), 3.96, 0.004);
    T_CHECK(scalar(a, "twin_grain_pairs") == 0.0);
    /* the first shell's constant is that of the atom's own grain */
    const double *grain = aet_atoms_find_column(a, "grain")->values,
                 *local = aet_atoms_find_column(a, "local_constant_A")->values;
    double sum[2] = {0};
    int n[2] = {0};
    for (int i = 0; i < a->n; i++)
        if (grain[i] > 0.0 && local[i] > 0.0) {
            sum[(int)grain[i] - 1] += local[i];
            n[(int)grain[i] - 1]++;
        }
    T_NEAR(sum[0] / n[0], one, 0.01); /* rims fit worse: 0.1 A of noise over few bonds */
    T_NEAR(sum[1] / n[1], two, 0.01);
    aet_atoms_free(&a);
}

/* Five tetrahedral wedges around an axis, as in decahedra: each 70.53 degrees wide, drawn out to 72. */
static void decahedron(void)
{
    heap h = {0};
    const double nn = 2.75, half = 36.0 * AET_RAD_PER_DEG;
    for (int w = 0; w < 5; w++)
        for (int p = 0; p <= 9; p++)
            for (int q = 0; p + q <= 9; q++)
                for (int z = -(10 - p - q); z <= 10 - p - q; z++) {
                    /* (110) rows along z; p along one twin plane and q along the other */
                    if ((p + q + z + 20) % 2 || (p == 0 && q > 0))
                        continue; /* the second plane belongs to the next wedge */
                    if (p == 0 && q == 0 && w > 0)
                        continue;
                    double along = nn * sqrt(0.75), t1 = 2 * w * half, t2 = 2 * (w + 1) * half;
                    const double r[3] = {along * (p * cos(t1) + q * cos(t2)),
                                         along * (p * sin(t1) + q * sin(t2)), 0.5 * nn * z};
                    add_atom(&h, r);
                }
    aet_atoms *a = to_atoms(&h);
    add_noise(a, 0.05, 3);
    analyse(a);
    T_CHECK(scalar(a, "grains") == 5.0 && scalar(a, "grain_assigned") > 0.9);
    T_CHECK(scalar(a, "fcc_assigned") < 0.35);
    T_CHECK(scalar(a, "twin_grain_pairs") == 5.0);
    aet_atoms_free(&a);
}

/* Least rotations of cubes: 90 degrees about <100> is none; 50 about it is 40; 60 about <111> is the twin. */
static void misorientation(void)
{
    aet_lattice a = {.constant_A = 4.0, .rotation = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, b = a;
    aet_rotation((double[3]){90, 0, 0}, b.rotation);
    T_NEAR(aet_lattice_misorientation(&a, &b).angle_deg, 0.0, 1e-9);
    aet_rotation((double[3]){50, 0, 0}, b.rotation);
    aet_misorientation m = aet_lattice_misorientation(&a, &b);
    T_NEAR(m.angle_deg, 40.0, 1e-9);
    T_NEAR(m.hkl[0], 1.0, 1e-9);
    T_NEAR(m.from_twin_deg, aet_lattice_misorientation(&b, &a).from_twin_deg, 1e-9);
    T_CHECK(m.from_twin_deg > 30.0); /* Sigma 29a is far from Sigma 3 */
    const double t[3][3] = {
        {-1.0 / 3, 2.0 / 3, 2.0 / 3}, {2.0 / 3, -1.0 / 3, 2.0 / 3}, {2.0 / 3, 2.0 / 3, -1.0 / 3}};
    memcpy(b.rotation, t, sizeof t);
    m = aet_lattice_misorientation(&a, &b);
    T_NEAR(m.angle_deg, 60.0, 1e-9);
    T_NEAR(m.from_twin_deg, 0.0, 1e-9);
    T_NEAR(m.hkl[2], sqrt(1.0 / 3.0), 1e-9);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    misorientation();
    twin();
    drawn_twin();
    layers();
    double_twin();
    two_constants();
    decahedron();
    T_END();
}
