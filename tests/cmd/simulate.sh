# The simulate command from its command line: models, series and volumes, rank independence, wrong words.
# san: yes
. "$(dirname "$0")/../lib.sh"

same() { # two files hold the same data (provenance, which holds the command line, apart)
    expect_status 0 aet 1 compare "$1" "$2" -t 0
}

# particles: closed shells, exact composition, any number of ranks
expect_status 0 aet 1 simulate particle --shape octahedron --size 6 --species Ni,Pt --fraction 0.4 --seed 3 -o a.h5
expect_value out atoms == 146
expect_value out atoms_Ni == 58
expect_value out atoms_Pt == 88
expect_status 0 aet 1 simulate particle --shape truncated --size 7 --fraction 0.3 --surface-fraction 0.1 -o t.h5
expect_value out atoms == 201
expect_value out atoms_Ni == 60
expect_status 0 aet 1 simulate particle --shape cuboctahedron --size 4 --species Pd,Pt --fraction 1 --shell 1 -o c.h5
expect_value out atoms_Pd == 55
expect_value out atoms_Pt == 92
expect_status 0 aet 1 simulate particle --shape sphere --size 19.2 --lattice 3.9 --species Au -o s.h5
expect_value out atoms == 249
expect_status 0 aet 2 simulate particle --size 6 --displacement 0.1 --rotate random --seed 3 -o r2.h5
expect_status 0 aet 1 simulate particle --size 6 --displacement 0.1 --rotate random --seed 3 -o r1.h5
same r1.h5 r2.h5

# a series: angles from words and from a file, noise, any number of ranks
expect_status 0 aet 1 simulate tilt a.h5 --tilts -60:20:60 --pixel 0.4 --sigma Ni:0.6,Pt:0.7 -o t1.h5
expect_value out images == 7
expect_value out pixel_A == 0.4
expect_status 0 aet 3 simulate tilt a.h5 --tilts -60:20:60 --pixel 0.4 --sigma Ni:0.6,Pt:0.7 -o t3.h5
same t1.h5 t3.h5
printf -- '-60\n-40\n-20\n0\n20\n40\n60\n' >angles.tlt
expect_status 0 aet 2 simulate tilt a.h5 --angles angles.tlt --pixel 0.4 --sigma Ni:0.6,Pt:0.7 -o t2.h5
same t1.h5 t2.h5
expect_status 0 aet 1 simulate tilt a.h5 --tilts -60:20:60 --pixel 0.4 --dose 1e5 --seed 5 -o n1.h5
expect_text err 'dose 100000 e/A\^2.*counts'
expect_status 0 aet 4 simulate tilt a.h5 --tilts -60:20:60 --pixel 0.4 --dose 1e5 --seed 5 -o n4.h5
same n1.h5 n4.h5
expect_status 0 aet 1 simulate tilt a.h5 --tilts -60:20:60 --pixel 0.4 --dose 1e5 --seed 6 -o n6.h5
expect_status 1 aet 1 compare n1.h5 n6.h5 -t 1e-6

expect_status 0 aet 1 simulate tilt a.h5 --tilts -60:20:60 --pixel 0.4 --set simulate.size=70 --set simulate.size_y=50 -o l1.h5
expect_text out 'pixels = 70 50'
expect_status 0 aet 2 simulate tilt a.h5 --like l1.h5 -o l2.h5
same l1.h5 l2.h5

# the true volume
expect_status 0 aet 1 simulate volume a.h5 --pixel 0.5 --size 60 -o v1.h5
expect_value out voxels == 60
expect_status 0 aet 3 simulate volume a.h5 --pixel 0.5 --size 60 -o v3.h5
same v1.h5 v3.h5

# parameters come from --set too; options win
expect_status 0 aet 1 simulate tilt a.h5 --tilts 0:1:0 --set simulate.size=64 --set simulate.pixel_A=0.9 --pixel 0.5 -o p.h5
expect_value out pixels == 64
expect_value out pixel_A == 0.5

# wrong words: status, message, and no file left behind
wrong() { # STATUS PATTERN ARGS...
    local status=$1 pattern=$2
    shift 2
    expect_status "$status" aet "${RANKS:-1}" simulate "$@" -o wrong.h5
    expect_text err "$pattern"
    expect_no_file wrong.h5 wrong.h5.part
}
wrong 2 'knows no .partcle.*particle' partcle
wrong 2 'too few inputs given; usage: aetlas simulate tilt atoms.h5' tilt
wrong 2 'too many inputs' tilt a.h5 a.h5 --tilts 0:1:0
expect_status 2 aet 1 simulate
expect_text err 'one of: particle'
wrong 2 'unknown option --shape' tilt a.h5 --tilts 0:1:0 --shape cube
wrong 2 'one of --angles FILE, --tilts' tilt a.h5
wrong 2 'one of --angles FILE, --tilts' tilt a.h5 --tilts 0:1:0 --angles angles.tlt
wrong 2 'takes pixel and size' tilt a.h5 --like l1.h5 --pixel 1
wrong 2 'first:step:last' tilt a.h5 --tilts 0:60
wrong 2 'step does not lead' tilt a.h5 --tilts 0:-1:60
wrong 2 'no width for Pt' tilt a.h5 --tilts 0:1:0 --sigma Ni:0.6
wrong 2 'pixel_A.*outside' tilt a.h5 --tilts 0:1:0 --pixel -1
wrong 2 'unknown element' particle --species Ni,Zz
wrong 2 'whole atoms' particle --size 2.5
wrong 2 'more than 1' particle --fraction 1.5
RANKS=2 # failures of rank 0 and of all: the same status everywhere
wrong 3 'missing.h5' tilt missing.h5 --tilts 0:1:0
wrong 3 'missing.tlt' tilt a.h5 --angles missing.tlt
printf '0\nnan\n' >bad.tlt
wrong 3 'bad.tlt' tilt a.h5 --angles bad.tlt
RANKS=1
printf '1\n\nPt 0 0 1e9\n' >far.xyz
wrong 3 'reaches 1e\+09 A' volume far.xyz
expect_status 4 aet 2 simulate particle --size 3 -o nowhere/a.h5
