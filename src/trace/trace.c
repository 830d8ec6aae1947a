#include "aetlas/trace/trace.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "trace/trace_priv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AET_PARAM_OWNER aet_trace_params
AET_PARAMS_TABLE(aet_trace_table, "trace", "Tracing and classification", AET_TRACE_PARAMS);

/* First positions are crude: pairs a little too near may still move apart. */
#define FIRST  0.9
#define WEED   4 /* passes before hopeless peaks are dropped */
#define SETTLE 2 /* passes before the shared widths follow the fits: by then the boxes are clean */

static aet_err check_species(const int z_list[], int n)
{
    AET_CHECK(n >= 1 && n <= AET_TRACE_SPECIES_MAX, AET_ERR_USAGE,
              "%d species given, 1 to %d expected", n, AET_TRACE_SPECIES_MAX);
    for (int s = 0; s < n; s++)
        AET_CHECK(z_list[s] > 0 && (s == 0 || z_list[s] > z_list[s - 1]), AET_ERR_USAGE,
                  "species must be in ascending atomic number, each once: number %d is Z = %d",
                  s + 1, z_list[s]);
    return AET_OK;
}

static double last_move(const aet_peaks *peaks)
{
    double sum = 0;
    for (int i = 0; i < peaks->n; i++)
        sum += peaks->peak[i].move2;
    return peaks->n ? sqrt(sum / peaks->n) : 0;
}

/* Peaks of the smoothed volume, thinned by the minimum distance. */
static aet_err find_peaks(const aet_volume *v, const aet_trace_params *p, aet_peaks *peaks,
                          aet_trace_report *r)
{
    aet_err err = AET_OK;
    aet_volume smooth = *v;
    double reach = p->min_distance_A / v->voxel_A;

    smooth.density = NULL;
    AET_GO(aet_trace_smooth(v, p->smooth_A / v->voxel_A, &smooth.density));
    AET_GO(aet_trace_threshold(&smooth, p, &r->threshold));
    AET_GO(aet_trace_candidates(&smooth, r->threshold, p->border, peaks));
    r->candidates = peaks->n;
    AET_GO(AET_AGREE(v->comm, aet_trace_thin(peaks, FIRST * reach, &r->too_near)));
done:
    aet_release(&smooth.density);
    return err;
}

static int by_value(const void *a, const void *b)
{
    const double *p = a, *q = b;
    return (*p > *q) - (*p < *q);
}

/* The median width of the peaks along each axis; unchanged where too few were fitted. */
static aet_err share_width(aet_peaks *peaks)
{
    double *x = NULL;
    AET_TRY(AET_ARRAY(peaks->n, "widths", &x));
    for (int a = 0; a < 3; a++) {
        int n = 0;
        for (int i = 0; i < peaks->n; i++)
            if (peaks->peak[i].own_width)
                x[n++] = peaks->peak[i].width[a];
        qsort(x, (size_t)n, sizeof *x, by_value);
        if (n > 0)
            peaks->shared_width[a] = sqrt(x[n / 2] * peaks->shared_width[a]);
    }
    aet_release(&x);
    return AET_OK;
}

/* Drops the peaks that the others explain: no hill left,
 * hardly any height left, or run into a stronger one. */
static aet_err weed(const aet_trace_params *p, double voxel_A, aet_peaks *peaks,
                    aet_trace_report *r)
{
    double *x = NULL;
    bool *keep = NULL;
    int n = 0, dropped = 0;
    aet_err err = AET_ARRAY(peaks->n, "heights", &x);
    AET_GO(err);
    AET_GO(AET_ARRAY(peaks->n, "peaks to keep", &keep));
    for (int i = 0; i < peaks->n; i++)
        if (peaks->peak[i].fitted)
            x[n++] = peaks->peak[i].height;
    qsort(x, (size_t)n, sizeof *x, by_value);
    double least = n > 0 ? p->weakest * x[n / 2] : 0;
    for (int i = 0; i < peaks->n; i++) {
        keep[i] = peaks->peak[i].fitted && peaks->peak[i].height >= least;
        r->no_fit += !keep[i];
    }
    aet_trace_keep(peaks, keep);
    AET_GO(aet_trace_thin(peaks, FIRST * p->min_distance_A / voxel_A, &dropped));
    r->too_near += dropped;
done:
    aet_release(&x);
    aet_release(&keep);
    return err;
}

/* Passes of fits with the neighbours taken out, then once more the minimum distance. */
static aet_err find_positions(const aet_volume *v, const aet_block *block,
                              const aet_trace_params *p, aet_peaks *peaks, aet_trace_report *r)
{
    aet_err err = AET_OK;
    aet_poly *poly = NULL;
    int dropped;

    for (int a = 0; a < 3; a++)
        peaks->shared_width[a] = p->width_A / v->voxel_A;
    if (p->method == AET_TRACE_POLYNOMIAL)
        AET_GO(AET_AGREE(v->comm, aet_poly_create(p->poly_half, &poly)));
    for (int pass = 0; pass < p->passes; pass++) {
        AET_GO_CHECK(!aet_stop_now(v->comm), AET_ERR_STOPPED, "tracing was stopped in pass %d",
                     pass);
        AET_GO(AET_AGREE(v->comm, aet_trace_fit_own(block, v->voxel_A, p, poly, peaks)));
        AET_GO(aet_trace_share(v->comm, peaks));
        if (pass >= SETTLE)
            AET_GO(AET_AGREE(v->comm, share_width(peaks)));
        if (pass >= WEED)
            AET_GO(AET_AGREE(v->comm, weed(p, v->voxel_A, peaks, r)));
        r->last_move_A = last_move(peaks) * v->voxel_A;
        aet_debug("trace: pass %d, move_A = %.6f, width_voxels = %.4f %.4f %.4f", pass,
                  r->last_move_A, peaks->shared_width[0], peaks->shared_width[1],
                  peaks->shared_width[2]);
        r->passes = pass + 1;
        if (pass > WEED && r->last_move_A < p->settle_A)
            break;
    }
    AET_GO(AET_AGREE(v->comm, aet_trace_thin(peaks, p->min_distance_A / v->voxel_A, &dropped)));
    r->too_near += dropped;
    for (int a = 0; a < 3; a++)
        r->width_A[a] = peaks->shared_width[a] * v->voxel_A;
done:
    aet_poly_free(&poly);
    return err;
}

