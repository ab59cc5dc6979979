package io.loraoperator.operator;

import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.loraoperator.api.LoraFineTune;
import io.loraoperator.operator.telemetry.Resumption;
import java.util.Objects;

/**
 * Which changes of an object need the operator. Reporters write every few seconds, and what they
 * write is theirs; only where an attempt went on is told again, as an event.
 */
public final class WorthALook implements OnUpdateFilter<LoraFineTune> {

  @Override
  public boolean accept(LoraFineTune now, LoraFineTune before) {
    return now.isMarkedForDeletion()
        || !Objects.equals(now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
        || !Resumption.of(now).equals(Resumption.of(before));
  }
}
