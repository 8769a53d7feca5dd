#!/bin/sh
# The init process of a rig machine, in its own process, mount, host name and IPC namespaces.
#
#   machine.sh FOLDER NAME USR ETC
#
# FOLDER/root becomes the root of the file system. USR and ETC are lists of directories, separated by colons, that are
# overlaid as /usr and /etc, the first on top; writes go to FOLDER/upper. All other directories are the machine's own:
# the host's /home, /root, /srv, /tmp and /var are not visible.
set -eu
folder=$1 name=$2 usr=$3 etc=$4
root=$folder/root

# /proc is still the host's, so this is our process ID on the host, by which the rig addresses the machine.
read -r pid _ </proc/self/stat

hostname "$name"
mount --bind "$root" "$root"
for tree in usr etc; do
  if [ "$tree" = usr ]; then lower=$usr; else lower=$etc; fi
  mount -t overlay -o "lowerdir=$lower,upperdir=$folder/upper/$tree,workdir=$folder/work/$tree" overlay "$root/$tree"
done
# Hide the host's /usr/local: what was installed there by hand is not part of this machine.
mount --bind "$folder/local" "$root/usr/local"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
cd "$root"
mkdir run/lock run/sshd dev/pts dev/shm dev/mqueue
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t mqueue mqueue dev/mqueue
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 fuse:10:229; do
  kind=${node#*:}
  mknod -m 666 "dev/${node%%:*}" c "${kind%:*}" "${kind#*:}"
done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr

pivot_root . mnt
umount -l /mnt
# Written last, and atomically: as soon as the file exists, the machine can be used.
echo "$pid" >/run/pid.new
mv /run/pid.new /run/pid
echo "$pid" >/rig/pid.new
mv /rig/pid.new /rig/pid

# As the init process, reap every orphan.
trap : TERM INT HUP
while :; do
  sleep 86400 &
  wait || :
done
