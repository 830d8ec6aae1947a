/* The command driver: words, configuration, log, stop file, provenance, then the command itself. */
#include "aetlas/base/file.h"
#include "aetlas/base/log.h"
#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include "aetlas/io/nouns.h"
#include "aetlas/par/agree.h"
#include "aetlas/par/stop.h"
#include "aetlas/par/timing.h"
#include "cmd/command.h"
#include <stdlib.h>
#include <string.h>

enum { CONFIG_BYTES = 1 << 20, MAX_WORDS = 256 };

/* Options that every command knows. */
static const aet_option common_options[] = {
    {"output", "FILE", "where the result goes", 'o'},
    {"config", "FILE", "parameters as INI text; `aetlas config` prints all of them", 'c'},
    {"set", "SECTION.KEY=VALUE", "one parameter; may be repeated; wins over the file", 's'},
    {"stop-file", "FILE", "stop cleanly when this file appears (default: stop)", 0},
    {"verbose", NULL, "log more", 'v'},
    {"quiet", NULL, "log warnings and errors only", 'q'},
    {"help", NULL, "this text", 'h'},
    {NULL, NULL, NULL, 0},
};

const aet_option *aet_common_options(void)
{
    return common_options;
}

static const aet_option *find_option(const aet_option *list, const char *word)
{
    for (; list && list->name; list++) {
        size_t n = strlen(list->name);
        bool is_long = strncmp(word, "--", 2) == 0 && strncmp(word + 2, list->name, n) == 0 &&
                       (word[2 + n] == 0 || word[2 + n] == '=');
        bool is_short = list->letter && word[0] == '-' && word[1] == list->letter && word[2] == 0;
        if (is_long || is_short)
            return list;
    }
    return NULL;
}

static aet_err unknown_option(const aet_args *args, const char *word)
{
    const char *names[64];
    int n = 0;
    for (const aet_option *o = common_options; o->name; o++)
        names[n++] = o->name;
    for (const aet_option *o = args->command->options; o && o->name && n < 64; o++)
        names[n++] = o->name;
    const char *near = word[1] == '-' ? aet_str_nearest(word + 2, names, n) : NULL;
    AET_FAIL(AET_ERR_USAGE, "unknown option %s%s%s; see 'aetlas help %s'", word,
             near ? "; did you mean --" : "", near ? near : "", args->command->name);
}

/* --name VALUE, --name=VALUE, or a flag; *i is moved past a separate value. */
static aet_err take_option(aet_args *args, char **words, int n, int *i)
{
    const char *word = words[*i], *value = "";
    const aet_option *o = find_option(common_options, word);
    if (!o)
        o = find_option(args->command->options, word);
    if (!o)
        return unknown_option(args, word);
    const char *equal = word[1] == '-' ? strchr(word, '=') : NULL;
    AET_CHECK(!equal || o->value, AET_ERR_USAGE, "--%s takes no value", o->name);
    if (o->value && equal)
        value = equal + 1;
    else if (o->value) {
        AET_CHECK(*i + 1 < n, AET_ERR_USAGE, "--%s needs a value: --%s %s", o->name, o->name,
                  o->value);
        value = words[++*i];
    }
    AET_CHECK(args->n_given < AET_MOST_OPTIONS, AET_ERR_USAGE,
              "more than %d options; -c FILE takes parameters by the hundred", AET_MOST_OPTIONS);
    args->given[args->n_given].name = o->name;
    args->given[args->n_given++].value = value;
    return AET_OK;
}

/* A word that starts with a minus is an option, unless it is a number or a lone minus. */
static bool is_option(const char *word)
{
    double number;
    return word[0] == '-' && word[1] && !aet_str_real(word, &number);
}

