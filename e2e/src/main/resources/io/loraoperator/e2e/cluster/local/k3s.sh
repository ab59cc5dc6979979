#!/bin/sh
# What Testcontainers' K3sContainer starts, in an image made of the local provider's programs.
set -eu
if [ "${1:-}" != server ]; then
  echo "usage: k3s server (K3s's options are taken and mean nothing here)" >&2
  exit 64
fi
if [ ! -d /sys/fs/cgroup/memory ]; then
  echo "k3s substitute: needs control groups of version 1; use rancher/k3s itself on this machine" >&2
  exit 1
fi
exec sh ${programs}/node-init.sh ${state} ${programs} node-run.sh ${node}
