# The command table, the files src/cmd/cmd_*.c, the table in README.md and the scripts in tests/cmd agree.
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
status=0
compare() { # what, file with names
    diff "$TMPDIR/files" "$2" >"$TMPDIR/diff" && return
    sed -n "s/^< /$1: missing: /p; s/^> /$1: no file src\/cmd\/cmd_*.c for: /p" "$TMPDIR/diff"
    status=1
}
find src/cmd -name 'cmd_*.c' | sed 's/.*cmd_//; s/\.c$//' | sort >"$TMPDIR/files"
sed -n 's/^ *X(\([a-z0-9_]*\)).*/\1/p' src/cmd/table.c | sort >"$TMPDIR/table"
compare 'src/cmd/table.c' "$TMPDIR/table"
sed -n 's/^| `\([a-z]*\)[` ].*/\1/p' README.md 2>/dev/null | sort >"$TMPDIR/readme"
compare 'README.md, table of commands' "$TMPDIR/readme"
for name in $(cat "$TMPDIR/files"); do
    compgen -G "tests/cmd/$name.sh" >/dev/null || compgen -G "tests/cmd/${name}_*.sh" >/dev/null || { echo "tests/cmd: no $name.sh"; status=1; }
done
exit $status
