package io.loraoperator.reporter;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What became of a request to the API server. */
sealed interface Answer {

  /**
   * Done.
   *
   * @param object the object as it is now
   */
  record Applied(JsonNode object) implements Answer {}

  /**
   * Not done, but worth another try.
   *
   * @param problem in words for the log
   * @param retryAfter the server's wish, null if it has none
   */
  record Unavailable(String problem, @Nullable Duration retryAfter) implements Answer {}

  /**
   * Refused for good: the object is gone or another one, the attempt's rights are withdrawn, or the
   * document breaks the schema.
   *
   * @param status the HTTP status
   * @param problem the server's words
   */
  record Refused(int status, String problem) implements Answer {}
}
