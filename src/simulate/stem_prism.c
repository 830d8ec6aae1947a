/* PRISM: sizes, memory, and the exit waves of the beams.
 *
 * Memory decides on the shape.  The matrix of all beams is held (spread over the ranks that share an item) and
 * probes are summed up tile by tile, if that fits into memory_GB; else the waves of all probes are, and the matrix
 * comes and goes in parts; should neither fit, parts are made again for every chunk of probes. */
#include "stem_prism.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/num/fft.h"
#include <math.h>
#include <string.h>

enum { FLIGHT_GOOD = 32 };

static aet_err list_columns(struct aet_stem_prism *s)
{
    const aet_stem_aperture *a = &s->beams;
    AET_TRY(AET_ARRAY(a->n + 1, "columns of beams", &s->first));
    for (int b = 0; b < a->n; b++)
        if (b == 0 || a->kx[b] != a->kx[b - 1])
            s->first[s->columns++] = b;
    s->first[s->columns] = a->n;
    AET_TRY(AET_ARRAY(s->columns, "columns of a part", &s->column));
    return AET_ARRAY(s->columns, "columns of a part", &s->place);
}

/* Columns `step` apart from the n-th on: their beams. */
static int beams_of(const struct aet_stem_prism *s, int n, int step)
{
    int beams = 0;
    for (int c = n; c < s->columns; c += step)
        beams += s->first[c + 1] - s->first[c];
    return beams;
}

/* The most beams that a rank ever has at hand, in so many passes. */
static int largest_part(const struct aet_stem_prism *s, int passes)
{
    int most = 0;
    for (int ranks = s->share; ranks <= s->share + s->shared; ranks++)
        for (int n = 0, parts = ranks * passes; n < parts; n++) {
            int beams = beams_of(s, n, parts);
            most = beams > most ? beams : most;
        }
    return most;
}

int aet_stem_prism_wide(const aet_stem_job *j)
{
    const struct aet_stem_prism *s = j->prism;
    double shift = AET_STEM_PRISM_ACROSS * j->step_A / j->lx * s->sx;
    return s->f == 1 ? s->sx : s->wx + (int)ceil(shift) + 1;
}

/* Bytes of everything but matrix, waves in flight and probes. */
static double fixed_bytes(const aet_stem_job *j)
{
    const struct aet_stem_prism *s = j->prism;
    const aet_stem_grid *g = &j->grid;
    double wave = (double)aet_stem_grid_wave(g), exit = (double)s->sx * s->sy;
    double lines = 2.0 * AET_STEM_PRISM_LINES * s->columns * aet_stem_prism_wide(j);
    double cells = (double)aet_fft_band_cells(g->nx, g->ny) +
                   (double)aet_fft_band_cells(s->sx, s->sy) +
                   (double)aet_fft_band_cells(s->wx, s->wy);
    return sizeof(aet_cell) * cells + 8.0 * (wave + exit + 2.0 * s->wx * s->wy) + 4 * lines +
           (double)aet_stem_slicer_bytes(g) +
           (double)aet_fft_band_bytes(g->nx, g->ny, g->hx, g->hy) +
           (double)aet_fft_band_bytes(s->sx, s->sy, s->hx, s->hy) +
           (double)aet_fft_band_bytes(s->wx, s->wy, s->wx / 2, s->wy / 2) +
           8.0 * j->tilts * j->nx * j->ny +
           (j->p->parents > 0 ? 8 * exit * (double)aet_stem_parents_count(j->p->parents) : 0);
}

static int between(double v, int low, int high)
{
    return v < low ? low : v > high ? high : (int)v;
}

/* What one of each takes, and how much room there is for them. */
typedef struct {
    double beam, wave, probe, room;
    int tile, all; /* probes of a tile, of an image */
} sizes;

/* The matrix as a whole, and probes tile by tile. */
static bool whole_matrix(struct aet_stem_prism *s, const sizes *z)
{
    int n = largest_part(s, 1), good = n < FLIGHT_GOOD ? n : FLIGHT_GOOD;
    int flight = between(0.25 * z->beam * n / z->wave, good, n);
    int chunk = s->shared ? z->all : z->tile;
    s->passes = 1;
    s->most_beams = n;
    s->flight = flight;
    s->chunk = s->shared ? chunk : 0;
    return z->beam * n + z->wave * flight + z->probe * chunk <= z->room;
}

/* All probes, and the matrix in parts that are forgotten after their turn: as few as fit, because sums of few
 * columns are small products. */
