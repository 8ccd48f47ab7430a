package org.lorica.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A pool's records by label; classes are numbered by ascending label. */
final class Labels {
  private final List<int[]> records = new ArrayList<>();
  private final int total;

  private Labels(int total) {
    this.total = total;
  }

  static Labels of(List<Integer> labels) {
    Labels pool = new Labels(labels.size());
    new TreeMap<>(byLabel(labels))
        .values()
        .forEach(r -> pool.records.add(r.stream().mapToInt(Integer::intValue).toArray()));
    return pool;
  }

  /** Records of every label, in order of first appearance. */
  static Map<Integer, List<Integer>> byLabel(List<Integer> labels) {
    Map<Integer, List<Integer>> byLabel = new LinkedHashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      byLabel.computeIfAbsent(labels.get(i), l -> new ArrayList<>()).add(i);
    }
    return byLabel;
  }

  int classes() {
    return records.size();
  }

  int count(int k) {
    return records.get(k).length;
  }

  int record(int k, int position) {
    return records.get(k)[position];
  }

  /** alpha·K·p_k. */
  double[] concentrations(double alpha) {
    double[] concentrations = new double[classes()];
    for (int k = 0; k < concentrations.length; k++) {
      concentrations[k] = alpha * classes() * count(k) / total;
    }
    return concentrations;
  }
}
