package io.loraoperator.e2e.cluster.local;

import io.loraoperator.e2e.cluster.binaries.GoModule;
import java.util.List;
import java.util.Map;

/**
 * One of the programs that make a node.
 *
 * @param name the program's name, and its log's and process file's
 * @param module what it is built from
 * @param arguments its command line, with paths as the node sees them
 * @param environment variables beyond the search path
 */
record Component(
    String name, GoModule module, List<String> arguments, Map<String, String> environment) {}
