package io.loraoperator.trainer.run;

import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.Reason;
import io.loraoperator.contract.Source;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.hub.HubAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Who asks the Hugging Face hub. In a Pod: the mounted token, or nobody. Elsewhere: the variables
 * of the hub's own tools, {@code HF_TOKEN} and {@code HF_ENDPOINT}.
 */
final class HubCredentials {

  private HubCredentials() {}

  static HubAccess of(Source.HuggingFace hub, Role role, Surroundings surroundings) {
    String endpoint =
        hub.endpoint() == null
            ? surroundings.variables().getOrDefault("HF_ENDPOINT", HubAccess.HUB)
            : hub.endpoint();
    return new HubAccess(endpoint, token(hub, role, surroundings), HubAccess.PATIENCE);
  }

  private static @Nullable String token(
      Source.HuggingFace hub, Role role, Surroundings surroundings) {
    if (!surroundings.inPod()) {
      return surroundings.variables().get("HF_TOKEN");
    }
    if (hub.tokenSecretName() == null) {
      return null;
    }
    Path file = surroundings.inPod(PodPaths.secrets(role)).resolve(PodPaths.HUB_TOKEN);
    try {
      // Tokens are often written with a line break at their end.
      String token = Files.exists(file) ? Files.readString(file).strip() : "";
      if (!token.isEmpty()) {
        return token;
      }
    } catch (IOException e) {
      throw new RunFailure(
          Reason.StorageAccessDenied,
          "%s cannot be read (%s)".formatted(file, e.getMessage()),
          Reason.StorageAccessDenied.remedy(),
          e);
    }
    throw new RunFailure(
        Reason.StorageAccessDenied,
        "%s.tokenSecretName: Secret %s has no key %s"
            .formatted(SourceFiles.hubField(role), hub.tokenSecretName(), PodPaths.HUB_TOKEN),
        "Add the key to the Secret, then set spec.restart to a new value.");
  }
}
