package io.loraoperator.trainer.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import io.loraoperator.trainer.template.TemplateException.Kind;
import java.io.IOException;
import java.lang.management.ManagementFactory;
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
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

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
          "{{ 99999999999999999999999 }}",
          "{% set s = 'a' * 4000000 %}{{ 'a' * 2000000 ~ 'b' in s }}{{ s.find('a' * 2000000 ~ 'b') }}{{ s.split('a' * 2000000 ~ 'b') }}",
          "{{ ('a' * 8000000).strip('b' * 8000000 ~ 'a') }}",
          "{% set s = 'a' * 8000000 %}{{ (s ~ 'b').startswith([s ~ 'c'] * 100000) }}",
          "{% set s = 'a' * 8000000 %}{{ ('%s' * 500) % ([s] * 500) }}",
          "{{ ([0] * 1000) | tojson(separators=('a' * 8000000, 'b')) }}",
          "{% set d = {'a' * 8000000: 1} %}{% for i in range(99999) %}{% set x = d['a' * 8000000] %}{% endfor %}",
          "{% set s = 'ä😀' * 3000000 %}{% for i in range(99999) %}{% for j in range(99) %}{% set x = s | length %}{% endfor %}{% endfor %}",
          "{% set s = 'a' * 8000000 %}{% for i in range(99999) %}{% for j in range(99) %}{% set x = s | wordcount %}{% endfor %}{% endfor %}",
          "{% set s = 'a' * 8000000 %}{% for i in range(99999) %}{% for j in range(99) %}{% set x = s is lower %}{% endfor %}{% endfor %}",
          "{{ strftime_now('%B' * 4000000) | length }}{{ strftime_now('%B' * 4000000) | length }}{{ strftime_now('%B' * 4000000) | length }}",
          "{{ raise_exception('a' * 8000000) }}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = namespace(a=1, b=2) %}{% endfor %}{% endfor %}",
          "{% macro f(a, b=1) %}{% endmacro %}{% for i in range(99999) %}{% for j in range(999) %}{% set x = f(1, b=2) %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = {'a': 1, 'b': 2} %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = [1] %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = i ~ 'a' %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = '%5.3f' % 0.1 %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = 0.1 | round(3) %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x %}a{% endset %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = 'ab'.upper() %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = j | int(default=1) %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = 'a' | int(default=1) %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = y is defined and y.z is defined %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = 'a b c d e f g h'.split() %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% set x = 'a,b,c'.rsplit(',', 1) | list | sort | map('upper') | join(' ') %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for j in range(999) %}{% with a = 1 %}{% endwith %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% for c in 'ä😀' * 999 %}{% endfor %}{% endfor %}",
          "{% for i in range(99999) %}{% set x = ('ä😀' * 99999)[::-1] %}{% endfor %}",
          "{% for i in range(99999) %}{% set x = ('ä😀' * 99999)[1:-1] | title %}{% endfor %}",
          "{% for i in range(99999) %}{% set x = ('ä' * 99999).replace('', 'ab').replace('ab', 'c') %}{% endfor %}",
          "{% for i in range(99999) %}{% set x = ('ä\n' * 99999) | indent(1) %}{% endfor %}",
          "{% for i in range(99999) %}{% set x = range(9999) | map('string') | unique | join %}{% endfor %}",
          "{% for i in range(99999) %}{% set x = range(99999) | list | tojson %}{% endfor %}",
          "{% for i in range(99999) %}{% set x = ('ä😀' * 99999) | tojson(ensure_ascii=true) %}{% endfor %}",
          "{% for i in range(99999) %}{% set x = ([0.1] * 9999) | string %}{% endfor %}",
          "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% for j in range(99) %}{% set ns.x = [ns.x[-50:], range(99)] %}{% endfor %}{% endfor %}");

  @ParameterizedTest
  @FieldSource("hostile")
  void hostileTemplatesEndInARefusal(String source) {
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          long before = THREADS.getCurrentThreadAllocatedBytes();
          assertThatThrownBy(
                  () -> Template.parse(source).render(Map.of("t", true, "messages", List.of())))
              .isInstanceOf(TemplateException.class)
              .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1100));
          assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
              .as("bytes allocated in all")
              .isLessThan(1L << 30);
        });
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
