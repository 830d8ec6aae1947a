/* Inside the figures: what the texts of a panel mean for one particle (figures_priv.h tells their form).
 * Everything is Local. */
#ifndef AET_IO_FIGURES_VALUE_H
#define AET_IO_FIGURES_VALUE_H

#include "figures_priv.h"

typedef struct {
    enum { OF_COLUMN, OF_SPECIES, OF_RADIUS } of;
    const aet_atoms *a;
    const aet_column *c;
    int part;
    double centre[3];
} figure_field;
typedef struct {
    figure_field f;
    char op;
    double value;
} figure_condition;
/* A column, or a condition as 0 and 1. */
typedef struct {
    bool indicator;
    figure_condition c;
} figure_value;

/* Both false when the model lacks what they are about. */
bool figure_field_find(const aet_atoms *a, const char *name, figure_field *f);
bool figure_value_read(const aet_atoms *a, const char *text, figure_value *v);
double figure_field_at(const figure_field *f, int i);
double figure_value_at(const figure_value *v, int i);
bool figure_is_condition(const char *text);
/* Two texts of conditions with blanks between (the first may be NULL), as a mask to release; NULL when
 * the model lacks one. */
bool *figure_mask(const aet_atoms *a, const char *where, const char *more);

#endif
