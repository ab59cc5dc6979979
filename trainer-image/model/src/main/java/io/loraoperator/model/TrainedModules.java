package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.UnsupportedAdapterException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a configuration trains of an architecture's own weights. */
final class TrainedModules {

  private static final String BIAS = ".bias";

  private final LoraConfig config;
  private final Architecture architecture;
  private final Set<String> adapted;
  private final String embedding;
  private final String head;

  TrainedModules(LoraConfig config, Architecture architecture) {
    this.config = config;
    this.architecture = architecture;
    this.adapted = config.resolve(architecture).keySet();
    this.embedding = architecture.embedding().module();
    this.head = architecture.head().path();
  }

  /** See {@link LoraConfig#trainedModules}. */
  List<String> whole() {
    Set<String> trained = new LinkedHashSet<>();
    for (String name : config.modulesToSave()) {
      if (!LoraConfig.matches(embedding, name) && !LoraConfig.matches(head, name)) {
        throw new UnsupportedAdapterException(
            "modulesToSave",
            "%s is neither %s nor %s, which can be trained in full."
                .formatted(name, embedding, head));
      }
      String module = module(name);
      requireUnadapted("modulesToSave", name, module);
      trained.add(module);
    }
    return trained.stream().sorted().toList();
  }

  /** See {@link LoraConfig#trainedBiases}. */
  List<String> biases() {
    List<String> whole = whole();
    return architecture.tensors().keySet().stream()
        .filter(name -> name.endsWith(BIAS))
        .map(name -> name.substring(0, name.length() - BIAS.length()))
        .filter(module ->
            whole.contains(module)
                || switch (config.bias()) {
                  case NONE -> false;
                  case ALL -> true;
                  case LORA_ONLY -> adapted.contains(module);
                })
        .toList();
  }

  /** See {@link LoraConfig#trainedTokens()}. */
  Map<String, List<Integer>> tokens() {
    List<String> whole = whole();
    Map<String, List<Integer>> tokens = new TreeMap<>();
    config
        .trainedTokens()
        .forEach((name, ids) -> {
          if (!LoraConfig.matches(embedding, name) && !LoraConfig.matches(head, name)) {
            throw tokensRefused("%s is neither %s nor %s.".formatted(name, embedding, head));
          }
          String module = module(name);
          requireUnadapted("trainedTokens", name, module);
          if (whole.contains(module)) {
            throw tokensRefused("%s is trained in full as well.".formatted(name));
          }
          if (module.equals(head) && architecture.head().bias()) {
            throw tokensRefused(
                "%s has a bias, which PEFT leaves out where it trains single rows."
                    .formatted(name));
          }
          for (int id : ids) {
            if (id < 0 || id >= architecture.vocabularySize()) {
              throw tokensRefused(
                  "The model has %d tokens, and none has the id %d."
                      .formatted(architecture.vocabularySize(), id));
            }
          }
          if (!ids.isEmpty() && !ids.equals(tokens.getOrDefault(module, ids))) {
            throw tokensRefused("%s and %s are tied.".formatted(embedding, head));
          }
          if (!ids.isEmpty()) {
            tokens.put(module, List.copyOf(ids));
          }
        });
    return tokens;
  }

  /** The embedding's path or the head's; of a tied head the embedding's. */
  private String module(String name) {
    return LoraConfig.matches(embedding, name) || architecture.head().tied() ? embedding : head;
  }

  /** An adapter on either of two that are tied is one on a table that both see. */
  private void requireUnadapted(String field, String name, String module) {
    if (adapted.contains(module) || (architecture.head().tied() && adapted.contains(head))) {
      throw new UnsupportedAdapterException(
          field, "%s gets an adapter by targetModules as well.".formatted(name));
    }
  }

  private static UnsupportedAdapterException tokensRefused(String problem) {
    return new UnsupportedAdapterException("trainedTokens", problem);
  }
}
