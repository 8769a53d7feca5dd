# shellcheck shell=dash disable=SC2154
# Hides the values of an env file in an error of docker or Compose.

# Copies a text from stdin. Compose quotes what it cannot parse after interpolation, and the quotes may be nested; or it
# prints a line of the env file as it is.
without_values() { # ENV-FILE
  local text value
  text=$(sed -e 's/"\([^"\\]*\(\\.[^"\\]*\)*\)"/"…"/g' -e 's/"[^"]*"/"…"/g')
  values_in "$1" | {
    while IFS= read -r value; do text=$(without_value "$text" "$value"); done
    printf '%s\n' "$text"
  }
}

# Prints everything that Compose may read as a value, with and without a trailing comment. The longest come first,
# because one value may be a prefix of another.
values_in() { # FILE
  local line value
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *=*) value=${line#*=} ;; *) value=$line ;; esac
    each_reading "$value"
    case ${line%%=*} in *:*) each_reading "${line#*:}" ;; esac
  done 2>/dev/null <"$1" | LC_ALL=C sort -rn | sed 's/^[0-9]* //'
}

each_reading() { # TEXT
  local value blank=" $tab$carriage"
  for value in "$1" "${1%%[ $tab]#*}"; do
    value=${value#"${value%%[!$blank]*}"} value=${value%"${value##*[!$blank]}"}
    value=${value#[\"\']} value=${value%[\"\']}
    [ ${#value} -le 3 ] || printf '%s %s\n' "${#value}" "$value"
  done
}

without_value() { # TEXT VALUE
  local rest="$1" text=''
  while :; do
    case $rest in *"$2"*) text=$text${rest%%"$2"*}… rest=${rest#*"$2"} ;; *) break ;; esac
  done
  printf '%s\n' "$text$rest"
}
