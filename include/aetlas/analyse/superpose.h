/* One model laid over another: a rotation and a shift, found without a hint.
 *
 * Both models' fcc lattices are fitted, those of several grains too; the 24 rotations that take each
 * lattice of one to that of the largest grain of the other, and for each the shift between centroids
 * and by one lattice vector from there, are tried on a thousand atoms.  The trial that brings most atoms
 * of equal species onto each other, the least rotation among equals, walks on by lattice vectors while
 * that brings more together and is refined on all: nearest pairs, then their best rigid motion (Kabsch, Acta Cryst.
 * A32, 922 (1976)), until the pairs stay (Besl and McKay, IEEE Trans. PAMI 14, 239 (1992)).
 * Without lattices the models are taken to be turned alike.  Everything is Local.
 */
#ifndef AET_ANALYSE_SUPERPOSE_H
#define AET_ANALYSE_SUPERPOSE_H

#include "aetlas/data/atoms.h"
#include <stdbool.h>

typedef struct {
    double rotation[3][3], shift_A[3]; /* r <- rotation r + shift */
    double turned_deg;                 /* angle of the rotation */
    int common;                        /* pairs nearer than max_A */
    double rmsd_A;                     /* over them */
} aet_superposition;

/* The motion of b onto a.  lattice_A: lattice constant to start from.  turned: look for rotations
 * between the lattices, else only for small ones.  NOMEM. */
aet_err aet_superpose(const aet_atoms *a, const aet_atoms *b, double max_A, double lattice_A,
                      bool turned, aet_superposition *s);
/* Moves the positions of b. */
void aet_superpose_apply(const aet_superposition *s, aet_atoms *b);

#endif
