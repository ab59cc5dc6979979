package io.loraoperator.trainer.storage;

import io.loraoperator.checkpoint.FileDigest;
import io.loraoperator.trainer.storage.StorageException.Kind;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MinioClient;
import io.minio.RemoveObjectArgs;
import io.minio.Result;
import io.minio.StatObjectArgs;
import io.minio.UploadObjectArgs;
import io.minio.errors.MinioException;
import io.minio.messages.Item;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A prefix in a bucket. Uploads carry a checksum that the store verifies, and their SHA-256 as
 * metadata; downloads are compared with the size that the store lists, and by their readers with
 * the SHA-256 of a manifest.
 */
public final class S3Storage implements Storage {

  private static final int MAXIMUM_TEXT_BYTES = 16 << 20;
  private static final long PART_BYTES = 64L << 20;

  private final MinioClient client;
  private final S3Address root;
  private final Retry retry;

  /** Connects to a store; nothing is sent yet. */
  public S3Storage(S3Address root, S3Access access, Retry retry) {
    this.client = S3Client.connect(access);
    this.root = root;
    this.retry = retry;
  }

  @Override
  public String uri(String key) {
    return address(key).toString();
  }

  @Override
  public Optional<Path> folder() {
    return Optional.empty();
  }

  @Override
  public List<StoredFile> list(String prefix) {
    S3Address from = address(prefix);
    int base = address("").key().length();
    return retry.call(() ->
        S3Errors.translating(
            from,
            () -> {
              List<StoredFile> files = new ArrayList<>();
              for (Result<Item> result :
                  client.listObjects(
                      ListObjectsArgs.builder()
                          .bucket(from.bucket())
                          .prefix(from.key())
                          .recursive(true)
                          .build())) {
                Item item = result.get();
                if (!item.isDir() && !item.objectName().endsWith("/")) {
                  files.add(new StoredFile(item.objectName().substring(base), item.size()));
                }
              }
              files.sort(Comparator.comparing(StoredFile::key));
              return files;
            }));
  }

  /** The object at the root's own address; empty if that is no object but a prefix. */
  public Optional<StoredFile> stat() {
    return retry.call(() -> {
      try {
        return Optional.of(
            S3Errors.translating(
                root,
                () ->
                    new StoredFile(
                        "",
                        client
                            .statObject(
                                StatObjectArgs.builder()
                                    .bucket(root.bucket())
                                    .object(root.key())
                                    .build())
                            .size())));
      } catch (StorageException e) {
        if (e.kind() == Kind.NOT_FOUND) {
          return Optional.empty();
        }
        throw e;
      }
    });
  }

  @Override
  public void download(StoredFile file, Path target) {
    S3Address from = file.key().isEmpty() ? root : address(file.key());
    Path staging = target.resolveSibling("." + target.getFileName() + ".part");
    retry.call(() ->
        S3Errors.translating(
            from,
            () -> {
              Files.createDirectories(target.toAbsolutePath().getParent());
              try (InputStream in = client.getObject(get(from))) {
                Files.copy(in, staging, StandardCopyOption.REPLACE_EXISTING);
              }
              long bytes = Files.size(staging);
              if (bytes != file.bytes()) {
                throw new StorageException(
                    Kind.UNAVAILABLE,
                    "%s: %d of %d bytes arrived".formatted(from, bytes, file.bytes()),
                    null);
              }
              return Files.move(
                  staging,
                  target,
                  StandardCopyOption.ATOMIC_MOVE,
                  StandardCopyOption.REPLACE_EXISTING);
            }));
  }

  @Override
  public Optional<String> readText(String key) {
    S3Address from = address(key);
    try {
      return Optional.of(
          retry.call(() ->
              S3Errors.translating(
                  from,
                  () -> {
                    try (InputStream in = client.getObject(get(from))) {
                      return new String(in.readNBytes(MAXIMUM_TEXT_BYTES), StandardCharsets.UTF_8);
                    }
                  })));
    } catch (StorageException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public void upload(Path file, String key) {
    S3Address to = address(key);
    retry.call(() ->
        S3Errors.translating(
            to,
            () -> {
              client.uploadObject(put(file, to));
              long stored = listedSize(to);
              if (stored != Files.size(file)) {
                throw new StorageException(
                    Kind.UNAVAILABLE,
                    "%s: %d of %d bytes are stored".formatted(to, stored, Files.size(file)),
                    null);
              }
              return to;
            }));
  }

  /** By a listing: a denied HEAD request has no body that says why, wrong keys or a wrong clock. */
  private long listedSize(S3Address at) throws MinioException {
    for (Result<Item> result :
        client.listObjects(
            ListObjectsArgs.builder().bucket(at.bucket()).prefix(at.key()).build())) {
      Item item = result.get();
      if (item.objectName().equals(at.key())) {
        return item.size();
      }
    }
    return 0;
  }

  @Override
  public void delete(String key) {
    S3Address at = address(key);
    retry.call(() ->
        S3Errors.translating(
            at,
            () -> {
              client.removeObject(
                  RemoveObjectArgs.builder().bucket(at.bucket()).object(at.key()).build());
              return at;
            }));
  }

  @Override
  public void close() {
    try {
      client.close();
    } catch (Exception e) {
      throw new StorageException(Kind.UNAVAILABLE, root + ": " + e.getMessage(), e);
    }
  }

  private S3Address address(String key) {
    return root.resolve(key);
  }

  /** A request whose checksum the client adds and the store verifies; the SHA-256 goes along. */
  private static UploadObjectArgs put(Path file, S3Address to) throws MinioException {
    return UploadObjectArgs.builder()
        .bucket(to.bucket())
        .object(to.key())
        .filename(file.toString(), PART_BYTES)
        .userMetadata(Map.of("sha256", FileDigest.sha256(file)))
        .build();
  }

  private static GetObjectArgs get(S3Address from) {
    return GetObjectArgs.builder().bucket(from.bucket()).object(from.key()).build();
  }

  /** A call of the client. */
  interface Call<T> {
    T run() throws MinioException, IOException;
  }
}
