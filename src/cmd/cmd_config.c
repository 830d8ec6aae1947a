#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/par/agree.h"
#include "cmd/command.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Several tables may share a section; each is printed under its title. */
static aet_err print_tables(FILE *f, const aet_args *args, const char *only)
{
    int n;
    const aet_param_table *const *tables = aet_all_tables(&n);
    bool found = false;
    for (int t = 0; t < n; t++) {
        if (only && strcmp(only, tables[t]->section) != 0)
            continue;
        found = true;
        void *params = aet_new_bytes(tables[t]->size);
        aet_err err = aet_config_load(args->config, tables[t], params);
        if (!err) {
            fprintf(f, "# %s\n", tables[t]->title);
            aet_config_print(f, tables[t], params, true);
            fputc('\n', f);
        }
        aet_release(&params);
        AET_TRY(err);
    }
    AET_CHECK(found || !only, AET_ERR_USAGE, "no section '%s'; 'aetlas config' prints all", only);
    return AET_OK;
}

static aet_err run(aet_args *args)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    AET_ASSERT(f);
    aet_err err = print_tables(f, args, args->n_inputs ? args->inputs[0] : NULL);
    fclose(f);
    if (!err && !args->output)
        aet_out("%s", text);
    aet_err local = AET_OK;
    if (!err && args->output && args->rank == 0) {
        FILE *out = NULL;
        local = aet_writer_open(args->output, &out);
        if (!local) {
            fputs(text, out);
            local = aet_writer_close(args->output, &out);
        }
    }
    free(text);
    return AET_AGREE(args->comm, err ? err : local);
}

const aet_command aet_cmd_config = {
    .name = "config",
    .group = "other",
    .output = AET_MAY_OUTPUT,
    .usage = "[SECTION] [-o file.ini]",
    .summary = "every parameter with its meaning, unit, range and value",
    .text = "Prints an annotated INI file that any command takes with -c. With -c and --set it\n"
            "shows the values that would be used, so it also checks a configuration file.",
    .examples = "  aetlas config reconstruct\n"
                "  aetlas config -c mine.ini --set trace.method=polynomial -o full.ini",
    .max_inputs = 1,
    .run = run,
};
