# How the server answers a question of preflight: in sections, so that what a login's rc files print is told
# apart, and any text can be content. `=name` opens a section, its lines are indented by a blank.

# say NAME LINE...
say() {
  printf '=%s\n' "$1"
  shift
  [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/ /'
}

# A command that hangs (a dead engine behind a socket) must not hold the rest back; one that is only slow, on a server
# that is busy, must not be taken for it. The oldest busybox wants its seconds otherwise, and goes without.
limited() {
  if [ "$bounded" ]; then timeout "${limit:-30}" "$@"; else "$@"; fi
}

# tell NAME COMMAND...: what it prints as NAME, its exit code as NAME.code, its complaints as NAME.error. One
# after the other and never through one pipe at once, where they would be torn at its capacity.
tell() {
  name=$1
  shift
  {
    complaint=$({
      output=$(limited "$@" 3>&-)
      code=$?
      { say "$name" "$output" && say "$name.code" "$code"; } >&3
    } 2>&1)
  } 3>&1
  say "$name.error" "$complaint"
}

# Parts of an answer that take their time are found at once: in `LATE | { EARLY; cat; }` LATE runs beside EARLY, and what
# it says waits in the pipe. A pipe is no file that could stay behind with what Compose resolves.

# All of a script is read before any of it runs (a command must not eat the rest from stdin), and its end is
# marked: half an answer is none.
answer() {
  bounded=$(timeout 60 echo yes 2>/dev/null)
  printf '\n#slipway\n'
  "$@" </dev/null
  printf '=end\n'
}
