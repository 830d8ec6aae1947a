/* Inside module io only. */
#ifndef AET_IO_PRIV_H
#define AET_IO_PRIV_H

#include "aetlas/io/h5.h"

/* Collective over f.  Writes the group /provenance from what aet_provenance_set and _note told. */
aet_err provenance_write(aet_h5 *f);

#endif
