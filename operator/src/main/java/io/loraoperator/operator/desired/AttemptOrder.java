package io.loraoperator.operator.desired;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.contract.AttemptDocument;
import io.loraoperator.contract.RunDocument;
import io.loraoperator.operator.check.SpecVerdict;
import io.loraoperator.operator.observe.AttemptKey;
import io.loraoperator.operator.observe.RunRecord;
import java.util.Map;

/**
 * What the resources of one attempt are rendered from.
 *
 * @param key names the attempt
 * @param owner the {@code LoraFineTune}
 * @param run the run as it is allocated
 * @param accepted its specification
 */
public record AttemptOrder(
    AttemptKey key, LoraFineTune owner, RunRecord run, SpecVerdict.Accepted accepted) {

  /** Orders the current attempt of a run. */
  public static AttemptOrder of(LoraFineTune owner, RunRecord run, SpecVerdict.Accepted accepted) {
    return new AttemptOrder(
        run.key(owner.getMetadata().getNamespace(), owner.getMetadata().getName()),
        owner,
        run,
        accepted);
  }

  RunDocument runDocument() {
    return RunDocument.of(accepted.tree(), run.threads());
  }

  AttemptDocument attemptDocument() {
    return AttemptDocument.of(
        accepted.tree(),
        key.run(),
        key.attempt(),
        SpecValues.backoffLimit(owner.getSpec()) + 1,
        key.namespace(),
        key.name(),
        owner.getMetadata().getUid());
  }

  /** Metadata of a child: it goes when its owner goes. */
  ObjectMeta metadata(String childName) {
    return new ObjectMetaBuilder()
        .withNamespace(key.namespace())
        .withName(childName)
        .withLabels(labels())
        .withOwnerReferences(ownerReference())
        .build();
  }

  Map<String, String> labels() {
    return key.labels(owner.getMetadata().getUid());
  }

  private OwnerReference ownerReference() {
    return new OwnerReferenceBuilder()
        .withApiVersion(owner.getApiVersion())
        .withKind(owner.getKind())
        .withName(owner.getMetadata().getName())
        .withUid(owner.getMetadata().getUid())
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }
}
