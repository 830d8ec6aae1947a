/* Nouns and arrays as key = value lines on stdout, for import, info and export. */
#ifndef AET_CMD_DESCRIBE_H
#define AET_CMD_DESCRIBE_H

#include "aetlas/data/atoms.h"
#include "aetlas/data/tilt.h"
#include "aetlas/data/volume.h"
#include "aetlas/io/raster.h"

/* Local: every rank calls with the same noun. */
void describe_tilt(const aet_tilt *t);
aet_err describe_atoms(const aet_atoms *a);
/* Collective over v->comm. */
void describe_volume(const aet_volume *v);
/* Local.  prefix.min, .max, .mean and, where there are any, .not_finite. */
void describe_values(const char *prefix, const aet_raster *r);
/* Collective.  What was planned for the memory of a rank, and the peak of the fullest so far. */
void describe_memory(MPI_Comm comm, double planned_bytes);

#endif
