package io.loraoperator.trainer.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loraoperator.trainer.template.TemplateException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The language against Jinja2, and what hostile templates come to. */
class TemplateTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void snippetsRenderAsJinja2RendersThem() throws IOException {
    JsonNode fixture =
        JSON.readTree(Path.of("../parity/chat-templates/fixtures/snippets/snippets.json").toFile());
    Map<String, @Nullable Object> values =
        JSON.convertValue(fixture.get("values"), new TypeReference<>() {});
    SoftAssertions softly = new SoftAssertions();
    for (JsonNode snippet : fixture.path("snippets")) {
      String source = snippet.path("template").asText();
      try {
        String text = Template.parse(source).render(values).text();
        softly.assertThat(text).as(source).isEqualTo(snippet.path("text").textValue());
      } catch (TemplateException e) {
        softly.assertThat(snippet.has("refused")).as("%s: %s", source, e.getMessage()).isTrue();
      }
    }
    assertThat(fixture.path("snippets").size()).isGreaterThan(50);
    softly.assertAll();
  }

  /** Templates that try to take all memory, all time or the machine. */
  static final List<String> hostile =
      List.of(
          "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
          "{{ 'a' * 1000000000 }}",
          "{{ 'a' * 99999999999999999 * 9999999999 }}",
          "{{ [0] * 9000000000000000000 }}",
          "{{ 9 ** 9 ** 9 ** 9 }}",
          "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
          "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
          "{% set ns = namespace(x=[]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
          "{% set ns = namespace(x=[]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == [ns.x] }}{{ ns.x | tojson }}",
          "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
          "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
          "{% macro f(n) %}{{ f(n + 1) ~ f(n + 1) }}{% endmacro %}{{ f(0) }}",
          "{% for i in range(99999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}",
          "{{ range(99999) | map('string') | map('list') | list | tojson(indent=16) }}{{ range(0, 99999999999) }}",
          "{% set s = 'a' * 8000000 %}{% for i in range(99999) %}{{ s | length }}{{ s.replace('a', 'bb') }}{% endfor %}",
          "{% set s = 'a' * 4000000 %}{{ s.replace('', s) }}",
          "{% set s = 'a ' * 4000000 %}{% for i in range(1000) %}{% set x = s.split() %}{% endfor %}",
          "{% set s = 'a ' * 400000 %}{{ s.rsplit() | length }}",
          "{{ " + "(".repeat(100_000) + "1" + ")".repeat(100_000) + " }}",
          "{{ 1" + " + 1".repeat(100_000) + " + 'a' }}",
          "{{ 'a'" + " | trim".repeat(100_000) + " + 1 }}",
          "{{ " + "not ".repeat(100_000) + "x + 1 }}",
          "{% if t %}".repeat(10_000),
          "{% if t %}a" + "{% elif t %}b".repeat(10_000) + "{% endif %}",
          "{{ ''.__class__.__mro__[1].__subclasses__() }}",
          "{{ messages.getClass().forName('java.lang.Runtime') }}",
          "{{ ''.getClass() }}",
          "{{ self._TemplateReference__context }}",
          "{{ namespace(__class__=1) }}",
          "{{ ____int3rpr3t3r____.getContext() }}",
          "{% include '/etc/passwd' %}",
          "{% import 'os' as os %}",
          "{% extends 'x' %}",
          "{{ '%999999999s' % 'x' }}",
          "{{ 'a'.ljust(1000000000) }}",
          "{{ 'x' | indent(99999999999) | indent('" + " ".repeat(2000) + "') + 1 }}",
          "{% generation %}{% for i in [1] %}",
          "{{ {[1]: 2} }}",
          "{{ {}[[[[]]]] }}",
          "{{ loop.cycle() }}",
          "{% for i in [1] %}{{ loop.cycle() }}{% endfor %}",
          "{{ strftime_now('%Q') }}",
          "{{ range() }}{{ range(1, 2, 0) }}",
          "{{ 9223372036854775807 + 1 }}",
          "{{ 99999999999999999999999 }}");

  @ParameterizedTest
  @FieldSource("hostile")
  void hostileTemplatesEndInARefusal(String source) {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () ->
            assertThatThrownBy(
                    () -> Template.parse(source).render(Map.of("t", true, "messages", List.of())))
                .isInstanceOf(TemplateException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          a\\n{{ b c }}            ; SYNTAX  ; 2 ; expected }}, not c
          {% if x %}\\n\\ny       ; SYNTAX  ; 3 ; if is not closed: {% endif %} is missing
          {{ x | shout }}          ; SYNTAX  ; 1 ; there is no filter shout
          {% frobnicate %}         ; SYNTAX  ; 1 ; the tag frobnicate is unknown or not allowed here
          {{ 'x                    ; SYNTAX  ; 1 ; a string is not closed: ' is missing
          {# open                  ; SYNTAX  ; 1 ; a comment is not closed: #} is missing
          \\n\\n{{ nope.field }}   ; VALUE   ; 3 ; 'nope' is undefined
          {{ raise_exception('no') }} ; REFUSED ; 1 ; no
          {{ x.y.z }}              ; VALUE   ; 1 ; 'y' of a mapping is undefined
          """)
  void faultsAreToldWithTheirLine(String source, Kind kind, int line, String message) {
    TemplateException fault =
        catchThrowableOfType(
            TemplateException.class,
            () -> Template.parse(source.replace("\\n", "\n")).render(Map.of("x", Map.of("a", 1))));
    assertThat(fault).isNotNull();
    assertThat(fault.kind()).isEqualTo(kind);
    assertThat(fault.line()).isEqualTo(line);
    assertThat(fault.getMessage()).isEqualTo(message);
  }

  @Test
  void tellsWhichNamesItNeeds() {
    Template template =
        Template.parse(
            "{% set a = b %}{{ a }}{% if c is defined %}{{ c }}{% endif %}{{ d | default(1) }}"
                + "{% for e in f %}{{ e.g }}{{ loop.index }}{% endfor %}{{ range(3) }}");
    assertThat(template.variables()).isEqualTo(Set.of("b", "f"));
  }

  @Test
  void notesWhatEachElementWritesAndWhatIsGenerated() {
    Template template =
        Template.parse(
            "<{% for x in xs[1:] %}({% generation %}{{ x.v }}{% endgeneration %}){% endfor %}"
                + "{% for x in xs[::-1] %}{% set last = x %}{% endfor %}>");
    List<Map<String, Object>> xs = new ArrayList<>();
    for (String v : List.of("a", "bb", "ccc")) {
      xs.add(Map.of("v", v));
    }
    Rendered rendered = template.render(Map.of("xs", xs), "xs");
    assertThat(rendered.text()).isEqualTo("<(bb)(ccc)>");
    assertThat(rendered.items())
        .containsExactly(new Rendered.Part(1, 1, 5), new Rendered.Part(2, 5, 10));
    assertThat(rendered.generated())
        .containsExactly(new Rendered.Part(0, 2, 4), new Rendered.Part(1, 6, 9));
  }
}
