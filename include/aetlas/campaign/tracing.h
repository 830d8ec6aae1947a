/* Tracing as a whole: what needs the tracer, a lattice and a human's corrections together.
 *
 * volume -> atoms -> (fcc lattice -> second pass) -> edits -> mean atom -> scalars
 *
 * A file of edits says what a human saw.  One edit per line, comments after #, positions in
 * Angstrom in the frame of the atoms:
 *
 *   add x y z Element          an atom, at least trace.min_distance_A from all others
 *   remove x y z [radius]      the atom nearest to the place, within radius (0.5 A when not given)
 *   set x y z Element          another species for the atom nearest to the place, within 0.5 A
 *
 * They are applied in order.  The column `origin` of the atoms is 1 for those traced, 2 for those
 * of the second pass and 3 for those added by hand, whose other columns are 0 (p_species: 1).
 */
#ifndef AET_CAMPAIGN_TRACING_H
#define AET_CAMPAIGN_TRACING_H

#include "aetlas/trace/trace.h"

/* What was done by hand. */
typedef struct {
    int added, removed, set;
} aet_edit_counts;

/* Local.  Applies the edits in text to *atoms.  origin: name of the file, for messages.  INPUT with
 * file and line for a line that cannot be read, an atom that is not there, or one that would be too
 * near to another; *atoms is then unspecified, but valid. */
aet_err aet_edits_apply(const char *text, const char *origin, double min_distance_A,
                        aet_atoms *atoms, aet_edit_counts *counts);

/* Collective over v->comm.  Traces v.  edits: path of a file of edits, or "".  A second pass
 * (trace.second_pass) needs half of the atoms on one fcc lattice; where they are not it is left out
 * with a warning.  *atoms, the same on all ranks, belongs to the caller and carries the figures of
 * the report as scalars trace_*; with edits, their file, its fingerprint and their numbers are
 * noted for the provenance of the outputs that follow. */
aet_err aet_tracing(const aet_volume *v, const int z_list[], int n_species,
                    const aet_trace_params *p, const char *edits, aet_atoms **atoms,
                    aet_trace_report *report);

#endif