static aet_err parse_words(aet_args *args, int n, char **words)
{
    const aet_command *c = args->command;
    for (int i = 0; i < n; i++) {
        if (is_option(words[i]))
            AET_TRY(take_option(args, words, n, &i));
        else {
            AET_CHECK(args->n_inputs < MAX_WORDS, AET_ERR_USAGE, "more than %d inputs", MAX_WORDS);
            args->inputs[args->n_inputs++] = words[i];
        }
    }
    args->output = aet_args_get(args, "output");
    if (aet_args_get(args, "help"))
        return AET_OK;
    AET_CHECK(args->n_inputs >= c->min_inputs &&
                  (c->max_inputs < 0 || args->n_inputs <= c->max_inputs),
              AET_ERR_USAGE, "%s input%s given; usage: aetlas %s %s",
              args->n_inputs < c->min_inputs ? "too few" : "too many",
              args->n_inputs == 1 ? "" : "s", c->name, c->usage);
    AET_CHECK(!args->output || c->output != AET_NO_OUTPUT, AET_ERR_USAGE,
              "-o: aetlas %s writes no file; usage: aetlas %s %s", c->name, c->name, c->usage);
    AET_CHECK(args->output || c->output != AET_NEEDS_OUTPUT, AET_ERR_USAGE,
              "-o FILE is missing; usage: aetlas %s %s", c->name, c->usage);
    return AET_OK;
}

const char *aet_args_get(const aet_args *args, const char *name)
{
    for (int i = args->n_given - 1; i >= 0; i--)
        if (strcmp(args->given[i].name, name) == 0)
            return args->given[i].value;
    return NULL;
}

aet_err aet_args_real(const aet_args *args, const char *name, double low, double high,
                      double *value)
{
    const char *text = aet_args_get(args, name);
    double v;
    if (!text)
        return AET_OK;
    AET_CHECK(aet_str_real(text, &v), AET_ERR_USAGE, "--%s %s: expected a number", name, text);
    AET_CHECK(v >= low && v <= high, AET_ERR_USAGE, "--%s %s is outside %g to %g", name, text, low,
              high);
    *value = v;
    return AET_OK;
}

aet_err aet_args_int(const aet_args *args, const char *name, long low, long high, long *value)
{
    const char *text = aet_args_get(args, name);
    long v;
    if (!text)
        return AET_OK;
    AET_CHECK(aet_str_int(text, &v), AET_ERR_USAGE, "--%s %s: expected a whole number", name, text);
    AET_CHECK(v >= low && v <= high, AET_ERR_USAGE, "--%s %s is outside %ld to %ld", name, text,
              low, high);
    *value = v;
    return AET_OK;
}

aet_err aet_args_params(const aet_args *args, const aet_param_table *table, void *params)
{
    return aet_config_load(args->config, table, params);
}

static aet_err apply_shorthands(aet_args *args)
{
    char assignment[AET_TEXT_MAX];
    for (const aet_shorthand *s = args->command->shorthands; s && s->option; s++) {
        const char *value = aet_args_get(args, s->option);
        if (!value)
            continue;
        AET_CHECK(aet_fmt(assignment, sizeof assignment, "%s=%s", s->key, value), AET_ERR_USAGE,
                  "the value of --%s is too long", s->option);
        AET_TRY(aet_config_set(args->config, assignment));
    }
    return AET_OK;
}

static aet_err read_config(aet_args *args)
{
    int n_tables;
    const aet_param_table *const *tables = aet_all_tables(&n_tables);
    const char *file = aet_args_get(args, "config");
    args->config = aet_config_create();
    if (file) {
        char *text = NULL;
        AET_TRY(aet_read_text_all(args->comm, file, CONFIG_BYTES, &text));
        aet_err err = aet_config_add_text(args->config, text, file);
        aet_release(&text);
        AET_TRY(err);
    }
    for (int i = 0; i < args->n_given; i++)
        if (strcmp(args->given[i].name, "set") == 0)
            AET_TRY(aet_config_set(args->config, args->given[i].value));
    AET_TRY(apply_shorthands(args));
    return aet_config_check(args->config, tables, n_tables);
}

static aet_err parameters_text(const aet_config *config, const aet_param_table *const *tables,
                               char **text)
{
    size_t size = 0;
    *text = NULL;
    FILE *f = open_memstream(text, &size);
    AET_ASSERT(f);
    aet_err err = AET_OK;
    for (; tables && *tables && !err; tables++) {
        void *params = aet_new_bytes((*tables)->size);
        err = aet_config_load(config, *tables, params);
        if (!err)
            aet_config_print(f, *tables, params, false);
        aet_release(&params);
    }
    fclose(f);
    if (err) {
        free(*text);
        *text = NULL;
    }
    return err;
}

