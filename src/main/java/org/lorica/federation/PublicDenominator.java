package org.lorica.federation;

import java.util.ArrayList;
import java.util.List;
import org.lorica.lora.AdapterSet;
import org.lorica.sketch.ClientMessage;
import org.lorica.sketch.TrainedClient;
import org.lorica.tensor.Matrix;

/**
 * A cohort drawn at random whose sums are divided by the expected cohort, a public number, and not
 * by how many came: the weights then do not add up to 1, and the global adapter stands in for what
 * is missing or too much, θ + Σ w_k(θ_k − θ).
 *
 * @param absent 1 − Σ w_k; negative when more came than expected
 */
record PublicDenominator(Cohort cohort, AdapterSet global, double absent) implements Cohort {

  @Override
  public List<Matrix> weightedSum(ClientMessage message) {
    List<Matrix> standIn = message.from(TrainedClient.untrained(global));
    boolean empty = cohort.stats().clients() == 0;
    List<Matrix> came = empty ? List.of() : cohort.weightedSum(message);
    List<Matrix> sum = new ArrayList<>();
    for (int m = 0; m < standIn.size(); m++) {
      Matrix missing = standIn.get(m).scaled(absent);
      sum.add(empty ? missing : came.get(m).plus(missing));
    }
    return sum;
  }

  @Override
  public TrainingStats stats() {
    return cohort.stats();
  }

  @Override
  public int terms() {
    return stats().clients() + 1;
  }

  @Override
  public void close() {
    cohort.close();
  }
}
