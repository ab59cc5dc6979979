package io.loraoperator.trainer.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.loraoperator.trainer.hub.HubRepository.Kind;
import io.loraoperator.trainer.storage.Retry;
import io.loraoperator.trainer.storage.StorageException;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client against a server with the hub's addresses, headers and redirects. */
class HubClientTest {

  private static final Retry AT_ONCE = new Retry(3, Duration.ZERO, Duration.ZERO, wait -> {});
  private static final byte[] WEIGHTS = new byte[3 << 20];

  static {
    new Random(1).nextBytes(WEIGHTS);
  }

  @TempDir Path folder;
  private HubServer server;
  private ServedRepository model;

  @BeforeEach
  void start() throws IOException {
    server = new HubServer();
    model =
        server
            .model("acme/tiny")
            .revision("v1.0")
            .revision("refs/pr/1")
            .put("config.json", "{}")
            .put("tokenizer.json", "{\"ä\": 1}")
            .put("empty.txt", "")
            .put("model.safetensors", WEIGHTS);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HubClient client(@Nullable String token) {
    return new HubClient(
        new HubAccess(server.endpoint() + "/", token, Duration.ofMillis(500)), AT_ONCE);
  }

  private static HubRepository model(String name, String revision) {
    return new HubRepository(Kind.MODEL, name, revision);
  }

  private HubSnapshot snapshot(HubClient client) {
    return client.snapshot(model("acme/tiny", "main"));
  }

  private Path download(HubClient client, String path) {
    HubSnapshot snapshot = snapshot(client);
    Path target = folder.resolve(path);
    client.download(snapshot, snapshot.find(path).orElseThrow(), target);
    return target;
  }

  @ParameterizedTest
  @CsvSource({"main", "v1.0", "refs/pr/1"})
  void aRevisionBecomesACommit(String revision) {
    try (HubClient client = client(null)) {
      HubSnapshot snapshot = client.snapshot(model("acme/tiny", revision));

      assertThat(snapshot.repository()).hasToString("hf://acme/tiny@" + model.commit());
      assertThat(snapshot.files())
          .extracting(HubFile::path)
          .containsExactly("config.json", "empty.txt", "model.safetensors", "tokenizer.json");
      assertThat(client.snapshot(snapshot.repository())).isEqualTo(snapshot);
    }
  }

  @ParameterizedTest
  @CsvSource({"config.json", "tokenizer.json", "empty.txt", "model.safetensors"})
  void filesArriveWhole(String path) throws IOException {
    try (HubClient client = client(null)) {
      Path file = download(client, path);

      assertThat(Files.readAllBytes(file)).isEqualTo(model.content(path));
      assertThat(leftOvers()).isEmpty();
      int before = server.requests().size();
      download(client, path);
      assertThat(server.requests())
          .as("what is there with the right content is not fetched again")
          .hasSize(before + 1);
    }
  }

  @Test
  void aBrokenConnectionIsTakenUpWhereItBroke() throws IOException {
    server.cut("model.safetensors", 2 << 20);
    try (HubClient client = client(null)) {
      Path file = download(client, "model.safetensors");

      assertThat(Files.readAllBytes(file)).isEqualTo(WEIGHTS);
      assertThat(ranges()).hasSize(1);
      long from = Long.parseLong(ranges().getFirst().replaceAll("\\D", ""));
      assertThat(from).isBetween(1L, 2L << 20);
    }
  }

  @Test
  void aLaterProcessGoesOnWithWhatAnEarlierOneLeft() throws IOException {
    try (HubClient client = client(null)) {
      String digest = digest(client);
      Files.write(
          folder.resolve(".model.safetensors." + digest + ".part"), Arrays.copyOf(WEIGHTS, 1000));

      assertThat(Files.readAllBytes(download(client, "model.safetensors"))).isEqualTo(WEIGHTS);
      assertThat(ranges()).contains("bytes=1000-");
    }
  }

  @Test
  void aServerWithoutRangesSendsTheWholeAgain() throws IOException {
    server.forgetRanges();
    server.cut("model.safetensors", 2 << 20);
    try (HubClient client = client(null)) {
      assertThat(Files.readAllBytes(download(client, "model.safetensors"))).isEqualTo(WEIGHTS);
    }
  }

  @Test
  void wrongBytesLeftBehindAreFoundByTheDigestAndFetchedAgain() throws IOException {
    try (HubClient client = client(null)) {
      String digest = digest(client);
      Files.write(folder.resolve(".model.safetensors." + digest + ".part"), new byte[1000]);

      assertThat(Files.readAllBytes(download(client, "model.safetensors"))).isEqualTo(WEIGHTS);
    }
  }

  @ParameterizedTest
  @CsvSource({"config.json, Git blob id", "model.safetensors, SHA-256"})
  void aFileThatIsNotWhatIsListedIsRefused(String path, String what) {
    try (HubClient client = client(null)) {
      HubSnapshot snapshot = snapshot(client);
      HubFile file = snapshot.find(path).orElseThrow();
      byte[] other = new byte[(int) file.bytes()];
      model.put(path, other);

      StorageException refusal =
          catchThrowableOfType(
              StorageException.class, () -> client.download(snapshot, file, folder.resolve(path)));

      assertThat(refusal.kind()).isEqualTo(StorageException.Kind.UNAVAILABLE);
      assertThat(refusal).hasMessageContaining("has not the " + what);
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void aMirrorThatListsNamesOnlyIsAskedForEachDigest() throws IOException {
    model.withoutDigests();
    try (HubClient client = client(null)) {
      assertThat(Files.readAllBytes(download(client, "model.safetensors"))).isEqualTo(WEIGHTS);
      assertThat(download(client, "tokenizer.json")).content().isEqualTo("{\"ä\": 1}");
    }
  }

  @Test
  void theTokenStaysWithTheEndpoint() {
    model.hidden();
    try (HubClient client = client(HubServer.TOKEN)) {
      download(client, "model.safetensors");
      download(client, "config.json");

      List<HubServer.Request> toContent =
          server.requests().stream().filter(r -> r.path().contains("X-Amz-Signature")).toList();
      assertThat(toContent).hasSize(1).allMatch(r -> r.authorization() == null);
      assertThat(server.requests())
          .filteredOn(r -> !toContent.contains(r))
          .allMatch(r -> ("Bearer " + HubServer.TOKEN).equals(r.authorization()));
    }
  }

  @Test
  void aRenamedRepositoryIsFollowed() {
    server.rename("acme/old", "acme/tiny");
    try (HubClient client = client(null)) {
      assertThat(client.snapshot(model("acme/old", "main")).files()).hasSize(4);
    }
  }

  @Test
  void whatFailsForAMomentIsTriedAgain() {
    server.breakNext(2);
    try (HubClient client = client(null)) {
      assertThat(snapshot(client).files()).hasSize(4);
    }
  }

  @ParameterizedTest
  @CsvSource({"429, 7, 7", "503, 7, 7", "503, 1, 2", "429, 99999, 300", "503, soon, 2"})
  void aBusyServerIsLeftAloneForAsLongAsItAsks(int status, String retryAfter, long waited) {
    List<Duration> waits = new ArrayList<>();
    server.busyNext(status, retryAfter);
    try (HubClient client =
        new HubClient(
            new HubAccess(server.endpoint() + "/", null, Duration.ofMillis(500)),
            new Retry(3, Duration.ofSeconds(2), Duration.ofSeconds(8), waits::add))) {
      assertThat(snapshot(client).files()).hasSize(4);
    }
    assertThat(waits).containsExactly(Duration.ofSeconds(waited));
  }

  @Test
  void aServerThatFallsSilentIsGivenUp() {
    server.stall();
    try (HubClient client = client(null)) {
      StorageException failure =
          catchThrowableOfType(StorageException.class, () -> download(client, "model.safetensors"));
      assertThat(failure.kind()).isEqualTo(StorageException.Kind.UNAVAILABLE);
      assertThat(failure).hasMessageContaining("no byte came from localhost");
    }
  }

  @ParameterizedTest(name = "{0} as {2}")
  @CsvSource(
      delimiter = '|',
      nullValues = "nobody",
      textBlock =
          """
          acme/none    | main | nobody        | NOT_FOUND     | no such repository, or it is private and no token is given
          acme/none    | main | hf_test_token | NOT_FOUND     | no such repository, or it is private and the token may not read it
          acme/tiny    | v9   | nobody        | NOT_FOUND     | the repository has no revision v9
          acme/private | main | nobody        | NOT_FOUND     | it is private and no token is given
          acme/private | main | hf_other      | NOT_FOUND     | the token may not read it
          acme/gated   | main | nobody        | ACCESS_DENIED | is gated: accept its conditions on its page, and give a token
          acme/gated   | main | hf_other      | ACCESS_DENIED | is gated: accept its conditions on its page, and see that the token may read
          acme/tiny    | main | hf_expired    | ACCESS_DENIED | the token is not valid any more
          """)
  void troubleHasItsName(
      String name, String revision, @Nullable String token, String kind, String message) {
    server.model("acme/gated").gated().put("config.json", "{}");
    server.model("acme/private").hidden().put("config.json", "{}");
    try (HubClient client = client(token)) {
      StorageException failure =
          catchThrowableOfType(
              StorageException.class,
              () -> {
                HubSnapshot snapshot = client.snapshot(model(name, revision));
                client.download(
                    snapshot, snapshot.files().getFirst(), folder.resolve("config.json"));
              });
      assertThat(failure).isNotNull();
      assertThat(failure).hasMessageContaining(message).hasMessageContaining("hf://" + name);
      assertThat(failure.kind()).hasToString(kind);
    }
  }

  @Test
  void aHubThatIsAwayIsUnavailable() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    for (String endpoint : List.of("http://127.0.0.1:" + closed, "http://no-such-host.invalid")) {
      try (HubClient client =
          new HubClient(new HubAccess(endpoint, null, Duration.ofSeconds(5)), AT_ONCE)) {
        StorageException failure =
            catchThrowableOfType(StorageException.class, () -> snapshot(client));
        assertThat(failure.kind()).isEqualTo(StorageException.Kind.UNAVAILABLE);
        assertThat(failure.getMessage())
            .containsAnyOf("127.0.0.1 refuses connections", "cannot be resolved");
      }
    }
  }

  private String digest(HubClient client) {
    HubFile file = snapshot(client).find("model.safetensors").orElseThrow();
    return Objects.requireNonNull(file.digest()).hex();
  }

  private List<String> ranges() {
    return server.requests().stream()
        .filter(request -> request.path().contains("X-Amz-Signature"))
        .map(HubServer.Request::range)
        .filter(Objects::nonNull)
        .toList();
  }

  private List<Path> leftOvers() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().endsWith(".part")).toList();
    }
  }
}
