package io.loraoperator.trainer.storage;

/**
 * A place in a bucket.
 *
 * @param key without a leading slash; empty for the whole bucket
 */
public record S3Address(String bucket, String key) {

  /** Parses {@code s3://bucket/key}; the specification's reader has checked its form. */
  public static S3Address parse(String uri) {
    String rest = uri.substring("s3://".length());
    int slash = rest.indexOf('/');
    return slash < 0
        ? new S3Address(rest, "")
        : new S3Address(rest.substring(0, slash), rest.substring(slash + 1));
  }

  /** The same bucket and a longer key, with exactly one slash in between. */
  public S3Address resolve(String relative) {
    if (key.isEmpty() || key.endsWith("/")) {
      return new S3Address(bucket, key + relative);
    }
    return new S3Address(bucket, key + "/" + relative);
  }

  @Override
  public String toString() {
    return "s3://" + bucket + "/" + key;
  }
}
