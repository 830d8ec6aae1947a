#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/data/elements.h"
#include "aetlas/data/fsc.h"
#include "aetlas/data/units.h"
#include "aetlas/io/csv.h"
#include "aetlas/io/figures.h"
#include "aetlas/io/load.h"
#include "aetlas/par/agree.h"
#include "cmd/command.h"
#include <math.h>

static const aet_option options[] = {
    {"tolerance", "T", "status 1 when the difference named above is larger", 't'},
    {"flip-z", NULL, "volumes: compare A(x,y,z) with B(x,y,-z), to test the handedness", 0},
    {"crop", NULL, "volumes: compare the central part that both have", 0},
    {"fsc", "FILE", "volumes: Fourier shell correlation, as .csv, .png or .svg", 0},
    {"distance", "A", "atoms: nearer than this, in Angstrom, is the same atom (default: 1.5)", 0},
    {"keep-shift", NULL, "atoms: do not take out the mean displacement", 0},
    {"species", "A,B,..", "atoms: elements of types 1, 2, ... of MATLAB and text files", 0},
    {"variable", "NAME", "which array of a MATLAB file", 0},
    {"dataset", "PATH", "which dataset of an HDF5 file", 0},
    {NULL, NULL, NULL, 0},
};

/* Past the tolerance: the figure is printed, the status says so. */
static aet_err judge(const aet_args *args, const char *what, double difference)
{
    double tolerance = INFINITY;
    aet_out("%s = %.6g\n", what, difference);
    AET_TRY(aet_args_real(args, "tolerance", 0.0, 1e300, &tolerance));
    AET_CHECK(difference <= tolerance, AET_ERR_DIFFER, "%s and %s differ: %s = %.6g, tolerance %g",
              args->inputs[0], args->inputs[1], what, difference, tolerance);
    return AET_OK;
}

/* ---- volumes ---- */

static aet_err load_volume(const aet_args *args, const char *path, aet_volume **v)
{
    const char *name = aet_args_get(args, "variable");
    const aet_load_volume_options o = {.variable = name ? name : aet_args_get(args, "dataset"),
                                       .fallback_A = 1.0};
    return aet_load_volume(args->comm, path, &o, v);
}

static aet_err crop(aet_volume **v, const aet_volume *other)
{
    aet_volume *part = NULL;
    int nx = (*v)->nx < other->nx ? (*v)->nx : other->nx,
        ny = (*v)->ny < other->ny ? (*v)->ny : other->ny;
    int nz = (*v)->nz < other->nz ? (*v)->nz : other->nz;
    AET_TRY(aet_volume_resize(*v, nx, ny, nz, &part));
    aet_volume_free(v);
    *v = part;
    return AET_OK;
}

/* max |a-b| / max |a|. */
static double largest_difference(const aet_volume *a, const aet_volume *b)
{
    double m[2] = {0.0, 0.0};
    for (int64_t i = 0; i < aet_volume_count(a); i++) {
        m[0] = fmax(m[0], fabs((double)a->density[i] - (double)b->density[i]));
        m[1] = fmax(m[1], fabs((double)a->density[i]));
    }
    MPI_Allreduce(MPI_IN_PLACE, m, 2, MPI_DOUBLE, MPI_MAX, a->comm);
    return m[1] > 0.0 ? m[0] / m[1] : m[0];
}

/* Into A's curves. */
static aet_err shell_correlation(const aet_args *args, aet_volume *a, const aet_volume *b)
{
    const char *path = aet_args_get(args, "fsc");
    aet_err err = AET_OK;
    AET_CHECK(aet_str_ends(path, ".csv") || aet_str_ends(path, ".png") ||
                  aet_str_ends(path, ".svg"),
              AET_ERR_USAGE, "--fsc %s: expected a name that ends in .csv, .png or .svg", path);
    AET_TRY(aet_volume_fsc(a, b, a));
    const aet_curve *c = aet_volume_find_curve(a, "fsc");
    aet_out("resolution_0.143_A = %.4f\nresolution_0.5_A = %.4f\n", aet_fsc_resolution(c, 0.143),
            aet_fsc_resolution(c, 0.5));
    if (!aet_str_ends(path, ".csv"))
        return aet_figure_fsc(args->comm, a, path, path);
    if (args->rank == 0)
        err = aet_csv_write_curve(path, a->curves, a->n_curves, "fsc");
    return aet_agree(args->comm, err);
}

