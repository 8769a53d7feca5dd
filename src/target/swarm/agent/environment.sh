# shellcheck shell=dash disable=SC2154,SC2034,SC2030,SC2031
# Runs a command with the variables of an env file. The file is data, and never run as shell. Needs settings.sh.

carriage=$(printf '\r')

# Calls a command with one more argument, NAME=VALUE, for each variable of an env file. Parses it as Compose does, except
# that variables in values are not expanded: a `$` is a `$`. The command reads the names in $names (NAME,NAME), and those
# that docker does not get in $skipped.
with_settings() { # FILE COMMAND…
  local file="$1" line name value quote next names='' skipped=''
  shift
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line#"$byte_order_mark"} line=${line%"$carriage"}
    line=${line#"${line%%[! $tab]*}"}
    case $line in '' | '#'*) continue ;; 'export '* | "export$tab"*) line=${line#export?} line=${line#"${line%%[! $tab]*}"} ;; esac
    case $line in *=*) ;; *) continue ;; esac
    name=${line%%=*} value=${line#*=}
    name=${name%"${name##*[! $tab]}"} value=${value#"${value%%[! $tab]*}"}
    case $value in
      \"* | \'*)
        quote=${value%"${value#?}"} value=${value#?}
        # A quoted value may span several lines.
        until has_end "$value" "$quote"; do
          IFS= read -r next || break
          value=$value$newline$next
        done
        value=$(unquoted "$value" "$quote"; echo .) value=${value%.}
        ;;
      *) value=${value%%[ "$tab"]#*} value=${value%"${value##*[! $tab]}"} ;;
    esac
    # A stack file can use no other names.
    case $name in '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;; esac
    if is_reserved "$name"; then skipped=$skipped${skipped:+,}$name; continue; fi
    set -- "$@" "$name=$value"
    names=$names${names:+,}$name
  done <"$file" || return
  "$@"
}

# Reports whether docker, sudo or the shell itself uses a variable.
is_reserved() { # NAME
  case $1 in
    PATH | HOME | IFS | PWD | OLDPWD | SHELL | TMPDIR | OPTIND | PS[0-9] | BASH* | LD_* | SUDO_*) ;;
    DOCKER_HOST | DOCKER_CONFIG | DOCKER_CONTEXT | DOCKER_TLS | DOCKER_TLS_* | DOCKER_CERT_PATH | DOCKER_API_VERSION) ;;
    DOCKER_CONTENT_TRUST* | DOCKER_DEFAULT_PLATFORM | DOCKER_CUSTOM_HEADERS | DOCKER_AUTH_CONFIG | DOCKER_CLI_*) ;;
    # Bash does not let a script set these, or sets them itself; other shells do not use all of them.
    _ | UID | EUID | PPID | GROUPS | LINENO | RANDOM | SRANDOM | SECONDS | EPOCH* | HIST* | FUNCNAME | DIRSTACK | PIPESTATUS | SHELLOPTS)
      ! (export "$1=x1" && eval "[ \"\$$1\" = x1 ]") 2>/dev/null
      ;;
    *) return 1 ;;
  esac
}

# Replaces the shell by a command of COUNT words. A word `--preserve-env=`, for sudo, gets the names of the variables, as
# sudo passes on no others.
exec_with_settings() { # COUNT WORD… NAME=VALUE…
  local count="$1"
  shift
  set -- "$@" --
  while [ "$count" -gt 0 ]; do
    if [ "$1" != --preserve-env= ]; then set -- "$@" "$1"
    elif [ -n "$names" ]; then set -- "$@" "$1$names"
    fi
    shift
    count=$((count - 1))
  done
  # From here on, the script reads none of its own variables, as one of the env file may have the same name.
  until [ "$1" = -- ]; do export "${1?}"; shift; done
  shift
  exec "$@"
}

has_end() { # TEXT QUOTE
  case $2 in
    \') case $1 in *\'*) ;; *) return 1 ;; esac ;;
    *) ends_quote "$1" "$2" ;;
  esac
}

# Prints the text up to its closing quote, with escapes resolved. The caller has to preserve a newline at its end.
unquoted() { # TEXT QUOTE
  local rest="$1" before text=''
  if [ "$2" = \' ]; then printf '%s' "${rest%%\'*}"; return; fi
  while :; do
    before=${rest%%[\\\"]*}
    text=$text$before rest=${rest#"$before"}
    case $rest in
      '' | \"*) break ;;
      \\n*) text=$text$newline ;;
      \\r*) text=$text$carriage ;;
      \\t*) text=$text$tab ;;
      \\[\\\"\$]*) rest=${rest#?} before=${rest#?} text=$text${rest%"$before"} rest=$before; continue ;;
      *) text=$text\\ rest=${rest#?}; continue ;;
    esac
    rest=${rest#??}
  done
  printf '%s' "$text"
}
