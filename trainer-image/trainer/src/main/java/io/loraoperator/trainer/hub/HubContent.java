package io.loraoperator.trainer.hub;

import io.loraoperator.contract.ContractJson;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is sent to the hub.
 *
 * @param headers that go with it
 * @param sent how many bytes have been taken for sending so far
 */
record HubContent(Map<String, String> headers, BodyPublisher body, AtomicLong sent) {

  private static final String TYPE = "Content-Type";
  private static final String JSON = "application/json";

  /** What JSON can hold. */
  static HubContent json(Object value) {
    return text(JSON, ContractJson.write(value));
  }

  static HubContent text(String type, String text) {
    return new HubContent(
        Map.of(TYPE, type),
        BodyPublishers.ofString(text, StandardCharsets.UTF_8),
        new AtomicLong());
  }

  /** JSON by the rules of Git LFS. */
  static HubContent largeFiles(Object value) {
    String type = "application/vnd.git-lfs+json";
    return new HubContent(
        Map.of(TYPE, type, "Accept", type),
        BodyPublishers.ofString(ContractJson.write(value), StandardCharsets.UTF_8),
        new AtomicLong());
  }

  /** A file, in one piece whose length is told beforehand. */
  static HubContent file(Path file, Map<String, String> headers) {
    AtomicLong sent = new AtomicLong();
    try {
      long bytes = Files.size(file);
      return new HubContent(
          headers,
          bytes == 0
              ? BodyPublishers.noBody()
              : BodyPublishers.fromPublisher(
                  BodyPublishers.ofInputStream(() -> counted(file, sent)), bytes),
          sent);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream counted(Path file, AtomicLong sent) {
    try {
      return new FilterInputStream(Files.newInputStream(file)) {
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
          int read = super.read(buffer, offset, length);
          sent.addAndGet(Math.max(0, read));
          return read;
        }
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
