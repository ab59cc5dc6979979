package io.loraoperator.e2e.install;

import io.loraoperator.e2e.cluster.ClusterException;
import io.loraoperator.e2e.cluster.S3Endpoint;
import io.minio.BucketExistsArgs;
import io.minio.GetObjectArgs;
import io.minio.ListObjectsArgs;
import io.minio.MakeBucketArgs;
import io.minio.MinioClient;
import io.minio.RemoveObjectArgs;
import io.minio.UploadObjectArgs;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The cluster's object store as this machine reaches it. */
public final class ObjectStore {
  private final S3Endpoint endpoint;
  private final MinioClient client;

  public ObjectStore(S3Endpoint endpoint) {
    this.endpoint = endpoint;
    this.client =
        MinioClient.builder()
            .endpoint(endpoint.hostUrl())
            .region(endpoint.region())
            .credentials(endpoint.accessKey(), endpoint.secretKey())
            .build();
  }

  /** Makes the bucket if it does not exist. */
  public void ensureBucket(String bucket) {
    call(
        "make bucket " + bucket,
        () -> {
          if (!client.bucketExists(BucketExistsArgs.builder().bucket(bucket).build())) {
            client.makeBucket(MakeBucketArgs.builder().bucket(bucket).build());
          }
          return bucket;
        });
  }

  public void upload(Path file, String bucket, String key) {
    call(
        "upload " + file,
        () ->
            client.uploadObject(
                UploadObjectArgs.builder()
                    .bucket(bucket)
                    .object(key)
                    .filename(file.toString())
                    .build()));
  }

  public byte[] read(String bucket, String key) {
    return call(
        "read s3://" + bucket + "/" + key,
        () -> {
          try (InputStream in =
              client.getObject(GetObjectArgs.builder().bucket(bucket).object(key).build())) {
            return in.readAllBytes();
          }
        });
  }

  /** The lines of a text object. */
  public List<String> readLines(String bucket, String key) {
    return new String(read(bucket, key), StandardCharsets.UTF_8).lines().toList();
  }

  /** All keys below a prefix, sorted as the store sorts them. */
  public List<String> list(String bucket, String prefix) {
    return call(
        "list s3://" + bucket + "/" + prefix,
        () -> {
          List<String> keys = new ArrayList<>();
          for (var item :
              client.listObjects(
                  ListObjectsArgs.builder()
                      .bucket(bucket)
                      .prefix(prefix)
                      .recursive(true)
                      .build())) {
            keys.add(item.get().objectName());
          }
          return keys;
        });
  }

  public void remove(String bucket, String key) {
    call(
        "remove s3://" + bucket + "/" + key,
        () -> {
          client.removeObject(RemoveObjectArgs.builder().bucket(bucket).object(key).build());
          return key;
        });
  }

  private <T> T call(String what, StoreCall<T> call) {
    try {
      return call.run();
    } catch (MinioException | IOException e) {
      throw new ClusterException(
          "Could not %s at %s: %s".formatted(what, endpoint.hostUrl(), e.getMessage()), e);
    }
  }

  private interface StoreCall<T> {
    T run() throws MinioException, IOException;
  }
}
