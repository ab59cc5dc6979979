package io.loraoperator.trainer.resume;

import static org.assertj.core.api.Assertions.assertThat;

import io.loraoperator.contract.Reason;
import io.loraoperator.contract.ResultDocument;
import io.loraoperator.trainer.cli.Invocation;
import io.loraoperator.trainer.cli.Termination;
import io.loraoperator.trainer.resume.FaultyStore.Mode;
import io.loraoperator.trainer.storage.MinioServer;
import io.loraoperator.trainer.storage.Retry;
import io.loraoperator.trainer.storage.S3Access;
import io.loraoperator.trainer.storage.S3Address;
import io.loraoperator.trainer.storage.S3Storage;
import io.loraoperator.trainer.storage.StoredFile;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs whose object store, a real MinIO server, or whose disk is in trouble for a while. */
class StoreFaultsIT {

  private static final Map<String, String> KEYS =
      Map.of("AWS_ACCESS_KEY_ID", MinioServer.USER, "AWS_SECRET_ACCESS_KEY", MinioServer.PASSWORD);
  private static final Pattern WAITED =
      Pattern.compile("waited [\\d.]+ s for checkpoints \\(([\\d.]+) %\\)");

  /** The trouble begins after this step; what ends by itself ends after that one. */
  private static final int FROM = 25;

  private static final int TO = 75;

  @TempDir static Path shared;
  @TempDir Path folder;

