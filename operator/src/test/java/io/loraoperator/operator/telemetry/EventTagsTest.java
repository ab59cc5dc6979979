package io.loraoperator.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetricsV2;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.ResourceAction;
import io.javaoperatorsdk.operator.processing.event.source.controller.ResourceEvent;
import io.loraoperator.api.LoraFineTune;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class EventTagsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void eventsOfTheObjectAndOfItsChildrenAreCountedUnderTheSameTags() {
    registry.config().meterFilter(new EventTags());
    var metrics = MicrometerMetricsV2.newBuilder(registry).build();
    Map<String, Object> controller = Map.of("controller.name", "lorafinetune");
    ResourceID resource = new ResourceID("debian-helper", "team-a");

    metrics.eventReceived(
        new ResourceEvent(ResourceAction.UPDATED, resource, new LoraFineTune()), controller);
    metrics.eventReceived(new Event(resource), controller);

    assertThat(registry.getMeters())
        .hasSize(2)
        .extracting(EventTagsTest::tagKeys)
        .containsOnly(tagKeys(registry.getMeters().getFirst()));
  }

  private static Set<String> tagKeys(Meter meter) {
    return meter.getId().getTags().stream().map(Tag::getKey).collect(Collectors.toSet());
  }
}
