/* ranks: 1 2 3 4 */
/* Raw series: sampled where the truth says, to the last pixel; statistics of the noise; drift found again
 * by cross-correlation; the same frames on any number of ranks and after a file. */
#include "aetlas/simulate/series.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/nouns.h"
#include "aetlas/num/fft.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/potential.h"
#include "test.h"
#include <unistd.h>

static const double tilts[3][3] = {{0, -40, 0}, {0, 5, 0}, {0, 61, 0}};

static aet_simulate_params still(void)
{
    aet_simulate_params p;
    T_OK(aet_config_load(NULL, &aet_simulate_table, &p));
    snprintf(p.sigma_A, sizeof p.sigma_A, "0.7");
    p.pixel_A = 0.4;
    p.size = 96;
    p.size_y = 80;
    p.dose_e_per_A2 = 1e6;
    return p;
}

/* Nothing happens to such a frame. */
static aet_series_params quiet(void)
{
    aet_series_params s;
    T_OK(aet_config_load(NULL, &aet_series_table, &s));
    s.poisson = false;
    s.frames = 2;
    s.tilt_error_deg = s.stage_px = s.drift_px = s.walk_px = s.jitter_px = s.film = 0;
    return s;
}

static aet_atoms *one_atom(double x, double y, double z)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(1, &a));
    a->species[0] = 78;
    a->position_A[0][0] = x;
    a->position_A[0][1] = y;
    a->position_A[0][2] = z;
    return a;
}

static aet_raw *run(const aet_atoms *a, const aet_simulate_params *p, const aet_series_params *s)
{
    aet_raw *r = NULL;
    T_OK(aet_simulate_series(MPI_COMM_WORLD, a, tilts, 3, p, s, &r));
    return r;
}

/* Where frame f of tilt i shows the atom, from the truth. */
static void seen(const aet_raw *r, const aet_atoms *a, int i, int f, double at[2])
{
    double R[3][3], p[3];
    const double *o = r->truth->offset_px[i * r->frames + f],
                 *m = r->truth->matrix[i * r->frames + f];
    aet_rotation((const double *)r->truth->angles_deg[i], R);
    aet_rotate((const double(*)[3])R, a->position_A[0], p);
    at[0] = r->nx / 2 + o[0] + (m[0] * p[0] + m[1] * p[1]) / r->pixel_A;
    at[1] = r->ny / 2 + o[1] + (m[2] * p[0] + m[3] * p[1]) / r->pixel_A;
}

