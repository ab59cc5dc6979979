package io.loraoperator.trainer.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.checkpoint.CheckpointException;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * {@code tokenizer.json}: our reading of it and the native library's. An input is the file itself,
 * or, since few changes of bytes leave JSON, changes to the values of a sound one.
 */
public final class TokenizerFuzzer {

  private static final Bound BOUND =
      new Bound(Bound.FIXED_BYTES, Bound.JSON_TREE, CheckpointException.class::isInstance);
  private static final Path FOLDER = InputFile.folder();
  private static final Path FILE = FOLDER.resolve("tokenizer.json");
  private static final String TEXT = "Hello, 世界 🚀\n\n  007 <s> ### Human:";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What values are replaced by, besides other values of the sound files. */
  private static final List<JsonNode> EXTREMES = new ArrayList<>();

  private static final List<JsonNode> SOUND = new ArrayList<>();

  /** All values of the sound files. */
  private static final List<JsonNode> PARTS = new ArrayList<>();

  private TokenizerFuzzer() {}

  /** The rest of the model's folder is sound. */
  public static void fuzzerInitialize() throws IOException {
    TinyModel.write(FOLDER, true);
    JSON.readTree(
            """
            [null, true, "", "a", "\\ud83d", "\\u0000", "(a+)+$", "(((", 0, -1, 0.5, 1e308, 2147483647, 4294967295, 4294967296,
             18446744073709551615, [], {}, [[]], ["a"], [0], {"a": 0}, {"type": "Sequence", "normalizers": [], "pretokenizers": [],
             "processors": [], "decoders": []}, {"Regex": "|"}, {"String": ""}, {"type": "Precompiled", "precompiled_charsmap": "AAAA"},
             {"type": "UnicodeScripts"}, {"type": "Digits", "individual_digits": true}, {"type": "CTC", "pad_token": "", "word_delimiter_token": "", "cleanup": true},
             {"type": "Strip", "strip_left": true, "strip_right": true, "content": "", "start": 9, "stop": 9}, {"type": "FixedLength", "length": 0}]
            """)
        .forEach(EXTREMES::add);
    try (var files = Files.list(Path.of(System.getProperty("lora.fuzz.seeds")))) {
      for (Path file : files.sorted().toList()) {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes[0] == '{') {
          SOUND.add(JSON.readTree(bytes));
        }
      }
    }
    SOUND.forEach(sound -> collect(sound, PARTS));
  }

  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    byte[] file = input.length > 0 && input[0] == '{' ? input : changed(ByteBuffer.wrap(input));
    Files.write(FILE, file);
    BOUND.check(
        file.length,
        () -> {
          try (BaseModelFiles model = BaseModelFiles.open(FOLDER)) {
            int[] ids = model.tokenizer().encode(TEXT, true).ids();
            var _ = model.tokenizer().decode(ids, true);
          }
        });
  }

  /** A byte for the file, then four for each change: which value, and what it is replaced by. */
  private static byte[] changed(ByteBuffer choices) throws IOException {
    int first = choices.hasRemaining() ? choices.get() & 0x7F : 0;
    JsonNode file = SOUND.get(first % SOUND.size()).deepCopy();
    while (choices.remaining() >= Integer.BYTES) {
      int at = choices.getShort() & 0xFFFF;
      int by = choices.getShort() & 0xFFFF;
      List<JsonNode> from = by % 2 == 0 ? EXTREMES : PARTS;
      replace(file, at, from.get(by / 2 % from.size()).deepCopy());
    }
    return JSON.writeValueAsBytes(file);
  }

  private static void collect(JsonNode node, List<JsonNode> to) {
    to.add(node);
    node.forEach(child -> collect(child, to));
  }

  /** Replaces one of the values inside. */
  private static void replace(JsonNode file, int at, JsonNode by) {
    List<JsonNode> holders = new ArrayList<>();
    collect(file, holders);
    holders.removeIf(JsonNode::isEmpty);
    if (holders.isEmpty()) {
      return;
    }
    JsonNode holder = holders.get(at % holders.size());
    int child = at / holders.size() % holder.size();
    if (holder instanceof ArrayNode array) {
      array.set(child, by);
    } else if (holder instanceof ObjectNode object) {
      Iterator<Map.Entry<String, JsonNode>> entries = object.properties().iterator();
      for (int i = 0; i < child; i++) {
        entries.next();
      }
      entries.next().setValue(by);
    }
  }
}
