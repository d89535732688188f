#!/bin/bash
# Self-test of the sandbox: what it passes through, and that it leaves nothing on the host.
# Safe beside other sandboxes, except that a namespace number may be given out anew: run it serially.
set -uo pipefail

sandbox=$(dirname "$(readlink -f "$0")")/sandbox
"$sandbox" --check || exit

failures=0
check() { # check NAME COMMAND [ARG...]
  local name=$1; shift
  if "$@"; then echo "ok: $name"; else echo "FAILED: $name"; failures=$((failures + 1)); fi
}
equal() { [[ $1 == "$2" ]] || { printf 'expected: %s\ngot:      %s\n' "$2" "$1"; return 1; }; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tmp" # for what the sandbox itself might write

# Everything on the host's side of a sandbox has this in its environment.
export -n mark="CCCI_SANDBOX_TEST=$$-$RANDOM"
start() { exec env --default-signal=HUP,INT,QUIT,TERM "$mark" TMPDIR="$scratch/tmp" "$sandbox" --bind "$scratch" "$@"; }
ours() { grep -lzx "$mark" /proc/[0-9]*/environ 2>/dev/null | grep -o '[0-9]*'; }

# --- what passes through

result() { (start "$@" </dev/null) 2>&1; echo "code $?"; }

check "exit code 0" equal "$(result -- true)" "code 0"
check "exit code 3" equal "$(result -- sh -c 'exit 3')" "code 3"
check "death by TERM" equal "$(result -- sh -c 'kill -TERM $$')" "code 143"
check "death by KILL" equal "$(result -- sh -c 'kill -KILL $$' | tail -n 1)" "code 137"
check "command not found" equal "$(result -- no-such-command | tail -n 1)" "code 127"
check "arguments arrive as they are" \
  equal "$(result -- printf '[%s]' 'a  b' '$HOME' '${HOME}' '$$' '%n' '\x' '' '"')" \
  '[a  b][$HOME][${HOME}][$$][%n][\x][]["]code 0'
check "standard input" equal "$(echo hello | start -- cat)" hello
check "working directory" equal "$(cd "$scratch" && start -- pwd </dev/null)" "$scratch"
check "environment" equal "$(result --setenv A='x y' -- sh -c 'echo "$A,$CCCI_SANDBOX,$HOME,$PATH"')" \
  "x y,1,$HOME,$PATH"$'\n'"code 0"
check "the command is a service" equal "$(result -- sh -c 'grep -o "[^/]*service$" /proc/self/cgroup')" \
  "sandbox-command.service"$'\n'"code 0"
check "nothing has failed in the boot" equal "$(result -- systemctl is-system-running)" "running"$'\n'"code 0"
check "user managers start" equal "$(result -- sh -c 'useradd --uid 1500 --create-home ccci-test &&
  loginctl enable-linger ccci-test && systemctl start user@0 user@1500 && systemctl is-active user@0 user@1500')" \
  $'active\nactive\ncode 0'
check "units get their credentials" equal "$(result -- systemd-run --quiet --wait --pipe \
  --property=DynamicUser=yes --property=SetCredential=token:abc sh -c 'cat $CREDENTIALS_DIRECTORY/token')" "abccode 0"
check "the journal is kept, also of a failure" equal "$(
  result --keep-journal "$scratch/journal" -- sh -c 'echo burst-1 | systemd-cat; exit 4'
  grep -c 'burst-1$' "$scratch/journal")" $'code 4\n1'
check "a bound directory is shared, the rest is not" equal "$(
  result -- sh -c "echo in >$scratch/shared; echo in >/etc/ccci-sandbox-test"
  cat "$scratch/shared"; ls /etc/ccci-sandbox-test 2>/dev/null)" $'code 0\nin'
mkdir -p "$scratch/add/etc/systemd/system/multi-user.target.wants"
printf '%s\n' '[Service]' Type=oneshot RemainAfterExit=yes ExecStart=/bin/true \
  >"$scratch/add/etc/systemd/system/ccci-added.service"
ln -s ../ccci-added.service "$scratch/add/etc/systemd/system/multi-user.target.wants"
check "what is added is there at boot" \
  equal "$(result --add "$scratch/add" -- systemctl is-active ccci-added)" $'active\ncode 0'
check "the host's kernel settings are read-only" \
  equal "$(result -- sh -c '! echo 1 2>/dev/null >/proc/sys/vm/swappiness')" "code 0"
check "the machine has the name that it is given" \
  equal "$(result --hostname other-1 -- sh -c 'hostname; cat /etc/hostname')" $'other-1\nother-1\ncode 0'
check "wrong usage" equal "$(result -- 2>&1)" $'sandbox: no command\ncode 2'
check "a wrong name" equal "$(result --hostname a.b -- true)" $'sandbox: no name for a host: a.b\ncode 2'
check "a wrong cable" equal "$(result --veth a -- true)" $'sandbox: not NAME=ADDRESS/PREFIX: a\ncode 2'
code=$(result -- sh -c 'systemctl poweroff; sleep infinity' | tail -n 1)
check "a command that falls with its machine is no success ($code)" \
  test "$code" = "code 143" -o "$code" = "code 70"
check "a service that is killed outright is no success" \
  equal "$(result -- sh -c 'systemctl kill --signal=KILL sandbox-command; sleep infinity' | tail -n 1)" "code 70"

