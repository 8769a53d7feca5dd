# A directory as it will be, for Compose to look at before anything moves: what is brought, and for all the rest links to
# what is there. It has the last name of the directory, which the project may be named after.

# The brought files are in the shadow already; each of its directories gets what the real one has besides.
fill_shadow() { # SHADOW DIRECTORY
  (cd "$1" && find . -type d) | while IFS= read -r path; do
    [ -d "$2/$path" ] || continue
    # What is brought is there already, and stays.
    # shellcheck disable=SC2016
    find "$2/$path/." ! -name . -prune -exec sh -c 'ln -s "$@" "$0/" 2>/dev/null || :' "$1/$path" {} +
  done
}
