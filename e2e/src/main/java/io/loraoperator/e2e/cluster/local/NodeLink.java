package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.process.Command;
import java.util.List;

/**
 * The pair of virtual Ethernet devices between this machine and a node.
 *
 * @param hostInterface this machine's end; the node's is called {@code eth0}
 * @param hostAddress this machine's IPv4 address on the link
 * @param nodeAddress the node's
 */
record NodeLink(String hostInterface, String hostAddress, String nodeAddress) {
  /** The first two bytes of every link's network; the third tells links apart. */
  private static final String NETWORK = "10.213";

  private static final int PREFIX_LENGTH = 30;

  /** Picks a network that this machine has no address in and no route to. */
  static NodeLink choose(StateDirectory state) {
    String routes =
        Command.run(List.of("ip", "-4", "route", "show", "table", "all"))
            + Command.run(List.of("ip", "-4", "-o", "address"));
    for (int third = 0; third < 256; third++) {
      String prefix = "%s.%d.".formatted(NETWORK, third);
      if (!routes.contains(prefix)) {
        return new NodeLink(state.kernelName(), prefix + "1", prefix + "2");
      }
    }
    throw new ClusterException("No free network: all of " + NETWORK + ".0.0/16 is routed already.");
  }

  /** Joins this machine and the node's network namespace. */
  void create(NodeNamespaces node) {
    Command.run(
        List.of(
            "ip",
            "link",
            "add",
            hostInterface,
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            Long.toString(node.init().pid())));
    Command.run(List.of("ip", "address", "add", cidr(hostAddress), "dev", hostInterface));
    Command.run(List.of("ip", "link", "set", hostInterface, "up"));
    node.run("ip", "address", "add", cidr(nodeAddress), "dev", "eth0");
    node.run("ip", "link", "set", "eth0", "up");
    node.run("ip", "route", "add", "default", "via", hostAddress);
  }

  /** Removes this machine's end, and with it the other; no error if the kernel did so already. */
  static void delete(StateDirectory state) {
    String device = state.kernelName();
    if (exists(state)) {
      Command.Result removal = Command.attempt(List.of("ip", "link", "delete", device));
      if (removal.exitCode() != 0 && exists(state)) {
        throw new ClusterException("Cannot remove " + device + ": " + removal.output().strip());
      }
    }
  }

  static boolean exists(StateDirectory state) {
    return Command.attempt(List.of("ip", "link", "show", "dev", state.kernelName())).exitCode()
        == 0;
  }

  private static String cidr(String address) {
    return address + "/" + PREFIX_LENGTH;
  }
}
