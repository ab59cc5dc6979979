package io.loraoperator.trainer.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.loraoperator.contract.ContractJson;
import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings large files to the storage behind a repository, by Git LFS: the hub names an address for
 * each object that it lacks, the file is put there, and the hub is asked to verify it.
 *
 * @param refused what an answer that is no success means
 */
record LargeFileUpload(
    HubHttp http,
    HubRepository repository,
    Function<HttpResponse<byte[]>, StorageException> refused) {

  /** A file that is put in one piece is not longer. */
  private static final long MOST_BYTES = 5_000_000_000L;

  /** What the client sets itself. */
  private static final Set<String> OWN_HEADERS =
      Set.of("content-length", "host", "connection", "expect", "upgrade", "transfer-encoding");

  /** An object by the SHA-256 of its bytes. */
  record Item(Path file, String sha256) {}

  /** Asks for an address as for an upload, which is told to those alone who may write. */
  void requireWriting() {
    String emptyFile = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    var _ = batch(List.of(Map.of("oid", emptyFile, "size", 0)));
  }

  void upload(List<Item> items) {
    Map<String, Item> wanted = new TreeMap<>();
    List<Map<String, Object>> objects = new ArrayList<>();
    for (Item item : items) {
      if (wanted.put(item.sha256(), item) == null) {
        objects.add(Map.of("oid", item.sha256(), "size", HubPush.size(item.file())));
      }
    }
    JsonNode answers = batch(objects).path("objects");
    for (JsonNode answer : answers) {
      Item item = wanted.remove(answer.path("oid").asText());
      String error = answer.path("error").path("message").asText();
      if (item == null || !error.isEmpty()) {
        throw unavailable("the large file %s: %s".formatted(answer.path("oid").asText(), error));
      }
      // What the hub has already needs no action.
      put(item, answer.path("actions").path("upload"));
      verify(item, answer.path("actions").path("verify"));
    }
    if (!wanted.isEmpty()) {
      throw unavailable("the hub does not tell where the large files go");
    }
  }

  private JsonNode batch(List<Map<String, Object>> objects) {
    HttpResponse<byte[]> response =
        http.send(
            repository,
            http.at(repository.largeFilesPath()),
            "POST",
            HubContent.largeFiles(
                Map.of(
                    "operation",
                    "upload",
                    "transfers",
                    List.of("basic"),
                    "ref",
                    Map.of("name", repository.revision()),
                    "objects",
                    objects,
                    "hash_algo",
                    "sha256")));
    try {
      return ContractJson.readTree(new String(successful(response).body(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw unavailable("the answer about large files is not JSON");
    }
  }

  private void put(Item item, JsonNode action) {
    URI target = target(action);
    if (target == null) {
      return;
    }
    if (HubPush.size(item.file()) > MOST_BYTES) {
      throw new StorageException(
          Kind.ACCESS_DENIED,
          "%s: %s has more than %,d bytes, which the hub does not take in one piece"
              .formatted(repository, item.file().getFileName(), MOST_BYTES),
          null);
    }
    HttpResponse<byte[]> response =
        http.send(repository, target, "PUT", HubContent.file(item.file(), headers(action)));
    if (response.statusCode() >= 300) {
      // The address is signed for a while; the next attempt gets a fresh one.
      throw unavailable(
          "%s answers HTTP %d to a large file".formatted(target.getHost(), response.statusCode()));
    }
  }

  private void verify(Item item, JsonNode action) {
    URI target = target(action);
    if (target != null) {
      successful(
          http.send(
              repository,
              target,
              "POST",
              HubContent.largeFiles(
                  Map.of("oid", item.sha256(), "size", HubPush.size(item.file())))));
    }
  }

  private HttpResponse<byte[]> successful(HttpResponse<byte[]> response) {
    if (response.statusCode() >= 300) {
      throw refused.apply(response);
    }
    return response;
  }

  private @Nullable URI target(JsonNode action) {
    String address = action.path("href").asText();
    return address.isEmpty() ? null : http.resolved(repository, address);
  }

  private static Map<String, String> headers(JsonNode action) {
    Map<String, String> headers = new TreeMap<>();
    action
        .path("header")
        .properties()
        .forEach(header -> {
          if (!OWN_HEADERS.contains(header.getKey().toLowerCase(Locale.ROOT))) {
            headers.put(header.getKey(), header.getValue().asText());
          }
        });
    return headers;
  }

  private StorageException unavailable(String problem) {
    return new StorageException(
        Kind.UNAVAILABLE, Objects.toString(repository) + ": " + problem, null);
  }
}
