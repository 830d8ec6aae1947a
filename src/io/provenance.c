/* What produced a file: version, command line, parameters, seed, notes of the stages. */
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "io_priv.h"
#include <math.h>
#include <string.h>

#define GROUP "/provenance"
enum { MAX_NOTES = 64 };

static struct {
    char *command_line, *parameters;
    int n;
    struct {
        char key[48], *text; /* owned */
    } note[MAX_NOTES];
} told;

void aet_provenance_set(const char *command_line, const char *parameters)
{
    aet_release(&told.command_line);
    aet_release(&told.parameters);
    told.command_line = aet_strdup(command_line ? command_line : "");
    told.parameters = aet_strdup(parameters ? parameters : "");
    aet_provenance_forget();
}

void aet_provenance_forget(void)
{
    for (int i = 0; i < told.n; i++)
        aet_release(&told.note[i].text);
    told.n = 0;
}

void aet_provenance_note(const char *key, const char *text)
{
    int i = 0;
    while (i < told.n && strcmp(told.note[i].key, key) != 0)
        i++;
    AET_ASSERT(i < MAX_NOTES);
    if (i == told.n)
        told.n++;
    aet_release(&told.note[i].text);
    (void)aet_fmt(told.note[i].key, sizeof told.note[i].key, "%s", key);
    told.note[i].text = aet_strdup(text);
}

aet_err provenance_write(aet_h5 *f)
{
    AET_TRY(aet_h5_set_text(f, GROUP, "program", "aetlas"));
    AET_TRY(aet_h5_set_text(f, GROUP, "version", AET_VERSION));
    AET_TRY(aet_h5_set_text(f, GROUP, "command_line", told.command_line ? told.command_line : ""));
    AET_TRY(aet_h5_set_text(f, GROUP, "parameters", told.parameters ? told.parameters : ""));
    for (int i = 0; i < told.n; i++)
        AET_TRY(aet_h5_set_text(f, GROUP, told.note[i].key, told.note[i].text));
    return AET_OK;
}

static aet_err read_number(const char *path, const char *key, double *value)
{
    char text[64];
    aet_h5 *f = NULL;
    AET_TRY(aet_h5_open(path, &f));
    if (!aet_h5_has(f, GROUP) || !aet_h5_get_text(f, GROUP, key, text, sizeof text) ||
        !aet_str_real(text, value))
        *value = (double)NAN;
    aet_h5_close(&f);
    return AET_OK;
}

aet_err aet_provenance_number(MPI_Comm comm, const char *path, const char *key, double *value)
{
    int rank;
    aet_err err = AET_OK;
    *value = (double)NAN;
    MPI_Comm_rank(comm, &rank);
    if (rank == 0)
        err = read_number(path, key, value);
    AET_TRY(AET_AGREE(comm, err));
    MPI_Bcast(value, 1, MPI_DOUBLE, 0, comm);
    return AET_OK;
}
