#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/recon/refine.h"
#include "cmd/command.h"
#include "cmd/describe.h"
#include <stdio.h>

static void print(const aet_refine_report *r)
{
    aet_out("r1_before = %.6f\nr1_after = %.6f\nrms_angle_deg = %.4f\nrms_shift_px = %.4f\n",
            r->mean_r1_before, r->mean_r1_after, r->rms_angle_deg, r->rms_shift_px);
    aet_out("reference = %d\ntilts_lost = %d\nrounds = %d\nseconds = %.2f\n", r->reference,
            r->n_lost, r->rounds, r->seconds);
    aet_out("# tilt   phi, theta, psi (deg) before  and after                      "
            "shift x, y (px)   R1 before, after\n");
    for (int i = 0; i < r->n; i++) {
        const double *a = r->before[i].angles_deg, *b = r->after[i].angles_deg;
        const double *s = r->after[i].shift_px;
        aet_out("tilt_%03d = %8.3f %8.3f %8.3f  %8.3f %8.3f %8.3f  %8.3f %8.3f  %.5f %.5f%s\n", i,
                a[0], a[1], a[2], b[0], b[1], b[2], -s[0], -s[1], r->r1_before[i], r->r1_after[i],
                r->lost[i] ? "  lost" : "");
    }
}

static aet_err write_table(const char *path, const aet_refine_report *r)
{
    FILE *f = NULL;

    AET_TRY(aet_writer_open(path, &f));
    fputs("tilt,given_phi_deg,given_theta_deg,given_psi_deg,phi_deg,theta_deg,psi_deg,"
          "moved_x_px,moved_y_px,r1_before,r1_after,lost\n",
          f);
    for (int i = 0; i < r->n; i++) {
        const double *a = r->before[i].angles_deg, *b = r->after[i].angles_deg;
        const double *s = r->after[i].shift_px;
        fprintf(f, "%d,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.5f,%.5f,%.6f,%.6f,%d\n", i, a[0], a[1], a[2],
                b[0], b[1], b[2], -s[0], -s[1], r->r1_before[i], r->r1_after[i], r->lost[i]);
    }
    return aet_writer_close(path, &f);
}

/* The volume of the refined series, with all of [reconstruct]. */
static aet_err write_volume(const aet_args *args, const char *path, const aet_tilt *tilt,
                            const aet_recon_params *p)
{
    aet_recon_report report = {0};
    aet_volume *support = NULL, *v = NULL;
    aet_err err = AET_OK;

    if (p->support[0])
        AET_GO(aet_volume_read(args->comm, p->support, &support));
    AET_GO(aet_reconstruct(args->comm, tilt, support, p, &v, &report));
    aet_recon_note(p, &report);
    AET_GO(aet_volume_write(args->comm, path, v));
    aet_out("volume_r1 = %.6f\n", report.mean_r1);
done:
    aet_recon_report_free(&report);
    aet_volume_free(&support);
    aet_volume_free(&v);
    return err;
}

static aet_err save(const aet_args *args, const aet_tilt *tilt, const aet_recon_params *p,
                    const aet_refine_report *report)
{
    const char *table = aet_args_get(args, "table"), *volume = aet_args_get(args, "volume");

    aet_refine_note(report);
    AET_TRY(aet_tilt_write(args->comm, args->output, tilt));
    if (table)
        AET_TRY(AET_AGREE(args->comm, args->rank == 0 ? write_table(table, report) : AET_OK));
    return volume ? write_volume(args, volume, tilt, p) : AET_OK;
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_refine_params p;
    aet_recon_params recon;
    aet_refine_report report = {0};
    aet_tilt *tilt = NULL, *refined = NULL;
    double planned, seconds;

    AET_TRY(aet_args_params(args, &aet_refine_table, &p));
    AET_TRY(aet_args_params(args, &aet_recon_table, &recon));
    AET_GO(aet_tilt_read(args->comm, args->inputs[0], &tilt));
    AET_GO(aet_refine(args->comm, tilt, &p, &recon, &refined, &report));
    print(&report);
    aet_refine_memory(tilt->n, tilt->ny, tilt->nx, &p, &recon, args->size, &planned, &seconds);
    describe_memory(args->comm, planned);
    AET_GO(save(args, refined, &recon, &report));
done:
    aet_refine_report_free(&report);
    aet_tilt_free(&tilt);
    aet_tilt_free(&refined);
    return err;
}

static const aet_option options[] = {
    {"volume", "FILE", "also reconstruct the refined series, with [reconstruct], into this file",
     0},
    {"table", "FILE", "write angles, shifts and R factors of every tilt as CSV", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_param_table *const tables[] = {&aet_refine_table, &aet_recon_table, NULL};

const aet_command aet_cmd_refine = {
    .name = "refine",
    .group = "stages",
    .usage = "tilt.h5 -o refined.h5 [--volume volume.h5]",
    .summary = "tilt series -> tilt series, with refined angles and realigned images",
    .text =
        "Finds the three angles and the place of every image by comparing it with the\n"
        "projection of the volume that all of them make, from coarse to fine, and writes the\n"
        "series with those angles and with its images shifted into place. Images are\n"
        "interpolated once, from the originals. A rotation of an image in its plane is one of\n"
        "the orientation: it is found as angles, and images are not rotated.\n"
        "\n"
        "Volume and poses are fitted together: while the volume is made, what an image could\n"
        "gain by moving is left out of its residual, so the volume does not adapt itself to\n"
        "images that are out of place. Errors up to a few degrees and pixels are found; the\n"
        "first level must show the particle, and the errors should be less than half the\n"
        "distance of lattice planes at the level that first shows them.\n"
        "\n"
        "How the object as a whole is turned and where it is cannot be seen. The reference\n"
        "tilt (refine.reference; the one nearest to theta = 0) keeps its angles and place, and\n"
        "the object's height along its beam makes the shifts of the others smallest. A tilt\n"
        "that moves beyond refine.max_angle_deg or max_shift_px is left as it was, with a\n"
        "warning, and the others are refined without it.\n"
        "\n"
        "The volume has the size that [reconstruct] gives it (size_*, extend_*); the same\n"
        "section makes the volume of --volume. reconstruct.projector=fourier is for here too:\n"
        "projections without blur, several times slower.\n"
        "\n"
        "stdout: R1 before and after (the same few iterations for both), the size of the\n"
        "moves, and a line per tilt: angles before and after, shift of the image, R1 before and\n"
        "after. Given angles, shifts and R1 are kept in the output's /provenance.",
    .examples =
        "  aetlas refine tilt.h5 -o refined.h5\n"
        "  mpirun -n 4 aetlas refine tilt.h5 -o refined.h5 --volume volume.h5 --table moves.csv\n"
        "  aetlas refine film.h5 -o refined.h5 --set reconstruct.extend_x=1.5 \\\n"
        "      --set refine.phi=false --set refine.psi=false",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .tables = tables,
    .run = run,
};
