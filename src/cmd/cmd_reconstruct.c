#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/fsc.h"
#include "aetlas/io/csv.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/recon/reconstruct.h"
#include "cmd/command.h"
#include "cmd/describe.h"
#include <math.h>

static void print(const aet_tilt *t, const aet_recon_params *p, const aet_recon_report *r)
{
    const aet_recon_step *last = r->curve + (r->best >= 0 ? r->best : r->iterations - 1);

    aet_out("r1 = %.6f\nr2 = %.6f\niterations = %d\nseconds = %.2f\n", r->mean_r1, r->mean_r2,
            r->iterations, r->seconds);
    const aet_recon_step *watched = r->settled >= 0 ? r->curve + r->settled : last;
    if (!aet_recon_is_resire(p))
        aet_out("k_error2 = %.6f\nmeasured_points = %lld\n", last->k_error2, (long long)r->points);
    if (r->settled >= 0)
        aet_out("settled_iteration = %d\n", r->settled);
    if (r->best >= 0)
        aet_out("best_iteration = %d\n", r->best);
    if (isfinite(watched->r_free2))
        aet_out("r_free2 = %.6f\n", watched->r_free2);
    for (int i = 0; i < r->n; i++)
        aet_out("tilt_%03d = theta %.3f r1 %.6f r2 %.6f\n", i, t->angles_deg[i][1], r->r1[i],
                r->r2[i]);
}

/* Withheld Fourier points by resolution. */
static void print_shells(const aet_tilt *t, const aet_recon_report *r)
{
    if (r->n_shells > 0)
        aet_out("r_free = %.6f\n", r->r_free);
    for (int i = 0; i < r->n_shells; i++)
        aet_out("shell_%03d = frequency_per_A %.5f r_free %.6f points %.0f\n", i,
                r->shells[i].frequency / t->pixel_A, r->shells[i].r_free, r->shells[i].points);
}

/* What was foreseen of memory and time, for whoever looks at the log of a long run. */
static double plan(const aet_args *args, const aet_tilt *t, const aet_recon_params *p)
{
    double bytes, seconds;

    aet_recon_tilt_memory(t, p, args->size, &bytes, &seconds);
    aet_info("planned for %d rank%s: %.0f MiB each, about %.0f s", args->size,
             args->size == 1 ? "" : "s", bytes / 1024 / 1024, seconds);
    return bytes;
}

static void print_resolution(const aet_volume *v)
{
    const aet_curve *fsc = aet_volume_find_curve(v, "fsc");

    if (fsc)
        aet_out("resolution_0.143_A = %.4f\nresolution_0.5_A = %.4f\n",
                aet_fsc_resolution(fsc, 0.143), aet_fsc_resolution(fsc, 0.5));
}

static aet_err save(const aet_args *args, const aet_recon_params *p, const aet_volume *v,
                    const aet_recon_report *report)
{
    const char *curve = aet_args_get(args, "curve"), *figure = aet_args_get(args, "figure");
    aet_err err = AET_OK;

    aet_recon_note(p, report);
    AET_TRY(aet_volume_write(args->comm, args->output, v));
    if (curve && args->rank == 0)
        err = aet_csv_write_curve(curve, v->curves, v->n_curves, "reconstruction");
    AET_TRY(aet_agree(args->comm, err));
    return figure ? aet_figure_reconstruction(args->comm, v, args->output, figure) : AET_OK;
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_recon_params p;
    aet_recon_report report = {0};
    aet_tilt *tilt = NULL;
    aet_volume *support = NULL, *v = NULL;

    char checkpoint[AET_PATH_MAX];

    AET_TRY(aet_args_params(args, &aet_recon_table, &p));
    aet_fmt(checkpoint, sizeof checkpoint, "%s.checkpoint", args->output);
    AET_GO(aet_tilt_read(args->comm, args->inputs[0], &tilt));
    double planned = plan(args, tilt, &p);
    if (p.support[0])
        AET_GO(aet_volume_read(args->comm, p.support, &support));
    AET_GO(aet_reconstruct_kept(args->comm, tilt, support, &p, checkpoint, &v, &report));
    if (p.halves)
        AET_GO(aet_recon_halves(args->comm, tilt, support, &p, checkpoint, v));
    AET_GO(save(args, &p, v, &report));
    aet_recon_checkpoint_remove(args->comm, checkpoint);
    print(tilt, &p, &report);
    print_shells(tilt, &report);
    print_resolution(v);
    describe_memory(args->comm, planned);
done:
    aet_recon_report_free(&report);
    aet_tilt_free(&tilt);
    aet_volume_free(&support);
    aet_volume_free(&v);
    return err;
}

