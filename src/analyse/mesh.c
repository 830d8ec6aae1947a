#include "aetlas/analyse/mesh.h"

#include "aetlas/base/mem.h"
#include "aetlas/data/units.h"
#include "aetlas/num/cells.h"
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

/* Area, volume (by the divergence theorem, about the first corner) and the longest edge. */
static void measure(aet_mesh *m)
{
    for (int i = 0; i < m->n; i++) {
        const double *a = m->position[m->corner[i][0]], *b = m->position[m->corner[i][1]],
                     *c = m->position[m->corner[i][2]], *o = m->position[m->corner[0][0]];
        double u[3], v[3], w[3], normal[3], from[3];
        difference(b, a, u);
        difference(c, a, v);
        difference(c, b, w);
        difference(a, o, from);
        cross(u, v, normal);
        m->area += 0.5 * sqrt(dot(normal, normal));
        m->volume += dot(from, normal) / 6.0;
        m->longest = fmax(m->longest, fmax(dot(u, u), fmax(dot(v, v), dot(w, w))));
    }
    m->longest = sqrt(m->longest);
}

/* ---- who is near ---- */

static aet_err index_corners(aet_mesh *m)
{
    AET_TRY(AET_ARRAY(m->n_points + 1, "surface points", &m->first));
    AET_TRY(AET_ARRAY(3 * (int64_t)m->n, "surface points", &m->around));
    for (int i = 0; i < 3 * m->n; i++)
        m->first[m->corner[i / 3][i % 3]]++;
    for (int i = 0; i < m->n_points; i++) /* counts become ends, */
        m->first[i + 1] += m->first[i];
    for (int i = 3 * m->n - 1; i >= 0; i--) /* and filling from behind, starts */
        m->around[--m->first[m->corner[i / 3][i % 3]]] = i / 3;
    return AET_OK;
}

static aet_err index_points(aet_mesh *m)
{
    aet_err err = AET_OK;
    double(*x)[3] = NULL;
    int n = 0;
    for (int i = 0; i < m->n_points; i++)
        n += m->first[i + 1] > m->first[i];
    AET_GO(AET_ARRAY(n, "surface points", &x));
    AET_GO(AET_ARRAY(n, "surface points", &m->point));
    n = 0;
    for (int i = 0; i < m->n_points; i++)
        if (m->first[i + 1] > m->first[i]) {
            memcpy(x[n], m->position[i], sizeof *x);
            m->point[n++] = i;
        }
    AET_GO(aet_cells_create(n, (const double(*)[3])x, 0.0, &m->near));
done:
    aet_release(&x);
    return err;
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
    AET_GO(index_corners(m));
    AET_GO(index_points(m));
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
    aet_cells_free(&(*m)->near);
    aet_release(&(*m)->corner);
    aet_release(&(*m)->position);
    aet_release(&(*m)->first);
    aet_release(&(*m)->around);
    aet_release(&(*m)->point);
    aet_release(m);
}

double aet_mesh_sphericity(const aet_mesh *m)
{
    return m->area > 0.0 ? cbrt(AET_PI) * pow(6.0 * fmax(0.0, m->volume), 2.0 / 3.0) / m->area
                         : 0.0;
}

/* ---- distances ---- */

/* Squared distance to a triangle: in barycentric terms the point projects into one of seven regions
 * (Eberly, Distance Between Point and Triangle in 3D, 1999); edges and corners are found here as
 * the nearest of the three edges where the projection falls outside. */
static double to_edge2(const double p[3], const double a[3], const double b[3])
{
    double along[3], from[3], rest[3];
    difference(b, a, along);
    difference(p, a, from);
    double length2 = dot(along, along);
    double t = length2 > 0.0 ? fmax(0.0, fmin(1.0, dot(from, along) / length2)) : 0.0;
    for (int k = 0; k < 3; k++)
        rest[k] = from[k] - t * along[k];
    return dot(rest, rest);
}

static double to_triangle2(const double p[3], const double a[3], const double b[3],
                           const double c[3])
{
    double u[3], v[3], w[3], normal[3], across[3];
    difference(b, a, u);
    difference(c, a, v);
    difference(p, a, w);
    cross(u, v, normal);
    double n2 = dot(normal, normal);
    cross(w, v, across);
    double s = dot(across, normal);
    cross(u, w, across);
    double t = dot(across, normal);
    if (n2 > 0.0 && s >= 0.0 && t >= 0.0 && s + t <= n2)
        return dot(w, normal) * dot(w, normal) / n2;
    return fmin(to_edge2(p, a, b), fmin(to_edge2(p, b, c), to_edge2(p, c, a)));
}

/* A search for one point: triangles already looked at carry its number. */
typedef struct {
    const aet_mesh *m;
    double (*plane)[4]; /* unit normal of each triangle, and its distance from the origin */
    int *index, *stamp;
} search;

static double triangle2(const search *s, int t, const double p[3], double best)
{
    const double *plane = s->plane[t];
    const int *c = s->m->corner[t];
    double off = dot(plane, p) - plane[3];
    if (off * off >= best)
        return best; /* the plane is farther already */
    return fmin(best,
                to_triangle2(p, s->m->position[c[0]], s->m->position[c[1]], s->m->position[c[2]]));
}

static double nearest_around(const search *s, int point, int number, const double p[3], double best)
{
    for (int k = s->m->first[point]; k < s->m->first[point + 1]; k++) {
        int t = s->m->around[k];
        if (s->stamp[t] != number)
            best = triangle2(s, t, p, best);
        s->stamp[t] = number;
    }
    return best;
}

static double distance_to(const search *s, int number, const double p[3])
{
    const aet_mesh *m = s->m;
    int at = aet_cells_nearest(m->near, p, HUGE_VAL, -1, NULL);
    if (at < 0)
        return HUGE_VAL;
    double best = nearest_around(s, m->point[at], number, p, HUGE_VAL);
    /* the nearest point of the mesh is within longest/sqrt 3 of a corner of its triangle */
    double reach = sqrt(best) + m->longest / sqrt(3.0);
    int n = aet_cells_gather(m->near, p, reach, -1, m->n_points, s->index);
    for (int k = 0; k < n; k++)
        best = nearest_around(s, m->point[s->index[k]], number, p, best);
    return sqrt(best);
}

static void find_plane(const aet_mesh *m, int t, double plane[4])
{
    const int *c = m->corner[t];
    double u[3], v[3];
    difference(m->position[c[1]], m->position[c[0]], u);
    difference(m->position[c[2]], m->position[c[0]], v);
    cross(u, v, plane);
    if (normalise(plane) <
        1e-9 * m->longest * m->longest) /* a line: its direction would be rounding */
        plane[0] = plane[1] = plane[2] = 0.0;
    plane[3] = dot(plane, m->position[c[0]]);
}

aet_err aet_mesh_distances(const aet_mesh *m, int n, const double (*p)[3], double *distance)
{
    aet_err err = AET_OK;
    search s = {.m = m};
    AET_GO(AET_ARRAY(m->n_points, "surface points", &s.index));
    AET_GO(AET_ARRAY(m->n, "triangles of a surface", &s.stamp));
    AET_GO(AET_ARRAY(m->n, "triangles of a surface", &s.plane));
    for (int t = 0; t < m->n; t++)
        find_plane(m, t, s.plane[t]);
    for (int i = 0; i < n; i++)
        distance[i] = distance_to(&s, i + 1, p[i]);
done:
    aet_release(&s.index);
    aet_release(&s.stamp);
    aet_release(&s.plane);
    return err;
}
