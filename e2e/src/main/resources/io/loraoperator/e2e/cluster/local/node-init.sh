# The first program of a node's namespaces: lays out the node's file system, then waits as PID 1.
#
# $1 the node's state folder, $2 the folder of binaries, $3 the pause program below it, $4 host name
set -eu

# The node's own /run hides the host's container runtimes, sockets and named network namespaces.
mount -t tmpfs -o mode=755 node-run /run
mkdir -p /run/node /run/binaries
mount --bind "$1" /run/node
mount --bind "$2" /run/binaries

# Kubelet, containerd and the CNI plug-ins write below /var and /tmp; here these are part of the state.
mkdir -p /run/node/var/lib /run/node/var/log /run/node/var/tmp /run/node/tmp
chmod 1777 /run/node/var/tmp /run/node/tmp
ln -sfn /run /run/node/var/run
mount --bind /run/node/var /var
mount --bind /run/node/tmp /tmp

# Kernel settings of the whole machine stay as they are. What lies below net/ belongs to this network
# namespace alone; the rest is read-only, and the kubelet, which insists on some values, is shown them.
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
mkdir /run/sysctl
while read -r setting value; do
  file=/run/sysctl/$(echo "$setting" | tr / .)
  echo "$value" > "$file"
  mount --bind "$file" "/proc/sys/$setting"
done <<SETTINGS
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SETTINGS

# Volumes with mount propagation need a shared tree; nothing is shared with the host's.
mount --make-rshared /

hostname "$4"
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
touch /run/ready
exec "/run/binaries/$3"
