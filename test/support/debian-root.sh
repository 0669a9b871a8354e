#!/bin/bash
# Becomes the first process of a clean Debian 12 in namespaces of its own (started by debian.ts, in
# them): its root is the lab's, under a layer that takes what is written.
#   debian-root.sh LOWER LAYER SHARED PROGRAM...
# SHARED is a folder of the host that is to be seen as /mnt.
set -e
lower=$1 layer=$2 shared=$3
shift 3
mount --make-rprivate /
root=$layer/root
mkdir "$layer/upper" "$layer/work" "$root"
mount -t overlay -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" overlay "$root"
mount -t proc proc "$root/proc"
# What is not of these namespaces is not to be changed.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount --bind "$shared" "$root/mnt"
ip link set lo up
cd "$root"
mkdir .host
pivot_root . .host
umount -l .host
rmdir .host
exec env -i container=lab PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  setpriv --bounding-set -sys_time,-sys_module,-sys_boot,-syslog "$@"
