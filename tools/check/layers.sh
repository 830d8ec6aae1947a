# Who may see whom: a file includes headers of its own module and of lower layers; stages never see each
# other; each library has one door; base names of files are unique.
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
{
    find include/aetlas src -name '*.[ch]' | sort
} | xargs grep -Hn '^ *# *include' | awk '
BEGIN {
    n = split("base par num data io physics prep,recon,unet,trace,analyse,simulate,brownian campaign cmd", layer, " ")
    for (i = 1; i <= n; i++) { m = split(layer[i], peer, ","); for (j = 1; j <= m; j++) level[peer[j]] = i }
    level["main"] = n + 1
    # header pattern -> where it may be included (a pattern of file names)
    door["^fftw3"] = "^src/num/fft([0-9]|_[a-z]+)?\\.c$" # one door, several files
    door["^(cblas|lapacke|openblas_config)\\.h"] = "^src/num/gemm\\.c$"
    door["^gsl/"] = "^src/num/"
    door["^(libqhull|libqhull_r)/"] = "^src/num/hull\\.c$"
    door["^petsc"] = "^src/num/solve\\.c$"
    door["^(oneapi/)?(dnnl|oneapi)"] = "^src/num/conv\\.c$"
    door["^(hdf5|H5)"] = "^src/io/h5(_[a-z]+)?\\.[ch]$" # one door, several files
    door["^zlib"] = "^src/io/mat5\\.c$"
    door["^tiff"] = "^src/io/tiff\\.c$"
    door["^png"] = "^src/io/png\\.c$"
    door["^ini\\.h"] = "^src/base/config\\.c$"
    door["^Random123/"] = "^src/base/rng\\.c$"
    door["^mpi\\.h"] = "."
    free = "^(assert|complex|ctype|dirent|errno|fcntl|fenv|float|glob|inttypes|limits|locale|math|pthread|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|sys/[a-z]+|time|unistd)\\.h$"
}
function complain(text) { print file ":" lineno ": " text; bad = 1 }
{
    split($0, part, ":")
    file = part[1]; lineno = part[2]
    path = file
    sub(/^src\//, "", path); sub(/^include\/aetlas\//, "", path)
    module = path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "main"
    if (!(module in level)) { complain("module " module " has no place in the layers"); next }
    match($0, /[<"][^>"]*[>"]/)
    quoted = substr($0, RSTART, 1) == "\""
    header = substr($0, RSTART + 1, RLENGTH - 2)
    if (quoted) {
        other = header
        sub(/^aetlas\//, "", other)
        if (other !~ /\//) next # a header of the same folder
        other = substr(other, 1, index(other, "/") - 1)
        if (other == module) next
        if (header !~ /^aetlas\// && module != "main") complain("private header of another module: " header)
        if (!(other in level)) complain("unknown module in \"" header "\"")
        else if (level[other] >= level[module]) complain(module " must not see " other " (" header ")")
        next
    }
    known = header ~ free
    for (d in door) if (header ~ d) {
        known = 1
        if (file !~ door[d]) complain("<" header "> may be included only by files like " door[d])
    }
    if (!known) complain("<" header "> is a library without a door: add it to tools/check/layers.sh")
}
END { exit bad }' || status=1

twice=$(find src -name '*.c' -exec basename {} \; | sort | uniq -d)
[ -z "$twice" ] || { echo "the same base name twice in src: $twice"; status=1; }
exit ${status:-0}
