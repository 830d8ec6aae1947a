#include "aetlas/base/mem.h"
#include "aetlas/data/volume.h"
#include "aetlas/par/agree.h"
#include <math.h>

/* Sums over planes are kept per plane and added in plane order: the result does not depend on how
 * many ranks there are. */
enum { N, A, B, AA, BB, AB, DIFF, ABS, TERMS };

static void plane_sums(const float *a, const float *b, int64_t n, double s[TERMS])
{
    for (int64_t i = 0; i < n; i++) {
        double x = (double)a[i], y = (double)b[i];
        s[A] += x;
        s[B] += y;
        s[AA] += x * x;
        s[BB] += y * y;
        s[AB] += x * y;
        s[DIFF] += fabs(x - y);
        s[ABS] += fabs(x);
    }
    s[N] += (double)n;
}

static void total(MPI_Comm comm, double *by_plane, int planes, double s[TERMS])
{
    aet_sum_double(comm, by_plane,
                   (int64_t)planes * TERMS); /* each plane is non-zero on one rank only */
    for (int t = 0; t < TERMS; t++)
        s[t] = 0.0;
    for (int z = 0; z < planes; z++)
        for (int t = 0; t < TERMS; t++)
            s[t] += by_plane[z * TERMS + t];
}

void aet_volume_sums(const aet_volume *v, double *sum, double *sum2)
{
    double s[TERMS], *by_plane = AET_NEW(double, (size_t)v->nz *TERMS);
    int64_t plane = (int64_t)v->nx * v->ny;
    for (int z = 0; z < v->slab.count; z++) {
        const float *p = v->density + plane * z;
        plane_sums(p, p, plane, by_plane + (int64_t)(v->slab.start + z) * TERMS);
    }
    total(v->comm, by_plane, v->nz, s);
    aet_release(&by_plane);
    if (sum)
        *sum = s[A];
    if (sum2)
        *sum2 = s[AA];
}

/* Plane z of b for each local plane z of a, mirrored about the origin plane if flip.  Planes of b
 * come from other ranks only when mirrored. */
static const float *partner_plane(const aet_volume *b, int z, bool flip, float *buffer)
{
    int rank, size, mirrored = 2 * (b->nz / 2) - z;
    int64_t plane = (int64_t)b->nx * b->ny;
    if (!flip)
        mirrored = z;
    if (mirrored < 0 || mirrored >= b->nz)
        return NULL;
    MPI_Comm_rank(b->comm, &rank);
    MPI_Comm_size(b->comm, &size);
    int from = aet_slab_owner(b->nz, mirrored, size), to = aet_slab_owner(b->nz, z, size);
    const float *mine = b->density + plane * (mirrored - b->slab.start);
    if (from == to)
        return rank == to ? mine : NULL;
    if (rank == from)
        MPI_Send(mine, (int)plane, MPI_FLOAT, to, 3, b->comm);
    if (rank == to)
        MPI_Recv(buffer, (int)plane, MPI_FLOAT, from, 3, b->comm, MPI_STATUS_IGNORE);
    return rank == to ? buffer : NULL;
}

aet_err aet_volume_compare(const aet_volume *a, const aet_volume *b, bool flip_z,
                           double *correlation, double *scale, double *r1)
{
    AET_CHECK(a->nx == b->nx && a->ny == b->ny && a->nz == b->nz, AET_ERR_INPUT,
              "volumes of different shape: %d x %d x %d and %d x %d x %d", a->nx, a->ny, a->nz,
              b->nx, b->ny, b->nz);
    int64_t plane = (int64_t)a->nx * a->ny;
    double s[TERMS], *by_plane = AET_NEW(double, (size_t)a->nz *TERMS);
    float *buffer = NULL;
    aet_err err = AET_AGREE(a->comm, AET_ARRAY(plane, "plane buffer", &buffer));
    for (int z = 0; z < a->nz && !err; z++) {
        const float *q = partner_plane(b, z, flip_z, buffer);
        if (q)
            plane_sums(a->density + plane * (z - a->slab.start), q, plane,
                       by_plane + (int64_t)z * TERMS);
    }
    if (!err)
        total(a->comm, by_plane, a->nz, s);
    aet_release(&buffer);
    aet_release(&by_plane);
    if (err)
        return err;
    double n = s[N], va = s[AA] - s[A] * s[A] / n, vb = s[BB] - s[B] * s[B] / n;
    if (correlation)
        *correlation = va > 0.0 && vb > 0.0 ? (s[AB] - s[A] * s[B] / n) / sqrt(va * vb) : 0.0;
    if (scale)
        *scale = s[AA] > 0.0 ? s[AB] / s[AA] : 0.0;
    if (r1)
        *r1 = s[ABS] > 0.0 ? s[DIFF] / s[ABS] : (s[DIFF] > 0.0 ? (double)INFINITY : 0.0);
    return AET_OK;
}
