#include "aetlas/base/config.h"

#include "aetlas/base/mem.h"
#include "aetlas/base/str.h"
#include <ini.h>
#include <string.h>

enum { WORD = 64 };

typedef struct {
    char section[WORD], key[WORD], value[AET_TEXT_MAX];
    char origin[320]; /* file and line, or --set */
    bool override;
} entry;

struct aet_config {
    int n, room;
    entry *entries;
};

aet_config *aet_config_create(void)
{
    return AET_NEW(aet_config, 1);
}

void aet_config_free(aet_config **c)
{
    if (!*c)
        return;
    aet_release(&(*c)->entries);
    aet_release(c);
}

static entry *find(const aet_config *c, const char *section, const char *key)
{
    for (int i = 0; c && i < c->n; i++)
        if (strcmp(c->entries[i].section, section) == 0 && strcmp(c->entries[i].key, key) == 0)
            return &c->entries[i];
    return NULL;
}

static entry *append(aet_config *c)
{
    if (c->n == c->room) {
        int room = c->room ? 2 * c->room : 32;
        entry *grown = AET_NEW(entry, room);
        if (c->n)
            memcpy(grown, c->entries, (size_t)c->n * sizeof *grown);
        aet_release(&c->entries);
        c->entries = grown;
        c->room = room;
    }
    return &c->entries[c->n++];
}

static aet_err put(aet_config *c, const char *section, const char *key, const char *value,
                   const char *origin, bool override)
{
    entry *e = find(c, section, key);
    AET_CHECK(!e || override || e->override, AET_ERR_USAGE, "%s: %s.%s was given before, at %s",
              origin, section, key, e->origin);
    if (e && e->override && !override)
        return AET_OK;
    AET_CHECK(strlen(section) < WORD && strlen(key) < WORD && strlen(value) < AET_TEXT_MAX,
              AET_ERR_USAGE, "%s: %s.%s: name or value too long", origin, section, key);
    if (!e)
        e = append(c);
    aet_fmt(e->section, WORD, "%s", section);
    aet_fmt(e->key, WORD, "%s", key);
    aet_fmt(e->value, AET_TEXT_MAX, "%s", value);
    aet_fmt(e->origin, sizeof e->origin, "%s", origin);
    e->override = override;
    return AET_OK;
}

/* inih gives one line at a time through this reader, which counts lines for the messages. */
typedef struct {
    aet_config *config;
    const char *next, *origin;
    int line;
    aet_err err;
} reading;

static char *next_line(char *buf, int size, void *user)
{
    reading *r = user;
    if (!*r->next)
        return NULL;
    int n = 0;
    while (*r->next && n < size - 1) {
        char ch = *r->next++;
        buf[n++] = ch;
        if (ch == '\n')
            break;
    }
    buf[n] = 0;
    r->line++;
    if (n == size - 1 && buf[n - 1] != '\n' && *r->next) {
        r->err =
            aet_error_set(AET_ERR_USAGE, __FILE__, __LINE__,
                          "%s, line %d: longer than %d characters", r->origin, r->line, size - 1);
        return NULL;
    }
    return buf;
}

static int take(void *user, const char *section, const char *key, const char *value)
{
    reading *r = user;
    char origin[300];
    aet_fmt(origin, sizeof origin, "%s, line %d", r->origin, r->line);
    r->err = put(r->config, section, key, value, origin, false);
    return r->err == AET_OK;
}

aet_err aet_config_add_text(aet_config *c, const char *text, const char *origin)
{
    reading r = {c, text, origin, 0, AET_OK};
    int status = ini_parse_stream(next_line, &r, take, &r);
    AET_TRY(r.err);
    AET_CHECK(status == 0, AET_ERR_USAGE,
              "%s, line %d: expected [section], key = value or a # comment", origin, status);
    return AET_OK;
}

aet_err aet_config_set(aet_config *c, const char *assignment)
{
    char section[WORD], key[WORD], value[AET_TEXT_MAX];
    const char *equal = strchr(assignment, '='), *dot = strchr(assignment, '.');
    AET_CHECK(equal && dot && dot < equal && dot > assignment && dot + 1 < equal, AET_ERR_USAGE,
              "--set %s: expected section.key=value", assignment);
    AET_CHECK(dot - assignment < WORD && equal - dot <= WORD, AET_ERR_USAGE,
              "--set %s: name too long", assignment);
    aet_fmt(section, sizeof section, "%.*s", (int)(dot - assignment), assignment);
    aet_fmt(key, sizeof key, "%.*s", (int)(equal - dot - 1), dot + 1);
    AET_CHECK(strlen(equal + 1) < sizeof value, AET_ERR_USAGE, "--set %s: value too long",
              assignment);
    aet_str_trim(equal + 1, value, sizeof value);
    aet_str_trim(section, section, sizeof section);
    aet_str_trim(key, key, sizeof key);
    return put(c, section, key, value, "--set", true);
}

static aet_err check_entry(const entry *e, const aet_param_table *const *tables, int n)
{
    enum { MANY = 512 };
    const char *names[MANY];
    int n_names = 0;
    bool known_section = false;
    for (int t = 0; t < n; t++) {
        bool same = strcmp(tables[t]->section, e->section) == 0;
        known_section |= same;
        for (int i = 0; same && i < tables[t]->n && n_names < MANY; i++) {
            if (strcmp(tables[t]->params[i].name, e->key) == 0)
                return AET_OK;
            names[n_names++] = tables[t]->params[i].name;
        }
    }
    for (int t = 0; !known_section && t < n && n_names < MANY; t++)
        names[n_names++] = tables[t]->section;
    const char *wrong = known_section ? e->key : e->section;
    const char *near = aet_str_nearest(wrong, names, n_names);
    AET_FAIL(AET_ERR_USAGE, "%s: unknown %s '%s'%s%s%s%s; 'aetlas config' lists all", e->origin,
             known_section ? "key" : "section", wrong, known_section ? " in section " : "",
             known_section ? e->section : "", near ? "; did you mean " : "", near ? near : "");
}

aet_err aet_config_check(const aet_config *c, const aet_param_table *const *tables, int n)
{
    for (int i = 0; c && i < c->n; i++)
        AET_TRY(check_entry(&c->entries[i], tables, n));
    return AET_OK;
}

aet_err aet_config_load(const aet_config *c, const aet_param_table *table, void *params)
{
    memset(params, 0, table->size);
    for (int i = 0; i < table->n; i++) {
        const aet_param *p = &table->params[i];
        AET_ASSERT(aet_param_parse(p, p->initial, params) == AET_OK);
        entry *e = find(c, table->section, p->name);
        if (e) {
            aet_err err = aet_param_parse(p, e->value, params);
            if (err)
                return aet_error_frame(err, "%s: %s.%s", e->origin, table->section, p->name);
        }
    }
    return AET_OK;
}
