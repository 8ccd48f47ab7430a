package org.lorica;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The floors of docs/architecture.md: a package uses only what stands below it. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("org.lorica");

  @Test
  void sparkIsKnownToSparkAndCliOnly() {
    allowed("org.apache.spark..", "spark", "cli");
  }

  @Test
  void typesafeConfigIsKnownToConfigAndCliOnly() {
    allowed("com.typesafe.config..", "config", "cli");
  }

  @Test
  void nd4jAndNativePointersAreKnownToTensorAndModelOnly() {
    allowed("org.nd4j..", "tensor", "model");
    allowed("org.bytedeco..", "tensor", "model");
  }

  @Test
  void deeplearning4jIsKnownToModelAndDataOnly() {
    allowed("org.deeplearning4j..", "model", "data");
  }

  private static void allowed(String library, String... packages) {
    String[] names = new String[packages.length];
    for (int i = 0; i < packages.length; i++) {
      names[i] = "org.lorica." + packages[i] + "..";
    }
    noClasses()
        .that()
        .resideOutsideOfPackages(names)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }

  @Test
  void noSourceFileIsLongerThan500Lines() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(500);
      }
    }
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("org.lorica.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void everyPackageUsesOnlyLowerFloors() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("6")
        .definedBy("org.lorica.cli..")
        .layer("5")
        .definedBy("org.lorica.spark..", "org.lorica.strategy..", "org.lorica.report..")
        .layer("4")
        .definedBy("org.lorica.federation..")
        .layer("3")
        .definedBy("org.lorica.model..", "org.lorica.sketch..")
        .layer("2")
        .definedBy("org.lorica.lora..", "org.lorica.privacy..")
        .layer("1")
        .definedBy("org.lorica.tensor..", "org.lorica.data..", "org.lorica.config..")
        .layer("0")
        .definedBy("org.lorica.random..")
        .whereLayer("6")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("5")
        .mayOnlyBeAccessedByLayers("6")
        .whereLayer("4")
        .mayOnlyBeAccessedByLayers("5", "6")
        .whereLayer("3")
        .mayOnlyBeAccessedByLayers("4", "5", "6")
        .whereLayer("2")
        .mayOnlyBeAccessedByLayers("3", "4", "5", "6")
        .whereLayer("1")
        .mayOnlyBeAccessedByLayers("2", "3", "4", "5", "6")
        .check(CLASSES);
  }
}
