package io.loraoperator.trainer.hub;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the hub is reached.
 *
 * @param endpoint without a slash at its end
 * @param token of a user; null to ask as anybody
 * @param patience how long no byte may come before a request counts as failed
 */
public record HubAccess(String endpoint, @Nullable String token, Duration patience) {

  /** The hub itself. */
  public static final String HUB = "https://huggingface.co";

  /** The hub's own client waits as long for an answer, and for more of a file. */
  public static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A commit takes the hub longer than an answer about a file. */
  public static final Duration PUSH_PATIENCE = Duration.ofSeconds(60);

  public HubAccess {
    endpoint = endpoint.replaceAll("/+$", "");
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return endpoint + (token == null ? "" : " with a token");
  }
}
