# shellcheck shell=dash disable=SC2154,SC2034
# The project that comes back may declare the image in other words than the one in place.

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

# Compose prints what it has read in one form: lines of `SERVICE IMAGE`, and nothing else of it is kept.
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