  private static TinyRun run;
  private static TinyRun.Results unbroken;
  private static MinioServer minio;
  private static FaultyStore store;
  private static final List<String> table = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    run = TinyRun.write(shared);
    Path output = shared.resolve("unbroken");
    assertThat(Invocation.of(run.arguments(output).toArray(String[]::new)).code()).isZero();
    unbroken = TinyRun.Results.of(output);
    minio = MinioServer.start(shared.resolve("minio"));
    store = new FaultyStore(minio.endpoint());
    MinioClient client =
        MinioClient.builder()
            .endpoint(minio.endpoint())
            .credentials(MinioServer.USER, MinioServer.PASSWORD)
            .build();
    client.makeBucket(MakeBucketArgs.builder().bucket("results").build());
    client.close();
    table.add(
        "fault                      ended with           waited for checkpoints  adapter and log");
  }

  @AfterAll
  static void stop() throws IOException {
    store.close();
    minio.close();
    String text = String.join("\n", table) + "\n";
    System.out.println(text);
    Files.writeString(Path.of("target/store-faults.txt"), text);
  }

  @Test
  void asItShouldBe() throws IOException {
    store.mode(Mode.SOUND);
    Invocation whole = train("sound", (line, termination) -> {});

    assertThat(whole.code()).as(whole.err()).isZero();
    judge("none", whole, "sound");
  }

  @ParameterizedTest
  @EnumSource(names = {"AWAY", "CUT", "SLOW", "BUSY", "SKEWED"})
  void trainingGoesOnAndEverythingIsStoredInTheEnd(Mode mode) throws IOException {
    int before = store.struck();
    Invocation whole = train(mode.name(), troubled(mode));

    assertThat(whole.code()).as(whole.err()).isZero();
    assertThat(store.struck()).as("requests that met the fault").isGreaterThan(before);
    if (mode != Mode.SLOW) {
      assertThat(whole.err()).contains("could not be stored, training goes on: s3://results/");
    }
    if (mode == Mode.SKEWED) {
      assertThat(whole.err()).contains("clock differs from the store's");
    }
    judge(mode.name(), whole, mode.name());
    try (S3Storage results = results(mode.name())) {
      assertThat(results.list("checkpoints/"))
          .extracting(StoredFile::key)
          .as("the last checkpoint is stored before the end")
          .contains("checkpoints/step-%06d/manifest.json".formatted(TinyRun.STEPS));
    }
  }

  @Test
  void anExpiredTokenEndsTheRunWithBucketAndKeyAndARenewedOneGoesOn() throws IOException {
    Invocation refused = train("expired", troubled(Mode.EXPIRED));

    assertThat(refused.code()).as(refused.err()).isEqualTo(16);
    ResultDocument result = ResultDocument.parse(refused.out());
    assertThat(result.reason()).isEqualTo(Reason.StorageAccessDenied);
    assertThat(result.message())
        .contains(
            "spec.output.destination: access to bucket results, key expired/checkpoints/step-")
        .contains("is denied (");
    table.add("%-26s %-20s".formatted("EXPIRED", result.reason()));

    store.mode(Mode.SOUND);
    Invocation again = train("expired", (line, termination) -> {});

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("resuming after step ");
    judge("EXPIRED, then renewed", again, "expired");
  }

  @Test
  void toldToStopWhileTheStoreIsAwayItGoesOnFromTheNewestStored() throws IOException {
    store.mode(Mode.SOUND);
    run.manifestWithGrace(30);
    Invocation stopped =
        train(
            "stopped",
            (line, termination) -> {
              if (TrainerProcess.step(line) == 46) {
                store.mode(Mode.AWAY);
                termination.signal().request();
              }
            });
    assertThat(stopped.code()).as(stopped.err()).isEqualTo(30);
    assertThat(ResultDocument.parse(stopped.out()).message())
        .contains("interrupted after step 46; the newest checkpoint is of step ");

    store.mode(Mode.SOUND);
    Invocation again = train("stopped", (line, termination) -> {});

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("resuming after step ");
    judge("AWAY at SIGTERM, then back", again, "stopped");
  }

  @Test
  void aFullDiskKeepsNobodyFromTraining() throws Exception {
    Path work = Files.createDirectories(folder.resolve("work"));
    Path output = folder.resolve("out");
    TrainerProcess process =
        TrainerProcess.run(
            List.of(
                "unshare",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o size=2m tmpfs \"$0\" && exec \"$@\"",
                work.toString()),
            run.arguments(output, "--workdir", work.toString()),
            Map.of(),
            (line, running) -> {
              Path filler =
                  Path.of(
                      "/proc", String.valueOf(running.pid()), "root", work.toString(), "filler");
              if (TrainerProcess.step(line) == FROM) {
                fill(filler);
              } else if (TrainerProcess.step(line) == TO) {
                filler.toFile().delete();
              }
            });

    assertThat(process.code()).as(process.told()).isZero();
    assertThat(process.told())
        .contains("could not be stored, training goes on")
        .contains("No space left on device");
    assertThat(TinyRun.Results.of(output)).isEqualTo(unbroken);
    table.add("%-26s %-20s %22s  equal".formatted("disk full", "Completed", "-"));
  }

  private static void fill(Path filler) {
    try (var out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(new byte[1024]);
      }
    } catch (IOException e) {
      // Now it is full.
    }
  }

  /** From a step on, until the trainer says so; what is only slow ends after another step. */
  private BiConsumer<String, Termination> troubled(Mode mode) {
    store.mode(Mode.SOUND);
    return (line, termination) -> {
      int step = TrainerProcess.step(line);
      if (step == FROM) {
        store.mode(mode);
      } else if (line.contains("could not be stored") || (mode == Mode.SLOW && step == TO)) {
        store.mode(Mode.SOUND);
      }
    };
  }

  private Invocation train(String name, BiConsumer<String, Termination> follower)
      throws IOException {
    return Invocation.of(
        follower,
        KEYS,
        run.arguments("s3://results/" + name + "/", store.endpoint(), folder.resolve(name))
            .toArray(String[]::new));
  }

  private void judge(String fault, Invocation whole, String name) throws IOException {
    Matcher waited = WAITED.matcher(whole.err());
    assertThat(waited.find()).isTrue();
    Path copy = folder.resolve("copy");
    try (S3Storage results = results(name)) {
      for (StoredFile file : results.list("")) {
        results.download(file, copy.resolve(file.key()));
      }
    }
    TinyRun.Results found = TinyRun.Results.of(copy);
    table.add(
        "%-26s %-20s %20s %%  %s"
            .formatted(
                fault,
                ResultDocument.parse(whole.out()).reason(),
                waited.group(1),
                found.equals(unbroken) ? "equal" : "DIFFER"));
    assertThat(found).isEqualTo(unbroken);
  }

  private static S3Storage results(String name) {
    return new S3Storage(
        S3Address.parse("s3://results/" + name + "/"),
        new S3Access(
            new S3Access.Keys(MinioServer.USER, MinioServer.PASSWORD, null),
            minio.endpoint(),
            null,
            null),
        Retry.READING);
  }
}
