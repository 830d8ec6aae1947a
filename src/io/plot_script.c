/* A plot as commands of gnuplot. */
#include "aetlas/base/str.h"
#include "plot_priv.h"
#include <math.h>
#include <string.h>

#define INK "#333333"

/* A gnuplot string: single quotes, doubled inside; nothing else is special. */
static void quoted(FILE *f, const char *s)
{
    fputc('\'', f);
    for (; *s; s++) {
        if (*s == '\'')
            fputc('\'', f);
        fputc(*s == '\n' ? ' ' : *s, f);
    }
    fputc('\'', f);
}

static void labelled(FILE *f, const char *what, const char *s)
{
    fprintf(f, "set %s ", what);
    quoted(f, s);
    fputc('\n', f);
}

/* Of all series: ends, least distance of neighbours, and whether all are whole numbers. */
typedef struct {
    double low, high, step;
    bool whole, points, bars;
} extent;

static extent find_extent(const aet_plot *p)
{
    extent e = {HUGE_VAL, -HUGE_VAL, HUGE_VAL, true, false, false};
    for (int k = 0; k < p->n_series; k++) {
        const aet_plot_series *s = &p->series[k];
        e.bars |= s->style == AET_PLOT_BARS;
        e.points |= s->style != AET_PLOT_BARS && s->style != AET_PLOT_LINE;
        for (int i = 0; i < s->n; i++) {
            e.low = fmin(e.low, s->x[i]);
            e.high = fmax(e.high, s->x[i]);
            e.whole = e.whole && s->x[i] == floor(s->x[i]);
            if (i > 0 && s->x[i] != s->x[i - 1])
                e.step = fmin(e.step, fabs(s->x[i] - s->x[i - 1]));
        }
    }
    return e;
}

/* Points and bars do not lie on the frame. */
static void x_range(FILE *f, const aet_plot *p, const extent *e)
{
    double width = isfinite(e->step) ? e->step : 1;
    double rim = e->bars ? 0.75 * width : e->points ? 0.04 * (e->high - e->low) : 0;
    fprintf(f, "set boxwidth %.10g absolute\n", 0.85 * width);
    if (p->x_low < p->x_high)
        fprintf(f, "set xrange [%.10g:%.10g]\n", p->x_low, p->x_high);
    else if (p->n_ticks > 0)
        fprintf(f, "set xrange [-0.5:%.10g]\n", p->n_ticks - 0.5);
    else if (rim > 0)
        fprintf(f, "set xrange [%.10g:%.10g]\n", e->low - rim, e->high + rim);
    if (e->whole && e->high - e->low >= 1 && e->high - e->low <= 16)
        fputs("set xtics 1\n", f);
    else if (e->low >= 0 && e->high >= 10000)
        fputs("set format x '%.0s%c'\n", f); /* 4k, 8k */
}

/* Ends chosen by the data leave no mark out. */
static void y_range(FILE *f, const aet_plot *p)
{
    double low = HUGE_VAL, high = -HUGE_VAL;
    for (int k = 0; k < p->n_marks; k++)
        if (!p->marks[k].upright) {
            low = fmin(low, p->marks[k].at);
            high = fmax(high, p->marks[k].at);
        }
    if (p->y_low < p->y_high)
        fprintf(f, "set yrange [%.10g:%.10g]\n", p->y_low, p->y_high);
    else if (p->from_zero && p->y_most > 0)
        fprintf(f, "set yrange [0:*<%.10g]\n", p->y_most);
    else if (p->from_zero)
        fprintf(f, high > 0 ? "set yrange [0:%.10g<*]\n" : "set yrange [0:*]\n", high);
    else if (low <= high)
        fprintf(f, "set yrange [*<%.10g:%.10g<*]\n", low, high);
    if (p->log_y)
        fputs("set logscale y\nset format y '%g'\n", f);
}

static void ticks(FILE *f, const aet_plot *p)
{
    for (int k = 0; k < p->n_ticks; k++) {
        fputs(k ? ", " : "set xtics (", f);
        quoted(f, p->ticks[k]);
        fprintf(f, " %d", k);
    }
    if (p->n_ticks > 0)
        fputs(")\n", f);
}

