#include "aetlas/simulate/series.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "aetlas/physics/geometry.h"
#include "series_priv.h"
#include "simulate_priv.h"
#include <math.h>

#define AET_PARAM_OWNER aet_series_params
AET_PARAMS_TABLE(aet_series_table, "series", "raw series: frames, drift, scan, detector",
                 AET_SERIES_PARAMS);

typedef struct {
    const aet_atoms *atoms;
    const aet_simulate_params *p;
    const aet_series_params *s;
    aet_blurred blurred; /* for pixels of (1 + scan_x) pixel_A, along both axes */
    aet_raw *raw;
    double *plane;           /* [ny][nx] */
    double *line_x, *line_y; /* [ny] */
} job;

void aet_simulate_angle_errors(const double (*angles_deg)[3], int n, double tilt_error_deg,
                               double axis_error_deg, int seed, double (*with_errors_deg)[3])
{
    const double most[3] = {axis_error_deg, tilt_error_deg, axis_error_deg};
    double u[4];
    for (int i = 0; i < n; i++) {
        aet_rng_uniform4((aet_rng){(uint64_t)seed, (uint32_t)i, AET_RNG_ANGLE}, 0, u);
        for (int k = 0; k < 3; k++)
            with_errors_deg[i][k] = angles_deg[i][k] + most[k] * (2 * u[k] - 1);
    }
}

/* One frame without noise, in V A. */
static void paint_frame(job *j, int tilt, int frame)
{
    aet_raw *r = j->raw;
    double R[3][3], at[3], step_A = r->pixel_A * (1 + j->s->scan_x);
    int64_t pixels = (int64_t)r->nx * r->ny;
    float *out = aet_raw_frame(r, tilt, frame);
    aet_motion m = aet_motion_of(j->s, j->p->seed, tilt, frame);

    aet_motion_lines(j->s, &m, j->p->seed, tilt, frame, r->nx, r->ny, j->line_x, j->line_y);
    aet_rotation((const double *)r->truth->angles_deg[tilt], R);
    for (int64_t k = 0; k < pixels; k++)
        j->plane[k] = 0;
    for (int a = 0; a < j->atoms->n; a++) {
        aet_rotate((const double(*)[3])R, j->atoms->position_A[a], at);
        aet_paint_lines(j->plane, r->nx, r->ny, j->line_x, j->line_y,
                        j->blurred.by_z[j->atoms->species[a]],
                        at[0] / step_A + r->nx / 2 / (1 + j->s->scan_x),
                        at[1] / step_A + r->ny / 2 / (1 + j->s->scan_x));
    }
    for (int64_t k = 0; k < pixels; k++)
        out[k] = (float)j->plane[k];
}

/* V A to values: what the film adds, electrons that are counted, the detector. */
static void detect(const job *j, int tilt, int frame, double electrons, double k)
{
    const aet_raw *r = j->raw;
    const aet_series_params *s = j->s;
    float *out = aet_raw_frame(r, tilt, frame);
    uint32_t id = (uint32_t)(tilt * r->frames + frame);
    aet_rng counts = {(uint64_t)j->p->seed, id, AET_RNG_DOSE};
    aet_rng noise = {(uint64_t)j->p->seed, id, AET_RNG_READOUT};
    double u[4], z[4] = {0}, cx = r->nx / 2, cy = r->ny / 2;

    aet_rng_uniform4((aet_rng){(uint64_t)j->p->seed, (uint32_t)tilt, AET_RNG_ANGLE}, 1, u);
    double gx = s->film_gradient * cos(2 * AET_PI * u[0]) / cx,
           gy = s->film_gradient * sin(2 * AET_PI * u[0]) / cy;
    for (int y = 0, i = 0; y < r->ny; y++)
        for (int x = 0; x < r->nx; x++, i++) {
            double film = s->film * (1 + gx * (x - cx) + gy * (y - cy));
            double mean = electrons * (k * fmax(0.0, (double)out[i]) + fmax(0.0, film));
            double n = s->poisson ? aet_rng_poisson(counts, (uint64_t)i, mean) : mean;
            if (s->readout > 0 && i % 4 == 0)
                aet_rng_normal4(noise, (uint64_t)i, z);
            out[i] = (float)(s->gain * n + s->dark + s->dark_gradient * (x - cx) / cx +
                             s->readout * z[i % 4]);
        }
}

/* ---- all frames ---- */

/* Local.  Orientation, place and shape of every frame. */
static aet_err set_truth(job *j, const double (*angles_deg)[3])
{
    aet_raw *r = j->raw;
    aet_raw_add_truth(r);
    for (int i = 0; i < r->n; i++)
        for (int k = 0; k < 3; k++)
            r->angles_deg[i][k] = angles_deg[i][k];
    aet_simulate_angle_errors(angles_deg, r->n, j->s->tilt_error_deg, j->s->axis_error_deg,
                              j->p->seed, r->truth->angles_deg);
    for (int i = 0; i < r->n; i++)
        for (int f = 0; f < r->frames; f++) {
            aet_motion m = aet_motion_of(j->s, j->p->seed, i, f);
            int at = i * r->frames + f;
            AET_TRY(
                aet_motion_truth(j->s, &m, r->ny, r->truth->offset_px[at], r->truth->matrix[at]));
        }
    return AET_OK;
}

