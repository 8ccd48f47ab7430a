package org.lorica.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.lorica.model.Predictions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorica predict}: logits and losses, one JSON object a line, in input order. */
@Command(
    name = "predict",
    description =
        "Writes {\"logits\":[...],\"loss\":...} for every input, one JSON object a line, in input order.",
    mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private InferenceOptions options;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "File to write.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Inference inference = options.open();
    Path folder = out.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException("--out " + out + ": folder " + folder + " does not exist");
    }
    if (Files.isDirectory(out)) {
      throw new IllegalArgumentException("--out " + out + ": expected a file, found a folder");
    }
    Path part = folder.resolve(out.getFileName() + ".part");
    try {
      try (BufferedWriter writer = Files.newBufferedWriter(part)) {
        inference.forEachBatch((first, predictions) -> write(predictions, writer));
      }
      Files.move(part, out, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | UncheckedIOException e) {
      Throwable cause = e instanceof UncheckedIOException ? e.getCause() : e;
      throw new IllegalArgumentException("cannot write " + out + ": " + cause.getMessage(), e);
    } finally {
      Files.deleteIfExists(part);
    }
    return 0;
  }

  private static void write(Predictions predictions, BufferedWriter writer) {
    try {
      for (int i = 0; i < predictions.examples(); i++) {
        ObjectNode line = JSON.createObjectNode();
        ArrayNode logits = line.putArray("logits");
        for (float logit : predictions.logits(i)) {
          logits.add(logit);
        }
        if (!Double.isNaN(predictions.loss(i))) {
          line.put("loss", predictions.loss(i));
        }
        writer.write(JSON.writeValueAsString(line));
        writer.newLine();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
