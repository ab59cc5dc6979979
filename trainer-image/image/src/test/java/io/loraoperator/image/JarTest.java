package io.loraoperator.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JarTest {
  @ParameterizedTest
  @CsvSource({
    "<project><groupId>org.own</groupId></project>, org.own",
    "<project><parent><groupId>org.parent</groupId></parent><groupId>org.own</groupId></project>, org.own",
    "<project><parent><groupId> org.parent </groupId></parent></project>, org.parent",
    "<project><parent><groupId>org.parent</groupId></parent><dependencies><dependency><groupId>x</groupId></dependency></dependencies></project>, org.parent",
  })
  void takesTheGroupFromThePomBesideTheJar(String pom, String group, @TempDir Path repository)
      throws IOException {
    Path folder = Files.createDirectories(repository.resolve("g/thing/1.5"));
    Path file = Files.writeString(folder.resolve("thing-1.5-linux.jar"), "jar");
    Files.writeString(folder.resolve("thing-1.5.pom"), pom);

    Jar jar = Jar.ofRepository(file);

    assertThat(jar.own()).isFalse();
    assertThat(jar.component().packageUrl()).isEqualTo("pkg:maven/" + group + "/thing@1.5");
    assertThat(jar.component().sha256()).isEqualTo(Digests.sha256Hex("jar"));
  }
}
