#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/csv.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/load.h"
#include "aetlas/io/mrc.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/picture.h"
#include "aetlas/io/render.h"
#include "aetlas/io/tiff.h"
#include "aetlas/io/xdmf.h"
#include "aetlas/io/xyz.h"
#include "aetlas/par/agree.h"
#include "cmd/command.h"

static const aet_option options[] = {
    {"curve", "NAME", "volumes, measures: this curve alone, as .csv, .png or .svg", 0},
    {"fourier", NULL, "volumes to .png: the power of the Fourier transform, summed along the axes",
     0},
    {"scalars", NULL, "measures to .csv: the single numbers in place of the atoms", 0},
    {"view", "X,Y,Z",
     "atoms to .png: the side towards the viewer, e.g. 1,1,1; 0,0,-1 (default) shows x to the "
     "right and y down",
     0},
    {"color", "NAME", "atoms to .png: by this column (of vectors NAME.1, ...), not by element", 0},
    {"range", "LOW:HIGH", "atoms to .png: of the column; default: of its values, less 1 %", 0},
    {"cut", "A", "atoms to .png: without those farther out towards the viewer, 0: half of it", 0},
    {NULL, NULL, NULL, 0},
};

static aet_err cannot(const aet_args *args, const char *what, const char *possible)
{
    AET_FAIL(AET_ERR_USAGE, "%s cannot be exported to %s; possible endings are %s", what,
             args->output, possible);
}

static bool ends(const aet_args *args, const char *a, const char *b)
{
    return aet_str_ends(args->output, a) || (b && aet_str_ends(args->output, b));
}

/* Collective. */
static aet_err write_curve(const aet_args *args, aet_curve *curves, int n, const char *name)
{
    const aet_curve *c = aet_curve_find(curves, n, name);
    aet_err err = AET_OK;
    if (c && ends(args, ".png", ".svg"))
        return aet_figure_curve(args->comm, c, c->name, args->output);
    AET_CHECK(ends(args, ".csv", NULL) || !c, AET_ERR_USAGE,
              "--curve is written as .csv, .png or .svg, not as %s", args->output);
    if (args->rank == 0)
        err = aet_csv_write_curve(args->output, curves, n, name);
    return aet_agree(args->comm, err);
}

/* Rank 0 only. */
static aet_err write_tilt(const aet_args *args, const aet_tilt *t)
{
    if (ends(args, ".mrc", ".mrcs") || ends(args, ".st", ".ali"))
        return aet_mrc_write(args->output, t->nx, t->ny, t->n, t->pixel_A, true, t->images);
    if (ends(args, ".tif", ".tiff"))
        return aet_tiff_write(args->output, t->nx, t->ny, t->n, t->images);
    if (ends(args, ".png", NULL))
        return aet_picture_tilt(args->output, t);
    if (ends(args, ".tlt", ".rawtlt"))
        return aet_csv_write_angles(args->output, t, true);
    if (ends(args, ".csv", NULL))
        return aet_csv_write_angles(args->output, t, false);
    return cannot(args, "a tilt series",
                  ".mrc .mrcs .st .tif .png, and .tlt .rawtlt .csv for its angles");
}

static aet_err export_tilt(aet_args *args)
{
    aet_tilt *t = NULL;
    AET_TRY(aet_tilt_read(args->comm, args->inputs[0], &t));
    aet_err err = args->rank == 0 ? write_tilt(args, t) : AET_OK;
    aet_tilt_free(&t);
    return aet_agree(args->comm, err);
}

/* Rank 0 only; all is the whole density. */
static aet_err write_volume(const aet_args *args, const aet_volume *v, const float *all)
{
    if (ends(args, ".xdmf", ".xmf"))
        return aet_xdmf_write_volume(args->output, args->inputs[0], v);
    if (ends(args, ".mrc", ".map"))
        return aet_mrc_write(args->output, v->nx, v->ny, v->nz, v->voxel_A, false, all);
    return aet_tiff_write(args->output, v->nx, v->ny, v->nz, all);
}

