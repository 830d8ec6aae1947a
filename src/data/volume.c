#include "aetlas/data/volume.h"

#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include <math.h>
#include <string.h>

enum { MAX_SIDE = 1 << 16 };

aet_err aet_volume_create(MPI_Comm comm, int nx, int ny, int nz, double voxel_A, aet_volume **v)
{
    *v = NULL;
    AET_CHECK(nx > 0 && ny > 0 && nz > 0 && nx <= MAX_SIDE && ny <= MAX_SIDE && nz <= MAX_SIDE,
              AET_ERR_INPUT, "a volume of %d x %d x %d voxels is not possible", nx, ny, nz);
    aet_volume *made = AET_NEW(aet_volume, 1);
    *made = (aet_volume){.comm = comm,
                         .nx = nx,
                         .ny = ny,
                         .nz = nz,
                         .slab = aet_slab_mine(nz, comm),
                         .voxel_A = voxel_A};
    aet_err err = AET_AGREE(comm, AET_ARRAY(aet_volume_count(made), "volume", &made->density));
    if (err)
        aet_volume_free(&made);
    *v = made;
    return err;
}

void aet_volume_free(aet_volume **v)
{
    if (!*v)
        return;
    aet_curves_free(&(*v)->curves, &(*v)->n_curves);
    aet_release(&(*v)->density);
    aet_release(v);
}

aet_curve *aet_volume_add_curve(aet_volume *v, const char *name, int n, int width,
                                const char *const *heads, const char *description)
{
    return aet_curve_add(&v->curves, &v->n_curves, name, n, width, heads, description);
}

aet_curve *aet_volume_find_curve(const aet_volume *v, const char *name)
{
    return aet_curve_find(v->curves, v->n_curves, name);
}

/* By the bits of the exponent, without a branch: the compiler vectorises it. */
static bool all_finite(const float *x, int64_t n)
{
    uint32_t bad = 0;
    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bad |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    return bad == 0;
}

static aet_err check_local(const aet_volume *v)
{
    AET_CHECK(isfinite(v->voxel_A) && v->voxel_A > 0.0, AET_ERR_INPUT,
              "voxel_A = %g; the voxel size in Angstrom must be positive", v->voxel_A);
    if (all_finite(v->density, aet_volume_count(v)))
        return AET_OK;
    for (int64_t i = 0; i < aet_volume_count(v); i++)
        AET_CHECK(isfinite(v->density[i]), AET_ERR_INPUT,
                  "voxel (%d, %d, %d) is %s; every voxel must be finite", (int)(i % v->nx),
                  (int)(i / v->nx % v->ny), v->slab.start + (int)(i / v->nx / v->ny),
                  isnan(v->density[i]) ? "NaN" : "infinite");
    return AET_OK;
}

aet_err aet_volume_check(const aet_volume *v)
{
    return AET_AGREE(v->comm, check_local(v));
}

/* Planes travel one rank at a time, so that no count exceeds an int for any real volume. */
aet_err aet_volume_gather(const aet_volume *v, int root, float **all)
{
    int rank, size;
    int64_t plane = (int64_t)v->nx * v->ny;
    aet_err err = AET_OK;
    MPI_Comm_rank(v->comm, &rank);
    MPI_Comm_size(v->comm, &size);
    bool wanted = root < 0 || rank == root;
    *all = NULL;
    if (wanted)
        err = AET_ARRAY(plane * v->nz, "whole volume", all);
    err = AET_AGREE(v->comm, err);
    if (err) {
        aet_release(all);
        return err;
    }
    int first = root < 0 ? 0 : root;
    for (int r = 0; r < size; r++) {
        aet_slab s = aet_slab_of(v->nz, r, size);
        if (r == rank && r == first)
            memcpy(*all + plane * s.start, v->density, (size_t)(plane * s.count) * sizeof(float));
        for (int z = 0; z < s.count && r != first; z++) {
            if (r == rank)
                MPI_Send(v->density + plane * z, (int)plane, MPI_FLOAT, first, 1, v->comm);
            else if (rank == first)
                MPI_Recv(*all + plane * (s.start + z), (int)plane, MPI_FLOAT, r, 1, v->comm,
                         MPI_STATUS_IGNORE);
        }
    }
    if (root < 0)
        aet_bcast_bytes(v->comm, *all, plane * v->nz * (int64_t)sizeof(float), 0);
    return AET_OK;
}

/* Copies the rows of one plane so that pixel n/2 stays pixel n/2. */
static void copy_plane(const float *from, int nx, int ny, float *to, int mx, int my)
{
    for (int y = 0; y < my; y++) {
        int yy = y - my / 2 + ny / 2;
        for (int x = 0; x < mx && yy >= 0 && yy < ny; x++) {
            int xx = x - mx / 2 + nx / 2;
            if (xx >= 0 && xx < nx)
                to[(int64_t)y * mx + x] = from[(int64_t)yy * nx + xx];
        }
    }
}

aet_err aet_volume_resize(const aet_volume *v, int nx, int ny, int nz, aet_volume **out)
{
    int rank, size;
    MPI_Comm_rank(v->comm, &rank);
    MPI_Comm_size(v->comm, &size);
    AET_TRY(aet_volume_create(v->comm, nx, ny, nz, v->voxel_A, out));
    aet_volume *o = *out;
    int64_t plane = (int64_t)v->nx * v->ny;
    float *buffer = NULL;
    aet_err err = AET_AGREE(v->comm, AET_ARRAY(plane, "plane buffer", &buffer));
    for (int z = 0; z < nz && !err; z++) {
        int zz = z - nz / 2 + v->nz / 2;
        if (zz < 0 || zz >= v->nz)
            continue;
        int from = aet_slab_owner(v->nz, zz, size), to = aet_slab_owner(nz, z, size);
        const float *source = rank == from ? v->density + plane * (zz - v->slab.start) : buffer;
        if (rank == from && from != to)
            MPI_Send(source, (int)plane, MPI_FLOAT, to, 2, v->comm);
        if (rank == to && from != to)
            MPI_Recv(buffer, (int)plane, MPI_FLOAT, from, 2, v->comm, MPI_STATUS_IGNORE);
        if (rank == to)
            copy_plane(source, v->nx, v->ny, o->density + (int64_t)nx * ny * (z - o->slab.start),
                       nx, ny);
    }
    aet_release(&buffer);
    if (err)
        aet_volume_free(out);
    return err;
}