/* A gnuplot string with line ends. */
static void put_lines(FILE *f, const char *s)
{
    fputc('"', f);
    for (; *s; s++)
        if (*s == '\n')
            fputs("\\n", f);
        else {
            if (*s == '"' || *s == '\\')
                fputc('\\', f);
            fputc(*s, f);
        }
    fputc('"', f);
}

static int longest_line(const char *s)
{
    int longest = 0;
    while (*s) {
        int n = (int)strcspn(s, "\n");
        longest = n > longest ? n : longest;
        s += n + (s[n] == '\n');
    }
    return longest;
}

/* Words stand right of a plot, or in the room above its data: they cover none. */
static void put_mark(FILE *f, const aet_plot_mark *m)
{
    const char *line = " nohead back dt 3 lw 1.5 lc rgb '#777777'\nset label ";
    if (m->upright)
        fprintf(f, "set arrow from first %.10g, graph 0 to first %.10g, graph 1%s", m->at, m->at,
                line);
    else
        fprintf(f, "set arrow from graph 0, first %.10g to graph 1, first %.10g%s", m->at, m->at,
                line);
    put_lines(f, m->label);
    if (m->upright)
        fprintf(f, " at first %.10g, graph 0.95 left offset 0.6,0", m->at);
    else
        fprintf(f, " at graph 1.01, first %.10g left", m->at);
    fputs(" tc rgb '#555555'\n", f);
}

static void marks(FILE *f, const aet_plot *p)
{
    int right = 0;
    bool above = false;
    for (int k = 0; k < p->n_marks; k++) {
        put_mark(f, &p->marks[k]);
        above |= p->marks[k].upright;
        if (!p->marks[k].upright && longest_line(p->marks[k].label) > right)
            right = longest_line(p->marks[k].label);
    }
    if (right)
        fprintf(f, "set rmargin %d\n", right + 1);
    fprintf(f, "set offsets 0, 0, graph %s, graph 0\n", above ? "0.12" : "0.04");
}

static void terminal(FILE *f, const char *file, bool svg)
{
    fprintf(f, "set terminal %s noenhanced font 'Helvetica,%d' size %s\n", svg ? "svg" : "pngcairo",
            svg ? 16 : 24, svg ? "640,480 background 'white'" : "1280,960 lw 2 ps 2");
    labelled(f, "output", file);
}

static void heading(FILE *f, const aet_plot *p)
{
    fputs("set encoding utf8\nset datafile separator ','\nset datafile missing ''\n", f);
    if (p->title)
        labelled(f, "title", p->title);
    labelled(f, "xlabel", p->x_label);
    labelled(f, "ylabel", p->y_label);
    fputs("set grid y lw 0.7 lt 1 lc rgb '#dddddd'\nset border lw 1 lc rgb '" INK "'\n"
          "set tics out nomirror tc rgb '" INK "'\n"
          "set style fill transparent solid 0.2 noborder\n",
          f);
    fputs(p->no_key ? "set key off\n"
                    : "set key tmargin center horizontal Left reverse samplen 2 width 1\n",
          f);
    if (p->right_label) {
        labelled(f, "y2label", p->right_label);
        fputs("set y2tics\n", f);
    }
    extent e = find_extent(p);
    x_range(f, p, &e);
    y_range(f, p);
    ticks(f, p);
    marks(f, p);
}

uint32_t aet_plot_color(int k)
{
    static const uint32_t palette[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7,
                                       0xe69f00, 0x56b4e9, 0x000000};
    return palette[k % (int)(sizeof palette / sizeof *palette)];
}

uint32_t aet_plot_shade(uint32_t color, double t)
{
    const double white = t < 0.5 ? 0.6 * (1 - 2 * t) : 0, black = t > 0.5 ? 0.5 * (2 * t - 1) : 0;
    uint32_t shade = 0;
    for (int k = 16; k >= 0; k -= 8) {
        double v = (color >> k) & 255;
        v += white * (255 - v) - black * v;
        shade = shade << 8 | (uint32_t)(v + 0.5);
    }
    return shade;
}

