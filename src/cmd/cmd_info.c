#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/io/h5.h"
#include "aetlas/io/h5raster.h"
#include "aetlas/io/load.h"
#include "aetlas/io/mat.h"
#include "aetlas/io/mrc.h"
#include "aetlas/io/nouns.h"
#include "aetlas/io/tiff.h"
#include "aetlas/io/xyz.h"
#include "aetlas/par/agree.h"
#include "cmd/command.h"
#include "describe.h"
#include <string.h>

/* Values of one array that are looked at for min, max and mean. */
#define READ_MAX ((int64_t)1 << 31)

static const aet_option options[] = {
    {"parameters", NULL, "only the parameters that made the file, as INI text", 0},
    {NULL, NULL, NULL, 0},
};

/* ---- foreign files; rank 0 only ---- */

static bool any(const aet_raster_info *info)
{
    (void)info;
    return true;
}

static void print_array(const aet_raster_info *info)
{
    char text[160];
    aet_raster_describe(info, text, sizeof text);
    aet_out("%s = %s\n", info->name, text);
}

static aet_err arrays(const char *path, aet_format format)
{
    aet_raster_info *infos = NULL;
    int n = 0;
    aet_err err = format == AET_FORMAT_MAT ? aet_mat_list(path, &infos, &n)
                                           : aet_h5raster_list(path, &infos, &n);
    for (int i = 0; i < n && !err; i++) {
        aet_raster *r = NULL;
        const aet_raster_want want = {infos[i].name, any, "numbers", true};
        print_array(&infos[i]);
        if (!infos[i].numeric || infos[i].count == 0 || infos[i].count > READ_MAX ||
            infos[i].ndim > AET_RASTER_DIMS)
            continue;
        err = format == AET_FORMAT_MAT ? aet_mat_read(path, &want, &r)
                                       : aet_h5raster_read(path, &want, &r);
        if (!err)
            describe_values(infos[i].name, r);
        aet_raster_free(&r);
    }
    aet_release(&infos);
    return err;
}

static aet_err mrc(const char *path)
{
    aet_mrc_head h;
    aet_raster *r = NULL;
    AET_TRY(aet_mrc_head_read(path, &h));
    aet_out("nx = %d\nny = %d\nnz = %d\nmode = %d\n"
            "pixel_A = %.6g\nextended_header = %lld\n"
            "byte_order = %s\n",
            h.nx, h.ny, h.nz, h.mode, h.pixel_A, (long long)h.data_at - 1024,
            h.swap ? "other" : "native");
    AET_TRY(aet_mrc_read(path, &r));
    describe_values("values", r);
    aet_raster_free(&r);
    return AET_OK;
}

static aet_err tiff(const char *path)
{
    aet_raster_info info;
    aet_raster *r = NULL;
    AET_TRY(aet_tiff_look(path, &info));
    print_array(&info);
    AET_TRY(aet_tiff_read(path, &r));
    describe_values(info.name, r);
    aet_raster_free(&r);
    return AET_OK;
}

static aet_err table(const char *path)
{
    aet_raster *r = NULL;
    AET_TRY(aet_table_read(path, &r));
    aet_out("rows = %lld\ncolumns = %lld\n", (long long)r->dims[0], (long long)r->dims[1]);
    describe_values("values", r);
    aet_raster_free(&r);
    return AET_OK;
}

static aet_err xyz(const char *path)
{
    aet_atoms *a = NULL;
    AET_TRY(aet_xyz_read(path, &a));
    aet_err err = describe_atoms(a);
    aet_atoms_free(&a);
    return err;
}

static aet_err foreign(const char *path, aet_format format)
{
    int64_t bytes = 0;
    AET_TRY(aet_file_size(path, &bytes));
    switch (format) {
    case AET_FORMAT_MAT:
    case AET_FORMAT_HDF5:
    case AET_FORMAT_MAPS:
        return arrays(path, format);
    case AET_FORMAT_MRC:
        return mrc(path);
    case AET_FORMAT_TIFF:
        return tiff(path);
    case AET_FORMAT_XYZ:
        return xyz(path);
    case AET_FORMAT_TEXT:
        return table(path);
    default:
        AET_FAIL(AET_ERR_INPUT,
                 "%s: is of no known format: expected HDF5, "
                 "EMD, MATLAB, MRC, TIFF, XYZ or numbers in text",
                 path);
    }
}

/* ---- our own files ---- */

