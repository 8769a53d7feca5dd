# shellcheck shell=dash disable=SC2154,SC2034
# The reference that the compose file declares comes to mean the pushed digest on this engine: so Compose runs it, and
# a plain `docker compose up -d` later leaves it alone.

pin_references() {
  local name declared new rest
  step pin "Pin $(declared_of "$record")" || return
  : >"$record/pinned" || { fail not-writable "the record cannot be written in $state"; return; }
  while read -r name declared new rest <&3; do
    [ "$new" != - ] || continue
    ask tag "$(kept_name "$name" "$new")" "$declared" || {
      told
      fail not-pinned "$declared cannot be pinned to $new"
      return
    }
  done 3<"$record/services"
}

declared_of() { # RECORD
  local name declared new rest list=''
  while read -r name declared new rest; do
    [ "$new" != - ] || continue
    case " $list " in *" $declared "*) ;; *) list="$list${list:+ }$declared" ;; esac
  done <"$1/services"
  echo "$list"
}

put_pins_back() {
  local name declared new replicas kind grace old old_reference kept pointer rest
  # An engine that is away is no harm where nothing was asked of it.
  [ -e "$record/pinned" ] || return 0
  while read -r name declared new replicas kind grace old old_reference kept pointer rest <&3; do
    [ "$new" = - ] || point "$declared" "$pointer" || { fail not-restored "$declared could not be restored"; return; }
  done 3<"$record/services"
}

# In this order: what was brought went in last, and may have the .env among it.
put_settings_back() { put_brought_back && put_variables_back; }

point() { # REFERENCE IMAGE-ID|-
  if [ "$2" = - ]; then
    ! ask image inspect --format . "$1" >/dev/null || ask rmi "$1" >/dev/null
  else
    ask tag "$2" "$1"
  fi || { told; return 1; }
}
