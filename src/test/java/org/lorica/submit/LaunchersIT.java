package org.lorica.submit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lorica.submit.Launcher.Answer;

/** The spark-submit command that each launcher makes, seen through {@code --dry-run}. */
class LaunchersIT {
  private static final List<String> COMMAND = List.of("train", "conf/quickstart.conf");

  /** A launcher with what it cannot do without. */
  static Stream<Arguments> launchers() {
    return Stream.of(
        Arguments.of("standalone", List.of("--master", "spark://127.0.0.1:7077")),
        Arguments.of("yarn", List.of()),
        Arguments.of("yarn", List.of("--deploy-mode", "cluster")),
        Arguments.of(
            "kubernetes", List.of("--master", "k8s://https://127.0.0.1:6443", "--image", "i")));
  }

  private static Answer dryRun(String launcher, List<String> needed, String... options) {
    List<String> arguments = new ArrayList<>(needed);
    arguments.add("--dry-run");
    arguments.addAll(Arrays.asList(options));
    arguments.addAll(COMMAND);
    Answer answer = Launcher.of(launcher).run(arguments.toArray(String[]::new));
    assertThat(answer.err()).isEmpty();
    assertThat(answer.code()).isZero();
    return answer;
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", ""})
  void aPathWithAnUmlautIsFoundWhereNoCharacterSetIsNamed(String locale, @TempDir Path dir)
      throws IOException {
    assumeThat(System.getProperty("sun.jnu.encoding")).as("this JVM's").isEqualTo("UTF-8");
    Path rows = Files.writeString(dir.resolve("größe.csv"), "q,sigma,steps,delta\n1,1,1,1e-5\n");
    Launcher launcher = Launcher.of("lorica").with("LC_ALL", locale).with("LANG", "");
    Answer answer = launcher.with("LC_CTYPE", "").run("privacy", "table", rows.toString());
    assertThat(answer.err()).doesNotContain("lorica:");
    assertThat(answer.out()).contains("eps_pld");
  }

  @Test
  void anAnswerIsPrintedAndOneThatCannotBePrintedIsAFailure() throws Exception {
    String[] epsilon = "privacy epsilon --q 1 --sigma 1 --steps 1 --delta 1e-5".split(" ");
    Answer answer = Launcher.of("lorica").run(epsilon);
    assertThat(answer.code()).as(answer.err()).isZero();
    assertThat(answer.out()).startsWith("{\"epsilon\":4.37").contains("\"pld\"");
    assumeThat(Path.of("/dev/full")).exists();
    String command = "submit/lorica " + String.join(" ", epsilon) + " > /dev/full";
    Process full = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
    assertThat(new String(full.getInputStream().readAllBytes(), UTF_8))
        .contains("lorica: standard output could not be written to its end");
    assertThat(full.waitFor()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lorica", "standalone", "yarn", "kubernetes", "dev-cluster"})
  void aLinkToALauncherIsTheLauncher(String name, @TempDir Path dir) throws Exception {
    Path link = Files.createSymbolicLink(dir.resolve(name), Path.of("submit", name).toRealPath());
    Process help = new ProcessBuilder(link.toString(), "--help").redirectErrorStream(true).start();
    assertThat(new String(help.getInputStream().readAllBytes(), UTF_8)).contains("sage");
    assertThat(help.waitFor()).isZero();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("launchers")
  void resourcesThatWereNotGivenAreLeftToSpark(String launcher, List<String> needed) {
    assertThat(dryRun(launcher, needed).out())
        .contains("--class org.lorica.cli.Main")
        .contains("spark.executorEnv.OMP_NUM_THREADS=1")
        .contains("spark.executor.memoryOverhead=1536m") // 1 GiB native + 512 MiB for the JVM
        .contains("-Dorg.bytedeco.javacpp.maxphysicalbytes=0")
        .contains("train conf/quickstart.conf")
        .doesNotContain("spark.executor.memory=", "spark.executor.cores=", "spark.driver.memory=")
        .doesNotContain("spark.executor.instances=", "spark.cores.max=")
        .doesNotContain("gpu", "Kryo");
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("launchers")
  void resourcesBecomeSettings(String launcher, List<String> needed) {
    String text =
        dryRun(
                launcher,
                needed,
                "--executors",
                "3",
                "--executor-cores=4",
                "--executor-memory",
                "8g",
                "--off-heap",
                "2g",
                "--driver-memory",
                "3g")
            .out();
    assertThat(text)
        .contains("spark.executor.cores=4")
        .contains("spark.executor.memory=8192m")
        .contains("spark.executor.memoryOverhead=2867m") // 2048 + 8192 / 10
        .contains("maxbytes=2048m -Dorg.bytedeco.javacpp.maxphysicalbytes=11059m") // all of it
        .contains("spark.driver.memory=3072m")
        .contains(
            launcher.equals("standalone") ? "spark.cores.max=12" : "spark.executor.instances=3");
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("launchers")
  void gpusAreAskedForOnlyOnRequest(String launcher, List<String> needed) {
    String text =
        dryRun(launcher, needed, "--gpus-per-executor", "2", "--gpu-per-task", "0.5").out();
    assertThat(text)
        .contains("spark.executor.resource.gpu.amount=2")
        .contains("spark.task.resource.gpu.amount=0.5");
    switch (launcher) {
      case "yarn" ->
          assertThat(text)
              .contains("discoveryScript=./gpu-discovery")
              .containsPattern("--files \\S*submit/gpu-discovery");
      case "kubernetes" -> assertThat(text).contains("gpu.vendor=nvidia.com");
      default -> assertThat(text).doesNotContain("discoveryScript"); // the workers' business
    }
  }

  @ParameterizedTest(name = "{0}, driver in the cluster: {2}")
  @CsvSource({
    "yarn, client, false, spark.yarn.appMasterEnv.OMP_NUM_THREADS",
    "yarn, cluster, true, spark.yarn.appMasterEnv.OMP_NUM_THREADS",
    "kubernetes, client, false, spark.kubernetes.driverEnv.OMP_NUM_THREADS",
    "kubernetes, cluster, true, spark.kubernetes.driverEnv.OMP_NUM_THREADS"
  })
  void aDriverInTheClusterGetsItsOwnThreadLimitAndOverhead(
      String launcher, String mode, boolean inCluster, String variable) {
    List<String> needed =
        launcher.equals("yarn")
            ? List.of("--deploy-mode", mode)
            : List.of("--master", "k8s://https://h:1", "--image", "i", "--deploy-mode", mode);
    String text = dryRun(launcher, needed).out();
    assertThat(text.contains(variable + "=1")).isEqualTo(inCluster);
    assertThat(text.contains("spark.driver.memoryOverhead=")).isEqualTo(inCluster);
  }

  @Test
  void yarnRunsADriverInTheClusterOnceUnlessItIsToldOtherwise() {
    List<String> cluster = List.of("--deploy-mode", "cluster");
    assertThat(dryRun("yarn", List.of()).out()).doesNotContain("maxAppAttempts");
    assertThat(dryRun("yarn", cluster).out()).contains("spark.yarn.maxAppAttempts=1");
    String twice = dryRun("yarn", cluster, "--conf", "spark.yarn.maxAppAttempts=2").out();
    assertThat(twice.indexOf("Attempts=2")).isGreaterThan(twice.indexOf("Attempts=1"));
  }

  @Test
  void aCollectorAmongTheUsersOptionsIsTheOnlyOne() {
    String text =
        dryRun(
                "yarn",
                List.of(),
                "--conf",
                "spark.executor.extraJavaOptions=-XX:+UseG1GC",
                "--conf",
                "spark.driver.extraJavaOptions=-Dmine=1")
            .out();
    assertThat(text.split("-XX:\\+Use[A-Za-z0-9]*GC", -1)).hasSize(3);
    assertThat(text).contains("-XX:+UseG1GC").contains("-XX:+UseParallelGC -Dmine=1");
  }

  /** A JVM that is told of two collectors does not start. */
  @Test
  void aCollectorThatJvmsAreToldOfElsewhereIsTheOnlyOne(@TempDir Path settings) throws IOException {
    String given =
        dryRun("yarn", List.of(), "--conf", "spark.executor.defaultJavaOptions=-XX:+UseG1GC").out();
    assertThat(given.split("-XX:\\+UseParallelGC", -1)).as("the driver's only").hasSize(2);
    Files.writeString(
        settings.resolve("spark-defaults.conf"),
        "spark.executor.defaultJavaOptions  -XX:+UseZGC\nspark.driver.memory 3g\n");
    String[] arguments = {"--dry-run", "train", "x.conf"};
    Launcher yarn = Launcher.of("yarn");
    String stored = yarn.with("SPARK_CONF_DIR", settings.toString()).run(arguments).out();
    assertThat(stored.split("-XX:\\+UseParallelGC", -1)).as("the driver's only").hasSize(2);
    String inherited = yarn.with("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC").run(arguments).out();
    assertThat(inherited.split("-XX:\\+UseParallelGC", -1)).as("executors' only").hasSize(2);
    Answer help = Launcher.of("lorica").with("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC").run("--help");
    assertThat(help.err()).doesNotContain("Multiple garbage collectors");
    assertThat(help.code()).isZero();
  }

  /** A Spark whose spark-submit prints its arguments, one a line. */
  private static Launcher printing(Path spark, String... defaults) throws IOException {
    Path submit = Files.createDirectories(spark.resolve("bin")).resolve("spark-submit");
    Files.writeString(submit, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    assertThat(submit.toFile().setExecutable(true)).isTrue();
    Path file = Files.createDirectories(spark.resolve("conf")).resolve("spark-defaults.conf");
    Files.write(file, List.of(defaults));
    return Launcher.of("lorica").with("SPARK_HOME", spark.toString());
  }

  @Test
  void whatSparkDefaultsSayIsNotSaidAgain(@TempDir Path spark) throws IOException {
    Launcher lorica =
        printing(
            spark,
            "# spark.master local[7]",
            "  spark.master\tspark://h:7077",
            "spark.driver.memory = 5g",
            "spark.driver.defaultJavaOptions: -XX:+UseG1GC",
            "spark.driver.extraJavaOptions -Dmine=1 -Dyours=2");
    List<String> said = lorica.run("train", "x.conf").out().lines().toList();
    assertThat(said).doesNotContain("--master", "--driver-memory").endsWith("train", "x.conf");
    assertThat(said.get(said.indexOf("--driver-java-options") + 1))
        .contains("--add-modules=jdk.incubator.vector", "-Dmine=1 -Dyours=2")
        .doesNotContain("ParallelGC");
    assertThat(lorica.with("LORICA_MASTER", "local[3]").run("doctor").out())
        .contains("--master\nlocal[3]\n")
        .doesNotContain("--driver-memory");
    assertThat(lorica.with("LORICA_HEAP", "3g").run("doctor").out())
        .contains("--driver-memory\n3g\n")
        .doesNotContain("--master");
  }

  @Test
  void whatSparkDefaultsLeaveOutIsSaid(@TempDir Path spark, @TempDir Path other)
      throws IOException {
    Launcher lorica =
        printing(spark, "spark.masters local[7]", "spark.driver.memoryOverhead 5g", "spark.ui 1");
    String said = lorica.run("doctor").out();
    assertThat(said).contains("--master\nlocal[*]\n", "--driver-memory\n2g\n", "ParallelGC");
    Files.writeString(other.resolve("spark-defaults.conf"), "spark.master yarn\n");
    assertThat(lorica.with("SPARK_CONF_DIR", other.toString()).run("doctor").out())
        .contains("--driver-memory\n2g\n")
        .doesNotContain("--master");
  }

  @Test
  void aUsersSettingsComeLastAndJavaOptionsAreJoined() {
    String text =
        dryRun(
                "yarn",
                List.of(),
                "--conf",
                "spark.executor.memoryOverhead=9g",
                "--conf",
                "spark.executor.extraJavaOptions=-Dmine='a b'")
            .out();
    assertThat(text.indexOf("memoryOverhead=9g")).isGreaterThan(text.indexOf("Overhead=1536m"));
    assertThat(text).contains("maxphysicalbytes=0 -XX:+UseParallelGC -Dmine='\\''a b'\\'''");
  }

  @Test
  void optionsMayComeFromTheEnvironment() {
    Answer answer =
        Launcher.of("yarn")
            .with("LORICA_EXECUTOR_CORES", "6")
            .with("LORICA_QUEUE", "night")
            .run("--dry-run", "--executor-cores", "5", "train", "x.conf");
    assertThat(answer.out()).contains("spark.executor.cores=5").contains("spark.yarn.queue=night");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "standalone --dry-run train x | --master is missing; expected spark://HOST:PORT",
        "standalone --master local[2] --dry-run train x | got 'local[2]'",
        "standalone --master spark://h:1 --dry-run | a command of Lorica is missing",
        "standalone --master spark://h:1 --executors 2 --dry-run x | needs --executor-cores",
        "standalone --master spark://127.0.0.1:1 train x | no Spark master answers",
        "yarn --deploy-mode edge --dry-run x | --deploy-mode must be one of: client cluster",
        "yarn --executor-memory 8 --dry-run x | --executor-memory must be a size",
        "yarn --executor-memory --dry-run x | --executor-memory needs a value",
        "yarn --executor-cores 0 --dry-run x | --executor-cores must be a whole number from 1",
        "yarn --gpu-per-task 1 --dry-run x | --gpu-per-task needs --gpus-per-executor",
        "yarn --gpus-per-executor 1 --gpu-per-task 1.5 --dry-run x | got '1.5'",
        "yarn --colour red --dry-run x | unknown option --colour",
        "yarn --conf serializer=x --dry-run x | --conf must be spark.KEY=VALUE",
        "yarn --conf spark.serializer=org.apache.spark.serializer.KryoSerializer x | Kryo",
        "kubernetes --master k8s://h --dry-run x | --image is missing",
        "kubernetes --master yarn --image i --dry-run x | got 'yarn'",
        "kubernetes --master k8s://h --image i --volume data --dry-run x | CLAIM:/PATH",
        "dev-cluster sideways | expected up, down or status, got 'sideways'",
        "dev-cluster up --workers 0 | --workers must be a whole number from 1 to 64, got '0'",
        "dev-cluster down --workers 1 | down takes no options"
      })
  void badInputIsAnsweredByOneLine(String line, String expected) {
    String[] words = line.split(" ", -1);
    Answer answer = Launcher.of(words[0]).run(Arrays.copyOfRange(words, 1, words.length));
    assertThat(answer.code()).isPositive();
    assertThat(answer.out()).isEmpty();
    assertThat(answer.errLines()).singleElement().asString().contains(expected);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"standalone", "yarn", "kubernetes", "dev-cluster", "gpu-discovery"})
  void everyLauncherHasHelp(String launcher) {
    Answer answer = Launcher.of(launcher).run("--help");
    assertThat(answer.code()).isZero();
    assertThat(answer.err()).isEmpty();
    assertThat(answer.out()).hasSizeGreaterThan(100);
  }
}
