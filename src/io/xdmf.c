#include "aetlas/io/xdmf.h"
#include "aetlas/base/file.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/h5.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The path of the HDF5 file as seen from the XDMF file: its name when both lie in one folder. */
static aet_err relative(const char *path, const char *h5, char out[AET_PATH_MAX])
{
    char dir[AET_PATH_MAX], h5_real[PATH_MAX], dir_real[PATH_MAX], h5_dir[AET_PATH_MAX];
    aet_path_dir(path, dir, sizeof dir);
    AET_CHECK(realpath(h5, h5_real), AET_ERR_INPUT, "%s: %s", h5, strerror(errno));
    AET_CHECK(realpath(dir, dir_real), AET_ERR_OUTPUT, "%s: %s", path, strerror(errno));
    aet_path_dir(h5_real, h5_dir, sizeof h5_dir);
    (void)aet_fmt(out, AET_PATH_MAX, "%s",
                  strcmp(h5_dir, dir_real) == 0 ? aet_path_base(h5_real) : h5_real);
    return AET_OK;
}

static void put_escaped(FILE *f, const char *s)
{
    for (; *s; s++)
        switch (*s) {
        case '&':
            fputs("&amp;", f);
            break;
        case '<':
            fputs("&lt;", f);
            break;
        case '"':
            fputs("&quot;", f);
            break;
        default:
            fputc(*s, f);
        }
}

/* <DataItem ...>file.h5:/dataset</DataItem>; dims as text. */
static void put_item(FILE *f, const char *type, int precision, const char *dims, const char *file,
                     const char *dataset)
{
    fprintf(f, "<DataItem NumberType=\"%s\" Precision=\"%d\" Dimensions=\"%s\" Format=\"HDF\">",
            type, precision, dims);
    put_escaped(f, file);
    fprintf(f, ":%s</DataItem>\n", dataset);
}

static void put_head(FILE *f, const char *name)
{
    fprintf(f,
            "<?xml version=\"1.0\"?>\n<!DOCTYPE Xdmf SYSTEM \"Xdmf.dtd\" []>\n<Xdmf "
            "Version=\"3.0\">\n<Domain>\n"
            "<Grid Name=\"%s\" GridType=\"Uniform\">\n",
            name);
}

static void put_tail(FILE *f)
{
    fputs("</Grid>\n</Domain>\n</Xdmf>\n", f);
}

/* A grid of nodes; n, origin and step as z y x. */
static void put_grid(FILE *f, const int n[3], const double origin[3], double step)
{
    fprintf(f,
            "<Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"%d %d %d\"/>\n"
            "<Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n"
            "<DataItem Dimensions=\"3\" Format=\"XML\">%.9g %.9g %.9g</DataItem>\n"
            "<DataItem Dimensions=\"3\" Format=\"XML\">%.9g %.9g %.9g</DataItem>\n</Geometry>\n",
            n[0], n[1], n[2], origin[0], origin[1], origin[2], step, step, step);
}

aet_err aet_xdmf_write_volume(const char *path, const char *h5, const aet_volume *v)
{
    char file[AET_PATH_MAX], dims[64];
    FILE *f = NULL;
    double a = v->voxel_A;
    AET_TRY(relative(path, h5, file));
    AET_TRY(aet_writer_open(path, &f));
    (void)aet_fmt(dims, sizeof dims, "%d %d %d", v->nz, v->ny, v->nx);
    put_head(f, "volume");
    put_grid(f, (const int[3]){v->nz, v->ny, v->nx},
             (const double[3]){-a * (v->nz / 2), -a * (v->ny / 2), -a * (v->nx / 2)}, a);
    fputs("<Attribute Name=\"density\" AttributeType=\"Scalar\" Center=\"Node\">\n", f);
    put_item(f, "Float", 4, dims, file, "/volume/density");
    fputs("</Attribute>\n", f);
    put_tail(f);
    return aet_writer_close(path, &f);
}

static const char *kind_of(int width)
{
    return width == 1   ? "Scalar"
           : width == 3 ? "Vector"
           : width == 6 ? "Tensor6"
           : width == 9 ? "Tensor"
                        : "Matrix";
}

static aet_err maps_head(const aet_h5 *f, double origin[3], double *step)
{
    AET_TRY(aet_h5_get_real(f, "/maps", "origin_z_A", &origin[0]));
    AET_TRY(aet_h5_get_real(f, "/maps", "origin_y_A", &origin[1]));
    AET_TRY(aet_h5_get_real(f, "/maps", "origin_x_A", &origin[2]));
    return aet_h5_get_real(f, "/maps", "voxel_A", step);
}

