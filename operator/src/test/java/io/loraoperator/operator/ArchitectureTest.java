package io.loraoperator.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What decides is pure: it can be tested by values alone, and read without knowing a framework. */
class ArchitectureTest {

  private static final String[] PURE = {
    "io.loraoperator.operator.observe..",
    "io.loraoperator.operator.check..",
    "io.loraoperator.operator.desired..",
    "io.loraoperator.operator.status.."
  };

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.loraoperator.operator");

  @Test
  void whatDecidesSeesNeitherClientNorFramework() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.fabric8.kubernetes.client.dsl..",
            "io.fabric8.kubernetes.client.informers..",
            "io.fabric8.kubernetes.client.http..",
            "io.javaoperatorsdk..",
            "io.quarkus..",
            "io.micrometer..",
            "jakarta..",
            "org.eclipse.microprofile..",
            "io.smallrye..")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.fabric8.kubernetes.client.KubernetesClient")
        .check(classes);
  }

  @Test
  void whatDecidesIsToldTheTime() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Clock.class, "systemUTC")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .check(classes);
  }

  @Test
  void whatDecidesKnowsNothingOfWhatCarriesOut() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.loraoperator.operator.dependent..",
            "io.loraoperator.operator.config..",
            "io.loraoperator.operator.telemetry..")
        .check(classes);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.loraoperator.operator.(*)..").should().beFreeOfCycles().check(classes);
  }
}
