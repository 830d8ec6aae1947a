/* ranks: 1 */
/* ADF-STEM: a slice against two full transforms and separate products, and the sums of PRISM's probes against a
 * product of matrix and vector for each, at the size of a 4 nm particle (cell 50 A, 0.1 A, every fourth beam). */
#include "aetlas/base/mem.h"
#include "aetlas/num/fft_band.h"
#include "bench.h"
#include "simulate/stem_prism.h"
#include <fftw3.h>
#include <string.h>

enum { N = 512, SLICES = 10, LITERAL = 4 };

static void transmit(float complex *wave, const float complex *factor)
{
    for (int i = 0; i < N * N; i++) {
        float a = crealf(wave[i]), b = cimagf(wave[i]), c = crealf(factor[i]),
              d = cimagf(factor[i]);
        wave[i] = CMPLXF(a * c - b * d, a * d + b * c);
    }
}

/* Slices as textbooks have them: all of the spectrum, one pass each for product, propagator and scaling. */
static void literal_slices(fftwf_plan to, fftwf_plan back, float complex *wave,
                           const float complex *transmission, const float complex *propagator)
{
    for (int k = 0; k < SLICES; k++) {
        transmit(wave, transmission);
        fftwf_execute(to);
        transmit(wave, propagator);
        fftwf_execute(back);
        for (int i = 0; i < N * N; i++)
            wave[i] = CMPLXF(crealf(wave[i]) / (N * N), cimagf(wave[i]) / (N * N));
    }
}

static void slices(void)
{
    int h = (N + 2) / 3 - 1;
    double ours, literal, floor;
    aet_fft_band *plan = NULL;
    float complex *wave = NULL, *field = NULL, *band = NULL, *f = NULL;
    aet_cell *cells = NULL;
    B_OK(AET_ARRAY(N * N, "wave", &wave));
    B_OK(AET_ARRAY(N * N, "field", &field));
    B_OK(AET_ARRAY(aet_fft_band_cells(N, N), "field", &cells));
    B_OK(AET_ARRAY((2 * h + 1) * (2 * h + 1), "band", &band));
    B_OK(AET_ARRAY(2 * h + 1, "factors", &f));
    B_OK(aet_fft_band_create(N, N, h, h, &plan));
    fftwf_plan to = fftwf_plan_dft_2d(N, N, wave, wave, FFTW_FORWARD, FFTW_MEASURE);
    fftwf_plan back = fftwf_plan_dft_2d(N, N, wave, wave, FFTW_BACKWARD, FFTW_MEASURE);
    for (int i = 0; i < N * N; i++)
        field[i] = wave[i] = 1;
    for (int i = 0; i <= 2 * h; i++)
        f[i] = 1.0f / N;
    B_TIME(ours, 7,
           for (int k = 0; k < SLICES; k++) aet_fft_band_multiply(plan, band, cells, f, f, NULL));
    B_TIME(literal, 7, literal_slices(to, back, wave, field, field));
    B_TIME(
        floor, 7, for (int k = 0; k < SLICES; k++) {
            fftwf_execute(to);
            fftwf_execute(back);
        });
    B_RATIO("stem_slice", ours, literal,
            "a slice of 512^2 against full transforms and products apart");
    B_RATIO("stem_slice_floor", ours, floor, "the same against the two full transforms alone");
    fftwf_destroy_plan(to);
    fftwf_destroy_plan(back);
    aet_fft_band_free(&plan);
    aet_release(&wave);
    aet_release(&field);
    aet_release(&cells);
    aet_release(&band);
    aet_release(&f);
}

