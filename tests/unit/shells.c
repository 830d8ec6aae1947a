/* ranks: 1 2 3 4 */
/* The big grid's transform at single points against sums by definition; which points of a shell are withheld,
 * and how well they are foretold. */
#include "test.h"

#include "blobs.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/par/agree.h"
#include "recon/recon_priv.h"
#include <complex.h>

static float voxel(int64_t index)
{
    const aet_rng key = {5, 0, AET_RNG_TEST};

    return (float)aet_rng_uniform(key, (uint64_t)index);
}

static double complex by_definition(const int n[3], int m, const recon_point *p)
{
    double complex sum = 0;

    for (int64_t i = 0; i < (int64_t)n[0] * n[1] * n[2]; i++) {
        int64_t phase = p->kx * (i % n[0]) + p->ky * (i / n[0] % n[1]) + p->kz * (i / n[0] / n[1]);
        double angle = -2 * AET_PI * (double)(phase % m) / m;
        sum += (double)voxel(i) * CMPLX(cos(angle), sin(angle));
    }
    return sum;
}

/* Transforms in single precision: some 1e-7 of the largest value per step. */
#define TOL 2e-6

static void check_transform(int nx, int ny, int nz, int m)
{
    const int n[3] = {nx, ny, nz};
    const recon_grid grid = {.m = m, .first = t_rank, .step = t_size};
    aet_slab z = aet_slab_mine(nz, MPI_COMM_WORLD);
    int64_t count = (int64_t)z.count * nx * ny, points = 0;
    float *x = NULL;
    recon_point *list = AET_NEW(recon_point, 200);
    double(*values)[2] = NULL, worst = 0, total = 0;

    T_OK(AET_ARRAY(count, "voxels", &x));
    for (int64_t i = 0; i < count; i++)
        x[i] = voxel((int64_t)z.start * nx * ny + i);
    for (int kx = t_rank; kx <= (m - 1) / 2; kx += t_size)
        for (int i = 0; i < 4 && points < 200; i++) /* at the edges too */
            list[points++] =
                (recon_point){.kx = (int16_t)kx,
                              .ky = (int16_t)((i * 5 + kx) % m - (m - 1) / 2),
                              .kz = (int16_t)(i == 3 ? (m - 1) / 2 : -i * kx % (m / 2))};
    for (int64_t i = 0; i < points; i++)
        if (list[i].ky > (m - 1) / 2)
            list[i].ky = 0;
    T_OK(AET_ARRAY(points, "values", &values));
    const recon_pruned which = {
        .grid = &grid, .points = list, .n_points = points, .nx = nx, .ny = ny, .nz = nz};
    T_OK(recon_pruned_at(MPI_COMM_WORLD, &which, x, values));
    for (int64_t i = 0; i < (int64_t)nx * ny * nz; i++)
        total += (double)voxel(i);
    for (int64_t i = 0; i < points; i++)
        worst =
            fmax(worst, cabs(CMPLX(values[i][0], values[i][1]) - by_definition(n, m, list + i)));
    T_NEAR(worst / total, 0, TOL);
    aet_release(&x);
    aet_release(&values);
    aet_release(&list);
}

/* Points of a shell that are withheld: as many as the share says; the same ones on any number of ranks. */
static void check_choice(void)
{
    const int size[3] = {S, S, S};
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 1);
    aet_tilt *t = series(S, S, 2);
    aet_recon_report report = {0};
    recon_point *points = NULL;
    int64_t n = 0, withheld;
    double counts[2][S] = {{0}}, sums[2] = {0};

    p.withhold = AET_WITHHOLD_POINTS;
    p.withheld = 0.05;
    recon_grid grid = recon_grid_of(t, size, &p), alone = grid;
    grid.first = t_rank;
    grid.step = t_size;
    T_OK(recon_points_make(MPI_COMM_WORLD, &grid, size, t, &points, &n, &withheld, &report));
    for (int64_t i = 0; i < n; i++) {
        int s =
            (int)lround(sqrt(recon_length2(&grid, points[i].kx, points[i].ky, points[i].kz)) / 2);
        counts[0][s]++;
        counts[1][s] += points[i].withheld;
        sums[0] +=
            points[i].withheld ? (double)(points[i].kx + 3 * points[i].ky) + points[i].kz : 0;
        T_CHECK(!points[i].withheld || points[i].kx || points[i].ky || points[i].kz);
    }
    aet_sum_double(MPI_COMM_WORLD, counts[0], (int64_t)2 * S);
    for (int s = 0; s < S; s++) /* but for a point and its mate at kx = 0, which are one choice */
        T_NEAR(counts[1][s], round(0.05 * counts[0][s]), 1);
    aet_sum_double(MPI_COMM_WORLD, sums, 1);
    aet_release(&points);
    T_OK(recon_points_make(MPI_COMM_SELF, &alone, size, t, &points, &n, &withheld, &report));
    for (int64_t i = 0; i < n; i++)
        sums[1] +=
            points[i].withheld ? (double)(points[i].kx + 3 * points[i].ky) + points[i].kz : 0;
    T_CHECK(sums[0] == sums[1]);
    aet_release(&points);
    aet_tilt_free(&t);
}

