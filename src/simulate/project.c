#include "aetlas/simulate/project.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/progress.h"
#include "aetlas/par/slab.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "aetlas/physics/geometry.h"
#include "aetlas/physics/paint.h"
#include "simulate_priv.h"
#include <math.h>

#define AET_PARAM_OWNER aet_simulate_params
AET_PARAMS_TABLE(aet_simulate_table, "simulate", "linear images of an atom model",
                 AET_SIMULATE_PARAMS);

/* Image coordinates of an atom in Angstrom: the first two rows of R. */
static void see(const double R[3][3], const double r[3], double *x, double *y)
{
    *x = R[0][0] * r[0] + R[0][1] * r[1] + R[0][2] * r[2];
    *y = R[1][0] * r[0] + R[1][1] * r[1] + R[1][2] * r[2];
}

static aet_err check_angles(const double (*angles_deg)[3], int n)
{
    AET_CHECK(n > 0, AET_ERR_INPUT, "no tilt angles; at least one orientation is needed");
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            AET_CHECK(isfinite(angles_deg[i][k]), AET_ERR_INPUT,
                      "angle %d of orientation %d is not a finite number", k + 1, i);
    return AET_OK;
}

/* How far from the pivot any atom is seen in any of the images, along x and y. */
static void find_reach(const aet_atoms *atoms, const double (*angles_deg)[3], int n,
                       double reach[2])
{
    double R[3][3], x, y;
    reach[0] = reach[1] = 0;
    for (int i = 0; i < n; i++) {
        aet_rotation(angles_deg[i], R);
        for (int a = 0; a < atoms->n; a++) {
            see(R, atoms->position_A[a], &x, &y);
            reach[0] = fmax(reach[0], fabs(x));
            reach[1] = fmax(reach[1], fabs(y));
        }
    }
}

static void project_one(const aet_atoms *atoms, aet_blurred *blurred, double *plane, aet_tilt *t,
                        int i)
{
    double R[3][3], x, y;
    int64_t pixels = (int64_t)t->nx * t->ny;
    float *image = aet_tilt_image(t, i);

    aet_rotation(t->angles_deg[i], R);
    for (int64_t k = 0; k < pixels; k++)
        plane[k] = 0;
    for (int a = 0; a < atoms->n; a++) {
        see(R, atoms->position_A[a], &x, &y);
        aet_paint_atom(plane, t->nx, t->ny, blurred->by_z[atoms->species[a]],
                       x / t->pixel_A + t->nx / 2, y / t->pixel_A + t->ny / 2);
    }
    for (int64_t k = 0; k < pixels; k++)
        image[k] = (float)plane[k];
}

/* Collective.  Each rank makes its share of the images, then all get all. */
static aet_err project_all(MPI_Comm comm, const aet_atoms *atoms, aet_blurred *blurred, aet_tilt *t)
{
    aet_err err = AET_OK;
    int size, share;
    double *plane = NULL;
    int64_t pixels = (int64_t)t->nx * t->ny;
    aet_slab mine = aet_slab_mine(t->n, comm);

    MPI_Comm_size(comm, &size);
    share = aet_slab_of(t->n, 0, size)
                .count; /* the largest, so that all ranks go round equally often */
    aet_progress progress = aet_progress_begin("projecting", share);
    AET_GO(AET_AGREE(comm, AET_ARRAY(pixels, "an image", &plane)));
    for (int i = 0; i < share; i++) {
        AET_GO_CHECK(!aet_stop_now(comm), AET_ERR_STOPPED, "stopped after %d of %d images", i,
                     share);
        if (i < mine.count)
            project_one(atoms, blurred, plane, t, mine.start + i);
        aet_progress_step(&progress, NULL);
    }
    aet_progress_end(&progress);
    for (int r = 0; r < size; r++) {
        aet_slab part = aet_slab_of(t->n, r, size);
        if (part.count > 0)
            aet_bcast_bytes(comm, aet_tilt_image(t, part.start),
                            (int64_t)part.count * pixels * (int64_t)sizeof(float), r);
    }
done:
    aet_release(&plane);
    return err;
}

aet_err aet_simulate_frame_size(const aet_atoms *atoms, const double (*angles_deg)[3], int n,
                                const aet_simulate_params *p, int *nx, int *ny)
{
    double reach[2];
    AET_TRY(check_angles(angles_deg, n));
    find_reach(atoms, angles_deg, n, reach);
    AET_TRY(aet_simulate_size(p, fmax(reach[0], reach[1]), nx));
    *ny = p->size_y > 0 ? p->size_y : *nx;
    if (reach[0] > *nx / 2 * p->pixel_A || reach[1] > *ny / 2 * p->pixel_A)
        aet_warn(
            "the model reaches %.4g A from the pivot along x and %.4g A along y, beyond images of "
            "%d x %d pixels of %g A: what lies outside is left out",
            reach[0], reach[1], *nx, *ny, p->pixel_A);
    return AET_OK;
}

/* Local.  What the parameters and the model make: sizes, empty series, profiles. */
static aet_err prepare(const aet_atoms *atoms, const double (*angles_deg)[3], int n,
                       const aet_simulate_params *p, aet_blurred *blurred, aet_tilt **t)
{
    int nx, ny;
    AET_TRY(aet_simulate_check(atoms, p));
    AET_TRY(aet_simulate_frame_size(atoms, angles_deg, n, p, &nx, &ny));
    AET_TRY(aet_blurred_create(atoms, p, false, blurred));
    AET_TRY(aet_tilt_create(n, ny, nx, p->pixel_A, t));
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            (*t)->angles_deg[i][k] = angles_deg[i][k];
    return AET_OK;
}

aet_err aet_simulate_tilt(MPI_Comm comm, const aet_atoms *atoms, const double (*angles_deg)[3],
                          int n, const aet_simulate_params *params, aet_tilt **out)
{
    aet_err err = AET_OK;
    aet_blurred blurred = {0};

    aet_phase_begin("project");
    *out = NULL;
    AET_GO(AET_AGREE(comm, prepare(atoms, angles_deg, n, params, &blurred, out)));
    aet_info("%d atoms in %d images of %d x %d pixels of %g A", atoms->n, n, (*out)->nx, (*out)->ny,
             params->pixel_A);
    AET_GO(project_all(comm, atoms, &blurred, *out));
    if (params->dose_e_per_A2 > 0)
        AET_GO(aet_simulate_dose(comm, *out, params, blurred.heaviest));
done:
    aet_blurred_free(&blurred);
    if (err != AET_OK)
        aet_tilt_free(out);
    aet_phase_end("project");
    return err;
}
