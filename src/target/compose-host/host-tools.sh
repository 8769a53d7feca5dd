# The server's own programs in a container of an image that the project has, whatever that image holds: the words of
# `docker run` up to the image. It can do nothing but change the network that it is in, so that membership of the
# docker group is enough. A path that is not there must not be named: the engine would make it.
host_tools() { # NETWORK
  printf '%s\n' run --rm --network "$1" --userns host --user 0:0 --workdir / --read-only --no-healthcheck \
    --cap-drop ALL --cap-add NET_ADMIN --cap-add NET_RAW --security-opt no-new-privileges --security-opt label=disable \
    --tmpfs /run --env PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin \
    --env LD_PRELOAD= --env LD_LIBRARY_PATH= --env ENV= --env BASH_ENV= --entrypoint /bin/sh
  for tools_path in /usr /bin /sbin /lib /lib64 /lib32 /etc/alternatives; do
    [ ! -e "$tools_path" ] || printf '%s\n' --volume "$tools_path:$tools_path:ro"
  done
  # One lock with the server's own iptables, where that takes one.
  [ ! -e /run/xtables.lock ] || printf '%s\n' --volume /run/xtables.lock:/run/xtables.lock
}
