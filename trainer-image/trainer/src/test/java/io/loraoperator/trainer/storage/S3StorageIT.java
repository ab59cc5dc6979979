package io.loraoperator.trainer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.loraoperator.trainer.storage.StorageException.Kind;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real MinIO server. */
class S3StorageIT {

  private static final Retry TWICE =
      new Retry(2, Duration.ofMillis(1), Duration.ofMillis(1), duration -> {});

  @TempDir static Path data;
  @TempDir Path folder;

  private static MinioServer server;

  @BeforeAll
  static void start() throws Exception {
    server = MinioServer.start(data);
    MinioClient client =
        MinioClient.builder()
            .endpoint(server.endpoint())
            .credentials(MinioServer.USER, MinioServer.PASSWORD)
            .build();
    client.makeBucket(MakeBucketArgs.builder().bucket("results").build());
    client.close();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void storesListsFetchesAndDeletes() throws IOException {
    // The second file is larger than a part.
    Path small = Files.writeString(folder.resolve("small"), "hello");
    Path large = Files.write(folder.resolve("large"), bytes(70 << 20));
    try (S3Storage storage = storage("s3://results/team-a/", MinioServer.PASSWORD)) {
      storage.upload(small, "a/small");
      storage.upload(large, "a/large");

      assertThat(storage.list("a/"))
          .containsExactly(new StoredFile("a/large", 70 << 20), new StoredFile("a/small", 5));
      assertThat(storage.uri("a/small")).isEqualTo("s3://results/team-a/a/small");
      assertThat(storage.readText("a/small")).contains("hello");
      assertThat(storage.readText("a/none")).isEmpty();
      for (StoredFile file : storage.list("a/")) {
        Path copy = folder.resolve("copies").resolve(file.name());
        storage.download(file, copy);
        assertThat(Files.mismatch(copy, folder.resolve(file.name()))).isEqualTo(-1);
      }
      storage.delete("a/small");
      storage.delete("a/small");
      assertThat(storage.list("a/")).extracting(StoredFile::name).containsExactly("large");
    }
  }

  @Test
  void wrongKeysNameBucketAndKey() {
    try (S3Storage storage = storage("s3://results/team-a/", "wrong-secret")) {
      StorageException denied =
          catchThrowableOfType(StorageException.class, () -> storage.list("checkpoints/"));
      assertThat(denied.kind()).isEqualTo(Kind.ACCESS_DENIED);
      assertThat(denied)
          .hasMessage(
              "access to bucket results, key team-a/checkpoints/ is denied"
                  + " (SignatureDoesNotMatch)");
    }
  }

  @Test
  void aBucketThatIsNotThere() {
    try (S3Storage storage = storage("s3://nowhere/x/", MinioServer.PASSWORD)) {
      StorageException missing =
          catchThrowableOfType(StorageException.class, () -> storage.list(""));
      assertThat(missing.kind()).isEqualTo(Kind.NOT_FOUND);
      assertThat(missing).hasMessageContaining("there is no bucket nowhere");
    }
  }

  @Test
  void anObjectThatIsNotThere() {
    try (S3Storage storage = storage("s3://results/none.jsonl", MinioServer.PASSWORD)) {
      assertThat(storage.stat()).isEmpty();
    }
  }

  private static S3Storage storage(String uri, String secret) {
    return new S3Storage(
        S3Address.parse(uri),
        new S3Access(
            new S3Access.Keys(MinioServer.USER, secret, null), server.endpoint(), null, null),
        TWICE);
  }

  private static byte[] bytes(int n) {
    byte[] bytes = new byte[n];
    new Random(3).nextBytes(bytes);
    return bytes;
  }
}
