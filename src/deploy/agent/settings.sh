# shellcheck shell=dash disable=SC2154,SC2295
# Settings replace or add lines of the project's env file; every other byte of it is preserved.

# Compose ignores it.
byte_order_mark=$(printf '\357\273\277')

# Names of settings, and whether each changes: nothing else about them is ever printed.
settings_summary=''

# The new env file becomes one of the files of the payload.
merge_settings() { stage_settings && merge_variables; }

stage_settings() {
  local staged="$run/payload/files/$settings_file" item
  set +f
  set -- "$run/payload/settings/"*
  set -f
  if [ ! -e "$1" ] && [ ! -e "$staged" ]; then return 0; fi
  if [ ! -e "$staged" ]; then take_env_file "$staged" || { fail not-writable "$directory/$settings_file cannot be read"; return; }; fi
  for item in "$@"; do
    [ -e "$item" ] || continue
    set_entry "$staged" "${item##*/}" "$(cat "$item")" || return
    settings_summary=$settings_summary${settings_summary:+, }${item##*/}\ $change
  done
  [ -z "$settings_summary" ] || say "  $settings_file: $settings_summary"
  if [ -e "$1" ]; then chmod "$(private_mode)" "$staged" || return; fi
}

# If the payload contains the project's .env, the variables of the image reference are set in it, because it replaces
# the .env in place, even if `env-file` names another file.
merge_variables() {
  local line
  has_payload_env || return 0
  while IFS= read -r line <&3; do
    [ -z "$line" ] || set_entry "$run/payload/files/${env_file#"$directory/"}" "${line%%=*}" "$line" || return
  done 3<<LINES
$env_set
LINES
}

has_payload_env() {
  case $env_file in "$directory/"*) [ -e "$run/payload/files/${env_file#"$directory/"}" ] ;; *) return 1 ;; esac
}

take_env_file() { # STAGED
  case $settings_file in */*) mkdir -p "${1%/*}" || return ;; esac
  if [ -e "$directory/$settings_file" ]; then cat "$directory/$settings_file" >"$1"; else : >"$1"; fi
}

# Readable for the owner alone, or also for the group that deploys together, unless the file was closed to that group.
private_mode() {
  case $(private_umask) in 007) ;; *) echo 600; return ;; esac
  case $(stat -L -c %A "$directory/$settings_file" 2>/dev/null) in '' | ????r*) echo 660 ;; *) echo 600 ;; esac
}

set_entry() { # FILE NAME LINE
  local first last
  read -r first last <<LINE
$(entry_of "$2" "$1")
LINE
  set -- "$1" "$2" "$(prefix_of "$1" "$first")$3"
  change=$(change_of "$1" "$first" "$last" "$3")
  [ "$change" = unchanged ] || replace_by "$1" with_entry "$1" "$first" "$last" "$3"
}

# Prints what precedes the name in a line that is replaced: a byte order mark, `export`.
prefix_of() { # FILE LINE-NUMBER
  local line
  [ "$2" != 0 ] || return 0
  line=$(head -n "$2" "$1" | tail -n 1)
  case $line in "$byte_order_mark"*) printf %s "$byte_order_mark" ;; esac
  line=${line#"$byte_order_mark"}
  line=${line#"${line%%[! $tab]*}"}
  case $line in "export "* | "export$tab"*) printf 'export ' ;; esac
}

change_of() { # FILE FIRST LAST LINE
  if [ "$2" = 0 ]; then echo added
  elif [ "$(head -n "$3" "$1" | tail -n +"$2")" = "$4" ]; then echo unchanged
  else echo changed
  fi
}

with_entry() { # FILE FIRST LAST LINE: 0 0 adds it
  if [ "$2" = 0 ]; then
    [ ! -s "$1" ] || { cat "$1"; [ -z "$(tail -c 1 "$1")" ] || echo; }
    printf '%s\n' "$4"
  else
    [ "$2" = 1 ] || head -n $(($2 - 1)) "$1"
    printf '%s\n' "$4"
    tail -n +$(($3 + 1)) "$1"
  fi
}

# Prints the first and the last line number of the last assignment, which is the one that counts in Compose, too. A
# quoted value may span several lines.
entry_of() { # NAME FILE
  local line value number=0 first=0 last=0 begun=0 quote=''
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    if [ -z "$quote" ]; then
      [ "$number" != 1 ] || line=${line#"$byte_order_mark"}
      line=${line#"${line%%[! $tab]*}"}
      case $line in '' | '#'*) continue ;; 'export '* | "export$tab"*) line=${line#export?} line=${line#"${line%%[! $tab]*}"} ;; esac
      begun=0
      case $line in "$1="* | "$1 "*=* | "$1$tab"*=*) begun=$number first=$number last=$number ;; esac
      case $line in *=*) value=${line#*=} value=${value#"${value%%[! $tab]*}"} ;; *) continue ;; esac
      case $value in \"*) quote='"' value=${value#?} ;; \'*) quote="'" value=${value#?} ;; esac
    else
      value=$line
      [ "$begun" = 0 ] || last=$number
    fi
    [ -z "$quote" ] || ! ends_quote "$value" "$quote" || quote=''
  done 2>/dev/null <"$2"
  # A quote that is never closed is an ordinary character.
  [ -z "$quote" ] || [ "$begun" = 0 ] || last=$first
  echo "$first $last"
}

# Returns whether the text closes the quote: a quote after an odd number of backslashes is escaped.
ends_quote() { # TEXT QUOTE
  local text="$1" before slashes
  while :; do
    case $text in *"$2"*) ;; *) return 1 ;; esac
    before=${text%%"$2"*} text=${text#*"$2"}
    slashes=${before##*[!\\]}
    [ $((${#slashes} % 2)) != 0 ] || return 0
  done
}