static aet_err compare_loaded(aet_args *args, aet_volume **a, aet_volume **b)
{
    double correlation, scale, r1;
    bool flip = aet_args_get(args, "flip-z") != NULL;
    if (aet_args_get(args, "crop")) {
        AET_TRY(crop(a, *b));
        AET_TRY(crop(b, *a));
    }
    AET_CHECK((*a)->nx == (*b)->nx && (*a)->ny == (*b)->ny && (*a)->nz == (*b)->nz, AET_ERR_DIFFER,
              "%s has %d x %d x %d voxels, %s has %d x %d x %d; "
              "--crop compares the central part that both have",
              args->inputs[0], (*a)->nx, (*a)->ny, (*a)->nz, args->inputs[1], (*b)->nx, (*b)->ny,
              (*b)->nz);
    AET_TRY(aet_volume_compare(*a, *b, flip, &correlation, &scale, &r1));
    aet_out("correlation = %.6f\nscale = %.6f\nr1 = %.6f\n", correlation, scale, r1);
    if (aet_args_get(args, "fsc"))
        AET_TRY(shell_correlation(args, *a, *b));
    if (flip) {
        AET_CHECK(!aet_args_get(args, "tolerance"), AET_ERR_USAGE,
                  "--flip-z is a control and takes no tolerance");
        return AET_OK;
    }
    return judge(args, "largest_difference", largest_difference(*a, *b));
}

static aet_err volumes(aet_args *args)
{
    aet_volume *a = NULL, *b = NULL;
    aet_err err = AET_OK;
    AET_GO(load_volume(args, args->inputs[0], &a));
    AET_GO(load_volume(args, args->inputs[1], &b));
    /* 1 A stands for a file that does not say */
    if (a->voxel_A != 1.0 && b->voxel_A != 1.0 && fabs(a->voxel_A - b->voxel_A) > 1e-6 * a->voxel_A)
        aet_warn("voxels of %g A and %g A are compared one by one", a->voxel_A, b->voxel_A);
    err = compare_loaded(args, &a, &b);
done:
    aet_volume_free(&a);
    aet_volume_free(&b);
    return err;
}

/* ---- tilt series ---- */

typedef struct {
    double n, a, b, aa, bb, ab, difference, absolute;
} sums;

static void add_image(sums *s, const float *a, const float *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double x = (double)a[i], y = (double)b[i];
        s->a += x;
        s->b += y;
        s->aa += x * x;
        s->bb += y * y;
        s->ab += x * y;
        s->difference += fabs(x - y);
        s->absolute += fabs(x);
    }
    s->n += (double)n;
}

static double correlation_of(const sums *s)
{
    double c = s->ab - s->a * s->b / s->n;
    double va = s->aa - s->a * s->a / s->n, vb = s->bb - s->b * s->b / s->n;
    return va > 0.0 && vb > 0.0 ? c / sqrt(va * vb) : 0.0;
}

static void print_tilts(const aet_tilt *a, const aet_tilt *b, double *pixels, double *degrees)
{
    sums all = {0};
    double worst = 0.0, largest = 0.0, top = 0.0;
    int worst_image = 0;
    int64_t size = (int64_t)a->ny * a->nx;
    *degrees = 0.0;
    for (int i = 0; i < a->n; i++) {
        sums one = {0};
        add_image(&one, aet_tilt_image(a, i), aet_tilt_image(b, i), size);
        add_image(&all, aet_tilt_image(a, i), aet_tilt_image(b, i), size);
        double r1 = one.absolute > 0.0 ? one.difference / one.absolute : 0.0;
        if (r1 > worst) {
            worst = r1;
            worst_image = i;
        }
        for (int k = 0; k < 3; k++)
            *degrees = fmax(*degrees, fabs(a->angles_deg[i][k] - b->angles_deg[i][k]));
    }
    for (int64_t i = 0; i < a->n * size; i++) {
        largest = fmax(largest, fabs((double)a->images[i] - (double)b->images[i]));
        top = fmax(top, fabs((double)a->images[i]));
    }
    *pixels = top > 0.0 ? largest / top : largest;
    aet_out(
        "correlation = %.6f\nscale = %.6f\nr1 = %.6f\nworst_image = %d\nworst_image_r1 = %.6f\n",
        correlation_of(&all), all.aa > 0.0 ? all.ab / all.aa : 0.0,
        all.absolute > 0.0 ? all.difference / all.absolute : 0.0, worst_image, worst);
    aet_out("angle_difference_deg = %.6g\n", *degrees);
}

