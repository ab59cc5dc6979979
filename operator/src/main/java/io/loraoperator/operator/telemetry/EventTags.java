package io.loraoperator.operator.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;

/**
 * Gives every count of received events the same tags. The framework tags only those of the primary
 * resource with an action; Prometheus refuses one name with two sets of tags, and that exception
 * would lose the event itself.
 */
public final class EventTags implements MeterFilter {

  private static final String EVENTS = "events.received";
  private static final Tag NO_ACTION = Tag.of("action", "NONE");

  @Override
  public Meter.Id map(Meter.Id id) {
    return id.getName().startsWith(EVENTS) && id.getTag(NO_ACTION.getKey()) == null
        ? id.withTag(NO_ACTION)
        : id;
  }
}