static aet_err export_volume(aet_args *args)
{
    aet_volume *v = NULL;
    float *all = NULL;
    aet_err err = AET_OK;
    bool whole = ends(args, ".mrc", ".map") || ends(args, ".tif", ".tiff"),
         xdmf = ends(args, ".xdmf", ".xmf");
    const char *curve = aet_args_get(args, "curve");
    AET_CHECK(ends(args, ".png", NULL) || !aet_args_get(args, "fourier"), AET_ERR_USAGE,
              "--fourier is written as .png, not as %s", args->output);
    if (!whole && !xdmf && !ends(args, ".png", NULL) && !curve)
        return cannot(args, "a volume", ".mrc .map .tif .xdmf .png");
    AET_TRY(aet_volume_read(args->comm, args->inputs[0], &v));
    if (curve) {
        err = write_curve(args, v->curves, v->n_curves, curve);
        goto done;
    }
    if (ends(args, ".png", NULL)) {
        err = aet_args_get(args, "fourier") ? aet_picture_fourier(args->output, v)
                                            : aet_picture_volume(args->output, v);
        goto done;
    }
    if (whole)
        AET_GO(aet_volume_gather(v, 0, &all));
    if (args->rank == 0)
        err = write_volume(args, v, all);
    err = aet_agree(args->comm, err);
done:
    aet_release(&all);
    aet_volume_free(&v);
    return err;
}

static aet_err write_rendering(const aet_args *args, const aet_atoms *a)
{
    aet_render_options o = aet_render_defaults();
    const char *view = aet_args_get(args, "view"), *range = aet_args_get(args, "range");
    char key[3][16];
    int n = 0;
    o.field = aet_args_get(args, "color");
    AET_CHECK(!view || (aet_str_list(view, 3, key, o.view, &n) && n == 3 && !key[0][0] &&
                        !key[1][0] && !key[2][0]),
              AET_ERR_USAGE, "--view %s: expected three numbers, e.g. 1,1,1", view);
    AET_CHECK(!range || o.field, AET_ERR_USAGE, "--range is that of a column: give --color too");
    AET_CHECK(!range || (aet_str_list(range, 1, key, &o.high, &n) && n == 1 &&
                         aet_str_real(key[0], &o.low) && o.low < o.high),
              AET_ERR_USAGE, "--range %s: expected LOW:HIGH, e.g. -0.05:0.05", range);
    AET_TRY(aet_args_real(args, "cut", -1e4, 1e4, &o.cut_A));
    return aet_render_write(args->output, a, &o);
}

/* Rank 0 only. */
static aet_err write_atoms(const aet_args *args, const aet_atoms *a)
{
    bool scalars = aet_args_get(args, "scalars") != NULL;
    AET_CHECK(!scalars || ends(args, ".csv", NULL), AET_ERR_USAGE,
              "--scalars are written as .csv, not as %s", args->output);
    if (scalars)
        return aet_csv_write_scalars(args->output, a);
    if (ends(args, ".csv", NULL))
        return aet_csv_write_atoms(args->output, a);
    if (ends(args, ".xyz", ".extxyz"))
        return aet_xyz_write(args->output, a);
    if (ends(args, ".xdmf", ".xmf"))
        return aet_xdmf_write_atoms(args->output, args->inputs[0], a);
    if (ends(args, ".png", NULL))
        return write_rendering(args, a);
    return cannot(args, "an atom model", ".xyz .extxyz .csv .xdmf .png");
}

static aet_err export_atoms(aet_args *args)
{
    aet_atoms *a = NULL;
    AET_TRY(aet_atoms_read(args->comm, args->inputs[0], &a));
    const char *curve = aet_args_get(args, "curve");
    aet_err err = AET_OK;
    if (curve)
        err = write_curve(args, a->curves, a->n_curves, curve);
    else if (args->rank == 0)
        err = write_atoms(args, a);
    aet_atoms_free(&a);
    return aet_agree(args->comm, err);
}

static aet_err export_maps(const aet_args *args)
{
    aet_err err = AET_OK;
    if (!ends(args, ".xdmf", ".xmf"))
        return cannot(args, "a file of maps", ".xdmf");
    if (args->rank == 0)
        err = aet_xdmf_write_maps(args->output, args->inputs[0]);
    return aet_agree(args->comm, err);
}

