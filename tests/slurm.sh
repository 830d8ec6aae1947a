# A private Slurm on this machine, for tests.  Use after lib.sh:   . "$(dirname "$0")/../slurm.sh"; slurm_start
#
# munged, slurmctld and slurmd run from Debian's packages as the user who calls, with key, configuration,
# spool, logs and ports of their own below $PWD/slurm; nothing of the system's configuration is read or
# written.  All of it ends with the test, failed or not.  The one node `node1` has 4 CPUs, whatever is there.
# Where it cannot be started the test skips and says why.
#
#   slurm_start              starts it and waits for an idle node
#   slurm_wait JOB SECONDS   until the job (or array) has left the queue; fails after so many seconds
#   slurm_state JOB          final state and exit code as scontrol tells them: COMPLETED 0:0
PATH=$PATH:/usr/sbin:/sbin
export AET_SLURM=$PWD/slurm SLURM_CONF=$PWD/slurm/slurm.conf

slurm_ours() { # processes that carry our folder in their environment, or (slurmstepd) our log as open file
    local d p
    for d in /proc/[0-9]*; do
        p=${d#/proc/}
        [ "$p" != $$ ] && [ "$p" != "$BASHPID" ] || continue
        if tr '\0' '\n' 2>/dev/null <"$d/environ" | grep -qx "AET_SLURM_OURS=$AET_SLURM" ||
            ls -l "$d/fd" 2>/dev/null | grep -q " $AET_SLURM/slurmd.log\$"; then echo "$p"; fi
    done
}
slurm_stop() {
    local status=$? pids
    trap - EXIT TERM INT ERR
    set +eE
    [ $status = 0 ] || [ $status = 77 ] || tail -n 15 "$AET_SLURM"/*.log 2>/dev/null >&2
    pids=$(jobs -p) # munged, slurmctld, slurmd; then the job steps and their ranks
    kill -TERM $pids 2>/dev/null
    kill -KILL $(slurm_ours | grep -vxF "$pids") 2>/dev/null
    for _ in $(seq 20); do [ -n "$(jobs -rp)" ] || break; sleep 0.1; done
    kill -KILL $(slurm_ours) 2>/dev/null
    wait 2>/dev/null
    exit $status
}
free_port() {
    local port
    for _ in 1 2 3 4 5 6 7 8 9; do
        port=$((20000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo $port; return; }
    done
    skip "no free TCP port found"
}
slurm_configure() {
    local me ctl_port d_port
    me=$(id -un) ctl_port=$(free_port) d_port=$(free_port)
    mkdir -p "$AET_SLURM/state" "$AET_SLURM/spool"
    chmod 700 "$AET_SLURM"
    head -c 1024 /dev/urandom >"$AET_SLURM/munge.key"
    chmod 400 "$AET_SLURM/munge.key"
    cat >"$SLURM_CONF" <<CONF
ClusterName=aetlas
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
AuthInfo=socket=$AET_SLURM/munge.sock
CredType=cred/munge
SlurmctldPort=$ctl_port
SlurmdPort=$d_port
StateSaveLocation=$AET_SLURM/state
SlurmdSpoolDir=$AET_SLURM/spool
SlurmctldPidFile=$AET_SLURM/slurmctld.pid
SlurmdPidFile=$AET_SLURM/slurmd.pid
SlurmctldLogFile=$AET_SLURM/slurmctld.log
SlurmdLogFile=$AET_SLURM/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=2
MpiDefault=pmix
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/filetxt
JobCompLoc=$AET_SLURM/finished
FirstJobId=$((1000 + RANDOM))
ReturnToService=2
KillWait=5
InactiveLimit=0
SlurmdParameters=config_overrides
NodeName=node1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 CPUs=4 RealMemory=1000 State=UNKNOWN
PartitionName=test Nodes=node1 Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
CONF
    # PMIx makes folders named by job and step: not beside those of another Slurm on this machine
    mkdir -p "$AET_SLURM/tmp"
    echo "PMIxCliTmpDirBase=$AET_SLURM/tmp" >"$AET_SLURM/mpi.conf"
}
slurm_start() {
    local _ state
    need munged slurmctld slurmd srun sbatch scontrol
    [ "$(hostname -s 2>/dev/null)" ] || skip "this machine has no host name"
    slurm_configure
    trap slurm_stop EXIT
    trap 'exit 124' TERM INT
    export AET_SLURM_OURS=$AET_SLURM
    # --force: its socket may lie in a folder that others cannot enter
    munged --foreground --force --key-file="$AET_SLURM/munge.key" --socket="$AET_SLURM/munge.sock" \
        --pid-file="$AET_SLURM/munged.pid" --seed-file="$AET_SLURM/munge.seed" \
        --log-file="$AET_SLURM/munged.log" >"$AET_SLURM/munged.out" 2>&1 &
    for _ in $(seq 50); do [ -S "$AET_SLURM/munge.sock" ] && break; sleep 0.1; done
    [ -S "$AET_SLURM/munge.sock" ] || skip "munged does not start: $(tail -n 1 "$AET_SLURM"/munged.out)"
    slurmctld -D -c >"$AET_SLURM/slurmctld.out" 2>&1 &
    slurmd -D -N node1 >"$AET_SLURM/slurmd.out" 2>&1 &
    for _ in $(seq 100); do
        state=$(sinfo -h -o %T 2>/dev/null) || state=
        [ "$state" = idle ] && return 0
        sleep 0.2
    done
    cat "$AET_SLURM"/*.out >&2
    skip "slurm does not start here (node state: ${state:-none}): $(grep -h -i error "$AET_SLURM"/slurm*.log | tail -n 1)"
}
slurm_wait() { # JOB SECONDS
    local end=$((SECONDS + $2))
    while [ -n "$(squeue -h -j "$1" 2>/dev/null)" ]; do
        [ $SECONDS -lt $end ] || { squeue >&2; fail "job $1 is still there after $2 s"; }
        sleep 0.3
    done
}
slurm_state() { # JOB
    scontrol -o show job "$1" | sed -n 's/.* JobState=\([A-Z_]*\).* ExitCode=\([0-9:]*\).*/\1 \2/p'
}
