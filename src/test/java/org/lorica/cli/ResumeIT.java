package org.lorica.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lorica.report.mlflow.FakeServer;
import org.lorica.testing.RunResult;
import org.lorica.testing.Subprocess;
import org.lorica.testing.TinyScenario;

/**
 * A run that was ended by kill -9 and goes on gives what an uninterrupted one gives, bit for bit.
 */
class ResumeIT {
  private static final String[] LONG = {
    "federation.engine=local", "federation.rounds=60", "federation.local-steps=4"
  };

  /** Shared: a process costs seconds to start, so tests of refusals work on copies of one run. */
  @TempDir private static Path shared;

  private static TinyScenario scenario;
  private static RunResult uninterrupted;
  private static Path interrupted;

  @TempDir private Path dir;

  @BeforeAll
  static void interruptOne() throws IOException {
    scenario = TinyScenario.in(shared);
    Path whole = shared.resolve("whole");
    // there is nothing to go on with yet: it starts
    assertThat(run("train", whole, LONG, "--resume")).isZero();
    uninterrupted = RunResult.of(whole);
    interrupted = killed(shared.resolve("interrupted"), 3, LONG);
  }

  private Path copyOfInterrupted() throws IOException {
    return RunResult.copy(
        interrupted, dir.resolve("parts").resolve(interrupted.getFileName().toString()));
  }

  private static String[] with(String[] some, String... more) {
    return Stream.of(some, more).flatMap(Arrays::stream).toArray(String[]::new);
  }

  private static int run(String command, Path out, String[] settings, String... options) {
    List<String> arguments =
        new ArrayList<>(scenario.arguments(command, with(settings, "out=" + out)));
    arguments.addAll(List.of(options));
    return Main.execute(arguments.toArray(String[]::new));
  }

  /** Starts a run in a process of its own, and ends it by kill -9 after some rounds. */
  private static Path killed(Path out, int afterRounds, String... settings) throws IOException {
    try (Subprocess process =
        Subprocess.java(Main.class, scenario.arguments("train", with(settings, "out=" + out)))) {
      process.await(() -> RunResult.roundsIn(out) >= afterRounds);
      process.killHard();
    }
    Path folder = RunResult.only(out);
    assertThat(folder.getFileName().toString()).endsWith(".incomplete");
    assertThat(RunResult.roundsIn(out)).isLessThan(60);
    return folder;
  }