static aet_err noun(MPI_Comm comm, const char *path, aet_format format)
{
    aet_tilt *t = NULL;
    aet_volume *v = NULL;
    aet_atoms *a = NULL;
    aet_err err = AET_OK;
    if (format == AET_FORMAT_TILT) {
        AET_TRY(aet_tilt_read(comm, path, &t));
        describe_tilt(t);
    } else if (format == AET_FORMAT_VOLUME) {
        AET_TRY(aet_volume_read(comm, path, &v));
        describe_volume(v);
    } else {
        AET_TRY(aet_atoms_read(comm, path, &a));
        err = describe_atoms(a);
    }
    aet_tilt_free(&t);
    aet_volume_free(&v);
    aet_atoms_free(&a);
    return err;
}

/* The table of fields and where the file comes from; rank 0 only. */
static aet_err fields(const char *path)
{
    static const char *const keys[] = {"version", "command_line"};
    enum { TEXT = 4096 };
    aet_h5 *f = NULL;
    aet_h5_entry *entries = NULL;
    int n = 0;
    char unit[32], *text = aet_new_bytes(TEXT);
    aet_err err = aet_h5_open(path, &f);
    if (!err)
        err = aet_h5_list(f, &entries, &n);
    for (int i = 0; i < n; i++) {
        aet_out("%s =", entries[i].path);
        for (int k = 0; k < entries[i].shape.ndim; k++)
            aet_out("%s%lld", k ? " x " : " ", (long long)entries[i].shape.dims[k]);
        aet_h5_get_text(f, entries[i].path, "unit", unit, sizeof unit);
        aet_h5_get_text(f, entries[i].path, "description", text, TEXT);
        aet_out(" [%s] %s\n", unit, text);
    }
    for (size_t k = 0; !err && k < sizeof keys / sizeof *keys; k++)
        if (aet_h5_get_text(f, "/provenance", keys[k], text, TEXT))
            aet_out("%s = %s\n", keys[k], text);
    aet_h5_close(&f);
    aet_release(&entries);
    aet_release(&text);
    return err;
}

static aet_err parameters(const char *path)
{
    enum { TEXT = 1 << 20 };
    aet_h5 *f = NULL;
    char *text = aet_new_bytes(TEXT);
    aet_err err = aet_h5_open(path, &f);
    if (!err && aet_h5_get_text(f, "/provenance", "parameters", text, TEXT))
        aet_out("%s", text);
    else if (!err)
        err = aet_error_set(AET_ERR_INPUT, __FILE__, __LINE__, "%s: keeps no parameters", path);
    aet_h5_close(&f);
    aet_release(&text);
    return err;
}

static aet_err run(aet_args *args)
{
    const char *path = args->inputs[0];
    int format = AET_FORMAT_UNKNOWN;
    aet_err err = AET_OK;
    if (args->rank == 0)
        format = aet_format_of(path);
    MPI_Bcast(&format, 1, MPI_INT, 0, args->comm);
    if (aet_args_get(args, "parameters")) {
        if (args->rank == 0)
            err = parameters(path);
        return aet_agree(args->comm, err);
    }
    bool ours =
        format == AET_FORMAT_TILT || format == AET_FORMAT_VOLUME || format == AET_FORMAT_ATOMS;
    if (format != AET_FORMAT_UNKNOWN)
        aet_out("format = %s\n", aet_format_name((aet_format)format));
    if (ours)
        AET_TRY(noun(args->comm, path, (aet_format)format));
    if (args->rank == 0)
        err = ours ? fields(path) : foreign(path, (aet_format)format);
    return aet_agree(args->comm, err);
}

const aet_command aet_cmd_info = {
    .name = "info",
    .group = "files",
    .usage = "FILE",
    .summary = "what is in a file of any format: sizes, pixel, angles, values, origin",
    .text = "Prints key = value lines for tilt.h5, volume.h5, atoms.h5 and measures.h5, and for\n"
            "MATLAB, MRC, TIFF, EMD, HDF5, XYZ and text files, with minimum, maximum and mean of\n"
            "each array. Sizes are printed slowest first, as C stores them: MATLAB's (Nx,Ny,n) is\n"
            "n x Ny x Nx.",
    .examples = "  aetlas info tilt.h5\n"
                "  aetlas info series.mat\n"
                "  aetlas info volume.h5 --parameters > used.ini",
    .min_inputs = 1,
    .max_inputs = 1,
    .options = options,
    .run = run,
};
