/* Inside the campaign module: the numbers of a summary. */
#ifndef AET_CAMPAIGN_SUMMARY_PRIV_H
#define AET_CAMPAIGN_SUMMARY_PRIV_H

#include "aetlas/campaign/summary.h"
#include "aetlas/data/atoms.h"
#include <stdio.h>

enum { AET_SUMMARY_SCALARS = 256, AET_SUMMARY_CURVES = 16 };

/* All scalars of all particles: values[i*n_scalars + s], NAN where a particle lacks one. */
typedef struct {
    int n;
    const aet_summary_entry *entries;
    int n_scalars;
    aet_scalar scalars[AET_SUMMARY_SCALARS]; /* name, unit, description */
    double *values;                          /* owned, [n][AET_SUMMARY_SCALARS] */
    int n_curves;
    char curves[AET_SUMMARY_CURVES][48]; /* names */
    aet_atoms **measures;                /* owned, [n]: without atoms, only scalars and curves */
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

typedef struct {
    const char *file, *title; /* of a PNG in the folder of the report; constant texts */
} aet_summary_figure;

/* Local.  Groups in order of name, then cycles; release each row's cells and the list. */
int aet_summary_groups(const aet_summary *s, aet_summary_group **groups);

/* Local.  The tables and the page. */
aet_err aet_summary_csv(const aet_summary *s, const char *path);
aet_err aet_summary_groups_csv(const aet_summary *s, const aet_summary_group *g, int n,
                               const char *path);
/* Local.  PNG figures into `to`; those made are listed, their number is returned. */
int aet_summary_figures(const aet_summary *s, const aet_summary_group *g, int n, const char *to,
                        aet_summary_figure *made, int max);
aet_err aet_summary_page(const aet_summary *s, const aet_summary_group *g, int n, const char *title,
                         const aet_summary_figure *figures, int n_figures, const char *path);

#endif
