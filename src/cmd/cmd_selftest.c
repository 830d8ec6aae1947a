/* Proofs that the installed program is right, on objects that it makes itself. */
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/rng.h"
#include "aetlas/data/units.h"
#include "aetlas/num/fft.h"
#include "aetlas/num/linop.h"
#include "aetlas/par/agree.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/projector.h"
#include "aetlas/recon/reconstruct.h"
#include "cmd/command.h"
#include <math.h>
#include <string.h>

/* ---- geometry: a lopsided heap of Gaussians, projected by formula ---- */

enum { SIDE = 40, TILTS = 29 };
#define SIGMA 1.6 /* voxels */

/* No mirror image of these falls on itself: all in
 * the half x > -4, denser to one side of y and z. */
static const struct {
    double x, y, z, height;
} blobs[] = {
    {8, 3, -7, 1.0}, {2, 9, 5, 0.8},   {-3, -8, 9, 1.2}, {10, -4, 2, 0.7},
    {0, 0, 0, 1.0},  {5, -9, -3, 0.9}, {-4, 6, -9, 1.1}, {3, 4, 11, 0.6},
};
enum { BLOBS = sizeof blobs / sizeof *blobs };

static double gauss(double d2)
{
    return exp(-d2 / (2 * SIGMA * SIGMA));
}

/* The line integral of a Gaussian exp(-r^2/2s^2) at
 * distance rho is exp(-rho^2/2s^2) s sqrt(2 pi). */
static void image_fill(float *image, const double angles_deg[3])
{
    double R[3][3], line = SIGMA * sqrt(2 * AET_PI);

    aet_rotation(angles_deg, R);
    for (int b = 0; b < BLOBS; b++) {
        const double r[3] = {blobs[b].x, blobs[b].y, blobs[b].z};
        double u = R[0][0] * r[0] + R[0][1] * r[1] + R[0][2] * r[2] + SIDE / 2;
        double v = R[1][0] * r[0] + R[1][1] * r[1] + R[1][2] * r[2] + SIDE / 2;
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                image[y * SIDE + x] +=
                    (float)(blobs[b].height * line * gauss((x - u) * (x - u) + (y - v) * (y - v)));
    }
}

/* Tilts of -70 ... 70 degrees with some of the other
 * two angles, so that a wrong sign of any shows. */
static aet_err series_make(aet_tilt **t)
{
    AET_TRY(aet_tilt_create(TILTS, SIDE, SIDE, 1.0, t));
    for (int i = 0; i < TILTS; i++) {
        double *a = (*t)->angles_deg[i];
        a[0] = 3 + 2 * sin(1.0 * i);
        a[1] = -70 + 5.0 * i;
        a[2] = -2 + 2 * cos(2.0 * i);
        image_fill(aet_tilt_image(*t, i), a);
    }
    return AET_OK;
}

/* The object, or (mirror x, y or z: axis 0, 1, 2) its mirror image. */
static void object_fill(aet_volume *v, int axis)
{
    int64_t i = 0;

    for (int z = v->slab.start; z < v->slab.start + v->slab.count; z++)
        for (int y = 0; y < v->ny; y++)
            for (int x = 0; x < v->nx; x++, i++) {
                double r[3] = {x - SIDE / 2, y - SIDE / 2, z - SIDE / 2}, sum = 0;
                if (axis >= 0)
                    r[axis] = -r[axis];
                for (int b = 0; b < BLOBS; b++) {
                    double dx = r[0] - blobs[b].x, dy = r[1] - blobs[b].y, dz = r[2] - blobs[b].z;
                    sum += blobs[b].height * gauss(dx * dx + dy * dy + dz * dz);
                }
                v->density[i] = (float)sum;
            }
}

