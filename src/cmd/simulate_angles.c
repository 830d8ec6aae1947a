/* The tilt angles of a simulation, from a file, from words, or like those of another series. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/angles.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "cmd/simulate_kinds.h"
#include <math.h>
#include <string.h>

/* "first:step:last" in degrees to angles (0, theta, 0). */
static aet_err parse_tilts(const char *text, double (**angles_deg)[3], int *n)
{
    double v[3];
    char words[AET_TEXT_MAX], *rest;
    int k = 0;
    aet_fmt(words, sizeof words, "%s", text);
    for (char *w = strtok_r(words, ":", &rest); w != NULL && k < 4;
         w = strtok_r(NULL, ":", &rest), k++)
        if (k == 3 || !aet_str_real(w, &v[k]))
            k = 4;
    AET_CHECK(k == 3, AET_ERR_USAGE,
              "--tilts %s: expected first:step:last in degrees, e.g. -60:3:60", text);
    double steps = (v[2] - v[0]) / v[1];
    AET_CHECK(v[1] != 0 && steps >= -1e-9 && steps < 1e5, AET_ERR_USAGE,
              "--tilts %s: the step does not lead from first to last", text);
    *n = (int)floor(steps + 1e-6) + 1;
    AET_TRY(AET_ARRAY(*n, "tilt angles", angles_deg));
    for (int i = 0; i < *n; i++)
        (*angles_deg)[i][1] = v[0] + i * v[1];
    return AET_OK;
}

/* Collective.  Rank 0 reads the angles, all get them. */
static aet_err read_angles(const aet_args *args, const char *path, double (**angles_deg)[3], int *n)
{
    aet_err err = AET_OK;
    const char *variable = aet_args_get(args, "variable");
    if (args->rank == 0)
        err = aet_angles_read(path, variable, n, angles_deg);
    AET_TRY(AET_AGREE(args->comm, err));
    MPI_Bcast(n, 1, MPI_INT, 0, args->comm);
    if (args->rank != 0)
        err = AET_ARRAY(*n, "tilt angles", angles_deg);
    AET_TRY(AET_AGREE(args->comm, err));
    aet_bcast_bytes(args->comm, *angles_deg, (int64_t)*n * (int64_t)sizeof **angles_deg, 0);
    return AET_OK;
}

/* Collective.  Angles, pixel and frame of a series, which become parameters. */
static aet_err take_after(aet_args *args, const char *section, const char *path,
                          double (**angles_deg)[3], int *n)
{
    aet_tilt *t = NULL;
    char text[3][64];
    aet_err err = AET_OK;
    AET_TRY(aet_tilt_read(args->comm, path, &t));
    aet_fmt(text[0], sizeof text[0], "%s.pixel_A=%.17g", section, t->pixel_A);
    aet_fmt(text[1], sizeof text[1], "%s.size=%d", section, t->nx);
    aet_fmt(text[2], sizeof text[2], "%s.size_y=%d", section, t->ny);
    for (int i = 0; i < 3; i++)
        AET_GO(aet_config_set(args->config, text[i]));
    AET_GO(aet_args_record(args));
    *n = t->n;
    *angles_deg = t->angles_deg;
    t->angles_deg = NULL;
done:
    aet_tilt_free(&t);
    return err;
}

aet_err aet_simulate_angles(aet_args *args, const char *section, double (**angles_deg)[3], int *n)
{
    const char *tilts = aet_args_get(args, "tilts"), *path = aet_args_get(args, "angles");
    const char *like = aet_args_get(args, "like");
    AET_CHECK((tilts != NULL) + (path != NULL) + (like != NULL) == 1, AET_ERR_USAGE,
              "give one of --angles FILE, --tilts first:step:last or --like tilt.h5");
    AET_CHECK(path != NULL || aet_args_get(args, "variable") == NULL, AET_ERR_USAGE,
              "--variable names an array in the file of --angles");
    AET_CHECK(like == NULL || (!aet_args_get(args, "pixel") && !aet_args_get(args, "size")),
              AET_ERR_USAGE,
              "--like takes pixel and size from its series; leave --pixel and --size out");
    if (path != NULL)
        return read_angles(args, path, angles_deg, n);
    if (like != NULL)
        return take_after(args, section, like, angles_deg, n);
    return AET_AGREE(args->comm, parse_tilts(tilts, angles_deg, n));
}
