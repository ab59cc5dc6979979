package io.loraoperator.trainer.hub;

import io.loraoperator.trainer.storage.StorageException;
import io.loraoperator.trainer.storage.StorageException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file on its way here: its first bytes lie in a file beside its place, and a request for the
 * rest goes on from there (RFC 9110, range requests).
 */
final class PartialDownload {

  /** A connection that brought as much and broke does not count as a failed attempt. */
  private static final long PROGRESS_BYTES = 1L << 20;

  private static final int PARTIAL_CONTENT = 206;

  private final HubHttp http;
  private final HubRepository repository;
  private final HubFile file;
  private final HubDigest digest;
  private final Path part;

  PartialDownload(
      HubHttp http, HubRepository repository, HubFile file, HubDigest digest, Path part) {
    this.http = http;
    this.repository = repository;
    this.file = file;
    this.digest = digest;
    this.part = part;
  }

  /**
   * Brings the rest and compares the whole with the digest.
   *
   * @throws StorageException if it broke off before, or is not what the hub lists
   */
  void complete() {
    long from = have();
    while (file.bytes() < 0 || from != file.bytes() || !Files.exists(part)) {
      if (file.bytes() >= 0 && from > file.bytes()) {
        delete();
        from = 0;
      }
      try {
        request(from);
        break;
      } catch (StorageException e) {
        long now = have();
        if (e.kind() != Kind.UNAVAILABLE || now - from < PROGRESS_BYTES) {
          throw e;
        }
        from = now;
      }
    }
    verify();
  }

  private void request(long from) {
    URI uri = http.at(repository.filePath(repository.revision(), file.path()));
    HttpResponse<Path> response =
        http.get(repository, uri, "GET", from, info -> body(info, from), this::have);
    String range = response.headers().firstValue("Content-Range").orElse("");
    boolean other =
        response.statusCode() == PARTIAL_CONTENT && !range.startsWith("bytes " + from + "-");
    if (other || response.statusCode() == HubHttp.RANGE_NOT_SATISFIABLE) {
      // The whole is asked for the next time.
      delete();
      throw unavailable("the server sent another part than it was asked for");
    }
  }

  private BodySubscriber<Path> body(ResponseInfo info, long from) {
    StandardOpenOption how =
        switch (info.statusCode()) {
          case 200 -> StandardOpenOption.TRUNCATE_EXISTING;
          case PARTIAL_CONTENT -> StandardOpenOption.APPEND;
          default -> null;
        };
    if (how == null) {
      return BodySubscribers.replacing(part);
    }
    BodySubscriber<Path> writing =
        BodySubscribers.ofFile(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
    long wanted = file.bytes() - (info.statusCode() == PARTIAL_CONTENT ? from : 0);
    return file.bytes() < 0 ? writing : BodySubscribers.limiting(writing, wanted);
  }

  private void verify() {
    try {
      if (file.bytes() >= 0 && Files.size(part) < file.bytes()) {
        throw unavailable("%,d of %,d bytes arrived".formatted(Files.size(part), file.bytes()));
      }
      if (!digest.matches(part)) {
        delete();
        throw unavailable(
            "what arrived has not the %s %s that the hub lists"
                .formatted(
                    digest.kind() == HubDigest.Kind.SHA256 ? "SHA-256" : "Git blob id",
                    digest.hex()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long have() {
    try {
      return Files.exists(part) ? Files.size(part) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void delete() {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private StorageException unavailable(String problem) {
    return new StorageException(
        Kind.UNAVAILABLE, "%s/%s: %s".formatted(repository, file.path(), problem), null);
  }
}