static aet_err correlate(const aet_volume *found, int axis, double *correlation)
{
    aet_err err = AET_OK;
    aet_volume *truth = NULL;

    AET_GO(aet_volume_create(found->comm, SIDE, SIDE, SIDE, 1.0, &truth));
    object_fill(truth, axis);
    AET_GO(aet_volume_compare(truth, found, false, correlation, NULL, NULL));
done:
    aet_volume_free(&truth);
    return err;
}

static aet_err judge_geometry(const char *method, const aet_volume *found)
{
    static const char *const names[] = {"x", "y", "z"};
    double right, mirrored, worst = -1;

    AET_TRY(correlate(found, -1, &right));
    aet_out("geometry_%s_correlation = %.4f\n", method, right);
    for (int axis = 0; axis < 3; axis++) {
        AET_TRY(correlate(found, axis, &mirrored));
        aet_out("geometry_%s_mirrored_%s = %.4f\n", method, names[axis], mirrored);
        worst = fmax(worst, mirrored);
    }
    AET_CHECK(right > 0.95 && worst < 0.6, AET_ERR_NUMERIC,
              "geometry of %s is wrong: the reconstruction correlates %.3f with the object (more "
              "than 0.95 expected) and up to %.3f with its mirror images (less than 0.6)",
              method, right, worst);
    return AET_OK;
}

static aet_err geometry_of(MPI_Comm comm, const char *method, const aet_tilt *tilt)
{
    aet_err err = AET_OK;
    aet_recon_params p;
    aet_recon_report report = {0};
    aet_volume *v = NULL;

    AET_TRY(aet_config_load(NULL, &aet_recon_table, &p));
    p.method = strcmp(method, "resire") == 0 ? AET_RECON_RESIRE : AET_RECON_GENFIRE;
    p.iterations = 40;
    p.oversampling = 2;
    AET_GO(aet_reconstruct(comm, tilt, NULL, &p, &v, &report));
    AET_GO(judge_geometry(method, v));
done:
    aet_recon_report_free(&report);
    aet_volume_free(&v);
    return err;
}

static aet_err test_geometry(MPI_Comm comm)
{
    aet_err err = AET_OK;
    aet_tilt *tilt = NULL;

    AET_GO(AET_AGREE(comm, series_make(&tilt)));
    AET_GO(geometry_of(comm, "resire", tilt));
    AET_GO(geometry_of(comm, "genfire", tilt));
done:
    aet_tilt_free(&tilt);
    return err;
}

/* ---- adjoint ---- */

static aet_err test_adjoint(MPI_Comm comm)
{
    aet_err err = AET_OK;
    double angles[12][3], error;
    aet_linop *op = NULL;
    aet_rng key = {1, 0, AET_RNG_TEST};

    for (int i = 0; i < 12; i++)
        for (int k = 0; k < 3; k++)
            angles[i][k] = 360 * aet_rng_uniform(key, (uint64_t)(3 * i + k)) - 180;
    aet_projector_setup s = {.nx = 30,
                             .ny = 26,
                             .nz = 33,
                             .n = 12,
                             .nu = 28,
                             .nv = 31,
                             .angles_deg = (const double(*)[3])angles,
                             .fine = true};
    AET_GO(aet_projector_create(comm, &s, &op));
    AET_GO(aet_linop_adjoint_error(op, 2, &error));
    aet_out("adjoint_error = %.3g\n", error);
    AET_GO_CHECK(error < 1e-6, AET_ERR_NUMERIC,
                 "the projector and its adjoint disagree by %.3g (less than 1e-6 expected)", error);
done:
    aet_linop_free(&op);
    return err;
}

/* ---- fft ---- */

