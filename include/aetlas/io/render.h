/* Renderings of atom models: shaded spheres on white, seen from any side without perspective.
 *
 * Atoms have the colour and covalent radius of their element, or the colour of one of their columns:
 * from dark to light, or, where the range passes zero, blue below and red above it.  Grooves between
 * atoms and what lies behind are darker (ambient occlusion from the depths of the picture), the
 * colours of the back fade a little.  With a scale bar, and a legend of the elements or a bar of the
 * colours.
 */
#ifndef AET_IO_RENDER_H
#define AET_IO_RENDER_H

#include "aetlas/data/atoms.h"

typedef struct {
    /* Towards the viewer, in the frame of the atoms.  (0, 0, -1): x right and y down, as in the
     * projections of volumes and tilt series. */
    double view[3];
    double up[3]; /* what points up on the page; 0, 0, 0: -y, or -z where one looks along y */
    const char
        *field; /* NULL: by element; else a column, NAME or, of vectors, NAME.1, NAME.2, ... */
    const char *title; /* of the bar of colours; NULL: the field and its unit */
    double scale;      /* of the values, 100 for percent */
    const char *among; /* NULL, or a column: atoms where it is 0 are grey */
    const char
        *classes; /* NULL, or values of the field with names and colours of their own, "100 {100};
                            111 {111}"; atoms with others are grey */
    double low, high; /* range of its colours; low >= high: of its values, less 1 % at either end */
    double cut_A;     /* atoms farther than this from the origin towards the viewer are left out */
    int size;         /* pixels of the longer side of the model */
    double radius;    /* of the atoms, relative to the covalent radii */
} aet_render_options;

/* (0, 0, -1), -y up, by element, scale 1, no cut, 1000 pixels, radius 1. */
aet_render_options aet_render_defaults(void);

/* Local.  INPUT for a model without atoms (after the cut) or with numbers that are not finite, and, naming those
 * there are, for an unknown column; USAGE for a view of no direction; OUTPUT, NOMEM. */
aet_err aet_render_write(const char *path, const aet_atoms *a, const aet_render_options *o);

/* Local.  One look at a model, for several pictures that differ in their colours alone: view, up, cut, size
 * and radius of the options count.  The model must outlive it.  Errors as above. */
typedef struct aet_render_look aet_render_look;
aet_err aet_render_look_make(const aet_atoms *a, const aet_render_options *o, aet_render_look **l);
void aet_render_look_free(aet_render_look **l);
/* Local.  A picture of it: the other options count. */
aet_err aet_render_look_write(const aet_render_look *l, const char *path,
                              const aet_render_options *o);

#endif
