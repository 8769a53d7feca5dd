# Prints the words of `docker run`, up to the image, that run the server's own programs in a container. Any image of the
# project will do, as the programs are mounted. The container can only change the network that it is in, so membership
# of the docker group is enough. Paths that do not exist are left out: the engine would create them.
host_tools() { # NETWORK
  printf '%s\n' run --rm --network "$1" --userns host --user 0:0 --workdir / --read-only --no-healthcheck \
    --cap-drop ALL --cap-add NET_ADMIN --cap-add NET_RAW --security-opt no-new-privileges --security-opt label=disable \
    --tmpfs /run --env PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin \
    --env LD_PRELOAD= --env LD_LIBRARY_PATH= --env ENV= --env BASH_ENV= --entrypoint /bin/sh
  for tools_path in /usr /bin /sbin /lib /lib64 /lib32 /etc/alternatives; do
    [ ! -e "$tools_path" ] || printf '%s\n' --volume "$tools_path:$tools_path:ro"
  done
  # Shares the lock of the server's own iptables, if that uses one.
  [ ! -e /run/xtables.lock ] || printf '%s\n' --volume /run/xtables.lock:/run/xtables.lock
}
