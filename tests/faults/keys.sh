# san: yes
# Wrong words, keys and values: status 2, and a message that says what was wrong and what would be right.
. "$(dirname "$0")/../lib.sh"
wrong() { # PATTERN aetlas-words...
    local pattern=$1
    shift
    expect_status 2 aet 1 "$@"
    expect_text err "^aetlas: .*$pattern"
    [ ! -s out ] || fail "something was printed: $(cat out)"
}
wrong "unknown command 'reconstuct'; did you mean reconstruct" reconstuct t.h5
wrong 'unknown option --outptu; did you mean --output' reconstruct t.h5 --outptu x
wrong 'too few inputs.*usage: aetlas reconstruct' reconstruct -o v.h5
wrong '-o FILE is missing' reconstruct t.h5
wrong 'needs a value' reconstruct t.h5 -o
wrong 'unknown.*iteratoins.*iterations' config --set reconstruct.iteratoins=3
wrong 'unknown.*reconstuct.*reconstruct' config --set reconstuct.iterations=3
wrong '--set: reconstruct.iterations: 0 is outside 1 to 100000' config --set reconstruct.iterations=0
wrong "iterations: 'many' is not a whole number" config --set reconstruct.iterations=many
wrong "method: 'magic' is not one of resire" config --set reconstruct.method=magic
wrong "positivity: 'perhaps' is neither true nor false" config --set reconstruct.positivity=perhaps
wrong 'lattice_A: 20 A is outside 2 to 10 A' config --set particle.lattice_A=20
wrong "lattice_A: 'nan' is not a number" config --set particle.lattice_A=nan
wrong 'section.key=value' config --set iterations

printf '[reconstruct]\niterations = 5\n\n[particle]\nlatice_A = 3.9\n' >c.ini
wrong "c.ini, line 5: unknown key 'latice_A'.*did you mean lattice_A" config -c c.ini
printf '[reconstruct]\niterations = 5\niterations = 6\n' >c.ini
wrong 'c.ini, line 3: reconstruct.iterations was given before, at c.ini, line 2' config -c c.ini
printf '[reconstruct\niterations = 5\n' >c.ini
wrong 'c.ini, line 1: expected .section.' config -c c.ini
expect_status 3 aet 1 config -c missing.ini
expect_text err 'missing.ini: No such file'

# on several ranks: the same status, the message once
expect_status 2 aet 2 config --set reconstruct.iterations=0
[ "$(grep -c 'iterations: 0' err)" = 1 ] || fail "the message came more than once: $(cat err)"
