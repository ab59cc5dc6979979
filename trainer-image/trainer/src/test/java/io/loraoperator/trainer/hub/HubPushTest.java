package io.loraoperator.trainer.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.loraoperator.trainer.storage.Retry;
import io.loraoperator.trainer.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are pushed to a repository of the hub. */
class HubPushTest {

  private static final String NAME = "acme/pushed";

  @TempDir Path folder;
  private HubServer server;

  @BeforeEach
  void start() throws IOException {
    server = new HubServer();
    byte[] weights = new byte[300_000];
    new Random(1).nextBytes(weights);
    Files.write(folder.resolve("adapter_model.safetensors"), weights);
    Files.writeString(folder.resolve("README.md"), "---\nlibrary_name: peft\n---\n# ä 🚀\n");
    Files.write(folder.resolve("empty.safetensors"), new byte[0]);
    Files.createDirectories(folder.resolve("a folder"));
    Files.writeString(folder.resolve("a folder/b+c%.txt"), "text");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HubPush hub(String token, String name) {
    HubAccess access = new HubAccess(server.endpoint(), token, Duration.ofSeconds(10));
    return new HubPush(
        access, name, new Retry(3, Duration.ofMillis(1), Duration.ofMillis(1), wait -> {}));
  }

  private HubPush.Commit push() throws IOException {
    try (HubPush hub = hub(HubServer.TOKEN, NAME)) {
      hub.create(true);
      return hub.push(PushedFolder.files(folder), "four files");
    }
  }

  private void requireEverythingThere() throws IOException {
    for (var file : PushedFolder.files(folder).entrySet()) {
      assertThat(server.contentOf(NAME, file.getKey()))
          .as(file.getKey())
          .isEqualTo(Files.readAllBytes(file.getValue()));
    }
  }

  @Test
  void whatIsThereIsNotSentAgain() throws IOException {
    HubPush.Commit first = push();

    assertThat(first).isEqualTo(new HubPush.Commit(server.commitOf(NAME), true));
    requireEverythingThere();
    assertThat(server.model(NAME).isHidden()).isTrue();
    assertThat(puts()).hasSize(1);
    assertThat(puts().getFirst().authorization()).as("the token stays with the hub").isNull();

    assertThat(push()).isEqualTo(new HubPush.Commit(first.oid(), false));
    assertThat(server.commitsOf(NAME)).isEqualTo(1);

    Files.writeString(folder.resolve("README.md"), "other");
    HubPush.Commit second = push();
    assertThat(second.changed()).isTrue();
    assertThat(second.oid()).isNotEqualTo(first.oid());
    requireEverythingThere();
    assertThat(puts()).as("the weights are there").hasSize(1);
  }

  private List<HubServer.Request> puts() {
    return server.requests().stream().filter(one -> one.method().equals("PUT")).toList();
  }

  @Test
  void whatMayPassIsTriedAgainAndCommittedOnce() throws IOException {
    server.writes().refusePuts(2);
    assertThat(push().changed()).isTrue();
    requireEverythingThere();
    assertThat(puts()).hasSize(3);

    Files.writeString(folder.resolve("README.md"), "other");
    server.writes().loseAnswers(1);
    HubPush.Commit again = push();
    assertThat(again).isEqualTo(new HubPush.Commit(server.commitOf(NAME), false));
    assertThat(server.commitsOf(NAME)).isEqualTo(2);

    Files.writeString(folder.resolve("README.md"), "---\nbase_model: s3://models/a/\n---\n");
    StorageException refused = catchThrowableOfType(StorageException.class, this::push);
    assertThat(refused)
        .hasMessageContaining("hf://acme/pushed@main: the hub answers HTTP 400: \"base_model\"");
  }

  @ParameterizedTest
  @CsvSource({
    "hf_test_token, other/adapter, false, 'the token may not write there, or the owner does not exist (HTTP 403: You don''t have the rights to create a model under the namespace \"other\")'",
    "hf_reading_token, acme/new, false, the token may not write there",
    "hf_reading_token, acme/there, true, the token may not write there",
    "hf_expired, acme/there, true, 'the token is not valid any more, or never was'",
  })
  void whoMayNotWriteIsToldBeforeAnythingIsSent(
      String token, String name, boolean there, String told) {
    if (there) {
      server.model(name).put("README.md", "here");
    }
    try (HubPush hub = hub(token, name)) {
      StorageException refused =
          catchThrowableOfType(StorageException.class, () -> hub.create(false));
      assertThat(refused.kind()).isEqualTo(StorageException.Kind.ACCESS_DENIED);
      assertThat(refused)
          .hasMessageContaining("hf://%s@main: access is denied: %s".formatted(name, told));
    }
  }
}
