package org.lorica.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Run, sweep and comparison folders as Lorica writes them, made by hand. */
final class SampleFolders {
  private SampleFolders() {}

  /** A run of three rounds, accuracy 0.2, 0.3 and {@code last}. */
  static Path run(Path folder, String method, String epsilon, double last) throws IOException {
    return run(folder, method, epsilon, last, "simulation");
  }

  static Path run(Path folder, String method, String epsilon, double last, String noiseMode)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("manifest.json"),
        """
        {"status":"COMPLETE","startTime":"2030-01-02T03:04:05Z","seed":42,
         "commandLine":["train","conf/a b.conf","--set","privacy.epsilon=8"],
         "versions":{"java":"17","lorica":"1"},
         "configuration":{"lorica":{"name":"x","strategy":{"name":"%s"},
          "federation":{"rounds":3},"clients":{"count":2},
          "privacy":{"mode":"dp","epsilon":%s,"noise-multiplier":null},
          "noise":{"mode":"%s"}}}}
        """
            .formatted(method, epsilon, noiseMode));
    List<String> lines = new ArrayList<>();
    double[] accuracy = {0.2, 0.3, last};
    for (int round = 1; round <= 3; round++) {
      lines.add(
          String.format(
              Locale.ROOT,
              "{\"round\":%d,\"rounds\":3,\"quality\":{\"trainLoss\":1.2345,\"testLoss\":%s,"
                  + "\"metric\":\"accuracy\",\"metricValue\":%s},\"epsilon\":%s,\"clients\":2,"
                  + "\"traffic\":{\"bytesUpPerClient\":1024,\"bytesDownPerClient\":2048},"
                  + "\"seconds\":{\"train\":2.0,\"aggregate\":0.5,\"driver\":0.4}}",
              round,
              3.0 - round,
              accuracy[round - 1],
              round * 2.0));
    }
    Files.write(folder.resolve("rounds.jsonl"), lines);
    Files.writeString(
        folder.resolve("partition.json"),
        """
        {"registered":2,"labels":["da","<sv>"],"clients":[
         {"client":0,"examples":[5,0]},{"client":1,"examples":[1,7]}]}
        """);
    Files.writeString(
        folder.resolve("privacy.json"),
        Json.pretty(Samples.privacy(java.util.OptionalDouble.of(6))));
    return folder;
  }

  /**
   * A run of {@link #run} whose rounds 1 and 3 were diagnosed; the server's error is 0 in round 1.
   */
  static Path diagnosed(Path folder, String noiseMode) throws IOException {
    run(folder, "fedask", "8", 0.4, noiseMode);
    Path file = folder.resolve("rounds.jsonl");
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    for (int round : List.of(1, 3)) {
      String line = lines.get(round - 1);
      lines.set(
          round - 1,
          line.substring(0, line.length() - 1)
              + String.format(
                  Locale.ROOT,
                  ",\"simulationDiagnostics\":{\"aggregationBias\":0.9876,\"serverError\":%s,"
                      + "\"eckartYoungError\":1e-3,\"cosineOfUpdatesB\":-0.25}}",
                  round == 1 ? "0.0" : "0.01"));
    }
    Files.write(file, lines);
    return folder;
  }

  /** A sweep over clients and methods, two seeds each; accuracy depends on the seed. */
  static Path sweep(Path folder) throws IOException {
    int cell = 0;
    for (String method : List.of("fedask", "fedavg")) {
      for (int clients : List.of(10, 100)) {
        for (int seed : List.of(1, 2)) {
          Path dir = Files.createDirectories(folder.resolve("cells").resolve("c" + cell++));
          Files.writeString(
              dir.resolve("cell.json"),
              String.format(
                  Locale.ROOT,
                  "{\"digest\":\"d\",\"status\":\"DONE\",\"message\":\"\",\"settings\":"
                      + "{\"clients.count\":\"%d\",\"strategy.name\":\"%s\",\"seed\":\"%d\"},"
                      + "\"figures\":{\"test-accuracy\":%s,\"seconds-train\":%d,"
                      + "\"seconds-aggregate\":1,\"bytes-up\":1048576}}",
                  clients,
                  method,
                  seed,
                  0.5 + 0.1 * seed,
                  clients));
        }
      }
    }
    Path half = Files.createDirectories(folder.resolve("cells").resolve("x.incomplete"));
    Files.writeString(half.resolve("cell.json"), "{ half");
    return folder;
  }
}