aet_err aet_args_record(const aet_args *args)
{
    char *text = NULL;
    AET_TRY(parameters_text(args->config, args->command->tables, &text));
    aet_provenance_set(args->command_line, text);
    free(text);
    return AET_OK;
}

static void set_log(const aet_args *args)
{
    aet_log_level level = AET_LOG_INFO;
    if (aet_args_get(args, "verbose"))
        level = AET_LOG_DEBUG;
    if (aet_args_get(args, "quiet"))
        level = AET_LOG_WARN;
    aet_log_init(args->rank, level);
}

static char *join(int argc, char **argv)
{
    size_t bytes = 8;
    for (int i = 1; i < argc; i++)
        bytes += strlen(argv[i]) + 1;
    char *line = aet_new_bytes(bytes);
    size_t used = (size_t)snprintf(line, bytes, "aetlas");
    for (int i = 1; i < argc; i++)
        used += (size_t)snprintf(line + used, bytes - used, " %s", argv[i]);
    return line;
}

static const aet_command *find_command(const char *name)
{
    for (int i = 0; aet_commands[i]; i++)
        if (strcmp(aet_commands[i]->name, name) == 0)
            return aet_commands[i];
    return NULL;
}

static aet_err unknown_command(const char *word)
{
    const char *names[64];
    int n = 0;
    for (; aet_commands[n] && n < 64; n++)
        names[n] = aet_commands[n]->name;
    const char *near = aet_str_nearest(word, names, n);
    AET_FAIL(AET_ERR_USAGE, "unknown command '%s'%s%s; 'aetlas help' lists them", word,
             near ? "; did you mean " : "", near ? near : "");
}

/* Whether the word after the command asks for help about it, so that no kind is needed. */
static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static aet_err print_version(aet_args *args)
{
    (void)args;
    aet_out("aetlas %s\n", AET_VERSION);
    return AET_OK;
}

static const aet_command version = {.name = "--version", .local = true, .run = print_version};

/* The command, and how many words name it. */
static aet_err name_command(int argc, char **argv, const aet_command **c, int *n_words)
{
    const char *word = argc > 1 ? argv[1] : "help";
    if (is_help(word))
        word = "help";
    *n_words = argc > 1;
    *c = strcmp(word, version.name) == 0 ? &version : find_command(word);
    if (!*c)
        return unknown_command(word);
    if ((*c)->kinds && !(argc > 2 && is_help(argv[2]))) {
        AET_TRY(aet_kind_find(*c, argc > 2 ? argv[2] : NULL, c));
        *n_words = 2;
    }
    return AET_OK;
}

aet_err aet_command_parse(int argc, char **argv, aet_args *args)
{
    int n_words;
    *args = (aet_args){.comm = MPI_COMM_NULL, .size = 1};
    AET_TRY(name_command(argc, argv, &args->command, &n_words));
    args->inputs = AET_NEW(const char *, MAX_WORDS);
    args->command_line = join(argc, argv);
    AET_TRY(parse_words(args, argc - 1 - n_words, argv + 1 + n_words));
    args->local = args->command->local || aet_args_get(args, "help");
    return AET_OK;
}

aet_err aet_command_run(MPI_Comm comm, aet_args *args)
{
    args->comm = comm;
    if (comm != MPI_COMM_NULL) {
        MPI_Comm_rank(comm, &args->rank);
        MPI_Comm_size(comm, &args->size);
    }
    if (aet_args_get(args, "help")) {
        aet_help_command(args->command);
        return AET_OK;
    }
    if (args->local)
        return args->command->run(args);
    set_log(args);
    AET_TRY(read_config(args));
    const char *stop_file = aet_args_get(args, "stop-file");
    aet_stop_init(stop_file ? stop_file : "stop");
    AET_TRY(aet_args_record(args));
    aet_err err = args->command->run(args);
    if (err == AET_OK || err == AET_ERR_PARTIAL)
        aet_phase_report(comm);
    return err;
}

void aet_command_free(aet_args *args)
{
    aet_config_free(&args->config);
    aet_release(&args->command_line);
    aet_release(&args->inputs);
}
