# Reports the stack as its files declare it, and the variables that they use. Needs answer.sh, settings.sh, redact.sh
# and environment.sh; if the deploy uploads files, it runs after the script that stages them.
# Arguments: the project directory, the env file in it, the stack, the number of stack files, their paths, and the words
# of a docker call.

newline='
'
tab='	'

stack_probe() {
  directory=$1 env_file=$2 stack=$3 count=$4
  shift 4
  unset CDPATH
  if ! cd -- "$directory" 2>/dev/null; then
    [ -d "$directory" ] && say forbidden
    return
  fi
  say directory "$(pwd)"
  [ ! -w . ] || say writable
  say listing "$(for entry in *; do [ ! -e "$entry" ] || printf '%s\n' "$entry"; done | head -n 20)"
  if [ -f "$env_file" ]; then say env.file; fi
  say environment.names "$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p')"
  [ "$count" != 0 ] || return 0
  files='' missing=''
  while [ "$count" -gt 0 ]; do
    if [ -f "$1" ]; then say raw "$(cat -- "$1")"; else say absent "$1"; missing=yes; fi
    files=$files$1$newline count=$((count - 1))
    shift
  done
  [ -n "$missing" ] || read_stack "$@"
}

read_stack() {
  [ -f "$env_file" ] || env_file=/dev/null
  with_settings "$env_file" say_names
  docker_call=$(printf '%s\n' "$@")
  if [ "$1" = sudo ]; then
    shift
    set -- sudo --preserve-env= "$@"
  fi
  set -- "$@" stack config
  while IFS= read -r file; do
    [ -z "$file" ] || set -- "$@" -c "$file"
  done <<FILES
$files
FILES
  capture stack "$@"
  say changed.configs "$(limited "$@" 2>/dev/null | changed_configs)"
}

say_names() {
  say env.names "$(printf '%s\n' "$names" | tr , '\n')"
  say env.skipped "$(printf '%s\n' "$skipped" | tr , '\n')"
}

# Replaces the function of answer.sh: docker gets the variables of the env file, and its errors lose their values.
limited() { # WORD…
  {
    complaint=$(with_variables "$@" 2>&1 >&4 4>&-)
    code=$?
  } 4>&1
  [ -z "$complaint" ] || printf '%s\n' "$complaint" | without_values "$env_file" >&2
  return "$code"
}

with_variables() ( # WORD…
  [ -z "$bounded" ] || set -- timeout 30 "$@"
  with_settings "$env_file" exec_with_settings $# "$@"
)

# Reads a stack from stdin. Prints the names of configs that exist in the swarm with other content than in their file,
# as Swarm cannot change a config.
changed_configs() {
  { sed -n '/^configs:/,/^[^ ]/{s/^  \([^ ].*\):$/key \1/p;s/^    file: /file /p;s/^    name: /name /p;}'; echo end; } | {
    key='' file='' name=''
    while IFS= read -r line; do
      value=${line#* } value=${value#[\"\']} value=${value%[\"\']}
      case $line in
        'file '*) file=$value ;;
        'name '*) name=$value ;;
        *) compare_config "$key" "$file" "$name"; key=$value file='' name='' ;;
      esac
    done
  }
}

compare_config() { # KEY FILE NAME
  [ -n "$1" ] && [ -f "$2" ] || return 0
  set -- "$2" "${3:-${stack}_$1}"
  IFS=$newline
  # shellcheck disable=SC2086 # words
  there=$(limited $docker_call config inspect --format '{{printf "%s" .Spec.Data}}.' "$2" 2>/dev/null)
  unset IFS
  [ -z "$there" ] || [ "$there" = "$(cat -- "$1"; echo .)" ] || printf '%s\n' "$2"
}

answer stack_probe "$@"
