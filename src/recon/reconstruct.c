#include "aetlas/recon/reconstruct.h"

#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/projector.h"
#include "aetlas/physics/slice.h"
#include "recon/recon_priv.h"
#include <math.h>
#include <string.h>

#define AET_PARAM_OWNER aet_recon_params
AET_PARAMS_TABLE(aet_recon_table, "reconstruct", "Reconstruction of a volume from a tilt series",
                 AET_RECON_PARAMS);
#undef AET_PARAM_OWNER

static void sizes(int ny, int nx, const aet_recon_params *p, int work[3], int given[3])
{
    const double extend[3] = {p->extend_x, p->extend_y, p->extend_z};

    given[0] = p->size_x > 0 ? p->size_x : nx;
    given[1] = p->size_y > 0 ? p->size_y : ny;
    given[2] = p->size_z > 0 ? p->size_z : nx;
    for (int a = 0; a < 3; a++) {
        work[a] = (int)lround(given[a] * extend[a]);
        if (!p->crop)
            given[a] = work[a];
    }
}

void aet_recon_size(const aet_tilt *tilt, const aet_recon_params *p, int work[3], int given[3])
{
    sizes(tilt->ny, tilt->nx, p, work, given);
}

/* ---- RESIRE: from nouns to operator vectors and back ---- */

typedef struct {
    const aet_tilt *tilt;
    const aet_recon_params *params;
    int size[3];
    uint8_t *mask; /* operator order, or NULL */
    float *b;      /* images in operator order */
    float *x;
    bool *apart; /* [images] withheld, or NULL */
    aet_linop *op;
    aet_gram *gram;
} resire_job;

static aet_err images_in(const aet_tilt *t, float **b)
{
    int64_t m = (int64_t)t->nx * t->ny;

    AET_TRY(AET_ARRAY(t->n * m, "images of the reconstruction", b));
    for (int i = 0; i < t->n; i++)
        aet_transpose(aet_tilt_image(t, i), t->ny, t->nx, *b + i * m);
    return AET_OK;
}

static aet_err mask_in(const aet_volume *support, uint8_t **mask)
{
    aet_err err = AET_OK;
    int64_t n = aet_volume_count(support);
    float *ordered = NULL;

    AET_GO(AET_ARRAY(n, "support", &ordered));
    AET_GO(AET_ARRAY(n, "support mask", mask));
    aet_projector_domain(support, ordered);
    for (int64_t i = 0; i < n; i++)
        (*mask)[i] = ordered[i] > 0;
done:
    aet_release(&ordered);
    return err;
}

static aet_err resire_volume(MPI_Comm comm, resire_job *j, aet_volume **v)
{
    AET_TRY(aet_volume_create(comm, j->size[0], j->size[1], j->size[2], j->tilt->pixel_A, v));
    aet_projector_volume(j->x, *v);
    return AET_OK;
}

static aet_projector_setup setup_of(const aet_tilt *t, const int size[3], bool fine,
                                    const uint8_t *mask)
{
    return (aet_projector_setup){.nx = size[0],
                                 .ny = size[1],
                                 .nz = size[2],
                                 .n = t->n,
                                 .nu = t->nx,
                                 .nv = t->ny,
                                 .angles_deg = (const double(*)[3])t->angles_deg,
                                 .fine = fine,
                                 .mask = mask};
}

static aet_err operators(MPI_Comm comm, const aet_projector_setup *setup, resire_job *j)
{
    const aet_recon_params *p = j->params;

    if (p->projector == AET_PROJECTOR_REAL)
        return aet_projector_create(comm, setup, &j->op);
    AET_TRY(aet_slice_create(comm, setup, p->oversampling, &j->op));
    if (p->projector == AET_PROJECTOR_FOURIER)
        return AET_OK;
    AET_CHECK(
        p->extend_x <= 1 && p->extend_y <= 1 && p->extend_z <= 1 && recon_withheld(p) <= 0,
        AET_ERR_USAGE,
        "reconstruct.projector = convolution takes images as empty beside their frame and as a "
        "whole: with reconstruct.extend_* or reconstruct.withheld take fourier");
    return aet_gram_create(comm, setup, p->oversampling, &j->gram);
}