/* Options of drawings of atoms do nothing else. */
static aet_err check_drawn(const aet_args *args, int format)
{
    static const char *const drawn[] = {"view", "color", "range", "cut"};
    bool is_drawing =
        format == AET_FORMAT_ATOMS && ends(args, ".png", NULL) && !aet_args_get(args, "curve");
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++)
        AET_CHECK(is_drawing || !aet_args_get(args, drawn[i]), AET_ERR_USAGE,
                  "--%s is for atoms drawn as .png, not for %s as %s", drawn[i], args->inputs[0],
                  args->output);
    return AET_OK;
}

static aet_err run(aet_args *args)
{
    int format = AET_FORMAT_UNKNOWN;
    if (args->rank == 0)
        format = aet_format_of(args->inputs[0]);
    MPI_Bcast(&format, 1, MPI_INT, 0, args->comm);
    AET_TRY(check_drawn(args, format));
    AET_CHECK(format == AET_FORMAT_ATOMS || !aet_args_get(args, "scalars"), AET_ERR_USAGE,
              "--scalars needs measures, %s holds none", args->inputs[0]);
    AET_CHECK(format == AET_FORMAT_VOLUME || !aet_args_get(args, "fourier"), AET_ERR_USAGE,
              "--fourier needs a volume, %s holds none", args->inputs[0]);
    AET_CHECK(format == AET_FORMAT_ATOMS || format == AET_FORMAT_VOLUME ||
                  !aet_args_get(args, "curve"),
              AET_ERR_USAGE, "--curve needs measures or a volume, which %s does not hold",
              args->inputs[0]);
    aet_err err = format == AET_FORMAT_VOLUME  ? export_volume(args)
                  : format == AET_FORMAT_ATOMS ? export_atoms(args)
                  : format == AET_FORMAT_MAPS  ? export_maps(args)
                                               : export_tilt(args);
    if (!err)
        aet_info("%s is written", args->output);
    return err;
}

const aet_command aet_cmd_export = {
    .name = "export",
    .group = "files",
    .usage = "X.h5 -o OUT.{mrc,tif,xyz,csv,xdmf,png}",
    .summary = "tilt.h5, volume.h5, atoms.h5, measures.h5 become files for other programs",
    .text =
        "The ending of the output says the format.\n"
        "\n"
        "Tilt series  .mrc .mrcs .st (stack, mode 2), .tif (32-bit real), .png (nine images),\n"
        "             .tlt .rawtlt .csv (angles)\n"
        "Volume       .mrc .map (origin at the central voxel, so that atoms and density\n"
        "             overlay in ChimeraX), .tif, .xdmf (ParaView; the .h5 must stay where it\n"
        "             is), .png (projections, central slices and maximum projections along z,\n"
        "             y, x); with --fourier a .png of the logarithm of its Fourier power,\n"
        "             summed along z, y and x: a missing wedge is dark in the second\n"
        "Atoms,       .xyz .extxyz (all columns; OVITO, ASE), .csv, .xdmf, .png (shaded\n"
        "measures     spheres from any side, by element or by a column); with --scalars a .csv\n"
        "             of those\n"
        "Maps         .xdmf (of `aetlas analyse --maps`)\n"
        "\n"
        "--curve NAME writes one of the curves that `aetlas info` lists (errors of each\n"
        "iteration, pair distribution) as .csv, .png or .svg.",
    .examples = "  aetlas export volume.h5 -o volume.mrc\n"
                "  aetlas export measures.h5 -o measures.xyz\n"
                "  aetlas export measures.h5 --curve pair_distribution -o pair_distribution.csv\n"
                "  aetlas export measures.h5 --view 1,1,1 --color layer --cut 0 -o half.png\n"
                "  aetlas export volume.h5 --fourier -o wedge.png\n"
                "  aetlas export volume.h5 --curve reconstruction -o errors.png",
    .min_inputs = 1,
    .max_inputs = 1,
    .output = AET_NEEDS_OUTPUT,
    .options = options,
    .run = run,
};
