/* ranks: 1 2 */
/* What an item of a data set holds: normalisation, target, truth and tables, against the stages called one by one;
 * what chance decides; items that leave the box. */
#include "aetlas/campaign/dataset.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/h5.h"
#include "test.h"

enum { SIDE = 24, N = SIDE * SIDE * SIDE };

static const char recipe[] =
    "[dataset]\ntrain = 2\nvalidation = 2\ntest = 2\nper_shard = 2\ntilts = 9\n"
    "normalise = Pt\nstore = f32\nvacancies_max = 0.05\n"
    "[particle]\nshape = random\nvolume_low_A3 = 150\nvolume_high_A3 = 250\n"
    "smooth_A = 1\nfraction = 0.5\nrotate = random\n"
    "[simulate]\npixel_A = 0.6\nsize = 24\nsigma_A = Ni:0.6,Pt:0.7\n"
    "[reconstruct]\nmethod = genfire\niterations = 4\ngridding = fft\noversampling = 2\n";

static aet_dataset *open_with(const char *dir, const char *const *sets)
{
    aet_dataset *d = NULL;
    aet_config *c = aet_config_create();
    T_OK(aet_config_add_text(c, recipe, "recipe"));
    for (; sets && *sets; sets++)
        T_OK(aet_config_set(c, *sets));
    T_OK(aet_dataset_open(c, dir, &d));
    aet_config_free(&c);
    return d;
}

static aet_dataset_report make(const char *dir, const char *const *sets)
{
    aet_dataset_report r;
    aet_dataset *d = open_with(dir, sets);
    T_OK(aet_dataset_run(MPI_COMM_WORLD, d, 0, 1, &r));
    aet_dataset_free(&d);
    return r;
}

static double number(const aet_h5 *f, const char *name, int row)
{
    char path[64];
    double v[2] = {NAN, NAN};
    snprintf(path, sizeof path, "/table/%s", name);
    T_OK(aet_h5_read(f, path, AET_H5_F64, 2, v));
    return v[row];
}

/* The atoms of item `row` of a shard of two, and its volumes. */
static aet_atoms *load(const aet_h5 *f, int row, float *input, float *target)
{
    int64_t first[3];
    aet_h5_shape s;
    aet_atoms *a = NULL;
    float *both = NULL;
    T_OK(aet_h5_read(f, "/truth/first", AET_H5_I64, 3, first));
    T_OK(aet_h5_look(f, "/truth/position_A", &s));
    T_CHECK(s.dims[0] == first[2]);
    double *position = aet_new_bytes((size_t)first[2] * 3 * sizeof *position);
    uint8_t *species = aet_new_bytes((size_t)first[2]);
    T_OK(aet_h5_read(f, "/truth/position_A", AET_H5_F64, 3 * first[2], position));
    T_OK(aet_h5_read(f, "/truth/species", AET_H5_U8, first[2], species));
    T_OK(aet_atoms_create((int)(first[row + 1] - first[row]), &a));
    memcpy(a->position_A, position + 3 * first[row], (size_t)a->n * 3 * sizeof *position);
    memcpy(a->species, species + first[row], (size_t)a->n);
    T_OK(AET_ARRAY(2 * N, "volumes", &both));
    T_OK(aet_h5_read(f, "/input", AET_H5_F32, 2 * N, both));
    memcpy(input, both + row * N, N * sizeof *input);
    T_OK(aet_h5_read(f, "/target", AET_H5_F32, 2 * N, both));
    memcpy(target, both + row * N, N * sizeof *target);
    aet_release(&both);
    aet_release(&position);
    aet_release(&species);
    return a;
}

static double mean_at_platinum(const float *v, const aet_atoms *a)
{
    double sum = 0;
    int n = 0;
    for (int i = 0; i < a->n; i++) {
        if (a->species[i] != 78)
            continue;
        int at[3];
        for (int k = 0; k < 3; k++)
            at[k] = (int)lround(a->position_A[i][k] / 0.6) + SIDE / 2;
        for (int z = -1; z <= 1; z++)
            for (int y = -1; y <= 1; y++)
                for (int x = -1; x <= 1; x++, n++)
                    sum += (double)v[((at[2] + z) * SIDE + at[1] + y) * SIDE + at[0] + x];
    }
    return sum / n;
}

static double largest_difference(const float *a, const float *b, double factor)
{
    double worst = 0;
    for (int i = 0; i < N; i++)
        worst = fmax(worst, fabs((double)a[i] - factor * (double)b[i]));
    return worst;
}

/* The target from the truth atoms of the file, which are stored in single precision. */
static void check_target(const aet_h5 *f, int row, bool gaussians)
{
    static float input[N], target[N];
    aet_simulate_params p;
    aet_volume *v = NULL;
    aet_atoms *a = load(f, row, input, target);
    T_OK(aet_config_load(NULL, &aet_simulate_table, &p));
    p.pixel_A = 0.6;
    p.size = SIDE;
    snprintf(p.sigma_A, sizeof p.sigma_A, "Ni:0.6,Pt:0.7");
    if (gaussians)
        T_OK(aet_simulate_balls(MPI_COMM_SELF, a, &p, &v));
    else
        T_OK(aet_simulate_volume(MPI_COMM_SELF, a, &p, &v));
    const double single = 1e-5; /* of a height near 1: positions of single precision */
    double factor = gaussians ? 1 : 0.6 / number(f, "normalisation", row);
    T_NEAR(largest_difference(target, v->density, factor), 0, single);
    T_NEAR(mean_at_platinum(input, a), 1, single);
    T_CHECK(number(f, "atoms", row) == a->n && a->n > 5);
    T_CHECK(number(f, "atoms_Pt", row) == aet_atoms_count(a, 78));
    T_CHECK(number(f, "correlation", row) > 0.5 && number(f, "correlation", row) < 1);
    aet_volume_free(&v);
    aet_atoms_free(&a);
}

