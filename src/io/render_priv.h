/* Inside the renderings: what is drawn, and where. */
#ifndef AET_IO_RENDER_PRIV_H
#define AET_IO_RENDER_PRIV_H

#include "aetlas/io/render.h"
#include "ink.h"

enum {
    AET_RENDER_ZOOM = 2, /* pixels of the sheet per pixel of the picture, each way */
    AET_RENDER_CLASSES = 8
};

typedef struct {
    const aet_atoms *a;
    const aet_render_options *o;
    double (*seen)[3]; /* owned, [n]: right, down, towards the viewer, in A */
    float (*color)[3]; /* owned, [n] */
    double low, high;  /* range of the field */
    char title[80];    /* of the colour bar; "": none */
    int n_classes;     /* instead of it */
    struct {
        double value;
        uint32_t color;
        char name[24];
    } classes[AET_RENDER_CLASSES];
    double corner[2], width[2]; /* of the model on the sheet: upper left in A, size in A */
    double scale;               /* pixels of the sheet per A */
    int left, top;              /* where the model begins on the sheet */
    int model[2];               /* pixels of the sheet it takes */
} aet_render;

/* Local.  Colours of all atoms, by element or field, and its range.  INPUT. */
aet_err aet_render_colors(aet_render *r);
/* Local.  Colour at t, 0 to 1, of the range. */
void aet_render_color_at(const aet_render *r, double t, double rgb[3]);
/* Local.  Width that legend or colour bar need on the sheet; draws them, and the scale bar. */
int aet_render_legend_width(const aet_render *r, double text);
void aet_render_legend(const aet_render *r, aet_ink *c, double text);

#endif
