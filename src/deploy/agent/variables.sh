# shellcheck shell=dash disable=SC2154
# Lines of the project's .env, where the reference comes from a variable in it. All else in it stays byte for byte.

set_variables() {
  local line
  [ -n "$env_set" ] || return 0
  printf '%s' "$env_set" | while IFS= read -r line; do say "  Set $line in $env_file"; done
  # It comes with what is brought, and goes with it.
  if has_payload_env; then return 0; fi
  record_variables || { fail not-writable "$env_file cannot be copied"; return; }
  while IFS= read -r line <&3; do
    [ -z "$line" ] || set_entry "$env_file" "${line%%=*}" "$line" || { fail not-writable "$env_file cannot be written"; return; }
  done 3<<LINES
$env_set
LINES
}

# Whole, and on the disk, before the file itself is touched: half a copy would be put back as it is.
record_variables() {
  if [ ! -e "$env_file" ]; then : >"$record/env-absent" && flush; return; fi
  cp -p "$env_file" "$record/env-before.new" && flush && mv "$record/env-before.new" "$record/env-before"
}

restore_variables() {
  local file
  file=$(value_of env-file "$record/run")
  if [ -e "$record/env-before" ]; then
    rm -f "$(readlink -f "$file").slipway"
    same "$record/env-before" "$file" || replace_by "$file" cat "$record/env-before"
  elif [ -e "$record/env-absent" ]; then
    rm -f "$file" "$file.slipway"
  fi || fail not-restored "$file cannot be restored"
}

# A new file in the old one's place, with its mode and owner; where a link leads, if it is one.
replace_by() { # FILE COMMAND…
  local file
  file=$(readlink -f "$1") || return
  shift
  if [ -e "$file" ]; then cp -p "$file" "$file.slipway"; fi && "$@" >"$file.slipway" && mv -f "$file.slipway" "$file" || {
    rm -f "$file.slipway"
    return 1
  }
}
