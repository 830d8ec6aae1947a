#include "aetlas/base/config.h"
#include "aetlas/base/hash.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/physics/projector.h"
#include "aetlas/recon/refine.h"
#include <math.h>
#include <stdio.h>

/* Projection and back projection per voxel and tilt, on one core of a 2023 server, at angles of a
 * few degrees (tests/bench/reconstruct.c). */
#define NS_PER_VOXEL_TILT 2.0

void aet_refine_report_free(aet_refine_report *r)
{
    aet_release(&r->before);
    aet_release(&r->after);
    aet_release(&r->r1_before);
    aet_release(&r->r1_after);
    aet_release(&r->lost);
}

static double value_of(const aet_pose *p, int which)
{
    return which < 3 ? p->angles_deg[which] : p->shift_px[which - 3];
}

static void note_poses(const char *key, const aet_refine_report *r, const aet_pose *poses,
                       int which)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    AET_ASSERT(f);
    for (int i = 0; i < r->n; i++)
        fprintf(f, "%s%.6g", i ? " " : "", value_of(poses + i, which));
    fclose(f);
    aet_provenance_note(key, text);
    aet_release(&text);
}

static void note_number(const char *key, double value)
{
    char text[32];

    aet_fmt(text, sizeof text, "%.8g", value);
    aet_provenance_note(key, text);
}

void aet_refine_note(const aet_refine_report *r)
{
    static const char *const given[] = {"refine_given_phi_deg", "refine_given_theta_deg",
                                        "refine_given_psi_deg"};

    for (int a = 0; a < 3; a++)
        note_poses(given[a], r, r->before, a);
    note_poses("refine_shift_x_px", r, r->after, 3);
    note_poses("refine_shift_y_px", r, r->after, 4);
    note_number("refine_r1_before", r->mean_r1_before);
    note_number("refine_r1_after", r->mean_r1_after);
    note_number("refine_reference", r->reference);
    note_number("refine_tilts_left_as_they_were", r->n_lost);
}

uint64_t aet_refine_fingerprint(const aet_refine_params *p, const aet_recon_params *recon)
{
    const double shape[] = {recon->size_x,     recon->size_y,   recon->size_z,
                            recon->extend_x,   recon->extend_y, recon->extend_z,
                            recon->positivity, recon->fine,     recon->projector};
    char *text = aet_config_text(&aet_refine_table, p);
    uint64_t hash = aet_hash_text(AET_HASH_START, text);

    aet_release(&text);
    return aet_hash_bytes(hash, shape, sizeof shape);
}

void aet_refine_memory(int n, int ny, int nx, const aet_refine_params *p,
                       const aet_recon_params *recon, int ranks, double *bytes_per_rank,
                       double *seconds)
{
    const aet_tilt shape = {.n = n, .ny = ny, .nx = nx, .pixel_A = 1};
    int work[3], given[3];
    double images = (double)n * ny * nx * sizeof(float), rounds = 0, starts = 5;

    aet_recon_size(&shape, recon, work, given);
    double plane = (double)work[0] * work[1], voxels = plane * work[2];
    /* the series and its images in work, derivatives and depth of this rank's block; three volumes, and two
     * while the operator's norm is bounded.  The atoms of the last level take less than its rounds. */
    *bytes_per_rank = 40e6 + 4 * images + 6 * images / ranks + aet_projector_bytes(n, nx, ny) +
                      5 * ceil((double)work[2] / ranks) * plane * sizeof(float);
    for (int bin = p->coarsest; bin >= 1; bin = bin > p->finest ? bin / 2 : 0) {
        rounds += p->rounds / pow(bin, 3);
        starts += 1 / pow(bin, 3);
    }
    /* of the last level five volumes more: R1 before and after, what atoms are sought in, and their R1; a
     * round has three more projections for the depth and one for the residual */
    *seconds = 1e-9 * NS_PER_VOXEL_TILT * voxels * n / ranks *
               (rounds * (p->iterations + 2) + starts * p->start);
}
