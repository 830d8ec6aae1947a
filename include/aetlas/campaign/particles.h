/* The particle table of a campaign: one line per particle, fields separated by tabs, a head line
 * that names the columns, comments after #.
 *
 *   name       required; letters, digits, . _ - ; the particle's folder in the output
 *   input      required; tilt series: tilt.h5, MAT, MRC, TIFF, EMD (relative to the table's folder);
 *              or atoms, which are analysed only: atoms.h5, measures.h5, XYZ, and, where `kind` or
 *              `types` says so, MAT
 *   kind       images or atoms; else as the input is
 *   types      file of the types of the atoms, where the input does not hold them
 *   angles     file of angles, where the input does not hold them
 *   pixel_A    pixel size, where the input does not hold it (also: pixel); of atoms: unit of the
 *              positions
 *   group      for the statistics ("PtNi", "Ga-PtNi")
 *   cycles     number of potential cycles
 *   microscope free text
 *   species    elements by rising atomic number ("Ni,Pt"); else campaign.species
 *   edits      file of corrections by hand to the traced atoms (aetlas/campaign/tracing.h)
 *   variable   name of the variable in a MAT file with several
 *
 * Everything is Local.
 */
#ifndef AET_CAMPAIGN_PARTICLES_H
#define AET_CAMPAIGN_PARTICLES_H

#include "aetlas/base/error.h"
#include "aetlas/base/file.h"

typedef struct {
    char name[64], group[64], microscope[64], species[64], variable[64], kind[16];
    char input[AET_PATH_MAX], angles[AET_PATH_MAX], types[AET_PATH_MAX]; /* "": in the input */
    char edits[AET_PATH_MAX];                                            /* "": none */
    double cycles;
    double pixel_A; /* 0: in the input */
} aet_particle;

/* Parses the text of a table; `origin` is its path, for messages and relative paths.  USAGE with
 * the line for unknown columns, missing fields, numbers that are not, names that repeat or cannot
 * be folders. Release *list with aet_release. */
aet_err aet_particles_parse(const char *text, const char *origin, aet_particle **list, int *n);

/* Whether the input is atoms; looks into the file where the table does not tell. */
bool aet_particle_is_model(const aet_particle *p);

#endif
