package io.loraoperator.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildImagesTest {
  @TempDir private Path folder;

  @Test
  void namesTheModuleThatIsNotPackaged() throws Exception {
    ImageBuilder builder = ImageBuilder.create(ImageBuilder.Settings.of(folder, "1.0"));

    assertThatThrownBy(() -> builder.build(ImageName.TRAINER))
        .isInstanceOf(ImageBuildException.class)
        .hasMessageContaining("trainer-1.0.jar is missing")
        .hasMessageContaining("./mvnw package -DskipTests -pl :trainer -am");
  }

  @Test
  void wantsAJdkAndSaysHowToInstallOne() {
    ImageBuilder.Settings here = ImageBuilder.Settings.of(folder, "1.0");
    ImageBuilder.Settings settings =
        new ImageBuilder.Settings(
            folder, "1.0", "r", "t", folder, here.cache(), here.debianMirror());

    assertThatThrownBy(() -> ImageBuilder.create(settings))
        .isInstanceOf(ImageBuildException.class)
        .hasMessageContaining(folder + " has no bin/jlink")
        .hasMessageContaining("apt-get install");
  }

  @Test
  void refusesAnUnknownImageAsAUsageError() {
    assertThat(BuildImages.run("--only", "database")).isEqualTo(2);
  }

  @Test
  void knowsTheProjectsVersion() throws Exception {
    assertThat(BuildImages.projectVersion()).matches("\\d+\\.\\d+\\.\\d+(-SNAPSHOT)?");
  }
}
