/* The nouns and their HDF5 files (io/h5.c is the only door to the library).
 *
 *   tilt.h5       /tilt/images f32 [n][ny][nx], /tilt/angles_deg f64 [n][3]; attribute pixel_A
 *   raw.h5        /raw/frames f32 [n][frames][ny][nx], /raw/angles_deg f64 [n][3] (nominal);
 *                 attributes pixel_A, dose_e_per_A2; of a simulated series also /truth/angles_deg,
 *                 /truth/offset_px [n][frames][2], /truth/matrix [n][frames][4]; by all ranks
 *   volume.h5     /volume/density f32 [nz][ny][nx]; attribute voxel_A; written in parallel;
 *                 /curves/NAME
 *   maps.h5       /maps/NAME f32 [nz][ny][nx] or [nz][ny][nx][3]; attributes voxel_A, origin_x_A, ...;
 *                 written in parallel
 *   atoms.h5 and  /atoms/position_A f64 [n][3], /atoms/species u8 [n], /atoms/columns/NAME,
 *   measures.h5   /scalars/NAME, /curves/NAME; unit and description as attributes of each
 *
 * Every file carries a group /provenance with the attributes program, version, command_line and
 * parameters (the seed among them), and the notes of the stages that made it.  Files are written
 * as NAME.part and renamed: a file under its name is complete.
 *
 * Reading and writing are Collective over comm.
 */
#ifndef AET_IO_NOUNS_H
#define AET_IO_NOUNS_H

#include "aetlas/data/atoms.h"
#include "aetlas/data/maps.h"
#include "aetlas/data/raw.h"
#include "aetlas/data/tilt.h"
#include "aetlas/data/volume.h"
#include <mpi.h>

/* What is written into every output; texts are copied.  Call once per command.  Local. */
void aet_provenance_set(const char *command_line, const char *parameters);
/* Local.  Adds or replaces the text of one key for the outputs that follow (e.g. "r1"). */
void aet_provenance_note(const char *key, const char *text);
/* Local.  Forgets all notes: the next output is about something else. */
void aet_provenance_forget(void);

/* Collective.  A note of a file of ours, as a number;
 * NAN where it has none.  INPUT when it cannot be read. */
aet_err aet_provenance_number(MPI_Comm comm, const char *path, const char *key, double *value);

/* On success the caller owns the noun.  INPUT says what is wrong and what was expected; the noun
 * has passed its _check.  NOMEM.  Writing: OUTPUT, and nothing is left behind. */
aet_err aet_tilt_read(MPI_Comm comm, const char *path, aet_tilt **t);
aet_err aet_tilt_write(MPI_Comm comm, const char *path, const aet_tilt *t);
aet_err aet_raw_read(MPI_Comm comm, const char *path, aet_raw **r);
aet_err aet_raw_write(MPI_Comm comm, const char *path, const aet_raw *r);
aet_err aet_volume_read(MPI_Comm comm, const char *path, aet_volume **v);
aet_err aet_volume_write(MPI_Comm comm, const char *path, const aet_volume *v);
aet_err aet_maps_write(MPI_Comm comm, const char *path, const aet_maps *m);
aet_err aet_atoms_read(MPI_Comm comm, const char *path, aet_atoms **a);
aet_err aet_atoms_write(MPI_Comm comm, const char *path, const aet_atoms *a);

#endif
