/* Inside checkpoint.c and checkpoint_read.c: how the file is laid out. */
#ifndef AET_RECON_CHECKPOINT_PRIV_H
#define AET_RECON_CHECKPOINT_PRIV_H

#include "aetlas/io/h5.h"
#include "recon/checkpoint.h"

#define KEEP_STATE   "/state"
#define KEEP_NUMBERS KEEP_STATE "/numbers"
#define KEEP_CURVE   KEEP_STATE "/curve"
enum { KEEP_STEP = sizeof(aet_recon_step) / sizeof(double), KEEP_TEXT = 256 };

/* Collective.  First index, and length over all ranks, of an array of which this rank has count. */
int64_t keep_start_of(MPI_Comm comm, int64_t count, int64_t *all);
/* Collective.  Of floats spread over ranks: every changed value changes it, since its factor is odd;
 * it does not depend on how many ranks there are. */
uint64_t keep_sum_of(MPI_Comm comm, const float *x, int64_t start, int64_t n);
/* Collective.  Whether all arrays hold numbers only. */
bool keep_sound(const recon_keep *k);
/* Local. */
uint64_t keep_hash_head(const double *numbers, int n, const aet_recon_step *curve, int done,
                        int best);
void keep_array_path(const recon_keep *k, int a, char path[AET_H5_PATH_MAX]);
/* Local.  What is registered, as one text. */
void keep_names_of(const recon_keep *k, char text[KEEP_TEXT]);

#endif
