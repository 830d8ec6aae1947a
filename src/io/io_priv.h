/* Inside module io only. */
#ifndef AET_IO_PRIV_H
#define AET_IO_PRIV_H

#include "aetlas/data/curve.h"
#include "aetlas/io/h5.h"
#include <mpi.h>

/* Collective over f.  Writes the group /provenance from what aet_provenance_set and _note told. */
aet_err provenance_write(aet_h5 *f);

/* Local.  Adds the curves of a file that is open for reading to a list. */
aet_err curves_read(const aet_h5 *f, const char *file, aet_curve **list, int *count);
/* Collective over f.  Writes them; the bytes that takes. */
aet_err curves_write(aet_h5 *f, const aet_curve *list, int count);
int64_t curves_bytes(const aet_curve *list, int count);
/* Collective.  Rank 0's list becomes that of all. */
void curves_share(MPI_Comm comm, aet_curve **list, int *count);

#endif
