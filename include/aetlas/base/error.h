/* Errors: one list of codes, a message written where
 * the failure happens, frames added on the way up.
 *
 * Rules (CONTRIBUTING.md tells the reasons):
 *   - every fallible function returns aet_err; the innermost failure writes the text: what, which
 *     file, item, key or line, and what was expected;
 *   - a Collective function returns the same code on every rank of its communicator
 *     (see aetlas/par/agree.h); between two collectives there is no bare local return;
 *   - only main ends the process.
 *
 * The text belongs to the calling thread.  Everything here is Local.
 */
#ifndef AET_BASE_ERROR_H
#define AET_BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* name, exit status of the program, meaning */
#define AET_ERR_LIST(X)                                                                            \
    X(OK, 0, "success")                                                                            \
    X(DIFFER, 1, "compared things differ by more than the tolerance")                              \
    X(USAGE, 2, "wrong command line, key or parameter value")                                      \
    X(INPUT, 3, "an input is missing, damaged or not what was expected")                           \
    X(OUTPUT, 4, "an output cannot be written")                                                    \
    X(NOMEM, 5, "not enough memory")                                                               \
    X(NUMERIC, 6, "a computation failed or did not converge")                                      \
    X(STOPPED, 7, "stopped on request; run the same command again to go on")                       \
    X(PARTIAL, 8, "finished, but some items failed")                                               \
    X(BUG, 70, "internal error; please report it")

#define AET_ERR_ENUM(name, status, meaning) AET_ERR_##name = status,
typedef enum { AET_ERR_LIST(AET_ERR_ENUM) } aet_err;
#undef AET_ERR_ENUM
#define AET_OK AET_ERR_OK

#define AET_ERROR_TEXT_MAX 2048

/* Writes the text of a new failure (replacing any older text) and returns code. */
aet_err aet_error_set(aet_err code, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "fmt: " in front of the text: what the caller was doing.  Returns code; AET_OK is passed
 * through and writes nothing. */
aet_err aet_error_frame(aet_err code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The text of the last failure of this thread; "" if none.  Valid until the next failure. */
const char *aet_error_text(void);
/* file:line where it was raised, for debug logs. */
const char *aet_error_where(void);
void aet_error_clear(void);

const char *aet_err_name(aet_err code);
const char *aet_err_meaning(aet_err code);

/* An assertion of ours failed: prints, then calls the handler (main installs one that ends all
 * ranks); aborts if there is none.  Never returns. */
_Noreturn void aet_bug(const char *file, int line, const char *what);
void aet_bug_handler(void (*handler)(int status));

#define AET_FAIL(code, ...) return aet_error_set((code), __FILE__, __LINE__, __VA_ARGS__)
#define AET_CHECK(cond, code, ...)                                                                 \
    do {                                                                                           \
        if (!(cond))                                                                               \
            return aet_error_set((code), __FILE__, __LINE__, __VA_ARGS__);                         \
    } while (0)
#define AET_TRY(call)                                                                              \
    do {                                                                                           \
        aet_err aet_try_err_ = (call);                                                             \
        if (aet_try_err_ != AET_OK)                                                                \
            return aet_try_err_;                                                                   \
    } while (0)
/* For functions with something to free: needs `aet_err err = AET_OK` and a label `done`. */
#define AET_GO(call)                                                                               \
    do {                                                                                           \
        err = (call);                                                                              \
        if (err != AET_OK)                                                                         \
            goto done;                                                                             \
    } while (0)
#define AET_GO_CHECK(cond, code, ...)                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            err = aet_error_set((code), __FILE__, __LINE__, __VA_ARGS__);                          \
            goto done;                                                                             \
        }                                                                                          \
    } while (0)
#define AET_ASSERT(cond)                                                                           \
    do {                                                                                           \
        if (!(cond))                                                                               \
            aet_bug(__FILE__, __LINE__, #cond);                                                    \
    } while (0)

#endif