static bool all_probes(struct aet_stem_prism *s, const sizes *z)
{
    double rest = z->room - z->probe * z->all;
    for (s->passes = 1; s->passes < s->columns; s->passes++)
        if ((z->beam + z->wave) * largest_part(s, s->passes) <= rest)
            break;
    s->flight = s->most_beams = largest_part(s, s->passes);
    s->chunk = z->all;
    return (z->beam + z->wave) * s->most_beams <= rest && z->probe * z->all < 8e9; /* MPI counts */
}

/* Neither: parts, made again for every chunk of probes. */
static bool both_in_parts(struct aet_stem_prism *s, const sizes *z)
{
    for (s->passes = 1; s->passes < s->columns; s->passes++)
        if (z->beam * largest_part(s, s->passes) <= 0.3 * z->room)
            break;
    s->most_beams = largest_part(s, s->passes);
    s->flight = between(0.1 * z->room / z->wave, 1, s->most_beams);
    double rest = z->room - z->beam * s->most_beams - z->wave * s->flight;
    s->chunk = between(fmin(rest, 8e9) / z->probe, 0, z->all);
    return s->chunk >= z->tile;
}

static aet_err find_shape(aet_stem_job *j)
{
    struct aet_stem_prism *s = j->prism;
    double fixed = fixed_bytes(j);
    sizes z = {.beam = 8.0 * s->sx * s->sy,
               .wave = 8.0 * (double)aet_stem_grid_wave(&j->grid),
               .probe = 8.0 * s->wx * s->wy,
               .room = j->p->memory_GB * 1e9 - fixed,
               .tile = AET_STEM_PRISM_LINES * AET_STEM_PRISM_ACROSS};
    z.all = j->nx * j->ny > z.tile ? j->nx * j->ny : z.tile;
    if (!whole_matrix(s, &z) && !all_probes(s, &z))
        AET_CHECK(
            both_in_parts(s, &z), AET_ERR_USAGE,
            "PRISM with %d beams on %d x %d points and probes of %d x %d points needs %.3g GB "
            "per rank at least, more than stem.memory_GB = %g; a higher stem.interpolation or "
            "more ranks per image need less",
            s->beams.n, s->sx, s->sy, s->wx, s->wy,
            1.5e-9 * (fixed + z.beam * largest_part(s, s->columns) + z.wave + z.probe * z.tile),
            j->p->memory_GB);
    j->bytes = fixed + z.beam * s->most_beams + z.wave * s->flight +
               z.probe * (s->chunk ? s->chunk : z.tile);
    aet_info("PRISM: %d beams (every %d. of the aperture) on %d x %d points, probes of %d x %d; "
             "%.3g GB per rank: beams in %d part%s, %d probes at a time",
             s->beams.n, s->f, s->sx, s->sy, s->wx, s->wy, 1e-9 * j->bytes, s->passes,
             s->passes > 1 ? "s" : "", s->chunk ? s->chunk : z.tile);
    if (s->passes > 1 && s->chunk < z.all)
        aet_warn("PRISM: beams go through the specimen up to %d times, because neither all beams, "
                 "%.3g GB, nor all probes, %.3g GB, fit into stem.memory_GB = %g",
                 (z.all + s->chunk - 1) / s->chunk, 1e-9 * z.beam * s->beams.n,
                 1e-9 * z.probe * z.all, j->p->memory_GB);
    return AET_OK;
}

