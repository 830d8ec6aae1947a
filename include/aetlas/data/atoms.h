/* Atoms: positions and species, and any number of named values per atom.
 *
 * position_A[i] = (x, y, z) in Angstrom; the origin is the pivot of the
 * volume or tilt series the model belongs to.  species[i] is the atomic
 * number (0: not an atom / unknown).  Every rank holds all atoms.  Everything is Local.
 */
#ifndef AET_DATA_ATOMS_H
#define AET_DATA_ATOMS_H

#include "aetlas/base/error.h"
#include "aetlas/data/curve.h"
#include <stdbool.h>
#include <stdint.h>

/* One value (width 1) or vector (width 2..9) per atom. */
typedef struct {
    char name[48];         /* lower_snake, units at the end where they are not obvious */
    char unit[16];         /* "A", "1", "eV", ... */
    char description[160]; /* definition and source */
    int width;
    double *values; /* owned, [n][width] */
} aet_column;

/* One number for the whole model. */
typedef struct {
    char name[48];
    char unit[16];
    char description[160];
    double value;
} aet_scalar;

typedef struct {
    int n;
    double (*position_A)[3]; /* owned */
    uint8_t *species;        /* owned */
    int n_columns;
    aet_column *columns; /* owned */
    int n_scalars;
    aet_scalar *scalars; /* owned */
    int n_curves;
    aet_curve *curves; /* owned */
} aet_atoms;

/* n atoms at the origin, of species 0.  INPUT for a negative n, NOMEM. */
aet_err aet_atoms_create(int n, aet_atoms **a);
void aet_atoms_free(aet_atoms **a);
aet_err aet_atoms_copy(const aet_atoms *a, aet_atoms **copy);
/* INPUT unless all numbers are finite.  min_distance_A > 0: also INPUT, naming the pair, when two
 * atoms are nearer than that. */
aet_err aet_atoms_check(const aet_atoms *a, double min_distance_A);
/* Keeps the atoms with keep[i] true, in order, with their columns. */
void aet_atoms_select(aet_atoms *a, const bool *keep);
/* Atoms of one species. */
int aet_atoms_count(const aet_atoms *a, int species);
/* The distinct species in ascending atomic number; at most 8 are returned; gives their number. */
int aet_atoms_species(const aet_atoms *a, int species[8]);

/* A column, found or (add) newly made and zeroed; find gives NULL when absent.  The pointers live
 * until the next add. */
aet_column *aet_atoms_add_column(aet_atoms *a, const char *name, int width, const char *unit,
                                 const char *description);
aet_column *aet_atoms_find_column(const aet_atoms *a, const char *name);
void aet_atoms_add_scalar(aet_atoms *a, const char *name, double value, const char *unit,
                          const char *description);
/* true and *value when the scalar exists. */
bool aet_atoms_find_scalar(const aet_atoms *a, const char *name, double *value);
/* A zeroed curve of n rows; heads: `width` names. */
aet_curve *aet_atoms_add_curve(aet_atoms *a, const char *name, int n, int width,
                               const char *const *heads, const char *description);
aet_curve *aet_atoms_find_curve(const aet_atoms *a, const char *name);

/* How two models agree.  Mutual nearest neighbours nearer than max_A are common; if remove_shift,
 * the mean displacement of the common pairs is taken out and the pairing repeated until it settles
 * (should under half of the atoms be common as the models lie, the search also starts from
 * coinciding centroids).
 *
 * The near_ figures count one way: every atom of b with some atom of a nearer than max_A, so two
 * atoms of b may claim the same one.  Published recovery figures are often of that kind. */
typedef struct {
    int n_a, n_b, common;
    double shift_A[3];       /* b = a + shift */
    double rmsd_A;           /* over common pairs, after the shift */
    double species_fraction; /* common pairs of equal species / common */
    int near;                /* atoms of b that have an atom of a within max_A */
    double near_rmsd_A;
    double near_species_fraction;
} aet_atoms_match;
/* pair: NULL or [a->n], index in b or -1. */
aet_err aet_atoms_compare(const aet_atoms *a, const aet_atoms *b, double max_A, bool remove_shift,
                          aet_atoms_match *match, int *pair);

#endif
