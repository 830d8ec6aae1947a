#include "aetlas/par/agree.h"

#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include <limits.h>
#include <string.h>

aet_err aet_agree(MPI_Comm comm, aet_err local)
{
    struct {
        int code, rank;
    } mine = {(int)local, 0}, worst;
    MPI_Comm_rank(comm, &mine.rank);
    MPI_Allreduce(&mine, &worst, 1, MPI_2INT, MPI_MAXLOC, comm);
    if (worst.code == AET_OK)
        return AET_OK;
    char text[AET_ERROR_TEXT_MAX];
    strncpy(text, aet_error_text(), sizeof text - 1);
    text[sizeof text - 1] = 0;
    MPI_Bcast(text, sizeof text, MPI_CHAR, worst.rank, comm);
    return aet_error_set((aet_err)worst.code, __FILE__, __LINE__, "%s", text);
}

bool aet_any(MPI_Comm comm, bool local)
{
    int mine = local, any;
    MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_LOR, comm);
    return any != 0;
}

enum { PIECE = 1 << 28 }; /* MPI counts are ints; also bounds what MPI buffers at a time */

void aet_bcast_bytes(MPI_Comm comm, void *data, int64_t bytes, int root)
{
    char *p = data;
    for (int64_t done = 0; done < bytes; done += PIECE) {
        int64_t left = bytes - done;
        MPI_Bcast(p + done, (int)(left < PIECE ? left : PIECE), MPI_BYTE, root, comm);
    }
}

void aet_sum_float(MPI_Comm comm, float *data, int64_t n)
{
    for (int64_t done = 0; done < n; done += PIECE) {
        int64_t left = n - done;
        MPI_Allreduce(MPI_IN_PLACE, data + done, (int)(left < PIECE ? left : PIECE), MPI_FLOAT,
                      MPI_SUM, comm);
    }
}

void aet_sum_double(MPI_Comm comm, double *data, int64_t n)
{
    for (int64_t done = 0; done < n; done += PIECE) {
        int64_t left = n - done;
        MPI_Allreduce(MPI_IN_PLACE, data + done, (int)(left < PIECE ? left : PIECE), MPI_DOUBLE,
                      MPI_SUM, comm);
    }
}

aet_err aet_read_text_all(MPI_Comm comm, const char *path, int64_t max_bytes, char **text)
{
    int rank;
    int64_t length = 0;
    aet_err err = AET_OK;
    *text = NULL;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = aet_file_read_text(path, max_bytes, text, &length);
    AET_TRY(AET_AGREE(comm, err));
    MPI_Bcast(&length, 1, MPI_INT64_T, 0, comm);
    if (rank != 0)
        err = AET_ARRAY(length + 1, path, text);
    err = AET_AGREE(comm, err);
    if (err)
        aet_release(text);
    else
        aet_bcast_bytes(comm, *text, length + 1, 0);
    return err;
}
