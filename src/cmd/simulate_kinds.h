/* The kinds of simulation: `aetlas simulate NAME` is the constant aet_kind_simulate_NAME of
 * src/cmd/simulate_NAME.c, a command like those of cmd_*.c (cmd/command.h).  A new kind is such a
 * file, a word in this list, and its parameter tables in table.c. */
#ifndef AET_CMD_SIMULATE_KINDS_H
#define AET_CMD_SIMULATE_KINDS_H

#include "aetlas/data/atoms.h"
#include "aetlas/io/load.h"
#include "cmd/command.h"

#define AET_SIMULATE_KINDS(X)                                                                      \
    X(particle)                                                                                    \
    X(tilt)                                                                                        \
    X(series)                                                                                      \
    X(stem)                                                                                        \
    X(volume)                                                                                      \
    X(dataset)

#define AET_SIMULATE_DECLARE(name) extern const aet_command aet_kind_simulate_##name;
AET_SIMULATE_KINDS(AET_SIMULATE_DECLARE)
#undef AET_SIMULATE_DECLARE

/* Models are taken as they come: units of A, species by atomic number or name. */
extern const aet_load_atoms_options aet_simulate_as_is;

/* Collective.  The angles that --angles (and --variable), --tilts or --like give; --like sets
 * pixel_A, size and size_y of that section of the parameters too, in what is written into the
 * output as well.  Free with aet_release.  USAGE, INPUT. */
aet_err aet_simulate_angles(aet_args *args, const char *section, double (**angles_deg)[3], int *n);

/* The rows of these options. */
#define AET_SIMULATE_ANGLE_OPTIONS                                                                 \
    {"angles", "FILE",                                                                             \
     "angles in degrees: MATLAB, .rawtlt, .tlt, .csv or HDF5, one column or three", 0},            \
        {"variable", "NAME", "which array of a MATLAB or HDF5 file of angles", 0},                 \
        {"tilts", "FIRST:STEP:LAST", "a single-axis series in degrees", 0},                        \
    {                                                                                              \
        "like", "FILE", "angles, pixel and frame of this tilt.h5", 0                               \
    }

/* Local.  The number of atoms, and of each element, on stdout. */
void aet_simulate_say_model(const aet_atoms *a);

#endif
