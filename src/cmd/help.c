/* Help is made from the command table and the parameter tables: nothing is typed twice. */
#include "aetlas/base/log.h"
#include "aetlas/base/str.h"
#include "cmd/command.h"
#include <stdio.h>
#include <string.h>

enum { WIDTH = 90 };

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
    aet_out("\n"
            "'aetlas help COMMAND' is the manual of a command, 'aetlas config' prints every\n"
            "parameter.\n\nExit status\n");
#define PRINT_STATUS(name, status, meaning)                                                        \
    aet_out("  %-12d %s\n", status, aet_err_meaning(AET_ERR_##name));
    AET_ERR_LIST(PRINT_STATUS)
#undef PRINT_STATUS
}

static void print_word(int column, int *at, const char *word, int length)
{
    if (*at > column && *at + 1 + length > WIDTH) {
        aet_out("\n%*s", column, "");
        *at = column;
    }
    aet_out("%s%.*s", *at > column ? " " : "", length, word);
    *at += length + (*at > column);
}

/* "  head    text tail", the text in lines that end by WIDTH and begin below each other; the tail
 * stays in one piece. */
static void print_entry(int column, const char *head, const char *text, const char *tail)
{
    int at = column;
    aet_out("  %-*s", column - 2, head);
    while (*text) {
        int word = (int)strcspn(text, " ");
        print_word(column, &at, text, word);
        text += word;
        text += strspn(text, " ");
    }
    if (*tail)
        print_word(column, &at, tail, (int)strlen(tail));
    aet_out("\n");
}

static void print_option(const aet_option *o)
{
    char head[80];
    if (o->letter)
        aet_fmt(head, sizeof head, "-%c, --%s %s", o->letter, o->name, o->value ? o->value : "");
    else
        aet_fmt(head, sizeof head, "    --%s %s", o->name, o->value ? o->value : "");
    print_entry(32, head, o->help, "");
}

static void print_param(const aet_param *p)
{
    char range[128] = "", tail[512];
    if (p->type == AET_PARAM_INT || p->type == AET_PARAM_REAL)
        aet_fmt(range, sizeof range, "%.10g to %.10g%s%s", p->low, p->high, p->unit[0] ? " " : "",
                p->unit);
    else
        aet_fmt(range, sizeof range, "%s", p->unit);
    aet_fmt(tail, sizeof tail, "%s%s%s[%s]", range[0] ? "(" : "", range, range[0] ? ") " : "",
            p->initial);
    print_entry(24, p->name, p->help, tail);
}

/* One line for each of the forms between " | ". */
static void print_usage(const aet_command *c, const char *head)
{
    const char *form = c->usage;
    for (const char *bar; (bar = strstr(form, " | ")); form = bar + 3, head = "      ")
        aet_out("%s aetlas %s %.*s\n", head, c->name, (int)(bar - form), form);
    aet_out("%s aetlas %s %s\n", head, c->name, form);
}

/* A command of several kinds: what they are, not yet how. */
static void help_kinds(const aet_command *c)
{
    for (int i = 0; c->kinds[i]; i++)
        print_usage(c->kinds[i], i ? "      " : "usage:");
    aet_out("\n");
    for (int i = 0; c->kinds[i]; i++)
        print_entry(16, aet_kind_word(c->kinds[i]), c->kinds[i]->summary, "");
    aet_out("\n%s\n\n'aetlas help %s KIND' is the manual of one of these.\n\nExamples\n", c->text,
            c->name);
    for (int i = 0; c->kinds[i]; i++)
        aet_out("%s\n", c->kinds[i]->examples);
}

void aet_help_command(const aet_command *c)
{
    aet_out("aetlas %s: %s\n\n", c->name, c->summary);
    if (c->kinds) {
        help_kinds(c);
        return;
    }
    print_usage(c, "usage:");
    aet_out("\n%s\n", c->text);
    aet_out("\nOptions\n");
    for (const aet_option *o = c->options; o && o->name; o++)
        print_option(o);
    for (const aet_option *o = aet_common_options(); o->name; o++)
        if (c->output != AET_NO_OUTPUT || o->letter != 'o')
            print_option(o);
    for (int t = 0; c->tables && c->tables[t]; t++) {
        const char *section = c->tables[t]->section;
        aet_out("\nParameters: %s\n"
                "(--set %s.KEY=VALUE, or KEY = VALUE below [%s] in the file; [default])\n",
                c->tables[t]->title, section, section);
        for (int i = 0; i < c->tables[t]->n; i++)
            print_param(&c->tables[t]->params[i]);
    }
    if (c->examples)
        aet_out("\nExamples\n%s\n", c->examples);
}
