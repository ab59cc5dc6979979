package io.loraoperator.operator.dependent;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.api.status.LoraFineTuneStatus;
import io.loraoperator.operator.status.OwnedStatus;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Applies the operator's part of the status, if it has changed. */
public final class StatusWriter {

  /** The field manager of the reporters. */
  static final String REPORTER = "lora-reporter";

  /**
   * Writes it, and puts the answer into the cache, so that the next reconciliation sees the numbers
   * that this one has allocated.
   *
   * @return the object as it is now
   */
  public LoraFineTune write(
      LoraFineTune resource, LoraFineTuneStatus status, Context<LoraFineTune> context) {
    LoraFineTune now = resource;
    if (!OwnedStatus.same(resource.getStatus(), status)) {
      now = context.resourceOperations().serverSideApplyPrimaryStatus(patch(resource, status));
    }
    if (isStale(now.getStatus())) {
      forgetReport(resource, context);
    }
    return now;
  }

  private static boolean isStale(@Nullable LoraFineTuneStatus status) {
    return status != null
        && status.run() != null
        && status.progress() != null
        && !Objects.equals(status.progress().run(), status.run().number());
  }

  /**
   * Removes what the reporter of an earlier run said. Only a manager's own application removes its
   * fields, so the operator applies an empty status in the reporters' name.
   */
  private static void forgetReport(LoraFineTune resource, Context<LoraFineTune> context) {
    context
        .getClient()
        .resource(patch(resource, OwnedStatus.of(null)))
        .subresource("status")
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(REPORTER)
                .withForce(true)
                .build());
  }

  /** The uid makes the server refuse it should another object have taken the name. */
  private static LoraFineTune patch(LoraFineTune resource, LoraFineTuneStatus status) {
    LoraFineTune patch = new LoraFineTune();
    patch.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(resource.getMetadata().getNamespace())
            .withName(resource.getMetadata().getName())
            .withUid(resource.getMetadata().getUid())
            .build());
    patch.setStatus(status);
    return patch;
  }
}
