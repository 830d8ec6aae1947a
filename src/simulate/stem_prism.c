/* PRISM: sizes, memory, and the exit waves of the beams.
 *
 * Memory decides on the shape: the matrix of all beams at once if it fits into memory_GB (spread over the ranks
 * that share an item); else in parts, and then the waves of as many probes as fit are summed up over the parts.
 * Should they not fit either, the parts are computed again for each chunk of probes. */
#include "stem_prism.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include <math.h>
#include <string.h>

enum { FLIGHT_MAX = 256, FLIGHT_GOOD = 32 };

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
    return 8.0 * ((double)g->nx * g->ny + wave + exit + 3.0 * s->wx * s->wy) + 4 * lines +
           (double)aet_stem_slicer_bytes(g) +
           (double)aet_fft_band_bytes(g->nx, g->ny, g->hx, g->hy) +
           (double)aet_fft_band_bytes(s->sx, s->sy, g->hx, g->hy) +
           (double)aet_fft_band_bytes(s->wx, s->wy, s->wx / 2, s->wy / 2) +
           8.0 * j->tilts * j->nx * j->ny;
}

static int between(double v, int low, int high)
{
    return v < low ? low : v > high ? high : (int)v;
}

static aet_err find_shape(aet_stem_job *j)
{
    struct aet_stem_prism *s = j->prism;
    double beam = 8.0 * s->sx * s->sy, wave = 8.0 * (double)aet_stem_grid_wave(&j->grid),
           probe = 8.0 * s->wx * s->wy, fixed = fixed_bytes(j),
           room = j->p->memory_GB * 1e9 - fixed;
    int tile = AET_STEM_PRISM_LINES * AET_STEM_PRISM_ACROSS, all = j->nx * j->ny;
    int most_chunk = between(0x7fffffff / (2.0 * s->wx * s->wy), 1, all > tile ? all : tile);
    s->passes = 1;
    s->most_beams = largest_part(s, 1);
    int flight = s->most_beams < FLIGHT_GOOD ? s->most_beams : FLIGHT_GOOD;
    if (beam * s->most_beams + wave * flight + probe * tile > room) {
        while (s->passes < s->columns && beam * s->most_beams > 0.3 * room)
            s->most_beams = largest_part(s, ++s->passes);
        flight = between(0.1 * room / wave, 1, s->most_beams);
    }
    double rest = room - beam * s->most_beams - wave * flight;
    s->chunk = s->passes > 1 || s->shared ? between(rest / probe, 0, most_chunk) : 0;
    AET_CHECK(
        rest >= probe * tile, AET_ERR_USAGE,
        "PRISM with %d beams on %d x %d points and probes of %d x %d points needs %.3g GB per "
        "rank at least, more than stem.memory_GB = %g; a higher stem.interpolation or more "
        "ranks per image need less",
        s->beams.n, s->sx, s->sy, s->wx, s->wy,
        1e-9 * (fixed + beam * largest_part(s, s->columns) + wave + probe * tile) * 1.1,
        j->p->memory_GB);
    rest -= probe * (s->chunk ? s->chunk : tile);
    s->flight = between(flight + rest / wave, flight,
                        s->most_beams < FLIGHT_MAX ? s->most_beams : FLIGHT_MAX);
    aet_info("PRISM: %d beams (every %d. of the aperture) on %d x %d points, probes of %d x %d; "
             "%d beams at a time%s, %.3g GB per rank",
             s->beams.n, s->f, s->sx, s->sy, s->wx, s->wy, s->flight,
             s->passes > 1 ? ", in parts" : "",
             1e-9 * (fixed + beam * s->most_beams + wave * s->flight +
                     probe * (s->chunk ? s->chunk : tile)));
    if (s->passes > 1)
        aet_info("PRISM: the beams in %d parts for every %d probes, because all of them would take "
                 "%.3g GB",
                 s->passes, s->chunk, 1e-9 * beam * s->beams.n);
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
    AET_TRY(AET_ARRAY((int64_t)s->sx * s->sy, "an exit wave", &s->exit));
    AET_TRY(AET_ARRAY(window, "a probe", &s->view));
    AET_TRY(AET_ARRAY(window, "the spectrum of a probe", &s->seen));
    AET_TRY(AET_ARRAY(window, "the detector", &s->weight));
    AET_TRY(AET_ARRAY(2 * window * probes, "probes", &s->probes));
    AET_TRY(AET_ARRAY((int64_t)lines * 2 * s->beams.n, "phases of lines", &s->left));
    AET_TRY(AET_ARRAY(lines * s->columns * wide, "sums of columns", &s->lines));
    AET_TRY(AET_ARRAY((int64_t)2 * AET_STEM_PRISM_LINES * AET_STEM_PRISM_ACROSS * 2 * s->columns,
                      "phases of probes", &s->right));
    AET_TRY(AET_ARRAY(2 * AET_STEM_PRISM_GROUP * wide, "rows of probes", &s->row));
    AET_TRY(aet_fft_band_create(s->sx, s->sy, g->hx, g->hy, &s->fine));
    AET_TRY(aet_fft_band_create(s->wx, s->wy, hx, hy, &s->window));
    aet_stem_detector(j->p, j->lx / s->f, j->ly / s->f, hx, hy, s->weight);
    return AET_OK;
}

