/* Bounded text, numbers from text, and names near a mistyped one.  Everything is Local. */
#ifndef AET_BASE_STR_H
#define AET_BASE_STR_H

#include "aetlas/base/error.h"
#include <stdbool.h>
#include <stddef.h>

/* snprintf that always ends the text and returns false when it was cut. */
bool aet_fmt(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The whole of s as a number (blanks around it allowed); false if it is not one or is not finite
 * (aet_str_real) or does not fit a long (aet_str_int). */
bool aet_str_real(const char *s, double *value);
bool aet_str_int(const char *s, long *value);

/* A list of numbers with commas between, each with or without a name before it: "0.4,0.1" or
 * "Ni:3.5,Pt:3.9".  key[i] is the name without blanks, "" where there is none.  False when a word is
 * no number, a name is longer than fits, or there are more than max. */
bool aet_str_list(const char *text, int max, char (*key)[16], double *value, int *n);

/* Copies s without blanks at either end into buf (cut to fit). */
void aet_str_trim(const char *s, char *buf, size_t size);
bool aet_str_ends(const char *s, const char *end); /* ignoring case */
bool aet_str_same(const char *a, const char *b);   /* ignoring case */

/* The name nearest to `word` by edit distance among n names, or NULL if none is near. */
const char *aet_str_nearest(const char *word, const char *const *names, int n);

/* Last part of a path; path without its directory and last extension. */
const char *aet_path_base(const char *path);
void aet_path_stem(const char *path, char *buf, size_t size);
/* Directory part ("." if none). */
void aet_path_dir(const char *path, char *buf, size_t size);
void aet_path_join(char *buf, size_t size, const char *dir, const char *name);

#endif
