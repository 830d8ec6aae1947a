/* Kinds of a command: `aetlas simulate tilt` is the kind tilt of simulate, a command of its own. */
#include "aetlas/base/str.h"
#include "cmd/command.h"
#include <string.h>

const char *aet_kind_word(const aet_command *kind)
{
    const char *space = strrchr(kind->name, ' ');
    return space ? space + 1 : kind->name;
}

aet_err aet_kind_find(const aet_command *c, const char *word, const aet_command **kind)
{
    const char *names[16];
    char all[AET_TEXT_MAX] = "";
    int n = 0;
    for (; c->kinds[n] && n < 16; n++) {
        names[n] = aet_kind_word(c->kinds[n]);
        size_t used = strlen(all);
        aet_fmt(all + used, sizeof all - used, "%s%s", n ? ", " : "", names[n]);
        if (word && strcmp(word, names[n]) == 0) {
            *kind = c->kinds[n];
            return AET_OK;
        }
    }
    AET_CHECK(word, AET_ERR_USAGE, "aetlas %s what? The next word is one of: %s", c->name, all);
    const char *near = aet_str_nearest(word, names, n);
    AET_FAIL(AET_ERR_USAGE, "aetlas %s knows no '%s'%s%s; the word after %s is one of: %s", c->name,
             word, near ? "; did you mean " : "", near ? near : "", c->name, all);
}
