package io.loraoperator.trainer.run;

import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.Source;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.storage.S3Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who asks a store. In a Pod: the mounted Secret, or the workload's identity. Elsewhere: the usual
 * variables {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY}, {@code AWS_SESSION_TOKEN} and
 * {@code AWS_CA_BUNDLE}.
 */
final class S3Credentials {

  private S3Credentials() {}

  static S3Access of(Source.S3 s3, Role role, Surroundings surroundings) {
    return new S3Access(
        credentials(s3, role, surroundings),
        s3.endpoint(),
        s3.region() == null ? surroundings.variables().get("AWS_REGION") : s3.region(),
        certificates(s3, role, surroundings));
  }

  private static S3Access.Credentials credentials(
      Source.S3 s3, Role role, Surroundings surroundings) {
    if (surroundings.inPod() && s3.secretName() != null) {
      Path folder = surroundings.inPod(PodPaths.secrets(role));
      // The kubelet replaces the files when the Secret changes, such as a token before its end.
      Supplier<S3Access.Keys> newest =
          () ->
              new S3Access.Keys(
                  key(folder, PodPaths.ACCESS_KEY_ID, s3, role),
                  key(folder, PodPaths.SECRET_ACCESS_KEY, s3, role),
                  optionalKey(folder.resolve(PodPaths.SESSION_TOKEN)));
      var _ = newest.get();
      return new S3Access.MountedKeys(newest);
    }
    String id = surroundings.variables().get("AWS_ACCESS_KEY_ID");
    String secret = surroundings.variables().get("AWS_SECRET_ACCESS_KEY");
    if (id != null && secret != null) {
      return new S3Access.Keys(id, secret, surroundings.variables().get("AWS_SESSION_TOKEN"));
    }
    boolean identity =
        surroundings.variables().containsKey("AWS_WEB_IDENTITY_TOKEN_FILE")
            || surroundings.variables().containsKey("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            || surroundings.variables().containsKey("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    return identity ? new S3Access.Identity() : new S3Access.Anonymous();
  }

  private static @Nullable Path certificates(Source.S3 s3, Role role, Surroundings surroundings) {
    if (surroundings.inPod()) {
      return s3.caConfigMapName() == null
          ? null
          : surroundings.inPod(PodPaths.certificates(role)).resolve(PodPaths.CA_CERTIFICATE);
    }
    String bundle = surroundings.variables().get("AWS_CA_BUNDLE");
    return bundle == null ? null : Path.of(bundle);
  }

  private static String key(Path folder, String name, Source.S3 s3, Role role) {
    String value = optionalKey(folder.resolve(name));
    if (value == null || value.isEmpty()) {
      throw new RunFailure(
          Reason.StorageAccessDenied,
          "%s.s3.secretName: Secret %s has no key %s"
              .formatted(SourceFiles.field(role), s3.secretName(), name),
          "Add the key to the Secret, then set spec.restart to a new value.");
    }
    return value;
  }

  private static @Nullable String optionalKey(Path file) {
    try {
      // Keys are often written with a line break at their end.
      return Files.exists(file) ? Files.readString(file).strip() : null;
    } catch (IOException e) {
      throw new RunFailure(
          Reason.StorageAccessDenied,
          "%s cannot be read (%s)".formatted(file, e.getMessage()),
          Reason.StorageAccessDenied.remedy(),
          e);
    }
  }
}
