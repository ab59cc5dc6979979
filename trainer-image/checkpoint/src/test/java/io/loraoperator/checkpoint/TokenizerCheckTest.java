package io.loraoperator.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What would end the process is refused; without the check, these tests end the JVM. */
class TokenizerCheckTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path ORIGIN = Path.of("model");

  /** Written by sentencepiece for three rules: full-width A and B, and the ideographic space. */
  private static final Path CHARSMAP = Fixtures.FOLDER.resolve("charsmap.txt");

  private static void check(ObjectNode tokenizer) {
    TokenizerCheck.check(tokenizer, ORIGIN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          {"decoder":{"type":"\\ud83d"}}      ; holds half of a surrogate pair (\\ud83d)
          {"model":{"\\ude00":1}}             ; holds half of a surrogate pair (\\ude00)
          {"model":{"dropout":1e400}}         ; holds the number
          {"decoder":{"start":18446744073709551616}} ; holds the number 18446744073709551616, which is out of range
          {"post_processor":{"type":"TemplateProcessing","special_tokens":{"a":{"ids":[1,2],"tokens":["a"]}}}} ; post_processor TemplateProcessing: a has 2 ids and 1 tokens
          {"post_processor":{"type":"Replace","single":[{"SpecialToken":{"id":"<s>"}}],"special_tokens":{}}} ; post_processor TemplateProcessing: single has the token "<s>", special_tokens has not
          {"post_processor":{"single":[{"SpecialToken":["s",1]}],"special_tokens":{}}} ; has ["s",1] where an object belongs
          {"post_processor":{"single":[],"special_tokens":{"a":["a",[1,2],["a"]]}}} ; has ["a",[1,2],["a"]] where an object belongs
          {"post_processor":[[{"Sequence":{"id":"B","type_id":0}}],[],{}]} ; has [[{"Sequence":{"id":"B"
          {"decoder":{"type":"Sequence","decoders":[[" ",0,5]]}} ; has [" ",0,5] where an object belongs
          {"normalizer":{"type":{"Precompiled":null}}} ; has a step of type {"Precompiled":null}, which is no text
          {"post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":1}}],"pair":[],"special_tokens":{}}} ; single has the sequence "B", it is given A
          {"post_processor":{"single":[{"Sequence":{"id":{"B":null},"type_id":1}}],"special_tokens":{}}} ; single has the sequence {"B":null}, it is given A
          {"post_processor":{"processors":[{"single":[{"SpecialToken":{"id":"s"}},{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"s"}}],"special_tokens":{"s":{}}},{"single":[],"pair":[]}]}} ; the templates before this one leave 3 parts
          {"post_processor":{"processors":[{"single":[{"SpecialToken":{"id":"s"}}],"special_tokens":{"s":{}}},{"single":[],"pair":[]}]}} ; the templates before this one leave 0 parts
          {"pre_tokenizer":{"type":"Split","pattern":{"Regex":"a(*ERROR)"},"behavior":"Isolated","invert":false}} ; has a pattern with a callout, (*…)
          {"model":{"vocab":{"a":16777216}}}         ; gives a token the id 16777216
          {"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"FixedLength","length":0}]}} ; pre_tokenizer FixedLength: length is 0
          {"added_tokens":[{"id":4294967295}]}       ; gives a token the id 4294967295
          {"model":{"vocab":{"a":2147483648}}}       ; gives a token the id 2147483648
          {"post_processor":{"type":"TemplateProcessing","special_tokens":{"a":{"ids":[4294967295],"tokens":["a"]}}}} ; gives a token the id 4294967295
          {"post_processor":{"type":"BertProcessing","sep":["a",1],"cls":["b",4294967295]}} ; gives a token the id 4294967295
          {"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"}} ; normalizer Precompiled: precompiled_charsmap is empty
          {"normalizer":{"type":"Precompiled"}} ; normalizer Precompiled: precompiled_charsmap is empty
          {"normalizer":{"type":"Sequence","normalizers":[{"type":"Precompiled","precompiled_charsmap":"?"}]}} ; is not base64
          {"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}}],"pair":[],"special_tokens":{}}} ; single has the token "x", special_tokens has not
          {"decoder":{"type":"Sequence","decoders":[{"type":"Strip","content":" ","start":0,"stop":1}]}} ; decoder Strip: stop is not 0
          {"model":{"type":"BPE","continuing_subword_prefix":"##","vocab":{"a":0,"b":1},"merges":[["a","b"]]}} ; the merge ["a","b"] does not have continuing_subword_prefix ##
          {"model":{"type":"BPE","continuing_subword_prefix":"##","vocab":{"a":0,"b":1},"merges":["a b"]}} ; the merge "a b" does not have continuing_subword_prefix ##
          """)
  void whatTheLibraryDoesNotSurviveIsRefused(String json, String message) throws IOException {
    ObjectNode tokenizer = (ObjectNode) JSON.readTree(json);

    assertThatThrownBy(() -> check(tokenizer))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model: tokenizer.json ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"decoder\":{\"type\":\"Strip\",\"content\":\" \",\"start\":1,\"stop\":0}}",
        "{\"model\":{\"continuing_subword_prefix\":\"##\",\"merges\":[[\"a\",\"##b\"],\"a ##c\"]}}",
        "{\"model\":{\"\\ud83d\\ude00\":1e308}}",
        "{\"normalizer\":{\"pattern\":{\"Regex\":\" {2,}\"},\"content\":\" \"},"
            + "\"pre_tokenizer\":{\"pattern\":{\"Regex\":\"[(*a]|\\\\(*b|\\\\p{Han}\"}}}",
        "{\"post_processor\":{\"processors\":[{\"trim_offsets\":true},{\"single\":[{\"Sequence\":"
            + "{\"id\":\"A\"}}],\"pair\":[{\"Sequence\":{\"id\":\"B\"}}]},{\"single\":[]}]}}"
      })
  void whatIsSoundIsNot(String json) throws JsonProcessingException {
    check((ObjectNode) JSON.readTree(json));
  }

  @Test
  void deepNestingIsRefused() throws JsonProcessingException {
    ObjectNode tokenizer =
        (ObjectNode) JSON.readTree("{\"a\":" + "[".repeat(200) + "]".repeat(200) + "}");

    assertThatThrownBy(() -> check(tokenizer)).hasMessageContaining("is nested more than 100 deep");
  }

  @Test
  void whatTakesTooMuchStackIsRefused() {
    ObjectNode nested = JSON.createObjectNode();
    nested.putObject("pre_tokenizer").putObject("pattern").put("Regex", "(".repeat(501));
    ObjectNode longPiece = JSON.createObjectNode();
    longPiece.putObject("model").putArray("vocab").addArray().add("a".repeat(4001)).add(0.0);

    assertThatThrownBy(() -> check(nested))
        .hasMessageContaining("has a pattern with more than 500 brackets");
    assertThatThrownBy(() -> check(longPiece))
        .hasMessageContaining("model: a piece has 4001 characters");
  }

  @Test
  void tablesOfNormalisationsAreFollowedBeforeTheLibraryDoes() throws IOException {
    byte[] sound = Base64.getDecoder().decode(Files.readString(CHARSMAP));
    assertThat(problem(sound, bytes -> bytes)).isEmpty();
    assertThat(problem(sound, bytes -> java.util.Arrays.copyOf(bytes, 100)))
        .isEqualTo("is cut off");
    assertThat(problem(sound, bytes -> java.util.Arrays.copyOf(bytes, bytes.length - 1)))
        .isEqualTo("does not end its last text");
    assertThat(problem(sound, bytes -> with(bytes, bytes.length - 2, (byte) 0xFF)))
        .isEqualTo("holds text that is not UTF-8");
    assertThat(problem(sound, bytes -> with(bytes, 4 + 2, (byte) 0x70)))
        .isEqualTo("points outside of itself");
    assertThat(problem(sound, bytes -> with(bytes, 4 + 3, (byte) 0x80)))
        .isEqualTo("points outside of itself");
    assertThat(PrecompiledCharsmap.problem("AAAAAB==")).isEqualTo("is not base64 to its last bit");
  }

  private static byte[] with(byte[] bytes, int at, byte value) {
    bytes[at] = value;
    return bytes;
  }

  private static String problem(byte[] sound, UnaryOperator<byte[]> damage) {
    return PrecompiledCharsmap.problem(
        Base64.getEncoder().encodeToString(damage.apply(sound.clone())));
  }
}
