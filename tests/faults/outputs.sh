# san: yes
# Outputs that cannot be written: status 4, a message that names the file, and nothing left behind.
. "$(dirname "$0")/../lib.sh"
make_particle() { aet "$1" simulate particle --size 12 -o "$2"; }
expect_clean() { [ -z "$(find "$1" -name '*.part*')" ] || fail "left behind: $(find "$1" -name '*.part*')"; }

expect_status 0 make_particle 1 model.h5
echo "not a folder" >file
for target in file/atoms.h5 missing/atoms.h5; do
    for n in 1 2; do
        expect_status 4 make_particle $n $target
        expect_text err "^aetlas: .*$target"
        [ "$(grep -c '^aetlas: ' err)" = 1 ] || fail "the error was not printed once: $(cat err)"
    done
    expect_status 4 aet 1 config -o $target
    expect_text err "^aetlas: .*$target: cannot be written"
done
expect_status 4 aet 1 config -o /dev/null # renaming onto a device would destroy it
expect_text err '/dev/null: exists and is not a regular file'
[ -c /dev/null ] || fail "/dev/null is gone"
mkdir folder.h5
expect_status 4 make_particle 1 folder.h5
if [ "$(id -u)" != 0 ]; then # root may write anywhere
    mkdir closed && chmod 555 closed
    expect_status 4 make_particle 2 closed/atoms.h5
    expect_text err 'closed/atoms.h5: .*Permission denied'
fi

# standard output that cannot be written is a failure as well
if [ -c /dev/full ]; then
    status=0
    aet 1 config >/dev/full 2>err || status=$?
    [ $status = 4 ] || fail "status $status with a full standard output"
fi

# a full disk: a small file system of our own, where the kernel lets us make one
cat >in_small_disk.sh <<'END'
mkdir small && mount -t tmpfs -o size=24k none small || exit 99
status=0
"$@" || status=$?
find small -type f >left
exit $status
END
if unshare -rm true 2>/dev/null && unshare -rm sh -c 'mount -t tmpfs none /mnt' 2>/dev/null; then
    rm -rf small
    expect_status 4 unshare -rm sh in_small_disk.sh "$AETLAS" simulate particle --size 12 -o small/atoms.h5
    expect_text err 'small/atoms.h5: (no space|could not be written)'
    [ ! -s left ] || fail "left behind on the full disk: $(cat left)"
    rm -rf small
    expect_status 4 unshare -rm sh in_small_disk.sh "$AETLAS" simulate tilt model.h5 --tilts -60:3:60 -o small/tilt.h5
    expect_text err 'small/tilt.h5: (no space|could not be written)'
    [ ! -s left ] || fail "left behind on the full disk: $(cat left)"
else
    echo "a file system of our own is not allowed here: the full disk was not tried"
fi
expect_clean .
