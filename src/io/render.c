#include "aetlas/io/render.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/elements.h"
#include "render_priv.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { ZOOM = AET_RENDER_ZOOM, SAMPLES = 24 };
#define TEXT   0.022 /* height of capitals, of the size of the picture */
#define RIM    0.03  /* around the model, likewise */
#define FADE   0.22  /* of white in the colours of the farthest atoms */
#define SHADOW 0.75  /* darkest of the occlusion */
#define FEEL_A 4.0   /* how far around a pixel occlusion is felt */

aet_render_options aet_render_defaults(void)
{
    return (aet_render_options){
        .view = {0, 0, -1}, .scale = 1, .cut_A = HUGE_VAL, .size = 1000, .radius = 1};
}

static void cross(const double a[3], const double b[3], double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

static double normalise(double v[3])
{
    double length = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    for (int k = 0; k < 3 && length > 0; k++)
        v[k] /= length;
    return length;
}

/* Axes of the picture: right, down, towards the viewer. */
static aet_err axes(const double view[3], const double wanted[3], double axis[3][3])
{
    double up[3] = {0, -1, 0};
    memcpy(axis[2], view, sizeof axis[2]);
    AET_CHECK(normalise(axis[2]) > 0, AET_ERR_USAGE, "a view of 0,0,0 has no direction");
    if (fabs(axis[2][1]) > 0.99)
        memcpy(up, (double[3]){0, 0, -1}, sizeof up);
    cross(wanted, axis[2], axis[0]);
    if (normalise(axis[0]) < 1e-6) { /* none, or along the view */
        cross(up, axis[2], axis[0]);
        (void)normalise(axis[0]);
    }
    cross(axis[0], axis[2], axis[1]);
    return AET_OK;
}

static double radius_of(const aet_render *r, int i)
{
    return r->o->radius * aet_element_radius_A(r->a->species[i]);
}

static bool is_shown(const aet_render *r, int i)
{
    return r->seen[i][2] <= r->o->cut_A;
}

/* Where the atoms are seen, and the frame that holds them. */
static aet_err look(aet_render *r)
{
    double axis[3][3], high[2] = {-DBL_MAX, -DBL_MAX};
    AET_TRY(axes(r->o->view, r->o->up, axis));
    AET_TRY(AET_ARRAY(r->a->n, "places of atoms", &r->seen));
    int shown = 0;
    r->corner[0] = r->corner[1] = DBL_MAX;
    for (int i = 0; i < r->a->n; i++) {
        const double *p = r->a->position_A[i];
        for (int k = 0; k < 3; k++)
            r->seen[i][k] = axis[k][0] * p[0] + axis[k][1] * p[1] + axis[k][2] * p[2];
        if (!is_shown(r, i))
            continue;
        shown++;
        for (int k = 0; k < 2; k++) {
            r->corner[k] = fmin(r->corner[k], r->seen[i][k] - radius_of(r, i));
            high[k] = fmax(high[k], r->seen[i][k] + radius_of(r, i));
        }
    }
    AET_CHECK(shown > 0, AET_ERR_INPUT, "the model has no atoms to draw%s",
              r->a->n > 0 ? " behind the cut" : "");
    for (int k = 0; k < 2; k++)
        r->width[k] = high[k] - r->corner[k];
    r->scale = r->o->size * ZOOM / fmax(r->width[0], r->width[1]);
    for (int k = 0; k < 2; k++)
        r->model[k] = (int)ceil(r->width[k] * r->scale);
    return AET_OK;
}

/* For every pixel of the model the depth of the sphere that is seen there, and its number (-1:
 * none). */
typedef struct {
    int nx, ny;
    float *depth; /* owned, A towards the viewer */
    int *atom;    /* owned */
} scene;

static void put_sphere(const aet_render *r, int i, scene *s)
{
    double radius = radius_of(r, i), inv = 1 / r->scale;
    double x0 = r->seen[i][0] - r->corner[0], y0 = r->seen[i][1] - r->corner[1];
    int low_x = (int)fmax(0, (x0 - radius) * r->scale),
        high_x = (int)fmin(s->nx - 1, (x0 + radius) * r->scale),
        low_y = (int)fmax(0, (y0 - radius) * r->scale),
        high_y = (int)fmin(s->ny - 1, (y0 + radius) * r->scale);
    for (int y = low_y; y <= high_y; y++)
        for (int x = low_x; x <= high_x; x++) {
            double dx = (x + 0.5) * inv - x0, dy = (y + 0.5) * inv - y0;
            double up2 = radius * radius - dx * dx - dy * dy;
            int64_t at = (int64_t)y * s->nx + x;
            if (up2 <= 0)
                continue;
            float depth = (float)(r->seen[i][2] + sqrt(up2));
            if (depth > s->depth[at]) {
                s->depth[at] = depth;
                s->atom[at] = i;
            }
        }
}

static aet_err make_scene(const aet_render *r, scene *s)
{
    *s = (scene){.nx = r->model[0], .ny = r->model[1]};
    int64_t n = (int64_t)s->nx * s->ny;
    AET_TRY(AET_ARRAY(n, "depths of a picture", &s->depth));
    AET_TRY(AET_ARRAY(n, "atoms of a picture", &s->atom));
    for (int64_t i = 0; i < n; i++) {
        s->depth[i] = -FLT_MAX;
        s->atom[i] = -1;
    }
    for (int i = 0; i < r->a->n; i++)
        if (is_shown(r, i))
            put_sphere(r, i, s);
    return AET_OK;
}

/* Neighbours of a pixel on a spiral, in pixels of the sheet, and how far away they are in A. */
typedef struct {
    int u[SAMPLES], v[SAMPLES];
    double away_A[SAMPLES];
} spiral;

static void make_spiral(const aet_render *r, spiral *w)
{
    for (int k = 0; k < SAMPLES; k++) {
        double turn = 2.399963 * k; /* the golden angle */
        w->away_A[k] = FEEL_A * (k + 0.5) / SAMPLES;
        w->u[k] = (int)lrint(w->away_A[k] * r->scale * cos(turn));
        w->v[k] = (int)lrint(w->away_A[k] * r->scale * sin(turn));
    }
}

/* How much of the sky over a point is hidden by what stands higher around it: the mean over the
 * spiral of how steeply its points rise. */
static double occlusion(const spiral *w, const scene *s, int x, int y)
{
    double here = (double)s->depth[(int64_t)y * s->nx + x], sum = 0;
    for (int k = 0; k < SAMPLES; k++) {
        int u = x + w->u[k], v = y + w->v[k];
        if (u < 0 || v < 0 || u >= s->nx || v >= s->ny)
            continue;
        double rise = (double)s->depth[(int64_t)v * s->nx + u] - here;
        sum += rise > 0 ? rise / sqrt(rise * rise + w->away_A[k] * w->away_A[k]) : 0;
    }
    return sum / SAMPLES;
}

/* Light from above the viewer's left shoulder, a soft highlight, darker towards the edge. */
static double shine(const double normal[3], double *gloss)
{
    static const double light[3] = {-0.42, -0.50, 0.757}; /* right, down, towards the viewer */
    double lit = 0, half = 0, middle[3] = {light[0], light[1], light[2] + 1};
    (void)normalise(middle);
    for (int k = 0; k < 3; k++) {
        lit += normal[k] * light[k];
        half += normal[k] * middle[k];
    }
    *gloss = 0.28 * pow(fmax(half, 0), 28);
    double edge = fmin(1, normal[2] / 0.45);
    return (0.48 + 0.56 * fmax(lit, 0)) * (0.62 + 0.38 * edge);
}

/* What a pixel does to the colour of its atom. */
typedef struct {
    int atom; /* -1: none */
    float bright, gloss, fade;
} lit;

struct aet_render_look {
    aet_render_options o;
    aet_render r; /* without colours */
    lit *pixel;   /* owned, [model[1]][model[0]] */
};

static void light(const aet_render *r, const scene *s, double nearest, double depth, lit *pixel)
{
    spiral around;
    make_spiral(r, &around);
    for (int y = 0; y < s->ny; y++)
        for (int x = 0; x < s->nx; x++) {
            int64_t at = (int64_t)y * s->nx + x;
            int i = pixel[at].atom = s->atom[at];
            if (i < 0)
                continue;
            double gloss, normal[3], radius = radius_of(r, i);
            normal[0] = ((x + 0.5) / r->scale + r->corner[0] - r->seen[i][0]) / radius;
            normal[1] = ((y + 0.5) / r->scale + r->corner[1] - r->seen[i][1]) / radius;
            normal[2] = ((double)s->depth[at] - r->seen[i][2]) / radius;
            double bright = shine(normal, &gloss) * (1 - SHADOW * occlusion(&around, s, x, y));
            double fade = depth > 0 ? FADE * (nearest - (double)s->depth[at]) / depth : 0;
            pixel[at].bright = (float)bright;
            pixel[at].gloss = (float)gloss;
            pixel[at].fade = (float)fmin(FADE, fmax(0, fade));
        }
}

static void paint(const aet_render *r, const lit *pixel, aet_ink *c)
{
    for (int y = 0; y < r->model[1]; y++)
        for (int x = 0; x < r->model[0]; x++, pixel++) {
            double rgb[3];
            if (pixel->atom < 0)
                continue;
            for (int k = 0; k < 3; k++) {
                double color = (double)r->color[pixel->atom][k] * (double)pixel->bright;
                double v = fmin(1, color + (double)pixel->gloss);
                rgb[k] = v + (double)pixel->fade * (1 - v);
            }
            aet_ink_dot(c, r->left + x, r->top + y, rgb, 1);
        }
}

static aet_err make_pixels(aet_render_look *l)
{
    const aet_render *r = &l->r;
    aet_err err = AET_OK;
    scene s = {0};
    double nearest = -DBL_MAX, farthest = DBL_MAX;
    for (int i = 0; i < r->a->n; i++) {
        if (!is_shown(r, i))
            continue;
        nearest = fmax(nearest, r->seen[i][2] + radius_of(r, i));
        farthest = fmin(farthest, r->seen[i][2]);
    }
    AET_GO(make_scene(r, &s));
    AET_GO(AET_ARRAY((int64_t)s.nx * s.ny, "light of a picture", &l->pixel));
    light(r, &s, nearest, nearest - farthest, l->pixel);
done:
    aet_release(&s.depth);
    aet_release(&s.atom);
    return err;
}

aet_err aet_render_look_make(const aet_atoms *a, const aet_render_options *o, aet_render_look **l)
{
    aet_err err = AET_OK;
    aet_render_look *made = AET_NEW(aet_render_look, 1);
    *l = NULL;
    made->o = *o;
    made->r = (aet_render){.a = a, .o = &made->o};
    AET_GO(aet_atoms_check(a, 0));
    AET_GO(look(&made->r));
    made->r.left = made->r.top = (int)(RIM * o->size * ZOOM);
    AET_GO(make_pixels(made));
    *l = made;
    return AET_OK;
done:
    aet_render_look_free(&made);
    return err;
}

void aet_render_look_free(aet_render_look **l)
{
    if (!*l)
        return;
    aet_release(&(*l)->r.seen);
    aet_release(&(*l)->pixel);
    aet_release(l);
}

aet_err aet_render_look_write(const aet_render_look *l, const char *path,
                              const aet_render_options *o)
{
    aet_err err = AET_OK;
    aet_render r = l->r;
    aet_ink c = {0};
    double text = TEXT * l->o.size * ZOOM;
    r.o = o;
    AET_GO(aet_render_colors(&r));
    AET_GO(
        aet_ink_create((r.model[0] + 2 * r.left + aet_render_legend_width(&r, text)) / ZOOM * ZOOM,
                       (r.model[1] + 3 * r.top + (int)(2.2 * text)) / ZOOM * ZOOM, &c));
    paint(&r, l->pixel, &c);
    aet_render_legend(&r, &c, text);
    err = aet_ink_write(&c, ZOOM, path);
done:
    aet_ink_free(&c);
    aet_release(&r.color);
    return err;
}

aet_err aet_render_write(const char *path, const aet_atoms *a, const aet_render_options *o)
{
    aet_render_look *l = NULL;
    AET_TRY(aet_render_look_make(a, o, &l));
    aet_err err = aet_render_look_write(l, path, o);
    aet_render_look_free(&l);
    return err;
}
