# Each header compiles alone, has a guard, and its first declarations say Collective or Local.
cd "${AET_ROOT:?run this as: tests/run check/}" || exit 2
[ -e "$AET_BUILD/flags" ] || { echo "no $AET_BUILD/flags: run make first"; exit 1; }
status=0
find include src -name '*.h' | sort | xargs -P 2 -n 8 $(cat "$AET_BUILD/flags") -Werror -Wno-unused-macros \
    -fsyntax-only -x c || status=1
for h in $(find include -name '*.h' | sort); do
    guard=AET_$(echo "${h#include/aetlas/}" | tr 'a-z/.-' 'A-Z___')
    grep -q "^#ifndef $guard\$" "$h" || { echo "$h: include guard is not $guard"; status=1; }
    case $(head -n 1 "$h") in
    '/*'*) ;;
    *) echo "$h: does not begin with a comment that says what it is"; status=1 ;;
    esac
done
# whoever takes a communicator or a noun on ranks must say so
for h in $(grep -l 'MPI_Comm' -r include | sort); do
    grep -Eq 'Collective|Local' "$h" || { echo "$h: takes an MPI_Comm and never says Collective or Local"; status=1; }
done
exit $status
