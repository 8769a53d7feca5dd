# shellcheck shell=dash disable=SC2154,SC2034
# The project that `rollback-to` restores may declare another image reference than the current one.

declare_again() {
  local list=''
  [ -n "$rollback_to" ] || return 0
  (cd "$shadow" && within 60 compose config) 2>/dev/null | images_in_config >"$run/declared"
  each_ordered declare_service
  services=$list
  rm -f "$run/declared"
}

declare_service() {
  local found
  found=$(value_of "$name" "$run/declared")
  list="$list$name ${found:-$declared} $new $replicas $kind $grace$newline"
}

# Reads lines of `SERVICE IMAGE` from the output of `compose config`, which has one fixed form.
images_in_config() {
  local line part='' name=''
  while IFS= read -r line; do
    case $line in
      '    image: '*) [ "$part" != services: ] || [ -z "$name" ] || echo "$name ${line#*: }" ;;
      '   '*) ;;
      '  '*:) name=${line%:} name=${name#  } ;;
      *) part=$line name='' ;;
    esac
  done
}
