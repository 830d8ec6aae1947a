#include "aetlas/analyse/expected.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/elements.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/recon/refine.h"
#include "aetlas/trace/images.h"
#include "cmd/command.h"
#include <string.h>

static void print(const aet_fit_params *p, const aet_fit_report *r)
{
    aet_out("r1_before = %.6f\nr1_after = %.6f\natoms = %d\n", r->r1_before, r->r1_after, r->atoms);
    aet_out("dropped = %d\nadded = %d\nchanged = %d\nheld = %d\nplaced = %d\n", r->dropped,
            r->added, r->changed, r->held, r->placed);
    for (int s = 0; s < r->n_species; s++) {
        const char *name = aet_element_symbol(r->z[s]);
        aet_out("%s_atoms = %d\n%s_b_A2 = %.4f\n%s_height = %.5f\n", name, r->count[s], name,
                r->b_A2[s], name, r->height[s]);
    }
    aet_out("scale = %.6g\nnoise = %.6g\n", r->scale, r->noise);
    if (r->n_species > 1)
        aet_out("separation = %.4f\n", r->separation);
    aet_out("rms_move_pm = %.3f\n", r->rms_move_A * 100);
    if (p->poses)
        aet_out("rms_angle_deg = %.4f\nrms_shift_px = %.4f\n", r->rms_angle_deg, r->rms_shift_px);
    aet_out("rounds = %d\nsteps = %d\nproducts = %d\nseconds_per_product = %.4f\nseconds = %.2f\n",
            r->rounds, r->steps, r->products, r->seconds_per_product, r->seconds);
}

/* The series with fitted angles, images shifted into place. */
static aet_err write_tilt(const aet_args *args, const char *path, const aet_fit_pose *pose,
                          aet_tilt *t)
{
    aet_err err = AET_OK;
    for (int i = 0; i < t->n && !err; i++) {
        float *image = aet_tilt_image(t, i);
        memcpy(t->angles_deg[i], pose[i].angles_deg, sizeof pose[i].angles_deg);
        err =
            aet_image_shift(image, t->ny, t->nx, -pose[i].shift_px[0], -pose[i].shift_px[1], image);
    }
    AET_TRY(AET_AGREE(args->comm, err));
    return aet_tilt_write(args->comm, path, t);
}

static aet_err run(aet_args *args)
{
    aet_err err = AET_OK;
    aet_fit_params p;
    aet_fit_report report = {0};
    aet_tilt *tilt = NULL;
    aet_atoms *atoms = NULL, *fitted = NULL;
    aet_fit_pose *pose = NULL;
    const char *tilt_out = aet_args_get(args, "tilt-out");

    AET_TRY(aet_args_params(args, &aet_fit_table, &p));
    AET_CHECK(!tilt_out || p.poses, AET_ERR_USAGE, "--tilt-out needs --set fit.poses=yes");
    AET_GO(aet_atoms_read(args->comm, args->inputs[0], &atoms));
    AET_GO(aet_tilt_read(args->comm, args->inputs[1], &tilt));
    AET_GO(AET_AGREE(args->comm, AET_ARRAY(tilt->n, "poses", &pose)));
    AET_GO(aet_fit_images(args->comm, tilt, atoms, &p, aet_expected_find, &fitted, pose, &report));
    aet_fit_note(&report, fitted);
    AET_GO(aet_atoms_write(args->comm, args->output, fitted));
    if (tilt_out)
        AET_GO(write_tilt(args, tilt_out, pose, tilt));
    print(&p, &report);
done:
    aet_release(&pose);
    aet_tilt_free(&tilt);
    aet_atoms_free(&atoms);
    aet_atoms_free(&fitted);
    return err;
}

static const aet_option options[] = {
    {"tilt-out", "FILE", "write the series with fitted angles, images in place (fit.poses)", 0},
    {NULL, NULL, NULL, 0},
};

