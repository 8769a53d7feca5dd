# shellcheck shell=dash disable=SC2154
# Sets the variables in the project's .env file that image references use. The rest of the file stays byte for byte.

set_variables() {
  local line
  [ -n "$env_set" ] || return 0
  printf '%s' "$env_set" | while IFS= read -r line; do say "  Set $line in $env_file"; done
  # The uploaded .env file contains the values, and is restored with the other uploaded files.
  if has_payload_env; then return 0; fi
  record_variables || { fail not-writable "$env_file cannot be copied"; return; }
  while IFS= read -r line <&3; do
    [ -z "$line" ] || set_entry "$env_file" "${line%%=*}" "$line" || { fail not-writable "$env_file cannot be written"; return; }
  done 3<<LINES
$env_set
LINES
}

# Writes a complete copy to the disk before the file is touched: half a copy would be restored as if it were complete.
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
  else
    return 0
  fi || { fail not-restored "$file cannot be restored"; return; }
  is_undone "$record/env-before"
  is_undone "$record/env-absent"
}

# Replaces a file with the output of COMMAND. Keeps its mode and owner, and follows a symbolic link.
replace_by() { # FILE COMMAND…
  local file
  file=$(readlink -f "$1") || return
  shift
  if [ -e "$file" ]; then cp -p "$file" "$file.slipway"; fi && "$@" >"$file.slipway" && mv -f "$file.slipway" "$file" || {
    rm -f "$file.slipway"
    return 1
  }
}
