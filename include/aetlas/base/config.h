/* Configuration: INI text with sections, overrides, and parameter tables declared once.
 *
 * A stage declares its parameters as an X-macro
 *
 *   #define AET_RESIRE_PARAMS(X)                                              \
 *       X(INT, iterations, 200, 1, 100000, "", "number of iterations")        \
 *       X(REAL, step, 2.0, 0.001, 10.0, "", "normalised step")                \
 *       X(BOOL, positivity, true, 0, 1, "", "clip negative density")          \
 *       X(CHOICE, method, "resire", 0, 0, "resire|genfire", "algorithm")      \
 *       X(TEXT, support, "", 0, 0, "file", "mask volume; empty: none")
 *   AET_PARAMS_STRUCT(aet_resire_params, AET_RESIRE_PARAMS);
 *   extern const aet_param_table aet_resire_table;              -- in the header
 *
 *   #define AET_PARAM_OWNER aet_resire_params                   -- in one .c file
 *   AET_PARAMS_TABLE(aet_resire_table, "reconstruct", "RESIRE", AET_RESIRE_PARAMS);
 *
 * which gives the struct (INT: int, REAL: double, BOOL: bool, CHOICE: int, the index in the list,
 * TEXT: char[256]), defaults, range checks that name the unit, help texts and configs/default.ini.
 * Order of precedence: built-in < file < --set section.key=value.  Everything is Local.
 */
#ifndef AET_BASE_CONFIG_H
#define AET_BASE_CONFIG_H

#include "aetlas/base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define AET_TEXT_MAX 256

typedef enum {
    AET_PARAM_INT,
    AET_PARAM_REAL,
    AET_PARAM_BOOL,
    AET_PARAM_CHOICE,
    AET_PARAM_TEXT
} aet_param_type;

typedef struct {
    aet_param_type type;
    const char *name;
    const char *initial; /* default, as source text; quotes are ignored */
    double low, high;    /* inclusive range of INT and REAL */
    const char *unit;    /* unit, or a|b|c for CHOICE */
    const char *help;
    size_t offset;
} aet_param;

typedef struct {
    const char *section;
    const char *title;
    const aet_param *params;
    int n;
    size_t size;
} aet_param_table;

#define AET_PARAM_C_INT(name)                                        int name;
#define AET_PARAM_C_REAL(name)                                       double name;
#define AET_PARAM_C_BOOL(name)                                       bool name;
#define AET_PARAM_C_CHOICE(name)                                     int name;
#define AET_PARAM_C_TEXT(name)                                       char name[AET_TEXT_MAX];
#define AET_PARAM_MEMBER(type, name, initial, low, high, unit, help) AET_PARAM_C_##type(name)
#define AET_PARAMS_STRUCT(struct_name, LIST)                                                       \
    typedef struct {                                                                               \
        LIST(AET_PARAM_MEMBER)                                                                     \
    } struct_name

/* The user names AET_PARAM_OWNER before expanding the list: see AET_PARAMS_TABLE. */
#define AET_PARAM_ROW(type, name, initial, low, high, unit, help)                                  \
    {AET_PARAM_##type, #name, #initial, low, high, unit, help, offsetof(AET_PARAM_OWNER, name)},
/* Before: #define AET_PARAM_OWNER struct_name */
#define AET_PARAMS_TABLE(table, section, title, LIST)                                              \
    static const aet_param table##_rows[] = {LIST(AET_PARAM_ROW)};                                 \
    const aet_param_table table = {section, title, table##_rows,                                   \
                                   (int)(sizeof table##_rows / sizeof *table##_rows),              \
                                   sizeof(AET_PARAM_OWNER)}

typedef struct aet_config aet_config;

aet_config *aet_config_create(void);
void aet_config_free(aet_config **c);
/* Adds the entries of INI text; `origin` (a file name) appears in messages.  USAGE on bad syntax
 * or a key given twice, with the line number. */
aet_err aet_config_add_text(aet_config *c, const char *text, const char *origin);
/* Adds one override of the form section.key=value. */
aet_err aet_config_set(aet_config *c, const char *assignment);
/* USAGE for any section or key that no table knows, with the nearest known name.  Sections may
 * belong to several tables. */
aet_err aet_config_check(const aet_config *c, const aet_param_table *const *tables, int n);
/* Fills the struct of a table: defaults, then what c holds for its section (c may be NULL).
 * USAGE for a value that is not of the type or outside the range, with unit, range and origin. */
aet_err aet_config_load(const aet_config *c, const aet_param_table *table, void *params);

/* Writes a section with every key at its value (params NULL: at its default); annotate adds help,
 * unit and range as comments. */
void aet_config_print(FILE *f, const aet_param_table *table, const void *params, bool annotate);
/* The same as a new text, without annotation; release with aet_release. */
char *aet_config_text(const aet_param_table *table, const void *params);
/* Parses text (quotes around it ignored) into the member of params; USAGE says why not. */
aet_err aet_param_parse(const aet_param *p, const char *source, void *params);
/* One value as text into buf. */
void aet_param_text(const aet_param *p, const void *params, char *buf, size_t size);

#endif
