/* The tracer between its steps. */
#ifndef AET_TRACE_TRACER_PRIV_H
#define AET_TRACE_TRACER_PRIV_H

#include "trace/trace_priv.h"

struct aet_tracer {
    const aet_volume *volume; /* borrowed */
    aet_trace_params p;
    aet_block *block; /* this rank's planes with those that fits need */
    aet_peaks peaks;
    aet_trace_report report;
    int unfitted; /* peaks still in the list for which no hill was found */
};

/* Collective.  Steps 2 to 6 on the peaks there are. */
aet_err aet_tracer_finish(aet_tracer *t);

#endif
