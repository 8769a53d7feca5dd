# shellcheck shell=dash disable=SC2154
# The front door: the runner asks the public URL, and says whether the release stays. Without its word the server
# decides by itself, as it was told before.

await_word() { # STAGE
  local begin word='' why='' why_code=check-failed
  step "$1" "Wait for the check of $front" || return
  event ask check
  begin=$(clock)
  until [ -e "$run/word" ]; do
    if past "$begin" "$front_limit"; then put "$run/word" "lost after $front_limit s" || return; fi
    nap
  done
  read -r word why <"$run/word"
  if [ "$word" = lost ]; then
    say "  No answer from the runner $why: \`check-on-lost\` is ${on_lost}."
    word=${on_lost% *} why_code=runner-lost why="the runner was lost before $front had answered"
  fi
  if [ "$word" = keep ]; then rm -f "$record/on-lost"; return; fi
  # A cut from here on goes back, too.
  put "$record/on-lost" 'roll back' || :
  fail "$why_code" "$why"
}

# keep, roll (back) or lost, and why.
word() { # WORD WHY
  printf '%s %s\n' "$1" "$2" >"$run/word.new" && mv -f "$run/word.new" "$run/word"
}

# A run that was killed while it waited.
was_to_keep() { [ "$(cat "$record/on-lost" 2>/dev/null)" != 'roll back' ]; }
