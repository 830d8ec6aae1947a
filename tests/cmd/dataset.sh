# Data sets from the command line: files and their contents, the same bytes on any number of ranks and in parts, bad
# items, formats, wrong recipes.
# limit: 120
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../dataset.sh"
dataset_recipe recipe.ini

expect_status 0 dataset_make 1 one
expect_value out items == 9
expect_value out bad == 0
expect_value out shards == 5
expect_value out shards_left == 0
expect_file one/{train-0000{0,1,2},validation-00000,test-00000,train,validation,test}.h5 one/{manifest.csv,recipe.ini,dataset.journal}
expect_no_file one/items one/train-00003.h5
expect_status 0 aet 1 info one/train-00001.h5
expect_text out '^/input = real16 2 x 32 x 32 x 32'
expect_text out '^/target = real16 2 x 32 x 32 x 32'
expect_text out '^/truth/position_A = real32 [0-9]+ x 3'
expect_text out '^/good.min = 1$'
[ "$(wc -l <one/manifest.csv)" = 10 ] || fail "a manifest of $(wc -l <one/manifest.csv) lines"
expect_text one/manifest.csv '^split,item,shard,row,good,seed,.*,atoms,normalisation,correlation,.*,sigma_A_Pt,reason$'
expect_text one/manifest.csv '^validation,1,validation-00000.h5,1,1,'
awk -F, 'NR > 1 && !($12 > 0.6 && $12 < 1) { exit 1 }' one/manifest.csv || fail "inputs do not resemble their targets: $(cut -d, -f12 one/manifest.csv)"
[ "$(tail -n +2 one/manifest.csv | cut -d, -f6 | sort -u | wc -l)" = 9 ] || fail "seeds repeat"

# the same bytes: on two groups; in parts; done again
expect_status 0 dataset_make 2 two
expect_value out groups == 2
dataset_same one two
expect_status 0 dataset_make 1 parts --part 2:2
expect_value out shards == 3
expect_no_file parts/train-00000.h5 parts/train.h5
expect_status 0 dataset_make 1 parts --part 1:2
expect_no_file parts/train.h5
expect_status 0 dataset_make 1 parts
expect_value out items == 0
dataset_same one parts
expect_status 0 dataset_make 1 one
expect_value out items == 0
dataset_same one parts

# items that cannot be made cost themselves only
crowd='--set particle.displacement_A=0.9'
expect_status 0 dataset_make 2 crowd $crowd
expect_text err 'marked bad: .*too near'
expect_value out bad '>' 0
expect_value out bad '<' 9
expect_value out shards == 5
bad=$(value out bad)
[ "$(grep -c ',0,.*too near' crowd/manifest.csv)" = "$bad" ] || fail "the manifest does not tell the $bad bad items"
[ "$(grep -c 'failed.*too near' crowd/dataset.journal)" = "$bad" ] || fail "the journal does not tell the $bad bad items"
expect_status 0 dataset_make 1 crowd2 $crowd
dataset_same crowd crowd2

# other numbers of 16 bits, compressed; targets of Gaussians; groups of two ranks
expect_status 0 dataset_make 2 packed --set dataset.store=u16 --set dataset.compress=4 --set dataset.target=gaussians \
    --set dataset.ranks_per_item=2 --set dataset.normalise= --set dataset.train=3 --set dataset.test=0
expect_value out ranks_per_item == 2
expect_status 0 aet 1 info packed/train-00001.h5
expect_text out '^/input = integer16 1 x 32 x 32 x 32'
expect_text out '^/input.max = 65535$'
expect_no_file packed/test.h5

# the papers' recipes, made small
small='--set dataset.train=1 --set dataset.validation=0 --set dataset.test=0 --set simulate.size=32 --set reconstruct.iterations=3'
small="$small --set particle.volume_low_A3=200 --set particle.volume_high_A3=300"
for name in S000 S001_fcc S001_amorphous; do
    expect_status 0 aet 1 simulate dataset "$AET_ROOT/configs/dataset_$name.ini" -o $name $small
    expect_value out bad == 0
    expect_value out shards == 1
done

wrong() { # STATUS PATTERN FOLDER WORDS...
    local status=$1 pattern=$2
    shift 2
    expect_status "$status" dataset_make 1 "$@"
    expect_text err "$pattern"
}
expect_status 2 dataset_make 2 one --seed 5 # found by rank 0 alone
expect_text err 'another recipe'
wrong 2 'cubes of one size' new --set simulate.size=0
wrong 2 'no items' new --set dataset.train=0 --set dataset.validation=0 --set dataset.test=0
wrong 2 'Cu is not in particle.species' new --set dataset.normalise=Cu
wrong 2 'no width for Pt' new --set simulate.sigma_A=Ni:0.6
wrong 2 'K:N with' new --part 3:2
expect_no_file new
expect_status 3 aet 1 simulate dataset none.ini -o new
expect_status 4 dataset_make 1 recipe.ini/new
