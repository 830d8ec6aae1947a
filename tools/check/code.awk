# Prints FILE:LINE:code with comments and the insides of string and character constants removed.
FNR == 1 { in_comment = 0 }
{
    line = $0
    out = ""
    while (length(line)) {
        if (in_comment) {
            p = index(line, "*/")
            if (!p) break
            line = substr(line, p + 2)
            in_comment = 0
            continue
        }
        if (!match(line, /\/\*|\/\/|"|'/)) { out = out line; break }
        out = out substr(line, 1, RSTART - 1)
        found = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        if (found == "/*") { in_comment = 1; continue }
        if (found == "//") break
        while (length(line) && substr(line, 1, 1) != found)
            line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
        line = substr(line, 2)
        out = out found found
    }
    print FILENAME ":" FNR ":" out
}
