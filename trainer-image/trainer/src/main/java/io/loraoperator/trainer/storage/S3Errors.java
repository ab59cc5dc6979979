package io.loraoperator.trainer.storage;

import io.loraoperator.trainer.storage.StorageException.Kind;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.MinioException;
import io.minio.errors.ServerException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.util.Set;
import javax.net.ssl.SSLException;

/** What a store's answers and the network's failures mean for a user. */
final class S3Errors {

  private static final Set<String> DENIED =
      Set.of(
          "AccessDenied",
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "ExpiredToken",
          "InvalidToken",
          "TokenRefreshRequired",
          "AccountProblem",
          "AllAccessDisabled",
          "XMinioInvalidAccessKeyId");

  private static final Set<String> MISSING =
      Set.of("NoSuchKey", "NoSuchBucket", "NoSuchObject", "ResourceNotFound", "InvalidBucketName");

  private S3Errors() {}

  /** Runs a call and tells its failures in the storage's own terms. */
  static <T> T translating(S3Address address, S3Storage.Call<T> call) {
    try {
      return call.run();
    } catch (StorageException e) {
      throw e;
    } catch (MinioException | IOException | IllegalStateException e) {
      throw translated(address, e);
    }
  }

  /** The client wraps what happened: the outermost exception that says something counts. */
  private static StorageException translated(S3Address address, Exception thrown) {
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      switch (e) {
        case ErrorResponseException answer -> {
          return answered(address, answer);
        }
        case ServerException answer -> {
          return new StorageException(
              Kind.UNAVAILABLE,
              "%s: the store answers %d".formatted(address, answer.statusCode()),
              answer);
        }
        case IOException network -> {
          return unreachable(address, network);
        }
        default -> {}
      }
    }
    return unreachable(address, thrown);
  }

  private static StorageException answered(S3Address address, ErrorResponseException e) {
    String code = String.valueOf(e.errorResponse().code());
    int status = e.response() == null ? 0 : e.response().code();
    if (code.equals("RequestTimeTooSkewed")) {
      return new StorageException(
          Kind.UNAVAILABLE,
          "%s: this node's clock differs from the store's by more than it allows (%s)"
              .formatted(address, code),
          e);
    }
    if (DENIED.contains(code) || status == 401 || status == 403) {
      return new StorageException(
          Kind.ACCESS_DENIED,
          "access to bucket %s, key %s is denied (%s)"
              .formatted(address.bucket(), address.key(), code),
          e);
    }
    if (MISSING.contains(code) || status == 404) {
      String what =
          code.equals("NoSuchBucket")
              ? "there is no bucket " + address.bucket()
              : "there is no such object";
      return new StorageException(Kind.NOT_FOUND, "%s: %s (%s)".formatted(address, what, code), e);
    }
    return new StorageException(
        Kind.UNAVAILABLE,
        "%s: the store answers %d %s: %s"
            .formatted(address, status, code, e.errorResponse().message()),
        e);
  }

  private static StorageException unreachable(S3Address address, Exception e) {
    String problem =
        switch (e) {
          case UnknownHostException unknown ->
              "the endpoint's name cannot be resolved (%s)".formatted(unknown.getMessage());
          case ConnectException refused ->
              "the endpoint refuses connections (%s)".formatted(refused.getMessage());
          case SocketTimeoutException slow -> "the endpoint does not answer in time";
          case SSLException tls ->
              "the endpoint's certificate is not trusted or its TLS is broken (%s)"
                  .formatted(tls.getMessage());
          case FileSystemException disk ->
              "the file on this machine cannot be used: " + disk.getMessage();
          default -> String.valueOf(e.getMessage());
        };
    return new StorageException(Kind.UNAVAILABLE, address + ": " + problem, e);
  }
}
