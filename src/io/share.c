#include "aetlas/io/share.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/par/agree.h"
#include "io_priv.h"
#include <string.h>

#define SEND_FLOATS (1 << 28) /* counts of MPI are int */
enum { TAG_PLANES = 77 };

static bool is_root(MPI_Comm comm)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    return rank == 0;
}

/* ---- tilt ---- */

aet_err aet_tilt_share(MPI_Comm comm, aet_err local, aet_tilt **t)
{
    aet_err err = is_root(comm) ? local : AET_OK;
    struct {
        int n, ny, nx;
        double pixel_A;
    } head = {0};
    if (!is_root(comm))
        *t = NULL;
    AET_GO(aet_agree(comm, err));
    if (is_root(comm)) {
        head.n = (*t)->n;
        head.ny = (*t)->ny;
        head.nx = (*t)->nx;
        head.pixel_A = (*t)->pixel_A;
    }
    MPI_Bcast(&head, sizeof head, MPI_BYTE, 0, comm);
    if (!is_root(comm))
        err = aet_tilt_create(head.n, head.ny, head.nx, head.pixel_A, t);
    AET_GO(aet_agree(comm, err));
    aet_bcast_bytes(comm, (*t)->images,
                    (int64_t)head.n * head.ny * head.nx * (int64_t)sizeof(float), 0);
    aet_bcast_bytes(comm, (*t)->angles_deg, (int64_t)head.n * (int64_t)sizeof *(*t)->angles_deg, 0);
done:
    if (err)
        aet_tilt_free(t);
    return err;
}

/* ---- atoms ---- */

static aet_err share_columns(MPI_Comm comm, int count, aet_atoms *a)
{
    for (int i = 0; i < count; i++) {
        aet_column c = {0}, *mine = NULL;
        if (is_root(comm))
            c = a->columns[i];
        MPI_Bcast(&c, sizeof c, MPI_BYTE, 0, comm);
        mine = is_root(comm) ? &a->columns[i]
                             : aet_atoms_add_column(a, c.name, c.width, c.unit, c.description);
        aet_bcast_bytes(comm, mine->values, (int64_t)a->n * mine->width * (int64_t)sizeof(double),
                        0);
    }
    return AET_OK;
}

static void share_scalars(MPI_Comm comm, int count, aet_atoms *a)
{
    for (int i = 0; i < count; i++) {
        aet_scalar s = {0};
        if (is_root(comm))
            s = a->scalars[i];
        MPI_Bcast(&s, sizeof s, MPI_BYTE, 0, comm);
        if (!is_root(comm))
            aet_atoms_add_scalar(a, s.name, s.value, s.unit, s.description);
    }
}

static void share_curve(MPI_Comm comm, int i, aet_curve **list, int *count)
{
    aet_curve c = {0}, *mine = NULL;
    if (is_root(comm))
        c = (*list)[i];
    MPI_Bcast(&c, sizeof c, MPI_BYTE, 0, comm);
    char(*head)[32] = aet_new_bytes((size_t)c.width * 32);
    const char **heads = AET_NEW(const char *, c.width);
    if (is_root(comm))
        memcpy(head, (*list)[i].head, (size_t)c.width * 32);
    MPI_Bcast(head, c.width * 32, MPI_BYTE, 0, comm);
    for (int k = 0; k < c.width; k++)
        heads[k] = head[k];
    mine = is_root(comm) ? &(*list)[i]
                         : aet_curve_add(list, count, c.name, c.n, c.width, heads, c.description);
    aet_bcast_bytes(comm, mine->values, (int64_t)c.n * c.width * (int64_t)sizeof(double), 0);
    aet_release(&heads);
    aet_release(&head);
}

void curves_share(MPI_Comm comm, aet_curve **list, int *count)
{
    int n = is_root(comm) ? *count : 0;
    MPI_Bcast(&n, 1, MPI_INT, 0, comm);
    for (int i = 0; i < n; i++)
        share_curve(comm, i, list, count);
}

aet_err aet_atoms_share(MPI_Comm comm, aet_err local, aet_atoms **a)
{
    aet_err err = is_root(comm) ? local : AET_OK;
    int head[3] = {0};
    if (!is_root(comm))
        *a = NULL;
    AET_GO(aet_agree(comm, err));
    if (is_root(comm)) {
        head[0] = (*a)->n;
        head[1] = (*a)->n_columns;
        head[2] = (*a)->n_scalars;
    }
    MPI_Bcast(head, 3, MPI_INT, 0, comm);
    if (!is_root(comm))
        err = aet_atoms_create(head[0], a);
    AET_GO(aet_agree(comm, err));
    aet_bcast_bytes(comm, (*a)->position_A, (int64_t)head[0] * (int64_t)sizeof *(*a)->position_A,
                    0);
    aet_bcast_bytes(comm, (*a)->species, head[0], 0);
    AET_GO(share_columns(comm, head[1], *a));
    share_scalars(comm, head[2], *a);
    curves_share(comm, &(*a)->curves, &(*a)->n_curves);
done:
    if (err)
        aet_atoms_free(a);
    return err;
}

/* ---- volume ---- */

static void send_block(MPI_Comm comm, const float *from, float *to, int64_t count, int dest)
{
    for (int64_t done = 0; done < count; done += SEND_FLOATS) {
        int n = (int)(count - done < SEND_FLOATS ? count - done : SEND_FLOATS);
        if (from)
            MPI_Send(from + done, n, MPI_FLOAT, dest, TAG_PLANES, comm);
        else
            MPI_Recv(to + done, n, MPI_FLOAT, 0, TAG_PLANES, comm, MPI_STATUS_IGNORE);
    }
}

static void scatter_planes(MPI_Comm comm, const float *all, aet_volume *v)
{
    int size;
    int64_t plane = (int64_t)v->ny * v->nx;
    MPI_Comm_size(comm, &size);
    if (!is_root(comm)) {
        send_block(comm, NULL, v->density, aet_volume_count(v), 0);
        return;
    }
    memcpy(v->density, all, (size_t)aet_volume_count(v) * sizeof(float));
    for (int r = 1; r < size; r++) {
        aet_slab s = aet_slab_of(v->nz, r, size);
        send_block(comm, all + s.start * plane, NULL, s.count * plane, r);
    }
}

aet_err aet_volume_share(MPI_Comm comm, aet_err local, const int n[3], double voxel_A,
                         const float *all, aet_volume **v)
{
    struct {
        int n[3];
        double voxel_A;
    } head = {0};
    *v = NULL;
    AET_TRY(aet_agree(comm, is_root(comm) ? local : AET_OK));
    if (is_root(comm)) {
        memcpy(head.n, n, sizeof head.n);
        head.voxel_A = voxel_A;
    }
    MPI_Bcast(&head, sizeof head, MPI_BYTE, 0, comm);
    AET_TRY(aet_volume_create(comm, head.n[0], head.n[1], head.n[2], head.voxel_A, v));
    scatter_planes(comm, all, *v);
    return AET_OK;
}
