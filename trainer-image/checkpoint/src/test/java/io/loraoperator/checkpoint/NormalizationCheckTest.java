package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What would end the process is refused; without the check, these tests end the JVM. */
class NormalizationCheckTest {

  @TempDir Path folder;

  /** Of two added tokens, the first is "a". */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      nullValues = "sound",
      textBlock =
          """
          rstrip     ; ` ` ; lstrip            ; null ; it is blank and lstrip, and another one is rstrip
          rstrip     ; `x` ; lstrip normalized ; {"type":"Replace","pattern":{"Regex":"x"},"content":" "} ; it is blank and lstrip
          rstrip     ; ` ` ; lstrip rstrip     ; null ; sound
          rstrip     ; `x` ; lstrip            ; null ; sound
          none       ; ` ` ; lstrip            ; null ; sound
          normalized ; ` ` ; normalized        ; {"type":"Strip","strip_left":true,"strip_right":true} ; the normalizer leaves nothing of it
          normalized ; `x` ; normalized        ; {"type":"Replace","pattern":{"Regex":"x"},"content":""} ; the normalizer leaves nothing of it
          normalized ; ` ` ; none              ; {"type":"Strip","strip_left":true,"strip_right":true} ; sound
          normalized ; ` ` ; normalized        ; {"type":"NFC"} ; sound
          none ; `x` ; none ; {"type":"Sequence","normalizers":[{"type":"Replace","pattern":{"Regex":"^"},"content":"y"},{"type":"NFC"}]} ; Replace: the pattern matches before a text
          none ; `x` ; none ; {"type":"Replace","pattern":{"Regex":"(?=[0-9])"},"content":"y"} ; Replace: the pattern matches before a text
          none ; `x` ; none ; {"type":"Replace","pattern":{"String":""},"content":"y"} ; Replace: the pattern matches before a text
          none ; `x` ; none ; {"type":"Replace","pattern":{"Regex":"^ *"},"content":""} ; sound
          none ; `x` ; none ; {"type":"Replace","pattern":{"Regex":"a+|\\\\s"},"content":"y"} ; sound
          """)
  void whatTheLibraryDoesNotSurviveIsRefused(
      String first, String second, String flags, String normalizer, @Nullable String problem)
      throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"normalizer": %s, "added_tokens": [%s, %s],
         "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]]}}
        """
            .formatted(normalizer, token(7, "a", first), token(8, second, flags)));

    if (problem != null) {
      assertThatThrownBy(() -> FastTokenizer.load(TokenizerSource.read(folder)))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("tokenizer.json ")
          .hasMessageContaining(problem);
      return;
    }
    try (Tokenizer tokenizer = FastTokenizer.load(TokenizerSource.read(folder))) {
      assertThat(tokenizer.encode("a  世界   x b", false).ids()).isNotEmpty();
    }
  }

  private static String token(int id, String content, String flags) {
    return JsonFiles.MAPPER
        .createObjectNode()
        .put("id", id)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", flags.contains("lstrip"))
        .put("rstrip", flags.contains("rstrip"))
        .put("normalized", flags.contains("normalized"))
        .put("special", false)
        .toString();
  }
}