/* Every pixel is the atom's blurred v_z at the distance that the undone matrix tells. */
static void exact_places(void)
{
    aet_simulate_params p = still();
    aet_series_params s = quiet();
    aet_atoms *a = one_atom(4.1, -3.3, 2.2);
    const aet_scattering *row;
    aet_profile *profile = NULL;
    s.tilt_error_deg = 2;
    s.axis_error_deg = 1;
    s.stage_px = 3;
    s.drift_px = 4;
    s.walk_px = 1;
    s.scan_x = 0.03;
    s.scan_y = -0.05;
    s.scan_shear = 0.08;
    aet_raw *r = run(a, &p, &s);
    T_OK(aet_scattering_find(AET_KIRKLAND, 78, &row));
    T_OK(aet_profile_create(row, 0.7, &profile));
    const double tol =
        3e-5; /* of the peak: the profile's tolerance, float pixels, and terms left out */
    double moved = 0;
    for (int i = r->slab.start; i < r->slab.start + r->slab.count; i++)
        for (int f = 0; f < r->frames; f++) {
            const double *m = r->truth->matrix[i * r->frames + f];
            const float *frame = aet_raw_frame(r, i, f);
            double at[2], worst = 0, sum = 0, sx = 0, sy = 0, top = 0,
                          det = m[0] * m[3] - m[1] * m[2];
            seen(r, a, i, f, at);
            for (int k = 0; k < r->nx * r->ny; k++)
                top = fmax(top, (double)frame[k]);
            double scale = NAN; /* values per V A: from the pixel nearest to the atom */
            for (int pass = 0; pass < 2; pass++)
                for (int y = 0; y < r->ny; y++)
                    for (int x = 0; x < r->nx; x++) {
                        double dx = x - at[0], dy = y - at[1];
                        double ux = (m[3] * dx - m[1] * dy) / det,
                               uy = (-m[2] * dx + m[0] * dy) / det;
                        double v = aet_profile_projected(profile, hypot(ux, uy) * r->pixel_A);
                        double got = (double)frame[y * r->nx + x];
                        if (pass == 0 && hypot(dx, dy) < 0.75 && isnan(scale))
                            scale = got / v;
                        if (pass == 1) {
                            worst = fmax(worst, fabs(got - scale * v) / top);
                            sum += got, sx += got * x, sy += got * y;
                        }
                    }
            T_NEAR(worst, 0, tol);
            const double centroid_tol = 2e-3; /* pixels: tails outside the frame */
            T_NEAR(sx / sum, at[0], centroid_tol);
            T_NEAR(sy / sum, at[1], centroid_tol);
            moved += hypot(r->truth->offset_px[i * r->frames + f][0],
                           r->truth->offset_px[i * r->frames + f][1]);
            T_NEAR(r->angles_deg[i][1], tilts[i][1], 0);
            T_CHECK(fabs(r->truth->angles_deg[i][1] - tilts[i][1]) <= 2);
            T_CHECK(fabs(r->truth->angles_deg[i][0]) <= 1 && r->truth->angles_deg[i][0] != 0.0);
        }
    T_CHECK(r->slab.count == 0 || moved > 1);
    aet_profile_free(&profile);
    aet_raw_free(&r);
    aet_atoms_free(&a);
}

/* Mean and variance of gain * Poisson(electrons) + dark + normal, over pixels without an atom. */
static void noise(void)
{
    aet_simulate_params p = still();
    aet_series_params s = quiet();
    aet_atoms *a = one_atom(-25, 0, 0); /* beyond the frame but for its rim at one tilt */
    p.size = p.size_y = 128;
    s.poisson = true;
    s.frames = 3;
    s.film = 1e-4;
    s.film_gradient = 0;
    s.gain = 2.5;
    s.dark = 40;
    s.readout = 3;
    aet_raw *r = run(a, &p, &s);
    double electrons = 1e6 / 3 / 3 * 0.16 * 1e-4, sum[3] = {0};
    for (int i = r->slab.start; i < r->slab.start + r->slab.count; i++)
        for (int f = 0; f < 3; f++)
            for (int y = 0; y < 128; y++)
                for (int x = 64; x < 128; x++) {
                    double d = (double)aet_raw_frame(r, i, f)[y * 128 + x] - 2.5 * electrons - 40;
                    sum[0] += 1, sum[1] += d, sum[2] += d * d;
                }
    MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    double variance = 6.25 * electrons + 9, n = sum[0];
    T_CHECK(n == 9.0 * 128 * 64);
    T_NEAR(sum[1] / n, 0, 4 * sqrt(variance / n)); /* 4 sigma */
    /* the variance of a variance: (kurtosis - 1) / n, and the kurtosis of this mixture is below 4 */
    T_NEAR(sum[2] / n / variance, 1, 4 * sqrt(3 / n));
    aet_raw_free(&r);
    aet_atoms_free(&a);
}