/* Local. */
static aet_err check(const aet_atoms *atoms, const aet_simulate_params *p)
{
    AET_CHECK(
        p->dose_e_per_A2 > 0, AET_ERR_USAGE,
        "a raw series is counted electron by electron: give it a dose (simulate.dose_e_per_A2), "
        "e.g. 3e5");
    return aet_simulate_check(atoms, p);
}

/* Local.  What one rank needs to paint. */
static aet_err prepare(job *j, const double (*angles_deg)[3])
{
    aet_simulate_params p = *j->p;
    p.pixel_A *= 1 + j->s->scan_x;
    AET_TRY(set_truth(j, angles_deg));
    AET_TRY(aet_blurred_create(j->atoms, &p, false, &j->blurred));
    AET_TRY(AET_ARRAY((int64_t)j->raw->ny * j->raw->nx, "an image", &j->plane));
    AET_TRY(AET_ARRAY(j->raw->ny, "scan lines", &j->line_x));
    return AET_ARRAY(j->raw->ny, "scan lines", &j->line_y);
}

/* Collective.  The frames of each rank's tilts, without noise. */
static aet_err paint_all(job *j)
{
    aet_raw *r = j->raw;
    int size, rounds;
    MPI_Comm_size(r->comm, &size);
    rounds = aet_slab_of(r->n, 0, size).count * r->frames; /* of the fullest rank */
    aet_progress progress = aet_progress_begin("frames", rounds);
    for (int i = 0; i < rounds; i++) {
        int tilt = i / r->frames;
        AET_CHECK(!aet_stop_now(r->comm), AET_ERR_STOPPED, "stopped after %d of %d frames", i,
                  rounds);
        if (tilt < r->slab.count)
            paint_frame(j, r->slab.start + tilt, i % r->frames);
        aet_progress_step(&progress, NULL);
    }
    aet_progress_end(&progress);
    return AET_OK;
}

static double brightest(const aet_raw *r)
{
    int64_t n = (int64_t)r->slab.count * r->frames * r->ny * r->nx;
    float top = 0;
    for (int64_t i = 0; i < n; i++)
        top = r->images[i] > top ? r->images[i] : top;
    MPI_Allreduce(MPI_IN_PLACE, &top, 1, MPI_FLOAT, MPI_MAX, r->comm);
    return (double)top;
}

static aet_err detect_all(job *j)
{
    aet_raw *r = j->raw;
    double k, top = brightest(r);
    double electrons = j->p->dose_e_per_A2 / r->n / r->frames * r->pixel_A * r->pixel_A;
    AET_CHECK(top > 0, AET_ERR_INPUT, "the frames are empty: no atom lies inside them");
    AET_TRY(aet_simulate_fraction(j->p, j->blurred.heaviest, top, &k));
    aet_info("dose %g e/A^2: %.4g electrons per pixel and frame, brightest pixel %.4g counts",
             j->p->dose_e_per_A2, electrons, k * top * electrons);
    for (int i = r->slab.start; i < r->slab.start + r->slab.count; i++)
        for (int f = 0; f < r->frames; f++)
            detect(j, i, f, electrons, k);
    r->dose_e_per_A2 = j->p->dose_e_per_A2;
    return AET_OK;
}

aet_err aet_simulate_series(MPI_Comm comm, const aet_atoms *atoms, const double (*angles_deg)[3],
                            int n, const aet_simulate_params *p, const aet_series_params *series,
                            aet_raw **out)
{
    aet_err err = AET_OK;
    int nx, ny;
    job j = {.atoms = atoms, .p = p, .s = series};

    aet_phase_begin("raw series");
    *out = NULL;
    AET_GO(AET_AGREE(comm, check(atoms, p)));
    AET_GO(AET_AGREE(comm, aet_simulate_frame_size(atoms, angles_deg, n, p, &nx, &ny)));
    AET_GO(aet_raw_create(comm, n, series->frames, ny, nx, p->pixel_A, out));
    j.raw = *out;
    AET_GO(AET_AGREE(comm, prepare(&j, angles_deg)));
    aet_info("%d atoms in %d tilts of %d frames of %d x %d pixels of %g A", atoms->n, n,
             series->frames, nx, ny, p->pixel_A);
    AET_GO(paint_all(&j));
    AET_GO(AET_AGREE(comm, detect_all(&j)));
done:
    aet_blurred_free(&j.blurred);
    aet_release(&j.plane);
    aet_release(&j.line_x);
    aet_release(&j.line_y);
    if (err)
        aet_raw_free(out);
    aet_phase_end("raw series");
    return err;
}