  /** Standard error of a command that must fail. */
  private static String fails(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.execute(arguments)).isEqualTo(1);
    } finally {
      System.setErr(before);
    }
    String text = captured.toString(StandardCharsets.UTF_8).strip();
    assertThat(text.lines()).hasSize(1);
    return text;
  }

  /**
   * Memory of the strategy and of its diagnostics (aslora), a folded base (fedex), and the ledger
   * of a trusted server.
   */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    "strategy.name=aslora, diagnostics.every=1",
    "strategy.name=fedex, privacy.unit=record",
    "federation.participation=poisson, privacy.threat-model=central"
  })
  void aKilledRunEndsAsIfNothingHadHappened(String one, String other) throws IOException {
    String[] settings = with(LONG, one, other);
    if (other.contains("central")) {
      settings = with(settings, "privacy.unit=client");
    }
    Path whole = dir.resolve("whole");
    assertThat(run("train", whole, settings)).isZero();
    Path out = dir.resolve("parts");
    Path folder = killed(out, 3, settings);
    assertThat(Main.execute("resume", folder.toString())).isZero();
    assertThat(RunResult.of(out)).isEqualTo(RunResult.of(whole));
    assertThat(RunResult.only(out).resolve("checkpoint.bin")).doesNotExist();
  }

  @Test
  void theTrackingServerKeepsOneRunOfAnInterruptedOne() throws IOException {
    Path out = dir.resolve("tracked");
    try (FakeServer server = new FakeServer()) {
      String[] settings = with(LONG, "tracking.mlflow.uri=" + server.address(), "out=" + out);
      try (Subprocess process =
          Subprocess.java(Main.class, scenario.arguments("train", settings))) {
        process.await(() -> RunResult.roundsIn(out) >= 3);
        Path folder = RunResult.only(out);
        process.await(() -> Files.exists(folder.resolve("mlflow.json")));
        process.killHard();
      }
      assertThat(Main.execute("resume", RunResult.only(out).toString())).isZero();
      assertThat(server.calls().stream().filter("runs/create"::equals)).hasSize(1);
      assertThat(server.calls()).contains("runs/get").endsWith("runs/update");
      assertThat(server.requests().stream().map(FakeServer.Request::body))
          .anyMatch(body -> body.contains("\"run_id\":\"r1\"") && body.contains("\"step\":60"));
    }
    assertThat(RunResult.only(out).resolve("mlflow.json")).content().contains("\"r1\"");
  }

  @Test
  void theSameTrainCommandGoesOnAfterASecondKillToo() throws IOException {
    copyOfInterrupted();
    Path out = dir.resolve("parts");
    try (Subprocess process =
        Subprocess.java(
            Main.class,
            Stream.concat(
                    scenario.arguments("train", with(LONG, "out=" + out)).stream(),
                    Stream.of("--resume"))
                .toList())) {
      int done = RunResult.roundsIn(out);
      process.await(() -> RunResult.roundsIn(out) >= done + 20); // Spark's rounds are the slow ones
      process.killHard();
    }
    // what has no say in the result may change: partitions and engine
    String[] onSpark = with(LONG, "federation.engine=spark", "federation.partitions=2");
    assertThat(run("train", out, onSpark, "--resume")).isZero();
    assertThat(RunResult.of(out)).isEqualTo(uninterrupted);
  }

  @Test
  void whatStandsBehindTheCheckpointIsCutOff() throws IOException {
    Path folder = copyOfInterrupted();
    Path rounds = folder.resolve("rounds.jsonl");
    String line = Files.readAllLines(rounds).get(0);
    Files.writeString(rounds, Files.readString(rounds) + line + "\n" + line.substring(0, 20));
    assertThat(Main.execute("resume", folder.toString())).isZero();
    assertThat(RunResult.of(dir.resolve("parts"))).isEqualTo(uninterrupted);
  }

  @Test
  void otherSettingsAreRefusedWithTheirOldAndNewValues() throws IOException {
    copyOfInterrupted();
    String[] other = with(LONG, "out=" + dir.resolve("parts"), "seed=7", "federation.rounds=61");
    List<String> arguments = new ArrayList<>(scenario.arguments("train", other));
    arguments.add("--resume");
    assertThat(fails(arguments.toArray(String[]::new)))
        .contains("lorica.seed: 42 → 7")
        .contains("lorica.federation.rounds: 60 → 61")
        .doesNotContain("lorica.out");
  }

  @Test
  void otherDataUnderTheSameNameIsRefused() throws IOException {
    Path folder = copyOfInterrupted();
    Path data = shared.resolve("data.jsonl");
    List<String> lines = Files.readAllLines(data);
    Files.write(data, lines.subList(0, 100));
    // a process of its own: this one may remember the file
    try (Subprocess process = Subprocess.java(Main.class, List.of("resume", folder.toString()))) {
      assertThat(process.exitCode()).isEqualTo(1);
      assertThat(process.output()).contains("found others under the same names");
    } finally {
      Files.write(data, lines);
    }
  }

  @Test
  void aDamagedCheckpointACompleteRunAndAStrangersFolderAreRefused() throws IOException {
    Path folder = copyOfInterrupted();
    Path file = folder.resolve("checkpoint.bin");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertThat(fails("resume", folder.toString()))
        .contains("checkpoint.bin")
        .contains("damaged one");
    StringWriter said = new StringWriter();
    PrintWriter quiet = new PrintWriter(new StringWriter());
    Main.execute(new PrintWriter(said, true), quiet, "resume", folder.toString());
    assertThat(said.toString()).contains("clients").doesNotContain("to go on");
    assertThat(fails("resume", RunResult.only(shared.resolve("whole")).toString()))
        .contains("complete");
    assertThat(fails("resume", dir.resolve("nothing").toString())).contains("no such run folder");
    assertThat(fails("resume", dir.toString())).contains("with manifest.json, found none in it");
  }

  @Test
  void aFullDiskIsSaidAndTheRunGoesOnLater() throws IOException {
    Path folder = copyOfInterrupted();
    Path draft = folder.resolve(".checkpoint.bin.tmp");
    Files.deleteIfExists(draft);
    Files.createSymbolicLink(draft, Path.of("/dev/full")); // every write to it finds no space
    assertThat(fails("resume", folder.toString()))
        .contains("cannot write")
        .contains("checkpoint.bin")
        .contains("No space left on device");
    assertThat(folder.resolve("manifest.json")).content().contains("FAILED");
    Files.delete(draft);
    Path manifest = folder.resolve(".manifest.json.tmp");
    Files.createSymbolicLink(manifest, Path.of("/dev/full"));
    StringWriter said = new StringWriter();
    PrintWriter quiet = new PrintWriter(new StringWriter());
    assertThat(Main.execute(new PrintWriter(said, true), quiet, "resume", folder.toString()))
        .isEqualTo(1);
    assertThat(said.toString()).contains("what is done is kept; to go on: lorica resume");
    Files.delete(manifest);
    assertThat(Main.execute("resume", folder.toString())).isZero();
    assertThat(RunResult.of(dir.resolve("parts"))).isEqualTo(uninterrupted);
  }

  @Test
  void aRunThatGoesOnInAnotherProcessIsLeftAlone() throws IOException {
    Path out = dir.resolve("parts");
    String[] endless = with(LONG, "out=" + out, "federation.rounds=100000");
    try (Subprocess process = Subprocess.java(Main.class, scenario.arguments("train", endless))) {
      process.await(() -> RunResult.roundsIn(out) >= 1);
      assertThat(fails("resume", RunResult.only(out).toString()))
          .contains("goes on in another process");
    }
  }

  /** Two copies of one interrupted run go on alike only if they draw the kept key's noise. */
  @Test
  void secureNoiseGoesOnWithTheKeptKeyWhichIsItsOwnersAndGoneAtTheEnd() throws IOException {
    String[] settings =
        with(LONG, "noise.mode=secure", "strategy.name=ffa", "privacy.noise-multiplier=0.8");
    Path folder = killed(dir.resolve("one"), 2, settings);
    Path key = folder.resolve("noise.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");
    byte[] secret = Files.readAllBytes(key);
    for (String name : List.of("checkpoint.bin", "manifest.json", "rounds.jsonl")) {
      assertThat(indexOf(Files.readAllBytes(folder.resolve(name)), secret)).isEqualTo(-1);
    }
    Path copy = RunResult.copy(folder, dir.resolve("two").resolve(folder.getFileName()));
    Path lost = RunResult.copy(folder, dir.resolve("three").resolve(folder.getFileName()));
    Path other = RunResult.copy(folder, dir.resolve("four").resolve(folder.getFileName()));
    assertThat(Main.execute("resume", folder.toString())).isZero();
    assertThat(Main.execute("resume", copy.toString())).isZero();
    RunResult one = RunResult.of(dir.resolve("one"));
    assertThat(RunResult.of(dir.resolve("two"))).isEqualTo(one);
    assertThat(RunResult.only(dir.resolve("one")).resolve("noise.key")).doesNotExist();

    String manifest = Files.readString(other.resolve("manifest.json"));
    Files.writeString(
        other.resolve("manifest.json"),
        manifest.replaceFirst("\"java\"\\s*:\\s*\"[^\"]*\"", "\"java\" : \"17.0.0+0\""));
    assertThat(fails("resume", other.toString()))
        .contains("noise.mode = secure")
        .contains("17.0.0+0");

    Files.setPosixFilePermissions(
        lost.resolve("noise.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(fails("resume", lost.toString())).contains("noise.key").contains("chmod 600");
    Files.delete(lost.resolve("noise.key"));
    assertThat(fails("resume", lost.toString())).contains("noise.key").contains("found none");
  }

  private static int indexOf(byte[] text, byte[] part) {
    return new String(text, StandardCharsets.ISO_8859_1)
        .indexOf(new String(part, StandardCharsets.ISO_8859_1));
  }
}