static bool has_band(const aet_plot_series *q)
{
    return q->style == AET_PLOT_LINE || q->style == AET_PLOT_PROFILE;
}

/* y - e or y + e in terms of gnuplot, kept within the frame of the left axis: where an edge leaves it, gnuplot fills
 * the band to the axis at the neighbouring points too. */
static void band_edge(FILE *f, const aet_plot *p, const aet_plot_series *q, int y, char sign)
{
    bool fixed = p->y_low < p->y_high, most = p->from_zero && p->y_most > 0;
    double end = sign == '-' ? (fixed ? p->y_low : 0) : fixed ? p->y_high : p->y_most;
    char value[64];
    aet_fmt(value, sizeof value, "$%d%c$%d", y, sign, y + 1);
    if (!q->right && (fixed || (sign == '-' ? p->from_zero : most)))
        fprintf(f, ":(%s%c%.10g?%.10g:%s)", value, sign == '-' ? '<' : '>', end, end, value);
    else
        fprintf(f, ":(%s)", value);
}

static void draw_error(FILE *f, const aet_plot *p, const aet_plot_series *q, int s, const char *csv,
                       const char *color)
{
    const char *ends = q->style == AET_PLOT_BARS ? INK : color;
    const char *axes = q->right ? " axes x1y2" : "";
    int x = 3 * s + 1, y = x + 1, e = x + 2;
    quoted(f, csv);
    if (has_band(q)) {
        fprintf(f, " skip 1 using %d", x);
        band_edge(f, p, q, y, '-');
        band_edge(f, p, q, y, '+');
        fprintf(f, "%s with filledcurves lc rgb '%s' notitle", axes, color);
    } else {
        fprintf(f, " skip 1 using ($%d+%g):%d:%d%s with yerrorbars pt 0 lw 1.5 lc rgb '%s' notitle",
                x, q->shift, y, e, axes, ends);
    }
}

static void labelled_key(FILE *f, const char *label)
{
    fputs("title ", f);
    quoted(f, label);
}

static void draw_series(FILE *f, const aet_plot *p, int s, const char *csv)
{
    static const int shapes[] = {7, 5, 9, 13, 11, 15};
    static const char *const with[] = {
        "lines lw 2.5",           "points ps 1.1",           "linespoints lw 2 ps 1.1",
        "boxes fs solid 0.6",     "linespoints lw 2 ps 0.8", "points ps 0.35",
        "points pt 2 ps 1.8 lw 3"};
    const aet_plot_series *q = &p->series[s];
    char color[16], shape[16] = "";
    aet_fmt(color, sizeof color, "#%06x", (unsigned)(q->color ? q->color : aet_plot_color(s)));
    bool above = q->style == AET_PLOT_BARS, dots = q->style == AET_PLOT_DOTS;
    if (q->style != AET_PLOT_LINE && !above && q->style != AET_PLOT_CROSSES)
        aet_fmt(shape, sizeof shape, " pt %d", dots ? 7 : shapes[s % 6]);
    if (q->error && !above) {
        draw_error(f, p, q, s, csv, color);
        fputs(", ", f);
    }
    quoted(f, csv);
    fprintf(f, " skip 1 using ($%d+%g):%d%s with %s%s lc rgb '%s' ", 3 * s + 1, q->shift, 3 * s + 2,
            q->right ? " axes x1y2" : "", with[q->style], shape, color);
    if (dots) /* too small to tell their colour in the key */
        fprintf(f, "notitle, NaN with points pt 7 ps 1.1 lc rgb '%s' ", color);
    labelled_key(f, q->label);
    if (q->error && above) {
        fputs(", ", f);
        draw_error(f, p, q, s, csv, color);
    }
    fputs(s + 1 < p->n_series ? ", " : "\n", f);
}

void aet_plot_script(FILE *f, const aet_plot *p, const char *csv, const char *file, bool svg,
                     bool again)
{
    terminal(f, file, svg);
    if (again) {
        fputs("replot\n", f);
        return;
    }
    heading(f, p);
    fputs("plot ", f);
    for (int s = 0; s < p->n_series; s++)
        draw_series(f, p, s, csv);
}
