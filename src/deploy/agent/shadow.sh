# Builds a shadow of a directory as it will be after the upload, so that Compose can check it before anything is
# replaced: the uploaded files, and links to everything else. Below ROOT, it has the same path as the real directory has
# below `/`, with links to the neighbours of the directory and of each parent: a project may refer to `../common.env`,
# and may be named after its directory.

# The shadow already holds the uploaded files. This adds links to everything else in the real directories.
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

# Keeps entries that exist. Skips what it may not list.
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
