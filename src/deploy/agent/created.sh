# shellcheck shell=dash disable=SC2154,SC2034
# The networks and volumes that Compose creates on a first deploy, for the summary. Later deploys do not list them.

note_existing() { [ -s "$history" ] || networks_and_volumes >"$run/networks_and_volumes"; }

networks_and_volumes() {
  {
    ask network ls --filter "label=com.docker.compose.project=$project" --format 'network {{.Name}}'
    ask volume ls --filter "label=com.docker.compose.project=$project" --format 'volume {{.Name}}'
  } | LC_ALL=C sort
}

list_created() {
  [ -e "$run/networks_and_volumes" ] || return 0
  networks_and_volumes | LC_ALL=C comm -13 "$run/networks_and_volumes" - >>"$run/made"
  rm -f "$run/networks_and_volumes"
}
