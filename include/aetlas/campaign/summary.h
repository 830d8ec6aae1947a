/* Statistics over particles: one table of all scalars, means and standard deviations by group and
 * cycle count, figures of them and of profiles and histograms, and a page to read. */
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
 * groups.csv (mean, SD and number by group and cycles) and report.html into the folder `to`; if
 * pictures, also figures/ (aetlas/io/figures.h; a warning where gnuplot is missing) and, in a folder of
 * each particle's name, its atoms by their measures, unless they are there.  Measures that cannot be
 * read are left out: PARTIAL when the report is written without some, INPUT when none can be read;
 * OUTPUT. */
aet_err aet_summary_write(MPI_Comm comm, const char *title, const aet_summary_entry *entries, int n,
                          bool pictures, const char *to);

#endif
