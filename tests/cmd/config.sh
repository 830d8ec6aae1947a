# What `config` prints can be read back and gives the same; the order is built-in < file < --set.
. "$(dirname "$0")/../lib.sh"
expect_status 0 aet 1 config
cp out full
expect_status 0 aet 1 config -o full.ini
cmp full full.ini
expect_status 0 aet 1 config -c full.ini
cmp out full
grep -B1 '^[a-z_A-Z0-9]* =' full | grep -v -e '^#' -e ' =' -e '^--' -e '^\[' >bare || true
[ ! -s bare ] || fail "keys without a comment: $(cat bare)"
printf '[reconstruct]\niterations = 50\nmethod = genfire\n' >c.ini
expect_status 0 aet 1 config reconstruct -c c.ini --set reconstruct.iterations=60
expect_text out '^iterations = 60$'
expect_text out '^method = genfire$'
expect_no_text out '^\[particle\]'
for f in "$AET_ROOT"/configs/*.ini; do # what we ship
    expect_status 0 aet 1 config -c "$f"
done
