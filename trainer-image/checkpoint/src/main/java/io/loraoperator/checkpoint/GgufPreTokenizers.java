package io.loraoperator.checkpoint;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How a text is cut before byte pairs merge, by GGUF's {@code tokenizer.ggml.pre}. One that is not
 * in the table is refused: another cut gives other tokens than the model was trained on.
 *
 * <p>The table says what transformers makes of the same file, so that a run here and one there see
 * the same ids. For {@code smollm} that is GPT-2's cut, though the original tokenizer separates
 * digits first; the two differ only where several spaces stand before a digit, and for numerals
 * other than 0 to 9. The original {@code tokenizer.json} beside the GGUF file overrules this table.
 */
final class GgufPreTokenizers {

  /** Files that do not say. */
  static final String DEFAULT = "default";

  /** Llama 3's cut: up to three digits together. */
  private static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** Qwen 2's: the same with single digits. */
  private static final String QWEN2 = LLAMA3.replace("\\p{N}{1,3}", "\\p{N}");

  /** Mistral Nemo's: words begin at capitals, digits stand alone. */
  private static final String TEKKEN =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /**
   * One cut.
   *
   * @param split its expression; null for the one GPT-2's byte-level step has built in
   * @param ignoreMerges whether a piece that is a token as it stands is never merged up
   * @param addBos whether BOS is added when the file does not say
   */
  private record Cut(@Nullable String split, boolean ignoreMerges, boolean addBos) {}

  private static final Cut GPT2_CUT = new Cut(null, false, false);
  private static final Cut LLAMA3_CUT = new Cut(LLAMA3, true, true);
  private static final Cut QWEN2_CUT = new Cut(QWEN2, false, false);

  /** Phi-4's: Llama 3's cut, with merges and without BOS. */
  private static final Cut DBRX_CUT = new Cut(LLAMA3, false, false);

  private static final Map<String, Cut> CUTS =
      Map.ofEntries(
          entry(DEFAULT, GPT2_CUT),
          entry("gpt-2", GPT2_CUT),
          entry("phi-2", GPT2_CUT),
          entry("smollm", GPT2_CUT),
          entry("llama-bpe", LLAMA3_CUT),
          entry("llama3", LLAMA3_CUT),
          entry("llama-v3", LLAMA3_CUT),
          entry("dbrx", DBRX_CUT),
          entry("smaug-bpe", DBRX_CUT),
          entry("tekken", new Cut(TEKKEN, true, false)),
          entry("qwen2", QWEN2_CUT),
          entry("deepseek-r1-qwen", QWEN2_CUT));

  private GgufPreTokenizers() {}

  static Set<String> names() {
    return new TreeSet<>(CUTS.keySet());
  }

  /** The {@code pre_tokenizer} of {@code tokenizer.json}; null for an unknown name. */
  static @Nullable ObjectNode json(String name) {
    Cut cut = CUTS.get(name);
    if (cut == null) {
      return null;
    }
    if (cut.split() == null) {
      return byteLevel(true);
    }
    ObjectNode sequence = JsonFiles.MAPPER.createObjectNode();
    sequence.put("type", "Sequence");
    ArrayNode steps = sequence.putArray("pretokenizers");
    ObjectNode split = steps.addObject();
    split.put("type", "Split");
    split.putObject("pattern").put("Regex", cut.split());
    split.put("behavior", "Isolated");
    split.put("invert", false);
    steps.add(byteLevel(false));
    return sequence;
  }

  static boolean ignoresMerges(String name) {
    return CUTS.getOrDefault(name, GPT2_CUT).ignoreMerges();
  }

  static boolean addsBosByDefault(String name) {
    return CUTS.getOrDefault(name, GPT2_CUT).addBos();
  }

  /** Bytes as characters, and back in a decoder; optionally with GPT-2's cut. */
  static ObjectNode byteLevel(boolean cut) {
    return JsonFiles.MAPPER
        .createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", cut);
  }
}
