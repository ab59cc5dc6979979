#!/bin/sh
# Starts a node's programs in a container, says when the node is ready, and ends when one of them does.
set -eu
export PATH=/run/binaries:/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib KUBECONFIG=/etc/rancher/k3s/k3s.yaml
mkdir -p /var/log /run/pids
ip address add ${address}/32 dev lo

# Pods in the container's own control group go when it goes.
group=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
sed -i "s|^cgroupRoot: .*|cgroupRoot: $group|" /run/node/config/kubelet.yaml

start() {
  name=$1
  shift
  case $name in
    kube-controller-manager) until kubectl --request-timeout=2s get --raw /readyz >/dev/null 2>&1; do check; done ;;
    kubelet) ctr --address=/run/containerd/containerd.sock --namespace=k8s.io images import /run/binaries/pause.tar >/dev/null ;;
  esac
  "$name" "$@" >>"/var/log/$name.log" 2>&1 &
  echo $! >"/run/pids/$name"
}

check() {
  for file in /run/pids/*; do
    if [ ! -d "/proc/$(cat "$file")" ]; then
      echo "$(basename "$file") ended:"
      tail -n 25 "/var/log/$(basename "$file").log"
      exit 1
    fi
  done
  sleep 0.2
}

${programs}

kubectl apply --server-side --filename=/run/node/config/dns.yaml
until kubectl get nodes ${node} -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null | grep -q True \
  && kubectl get serviceaccount default >/dev/null 2>&1; do check; done
echo "Node controller sync successful"

# The first process reaps what ends; sleeping in the foreground it does so.
while :; do check; sleep 2; done
