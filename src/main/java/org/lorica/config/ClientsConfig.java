package org.lorica.config;

import static org.lorica.config.Checks.atLeast;
import static org.lorica.config.Checks.check;
import static org.lorica.config.Checks.positive;

import java.util.Optional;

/** lorica.clients.{count (0 = every natural client), partitioner, records, …}. */
public record ClientsConfig(
    int count, Partitioner partitioner, Records records, Skew skew, Sizes sizes) {
  public enum Partitioner {
    IID,
    DIRICHLET,
    DIRICHLET_CLIENT,
    QUANTITY_SKEW,
    PATHOLOGICAL,
    NATURAL
  }

  /** Whether a record belongs to one client or to any number of them. */
  public enum Records {
    DISJOINT,
    SHARED
  }

  /** lorica.clients.{dirichlet-alpha, quantity-sigma, classes-per-client}. */
  public record Skew(double dirichletAlpha, double quantitySigma, int classesPerClient) {
    public Skew {
      positive("lorica.clients.dirichlet-alpha", dirichletAlpha);
      positive("lorica.clients.quantity-sigma", quantitySigma);
      positive("lorica.clients.classes-per-client", classesPerClient);
    }
  }

  /** lorica.clients.{examples, min-examples, max-examples (0 = no limit)}. */
  public record Sizes(Optional<Integer> examples, int least, int most) {
    public Sizes {
      examples.ifPresent(n -> positive("lorica.clients.examples", n));
      atLeast(1, "lorica.clients.min-examples", least);
      check(
          most == 0 || most >= least,
          "lorica.clients.max-examples",
          "0 (no limit) or >= lorica.clients.min-examples (" + least + ")",
          most);
    }
  }

  public ClientsConfig {
    atLeast(0, "lorica.clients.count", count);
    check(
        count > 0 || partitioner == Partitioner.NATURAL,
        "lorica.clients.count",
        "> 0 unless lorica.clients.partitioner = natural",
        count);
    boolean shared = records == Records.SHARED;
    check(
        !shared || (partitioner != Partitioner.DIRICHLET && partitioner != Partitioner.NATURAL),
        "lorica.clients.partitioner",
        "iid, dirichlet-client, quantity-skew or pathological when lorica.clients.records ="
            + " shared",
        Section.spelled(partitioner));
    check(
        sizes.examples().isPresent() == shared,
        "lorica.clients.examples",
        shared
            ? "set when lorica.clients.records = shared"
            : "null when lorica.clients.records = disjoint (the data is dealt out)",
        sizes.examples().map(Object::toString).orElse("null"));
  }
}
