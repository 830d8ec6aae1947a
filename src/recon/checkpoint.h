/* Inside recon: the state of an iteration, kept in a file from time to time, so that a run which was
 * stopped or killed goes on where it was.
 *
 * A method registers what its next iteration depends on, asks recon_keep_load where to begin, and
 * calls recon_keep_visit before each iteration; nothing else of it knows of files:
 *
 *     recon_keep_array(keep, "object", &x, n);      x holds zeros, or what it starts from
 *     recon_keep_number(keep, "momentum", &t);
 *     AET_TRY(recon_keep_load(keep, report, &first));
 *     for (int it = first; it < iterations; it++) {
 *         AET_TRY(recon_keep_visit(keep, report, "RESIRE", it));
 */
#ifndef AET_RECON_CHECKPOINT_H
#define AET_RECON_CHECKPOINT_H

#include "aetlas/base/file.h"
#include "aetlas/recon/reconstruct.h"
#include <mpi.h>

enum { RECON_KEEP_MOST = 12 };

typedef struct {
    MPI_Comm comm;
    int rank;
    const char *path; /* NULL: nothing is kept */
    double every_s;   /* 0: only when stopped */
    int most;         /* iterations in all */
    uint64_t inputs;  /* fingerprint of images, support and parameters */
    int n_arrays, n_numbers;
    struct {
        const char *name;
        float **data;
        int64_t count; /* values of this rank; those of all ranks follow each other */
        int64_t whole; /* length of an array that every rank has whole; else 0 */
    } array[RECON_KEEP_MOST];
    struct {
        const char *name;
        double *value;
    } number[RECON_KEEP_MOST];
    int saved;     /* iterations done in the state on disk; 0: none */
    double next_s; /* when the next state is due */
} recon_keep;

/* Collective.  path may be NULL.  support: NULL or a volume. */
void recon_keep_begin(MPI_Comm comm, const char *path, const aet_tilt *tilt,
                      const aet_volume *support, const aet_recon_params *p, recon_keep *k);

/* Local.  The file of a half set beside that of the whole; NULL for NULL. */
const char *recon_keep_half(const char *path, int half, char name[AET_PATH_MAX]);

/* Local.  Registers.  A pointer to the pointer: methods exchange their arrays. */
void recon_keep_array(recon_keep *k, const char *name, float **data, int64_t count);
/* The same array on every rank. */
void recon_keep_whole(recon_keep *k, const char *name, float **data, int64_t count);
void recon_keep_number(recon_keep *k, const char *name, double *value);

/* Collective.  The iteration that the file says to go on with, 0 if there is none that fits; its
 * arrays are not looked at yet. */
int recon_keep_peek(const recon_keep *k);

/* Collective.  Fills what is registered, and the report's curve and best, from the file and gives
 * the iteration to go on with.  A file of other inputs or one that is damaged is told in the log and
 * changes nothing but the arrays, which are zeroed: *first = 0. */
void recon_keep_load(recon_keep *k, aet_recon_report *report, int *first);

/* Collective.  Before iteration it: saves when the time has come; STOPPED, after saving, when that
 * was asked for.  A state that cannot be written costs a warning. */
aet_err recon_keep_visit(recon_keep *k, const aet_recon_report *report, const char *what, int it);

#endif
