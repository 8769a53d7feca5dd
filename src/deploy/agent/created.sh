# shellcheck shell=dash disable=SC2154,SC2034
# The networks and volumes that Compose creates on a first deploy, for the summary. Later deploys do not list them.

note_things() { [ -s "$history" ] || things >"$run/things"; }

things() {
  {
    ask network ls --filter "label=com.docker.compose.project=$project" --format 'network {{.Name}}'
    ask volume ls --filter "label=com.docker.compose.project=$project" --format 'volume {{.Name}}'
  } | LC_ALL=C sort
}

note_new_things() {
  [ -e "$run/things" ] || return 0
  things | LC_ALL=C comm -13 "$run/things" - >>"$run/made"
  rm -f "$run/things"
}
