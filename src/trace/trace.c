#include "aetlas/trace/trace.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/boundary.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/timing.h"
#include "trace/detect_priv.h"
#include "trace/tracer_priv.h"
#include <string.h>

#define AET_PARAM_OWNER aet_trace_params
AET_PARAMS_TABLE(aet_trace_table, "trace", "Tracing and classification", AET_TRACE_PARAMS);

/* First positions are crude: pairs a little too near may still move apart. */
#define FIRST 0.9

static aet_err check_words(const int z_list[], int n, const aet_trace_params *p)
{
    AET_CHECK(n >= 1 && n <= AET_TRACE_SPECIES_MAX, AET_ERR_USAGE,
              "%d species given, 1 to %d expected", n, AET_TRACE_SPECIES_MAX);
    for (int s = 0; s < n; s++)
        AET_CHECK(z_list[s] > 0 && (s == 0 || z_list[s] > z_list[s - 1]), AET_ERR_USAGE,
                  "species must be in ascending atomic number, each once: number %d is Z = %d",
                  s + 1, z_list[s]);
    AET_CHECK(p->edge_low <= p->edge_high, AET_ERR_USAGE,
              "trace.edge_low = %d is above trace.edge_high = %d", p->edge_low, p->edge_high);
    AET_CHECK(p->layer_edge_low <= p->layer_edge_high, AET_ERR_USAGE,
              "trace.layer_edge_low = %d is above trace.layer_edge_high = %d", p->layer_edge_low,
              p->layer_edge_high);
    return AET_OK;
}

static aet_err choose_peaks(const aet_volume *smooth, const aet_trace_params *p, aet_peaks *peaks,
                            aet_trace_report *r)
{
    float *blobs = NULL;
    aet_err err = AET_OK;
    if (p->detect == AET_TRACE_PIECES)
        return aet_trace_pieces(smooth, p, peaks, r);
    AET_GO(aet_trace_threshold(smooth, p, &r->threshold));
    if (p->detect == AET_TRACE_BLOBS)
        AET_GO(aet_trace_blobs(smooth, &blobs));
    AET_GO(aet_trace_candidates(smooth, blobs ? blobs : smooth->density, r->threshold, p->border,
                                peaks));
    r->candidates = peaks->n;
done:
    aet_release(&blobs);
    return err;
}

/* Peaks of the smoothed volume, thinned by the minimum distance. */
static aet_err find_peaks(const aet_volume *v, const aet_trace_params *p, aet_peaks *peaks,
                          aet_trace_report *r)
{
    aet_err err = AET_OK;
    aet_volume smooth = *v;
    double reach = p->min_distance_A / v->voxel_A;

    smooth.density = NULL;
    AET_GO(aet_volume_smooth(v, aet_trace_smoothing_A(p) / v->voxel_A, &smooth.density));
    AET_GO(choose_peaks(&smooth, p, peaks, r));
    AET_GO(AET_AGREE(v->comm, aet_trace_thin(peaks, FIRST * reach, &r->too_near)));
    for (int a = 0; a < 3; a++)
        peaks->shared_width[a] = p->width_A / v->voxel_A;
done:
    aet_release(&smooth.density);
    return err;
}

static aet_err measure(aet_tracer *t)
{
    const aet_volume *v = t->volume;
    AET_TRY(AET_AGREE(v->comm, aet_trace_measure_own(t->block, v->voxel_A, &t->p, &t->peaks)));
    if (t->p.boundary)
        AET_TRY(aet_trace_boundary(v, &t->p, &t->peaks));
    return aet_trace_share(v->comm, &t->peaks);
}

/* What is known of the peaks once they have positions, intensities and classes. */
static void count_peaks(aet_tracer *t)
{
    aet_trace_report *r = &t->report;
    r->outside = r->atoms = r->from_layers = t->unfitted = 0;
    for (int i = 0; i < t->peaks.n; i++) {
        const aet_peak *q = &t->peaks.peak[i];
        t->unfitted += !q->fitted;
        r->outside += q->fitted && !q->inside;
        r->atoms += q->label > 0;
        r->from_layers += q->label > 0 && q->origin == AET_ORIGIN_LAYER;
    }
}

aet_err aet_tracer_finish(aet_tracer *t)
{
    const aet_volume *v = t->volume;
    double *cubes = NULL;
    aet_err err = AET_OK;
    AET_GO(aet_trace_positions(v, t->block, &t->p, &t->peaks, &t->report));
    AET_GO(measure(t));
    if (t->p.classes == AET_TRACE_CUBES)
        AET_GO(aet_trace_cubes(v->comm, t->block, v->voxel_A, &t->p, &t->peaks, &cubes));
    AET_GO(AET_AGREE(v->comm, aet_trace_classify(t->report.z, t->report.n_species, v->voxel_A,
                                                 &t->p, cubes, &t->peaks, &t->report)));
    count_peaks(t);
done:
    aet_release(&cubes);
    return err;
}

aet_err aet_tracer_create(const aet_volume *v, const int z_list[], int n_species,
                          const aet_trace_params *p, aet_tracer **tracer)
{
    aet_err err = AET_OK;
    aet_tracer *t = NULL;
    *tracer = NULL;
    AET_TRY(check_words(z_list, n_species, p)); /* the same words on every rank */
    t = AET_NEW(aet_tracer, 1);
    t->volume = v;
    t->p = *p;
    t->report.n_species = n_species;
    memcpy(t->report.z, z_list, (size_t)n_species * sizeof *z_list);
    aet_phase_begin("trace");
    AET_GO(find_peaks(v, p, &t->peaks, &t->report));
    AET_GO(aet_halo_block(v, aet_trace_depth(p, v->voxel_A), &t->block));
    AET_GO(aet_tracer_finish(t));
    *tracer = t;
    t = NULL;
done:
    aet_phase_end("trace");
    aet_tracer_free(&t);
    return err;
}

void aet_tracer_free(aet_tracer **t)
{
    if (*t) {
        aet_block_free(&(*t)->block);
        aet_release(&(*t)->peaks.peak);
    }
    aet_release(t);
}

aet_err aet_trace(const aet_volume *v, const int z_list[], int n_species, const aet_trace_params *p,
                  aet_atoms **atoms, aet_trace_report *report)
{
    aet_tracer *t = NULL;
    *atoms = NULL;
    AET_TRY(aet_tracer_create(v, z_list, n_species, p, &t));
    aet_err err = AET_AGREE(v->comm, aet_tracer_atoms(t, atoms, report));
    aet_tracer_free(&t);
    return err;
}