static aet_err allocate(aet_stem_job *j)
{
    struct aet_stem_prism *s = j->prism;
    const aet_stem_grid *g = &j->grid;
    int hx = (s->wx - 1) / 2, hy = (s->wy - 1) / 2, lines = 2 * AET_STEM_PRISM_LINES;
    int64_t window = (int64_t)s->wx * s->wy, wide = aet_stem_prism_wide(j);
    int probes = s->chunk ? s->chunk : AET_STEM_PRISM_LINES * AET_STEM_PRISM_ACROSS;
    AET_TRY(AET_ARRAY((int64_t)s->most_beams * 2 * s->sx * s->sy, "exit waves", &s->matrix));
    AET_TRY(AET_ARRAY(aet_stem_grid_wave(g) * s->flight, "waves", &s->waves));
    AET_TRY(AET_ARRAY(aet_fft_band_cells(s->sx, s->sy), "an exit wave", &s->exit));
    AET_TRY(AET_ARRAY(aet_fft_band_cells(s->wx, s->wy), "a probe", &s->view));
    AET_TRY(AET_ARRAY(window, "the spectrum of a probe", &s->seen));
    AET_TRY(AET_ARRAY(window, "the detector", &s->weight));
    AET_TRY(AET_ARRAY(2 * window * probes, "probes", &s->probes));
    AET_TRY(AET_ARRAY((int64_t)lines * 2 * s->beams.n, "phases of lines", &s->left));
    AET_TRY(AET_ARRAY(lines * s->columns * wide, "sums of columns", &s->lines));
    AET_TRY(AET_ARRAY((int64_t)2 * AET_STEM_PRISM_LINES * AET_STEM_PRISM_ACROSS * 2 * s->columns,
                      "phases of probes", &s->right));
    AET_TRY(AET_ARRAY(2 * AET_STEM_PRISM_GROUP * wide, "rows of probes", &s->row));
    AET_TRY(AET_ARRAY((2LL * s->hx + 1) * (2 * s->hy + 1), "an exit wave", &s->narrow));
    AET_TRY(aet_fft_band_create(s->sx, s->sy, s->hx, s->hy, &s->fine));
    AET_TRY(aet_fft_band_create(s->wx, s->wy, hx, hy, &s->window));
    if (j->p->parents > 0)
        AET_TRY(aet_stem_parents_create(j));
    aet_stem_detector(j->p, j->lx / s->f, j->ly / s->f, hx, hy, s->weight);
    return AET_OK;
}

/* A multiple with small prime factors, the next one: here memory counts. */
static int smallest_size(int n, int multiple)
{
    int m = (n + multiple - 1) / multiple * multiple;
    while (aet_fft_good_size(m) != m)
        m += multiple;
    return m;
}

/* Frequencies of the matrix: see stem_prism.h.  What interpolates between beams wants all of the band, because where
 * exit waves end they do not change slowly. */
static int kept(const aet_stem_job *j, double length_A, int band)
{
    double widest = fmax(j->p->adf_outer_mrad, j->p->semiangle_mrad) * 1e-3 / j->grid.lambda_A;
    int most = (int)ceil(widest * length_A) + j->prism->f;
    return j->p->parents > 0 || most > band ? band : most;
}

aet_err aet_stem_prism_plan(aet_stem_job *j, const aet_optics *o, int ranks)
{
    struct aet_stem_prism *s = AET_NEW(struct aet_stem_prism, 1);
    j->prism = s;
    s->f = j->p->interpolation;
    s->shared = ranks > j->items;
    s->share = s->shared ? ranks / j->items : 1;
    s->hx = kept(j, j->lx, j->grid.hx);
    s->hy = kept(j, j->ly, j->grid.hy);
    s->sx = smallest_size(2 * s->hx + 1, s->f);
    s->sy = smallest_size(2 * s->hy + 1, s->f);
    s->wx = s->sx / s->f;
    s->wy = s->sy / s->f;
    AET_TRY(aet_stem_aperture_create(&j->grid, o, s->f, &s->beams));
    AET_CHECK(s->beams.n >= 9 && s->wx >= 8 && s->wy >= 8, AET_ERR_USAGE,
              "only %d beams and probes of %d x %d points are left with stem.interpolation = %d on "
              "a cell of %.4g x %.4g A; a lower one is needed",
              s->beams.n, s->wx, s->wy, s->f, j->lx, j->ly);
    AET_CHECK(j->p->parents == 0 || aet_stem_parents_count(j->p->parents) < s->beams.n,
              AET_ERR_USAGE,
              "stem.parents = %d rings are %lld beams, no fewer than the %d there are; 0 computes "
              "all of them",
              j->p->parents, (long long)aet_stem_parents_count(j->p->parents), s->beams.n);
    AET_TRY(list_columns(s));
    return find_shape(j);
}

aet_err aet_stem_prism_equip(aet_stem_job *j)
{
    AET_TRY(allocate(j));
    struct aet_stem_prism *s = j->prism;
    j->empty = 0; /* what empty space brings: the beams themselves, as the window sees them */
    for (int b = 0; b < s->beams.n; b++) {
        int kx = s->beams.kx[b] / s->f + (s->wx - 1) / 2,
            ky = s->beams.ky[b] / s->f + (s->wy - 1) / 2;
        float complex a = s->beams.amplitude[b];
        j->empty += (double)(s->weight[kx * (2 * ((s->wy - 1) / 2) + 1) + ky] *
                             (crealf(a) * crealf(a) + cimagf(a) * cimagf(a)));
    }
    return AET_OK;
}

