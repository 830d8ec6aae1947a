/* Help is made from the command table and the parameter tables: nothing is typed twice. */
#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "cmd/command.h"
#include <stdio.h>
#include <string.h>

static const char *const groups[] = {"campaign", "stages", "files", "other"};
static const char *const headings[] = {"A whole campaign", "One stage at a time", "Files", "Other"};

void aet_help_all(void)
{
    aet_out("AETlas %s: atomic electron tomography, from tilt series to atoms to catalysis\n\n"
            "usage: aetlas COMMAND [inputs] [-o output] [-c file.ini] [--set section.key=value]\n"
            "       mpirun -n 4 aetlas COMMAND ...   |   srun --mpi=pmix aetlas COMMAND ...\n",
            AET_VERSION);
    for (int g = 0; g < 4; g++) {
        bool first = true;
        for (int i = 0; aet_commands[i]; i++) {
            if (strcmp(aet_commands[i]->group, groups[g]) != 0)
                continue;
            if (first)
                aet_out("\n%s\n", headings[g]);
            first = false;
            aet_out("  %-12s %s\n", aet_commands[i]->name, aet_commands[i]->summary);
        }
    }
    aet_out("\n'aetlas help COMMAND' is the manual of a command, 'aetlas config' prints every "
            "parameter.\n"
            "Exit status: 0 done; 1 compared things differ; 2 usage; 3 input; 4 output; 5 memory;\n"
            "6 numeric; 7 stopped on request (run again to go on); 8 some items failed; 70 "
            "internal.\n");
}

static void print_option(const aet_option *o)
{
    char head[80];
    if (o->letter)
        aet_fmt(head, sizeof head, "-%c, --%s %s", o->letter, o->name, o->value ? o->value : "");
    else
        aet_fmt(head, sizeof head, "    --%s %s", o->name, o->value ? o->value : "");
    aet_out("  %-34s %s\n", head, o->help);
}

static void print_param(const aet_param *p)
{
    char range[128] = "";
    if (p->type == AET_PARAM_CHOICE)
        aet_fmt(range, sizeof range, "%s", p->unit);
    else if (p->type == AET_PARAM_INT || p->type == AET_PARAM_REAL)
        aet_fmt(range, sizeof range, "%g to %g%s%s", p->low, p->high, p->unit[0] ? " " : "",
                p->unit);
    aet_out("  %-22s %s%s%s%s [%s]\n", p->name, p->help, range[0] ? " (" : "", range,
            range[0] ? ")" : "", p->initial);
}

void aet_help_command(const aet_command *c)
{
    aet_out("aetlas %s: %s\n\nusage: aetlas %s %s\n\n%s\n", c->name, c->summary, c->name, c->usage,
            c->text);
    aet_out("\nOptions\n");
    for (const aet_option *o = c->options; o && o->name; o++)
        print_option(o);
    for (const aet_option *o = aet_common_options(); o->name; o++)
        print_option(o);
    for (int t = 0; c->tables && c->tables[t]; t++) {
        aet_out("\nParameters: --set %s.KEY=VALUE, or [%s] in the file (%s) [default]\n",
                c->tables[t]->section, c->tables[t]->section, c->tables[t]->title);
        for (int i = 0; i < c->tables[t]->n; i++)
            print_param(&c->tables[t]->params[i]);
    }
    if (c->examples)
        aet_out("\nExamples\n%s\n", c->examples);
}
