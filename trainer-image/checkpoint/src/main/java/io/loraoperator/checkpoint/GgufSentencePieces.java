package io.loraoperator.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Sentencepiece's BPE of a GGUF file as {@code tokenizer.json}: spaces are U+2581, what has no
 * piece is spelled in bytes, and the pair whose piece has the best score is merged first. GGUF
 * carries the scores, {@code tokenizer.json} the order of merges; one follows from the other.
 *
 * @param types of the tokens; empty if the file has none
 * @see <a href="https://arxiv.org/abs/1808.06226">Kudo and Richardson, 2018</a>
 */
record GgufSentencePieces(GgufFile file, List<String> tokens, List<Long> types) {

  private static final String SPACE = "\u2581";
  private static final long NORMAL = 1;

  /** Where the file does not say: Llama's. */
  private static final long DEFAULT_UNKNOWN = 0;

  /** Pieces have at most some ten characters; a longer one is matched whole, as it stands. */
  private static final int LONGEST_MERGED = 512;

  private record Merge(String left, String right, double score) {}

  void describe(ObjectNode model) {
    boolean prefixed = file.bool(GgufTokenizer.PREFIX + "add_space_prefix").orElse(true);
    ArrayNode added = model.putArray("added_tokens");
    ArrayNode normalizers =
        model.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    if (prefixed) {
      normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
    }
    replace(normalizers.addObject(), " ", SPACE);
    model.putNull("pre_tokenizer");
    model.putNull("post_processor");
    ArrayNode decoders = model.putObject("decoder").put("type", "Sequence").putArray("decoders");
    replace(decoders.addObject(), SPACE, " ");
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    if (prefixed) {
      decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    ObjectNode pieces = model.putObject("model");
    pieces.put("type", "BPE");
    pieces.putNull("dropout");
    pieces.put("unk_token", unknown());
    pieces.put("fuse_unk", true);
    pieces.put("byte_fallback", true);
    pieces.put("ignore_merges", false);
    ObjectNode vocabulary = pieces.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      if (vocabulary.has(tokens.get(id))) {
        throw GgufTokenizer.invalid(file, "has the token '%s' twice".formatted(tokens.get(id)));
      }
      vocabulary.put(tokens.get(id), id);
    }
    ArrayNode merges = pieces.putArray("merges");
    Optional<List<String>> given = file.list(GgufTokenizer.PREFIX + "merges", String.class);
    Set<String> merged = new HashSet<>();
    if (given.isPresent()) {
      GgufTokenizer.addMerges(file, given.get(), vocabulary, merges);
      given.get().forEach(pair -> merged.add(pair.replace(" ", "")));
    } else {
      for (Merge merge : merges(vocabulary)) {
        merges.addArray().add(merge.left()).add(merge.right());
        merged.add(merge.left() + merge.right());
      }
    }
    addWhole(added, merged);
  }

  private String unknown() {
    String key = GgufTokenizer.PREFIX + "unknown_token_id";
    long id = file.integer(key).orElse(DEFAULT_UNKNOWN);
    if (id < 0 || id >= tokens.size()) {
      throw GgufTokenizer.invalid(file, "%s is %d, of %d tokens".formatted(key, id, tokens.size()));
    }
    return tokens.get((int) id);
  }

  /**
   * Control and user-defined tokens, and the pieces that no merge makes: sentencepiece matches
   * these before anything else.
   */
  private void addWhole(ArrayNode added, Set<String> merged) {
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      long type = type(id);
      boolean unreachable =
          type == NORMAL
              && token.codePointCount(0, token.length()) > 1
              && !token.contains(SPACE)
              && !merged.contains(token);
      if (type == GgufTokenizer.CONTROL || type == GgufTokenizer.USER_DEFINED || unreachable) {
        GgufTokenizer.add(added, id, token, type == GgufTokenizer.CONTROL);
      }
    }
  }

  /** Every way to make a piece of two others, best score first. */
  private List<Merge> merges(ObjectNode vocabulary) {
    List<Double> scores = scores();
    List<Merge> merges = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      if (type(id) != NORMAL || token.length() > LONGEST_MERGED) {
        continue;
      }
      List<Merge> ways = new ArrayList<>();
      for (int at = token.offsetByCodePoints(0, Math.min(1, token.length()));
          at < token.length();
          at = token.offsetByCodePoints(at, 1)) {
        String left = token.substring(0, at);
        String right = token.substring(at);
        if (vocabulary.has(left) && vocabulary.has(right)) {
          ways.add(new Merge(left, right, scores.get(id)));
        }
      }
      ways.sort(
          Comparator.<Merge>comparingInt(way -> vocabulary.get(way.left()).asInt())
              .thenComparingInt(way -> vocabulary.get(way.right()).asInt()));
      merges.addAll(ways);
    }
    merges.sort(Comparator.comparingDouble(Merge::score).reversed());
    return merges;
  }

  /**
   * Gemma's files spoil the scores of added tokens, but keep pieces in the order of their merges.
   */
  private List<Double> scores() {
    if (file.architecture().startsWith("gemma")) {
      List<Double> places = new ArrayList<>();
      for (int id = 0; id < tokens.size(); id++) {
        places.add((double) -id);
      }
      return places;
    }
    List<Double> scores =
        file.list(GgufTokenizer.PREFIX + "scores", Double.class)
            .orElseThrow(() -> file.missing(GgufTokenizer.PREFIX + "scores"));
    if (scores.size() != tokens.size()) {
      throw GgufTokenizer.invalid(
          file, "has %d tokens and %d scores".formatted(tokens.size(), scores.size()));
    }
    return scores;
  }

  private long type(int id) {
    return types.isEmpty() ? NORMAL : types.get(id);
  }

  private static void replace(ObjectNode step, String from, String to) {
    step.put("type", "Replace");
    step.putObject("pattern").put("String", from);
    step.put("content", to);
  }
}