static aet_err put_map(FILE *f, const aet_h5 *h, const char *name, const char *file, int grid[3])
{
    char dataset[AET_H5_PATH_MAX + 8], dims[64];
    aet_h5_shape s;
    (void)aet_fmt(dataset, sizeof dataset, "/maps/%s", name);
    AET_TRY(aet_h5_look(h, dataset, &s));
    AET_CHECK(s.numeric && s.ndim >= 3 && s.ndim <= 4, AET_ERR_INPUT,
              "%s is no map: it has %d dimensions, 3 or 4 were expected", dataset, s.ndim);
    int width = s.ndim == 4 ? (int)s.dims[3] : 1;
    for (int k = 0; k < 3; k++)
        grid[k] = (int)s.dims[k];
    (void)aet_fmt(dims, sizeof dims, width > 1 ? "%d %d %d %d" : "%d %d %d", grid[0], grid[1],
                  grid[2], width);
    if (!f)
        return AET_OK;
    fprintf(f, "<Attribute Name=\"%s\" AttributeType=\"%s\" Center=\"Node\">\n", name,
            kind_of(width));
    put_item(f, "Float", 4, dims, file, dataset);
    fputs("</Attribute>\n", f);
    return AET_OK;
}

aet_err aet_xdmf_write_maps(const char *path, const char *h5)
{
    aet_err err = AET_OK;
    char file[AET_PATH_MAX], (*names)[AET_H5_PATH_MAX] = NULL;
    aet_h5 *h = NULL;
    FILE *f = NULL;
    double origin[3], step;
    int n = 0, grid[3];
    AET_GO(relative(path, h5, file));
    AET_GO(aet_h5_open(h5, &h));
    AET_GO(maps_head(h, origin, &step));
    AET_GO(aet_h5_members(h, "/maps", &names, &n));
    AET_GO_CHECK(n > 0, AET_ERR_INPUT, "%s: holds no maps", h5);
    for (int k = n - 1; k >= 0; k--) /* all are looked at before the file is begun */
        AET_GO(put_map(NULL, h, names[k], file, grid));
    AET_GO(aet_writer_open(path, &f));
    put_head(f, "maps");
    put_grid(f, grid, origin, step);
    for (int k = 0; k < n; k++)
        (void)put_map(f, h, names[k], file, grid);
    put_tail(f);
    err = aet_writer_close(path, &f);
done:
    aet_release(&names);
    aet_h5_close(&h);
    return err;
}

static void put_column(FILE *f, const char *file, int n, const aet_column *c)
{
    char dims[64], dataset[128];
    if (c->width > 1)
        (void)aet_fmt(dims, sizeof dims, "%d %d", n, c->width);
    else
        (void)aet_fmt(dims, sizeof dims, "%d", n);
    (void)aet_fmt(dataset, sizeof dataset, "/atoms/columns/%s", c->name);
    fprintf(f, "<Attribute Name=\"%s\" AttributeType=\"%s\" Center=\"Node\">\n", c->name,
            kind_of(c->width));
    put_item(f, "Float", 8, dims, file, dataset);
    fputs("</Attribute>\n", f);
}

aet_err aet_xdmf_write_atoms(const char *path, const char *h5, const aet_atoms *a)
{
    char file[AET_PATH_MAX], dims[64];
    FILE *f = NULL;
    AET_TRY(relative(path, h5, file));
    AET_TRY(aet_writer_open(path, &f));
    put_head(f, "atoms");
    fprintf(f,
            "<Topology TopologyType=\"Polyvertex\" NumberOfElements=\"%d\"/>\n"
            "<Geometry GeometryType=\"XYZ\">\n",
            a->n);
    (void)aet_fmt(dims, sizeof dims, "%d 3", a->n);
    put_item(f, "Float", 8, dims, file, "/atoms/position_A");
    fputs("</Geometry>\n<Attribute Name=\"species\" AttributeType=\"Scalar\" Center=\"Node\">\n",
          f);
    (void)aet_fmt(dims, sizeof dims, "%d", a->n);
    put_item(f, "UChar", 1, dims, file, "/atoms/species");
    fputs("</Attribute>\n", f);
    for (int i = 0; i < a->n_columns; i++)
        put_column(f, file, a->n, &a->columns[i]);
    put_tail(f);
    return aet_writer_close(path, &f);
}