/* A foreign stack has no angles of its own: those of the other series are taken. */
static aet_err load_tilt(const aet_args *args, const char *path, const char *other,
                         aet_format format, aet_tilt **t)
{
    const char *name = aet_args_get(args, "variable");
    const aet_load_tilt_options o = {.variable = format == AET_FORMAT_TILT ? NULL : name,
                                     .angles = format == AET_FORMAT_TILT ? NULL : other,
                                     .fallback_A = 1.0};
    return aet_load_tilt(args->comm, path, &o, t);
}

static aet_err tilts(aet_args *args, const aet_format format[2])
{
    aet_tilt *a = NULL, *b = NULL;
    aet_err err = AET_OK;
    double pixels, degrees;
    AET_GO(load_tilt(args, args->inputs[0], args->inputs[1], format[0], &a));
    AET_GO(load_tilt(args, args->inputs[1], args->inputs[0], format[1], &b));
    AET_GO_CHECK(a->n == b->n && a->nx == b->nx && a->ny == b->ny, AET_ERR_DIFFER,
                 "%s has %d images of %d x %d pixels, %s has %d of %d x %d", args->inputs[0], a->n,
                 a->nx, a->ny, args->inputs[1], b->n, b->nx, b->ny);
    print_tilts(a, b, &pixels, &degrees);
    err = judge(args, "largest_difference", fmax(pixels, degrees));
done:
    aet_tilt_free(&a);
    aet_tilt_free(&b);
    return err;
}

/* ---- atoms ---- */

static aet_err load_atoms(const aet_args *args, const char *path, aet_atoms **a)
{
    const char *species = aet_args_get(args, "species");
    aet_load_atoms_options o = {.variable = aet_args_get(args, "variable")};
    if (species)
        AET_TRY(aet_element_list(species, o.species, &o.n_species));
    return aet_load_atoms(args->comm, path, &o, a);
}

static double largest_displacement(const aet_atoms *a, const aet_atoms *b, const int *pair,
                                   const double shift[3])
{
    double largest = 0.0;
    for (int i = 0; i < a->n; i++) {
        double d2 = 0.0;
        for (int k = 0; pair[i] >= 0 && k < 3; k++) {
            double d = b->position_A[pair[i]][k] - a->position_A[i][k] - shift[k];
            d2 += d * d;
        }
        largest = fmax(largest, sqrt(d2));
    }
    return largest;
}

static void print_match(const aet_atoms_match *m)
{
    double per_a = m->n_a ? 1.0 / m->n_a : 0.0;
    aet_out("atoms_a = %d\natoms_b = %d\n", m->n_a, m->n_b);
    aet_out("matched = %d\nmatched_fraction = %.5f\nrmsd_pm = %.2f\nspecies_fraction = %.5f\n",
            m->near, m->near * per_a, m->near_rmsd_A * AET_PM_PER_A, m->near_species_fraction);
    aet_out("mutual = %d\nmutual_fraction = %.5f\n"
            "mutual_rmsd_pm = %.2f\nmutual_species_fraction = %.5f\n",
            m->common, m->common * per_a, m->rmsd_A * AET_PM_PER_A, m->species_fraction);
    aet_out("missing = %d\nfalse = %d\n", m->n_a - m->common, m->n_b - m->common);
    aet_out("shift_A = %.4f %.4f %.4f\n", m->shift_A[0], m->shift_A[1], m->shift_A[2]);
}

static aet_err compare_models(aet_args *args, const aet_atoms *a, const aet_atoms *b)
{
    aet_atoms_match m;
    int *pair = NULL;
    double distance = 1.5;
    aet_err err = AET_OK;
    AET_TRY(aet_args_real(args, "distance", 1e-6, 1e3, &distance));
    AET_TRY(AET_ARRAY(a->n, "pairs", &pair));
    AET_GO(aet_atoms_compare(a, b, distance, !aet_args_get(args, "keep-shift"), &m, pair));
    print_match(&m);
    AET_GO(judge(args, "largest_displacement_A", largest_displacement(a, b, pair, m.shift_A)));
    AET_GO_CHECK(!aet_args_get(args, "tolerance") || (m.common == a->n && m.common == b->n),
                 AET_ERR_DIFFER, "%s and %s differ: of %d and %d atoms %d are common",
                 args->inputs[0], args->inputs[1], a->n, b->n, m.common);
    AET_GO_CHECK(!aet_args_get(args, "tolerance") || m.common == 0 || m.species_fraction >= 1.0,
                 AET_ERR_DIFFER,
                 "%s and %s differ: %.3f of the common atoms are of the same element",
                 args->inputs[0], args->inputs[1], m.species_fraction);
done:
    aet_release(&pair);
    return err;
}

