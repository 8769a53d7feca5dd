# A directory as it will be, for Compose to look at before anything moves: what is brought, and for all the rest links to
# what is there. It stands under a root as the directory itself does under `/`, with links to what lies beside it and
# beside each directory above: a project may refer to `../common.env`, and may be named after its directory.

# The brought files are in the shadow already; each of its directories gets what the real one has besides.
fill_shadow() { # ROOT DIRECTORY
  local path above="$2"
  (cd "$1$2" && find . -type d) | while IFS= read -r path; do
    [ ! -d "$2/$path" ] || link_all "$2/$path" "$1$2/$path"
  done
  until [ "$above" = / ]; do
    above=$(dirname -- "$above")
    [ ! -d "$above" ] || link_all "${above%/}" "$1$above"
  done
}

# What is there already stays; what may not be listed is left out.
link_all() ( # DIRECTORY SHADOW
  from=$1 to=$2
  set +f
  set --
  for entry in "$from"/* "$from"/.[!.]* "$from"/..?*; do
    if [ -e "$to/${entry##*/}" ] || [ -L "$to/${entry##*/}" ]; then continue; fi
    if [ -e "$entry" ] || [ -L "$entry" ]; then set -- "$@" "$entry"; fi
    [ $# -lt 100 ] || { ln -s "$@" "$to/" 2>/dev/null; set --; }
  done
  [ $# = 0 ] || ln -s "$@" "$to/" 2>/dev/null || :
)