aet_err aet_stem_prism_plan(aet_stem_job *j, const aet_optics *o, int ranks)
{
    struct aet_stem_prism *s = AET_NEW(struct aet_stem_prism, 1);
    int items = j->tilts * j->configurations;
    j->prism = s;
    s->f = j->p->interpolation;
    s->shared = ranks > items;
    s->share = s->shared ? ranks / items : 1;
    s->sx = aet_fft_band_size(j->grid.mx, s->f);
    s->sy = aet_fft_band_size(j->grid.my, s->f);
    s->wx = s->sx / s->f;
    s->wy = s->sy / s->f;
    AET_TRY(aet_stem_aperture_create(&j->grid, o, s->f, &s->beams));
    AET_CHECK(s->beams.n >= 9 && s->wx >= 8 && s->wy >= 8, AET_ERR_USAGE,
              "only %d beams and probes of %d x %d points are left with stem.interpolation = %d on "
              "a cell of %.4g x %.4g A; a lower one is needed",
              s->beams.n, s->wx, s->wy, s->f, j->lx, j->ly);
    AET_TRY(list_columns(s));
    return find_shape(j);
}

aet_err aet_stem_prism_equip(aet_stem_job *j)
{
    AET_TRY(allocate(j));
    struct aet_stem_prism *s = j->prism;
    float complex *view = s->view;
    memset(view, 0, sizeof *view * (size_t)s->wx * (size_t)s->wy);
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

/* One exit wave into its lines of the matrix: beam i of n in its column. */
static void store(struct aet_stem_prism *s, const float complex *wave, float *column, int i, int n)
{
    aet_fft_band_backward(s->fine, wave, s->exit);
    for (int y = 0; y < s->sy; y++) {
        const float complex *from = s->exit + (int64_t)y * s->sx;
        float *re = column + ((int64_t)y * 2 * n + i) * s->sx, *im = re + (int64_t)n * s->sx;
        for (int x = 0; x < s->sx; x++) {
            re[x] = crealf(from[x]);
            im[x] = cimagf(from[x]);
        }
    }
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
                    store(s, wave, s->matrix + s->place[p], i, beams);
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
    for (int p = 0; p < s->part; p++)
        all += s->first[s->column[p] + 1] - s->first[s->column[p]];
    for (int from = 0; from < all; from += s->flight)
        AET_TRY(fly(j, specimen, left_A, from, all - from < s->flight ? all - from : s->flight));
    return AET_OK;
}
