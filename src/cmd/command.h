/* Commands: one file each, src/cmd/cmd_NAME.c, that parses its words, calls the stages and writes.
 *
 * A command is one constant `const aet_command aet_cmd_NAME`, listed in table.c.  The driver has
 * done the rest before run is called: words parsed, configuration read, checked and overridden, log
 * and stop file set up, provenance recorded.  Every command is Collective over args->comm.
 */
#ifndef AET_CMD_COMMAND_H
#define AET_CMD_COMMAND_H

#include "aetlas/base/config.h"
#include "aetlas/base/error.h"
#include <mpi.h>
#include <stdbool.h>

/* An option of one command: --name VALUE, or a bare flag when value is NULL. */
typedef struct {
    const char *name;  /* without the dashes */
    const char *value; /* word for the value in help: "FILE", "A", "N"; NULL: flag */
    const char *help;
    char letter; /* short form, 0 for none */
} aet_option;

/* An option that is short for a parameter: {"pixel", "simulate.pixel_A"}. */
typedef struct {
    const char *option; /* a name in the list of options */
    const char *key;
} aet_shorthand;

enum { AET_MOST_OPTIONS = 256 }; /* of one command line, --set included */

typedef struct aet_args aet_args;
struct aet_args {
    MPI_Comm comm;
    int rank, size;
    int n_inputs;
    const char **inputs; /* positional words, in order */
    const char *output;  /* -o, or NULL */
    aet_config *config;  /* file and --set merged and checked */
    char *command_line;
    const struct aet_command *command;
    bool local; /* what is asked for needs no MPI */
    int n_given;
    struct {
        const char *name, *value;
    } given[AET_MOST_OPTIONS];
};

typedef struct aet_command {
    const char *name;
    const char *group;   /* heading in `aetlas help`: "campaign", "files", "stages", "other" */
    const char *usage;   /* words after the name: "tilt.h5 -o volume.h5"; forms apart by " | " */
    const char *summary; /* one line */
    const char *text;    /* paragraphs of `aetlas help NAME`: what it does, inputs, outputs */
    const char *examples;
    int min_inputs, max_inputs; /* positional words; max < 0: no limit */
    enum { AET_NO_OUTPUT, AET_MAY_OUTPUT, AET_NEEDS_OUTPUT } output; /* whether -o is for it */
    const aet_option *options; /* ended by a row with name NULL; may be NULL */
    const aet_param_table *const
        *tables; /* ended by NULL; may be NULL: its sections of the configuration */
    /* Ended by a row with option NULL; may be NULL.  Applied after the file and --set: they win. */
    const aet_shorthand *shorthands;
    aet_err (*run)(aet_args *args);
    bool local; /* run makes no use of comm (which may be MPI_COMM_NULL) nor of the configuration */
    /* Ended by NULL; most have none.  The word after the name says which of these commands, with
     * names such as "simulate tilt", is meant; of the rest of this one only help makes use. */
    const struct aet_command *const *kinds;
} aet_command;

/* Local.  Value of an option of this command: NULL
 * when it was not given; "" for a flag that was. */
const char *aet_args_get(const aet_args *args, const char *name);
/* Local.  As a number; *value is untouched when not
 * given; USAGE when it is not one or outside [low, high]. */
aet_err aet_args_real(const aet_args *args, const char *name, double low, double high,
                      double *value);
aet_err aet_args_int(const aet_args *args, const char *name, long low, long high, long *value);
/* Local.  Fills the parameters of a table from the configuration. */
aet_err aet_args_params(const aet_args *args, const aet_param_table *table, void *params);

/* Local.  Writes the command line and the effective parameters into the provenance of what is written
 * from now on: again where a command has changed its configuration. */
aet_err aet_args_record(const aet_args *args);

/* All commands, ended by NULL; all parameter tables, ended by NULL (for config and its checks). */
extern const aet_command *const aet_commands[];
const aet_param_table *const *aet_all_tables(int *n);

/* Local, before MPI_Init: finds the command that the words name, and takes the rest apart.  The
 * same on every rank.  args points into argv; aet_command_free it, after a failure too.  USAGE. */
aet_err aet_command_parse(int argc, char **argv, aet_args *args);
/* Collective over comm, which may be MPI_COMM_NULL where args->local.  Does the set-up, runs it. */
aet_err aet_command_run(MPI_Comm comm, aet_args *args);
void aet_command_free(aet_args *args);
/* Local.  The kind of a command that a word (NULL: none was given) names; USAGE, with the nearest
 * and all names. */
aet_err aet_kind_find(const aet_command *c, const char *word, const aet_command **kind);
/* Local.  The last word of its name: "tilt" of "simulate tilt". */
const char *aet_kind_word(const aet_command *kind);
/* Local.  Options that every command knows, ended by a row with name NULL. */
const aet_option *aet_common_options(void);
/* Local.  Help on stdout: all commands, or one. */
void aet_help_all(void);
void aet_help_command(const aet_command *c);

#endif
