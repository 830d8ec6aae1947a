#include "aetlas/io/png.h"
#include "aetlas/base/file.h"
#include <png.h>

aet_err aet_png_write(const char *path, int nx, int ny, const uint8_t *grey)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)nx,
                       .height = (png_uint_32)ny,
                       .format = PNG_FORMAT_GRAY};
    FILE *f = NULL;
    AET_TRY(aet_writer_open(path, &f));
    if (!png_image_write_to_stdio(&image, f, 0, grey, nx, NULL)) {
        aet_writer_abandon(path, &f);
        AET_FAIL(AET_ERR_OUTPUT, "%s: could not be written (disk full?): %s", path, image.message);
    }
    return aet_writer_close(path, &f);
}
