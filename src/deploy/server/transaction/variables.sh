# shellcheck shell=dash disable=SC2154
# Lines of the project's .env, where the reference comes from a variable in it. All else in it stays byte for byte.

set_variables() {
  local line IFS="$newline"
  [ -n "$env_set" ] || return 0
  if [ -e "$env_file" ]; then cp -p "$env_file" "$record/env-before"; else : >"$record/env-absent"; fi ||
    { fail "$env_file cannot be copied"; return; }
  for line in $env_set; do
    say "  $line, in $env_file"
    set_variable "$env_file" "${line%%=*}" "$line" || { fail "$env_file cannot be written"; return; }
  done
}

put_variables_back() {
  local file
  file=$(value_of env-file "$record/run")
  if [ -e "$record/env-before" ]; then
    same "$record/env-before" "$file" || replace_by "$file" cat "$record/env-before"
  elif [ -e "$record/env-absent" ]; then
    rm -f "$file"
  fi || fail "$file cannot be put back"
}

set_variable() { # FILE NAME LINE
  local number
  number=$(line_of "$2" "$1")
  replace_by "$1" with_line "$1" "$number" "$3"
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

with_line() { # FILE NUMBER LINE: 0 adds it
  if [ "$2" = 0 ]; then
    [ ! -s "$1" ] || { cat "$1"; ends_line "$1" || echo; }
    printf '%s\n' "$3"
  else
    [ "$2" = 1 ] || head -n $(($2 - 1)) "$1"
    printf '%s\n' "$3"
    tail -n +$(($2 + 1)) "$1"
  fi
}

ends_line() { [ -z "$(tail -c 1 "$1")" ]; }

# The last line that sets it counts, in Compose too; 0 where there is none. A line within a quoted value that goes
# over several lines is not meant.
line_of() { # NAME FILE
  local line number=0 found=0 quote=''
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    if [ -n "$quote" ]; then
      case $line in *"$quote"*) quote='' ;; esac
      continue
    fi
    line=${line#"${line%%[! "$tab"]*}"}
    case $line in 'export '*) line=${line#export } line=${line#"${line%%[! "$tab"]*}"} ;; esac
    case $line in "$1="* | "$1 "*=* | "$1$tab"*=*) found=$number ;; esac
    quote=$(open_quote "$line")
  done 2>/dev/null <"$2"
  echo "$found"
}

# The quote that a line begins a value with and does not end.
open_quote() { # LINE
  local value=${1#*=}
  case $1 in '#'*) return ;; *=*) ;; *) return ;; esac
  value=${value#"${value%%[! "$tab"]*}"}
  case $value in
    \"*\"* | \'*\'*) ;;
    \"*) echo '"' ;;
    \'*) echo "'" ;;
  esac
}
