# A small data set for tests of `aetlas simulate dataset`.  Use after lib.sh:   . "$(dirname "$0")/../dataset.sh"
#
#   dataset_recipe FILE [N]      6 + 2 + 1 items of 32^3 voxels, 2 in a shard, N (6) iterations for each
#   dataset_make N TO WORDS...   `aetlas simulate dataset recipe.ini -o TO WORDS...` on N ranks
#   dataset_same A B             the same files with the same bytes, but for the journals; nothing else left behind

dataset_recipe() {
    cat >"$1" <<END
[dataset]
train = 6
validation = 2
test = 1
per_shard = 2
tilts = 15
normalise = Pt

[particle]
shape = random
volume_low_A3 = 400
volume_high_A3 = 700
smooth_A = 1
fraction = 0.5
displacement_A = 0.2
rotate = random

[simulate]
pixel_A = 0.5
size = 32
sigma_A = Ni:0.6,Pt:0.7
weight = Pt:0.7

[reconstruct]
method = genfire
iterations = ${2:-6}
gridding = fft
oversampling = 2
radius = 0.3
END
}
dataset_make() {
    local n=$1 to=$2
    shift 2
    aet "$n" simulate dataset recipe.ini -o "$to" "$@"
}
dataset_same() {
    diff <(cd "$1" && find . | sort) <(cd "$2" && find . | sort) >&2 || fail "$1 and $2 hold different files"
    diff -rq -x dataset.journal "$1" "$2" >&2 || fail "files of $1 and $2 differ"
}
