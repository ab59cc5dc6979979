package io.loraoperator.trainer.run;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.PodPaths.Role;
import io.loraoperator.contract.Reason;
import io.loraoperator.trainer.RunFailure;
import io.loraoperator.trainer.hub.HubAccess;
import io.loraoperator.trainer.hub.HubPush;
import io.loraoperator.trainer.storage.Retry;
import io.loraoperator.trainer.storage.StorageException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The upload of an adapter with its card and log to the Hugging Face hub. */
final class AdapterPush {

  private final FineTuneSpec.PushToHub asked;
  private final HubAccess access;

  private AdapterPush(FineTuneSpec.PushToHub asked, HubAccess access) {
    this.asked = asked;
    this.access = access;
  }

  /** What the specification asks for; empty if that is nothing. */
  static Optional<AdapterPush> of(FineTuneSpec spec, Surroundings surroundings) {
    FineTuneSpec.PushToHub asked = spec.output().pushToHub();
    if (asked == null) {
      return Optional.empty();
    }
    HubAccess access = HubCredentials.of(asked.target(), Role.PUSH, surroundings);
    if (access.token() == null) {
      throw new RunFailure(
          Reason.StorageAccessDenied,
          SourceFiles.field(Role.PUSH) + ": there is no token to write with",
          "Set HF_TOKEN, or leave spec.output.pushToHub out of the manifest.");
    }
    return Optional.of(
        new AdapterPush(
            asked, new HubAccess(access.endpoint(), access.token(), HubAccess.PUSH_PATIENCE)));
  }

  /** Makes the repository, so that a wrong name or token is told before anything is trained. */
  void prepare() {
    call(
        Retry.READING,
        hub -> {
          hub.create(asked.isPrivate());
          return asked;
        });
  }

  /**
   * Pushes results.
   *
   * @param files by their names in the repository
   * @param base the base model as people know it
   * @return the commit's address, {@code hf://owner/name@commit}
   * @throws RunFailure if the hub could not be brought to take them
   */
  String push(Map<String, Path> files, String base) {
    String summary = "LoRA adapter for " + base;
    HubPush.Commit commit = call(Retry.WRITING, hub -> hub.push(new TreeMap<>(files), summary));
    return "hf://%s@%s".formatted(asked.target().repository(), commit.oid());
  }

  private <T> T call(Retry retry, Function<HubPush, T> action) {
    try (HubPush hub = new HubPush(access, asked.target().repository(), retry)) {
      return action.apply(hub);
    } catch (StorageException e) {
      throw StorageFailures.of(e, Role.PUSH);
    }
  }
}