/* Floats summed in another order, after thirty iterations. */
#define TOL_RANKS 1e-3

static void check_reconstruction(aet_recon_method method, aet_recon_withhold withhold)
{
    aet_recon_params p = defaults(method, 30);
    aet_tilt *t = series(S, S, 2);
    aet_recon_report r, alone;
    aet_volume *v = NULL, *w = NULL;
    double points = 0;

    p.withhold = (int)withhold;
    p.withheld = 0.1;
    T_OK(aet_reconstruct(MPI_COMM_WORLD, t, NULL, &p, &v, &r));
    T_CHECK(r.n_shells > S / 3 && r.n_shells <= S + 2);
    for (int s = 0; s < r.n_shells; s++)
        points += r.shells[s].points;
    T_CHECK(points > 100 && r.r_free > 0 && r.r_free < 0.5);
    /* the blobs' transform dies out: low frequencies are foretold far better than high ones */
    T_CHECK(r.shells[2].r_free < 0.3 && r.shells[r.n_shells - 1].r_free > r.shells[2].r_free);
    const aet_curve *c = aet_volume_find_curve(v, "r_free");
    T_CHECK(c && c->n == r.n_shells && c->values[1] == r.shells[0].r_free);
    if (t_rank == 0) {
        T_OK(aet_reconstruct(MPI_COMM_SELF, t, NULL, &p, &w, &alone));
        T_NEAR(alone.r_free, r.r_free, TOL_RANKS);
        T_CHECK(alone.n_shells == r.n_shells);
        for (int s = 0; s < r.n_shells && r.n_shells == alone.n_shells; s++)
            T_CHECK(alone.shells[s].points == r.shells[s].points);
        aet_recon_report_free(&alone);
        aet_volume_free(&w);
    }
    aet_recon_report_free(&r);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

/* Of nothing, everything is missing: 1 in every shell. */
static void check_nothing(void)
{
    const int size[3] = {S, S, S};
    aet_recon_params p = defaults(AET_RECON_GENFIRE, 1);
    aet_tilt *t = series(S, S, 0);
    aet_recon_report r = {0};
    recon_point *points = NULL;
    recon_shells s;
    int64_t n = 0, withheld;
    aet_volume *v = NULL;

    p.withheld = 0.1;
    recon_grid grid = recon_grid_of(t, size, &p);
    grid.first = t_rank;
    grid.step = t_size;
    T_OK(aet_volume_create(MPI_COMM_WORLD, S, S, S, 1, &v));
    T_OK(recon_points_make(MPI_COMM_WORLD, &grid, size, t, &points, &n, &withheld, &r));
    T_OK(recon_shells_begin(MPI_COMM_WORLD, &grid, size, points, n, &s));
    T_OK(recon_shells_measure(&s, v->density));
    recon_shells_report(&s, &r);
    T_CHECK(r.n_shells > 1 && r.r_free == 1);
    for (int i = 0; i < r.n_shells; i++)
        T_CHECK(r.shells[i].r_free == 1);
    recon_shells_free(&s);
    aet_recon_report_free(&r);
    aet_release(&points);
    aet_volume_free(&v);
    aet_tilt_free(&t);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    check_transform(16, 16, 16, 32);
    check_transform(9, 14, 35, 42);
    check_transform(12, 7, 5, 15);
    check_choice();
    check_nothing();
    check_reconstruction(AET_RECON_GENFIRE, AET_WITHHOLD_POINTS);
    check_reconstruction(AET_RECON_GENFIRE, AET_WITHHOLD_IMAGES);
    check_reconstruction(AET_RECON_GENFIRE_FAST, AET_WITHHOLD_IMAGES);
    T_END();
}