static aet_err resire(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                      const aet_recon_params *p, const int size[3], recon_keep *keep,
                      aet_volume **v, aet_recon_report *report)
{
    aet_err err = AET_OK;
    resire_job j = {.tilt = tilt, .params = p, .size = {size[0], size[1], size[2]}};

    AET_GO(AET_AGREE(comm, images_in(tilt, &j.b)));
    if (support)
        AET_GO(AET_AGREE(comm, mask_in(support, &j.mask)));
    aet_projector_setup setup = setup_of(tilt, size, p->fine, j.mask);
    AET_GO(operators(comm, &setup, &j));
    AET_GO(AET_AGREE(comm, AET_ARRAY(j.op->n_domain, "RESIRE object", &j.x)));
    if (p->withhold == AET_WITHHOLD_IMAGES && recon_withheld(p) > 0) {
        j.apart = AET_NEW(bool, tilt->n);
        recon_withhold_images(tilt, recon_withheld(p), j.apart);
    }
    AET_GO(recon_resire(j.op, j.gram, j.b, tilt->n, j.apart, j.mask, p, keep, j.x, report));
    AET_GO(resire_volume(comm, &j, v));
done:
    aet_linop_free(&j.op);
    aet_gram_free(&j.gram);
    aet_release(&j.apart);
    aet_release(&j.mask);
    aet_release(&j.b);
    aet_release(&j.x);
    return err;
}

/* ---- GENFIRE ---- */

static aet_err genfire(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                       const aet_recon_params *p, const int size[3], recon_keep *keep,
                       aet_volume **v, aet_recon_report *report)
{
    AET_TRY(aet_volume_create(comm, size[0], size[1], size[2], tilt->pixel_A, v));
    AET_TRY(recon_genfire(tilt, support, p, keep, *v, report));
    return aet_recon_r_factors(*v, tilt, p->fine, report);
}

aet_err aet_recon_r_factors(const aet_volume *v, const aet_tilt *tilt, bool fine,
                            aet_recon_report *report)
{
    aet_err err = AET_OK;
    const int size[3] = {v->nx, v->ny, v->nz};
    float *b = NULL, *y = NULL, *x = NULL;
    aet_linop *op = NULL;
    aet_projector_setup setup = setup_of(tilt, size, fine, NULL);

    AET_GO(AET_AGREE(v->comm, images_in(tilt, &b)));
    AET_GO(aet_projector_create(v->comm, &setup, &op));
    AET_GO(AET_AGREE(v->comm, AET_ARRAY(op->n_domain, "volume for R factors", &x)));
    AET_GO(AET_AGREE(v->comm, AET_ARRAY(op->n_range, "images for R factors", &y)));
    aet_projector_domain(v, x);
    aet_linop_forward(op, x, y);
    for (int64_t i = 0; i < op->n_range; i++)
        y[i] -= b[i];
    recon_r_factors(y, b, tilt->n, op->n_range / tilt->n, report);
done:
    aet_linop_free(&op);
    aet_release(&b);
    aet_release(&y);
    aet_release(&x);
    return err;
}

/* ---- the door ---- */

static aet_err check_inputs(const aet_tilt *tilt, const aet_volume *s, const int work[3],
                            const int given[3])
{
    AET_TRY(aet_tilt_check(tilt));
    if (!s)
        return AET_OK;
    bool small = s->nx == given[0] && s->ny == given[1] && s->nz == given[2];
    bool large = s->nx == work[0] && s->ny == work[1] && s->nz == work[2];
    AET_CHECK(small || large, AET_ERR_INPUT,
              "the support is %d x %d x %d voxels, but the volume to reconstruct is %d x %d x %d "
              "(reconstruct.size_*): they must be the same",
              s->nx, s->ny, s->nz, given[0], given[1], given[2]);
    return AET_OK;
}

aet_err aet_reconstruct(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                        const aet_recon_params *p, aet_volume **out, aet_recon_report *report)
{
    return aet_reconstruct_kept(comm, tilt, support, p, NULL, out, report);
}

aet_err aet_reconstruct_kept(MPI_Comm comm, const aet_tilt *tilt, const aet_volume *support,
                             const aet_recon_params *p, const char *checkpoint, aet_volume **out,
                             aet_recon_report *report)
{
    aet_err err = AET_OK;
    int work[3], given[3];
    aet_volume *v = NULL, *mask = NULL;
    recon_keep keep;

    *out = NULL;
    recon_report_start(report, tilt->n, recon_iterations_most(p));
    aet_recon_size(tilt, p, work, given);
    AET_GO(AET_AGREE(comm, check_inputs(tilt, support, work, given)));
    if (support)
        AET_GO(aet_volume_resize(support, work[0], work[1], work[2], &mask));
    aet_info("reconstructing %d x %d x %d voxels from %d images of %d x %d, %d iterations", work[0],
             work[1], work[2], tilt->n, tilt->nx, tilt->ny, p->iterations);
    recon_keep_begin(comm, checkpoint, tilt, mask, p, &keep);
    if (aet_recon_is_resire(p))
        AET_GO(resire(comm, tilt, mask, p, work, &keep, &v, report));
    else
        AET_GO(genfire(comm, tilt, mask, p, work, &keep, &v, report));
    AET_GO(aet_volume_resize(v, given[0], given[1], given[2], out));
    recon_report_curve(report, *out);
    recon_report_shells(report, *out);
done:
    aet_volume_free(&v);
    aet_volume_free(&mask);
    return err;
}

