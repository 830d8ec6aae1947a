/* Inside the campaign module: the numbers of a summary. */
#ifndef AET_CAMPAIGN_SUMMARY_PRIV_H
#define AET_CAMPAIGN_SUMMARY_PRIV_H

#include "aetlas/campaign/summary.h"
#include "aetlas/data/atoms.h"
#include "aetlas/io/figures.h"
#include <stdio.h>

enum { AET_SUMMARY_SCALARS = 1024 };

/* All scalars of all particles: values[i*AET_SUMMARY_SCALARS + s], NAN where a particle lacks one. */
typedef struct {
    int n;
    aet_summary_entry *entries; /* owned: those whose measures could be read */
    int n_bad;
    char (*bad)[512]; /* owned: why the others could not */
    int n_scalars;
    aet_scalar *scalars; /* owned, [AET_SUMMARY_SCALARS]: name, unit, description */
    double *values;      /* owned, [n][AET_SUMMARY_SCALARS] */
    aet_figures *figures;
} aet_summary;

/* Mean and sample standard deviation of one scalar
 * over the particles of one group and cycle count. */
typedef struct {
    int count;
    double mean, sd;
} aet_summary_cell;
typedef struct {
    char group[64];
    double cycles;
    int members;
    aet_summary_cell *cells; /* owned, [n_scalars] */
} aet_summary_group;

/* Local.  Groups in order of name, then cycles; release each row's cells and the list. */
int aet_summary_groups(const aet_summary *s, aet_summary_group **groups);

/* Local.  The tables. */
aet_err aet_summary_csv(const aet_summary *s, const char *path);
aet_err aet_summary_groups_csv(const aet_summary *s, const aet_summary_group *g, int n,
                               const char *path);
/* Local.  report.html; the figures are those drawn, the pictures of particles those that are there. */
aet_err aet_summary_page(const aet_summary *s, const aet_summary_group *g, int n, const char *title,
                         const char *to);

#endif
