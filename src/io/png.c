#include "aetlas/io/png.h"
#include "aetlas/base/file.h"
#include <png.h>

static aet_err write_image(const char *path, int nx, int ny, png_uint_32 format, int row,
                           const uint8_t *pixels)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)nx,
                       .height = (png_uint_32)ny,
                       .format = format};
    FILE *f = NULL;
    AET_TRY(aet_writer_open(path, &f));
    if (!png_image_write_to_stdio(&image, f, 0, pixels, row, NULL)) {
        aet_writer_abandon(path, &f);
        AET_FAIL(AET_ERR_OUTPUT, "%s: could not be written (disk full?): %s", path, image.message);
    }
    return aet_writer_close(path, &f);
}

aet_err aet_png_write(const char *path, int nx, int ny, const uint8_t *grey)
{
    return write_image(path, nx, ny, PNG_FORMAT_GRAY, nx, grey);
}

aet_err aet_png_write_rgb(const char *path, int nx, int ny, const uint8_t *rgb)
{
    return write_image(path, nx, ny, PNG_FORMAT_RGB, 3 * nx, rgb);
}