/* A line's jitter shifts what it shows of the atom. */
static void jitter(void)
{
    aet_simulate_params p = still();
    aet_series_params s = quiet();
    aet_atoms *a = one_atom(0, 0, 0);
    s.frames = 40;
    s.jitter_px = 0.5;
    aet_raw *r = run(a, &p, &s);
    double sum[3] = {0};
    for (int i = r->slab.start; i < r->slab.start + r->slab.count; i++)
        for (int f = 0; f < s.frames; f++)
            for (int y = 38; y <= 42; y++) {
                const float *line = aet_raw_frame(r, i, f) + y * r->nx;
                double mass = 0, at = 0;
                for (int x = 0; x < r->nx; x++)
                    mass += (double)line[x], at += (double)line[x] * (x - 48);
                sum[0] += 1, sum[1] += at / mass, sum[2] += at / mass * at / mass;
            }
    MPI_Allreduce(MPI_IN_PLACE, sum, 3, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    const double four_sigma = 4 * 0.5 / sqrt(600.0);
    T_CHECK(sum[0] == 600);
    T_NEAR(sum[1] / sum[0], 0, four_sigma);
    T_NEAR(sqrt(sum[2] / sum[0]), 0.5, four_sigma);
    aet_raw_free(&r);
    aet_atoms_free(&a);
}

/* ---- drift ---- */

static aet_atoms *cluster(void)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(60, &a));
    for (int i = 0; i < 60; i++) {
        a->species[i] = 78;
        a->position_A[i][0] = 2.3 * (i % 5 - 2) + 0.1 * (i % 7);
        a->position_A[i][1] = 2.6 * (i / 5 % 4 - 1.4) + 0.2 * (i % 3);
        a->position_A[i][2] = 2.5 * (i / 20 - 1);
    }
    return a;
}

/* The top of a parabola through three values, from the middle one. */
static double top_of(double left, double mid, double right)
{
    return 0.5 * (left - right) / (left - 2 * mid + right);
}

/* How far b is shifted against a, by the peak of their cross-correlation. */
static void correlate(const aet_raw *r, const float *a, const float *b, double shift[2])
{
    int nx = r->nx, ny = r->ny, half = nx / 2 + 1, best = 0;
    aet_fft2 *fft = NULL;
    T_OK(aet_fft2_create(nx, ny, &fft));
    double *real = aet_fft2_real(fft);
    double complex *s = aet_fft2_spectrum(fft),
                   *first = aet_new_bytes((size_t)(half * ny) * sizeof *first);
    for (int k = 0; k < nx * ny; k++)
        real[k] = (double)a[k];
    aet_fft2_forward(fft);
    memcpy(first, s, (size_t)(half * ny) * sizeof *first);
    for (int k = 0; k < nx * ny; k++)
        real[k] = (double)b[k];
    aet_fft2_forward(fft);
    for (int k = 0; k < half * ny; k++)
        s[k] *= conj(first[k]);
    aet_fft2_backward(fft);
    for (int k = 0; k < nx * ny; k++)
        if (real[k] > real[best])
            best = k;
    int x = best % nx, y = best / nx;
    shift[0] =
        x + top_of(real[y * nx + (x + nx - 1) % nx], real[best], real[y * nx + (x + 1) % nx]);
    shift[1] =
        y + top_of(real[(y + ny - 1) % ny * nx + x], real[best], real[(y + 1) % ny * nx + x]);
    shift[0] -= shift[0] > nx / 2 ? nx : 0;
    shift[1] -= shift[1] > ny / 2 ? ny : 0;
    aet_release(&first);
    aet_fft2_free(&fft);
}

/* Noisy frames of a drifting cluster: correlation finds the drift that the truth tells. */
static void drift(void)
{
    aet_simulate_params p = still();
    aet_series_params s = quiet();
    aet_atoms *a = cluster();
    s.poisson = true;
    s.film = 0.002;
    s.drift_px = 2.5;
    s.walk_px = 0.7;
    aet_raw *r = run(a, &p, &s);
    for (int i = r->slab.start; i < r->slab.start + r->slab.count; i++) {
        double d[2];
        correlate(r, aet_raw_frame(r, i, 0), aet_raw_frame(r, i, 1), d);
        const double tol = 0.15; /* pixels: noise, and a parabola through a peak that is none */
        for (int k = 0; k < 2; k++)
            T_NEAR(d[k], r->truth->offset_px[2 * i + 1][k] - r->truth->offset_px[2 * i][k], tol);
    }
    aet_raw_free(&r);
    aet_atoms_free(&a);
}

/* ---- ranks and files ---- */