/* A cosine of known frequency has two coefficients; back again it is the same cosine. */
static double fft_error(aet_fft3 *f)
{
    const aet_fft3_shape *s = aet_fft3_get_shape(f);
    double *r = aet_fft3_buffer(f), n = (double)s->nx * s->ny * s->nz, worst = 0;
    const double complex *k = aet_fft3_buffer(f);

    for (int64_t line = 0; line < (int64_t)s->z.count * s->ny; line++)
        for (int x = 0; x < s->nx; x++) {
            double z = (double)(s->z.start + line / s->ny), y = (double)(line % s->ny);
            r[line * s->row + x] =
                cos(2 * AET_PI * (2.0 * x / s->nx + 3 * y / s->ny + 1 * z / s->nz));
        }
    aet_fft3_forward(f);
    for (int64_t line = 0; line < (int64_t)s->y.count * s->nz; line++)
        for (int x = 0; x <= s->nx / 2; x++) {
            bool peak = x == 2 && s->y.start + line / s->nz == 3 && line % s->nz == 1;
            double complex got = k[line * (s->nx / 2 + 1) + x];
            worst = fmax(worst, cabs(got - (peak ? n / 2 : 0)) / n);
        }
    aet_fft3_backward(f);
    for (int64_t line = 0; line < (int64_t)s->z.count * s->ny; line++) {
        double z = (double)(s->z.start + line / s->ny), y = (double)(line % s->ny);
        double want = cos(2 * AET_PI * (3 * y / s->ny + 1 * z / s->nz));
        worst = fmax(worst, fabs(r[line * s->row] / n - want));
    }
    return worst;
}

static aet_err test_fft(MPI_Comm comm)
{
    aet_fft3 *f = NULL;

    AET_TRY(aet_fft3_create(comm, 30, 21, 16, false, &f));
    double error = fft_error(f);
    MPI_Allreduce(MPI_IN_PLACE, &error, 1, MPI_DOUBLE, MPI_MAX, comm);
    aet_fft3_free(&f);
    aet_out("fft_error = %.3g\n", error);
    AET_CHECK(error < 1e-12, AET_ERR_NUMERIC,
              "the Fourier transform of a cosine is wrong by %.3g (less than 1e-12 expected)",
              error);
    return AET_OK;
}

/* ---- the command ---- */

static const struct {
    const char *name;
    aet_err (*run)(MPI_Comm comm);
} tests[] = {{"geometry", test_geometry}, {"adjoint", test_adjoint}, {"fft", test_fft}};
enum { TESTS = sizeof tests / sizeof *tests };

static bool wanted(const aet_args *args, const char *name)
{
    for (int i = 0; i < args->n_inputs; i++)
        if (strcmp(args->inputs[i], name) == 0)
            return true;
    return args->n_inputs == 0;
}

static aet_err check_names(const aet_args *args)
{
    for (int i = 0; i < args->n_inputs; i++) {
        bool known = false;
        for (int k = 0; k < TESTS; k++)
            known = known || strcmp(args->inputs[i], tests[k].name) == 0;
        AET_CHECK(known, AET_ERR_USAGE, "no self test '%s'; there are geometry, adjoint and fft",
                  args->inputs[i]);
    }
    return AET_OK;
}

static aet_err run(aet_args *args)
{
    AET_TRY(check_names(args));
    for (int k = 0; k < TESTS; k++) {
        if (!wanted(args, tests[k].name))
            continue;
        AET_TRY(tests[k].run(args->comm));
        aet_out("%s = passed\n", tests[k].name);
    }
    return AET_OK;
}

const aet_command aet_cmd_selftest = {
    .name = "selftest",
    .group = "other",
    .usage = "[geometry] [adjoint] [fft]",
    .summary = "proves on known objects that this installation is right",
    .text = "geometry  an asymmetric heap of Gaussians, projected by formula at tilted Euler\n"
            "          angles and reconstructed by both methods, must come back in the right hand\n"
            "adjoint   projection and back projection must be adjoint at random angles\n"
            "fft       the distributed Fourier transform of a cosine must be known\n"
            "\n"
            "Without words: all of them, a few seconds. Status 6 and a message at the first\n"
            "failure.",
    .examples = "  aetlas selftest\n  mpirun -n 4 aetlas selftest geometry",
    .min_inputs = 0,
    .max_inputs = -1,
    .run = run,
};
