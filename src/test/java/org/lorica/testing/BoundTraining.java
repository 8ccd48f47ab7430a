package org.lorica.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lorica.federation.Workbench;
import org.lorica.lora.ActiveTensors;
import org.lorica.random.RandomKey;
import org.lorica.tensor.BoundDevice;

/**
 * What tasks of one executor with several GPUs do: each thread is bound to the device named by its
 * argument and computes gradients there. Arguments: file of resolved settings, then addresses.
 */
public final class BoundTraining {
  private BoundTraining() {}

  public static void main(String[] arguments) throws Exception {
    String settings = Files.readString(Path.of(arguments[0]));
    List<Thread> threads = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++) {
      String address = arguments[i];
      Thread thread =
          new Thread(
              () -> {
                BoundDevice.bind(address);
                System.out.println(address + " loss " + loss(Workbench.shared(settings)));
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    System.exit(0);
  }

  private static double loss(Workbench workbench) {
    return workbench.withWorker(
        worker ->
            worker
                .gradients(
                    workbench.initialAdapter(RandomKey.root(1)).toArray(),
                    ActiveTensors.of(workbench.layout(), slot -> true),
                    workbench.population().examples(0))
                .loss(0));
  }
}
