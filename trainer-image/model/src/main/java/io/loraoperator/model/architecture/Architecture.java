package io.loraoperator.model.architecture;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a decoder is composed of, from a Hugging Face {@code config.json}.
 *
 * @param modelType family, as {@code model_type}
 * @param vocabularySize tokens
 * @param hiddenSize channels of the residual stream
 * @param blocks bottom first
 * @param root what the names of all tensors but the head's start with; checkpoints of the decoder
 *     without a head lack it
 * @param defaultTargets modules that are adapted where none are named, as in PEFT
 */
public record Architecture(
    String modelType,
    int vocabularySize,
    int hiddenSize,
    EmbeddingShape embedding,
    List<BlockShape> blocks,
    HeadShape head,
    String root,
    List<String> defaultTargets) {

  /**
   * Buffers that older checkpoints carry: rotary frequencies and causal masks, which are a function
   * of the configuration.
   */
  private static final List<String> BUFFERS =
      List.of(
          ".rotary_emb.inv_freq",
          ".attn.bias",
          ".attn.masked_bias",
          ".attn.attention.bias",
          ".attn.attention.masked_bias");

  /** Copies the lists. */
  public Architecture {
    blocks = List.copyOf(blocks);
    defaultTargets = List.copyOf(defaultTargets);
  }

  /**
   * Reads a configuration with Hugging Face's names.
   *
   * @throws UnsupportedModelException naming the model type, setting or missing field
   */
  public static Architecture of(Map<String, Object> config) {
    return Family.of(new ConfigFields(config)).architecture();
  }

  /** The same with other modules adapted where none are named. */
  Architecture withDefaultTargets(List<String> targets) {
    return new Architecture(
        modelType, vocabularySize, hiddenSize, embedding, blocks, head, root, targets);
  }

  /** All linear projections but the head, in the order of computation. */
  public List<Projection> projections() {
    return blocks.stream().flatMap(block -> block.projections().stream()).toList();
  }

  /** The head as a projection, which may have an adapter as those of the blocks. */
  public Projection headProjection() {
    return new Projection(
        -1,
        "",
        head.width(),
        List.of(new Projection.Member(head.path(), vocabularySize)),
        head.bias(),
        false);
  }

  /** The longest sequence that has learned positions; no bound where positions are not learned. */
  public int longestSequence() {
    return embedding.positions() == null ? Integer.MAX_VALUE : embedding.positions().count();
  }

  /** How many layers there are. */
  public int layers() {
    return 1 + projections().stream().mapToInt(Projection::layer).max().orElse(-1);
  }

  /** All attention blocks, in the order of computation. */
  public List<AttentionShape> attentions() {
    return blocks.stream()
        .flatMap(block ->
            switch (block) {
              case BlockShape.Residual(_, _, AttentionShape a, _) -> Stream.of(a);
              case BlockShape.Parallel parallel -> Stream.of(parallel.attention());
              default -> Stream.<AttentionShape>empty();
            })
        .toList();
  }

  /** Names of the linear modules within a layer, in the order of computation. */
  public List<String> linearModules() {
    Set<String> names = new LinkedHashSet<>();
    for (Projection projection : projections()) {
      projection.members().forEach(member -> names.add(member.module()));
    }
    return List.copyOf(names);
  }

  /** The shapes of all tensors by name. */
  public Map<String, long[]> tensors() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    embedding.tensors(shapes, vocabularySize);
    for (BlockShape block : blocks) {
      block.projections().forEach(projection -> projection.tensors(shapes));
      block.norms().forEach(norm -> norm.tensors(shapes));
    }
    for (AttentionShape attention : attentions()) {
      if (attention.headNorms() != null) {
        attention.headNorms().query().tensors(shapes);
        attention.headNorms().key().tensors(shapes);
      }
    }
    head.tensors(shapes, vocabularySize);
    return shapes;
  }

  /** Whether a tensor that is none of these may be there all the same. */
  public boolean mayHave(String name) {
    return BUFFERS.stream().anyMatch(name::endsWith) || (head.tied() && name.equals(head.weight()));
  }
}
