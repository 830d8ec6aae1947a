#include "aetlas/analyse/mesh.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/hull.h"
#include "analyse/vector.h"

#include <math.h>
#include <string.h>

/* ---- which tetrahedra are matter ---- */

/* Squared radius of the ball through four points: with the edges u, v, w from one of them,
 * | u^2 (v x w) + v^2 (w x u) + w^2 (u x v) | / (2 u.(v x w)). */
static double circumradius2(const double a[3], const double b[3], const double c[3],
                            const double d[3])
{
    double u[3], v[3], w[3], vw[3], wu[3], uv[3], sum[3];
    difference(b, a, u);
    difference(c, a, v);
    difference(d, a, w);
    cross(v, w, vw);
    cross(w, u, wu);
    cross(u, v, uv);
    for (int k = 0; k < 3; k++)
        sum[k] = dot(u, u) * vw[k] + dot(v, v) * wu[k] + dot(w, w) * uv[k];
    double six = dot(u, vw);
    return six != 0.0 ? dot(sum, sum) / (4.0 * six * six) : HUGE_VAL;
}

static aet_err find_matter(const aet_delaunay *d, double alpha, bool **matter)
{
    AET_TRY(AET_ARRAY(d->n, "tetrahedra of an alpha shape", matter));
    for (int t = 0; t < d->n; t++) {
        const int *c = d->corner[t];
        (*matter)[t] = circumradius2(d->moved[c[0]], d->moved[c[1]], d->moved[c[2]],
                                     d->moved[c[3]]) <= alpha * alpha;
    }
    return AET_OK;
}

/* ---- its faces ---- */

/* Corners of the face opposite to corner k, counter-clockwise from outside. */
static const int face_of[4][3] = {{1, 2, 3}, {0, 3, 2}, {0, 1, 3}, {0, 2, 1}};

static bool is_face(const aet_delaunay *d, const bool *matter, int t, int k)
{
    int beside = d->beside[t][k];
    return matter[t] && (beside < 0 || !matter[beside]);
}

static aet_err take_faces(const aet_delaunay *d, const bool *matter, aet_mesh *m)
{
    for (int t = 0; t < d->n; t++)
        for (int k = 0; k < 4; k++)
            m->n += is_face(d, matter, t, k);
    AET_TRY(AET_ARRAY(m->n, "triangles of a surface", &m->corner));
    int n = 0;
    for (int t = 0; t < d->n; t++)
        for (int k = 0; k < 4; k++)
            if (is_face(d, matter, t, k)) {
                for (int c = 0; c < 3; c++)
                    m->corner[n][c] = d->corner[t][face_of[k][c]];
                n++;
            }
    return AET_OK;
}

/* Area, and volume by the divergence theorem, about the first corner. */
static void measure(aet_mesh *m)
{
    for (int i = 0; i < m->n; i++) {
        const double *a = m->position[m->corner[i][0]], *b = m->position[m->corner[i][1]],
                     *c = m->position[m->corner[i][2]], *o = m->position[m->corner[0][0]];
        double u[3], v[3], normal[3], from[3];
        difference(b, a, u);
        difference(c, a, v);
        difference(a, o, from);
        cross(u, v, normal);
        m->area += 0.5 * sqrt(dot(normal, normal));
        m->volume += dot(from, normal) / 6.0;
    }
}

aet_err aet_mesh_create(int n, const double (*x)[3], double alpha, aet_mesh **out)
{
    aet_err err = AET_OK;
    aet_delaunay *d = NULL;
    bool *matter = NULL;
    aet_mesh *m = AET_NEW(aet_mesh, 1);
    *out = NULL;
    m->n_points = n;
    AET_GO(aet_delaunay_create(n, x, &d));
    AET_GO(AET_ARRAY(n, "surface points", &m->position));
    memcpy(m->position, x, (size_t)n * sizeof *x);
    AET_GO(find_matter(d, alpha, &matter));
    AET_GO(take_faces(d, matter, m));
    measure(m);
done:
    aet_delaunay_free(&d);
    aet_release(&matter);
    if (err)
        aet_mesh_free(&m);
    *out = m;
    return err;
}

void aet_mesh_free(aet_mesh **m)
{
    if (!*m)
        return;
    aet_release(&(*m)->corner);
    aet_release(&(*m)->position);
    aet_release(m);
}

double aet_mesh_sphericity(const aet_mesh *m)
{
    return m->area > 0.0 ? cbrt(AET_PI) * pow(6.0 * fmax(0.0, m->volume), 2.0 / 3.0) / m->area
                         : 0.0;
}