static const aet_option options[] = {
    {"curve", "FILE", "write the errors of every iteration as CSV", 0},
    {"figure", "FILE", "draw them: .png or .svg, with a CSV of the same name", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_param_table *const tables[] = {&aet_recon_table, NULL};

const aet_command aet_cmd_reconstruct = {
    .name = "reconstruct",
    .group = "stages",
    .usage = "tilt.h5 -o volume.h5",
    .summary = "tilt series -> volume, by RESIRE or GENFIRE",
    .text =
        "Reconstructs the density whose projections are the images of an aligned,\n"
        "background-free tilt series, for any Euler angles. The volume has the pixel size of\n"
        "the images and, unless told otherwise, their width and height, and is as deep as\n"
        "wide; the images' pivot (pixel nx/2, ny/2) is its origin voxel. It is spread over\n"
        "the ranks in slabs; the result is the same on any number of ranks up to rounding\n"
        "(1e-5 of the largest density).\n"
        "\n"
        "A film, which is wider than its images, needs room beside the frame: --set\n"
        "reconstruct.extend_x=1.5. What lies there is cut off at the end (reconstruct.crop).\n"
        "\n"
        "GENFIRE finds the object whose transform has the measured values on those points of\n"
        "a Fourier grid, `oversampling` times as large as the volume, that lie near a\n"
        "measured plane. That grid is never made: an iteration is a convolution on twice the\n"
        "size of the volume, whatever the oversampling.\n"
        "\n"
        "genfire-fast and resire-fast seek the same object in some tens of iterations and stop\n"
        "by themselves, for going on would fit noise. genfire-fast withholds whole images and\n"
        "stops once these have not been foretold better for reconstruct.patience iterations; a\n"
        "second pass with all images makes as many iterations as foretold those within 5 % of\n"
        "best (settled_iteration). resire-fast stops when the cost falls no longer\n"
        "(reconstruct.plateau); with reconstruct.withheld=0.05 it withholds pixels, which is\n"
        "better for noisy images, and gives back the object it had when these were foretold\n"
        "best.\n"
        "\n"
        "RESIRE projects by sharing voxels between pixels, or, with projector=fourier,\n"
        "by slices of the volume's transform: these blur nothing at any angle, so that of good\n"
        "images the density comes out sharper and truer; an iteration takes ten times as long.\n"
        "For an object that ends within its images, projector=convolution does the same as fast\n"
        "as plain projection, whatever the number of tilts and their angles.\n"
        "\n"
        "With reconstruct.halves = on, every other tilt and the rest are reconstructed too, in\n"
        "the same time again (GENFIRE: twice). Their Fourier shell correlation becomes\n"
        "/curves/fsc of the output: of whole shells, and within 30 degrees of x, y and z.\n"
        "resolution_0.143_A and resolution_0.5_A are the details at which it falls below 0.143\n"
        "and 0.5. What both halves lack (the missing wedge) and what they share (support,\n"
        "positivity) does not show in it.\n"
        "\n"
        "Every reconstruct.checkpoint_minutes, and on SIGTERM, SIGUSR1 or a file named `stop`\n"
        "(status 7), the state of the iteration is kept in OUTPUT.checkpoint. Run the same\n"
        "command again and it goes on from there. The file goes when the volume is written.\n"
        "\n"
        "stdout: r1 and r2 (means over tilts of sum|calc-meas| / sum|meas| and of its\n"
        "square-norm form, of the uncropped volume), iterations, seconds, and both R factors\n"
        "of every tilt; with GENFIRE also k_error2 and r_free2, root of sum|calc-meas|^2 /\n"
        "sum|meas|^2 over enforced and over withheld Fourier points (rounding below 5e-4),\n"
        "and the number of measured points; with RESIRE r_free2 of withheld pixels. Where\n"
        "GENFIRE withheld data, r_free (sum|calc-meas| / sum|meas|) over all of them, and\n"
        "for each shell of spatial frequencies, which is also /curves/r_free of the output.\n"
        "planned_memory_MiB and peak_memory_MiB are of the fullest rank.\n"
        "R factors per tilt are kept in the output's /provenance, errors per iteration in its\n"
        "/curves/reconstruction (aetlas export volume.h5 --curve reconstruction -o x.csv).",
    .examples =
        "  mpirun -n 4 aetlas reconstruct tilt.h5 -o volume.h5 --set reconstruct.iterations=200\n"
        "  aetlas reconstruct tilt.h5 -o volume.h5 --set reconstruct.method=genfire \\\n"
        "      --set reconstruct.oversampling=4 --set reconstruct.radius=0.1\n"
        "  aetlas reconstruct tilt.h5 -o volume.h5 --set reconstruct.method=genfire-fast\n"
        "  aetlas reconstruct tilt.h5 -o volume.h5 --set reconstruct.halves=on\n"
        "  aetlas export volume.h5 --curve fsc -o fsc.png",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .tables = tables,
    .run = run,
};