static const aet_param_table *const tables[] = {&aet_fit_table, NULL};

const aet_command aet_cmd_fit = {
    .name = "fit",
    .group = "stages",
    .usage = "atoms.h5 tilt.h5 -o fitted.h5",
    .summary = "atoms + tilt series -> atoms refined against the images",
    .text =
        "Refines a traced model against the measured images. Each atom is its species'\n"
        "potential blurred by a Gaussian; width and height of each species, the position of\n"
        "every atom and, within fit.height_spread, its own height are found by weighted least\n"
        "squares over all images. Then every atom is asked what the misfit would be with\n"
        "another species in its place, or with none; and places where one is missing are sought\n"
        "in the residual images. What the images do not ask for is dropped, what they ask for is\n"
        "added, and the rest fitted again, until nothing changes.\n"
        "\n"
        "It needs a start: of models in which tracing had found nine atoms in ten it finds the\n"
        "rest; one with under half it took apart, which is an error. Compare image_gain and R1\n"
        "before and after, and reconstruct better first (more iterations, another method).\n"
        "\n"
        "In a crystal (fit.crystal; one or several fcc lattices on which most atoms lie)\n"
        "atoms that stand beside their site are put on it, free sites inside are tried with\n"
        "atoms, and what has no site to go to is dropped. From then on each atom's place has a "
        "prior about where\n"
        "its neighbours on the lattice expect it (fit.hold_A): strain that extends over more than\n"
        "the next neighbours is not touched, an atom that differs from all of its neighbours by\n"
        "more than noise explains is drawn back a little. fit.hold_A=0 leaves places free.\n"
        "\n"
        "A faint element beside a heavy one, as nickel beside platinum in ADF images (0.3 of its\n"
        "height): atoms fainter than fit.weakest of their species are left out. In PRISM images\n"
        "of a PtNi particle of 4281 atoms with the noise of an experiment 99.3 % were found, and\n"
        "115 that are none; a lower fit.weakest finds more of both.\n"
        "\n"
        "B is that of the AET groups: profile exp(-pi^2 r^2 / B), damping exp(-B q^2); a quarter\n"
        "of the crystallographic B of the same profile.\n"
        "\n"
        "An object that goes on beyond the images (a film): trace the volume of an extended\n"
        "reconstruction, so that the model has the atoms which are seen in some of the images\n"
        "only; leave out the rim (fit.rim), put a polynomial under each image\n"
        "(fit.background=2), let heights vary (fit.height_spread=0.4) and edit nothing\n"
        "(fit.rounds=0): what lies outside is not all in the model, and atoms would be added\n"
        "for it. The images are then met better; whether positions are is not known.\n"
        "\n"
        "Columns of the result: image_height, the height that suits each atom best, all else as "
        "it\n"
        "is; image_gain, the fall of the misfit that it brings, in squares of a standard "
        "deviation;\n"
        "image_margin, the same against the next best species; image_move_A.\n"
        "\n"
        "stdout: R1 before and after, atoms, what was edited (placed: put on sites of a\n"
        "crystal); B and height of each species; noise, the mean of weight * residual^2 where the\n"
        "particle is; separation of the species by height (Ashman's D); seconds per product with\n"
        "the normal matrix.",
    .examples =
        "  aetlas fit atoms.h5 tilt.h5 -o fitted.h5\n"
        "  mpirun -n 4 aetlas fit atoms.h5 tilt.h5 -o fitted.h5 --set fit.rounds=0\n"
        "  aetlas fit film.h5 tilt.h5 -o fitted.h5 --set fit.background=2 --set fit.rim=8 \\\n"
        "      --set fit.height_spread=0.4 --set fit.rounds=0\n"
        "  aetlas fit atoms.h5 tilt.h5 -o fitted.h5 --set fit.poses=yes --tilt-out again.h5",
    .min_inputs = 2,
    .max_inputs = 2,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .tables = tables,
    .run = run,
};