static bool same_frames(const aet_raw *a, const aet_raw *b)
{
    bool same = true;
    for (int i = a->slab.start; i < a->slab.start + a->slab.count; i++)
        for (int f = 0; f < a->frames; f++)
            if (i >= b->slab.start && i < b->slab.start + b->slab.count)
                same &= memcmp(aet_raw_frame(a, i, f), aet_raw_frame(b, i, f),
                               sizeof(float) * (size_t)(a->nx * a->ny)) == 0;
    return same;
}

static void ranks_and_files(void)
{
    aet_simulate_params p = still();
    aet_series_params s;
    aet_atoms *a = cluster();
    aet_raw *alone = NULL, *back = NULL;
    char name[128];
    T_OK(aet_config_load(NULL, &aet_series_table, &s));
    s.readout = 0.5;
    aet_raw *r = run(a, &p, &s);
    T_OK(aet_simulate_series(MPI_COMM_SELF, a, tilts, 3, &p, &s, &alone));
    T_CHECK(same_frames(r, alone));
    snprintf(name, sizeof name, "series-%d.h5", t_size);
    T_OK(aet_raw_write(MPI_COMM_WORLD, name, r));
    T_OK(aet_raw_read(MPI_COMM_WORLD, name, &back));
    T_CHECK(back->n == 3 && back->frames == 4 && back->ny == 80 && back->nx == 96);
    T_NEAR(back->pixel_A, 0.4, 0);
    T_NEAR(back->dose_e_per_A2, 1e6, 0);
    T_CHECK(same_frames(r, back) && back->truth != NULL);
    T_CHECK(memcmp(r->angles_deg, back->angles_deg, 9 * sizeof(double)) == 0);
    T_CHECK(memcmp(r->truth->angles_deg, back->truth->angles_deg, 9 * sizeof(double)) == 0);
    T_CHECK(memcmp(r->truth->offset_px, back->truth->offset_px, 24 * sizeof(double)) == 0);
    T_CHECK(memcmp(r->truth->matrix, back->truth->matrix, 48 * sizeof(double)) == 0);
    MPI_Barrier(MPI_COMM_WORLD);
    if (t_rank == 0)
        unlink(name);
    p.seed = 2;
    aet_raw *other = run(a, &p, &s);
    T_CHECK(r->slab.count == 0 || !same_frames(r, other));
    aet_raw_free(&other);
    aet_raw_free(&r);
    aet_raw_free(&alone);
    aet_raw_free(&back);
    aet_atoms_free(&a);
}

static void refusals(void)
{
    aet_simulate_params p = still();
    aet_series_params s = quiet();
    aet_atoms *a = cluster();
    aet_raw *r = NULL;
    p.dose_e_per_A2 = 0;
    T_FAILS(aet_simulate_series(MPI_COMM_WORLD, a, tilts, 3, &p, &s, &r), AET_ERR_USAGE, "a dose");
    T_CHECK(r == NULL);
    p = still();
    s.drift_px = 100;
    T_FAILS(aet_simulate_series(MPI_COMM_WORLD, a, tilts, 3, &p, &s, &r), AET_ERR_USAGE, "outruns");
    T_FAILS(aet_raw_create(MPI_COMM_WORLD, 3, 0, 8, 8, 1, &r), AET_ERR_INPUT, "not possible");
    T_OK(aet_raw_create(MPI_COMM_WORLD, 3, 1, 8, 8, 1, &r));
    T_FAILS(aet_raw_check(r), AET_ERR_INPUT, "it shows nothing");
    T_FAILS(aet_raw_write(MPI_COMM_WORLD, "none.h5", r), AET_ERR_INPUT, "it shows nothing");
    aet_raw_free(&r);
    T_FAILS(aet_raw_read(MPI_COMM_WORLD, "none.h5", &r), AET_ERR_INPUT, "none.h5");
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    exact_places();
    noise();
    jitter();
    drift();
    ranks_and_files();
    refusals();
    T_END();
}
