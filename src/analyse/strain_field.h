/* The field of displacements of one grain: u_i = position - fitted site, smoothed by a Gaussian
 * (Nadaraya-Watson; Xu et al., Nat. Mater. 14, 1099 (2015)), u(r) = sum u_i K_i / sum K_i.  Its
 * gradient is exact for linear fields inside and biased towards less within two sigma of the
 * surface; a weighted local-linear fit is exact for linear fields everywhere and noisier at the
 * surface.  Everything is Local. */
#ifndef AET_ANALYSE_STRAIN_FIELD_H
#define AET_ANALYSE_STRAIN_FIELD_H

#include "aetlas/data/lattice.h"
#include "aetlas/num/cells.h"
#include <stdbool.h>

typedef struct {
    aet_lattice lattice;
    double sigma;
    bool linear;
    int n, *atom;             /* owned, [n]; atom may be NULL, it is the caller's to fill */
    double (*at)[3], (*u)[3]; /* owned, [n]: sites in the frame of the atoms, displacements */
    aet_cells *cells;         /* owned: of the sites */
    int *index;               /* owned: room for all */
    double *weight;           /* owned, likewise */
} strain_field;

/* NOMEM; free in either case. */
aet_err strain_field_make(const aet_lattice *l, int n, const double (*r)[3], const int (*site)[3],
                          double sigma_A, bool linear, strain_field *f);
void strain_field_free(strain_field *f);

/* Displacement and gradient g[a][b] = d u_a / d x_b at a point of the unstrained crystal; false
 * where it cannot be told. */
bool strain_field_at(const strain_field *f, const double p[3], double u[3], double g[3][3]);

/* The six different components in the order of strain_tensor. */
extern const int strain_voigt[6][2];
/* e = (F + F^T)/2 - 1 with F = (1 + g) a_fit/zero_A (zero_A 0: a_fit), turned into the axes of the
 * lattice. */
void strain_field_tensor(const strain_field *f, const double g[3][3], double zero_A,
                         double e[3][3]);
/* e along a direction given in the frame of the atoms; the mean of all for none. */
double strain_field_along(const strain_field *f, const double e[3][3], const double r[3]);

#endif
