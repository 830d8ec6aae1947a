/* The fcc lattice as a noun: origin, orientation and
 * lattice constant, and the integer sites of atoms.
 *
 * A site is three integers (h, k, l) in units of half the cube edge with h + k + l even;
 *     r = origin_A + constant_A / 2 * rotation * (h, k, l)
 * so the 12 nearest neighbours differ by the permutations of (+-1, +-1, 0).  The columns of
 * rotation are the <100> axes in the frame of the atoms.  Everything is Local.
 */
#ifndef AET_DATA_LATTICE_H
#define AET_DATA_LATTICE_H

#include "aetlas/base/error.h"

typedef struct {
    double origin_A[3];
    double rotation[3][3]; /* proper */
    double constant_A;
} aet_lattice;

/* The 12 nearest-neighbour differences. */
extern const int aet_fcc_neighbour[12][3];

/* Unit vector of [hkl] in the frame of the atoms. */
void aet_lattice_direction(const aet_lattice *l, const int hkl[3], double v[3]);
/* Position of a site. */
void aet_lattice_position(const aet_lattice *l, const int site[3], double r[3]);
/* The site nearest to r; gives the distance to it in Angstrom. */
double aet_lattice_nearest(const aet_lattice *l, const double r[3], int site[3]);
/* Sum of the absolute changes of the nine components of the lattice vectors, in Angstrom. */
double aet_lattice_change(const aet_lattice *a, const aet_lattice *b);

/* Least squares over translation, rotation and lattice constant for n pairs (r, site), in closed
 * form (Umeyama, IEEE Trans. PAMI 13, 376 (1991)).  rmsd_A may be NULL.  NUMERIC when fewer than
 * three atoms are given or all lie on a line: the orientation is then open. */
aet_err aet_lattice_fit(int n, const double (*r)[3], const int (*site)[3], aet_lattice *l,
                        double *rmsd_A);

/* The same with a free cell: least squares over the origin and all nine components of the
 * three edge vectors, the columns of cell, for lattices that are strained or drawn out.
 * stretch (may be NULL): principal stretches of the cell against the cube of l, largest
 * first (1: none).  rmsd_A may be NULL.  NUMERIC when the atoms lie in one plane. */
aet_err aet_lattice_fit_cell(int n, const double (*r)[3], const int (*site)[3],
                             const aet_lattice *l, double cell[3][3], double origin_A[3],
                             double stretch[3], double *rmsd_A);

/* The same lattice in its standard description: of the 24 equivalent orientations the one nearest
 * to the frame (largest trace), and as origin the site nearest to `centre`.  The n sites are
 * renamed to match. */
void aet_lattice_standard(aet_lattice *l, const double centre[3], int n, int (*site)[3]);
/* Angle in degrees by which the rotation turns. */
double aet_lattice_angle_deg(const aet_lattice *l);

#endif
