package io.loraoperator.operator.check;

import io.loraoperator.contract.FineTuneSpec;
import io.loraoperator.contract.PodPaths;
import io.loraoperator.contract.Source;
import java.util.ArrayList;
import java.util.List;

/**
 * A source or destination of a specification, with what it is for.
 *
 * @param role what it is mounted as
 * @param path where it stands, from {@code spec}
 */
public record NamedSource(PodPaths.Role role, String path, Source source) {

  /** Every source of a specification and its destinations, in a fixed order. */
  public static List<NamedSource> of(FineTuneSpec spec) {
    List<NamedSource> sources = new ArrayList<>();
    sources.add(
        new NamedSource(PodPaths.Role.MODEL, "baseModel.source", spec.baseModel().source()));
    sources.add(
        new NamedSource(
            PodPaths.Role.TRAIN, "dataset.train.source", spec.dataset().train().source()));
    if (spec.dataset().evaluation() instanceof FineTuneSpec.Evaluation.OwnData own) {
      sources.add(
          new NamedSource(
              PodPaths.Role.EVALUATION, "dataset.evaluation.source", own.data().source()));
    }
    if (spec.lora().initialAdapter() != null) {
      sources.add(
          new NamedSource(
              PodPaths.Role.ADAPTER, "lora.initialAdapter", spec.lora().initialAdapter()));
    }
    sources.add(
        new NamedSource(PodPaths.Role.OUTPUT, "output.destination", spec.output().destination()));
    FineTuneSpec.PushToHub push = spec.output().pushToHub();
    if (push != null) {
      sources.add(new NamedSource(PodPaths.Role.PUSH, "output.pushToHub", push.target()));
    }
    return List.copyOf(sources);
  }
}
