package io.loraoperator.trainer.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the hub says of a file's content. Large files (Git LFS) have a SHA-256 of their bytes, small
 * ones the SHA-1 that Git names a blob by; the hub's ETags are the one or the other.
 *
 * @param hex lower-case hexadecimal
 * @see <a href="https://git-scm.com/book/en/v2/Git-Internals-Git-Objects">Git objects</a>
 */
public record HubDigest(Kind kind, String hex) {

  /** How it is computed. */
  public enum Kind {
    SHA256("SHA-256"),
    GIT_BLOB("SHA-1");

    private final String algorithm;

    Kind(String algorithm) {
      this.algorithm = algorithm;
    }
  }

  private static final Pattern SHA256_FORM = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern SHA1_FORM = Pattern.compile("[0-9a-f]{40}");
  private static final int BUFFER_BYTES = 1 << 18;

  /** What a digest or an ETag stands for, by its length; empty if it is neither. */
  static Optional<HubDigest> of(String text) {
    String hex = text.startsWith("W/") ? text.substring(2) : text;
    hex = hex.replace("\"", "");
    if (SHA256_FORM.matcher(hex).matches()) {
      return Optional.of(new HubDigest(Kind.SHA256, hex));
    }
    return SHA1_FORM.matcher(hex).matches()
        ? Optional.of(new HubDigest(Kind.GIT_BLOB, hex))
        : Optional.empty();
  }

  /** Whether a file has this content. */
  boolean matches(Path file) throws IOException {
    MessageDigest digest = digest(kind.algorithm);
    if (kind == Kind.GIT_BLOB) {
      digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest()).equals(hex);
  }

  /** The name that Git gives a blob. */
  static HubDigest gitBlob(byte[] content) {
    MessageDigest digest = digest(Kind.GIT_BLOB.algorithm);
    digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII));
    return new HubDigest(Kind.GIT_BLOB, HexFormat.of().formatHex(digest.digest(content)));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }
}