void aet_stem_prism_free(aet_stem_job *j)
{
    struct aet_stem_prism *s = j->prism;
    if (s == NULL)
        return;
    aet_release(&s->first);
    aet_release(&s->column);
    aet_release(&s->place);
    aet_release(&s->matrix);
    aet_release(&s->waves);
    aet_release(&s->exit);
    aet_release(&s->narrow);
    aet_release(&s->view);
    aet_release(&s->seen);
    aet_release(&s->weight);
    aet_release(&s->probes);
    aet_release(&s->left);
    aet_release(&s->lines);
    aet_release(&s->right);
    aet_release(&s->row);
    aet_fft_band_free(&s->fine);
    aet_fft_band_free(&s->window);
    aet_stem_parents_free(&s->parents);
    aet_stem_aperture_free(&s->beams);
    aet_release(&j->prism);
}

/* ---- exit waves ---- */

static void choose_columns(struct aet_stem_prism *s, int part, int parts)
{
    int64_t place = 0;
    s->part = 0;
    for (int c = part; c < s->columns; c += parts) {
        s->column[s->part] = c;
        s->place[s->part++] = place;
        place += (int64_t)(s->first[c + 1] - s->first[c]) * 2 * s->sx * s->sy;
    }
}

void aet_stem_prism_exit(aet_stem_job *j, const float complex *wave, float *re, float *im,
                         int64_t stride)
{
    struct aet_stem_prism *s = j->prism;
    const aet_stem_grid *g = &j->grid;
    int mx = 2 * s->hx + 1, my = 2 * s->hy + 1;
    for (int k = 0; k < mx; k++)
        memcpy(s->narrow + (int64_t)k * my,
               wave + (int64_t)(g->hx - s->hx + k) * g->my + g->hy - s->hy,
               sizeof *wave * (size_t)my);
    aet_fft_band_backward(s->fine, s->narrow, s->exit);
    aet_fft_band_unpack(s->fine, s->exit, re, im, stride);
}

/* One exit wave into its lines of the matrix: beam i of n in its column. */
static void store(aet_stem_job *j, const float complex *wave, float *column, int i, int n)
{
    int64_t sx = j->prism->sx;
    float *re = column + i * sx;
    aet_stem_prism_exit(j, wave, re, re + n * sx, 2 * n * sx);
}

/* Beams from..from + n - 1 of the part, counted through its columns. */
static aet_err fly(aet_stem_job *j, const aet_stem_specimen *specimen, const double left_A[2],
                   int from, int n)
{
    struct aet_stem_prism *s = j->prism;
    aet_stem_grid *g = &j->grid;
    int64_t points = aet_stem_grid_wave(g);
    memset(s->waves, 0, sizeof *s->waves * (size_t)(points * n));
    for (int pass = 0; pass < 2; pass++) {
        int count = 0;
        for (int p = 0; p < s->part; p++) {
            int c = s->column[p], beams = s->first[c + 1] - s->first[c];
            for (int i = 0; i < beams; i++, count++) {
                int b = s->first[c] + i;
                if (count < from || count >= from + n)
                    continue;
                float complex *wave = s->waves + (count - from) * points;
                if (pass == 0)
                    wave[(int64_t)(s->beams.kx[b] + g->hx) * g->my + s->beams.ky[b] + g->hy] = 1;
                else
                    store(j, wave, s->matrix + s->place[p], i, beams);
            }
        }
        if (pass == 0)
            AET_TRY(aet_stem_propagate(j->slicer, g, specimen, left_A, true, s->waves, n));
    }
    return AET_OK;
}

aet_err aet_stem_prism_fill(aet_stem_job *j, const aet_stem_specimen *specimen,
                            const double left_A[2], int rank, int size, int pass)
{
    struct aet_stem_prism *s = j->prism;
    choose_columns(s, pass * size + rank, s->passes * size);
    int all = 0;
    for (int p = 0; p < s->part && s->parents; p++)
        aet_stem_parents_column(s, s->column[p], s->matrix + s->place[p]);
    for (int p = 0; p < s->part && !s->parents; p++)
        all += s->first[s->column[p] + 1] - s->first[s->column[p]];
    for (int from = 0; from < all; from += s->flight)
        AET_TRY(fly(j, specimen, left_A, from, all - from < s->flight ? all - from : s->flight));
    return AET_OK;
}
