/* Inside the plots: the gnuplot script. */
#ifndef AET_IO_PLOT_PRIV_H
#define AET_IO_PLOT_PRIV_H

#include "aetlas/io/plot.h"
#include <stdio.h>

/* Local.  Commands that draw the plot from its CSV into the file; again: what is drawn already, once
 * more into this one. */
void aet_plot_script(FILE *f, const aet_plot *p, const char *csv, const char *file, bool svg,
                     bool again);

#endif
