# shellcheck shell=dash disable=SC2154,SC2034,SC2030,SC2031
# Exports an env file as the environment of a command. The file is data, and never run as shell. Needs settings.sh.

carriage=$(printf '\r')

# Parses an env file as Compose does, except that variables in values are not expanded: a `$` is a `$`.
export_settings() {
  local line name value quote next before
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line#"$byte_order_mark"} line=${line%"$carriage"}
    line=${line#"${line%%[! $tab]*}"}
    case $line in '' | '#'*) continue ;; 'export '* | "export$tab"*) line=${line#export?} line=${line#"${line%%[! $tab]*}"} ;; esac
    case $line in *=*) ;; *) continue ;; esac
    name=${line%%=*} value=${line#*=}
    name=${name%"${name##*[! $tab]}"} value=${value#"${value%%[! $tab]*}"}
    case $value in
      \"* | \'*)
        quote=${value%"${value#?}"} value=${value#?} before=$value
        # A quoted value may span several lines.
        until has_end "$value" "$quote"; do
          IFS= read -r next || break
          value=$value$newline$next
        done
        value=$(unquoted "$value" "$quote"; echo .) value=${value%.}
        ;;
      *) value=${value%%[ "$tab"]#*} value=${value%"${value##*[! $tab]}"} ;;
    esac
    # Exports names that a stack file can use, and none that docker or the shell itself uses.
    case $name in
      '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;;
      PATH | HOME | IFS | PWD | OLDPWD | ENV | SHELL | USER | TMPDIR | PS[0-9] | BASH* | LD_* | DOCKER_* | SUDO_*) continue ;;
    esac
    export "$name=$value"
    settings_names=$settings_names${settings_names:+,}$name
  done
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