/* Probes one by one, every beam a vector: as PRISM is first written down. */
static void literal_probe(const aet_stem_job *j, const float complex *matrix, int x0, int y0,
                          float complex *view)
{
    const struct aet_stem_prism *s = j->prism;
    memset(view, 0, sizeof *view * (size_t)s->wx * (size_t)s->wy);
    for (int b = 0; b < s->beams.n; b++) {
        float u = crealf(s->beams.amplitude[b]), v = cimagf(s->beams.amplitude[b]);
        for (int y = 0; y < s->wy; y++) {
            const float complex *row = matrix + ((int64_t)b * s->sy + (y0 + y) % s->sy) * s->sx;
            for (int x = 0; x < s->wx; x++) {
                float complex z = row[(x0 + x) % s->sx];
                view[y * s->wx + x] +=
                    CMPLXF(u * crealf(z) - v * cimagf(z), u * cimagf(z) + v * crealf(z));
            }
        }
    }
}

static void literal_probes(aet_stem_job *j, const float complex *matrix, float complex *view)
{
    for (int i = 0; i < LITERAL; i++)
        literal_probe(j, matrix, 37 * i, 11 * i, view);
}

static aet_atoms *slab(void)
{
    aet_atoms *a = NULL;
    B_OK(aet_atoms_create(20 * 20, &a));
    for (int i = 0; i < a->n; i++) {
        a->species[i] = 78;
        a->position_A[i][0] = 2 * (i % 20) - 19;
        a->position_A[i][1] = 2 * (i / 20) - 19;
    }
    return a;
}

/* All beams at once, tile by tile; their exit waves are made outside of the clock. */
static double sum_all(aet_stem_job *j, const aet_stem_scan *scan, const double left_A[2])
{
    struct aet_stem_prism *s = j->prism;
    B_OK(aet_stem_prism_fill(j, NULL, left_A, 0, 1, 0));
    double start = MPI_Wtime();
    for (int u = 0; u < scan->units; u++) {
        aet_stem_prism_sum(j, scan, &scan->unit[u], left_A, false, s->probes);
        for (int i = 0; i < scan->unit[u].count; i++)
            aet_stem_prism_detect(j, s->probes + (int64_t)i * 2 * s->wx * s->wy);
    }
    return (MPI_Wtime() - start) / scan->n;
}

static void probes(void)
{
    aet_stem_params p;
    static const double flat[1][3] = {{0, 0, 0}};
    B_OK(aet_config_load(NULL, &aet_stem_table, &p));
    p.energy_keV = 300;
    p.adf_inner_mrad = 40;
    p.adf_outer_mrad = 48;
    p.sampling_A = 0.1;
    p.cell_A = 50;
    p.pixel_A = 0.5;
    p.phonons = 0;
    p.parents = 1; /* exit waves that cost nothing: zeros */
    aet_optics o = {.energy_keV = 300, .semiangle_mrad = 25};
    aet_stem_job j = {.p = &p, .angles_deg = flat, .tilts = 1, .configurations = 1};
    aet_atoms *a = slab();
    aet_stem_scan scan;
    float complex *matrix = NULL, *view = NULL;
    double ours, literal;
    j.atoms = a;
    B_OK(aet_stem_plan(&j, &o, 1));
    B_OK(aet_stem_prism_equip(&j));
    B_OK(aet_stem_scan_create(&j, 0, &scan));
    const double left[2] = {-25, -25};
    B_OK(AET_ARRAY((int64_t)j.prism->beams.n * j.prism->sx * j.prism->sy, "matrix", &matrix));
    B_OK(AET_ARRAY(j.prism->wx * j.prism->wy, "view", &view));
    ours = sum_all(&j, &scan, left);
    B_TIME(literal, 2, literal_probes(&j, matrix, view));
    if (b_rank == 0)
        printf("%d beams, probes of %d x %d points, %d probes\n", j.prism->beams.n, j.prism->wx,
               j.prism->wy, scan.n);
    B_RATIO("stem_probe", ours, literal / LITERAL,
            "a probe of PRISM, summed and detected, against a product of matrix and vector");
    aet_release(&matrix);
    aet_release(&view);
    aet_stem_scan_free(&scan);
    aet_stem_prism_free(&j);
    aet_stem_grid_free(&j.grid);
    aet_release(&j.middle_A);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    B_START(argc, argv);
    slices();
    probes();
    B_END();
}
