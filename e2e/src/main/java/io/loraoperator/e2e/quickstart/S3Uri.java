package io.loraoperator.e2e.quickstart;

/**
 * A place in an object store.
 *
 * @param prefix a key prefix that ends with a slash, or is empty
 */
record S3Uri(String bucket, String prefix) {
  static S3Uri parse(String uri) {
    if (!uri.startsWith("s3://")) {
      throw new IllegalArgumentException("not an s3:// URI: " + uri);
    }
    String[] parts = uri.substring("s3://".length()).split("/", 2);
    String prefix = parts.length == 1 ? "" : parts[1];
    return new S3Uri(parts[0], prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/");
  }

  S3Uri parent() {
    String trimmed = prefix.substring(0, Math.max(0, prefix.length() - 1));
    return new S3Uri(bucket, trimmed.substring(0, trimmed.lastIndexOf('/') + 1));
  }

  String key(String name) {
    return prefix + name;
  }

  @Override
  public String toString() {
    return "s3://" + bucket + "/" + prefix;
  }
}
