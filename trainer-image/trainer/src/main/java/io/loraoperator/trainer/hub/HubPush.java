package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.trainer.storage.Retry;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts files into a repository of the Hugging Face hub, as one commit: the hub says which files are
 * large, those go to its storage by Git LFS, and the commit holds the others and names the large
 * ones. What the repository has already is not sent again, and if that is everything, there is no
 * commit; so a push may be repeated. Every method throws {@link StorageException}; failures that
 * may pass have been retried by then.
 *
 * @see <a href="https://huggingface.co/docs/hub/api">Hub API endpoints</a>
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md">Git LFS's batch
 *     API</a>
 */
public final class HubPush implements AutoCloseable {

  /** By these the hub tells what kind of file it is. */
  private static final int SAMPLE_BYTES = 512;

  private static final String NDJSON = "application/x-ndjson";
  private static final String LARGE = "lfs";
  private static final int CONFLICT = 409;
  private static final String CONCURRENT = "another conflicting operation";

  private final HubHttp http;
  private final boolean withToken;
  private final HubClient client;
  private final HubRepository repository;
  private final Retry retry;

  /**
   * A commit.
   *
   * @param oid its SHA-1
   * @param changed whether it is a new one; false if the repository held everything before
   */
  public record Commit(String oid, boolean changed) {}

  /**
   * A file of a commit.
   *
   * @param large whether it goes by Git LFS
   * @param digest as the hub would tell it
   */
  private record Addition(String name, Path file, boolean large, HubDigest digest) {}

  /** Writes as somebody; nothing is sent yet. */
  public HubPush(HubAccess access, String name, Retry retry) {
    this.http = new HubHttp(access);
    this.withToken = access.token() != null;
    this.client = new HubClient(access, retry);
    this.repository = new HubRepository(HubRepository.Kind.MODEL, name, HubRepository.MAIN);
    this.retry = retry;
  }

  /**
   * Makes the repository if there is none, and sees that it may be written to; one that is there
   * stays as public as it is.
   */
  public void create(boolean isPrivate) {
    retry.call(() -> {
      String[] parts = repository.name().split("/", 2);
      Map<String, Object> asked = new TreeMap<>();
      asked.put("type", "model");
      asked.put("organization", parts[0]);
      asked.put("name", parts[1]);
      asked.put("private", isPrivate);
      HttpResponse<byte[]> response =
          http.send(repository, http.at("/api/repos/create"), "POST", HubContent.json(asked));
      boolean exists =
          response.statusCode() == CONFLICT
              && !new String(response.body(), StandardCharsets.UTF_8).contains(CONCURRENT);
      if (response.statusCode() >= 300 && !exists && !mayBeThere(response.statusCode())) {
        throw refused(response);
      }
      largeFiles().requireWriting();
      return repository;
    });
  }

  /** A token for one repository may not make any, and still write to that one. */
  private boolean mayBeThere(int status) {
    if (status != 401 && status != 402 && status != 403) {
      return false;
    }
    try {
      return !client.snapshot(repository).repository().revision().isEmpty();
    } catch (StorageException e) {
      return false;
    }
  }

  /**
   * Commits files.
   *
   * @param files by their names in the repository, with slashes
   * @param summary of the commit, one line
   */
  public Commit push(Map<String, Path> files, String summary) {
    return retry.call(() -> {
      List<Addition> additions = changed(files);
      if (additions.isEmpty()) {
        return new Commit(client.snapshot(repository).repository().revision(), false);
      }
      List<Addition> large = additions.stream().filter(Addition::large).toList();
      if (!large.isEmpty()) {
        largeFiles()
            .upload(
                large.stream()
                    .map(one -> new LargeFileUpload.Item(one.file(), one.digest().hex()))
                    .toList());
      }
      return commit(additions, summary);
    });
  }

  /** Those that the repository does not hold with this content, each by the way it is sent. */
  private List<Addition> changed(Map<String, Path> files) {
    List<Map<String, Object>> asked = new ArrayList<>();
    new TreeMap<>(files)
        .forEach((name, file) ->
            asked.add(Map.of("path", name, "size", size(file), "sample", sample(file))));
    JsonNode answers =
        json(post(repository.preuploadPath(), HubContent.json(Map.of("files", asked))))
            .path("files");
    List<Addition> additions = new ArrayList<>();
    for (JsonNode answer : answers) {
      Path file = files.get(answer.path("path").asText());
      if (file == null) {
        throw odd("it names a file that was not asked about", null);
      }
      // Storage does not take empty files.
      boolean large = answer.path("uploadMode").asText().equals(LARGE) && size(file) > 0;
      HubDigest digest = digest(file, large);
      if (!digest.hex().equals(answer.path("oid").asText())
          && !answer.path("shouldIgnore").asBoolean()) {
        additions.add(new Addition(answer.path("path").asText(), file, large, digest));
      }
    }
    if (answers.size() != files.size()) {
      throw odd("it does not tell how each file is to be sent", null);
    }
    return additions;
  }

  private Commit commit(List<Addition> additions, String summary) {
    StringBuilder lines = new StringBuilder();
    line(lines, "header", Map.of("summary", summary, "description", ""));
    for (Addition one : additions) {
      if (one.large()) {
        line(
            lines,
            "lfsFile",
            Map.of(
                "path", one.name(),
                "algo", "sha256",
                "oid", one.digest().hex(),
                "size", size(one.file())));
      } else {
        line(
            lines,
            "file",
            Map.of("path", one.name(), "encoding", "base64", "content", base64(one.file())));
      }
    }
    JsonNode done = json(post(repository.commitPath(), HubContent.text(NDJSON, lines.toString())));
    String oid = done.path("commitOid").asText();
    if (HubDigest.of(oid).isEmpty()) {
      throw odd("no commit", null);
    }
    return new Commit(oid, true);
  }

  private static void line(StringBuilder lines, String key, Map<String, Object> value) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("key", key);
    line.put("value", value);
    lines.append(ContractJson.write(line)).append('\n');
  }

  private LargeFileUpload largeFiles() {
    return new LargeFileUpload(http, repository, this::refused);
  }

  private HttpResponse<byte[]> post(String path, HubContent content) {
    HttpResponse<byte[]> response = http.send(repository, http.at(path), "POST", content);
    if (response.statusCode() >= 300) {
      throw refused(response);
    }
    return response;
  }

  private StorageException refused(HttpResponse<byte[]> response) {
    return HubErrors.refused(repository, withToken, response);
  }

  private JsonNode json(HttpResponse<byte[]> response) {
    try {
      return ContractJson.readTree(new String(response.body(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw odd("not JSON", e);
    }
  }

  private StorageException odd(String what, @Nullable Exception e) {
    return new StorageException(
        Kind.UNAVAILABLE,
        "%s: the endpoint answers, but not as the hub does (%s)".formatted(repository, what),
        e);
  }

  private static HubDigest digest(Path file, boolean large) {
    return large
        ? new HubDigest(HubDigest.Kind.SHA256, FileDigest.sha256(file))
        : HubDigest.gitBlob(bytes(file));
  }

  private static String base64(Path file) {
    return Base64.getEncoder().encodeToString(bytes(file));
  }

  private static String sample(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Base64.getEncoder().encodeToString(in.readNBytes(SAMPLE_BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In bytes. */
  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    client.close();
    http.close();
  }
}