/* ---- planning ---- */

/* Speeds of one core of a 2023 server: projection and back projection together take
 * 0.35 ns per voxel and tilt for plain tilts (tests/bench/reconstruct.c) and 0.7 ns
 * with a few degrees of phi and psi; transforms run at 6 to 12 GFLOP/s. */
#define NS_PER_VOXEL_TILT  0.7
#define NS_PER_SLICE_POINT 150
#define NS_PER_CONVOLVED   20
#define FFT_FLOP_PER_NS    6.0

static double resire_bytes(int n, int ny, int nx, const int w[3], const aet_recon_params *p,
                           int ranks)
{
    double voxels = ceil((double)w[2] / ranks) * w[0] * w[1];
    int fast = p->method == AET_RECON_RESIRE_FAST, watch = recon_withheld(p) > 0;
    int best = fast && watch && p->withhold == AET_WITHHOLD_POINTS;
    int objects = 3 + fast + best, images = 3 + 2 * fast + best;

    return voxels * (objects * (double)sizeof(float) + 1) +
           (double)n * ny * nx * (images * (double)sizeof(float) + watch) +
           (p->projector == AET_PROJECTOR_REAL
                ? aet_projector_bytes(n, nx, ny)
                : aet_slice_bytes(n, nx, ny, w, p->oversampling, ranks)) +
           (p->projector == AET_PROJECTOR_CONVOLUTION
                ? aet_gram_bytes(w, ranks) + voxels * sizeof(float)
                : 0);
}

static double resire_seconds(int n, int ny, int nx, const int w[3], const aet_recon_params *p,
                             int ranks)
{
    double voxels = (double)w[0] * w[1] * w[2],
           pixels = p->oversampling * p->oversampling * nx * ny;
    double ns = NS_PER_VOXEL_TILT * voxels * n;

    if (p->projector == AET_PROJECTOR_CONVOLUTION) /* and its kernel, 3.5 ns per offset and view */
        return 1e-9 * (NS_PER_CONVOLVED * voxels * (p->iterations + 4) + 14 * voxels * n) / ranks;
    if (p->projector == AET_PROJECTOR_FOURIER) /* a pair of transforms, half of each field */
        ns = 2 * 2.5 * 8 * voxels * log2(8 * voxels) / FFT_FLOP_PER_NS +
             NS_PER_SLICE_POINT * n * pixels;
    return 1e-9 * ns * (p->iterations + 4) / ranks;
}

static void needs(int n, int ny, int nx, const aet_recon_params *p, bool slices, int ranks,
                  double *bytes_per_rank, double *seconds)
{
    int work[3], given[3];

    sizes(ny, nx, p, work, given);
    /* the input series, and the program with its libraries */
    double base = (double)n * ny * nx * sizeof(float) + 50e6;
    bool resire = aet_recon_is_resire(p);
    *bytes_per_rank = base + (resire ? resire_bytes(n, ny, nx, work, p, ranks)
                                     : recon_genfire_bytes(n, ny, nx, work, p, slices, ranks));
    *seconds = resire ? resire_seconds(n, ny, nx, work, p, ranks)
                      : recon_genfire_seconds(n, ny, nx, work, p, slices, ranks);
    if (p->halves) { /* the whole and one half beside the other; three, and four of FFTW's, for the FSC */
        double volume = sizeof(float) * ceil((double)given[2] / ranks) * given[0] * given[1];
        *bytes_per_rank = fmax(*bytes_per_rank + 2 * volume, base + 7 * volume);
        *seconds *= resire ? 2 : 3; /* GENFIRE's steps do not depend on the number of tilts */
    }
}

void aet_recon_memory(int n, int ny, int nx, const aet_recon_params *p, int ranks,
                      double *bytes_per_rank, double *seconds)
{
    needs(n, ny, nx, p, false, ranks, bytes_per_rank, seconds);
}

void aet_recon_tilt_memory(const aet_tilt *t, const aet_recon_params *p, int ranks,
                           double *bytes_per_rank, double *seconds)
{
    int work[3], given[3];

    aet_recon_size(t, p, work, given);
    bool slices = !aet_recon_is_resire(p) && recon_grid_of(t, work, p).columns;
    needs(t->n, t->ny, t->nx, p, slices, ranks, bytes_per_rank, seconds);
}
