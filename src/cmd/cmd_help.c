#include "aetlas/base/str.h"
#include "cmd/command.h"
#include <string.h>

static aet_err run(aet_args *args)
{
    if (args->n_inputs == 0) {
        aet_help_all();
        return AET_OK;
    }
    const char *names[64];
    const aet_command *c;
    int n = 0;
    for (; aet_commands[n] && n < 64; n++) {
        names[n] = aet_commands[n]->name;
        if (strcmp(names[n], args->inputs[0]) == 0) {
            c = aet_commands[n];
            if (args->n_inputs == 2 && c->kinds)
                AET_TRY(aet_kind_find(c, args->inputs[1], &c));
            aet_help_command(c);
            return AET_OK;
        }
    }
    const char *near = aet_str_nearest(args->inputs[0], names, n);
    AET_FAIL(AET_ERR_USAGE, "no command '%s'%s%s; 'aetlas help' lists them", args->inputs[0],
             near ? "; did you mean " : "", near ? near : "");
}

const aet_command aet_cmd_help = {
    .name = "help",
    .group = "other",
    .usage = "[COMMAND [KIND]]",
    .summary = "all commands, or the manual of one",
    .text = "Without a word: the list of commands. With one: what the command does, its options,\n"
            "its parameters with units, ranges and defaults, and examples. With a second word:\n"
            "the manual of one kind of a command that has several.",
    .examples = "  aetlas help reconstruct\n"
                "  aetlas help simulate tilt",
    .max_inputs = 2,
    .local = true,
    .run = run,
};
