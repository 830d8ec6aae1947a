/* The surface of a model as a closed mesh of triangles between atoms: its alpha shape.
 *
 * Delaunay tetrahedra whose circumscribed ball has at most the radius alpha are matter; the faces
 * that one of them does not share with another are the surface (Edelsbrunner and Muecke, ACM Trans.
 * Graph. 13, 43 (1994); alpha is the radius of the empty ball that carves from outside, as in
 * MATLAB's alphaShape).  A perfect fcc crystal is filled from half its lattice constant on.
 * Everything is Local.
 */
#ifndef AET_ANALYSE_MESH_H
#define AET_ANALYSE_MESH_H

#include "aetlas/base/error.h"

typedef struct {
    int n_points, n;       /* atoms of the model; triangles */
    int (*corner)[3];      /* owned, [n]: atoms, counter-clockwise seen from outside */
    double (*position)[3]; /* owned, [n_points] */
    double area, volume;   /* in the unit of the positions, squared and cubed */
} aet_mesh;

/* Points that no ball of radius alpha holds together give a mesh of no triangles.  NUMERIC for
 * fewer than five points; NOMEM. */
aet_err aet_mesh_create(int n, const double (*x)[3], double alpha, aet_mesh **m);
void aet_mesh_free(aet_mesh **m);

/* Distance of each of n points from the nearest point of the mesh, not signed; infinite without
 * triangles.  NOMEM. */
aet_err aet_mesh_distances(const aet_mesh *m, int n, const double (*p)[3], double *distance);

/* pi^(1/3) (6 V)^(2/3) / A: 1 for a sphere (Wadell, J. Geol. 43, 250 (1935)); 0 without a mesh. */
double aet_mesh_sphericity(const aet_mesh *m);

#endif
