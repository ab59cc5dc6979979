package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.trainer.storage.Retry;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads repositories of the Hugging Face hub by its public API: a revision becomes a commit, and
 * every file is compared with the digest that the hub lists for it. Every method throws {@link
 * StorageException}; failures that may pass have been retried by then.
 *
 * @see <a href="https://huggingface.co/docs/hub/api">Hub API endpoints</a>
 */
public final class HubClient implements AutoCloseable {

  /** A listing of a hundred thousand files takes about 30 MB. */
  private static final int MOST_INFO_BYTES = 64 << 20;

  private final HubHttp http;
  private final Retry retry;

  /** Reads as somebody; nothing is sent yet. */
  public HubClient(HubAccess access, Retry retry) {
    this.http = new HubHttp(access);
    this.retry = retry;
  }

  /** The files of a revision, and the commit that it stands for now. */
  public HubSnapshot snapshot(HubRepository repository) {
    String text = retry.call(() -> text(repository, repository.infoPath(), MOST_INFO_BYTES));
    JsonNode info;
    try {
      info = ContractJson.readTree(text);
    } catch (IOException e) {
      throw notTheHub(repository, "not JSON", e);
    }
    String commit = info.path("sha").asText();
    if (HubDigest.of(commit).isEmpty() || !info.path("siblings").isArray()) {
      throw notTheHub(repository, "no commit, or no files", null);
    }
    List<HubFile> files = new ArrayList<>();
    for (JsonNode sibling : info.path("siblings")) {
      JsonNode lfs = sibling.path("lfs");
      long bytes = lfs.path("size").asLong(sibling.path("size").asLong(-1));
      String digest = lfs.path("sha256").asText(sibling.path("blobId").asText());
      files.add(
          new HubFile(
              sibling.path("rfilename").asText(), bytes, HubDigest.of(digest).orElse(null)));
    }
    files.sort(Comparator.comparing(HubFile::path));
    return new HubSnapshot(repository.at(commit), files);
  }

  private static StorageException notTheHub(
      HubRepository repository, String what, @Nullable Exception e) {
    return new StorageException(
        Kind.UNAVAILABLE,
        "%s: the endpoint answers, but not as the hub does (%s)".formatted(repository, what),
        e);
  }

  /** The text of a small file. */
  public String text(HubSnapshot snapshot, HubFile file, int mostBytes) {
    HubRepository repository = snapshot.repository();
    return retry.call(
        () -> text(repository, repository.filePath(repository.revision(), file.path()), mostBytes));
  }

  private String text(HubRepository repository, String path, int mostBytes) {
    HttpResponse<byte[]> response =
        http.get(
            repository,
            http.at(path),
            "GET",
            0,
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), mostBytes),
            () -> 0);
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  /**
   * Copies a file here, going on with what an earlier attempt left; the target appears whole and
   * with the listed content, or not at all. A target that is there already is kept if it is that.
   */
  public void download(HubSnapshot snapshot, HubFile listed, Path target) {
    HubRepository repository = snapshot.repository();
    HubFile file = listed.digest() == null ? retry.call(() -> described(snapshot, listed)) : listed;
    HubDigest digest = file.digest();
    if (digest == null) {
      throw new StorageException(
          Kind.UNAVAILABLE,
          snapshot.uri(file) + ": the endpoint tells no digest to compare the file with",
          null);
    }
    try {
      Files.createDirectories(target.toAbsolutePath().getParent());
      if (Files.isRegularFile(target) && digest.matches(target)) {
        return;
      }
      // The digest in the name: what is left there was a part of this content.
      Path part =
          target.resolveSibling(".%s.%s.part".formatted(target.getFileName(), digest.hex()));
      retry.call(() -> {
        new PartialDownload(http, repository, file, digest, part).complete();
        return part;
      });
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Size and digest from the headers, as mirrors that list file names only tell them. */
  private HubFile described(HubSnapshot snapshot, HubFile file) {
    HubRepository repository = snapshot.repository();
    HttpHeaders headers =
        http.get(
                repository,
                http.at(repository.filePath(repository.revision(), file.path())),
                "HEAD",
                0,
                BodyHandlers.discarding(),
                () -> 0)
            .headers();
    Optional<String> etag =
        headers.firstValue("X-Linked-Etag").or(() -> headers.firstValue("ETag"));
    Optional<String> size =
        headers.firstValue("X-Linked-Size").or(() -> headers.firstValue("Content-Length"));
    return new HubFile(
        file.path(),
        size.filter(text -> text.matches("\\d{1,18}")).map(Long::parseLong).orElse(file.bytes()),
        etag.flatMap(HubDigest::of).orElse(null));
  }

  @Override
  public void close() {
    http.close();
  }
}
