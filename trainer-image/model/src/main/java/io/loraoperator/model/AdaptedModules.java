package io.loraoperator.model;

import io.loraoperator.model.architecture.Architecture;
import io.loraoperator.model.architecture.Projection;
import io.loraoperator.model.architecture.UnsupportedAdapterException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Which modules of an architecture a configuration adapts, by PEFT's rules. */
final class AdaptedModules {

  private final LoraConfig config;
  private final Architecture architecture;

  AdaptedModules(LoraConfig config, Architecture architecture) {
    this.config = config;
    this.architecture = architecture;
  }

  /** See {@link LoraConfig#resolve}. */
  Map<String, LoraShape> shapes() {
    checkNames();
    List<String> adapted = new ArrayList<>();
    String embedding = architecture.embedding().module();
    if (isAdapted(embedding, isTargetedAnywhere(embedding))) {
      adapted.add(embedding);
    }
    LayerRange layers = config.layers();
    for (Projection projection : architecture.projections()) {
      boolean inRange = layers == null || layers.contains(projection.layer());
      projection.members().stream()
          .map(projection::path)
          .filter(module -> isAdapted(module, inRange && (isAllLinear() || isNamed(module))))
          .forEach(adapted::add);
    }
    String head = architecture.head().path();
    if (isAdapted(head, isTargetedAnywhere(head))) {
      adapted.add(head);
    }
    if (adapted.isEmpty()) {
      throw new UnsupportedAdapterException(
          "targetModules", "excludeModules and layers leave none of these modules to adapt.");
    }
    refuseDecomposition(adapted);
    var ranks = new ModulePatterns("rankPattern", config.rankPattern());
    var alphas = new ModulePatterns("alphaPattern", config.alphaPattern());
    ranks.mustMatch(adapted);
    alphas.mustMatch(adapted);
    Map<String, LoraShape> shapes = new LinkedHashMap<>();
    for (String module : adapted) {
      int rank = (int) ranks.of(module, config.rank());
      shapes.put(
          module,
          new LoraShape(rank, config.variant().scaling(alphas.of(module, config.alpha()), rank)));
    }
    return shapes;
  }

  /** See {@link LoraConfig#resolvedTargets}. */
  List<String> names() {
    Set<String> adapted = shapes().keySet();
    Set<String> chosen = new LinkedHashSet<>();
    for (Projection projection : architecture.projections()) {
      for (Projection.Member member : projection.members()) {
        if (adapted.contains(projection.path(member))) {
          chosen.add(member.module());
        }
      }
    }
    Stream<String> within =
        chosen.stream()
            .map(module ->
                architecture.linearModules().stream()
                        .filter(m -> lastPart(m).equals(lastPart(module)))
                        .allMatch(chosen::contains)
                    ? lastPart(module)
                    : module);
    Stream<String> outside = outside().filter(adapted::contains).map(AdaptedModules::lastPart);
    return Stream.concat(within, outside).distinct().toList();
  }

  /** What is before the layers and behind them. */
  private Stream<String> outside() {
    return Stream.of(architecture.embedding().module(), architecture.head().path());
  }

  private void checkNames() {
    if (!isAllLinear()) {
      config.targetModules().forEach(name -> checkName("targetModules", name));
    }
    config.excludeModules().forEach(name -> checkName("excludeModules", name));
    int count = architecture.layers();
    LayerRange layers = config.layers();
    if (layers != null && layers.to() > count) {
      throw new UnsupportedAdapterException(
          "layers",
          "The range goes to layer %d, and the model has %d layers, counted from 0."
              .formatted(layers.to(), count));
    }
  }

  private void checkName(String field, String name) {
    Stream<String> linear =
        architecture.projections().stream().flatMap(p -> p.members().stream().map(p::path));
    if (Stream.concat(linear, outside()).noneMatch(m -> LoraConfig.matches(m, name))) {
      throw new UnsupportedAdapterException(
          field,
          "No module of a %s model that can have an adapter is called %s; it has %s."
              .formatted(
                  architecture.modelType(),
                  name,
                  String.join(
                      ", ",
                      Stream.concat(architecture.linearModules().stream(), outside())
                          .map(AdaptedModules::lastPart)
                          .distinct()
                          .toList())));
    }
  }

  /** PEFT has magnitudes for a table's columns, too; nobody has asked for them. */
  private void refuseDecomposition(List<String> adapted) {
    if (config.variant() == LoraVariant.DORA) {
      outside()
          .filter(adapted::contains)
          .findFirst()
          .ifPresent(module -> {
            throw new UnsupportedAdapterException(
                "targetModules",
                "DoRA is for the linear modules of the layers, not for %s.".formatted(module));
          });
    }
  }

  private boolean isAllLinear() {
    return config.targetModules().equals(List.of(LoraConfig.ALL_LINEAR));
  }

  private boolean isNamed(String module) {
    return config.targetModules().stream().anyMatch(t -> LoraConfig.matches(module, t));
  }

  /** As in PEFT a range of layers leaves out what is in none. */
  private boolean isTargetedAnywhere(String module) {
    return config.layers() == null && isNamed(module);
  }

  /** As in PEFT a target that is a whole path holds whatever the layers are. */
  private boolean isAdapted(String module, boolean targeted) {
    return (targeted || config.targetModules().contains(module))
        && config.excludeModules().stream().noneMatch(e -> LoraConfig.matches(module, e));
  }

  private static String lastPart(String module) {
    return module.substring(module.lastIndexOf('.') + 1);
  }
}
