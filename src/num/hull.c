#include "aetlas/num/hull.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include <libqhull_r/qhull_ra.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double step = 1e-6;

/* In [-1, 1): from the index alone. */
static double shake(uint64_t index)
{
    uint64_t h = (index + 1) * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return (double)(int64_t)(h ^ (h >> 31)) / 9223372036854775808.0;
}

static void move_all(int n, const double (*x)[3], double (*moved)[3])
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            moved[i][k] = x[i][k] + step * shake(3 * (uint64_t)i + (uint64_t)k);
}

/* Six times the volume. */
static double volume6(const double a[3], const double b[3], const double c[3], const double d[3])
{
    double u[3], v[3], w[3];
    for (int k = 0; k < 3; k++) {
        u[k] = b[k] - a[k];
        v[k] = c[k] - a[k];
        w[k] = d[k] - a[k];
    }
    return u[0] * (v[1] * w[2] - v[2] * w[1]) + u[1] * (v[2] * w[0] - v[0] * w[2]) +
           u[2] * (v[0] * w[1] - v[1] * w[0]);
}

/* ---- running Qhull ---- */

typedef struct {
    qhT qh;
    char *text; /* what it says */
    size_t length;
    FILE *say;
} job;

/* First line of what Qhull said, without its error number. */
static const char *first_line(job *j)
{
    fflush(j->say);
    j->text[strcspn(j->text, "\n")] = 0;
    return j->text;
}

static aet_err run(job *j, int n, double (*x)[3], const char *options)
{
    char command[64];
    aet_fmt(command, sizeof command, "%s", options);
    j->say = open_memstream(&j->text, &j->length);
    AET_CHECK(j->say != NULL, AET_ERR_NOMEM, "no memory for the messages of Qhull");
    qh_zero(&j->qh, j->say);
    int status = qh_new_qhull(&j->qh, 3, n, x[0], False, command, NULL, j->say);
    AET_CHECK(status == 0, status == qh_ERRmem ? AET_ERR_NOMEM : AET_ERR_NUMERIC,
              "%d points cannot be triangulated: %s", n, first_line(j));
    return AET_OK;
}

static void finish(job *j)
{
    int current, total;
    if (!j->say)
        return;
    qh_freeqhull(&j->qh, !qh_ALL);
    qh_memfreeshort(&j->qh, &current, &total);
    fclose(j->say);
    free(j->text);
}

/* ---- Delaunay ---- */

/* Facets of the lifted hull that look down are the tetrahedra; gives their number. */
static int number_facets(qhT *qh)
{
    facetT *facet;
    int n = 0;
    FORALLfacets facet->visitid = facet->upperdelaunay ? 0 : (unsigned)++n;
    return n;
}

static void take_facet(qhT *qh, const facetT *facet, aet_delaunay *d)
{
    int *corner = d->corner[facet->visitid - 1], *beside = d->beside[facet->visitid - 1];
    for (int k = 0; k < 4; k++) {
        corner[k] = qh_pointid(qh, SETelemt_(facet->vertices, k, vertexT)->point);
        beside[k] = (int)SETelemt_(facet->neighbors, k, facetT)->visitid - 1;
    }
    if (volume6(d->moved[corner[0]], d->moved[corner[1]], d->moved[corner[2]],
                d->moved[corner[3]]) < 0) {
        int c = corner[2], b = beside[2];
        corner[2] = corner[3];
        beside[2] = beside[3];
        corner[3] = c;
        beside[3] = b;
    }
}

static aet_err take_tetrahedra(qhT *qh, aet_delaunay *d)
{
    facetT *facet;
    d->n = number_facets(qh);
    AET_TRY(AET_ARRAY(d->n, "tetrahedra", &d->corner));
    AET_TRY(AET_ARRAY(d->n, "tetrahedra", &d->beside));
    FORALLfacets if (facet->visitid)
    {
        AET_CHECK(facet->simplicial, AET_ERR_NUMERIC,
                  "five points lie on one sphere to within rounding");
        take_facet(qh, facet, d);
    }
    return AET_OK;
}

aet_err aet_delaunay_create(int n, const double (*x)[3], aet_delaunay **out)
{
    aet_err err = AET_OK;
    job j = {0};
    aet_delaunay *d = AET_NEW(aet_delaunay, 1);
    *out = NULL;
    AET_GO_CHECK(n >= 5, AET_ERR_NUMERIC,
                 "%d points are too few to triangulate: at least 5 are needed", n);
    AET_GO(AET_ARRAY(n, "points of a triangulation", &d->moved));
    move_all(n, x, d->moved);
    AET_GO(run(&j, n, d->moved, "qhull d Qbb Qt"));
    AET_GO(take_tetrahedra(&j.qh, d));
done:
    finish(&j);
    if (err)
        aet_delaunay_free(&d);
    *out = d;
    return err;
}

void aet_delaunay_free(aet_delaunay **d)
{
    if (!*d)
        return;
    aet_release(&(*d)->corner);
    aet_release(&(*d)->beside);
    aet_release(&(*d)->moved);
    aet_release(d);
}

/* ---- convex hull ---- */

static void take_triangle(qhT *qh, const facetT *facet, const double (*x)[3], int corner[3])
{
    for (int k = 0; k < 3; k++)
        corner[k] = qh_pointid(qh, SETelemt_(facet->vertices, k, vertexT)->point);
    if (volume6(x[corner[0]], x[corner[1]], x[corner[2]], qh->interior_point) > 0) {
        int swap = corner[1]; /* the inside lies in front: seen from there */
        corner[1] = corner[2];
        corner[2] = swap;
    }
}

aet_err aet_hull_triangles(int n, const double (*x)[3], int *triangles, int (**triangle)[3])
{
    aet_err err = AET_OK;
    job j = {0};
    double(*moved)[3] = NULL;
    facetT *facet;
    qhT *qh = &j.qh;
    int at = 0;
    *triangle = NULL;
    *triangles = 0;
    AET_GO_CHECK(n >= 4, AET_ERR_NUMERIC, "%d points have no hull: at least 4 are needed", n);
    AET_GO(AET_ARRAY(n, "points of a hull", &moved));
    move_all(n, x, moved);
    AET_GO(run(&j, n, moved, "qhull Qt"));
    AET_GO(AET_ARRAY(qh->num_facets, "triangles of a hull", triangle));
    FORALLfacets take_triangle(qh, facet, (const double(*)[3])moved, (*triangle)[at++]);
    *triangles = at;
done:
    finish(&j);
    aet_release(&moved);
    return err;
}
