/* Distances from a mesh through a tree of boxes: triangles are halved at the median of their middles along the
 * longest side of their box until a few are left; a search enters boxes only that are nearer than what it has
 * found. */
#include "aetlas/analyse/mesh.h"

#include "aetlas/base/mem.h"
#include "analyse/vector.h"

#include <math.h>

enum { LEAF = 4, DEPTH = 64 };

/* ---- one triangle ---- */

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

/* ---- the tree ---- */

/* The box of some triangles; n = 0: it is halved, into nodes first and first + 1. */
typedef struct {
    double low[3], high[3];
    int first, n;
} node;

typedef struct {
    const aet_mesh *m;
    int *order;          /* owned, [triangles]: those of a node lie together */
    double (*middle)[3]; /* owned, [triangles] */
    double (*plane)[4];  /* owned, likewise: unit normal, and its distance from the origin */
    node *nodes;         /* owned */
    int n;
} tree;

static void find_plane(const aet_mesh *m, int t, double plane[4])
{
    const int *c = m->corner[t];
    double u[3], v[3];
    difference(m->position[c[1]], m->position[c[0]], u);
    difference(m->position[c[2]], m->position[c[0]], v);
    cross(u, v, plane);
    double area = normalise(plane);
    if (area < 1e-9 * (dot(u, u) + dot(v, v))) /* a line: its direction would be rounding */
        plane[0] = plane[1] = plane[2] = 0.0;
    plane[3] = dot(plane, m->position[c[0]]);
}

static void box_of(const tree *t, node *b)
{
    for (int k = 0; k < 3; k++) {
        b->low[k] = HUGE_VAL;
        b->high[k] = -HUGE_VAL;
    }
    for (int i = b->first; i < b->first + b->n; i++)
        for (int c = 0; c < 3; c++) {
            const double *p = t->m->position[t->m->corner[t->order[i]][c]];
            for (int k = 0; k < 3; k++) {
                b->low[k] = fmin(b->low[k], p[k]);
                b->high[k] = fmax(b->high[k], p[k]);
            }
        }
}

/* Puts the triangle of rank `at` along an axis to its place, none after it before it (Hoare, 1961). */
static void select_median(const tree *t, int first, int end, int at, int axis)
{
    while (end - first > 1) {
        double pivot = t->middle[t->order[(first + end) / 2]][axis];
        int i = first, j = end - 1;
        while (i <= j) {
            while (t->middle[t->order[i]][axis] < pivot)
                i++;
            while (t->middle[t->order[j]][axis] > pivot)
                j--;
            if (i <= j) {
                int swap = t->order[i];
                t->order[i++] = t->order[j];
                t->order[j--] = swap;
            }
        }
        if (at <= j)
            end = j + 1;
        else if (at >= i)
            first = i;
        else
            return;
    }
}

static void halve(tree *t, int which)
{
    node *b = t->nodes + which;
    int axis = 0, first = b->first, half = b->n / 2, n = b->n;
    box_of(t, b);
    if (n <= LEAF)
        return;
    for (int k = 1; k < 3; k++)
        if (b->high[k] - b->low[k] > b->high[axis] - b->low[axis])
            axis = k;
    select_median(t, first, first + n, first + half, axis);
    *b = (node){{b->low[0], b->low[1], b->low[2]}, {b->high[0], b->high[1], b->high[2]}, t->n, 0};
    t->nodes[t->n++] = (node){.first = first, .n = half};
    t->nodes[t->n++] = (node){.first = first + half, .n = n - half};
    int child = b->first;
    halve(t, child);
    halve(t, child + 1);
}

static aet_err tree_make(const aet_mesh *m, tree *t)
{
    *t = (tree){.m = m, .n = 1};
    AET_TRY(AET_ARRAY(m->n, "triangles of a surface", &t->order));
    AET_TRY(AET_ARRAY(m->n, "triangles of a surface", &t->middle));
    AET_TRY(AET_ARRAY(m->n, "triangles of a surface", &t->plane));
    AET_TRY(AET_ARRAY(2 * (int64_t)m->n + 1, "triangles of a surface", &t->nodes));
    for (int i = 0; i < m->n; i++) {
        t->order[i] = i;
        find_plane(m, i, t->plane[i]);
        for (int c = 0; c < 3; c++)
            for (int k = 0; k < 3; k++)
                t->middle[i][k] += m->position[m->corner[i][c]][k] / 3.0;
    }
    t->nodes[0].n = m->n;
    if (m->n > 0)
        halve(t, 0);
    return AET_OK;
}

static void tree_free(tree *t)
{
    aet_release(&t->order);
    aet_release(&t->middle);
    aet_release(&t->plane);
    aet_release(&t->nodes);
}

/* ---- search ---- */

static double box2(const node *b, const double p[3])
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        double off = fmax(0.0, fmax(b->low[k] - p[k], p[k] - b->high[k]));
        sum += off * off;
    }
    return sum;
}

static double triangle2(const tree *s, int t, const double p[3], double best)
{
    const double *plane = s->plane[t];
    const int *c = s->m->corner[t];
    double off = dot(plane, p) - plane[3];
    if (off * off >= best)
        return best; /* the plane is farther already */
    return fmin(best,
                to_triangle2(p, s->m->position[c[0]], s->m->position[c[1]], s->m->position[c[2]]));
}

/* The square of the distance, where it is below best. */
static double search(const tree *t, const double p[3], double best)
{
    int stack[DEPTH], top = 0;
    stack[top++] = 0;
    while (top > 0) {
        const node *b = t->nodes + stack[--top];
        if (box2(b, p) >= best)
            continue;
        for (int i = b->first; i < b->first + b->n; i++)
            best = triangle2(t, t->order[i], p, best);
        if (b->n > 0)
            continue;
        bool swap = box2(t->nodes + b->first, p) > box2(t->nodes + b->first + 1, p);
        stack[top++] = b->first + !swap; /* the nearer one comes first: it is on top */
        stack[top++] = b->first + swap;
    }
    return best;
}

/* One point is hardly farther than the point before and the way between: few boxes are nearer than that. */
aet_err aet_mesh_distances(const aet_mesh *m, int n, const double (*p)[3], double *distance)
{
    aet_err err = AET_OK;
    tree t;
    AET_GO(tree_make(m, &t));
    for (int i = 0; i < n; i++) {
        double d[3], bound = HUGE_VAL;
        if (i > 0 && m->n > 0) {
            difference(p[i], p[i - 1], d);
            bound = distance[i - 1] + sqrt(dot(d, d)) + 1e-6;
        }
        distance[i] = m->n > 0 ? sqrt(search(&t, p[i], bound * bound)) : HUGE_VAL;
    }
done:
    tree_free(&t);
    return err;
}