/* A Gaussian of height 1 on a voxel, exp(-r^2 / 2 sigma^2) beside it. */
static void check_balls(void)
{
    aet_simulate_params p;
    aet_atoms *a = NULL;
    aet_volume *v = NULL;
    T_OK(aet_config_load(NULL, &aet_simulate_table, &p));
    p.pixel_A = 0.6;
    p.size = SIDE;
    snprintf(p.sigma_A, sizeof p.sigma_A, "0.9");
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = 78;
    T_OK(aet_simulate_balls(MPI_COMM_SELF, a, &p, &v));
    const double single = 1e-6;
    for (int i = 0; i < 5; i++)
        T_NEAR((double)v->density[(SIDE / 2 * SIDE + SIDE / 2) * SIDE + SIDE / 2 + i],
               exp(-0.5 * pow(0.6 * i / 0.9, 2)), single);
    aet_volume_free(&v);
    aet_atoms_free(&a);
}

static void contents(void)
{
    static const char *const plain[] = {NULL}, *const balls[] = {"dataset.target=gaussians", NULL};
    aet_h5 *f = NULL;
    aet_dataset_report r = make("plain", plain);
    T_CHECK(r.items == 6 && r.bad == 0 && r.shards == 3 && r.shards_left == 0);
    make("balls", balls);
    for (int k = 0; k < 2; k++) {
        T_OK(aet_h5_open(k ? "balls/train-00000.h5" : "plain/train-00000.h5", &f));
        for (int row = 0; row < 2; row++)
            check_target(f, row, k == 1);
        T_CHECK(number(f, "vacancies", 0) != number(f, "vacancies", 1));
        T_CHECK(number(f, "sigma_A_Pt", 0) != number(f, "sigma_A_Pt", 1));
        T_CHECK(number(f, "sigma_A_Pt", 0) >= 0.35 && number(f, "sigma_A_Pt", 0) <= 1.05);
        aet_h5_close(&f);
    }
}

/* Of a particle too large for its box, what all images hold is kept, or nothing is made. */
static void box(void)
{
    static const char *const cut[] = {"particle.volume_low_A3=2000", "particle.volume_high_A3=2000",
                                      NULL};
    static const char *const refuse[] = {"particle.volume_low_A3=2000",
                                         "particle.volume_high_A3=2000", "dataset.outside=refuse",
                                         NULL};
    static float input[N], target[N];
    aet_h5 *f = NULL;
    aet_dataset_report r = make("cut", cut);
    T_CHECK(r.bad == 0);
    T_OK(aet_h5_open("cut/train-00000.h5", &f));
    aet_atoms *a = load(f, 1, input, target);
    const double most = 11 * 0.6 - 3 * 0.7;
    double reach = 0;
    for (int i = 0; i < a->n; i++)
        reach = fmax(reach, fmax(hypot(a->position_A[i][0], a->position_A[i][2]),
                                 fabs(a->position_A[i][1])));
    T_CHECK(reach <= most + 1e-5 && reach > 0.8 * most);
    T_CHECK(number(f, "outside", 1) > 0.1);
    T_NEAR(number(f, "volume_A3", 1), 2000 * (1 - number(f, "outside", 1)),
           1); /* as drawn, to a voxel */
    aet_atoms_free(&a);
    aet_h5_close(&f);
    r = make("refuse", refuse);
    T_CHECK(r.bad == 6 && r.shards_left == 0);
}

static void refusals(void)
{
    static const struct {
        const char *set, *part;
    } cases[] = {{"simulate.size=0", "cubes of one size"},
                 {"reconstruct.size_z=9", "the size of the images"},
                 {"reconstruct.support=s.h5", "leave it out"},
                 {"dataset.normalise=Au", "not in particle.species"},
                 {"simulate.sigma_A=Pt:0.6", "no width for Ni"}};
    for (int i = 0; i < 5; i++) {
        aet_dataset *d = NULL;
        aet_config *c = aet_config_create();
        T_OK(aet_config_add_text(c, recipe, "recipe"));
        T_OK(aet_config_set(c, cases[i].set));
        T_FAILS(aet_dataset_open(c, "none", &d), AET_ERR_USAGE, cases[i].part);
        T_CHECK(d == NULL);
        aet_config_free(&c);
    }
    aet_dataset_report r;
    static const char *const other[] = {"dataset.seed=2", NULL};
    aet_dataset *d = open_with("plain", other);
    T_FAILS(aet_dataset_run(MPI_COMM_WORLD, d, 0, 1, &r), AET_ERR_USAGE, "another recipe");
    aet_dataset_free(&d);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    aet_log_init(t_rank, AET_LOG_ERROR); /* bad items are wanted here */
    contents();
    check_balls();
    box();
    refusals();
    T_END();
}
