package io.loraoperator.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.contract.FineTuneSpec.Schedule;
import io.loraoperator.contract.FineTuneSpec.ScheduleType;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {

  /** The file is made by parity/trainer/schedules.py with the versions that it names. */
  @Test
  void equalsTransformers() throws IOException {
    JsonNode fixture;
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/schedules.json"))) {
      fixture = new ObjectMapper().readTree(in);
    }
    assertThat(fixture.path("cases")).hasSizeGreaterThan(10);
    for (JsonNode c : fixture.path("cases")) {
      Schedule schedule =
          new Schedule(
              ScheduleType.valueOf(c.path("type").asText()),
              c.has("warmupRatio") ? new BigDecimal(c.path("warmupRatio").asText()) : null,
              c.has("warmupSteps") ? Integer.valueOf(c.path("warmupSteps").asInt()) : null);
      JsonNode rates = c.path("rates");
      LearningRateSchedule ours =
          new LearningRateSchedule(
              schedule, new BigDecimal(c.path("learningRate").asText()), rates.size());
      for (int step = 1; step <= rates.size(); step++) {
        assertThat(ours.rate(step))
            .as("%s, step %d", c, step)
            .isCloseTo(rates.get(step - 1).asDouble(), within(1e-15));
      }
    }
  }
}
