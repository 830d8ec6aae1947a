/* Statistics over particles: one table of all scalars, means and standard deviations by group and
 * cycle count, and a page with the figures. */
#ifndef AET_CAMPAIGN_SUMMARY_H
#define AET_CAMPAIGN_SUMMARY_H

#include "aetlas/base/file.h"
#include <mpi.h>

typedef struct {
    char name[64], group[64];
    double cycles;
    char path[AET_PATH_MAX];      /* of measures.h5 */
    char precision[AET_PATH_MAX]; /* precision.h5, whose figures are added; "": none */
    char picture[AET_PATH_MAX];   /* relative to the folder of the report; "": none */
    char errors[AET_PATH_MAX];    /* of the reconstruction's iterations, likewise */
} aet_summary_entry;

/* Collective (rank 0 works).  Writes summary.csv (a row per particle, a column per scalar),
 * groups.csv (mean, SD and number by group and cycles) and report.html into the folder `to`, and,
 * if pictures, the figures as PNG (by gnuplot; a warning where it is missing).  INPUT when a file
 * is no measures file, OUTPUT. */
aet_err aet_summary_write(MPI_Comm comm, const char *title, const aet_summary_entry *entries, int n,
                          bool pictures, const char *to);

#endif
