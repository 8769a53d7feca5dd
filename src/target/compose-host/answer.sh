# Prints the server's answer to a question of preflight, in sections: that separates it from the output of a login's rc
# files, and lets a section contain any text. `=name` opens a section; its lines are indented by a blank.

say() { # NAME LINE…
  printf '=%s\n' "$1"
  shift
  [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/ /'
}

# Runs a command with a time limit, so that one that hangs (a dead engine behind a socket) does not block the rest. The
# limit is long enough for a command that is only slow, on a busy server. The oldest busybox has another syntax of
# `timeout`; there, commands run without a limit.
limited() { # WORD…
  if [ "$bounded" ]; then timeout "${limit:-30}" "$@"; else "$@"; fi
}

# Runs a command and reports its stdout as NAME, its exit code as NAME.code and its stderr as NAME.error. Each section
# is written as a whole: two writers of one pipe would mix their output beyond the pipe's capacity.
capture() { # NAME WORD…
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

# Slow parts of an answer run in parallel: in `LATE | { EARLY; cat; }`, LATE runs beside EARLY, and its output waits in
# the pipe. A temporary file could be left behind with the secrets that Compose resolves; a pipe cannot.

# Runs a function and prints its answer. The shell reads the whole script before it calls this, so no command can
# consume the rest of it from stdin. The end is marked, so that a partial answer is recognized.
answer() {
  bounded=$(timeout 60 echo yes 2>/dev/null)
  printf '\n#slipway\n'
  "$@" </dev/null
  printf '=end\n'
}
