package io.loraoperator.trainer.storage;

import io.minio.MinioClient;
import io.minio.credentials.Credentials;
import io.minio.credentials.IamAwsProvider;
import io.minio.credentials.Provider;
import io.minio.credentials.StaticProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Makes clients of S3 from a source's settings. */
final class S3Client {

  private static final String AWS = "https://s3.amazonaws.com";

  /** What stores that know no regions sign for. */
  private static final String USUAL_REGION = "us-east-1";

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration TRANSFER_TIMEOUT = Duration.ofSeconds(60);

  private S3Client() {}

  /** Connects; nothing is sent yet. Stores other than AWS are addressed by path. */
  static MinioClient connect(S3Access access) {
    OkHttpClient http = http(access.certificates());
    MinioClient.Builder builder =
        MinioClient.builder()
            .endpoint(access.endpoint() == null ? AWS : access.endpoint())
            .httpClient(http, true);
    if (access.region() != null) {
      builder.region(access.region());
    } else if (access.endpoint() != null) {
      builder.region(USUAL_REGION);
    }
    Provider credentials = credentials(access, http);
    if (credentials != null) {
      builder.credentialsProvider(credentials);
    }
    return builder.build();
  }

  private static @Nullable Provider credentials(S3Access access, OkHttpClient http) {
    return switch (access.credentials()) {
      case S3Access.Keys keys ->
          new StaticProvider(keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken());
      case S3Access.MountedKeys mounted -> () -> credentials(mounted.newest().get());
      case S3Access.Identity identity -> new IamAwsProvider(null, http);
      case S3Access.Anonymous anonymous -> null;
    };
  }

  private static Credentials credentials(S3Access.Keys keys) {
    return new Credentials(keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken(), null);
  }

  private static OkHttpClient http(@Nullable Path certificates) {
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .connectTimeout(CONNECT_TIMEOUT)
            .readTimeout(TRANSFER_TIMEOUT)
            .writeTimeout(TRANSFER_TIMEOUT);
    if (certificates != null) {
      try {
        X509TrustManager trust = trusting(certificates);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {trust}, null);
        builder.sslSocketFactory(context.getSocketFactory(), trust);
      } catch (IOException | GeneralSecurityException e) {
        throw new StorageException(
            StorageException.Kind.UNAVAILABLE,
            "%s: the certificates cannot be read (%s)".formatted(certificates, e.getMessage()),
            e);
      }
    }
    return builder.build();
  }

  /** Trusts what the platform trusts, and the given certificates. */
  private static X509TrustManager trusting(Path certificates)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int n = 0;
    try (InputStream in = Files.newInputStream(certificates)) {
      for (Certificate given : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("given-" + n++, given);
      }
    }
    for (X509Certificate known : trustManager(null).getAcceptedIssuers()) {
      store.setCertificateEntry("platform-" + n++, known);
    }
    return trustManager(store);
  }

  private static X509TrustManager trustManager(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Arrays.stream(factory.getTrustManagers())
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .findFirst()
        .orElseThrow(() -> new GeneralSecurityException("no trust manager for X.509"));
  }
}