# --- what is left behind

# Starts a sandbox and returns when its command, which says so, is up. Sets pid.
waiting=(sh -c 'echo up; exec sleep infinity')
up() {
  local out
  exec {out}< <(start -- "$@" </dev/null 2>/dev/null)
  pid=$!
  read -r _ <&"$out"
}

namespaces() { readlink "$@" 2>/dev/null | sort -u; }
cgroups() { cat /proc/[0-9]*/cgroup 2>/dev/null | grep -o 'ccci-sandbox-[0-9]*-[0-9]*' | sort -u; }
files() { find /tmp /var/tmp /run "$scratch/tmp" -maxdepth 2 \( -iname '*sandbox*' -o -iname '*ccci*' \) 2>/dev/null; }
own_namespaces=$(namespaces /proc/self/ns/*)

# Notes what exists while the sandboxes PID... are up.
note() {
  before_cgroups=$(for p in $(ours); do cat "/proc/$p/cgroup"; done 2>/dev/null |
    grep -o 'ccci-sandbox-[0-9]*-[0-9]*' | sort -u)
  before_namespaces=$(for p in $(ours); do namespaces "/proc/$p"/ns/*; done | sort -u |
    grep -vxF "$own_namespaces")
}

gone() {
  # The guardian works on when the sandbox itself was killed, and always ends.
  for ((i = 0; i < 500; i++)); do
    [[ -n $(ours) ]] || break
    sleep 0.02
  done
  local ok=0 left
  left=$(ours) && { echo "processes: $left"; ok=1; }
  left=$(cgroups | grep -xF "${before_cgroups:?}") && { echo "processes in $left"; ok=1; }
  left=$(find /sys/fs/cgroup -type d -name 'ccci-sandbox-*' 2>/dev/null | grep -F "$before_cgroups") &&
    { echo "cgroups: $left"; ok=1; }
  left=$(namespaces /proc/[0-9]*/ns/* | grep -xF "${before_namespaces:?}") && { echo "namespaces: $left"; ok=1; }
  left=$(diff <(echo "$mounts") /proc/self/mounts) || { echo "mounts: $left"; ok=1; }
  left=$(files)
  [[ $left == "$files" ]] || { echo "files: $left"; ok=1; }
  [[ -z $(ls -A "$scratch/tmp") ]] || { echo "temporary files"; ok=1; }
  return "$ok"
}

mounts=$(</proc/self/mounts)
files=$(files)

for code in 0 5; do
  up sh -c "echo up; until [ -e $scratch/end ]; do sleep 0.02; done; exit $code"
  note
  : >"$scratch/end"
  wait "$pid"
  check "an end with code $code leaves nothing" gone
  rm "$scratch/end"
done

for signal in INT TERM HUP KILL; do
  up "${waiting[@]}"
  note
  kill -"$signal" "$pid"
  wait "$pid" 2>/dev/null
  check "SIG$signal leaves nothing" gone
done

# From a shell that is killed itself, and from one that is killed with all its process group.
for victim in "" -; do
  exec {out}< <(exec setsid env "$mark" bash -c '"$@" </dev/null 2>/dev/null; true' \
    bash "$sandbox" -- "${waiting[@]}")
  pid=$!
  read -r _ <&"$out"
  note
  kill -KILL -- "$victim$pid"
  check "SIGKILL of the calling shell${victim:+ and its process group} leaves nothing" gone
done

# --- a cable to the caller's network, which is one of its own here

# Says what comes over the cable, and which network devices are there after the SIGNAL.
cable() { # cable SIGNAL
  local out pid
  exec {out}< <(start --veth cable=10.77.0.2/24 -- python3 -c '
import socket
listener = socket.create_server(("10.77.0.2", 7))
print("up", flush=True)
listener.accept()[0].send(b"over it")
listener.accept()' </dev/null 2>/dev/null)
  pid=$!
  read -r _ <&"$out"
  ip address add 10.77.0.1/24 dev cable
  ip link set cable up
  python3 -c 'import socket; print(socket.create_connection(("10.77.0.2", 7), 20).recv(9).decode())'
  kill -"$1" "$pid"
  wait "$pid"
  # The guardian works on when the sandbox itself was killed.
  for ((i = 0; i < 500; i++)); do
    [[ -n $(ip -brief link show cable 2>/dev/null) ]] || break
    sleep 0.02
  done
  ip -brief link | cut -d ' ' -f 1
}
in_own_network() {
  unshare --net env "$mark" bash -c "$(declare -p sandbox mark scratch); $(declare -f start cable); $*" 2>&1
}

for signal in TERM KILL; do
  check "a cable carries, and SIG$signal takes it away" \
    equal "$(in_own_network cable "$signal" 2>&1)" $'over it\nlo'
done
check "no device of the caller is taken for a cable" equal "$(in_own_network start --veth lo=10.77.0.2/24 -- true)" \
  $'sandbox: could not set up the machine\nthere is a network device lo already'

# --- two at a time

up "${waiting[@]}"; first=$pid
up "${waiting[@]}"; second=$pid
note
check "two at a time have two machines" equal "$(wc -w <<<"$before_cgroups")" 2
kill -KILL "$first"
wait "$first" 2>/dev/null
check "the other one lives on" kill -0 "$second"
kill -TERM "$second"
wait "$second"
check "both leave nothing" gone

[[ $failures -eq 0 ]]
