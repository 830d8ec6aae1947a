/* Triangulations of points in space; the only door to Qhull (Barber, Dobkin and Huhdanpaa, ACM
 * Trans. Math. Softw. 22, 469 (1996)).  Everything is Local.
 *
 * Crystals are full of points on a common sphere or plane, where a triangulation is not unique and
 * pieces of no volume appear.  All points are therefore moved by up to 1e-6 of their unit before
 * (by a hash of their index, so always alike), which makes every piece a proper one; measure with
 * the coordinates returned where that matters.
 */
#ifndef AET_NUM_HULL_H
#define AET_NUM_HULL_H

#include "aetlas/base/error.h"

/* The Delaunay triangulation. */
typedef struct {
    int n;              /* tetrahedra */
    int (*corner)[4];   /* owned: points, so ordered that the volume is positive */
    int (*beside)[4];   /* owned: the tetrahedron across the face opposite to that corner, or -1 */
    double (*moved)[3]; /* owned, [points]: where the points were put */
} aet_delaunay;

/* Coordinates should be of the order of 1 to 1e4 (A, not m).  NUMERIC for fewer than five points;
 * NOMEM. */
aet_err aet_delaunay_create(int n, const double (*x)[3], aet_delaunay **d);
void aet_delaunay_free(aet_delaunay **d);

/* The convex hull of a few points: triangles with their corners counter-clockwise seen from
 * outside.  *triangle: owned by the caller (aet_release), [*triangles][3]; NUMERIC for fewer than
 * four points; NOMEM. */
aet_err aet_hull_triangles(int n, const double (*x)[3], int *triangles, int (**triangle)[3]);

#endif
