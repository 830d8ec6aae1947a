/* ranks: 1 */
/* Renderings, read back as pixels: what is seen, where, in which colour. */
#include "aetlas/io/render.h"
#include "aetlas/base/mem.h"
#include "aetlas/data/elements.h"
#include "test.h"
#include <png.h>
#include <unistd.h>

typedef struct {
    int nx, ny;
    uint8_t *rgb;
} picture;

static picture render(const aet_atoms *a, const aet_render_options *o)
{
    char path[64];
    picture p = {0};
    png_image image = {.version = PNG_IMAGE_VERSION};
    snprintf(path, sizeof path, "render-%d.png", (int)getpid());
    T_OK(aet_render_write(path, a, o));
    T_CHECK(png_image_begin_read_from_file(&image, path));
    image.format = PNG_FORMAT_RGB;
    p.nx = (int)image.width;
    p.ny = (int)image.height;
    p.rgb = AET_NEW(uint8_t, PNG_IMAGE_SIZE(image));
    T_CHECK(png_image_finish_read(&image, NULL, p.rgb, 0, NULL));
    unlink(path);
    return p;
}

static const uint8_t *pixel(const picture *p, double x, double y)
{
    return p->rgb + 3 * ((int64_t)y * p->nx + (int64_t)x);
}

/* Cosine between two colours: 1 for those that differ in light and shade alone. */
static double likeness(const uint8_t *rgb, uint32_t color)
{
    double dot = 0, a2 = 0, b2 = 0;
    for (int k = 0; k < 3; k++) {
        double a = rgb[k], b = (color >> (16 - 8 * k)) & 255;
        dot += a * b;
        a2 += a * a;
        b2 += b * b;
    }
    return dot / sqrt(a2 * b2);
}

static bool hue(const uint8_t *rgb, uint32_t color)
{
    return likeness(rgb, color) > 0.985;
}

static bool is_white(const uint8_t *rgb)
{
    return rgb[0] == 255 && rgb[1] == 255 && rgb[2] == 255;
}

static aet_atoms *model(int n, const double (*r)[3], const int *z)
{
    aet_atoms *a = NULL;
    T_OK(aet_atoms_create(n, &a));
    for (int i = 0; i < n; i++) {
        a->species[i] = (uint8_t)z[i];
        memcpy(a->position_A[i], r[i], sizeof r[i]);
    }
    return a;
}

/* One atom fills the frame: 500 pixels wide, round, with its colour, lit from the upper left. */
static void one_atom(void)
{
    static const double r[1][3] = {{3, 1, -2}};
    aet_render_options o = aet_render_defaults();
    aet_atoms *a = model(1, r, (const int[]){29});
    o.size = 500;
    picture p = render(a, &o);
    double rim = 15, middle = rim + 250; /* 3 % */
    int area = 0;
    for (int y = (int)rim; y < rim + 500; y++)
        for (int x = (int)rim; x < rim + 500; x++)
            area += !is_white(pixel(&p, x, y));
    T_NEAR(area / (3.14159265 * 250 * 250), 1, 0.01); /* smooth edges count as dark */
    T_CHECK(hue(pixel(&p, middle + 60, middle + 60), aet_element_color(29)));
    const uint8_t *lit = pixel(&p, middle - 110, middle - 130),
                  *dim = pixel(&p, middle + 110, middle + 130);
    T_CHECK(lit[0] > 1.3 * dim[0]);
    T_CHECK(is_white(pixel(&p, rim + 3, rim + 3)) && is_white(pixel(&p, 2, 2)));
    aet_release(&p.rgb);
    aet_atoms_free(&a);
}

/* Which of four colours a pixel has: the most alike, or -1 on white. */
static int which(const uint8_t *rgb, const int z[4])
{
    double best = 0;
    int found = -1;
    for (int i = 0; i < 4 && !is_white(rgb); i++) {
        double like = likeness(rgb, aet_element_color(z[i]));
        if (like > best) {
            best = like;
            found = i;
        }
    }
    return found;
}

/* Atoms on the axes seen from -z: x to the right, y down; of two in line that at -z is seen.  From
 * other sides likewise. */