static aet_err models(aet_args *args)
{
    aet_atoms *a = NULL, *b = NULL;
    aet_err err = AET_OK;
    AET_GO(load_atoms(args, args->inputs[0], &a));
    AET_GO(load_atoms(args, args->inputs[1], &b));
    err = compare_models(args, a, b);
done:
    aet_atoms_free(&a);
    aet_atoms_free(&b);
    return err;
}

/* Options that only make sense with one kind of input. */
static aet_err check_words(const aet_args *args, const char *kind)
{
    static const struct {
        const char *option, *kind;
    } only[] = {{"flip-z", "volumes"},
                {"crop", "volumes"},
                {"fsc", "volumes"},
                {"distance", "atoms"},
                {"keep-shift", "atoms"}};
    for (size_t i = 0; i < sizeof only / sizeof *only; i++)
        AET_CHECK(!aet_args_get(args, only[i].option) || aet_str_same(only[i].kind, kind),
                  AET_ERR_USAGE, "--%s is for %s; %s and %s are compared as %s", only[i].option,
                  only[i].kind, args->inputs[0], args->inputs[1], kind);
    return AET_OK;
}

static aet_err run(aet_args *args)
{
    int kind[2] = {0, 0};
    for (int i = 0; args->rank == 0 && i < 2; i++)
        kind[i] = (int)aet_format_of(args->inputs[i]);
    MPI_Bcast(kind, 2, MPI_INT, 0, args->comm);
    const aet_format format[2] = {(aet_format)kind[0], (aet_format)kind[1]};
    bool atoms = false, tilt = false;
    for (int i = 0; i < 2; i++) {
        atoms |= format[i] == AET_FORMAT_ATOMS || format[i] == AET_FORMAT_XYZ ||
                 format[i] == AET_FORMAT_TEXT;
        tilt |= format[i] == AET_FORMAT_TILT;
    }
    atoms |= aet_args_get(args, "species") != NULL;
    AET_TRY(check_words(args, atoms ? "atoms" : tilt ? "tilt series" : "volumes"));
    return atoms ? models(args) : tilt ? tilts(args, format) : volumes(args);
}

const aet_command aet_cmd_compare = {
    .name = "compare",
    .group = "files",
    .usage = "A B [-t TOLERANCE]",
    .summary = "how two volumes, series or models agree; status 1 past a tolerance",
    .text = "A is the reference. Any readable format will do; what is compared follows from the\n"
            "files.\n"
            "\n"
            "Volumes: correlation, scale (B ~ scale A) and r1 = sum|A-B| / sum|A|; with --fsc the\n"
            "Fourier shell correlation, and the details at which it falls below 0.143 (for halves\n"
            "of one data set) and below 0.5 (against a truth). -t applies to\n"
            "largest_difference = max|A-B| / max|A|. Tilt series: the same over all pixels, the\n"
            "worst image, and the largest difference of the angles; -t applies to the larger of\n"
            "the two differences (angles in degrees). Files of different shape differ.\n"
            "\n"
            "Atoms: B is shifted as a whole onto A. matched counts the atoms of B that have an\n"
            "atom of A nearer than --distance: the usual figure of published recoveries, as a\n"
            "fraction of the atoms of A; rmsd_pm and species_fraction are over these. mutual\n"
            "counts pairs that are nearest to each other, one to one; missing and false are the\n"
            "atoms of A and of B without such a partner. -t applies to largest_displacement_A\n"
            "over mutual pairs; with -t, atoms without a partner or of another element differ\n"
            "too.",
    .examples = "  aetlas compare truth.h5 volume.h5\n"
                "  aetlas compare truth.h5 volume.h5 --flip-z\n"
                "  aetlas compare truth.h5 volume.h5 --fsc fsc.png\n"
                "  aetlas compare model.h5 traced.h5 --distance 0.7\n"
                "  aetlas compare one.h5 two.h5 -t 1e-6",
    .min_inputs = 2,
    .max_inputs = 2,
    .options = options,
    .run = run,
};
