package org.lorica.federation;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lorica.lora.AdapterLayout;
import org.lorica.lora.AdapterSet;
import org.lorica.lora.BaseUpdate;
import org.lorica.lora.LoraFactors;
import org.lorica.lora.LoraModule;
import org.lorica.lora.LoraRank;
import org.lorica.privacy.Composition;
import org.lorica.privacy.Ledger;
import org.lorica.privacy.SampledGaussian;
import org.lorica.tensor.Matrix;

/**
 * The bytes of a checkpoint: big-endian numbers, every float and double by its own bits, texts in
 * UTF-8 after their length. Accounts of the ledger are written once each, however many clients
 * share one.
 */
final class CheckpointFormat {
  private static final long MAGIC = 0x4C4F52494341_4350L; // LORICACP
  private static final int VERSION = 2;

  private CheckpointFormat() {}

  static void write(DataOutputStream out, Checkpoint checkpoint) throws IOException {
    out.writeLong(MAGIC);
    out.writeInt(VERSION);
    text(out, checkpoint.origin().settings());
    text(out, checkpoint.origin().inputs());
    out.writeInt(checkpoint.done().rounds());
    adapter(out, checkpoint.done().server().adapter());
    state(out, checkpoint.done().server().strategy());
    ledger(out, checkpoint.ledger());
    state(out, checkpoint.observed());
  }

  static Checkpoint read(DataInputStream in, Path file) throws IOException {
    long magic = in.readLong();
    int version = in.readInt();
    if (magic != MAGIC || version != VERSION) {
      throw new IllegalArgumentException(
          file + ": expected a checkpoint of format " + VERSION + ", found another file or format");
    }
    Checkpoint.Origin origin = new Checkpoint.Origin(text(in), text(in));
    int rounds = in.readInt();
    ServerState server = new ServerState(adapter(in), state(in));
    return new Checkpoint(origin, new RoundsDone(rounds, server), ledger(in), state(in));
  }

  // ---- adapter

  private static void adapter(DataOutputStream out, AdapterSet adapter) throws IOException {
    AdapterLayout layout = adapter.layout();
    modules(out, layout.modules());
    modules(out, layout.head());
    for (LoraRank rank : layout.ranks()) {
      out.writeInt(rank.rank());
      out.writeDouble(rank.scaling());
    }
    for (float value : adapter.toArray()) {
      out.writeInt(Float.floatToRawIntBits(value));
    }
    out.writeInt(adapter.base().factors().size());
    for (LoraFactors factors : adapter.base().factors()) {
      matrix(out, factors.b());
      matrix(out, factors.a());
    }
  }

  private static AdapterSet adapter(DataInputStream in) throws IOException {
    List<LoraModule> modules = modules(in);
    List<LoraModule> head = modules(in);
    List<LoraRank> ranks = new ArrayList<>();
    for (int m = 0; m < modules.size(); m++) {
      ranks.add(new LoraRank(in.readInt(), in.readDouble()));
    }
    AdapterLayout layout = new AdapterLayout(modules, head, ranks);
    float[] values = new float[layout.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(in.readInt());
    }
    List<LoraFactors> base = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      base.add(new LoraFactors(matrix(in), matrix(in)));
    }
    return AdapterSet.of(layout, values).withBase(new BaseUpdate(base));
  }

  private static void modules(DataOutputStream out, List<LoraModule> modules) throws IOException {
    out.writeInt(modules.size());
    for (LoraModule module : modules) {
      text(out, module.name());
      out.writeInt(module.out());
      out.writeInt(module.in());
    }
  }

  private static List<LoraModule> modules(DataInputStream in) throws IOException {
    List<LoraModule> modules = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      modules.add(new LoraModule(text(in), in.readInt(), in.readInt()));
    }
    return modules;
  }

  private static void matrix(DataOutputStream out, Matrix matrix) throws IOException {
    out.writeInt(matrix.rows());
    out.writeInt(matrix.cols());
    doubles(out, matrix.toArray());
  }

  private static Matrix matrix(DataInputStream in) throws IOException {
    int rows = in.readInt();
    int cols = in.readInt();
    return Matrix.of(rows, cols, doubles(in, rows * cols));
  }

  // ---- what the strategy remembers

  private static void state(DataOutputStream out, StrategyState state) throws IOException {
    out.writeInt(state.values().size());
    for (Map.Entry<String, List<Double>> entry : state.values().entrySet()) {
      text(out, entry.getKey());
      out.writeInt(entry.getValue().size());
      doubles(out, entry.getValue().stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  private static StrategyState state(DataInputStream in) throws IOException {
    TreeMap<String, List<Double>> values = new TreeMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = text(in);
      List<Double> list = new ArrayList<>();
      for (double value : doubles(in, in.readInt())) {
        list.add(value);
      }
      values.put(name, list);
    }
    return new StrategyState(values);
  }

  // ---- ledger

  private static void ledger(DataOutputStream out, Ledger ledger) throws IOException {
    composition(out, ledger.everybody());
    Map<Ledger.Entry, Integer> distinct = new LinkedHashMap<>();
    ledger.entries().values().forEach(entry -> distinct.putIfAbsent(entry, distinct.size()));
    out.writeInt(distinct.size());
    for (Ledger.Entry entry : distinct.keySet()) {
      composition(out, entry.spent());
      out.writeInt(entry.participations());
    }
    out.writeInt(ledger.entries().size());
    for (Map.Entry<Integer, Ledger.Entry> account : ledger.entries().entrySet()) {
      out.writeInt(account.getKey());
      out.writeInt(distinct.get(account.getValue()));
    }
  }

  private static Ledger ledger(DataInputStream in) throws IOException {
    Composition everybody = composition(in);
    List<Ledger.Entry> distinct = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      distinct.add(new Ledger.Entry(composition(in), in.readInt()));
    }
    Ledger ledger = new Ledger();
    everybody.steps().forEach(ledger::chargeEverybody);
    for (int left = in.readInt(); left > 0; left--) {
      ledger.put(in.readInt(), distinct.get(in.readInt()));
    }
    return ledger;
  }

  private static void composition(DataOutputStream out, Composition spent) throws IOException {
    out.writeInt(spent.steps().size());
    for (Map.Entry<SampledGaussian, Integer> entry : spent.steps().entrySet()) {
      out.writeDouble(entry.getKey().samplingProbability());
      out.writeDouble(entry.getKey().noiseMultiplier());
      out.writeInt(entry.getValue());
    }
  }

  private static Composition composition(DataInputStream in) throws IOException {
    Composition spent = Composition.NONE;
    for (int left = in.readInt(); left > 0; left--) {
      spent = spent.plus(new SampledGaussian(in.readDouble(), in.readDouble()), in.readInt());
    }
    return spent;
  }

  // ---- pieces

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void doubles(DataOutputStream out, double[] values) throws IOException {
    for (double value : values) {
      out.writeLong(Double.doubleToRawLongBits(value));
    }
  }

  private static double[] doubles(DataInputStream in, int count) throws IOException {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = Double.longBitsToDouble(in.readLong());
    }
    return values;
  }
}