static void orientation(void)
{
    /* O red at +x, N blue at +y, Cl green at +z, S yellow at -z */
    enum { X, Y, UP, LOW };
    static const double r[4][3] = {{8, 0, 0}, {0, 8, 0}, {0, 0, 8}, {0, 0, -8}};
    static const int z[4] = {8, 7, 17, 16};
    static const struct {
        double view[3];
        int right, down, front, hidden, width; /* pixels of the model and its rim */
    } known[] = {{{0, 0, -1}, X, Y, LOW, UP, 412},
                 {{0, 1, 0}, X, UP, Y, -1, 222},
                 {{-1, 0, 0}, LOW, Y, X, -1, 412}};
    for (int k = 0; k < 3; k++) {
        aet_render_options o = aet_render_defaults();
        aet_atoms *a = model(4, r, z);
        o.size = 400;
        memcpy(o.view, known[k].view, sizeof o.view);
        picture p = render(a, &o);
        double sum[4][3] = {{0}}; /* of x, y and 1 over its pixels */
        for (int y = 0; y < p.ny - 30; y++)
            for (int x = 0; x < known[k].width; x++) {
                int i = which(pixel(&p, x, y), z);
                if (i >= 0) {
                    sum[i][0] += x;
                    sum[i][1] += y;
                    sum[i][2]++;
                }
            }
        double *right = sum[known[k].right], *down = sum[known[k].down];
        T_CHECK(right[2] > 300 && down[2] > 300 && sum[known[k].front][2] > 300);
        T_CHECK(right[0] / right[2] > down[0] / down[2] + 50);
        T_CHECK(down[1] / down[2] > right[1] / right[2] + 50);
        if (known[k].hidden >= 0)
            T_CHECK(sum[known[k].hidden][2] < 50);
        aet_release(&p.rgb);
        aet_atoms_free(&a);
    }
}

/* Colours of a column: its ends, what lies past them, the middle; of vectors by part. */
static void fields(void)
{
    static const double r[3][3] = {{-4, 0, 0}, {0, 0, 0}, {4, 0, 0}};
    aet_atoms *a = model(3, r, (const int[]){78, 78, 78});
    aet_column *c = aet_atoms_add_column(a, "strain", 2, "1", "test");
    const double v[3][2] = {{0, -0.04}, {0, 0}, {0, 0.09}};
    memcpy(c->values, v, sizeof v);
    aet_render_options o = aet_render_defaults();
    o.size = 600;
    o.field = "strain.2";
    o.low = -0.04;
    o.high = 0.04;
    picture p = render(a, &o);
    double step = 600 / (8 + 2 * 1.36), y = 18 + 1.36 * step, x = 18 + 1.36 * step;
    const uint8_t *blue = pixel(&p, x + 20, y + 20), *grey = pixel(&p, x + 4 * step + 20, y + 20),
                  *red = pixel(&p, x + 8 * step + 20, y + 20);
    T_CHECK(hue(blue, 0x3B4CC0) && hue(grey, 0xDDDDDD) && hue(red, 0xB40426));
    aet_release(&p.rgb);
    o.low = o.high = 0; /* automatic: even about zero, of 0.09, so the first is a lighter blue */
    p = render(a, &o);
    T_CHECK(hue(pixel(&p, x + 8 * step + 20, y + 20), 0xB40426));
    T_CHECK(pixel(&p, x + 20, y + 20)[2] > pixel(&p, x + 20, y + 20)[0]);
    T_CHECK(!hue(pixel(&p, x + 20, y + 20), 0x3B4CC0));
    aet_release(&p.rgb);
    T_FAILS(
        aet_render_write("x.png", a, &(aet_render_options){.view = {0, 0, 1}, .field = "strian"}),
        AET_ERR_INPUT, "did you mean strain");
    T_FAILS(
        aet_render_write("x.png", a, &(aet_render_options){.view = {0, 0, 1}, .field = "strain.3"}),
        AET_ERR_INPUT, "expected strain.1 to strain.2");
    o.cut_A = -1; /* what is left lies at 0 */
    T_FAILS(aet_render_write("x.png", a, &o), AET_ERR_INPUT, "behind the cut");
    o = aet_render_defaults();
    o.view[2] = 0;
    T_FAILS(aet_render_write("x.png", a, &o), AET_ERR_USAGE, "no direction");
    o = aet_render_defaults();
    T_FAILS(aet_render_write("no/folder/x.png", a, &o), AET_ERR_OUTPUT, "no/folder");
    a->position_A[1][1] = NAN;
    T_FAILS(aet_render_write("x.png", a, &o), AET_ERR_INPUT, "");
    aet_atoms_free(&a);
    T_OK(aet_atoms_create(0, &a));
    T_FAILS(aet_render_write("x.png", a, &o), AET_ERR_INPUT, "no atoms to draw");
    aet_atoms_free(&a);
}

/* The scale bar has the length that it says: of a model of 30 A it is the round length below 9 A,
 * 5 A. */
static void scale_bar(void)
{
    static const double r[2][3] = {{0, 0, 0}, {30 - 2 * 1.36, 0, 0}};
    aet_atoms *a = model(2, r, (const int[]){78, 78});
    aet_render_options o = aet_render_defaults();
    o.size = 600;
    picture p = render(a, &o);
    int longest = 0;
    for (int y = p.ny / 2; y < p.ny; y++)
        for (int x = 0, run = 0; x < p.nx; x++) {
            run = pixel(&p, x, y)[0] < 60 ? run + 1 : 0;
            longest = run > longest ? run : longest;
        }
    T_NEAR(longest, 5 * 600 / 30.0, 1.0);
    aet_release(&p.rgb);
    aet_atoms_free(&a);
}

int main(int argc, char **argv)
{
    T_START(argc, argv);
    one_atom();
    orientation();
    fields();
    scale_bar();
    T_END();
}
