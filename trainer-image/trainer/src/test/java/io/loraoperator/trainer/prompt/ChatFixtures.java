package io.loraoperator.trainer.prompt;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loraoperator.checkpoint.BaseModelFiles;
import io.loraoperator.trainer.TinyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The committed fixtures of chat templates, made by {@code parity/chat-templates}. */
public final class ChatFixtures {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FOLDER = Path.of("../parity/chat-templates/fixtures");

  private ChatFixtures() {}

  /** A family's template and what transformers makes of each conversation. */
  public record Family(String name, JsonNode fixture) {

    /** Its template. */
    public ChatTemplate template() {
      Map<String, String> tokens = new LinkedHashMap<>();
      Stream.of("bos", "eos")
          .filter(role -> fixture.hasNonNull(role))
          .forEach(role -> tokens.put(role + "_token", fixture.get(role).asText()));
      return new ChatTemplate(fixture.path("template").asText(), tokens);
    }

    /** What transformers makes of a conversation. */
    public JsonNode expected(String conversation) {
      return fixture.path("cases").path(conversation);
    }

    /** A tiny model with its tokenizer and its template. */
    public BaseModelFiles model(Path folder) throws IOException {
      TinyModel.write(folder, false);
      Files.copy(
          FOLDER.resolve(fixture.path("tokenizer").asText()).resolve("tokenizer.json"),
          folder.resolve("tokenizer.json"),
          StandardCopyOption.REPLACE_EXISTING);
      ObjectNode config = JSON.createObjectNode();
      config.set("bos_token", fixture.path("bos"));
      config.set("eos_token", fixture.path("eos"));
      config.set("chat_template", fixture.path("template"));
      Files.writeString(folder.resolve("tokenizer_config.json"), config.toString());
      return BaseModelFiles.open(folder);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** A conversation by name. */
  public record Example(String name, Chat chat, boolean asks) {}

  /** All families. */
  public static List<Family> families() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<Family> families = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".json") && !name.equals("conversations.json")) {
          families.add(new Family(name.replace(".json", ""), JSON.readTree(file.toFile())));
        }
      }
      return families;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All conversations. */
  public static List<Example> conversations() {
    try {
      List<Example> conversations = new ArrayList<>();
      for (Map.Entry<String, JsonNode> entry :
          JSON.readTree(FOLDER.resolve("conversations.json").toFile()).properties()) {
        JsonNode value = entry.getValue();
        List<@Nullable Object> tools =
            value.has("tools")
                ? JSON.convertValue(value.get("tools"), new TypeReference<>() {})
                : null;
        conversations.add(
            new Example(
                entry.getKey(),
                new Chat(JSON.convertValue(value.get("messages"), new TypeReference<>() {}), tools),
                value.path("add_generation_prompt").asBoolean()));
      }
      return conversations;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