static aet_err measure(const aet_volume *v, const aet_block *block, const aet_trace_params *p,
                       aet_peaks *peaks, aet_trace_report *r)
{
    AET_TRY(AET_AGREE(v->comm, aet_trace_measure_own(block, v->voxel_A, p, peaks)));
    if (p->boundary)
        AET_TRY(aet_trace_boundary(v, p, peaks));
    AET_TRY(aet_trace_share(v->comm, peaks));
    for (int i = 0; i < peaks->n; i++) {
        r->no_fit += !peaks->peak[i].fitted;
        r->outside += peaks->peak[i].fitted && !peaks->peak[i].inside;
    }
    return AET_OK;
}

static double *column(aet_atoms *a, const char *name, int width, const char *unit, const char *text)
{
    return aet_atoms_add_column(a, name, width, unit, text)->values;
}

static void fill_columns(const aet_volume *v, const aet_peaks *peaks, const int *which,
                         aet_atoms *a)
{
    double *value[6] = {
        column(a, "intensity", 1, "density A^3",
               "what was classified: density about the atom, neighbours taken out"),
        column(a, "class_margin", 1, "1",
               "distance to the nearest k-means limit / gap of the class means"),
        column(a, "peak_density", 1, "density", "voxel value at the local maximum"),
        column(a, "fit_height", 1, "density", "height of the fitted Gaussian; 0: no fit"),
        column(a, "fit_residual", 1, "1", "root mean square misfit / height"),
        column(a, "fit_width_A", 3, "A", "standard deviations of the Gaussian along x, y, z")};
    for (int i = 0; i < a->n; i++) {
        const aet_peak *q = &peaks->peak[which[i]];
        double row[5] = {q->intensity, q->margin, (double)q->density, q->height, q->residual};
        for (int k = 0; k < 5; k++)
            value[k][i] = row[k];
        for (int k = 0; k < 3; k++)
            value[5][3 * i + k] = q->width[k] * v->voxel_A;
    }
}

static aet_err make_atoms(const aet_volume *v, const int z_list[], const aet_trace_params *p,
                          const aet_peaks *peaks, aet_atoms **atoms)
{
    aet_err err = AET_OK;
    int *order = NULL, n = 0, origin[3] = {v->nx / 2, v->ny / 2, v->nz / 2};

    *atoms = NULL;
    AET_GO(aet_trace_order(peaks, &order));
    for (int i = 0; i < peaks->n; i++) {
        const aet_peak *q = &peaks->peak[order[i]];
        if (q->label > 0 || p->keep_nonatoms)
            order[n++] = order[i];
    }
    AET_GO(aet_atoms_create(n, atoms));
    for (int i = 0; i < n; i++) {
        const aet_peak *q = &peaks->peak[order[i]];
        (*atoms)->species[i] = (uint8_t)(q->label > 0 ? z_list[q->label - 1] : 0);
        for (int a = 0; a < 3; a++)
            (*atoms)->position_A[i][a] = (q->at[a] - origin[a]) * v->voxel_A;
    }
    fill_columns(v, peaks, order, *atoms);
done:
    aet_release(&order);
    return err;
}

aet_err aet_trace(const aet_volume *v, const int z_list[], int n_species, const aet_trace_params *p,
                  aet_atoms **atoms, aet_trace_report *report)
{
    aet_err err = AET_OK;
    aet_block *block = NULL;
    aet_peaks peaks = {0};
    aet_trace_report r = {.n_species = n_species};

    *atoms = NULL;
    AET_TRY(check_species(z_list, n_species));
    memcpy(r.z, z_list, (size_t)n_species * sizeof *z_list);
    aet_phase_begin("trace");
    AET_GO(find_peaks(v, p, &peaks, &r));
    AET_GO(aet_halo_block(v, aet_trace_depth(p, v->voxel_A), &block));
    AET_GO(find_positions(v, block, p, &peaks, &r));
    AET_GO(measure(v, block, p, &peaks, &r));
    AET_GO(AET_AGREE(v->comm, aet_trace_classify(z_list, n_species, v->voxel_A, p, &peaks, &r)));
    AET_GO(AET_AGREE(v->comm, make_atoms(v, z_list, p, &peaks, atoms)));
    for (int s = 0; s < n_species; s++)
        r.atoms += r.count[s];
    if (report)
        *report = r;
done:
    aet_phase_end("trace");
    aet_block_free(&block);
    aet_release(&peaks.peak);
    return err;
}
