package org.lorica.config;

import static org.lorica.config.Checks.atLeast;
import static org.lorica.config.Checks.check;
import static org.lorica.config.Checks.notBlank;
import static org.lorica.config.Checks.positive;

import com.typesafe.config.Config;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Everything a run is told, checked once. Key names, units and defaults: {@code reference.conf}.
 *
 * <p>Not serializable as a whole ({@code Optional} is not): executors parse {@link
 * LoadedConfig#resolvedHocon()} again and get an equal record.
 */
public record RunConfig(
    General general,
    ModelConfig model,
    LoraConfig lora,
    DataConfig data,
    ClientsConfig clients,
    FederationConfig federation,
    StrategyConfig strategy,
    OptimizerConfig optimizer,
    PrivacyConfig privacy,
    TrackingConfig tracking,
    DiagnosticsConfig diagnostics,
    HubConfig hub) {

  public RunConfig {
    check(
        !diagnostics.wanted() || privacy.noise().mode() != PrivacyConfig.Noise.NoiseMode.SECURE,
        "lorica.diagnostics.every",
        "0 with lorica.noise.mode = secure: diagnostics read what no epsilon covers",
        diagnostics.every());
    check(
        clients.count() == 0 || federation.clientsPerRound() <= clients.count(),
        "lorica.federation.clients-per-round",
        "<= lorica.clients.count (" + clients.count() + ")",
        federation.clientsPerRound());
    check(
        !Set.of(
                    ClientsConfig.Partitioner.DIRICHLET,
                    ClientsConfig.Partitioner.DIRICHLET_CLIENT,
                    ClientsConfig.Partitioner.PATHOLOGICAL)
                .contains(clients.partitioner())
            || data.source() != DataConfig.Source.ROLES,
        "lorica.clients.partitioner",
        "natural, iid or quantity-skew when lorica.data.source = roles (text without labels)",
        RunConfigReader.spelled(clients.partitioner()));
    check(
        federation.minClients() == 0
            || privacy.mode() == PrivacyConfig.Mode.NONE
            || privacy.guarantee().threatModel() != PrivacyConfig.Guarantee.ThreatModel.CENTRAL,
        "lorica.federation.min-clients",
        "0 when lorica.privacy.threat-model = central (to void a round would tell outsiders, without"
            + " noise, how many clients came)",
        federation.minClients());
  }

  /** Reads and checks a resolved tree that holds every key of {@code reference.conf}. */
  static RunConfig from(Config resolved) {
    return new RunConfigReader(resolved).runConfig();
  }

  /** lorica.{name, seed, out, device}. */
  public record General(String name, long seed, String out, Device device) implements Serializable {
    public enum Device {
      AUTO,
      CPU,
      CUDA
    }

    public General {
      check(
          name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"),
          "lorica.name",
          "letters, digits, '.', '_' or '-' (it names the run folder)",
          '"' + name + '"');
      notBlank("lorica.out", out);
    }
  }

  /** lorica.tracking.mlflow.{uri, experiment}. */
  public record TrackingConfig(Optional<String> mlflowUri, String mlflowExperiment) {
    public TrackingConfig {
      mlflowUri.ifPresent(
          uri ->
              check(
                  uri.equals("databricks") || uri.matches("https?://.+"),
                  "lorica.tracking.mlflow.uri",
                  "null, databricks or an address that begins with http:// or https://",
                  uri));
      notBlank("lorica.tracking.mlflow.experiment", mlflowExperiment);
    }
  }

  /**
   * lorica.model.{path, family, head, head-init, classes, task, max-length (tokens), image-size
   * (pixels)}.
   */
  public record ModelConfig(
      String path,
      Family family,
      Head head,
      HeadStart headStart,
      int maxLength,
      Optional<Integer> imageSize) {
    /** What lies at the path; AUTO looks. */
    public enum Family {
      AUTO,
      TRANSFORMERS,
      DL4J
    }

    public enum Head {
      FROZEN,
      TRAINED
    }

    /**
     * lorica.model.{head-init, classes, task}; empty classes: as many as the checkpoint has; empty
     * task: the checkpoint's own.
     */
    public record HeadStart(Init init, Optional<Integer> classes, Optional<Task> task) {
      public enum Task {
        SEQUENCE_CLASSIFICATION,
        REGRESSION,
        QUESTION_ANSWERING,
        CAUSAL_LM
      }

      public enum Init {
        CHECKPOINT,
        RANDOM,
        ZERO
      }

      public HeadStart {
        classes.ifPresent(n -> atLeast(1, "lorica.model.classes", n));
        check(
            init != Init.CHECKPOINT || classes.isEmpty(),
            "lorica.model.head-init",
            "random or zero when lorica.model.classes is set: the checkpoint's head has its own",
            "checkpoint");
        task.ifPresent(wanted -> requireSense(init, classes, wanted));
      }

      private static void requireSense(Init init, Optional<Integer> classes, Task task) {
        check(
            task != Task.CAUSAL_LM || init == Init.CHECKPOINT,
            "lorica.model.head-init",
            "checkpoint when lorica.model.task = causal-lm: a language model keeps its head",
            RunConfigReader.spelled(init));
        check(
            task == Task.SEQUENCE_CLASSIFICATION || classes.isEmpty(),
            "lorica.model.classes",
            "null when lorica.model.task = "
                + RunConfigReader.spelled(task)
                + ", which has no classes",
            classes.map(Object::toString).orElse("null"));
        check(
            task != Task.SEQUENCE_CLASSIFICATION || classes.orElse(2) > 1,
            "lorica.model.classes",
            ">= 2 when lorica.model.task = sequence-classification",
            classes.map(Object::toString).orElse("null"));
      }
    }

    public ModelConfig {
      check(
          family != Family.DL4J
              || (headStart.init() == HeadStart.Init.CHECKPOINT && headStart.task().isEmpty()),
          "lorica.model.family",
          "auto or transformers when lorica.model.head-init or lorica.model.task is set: a DL4J"
              + " network keeps its own output layer",
          RunConfigReader.spelled(family));
      notBlank("lorica.model.path", path);
      atLeast(2, "lorica.model.max-length", maxLength);
      imageSize.ifPresent(n -> positive("lorica.model.image-size", n));
    }
  }

  /**
   * lorica.lora.{rank, alpha, scaling, target-modules, rank-pattern, alpha-pattern} and
   * lorica.adapter.init.
   */
  public record LoraConfig(
      int rank,
      double alpha,
      Scaling scaling,
      List<String> targetModules,
      RankPatterns patterns,
      Optional<String> init) {
    public enum Scaling {
      STANDARD,
      RANK_STABILIZED
    }

    public LoraConfig {
      positive("lorica.lora.rank", rank);
      positive("lorica.lora.alpha", alpha);
      targetModules = List.copyOf(targetModules);
    }
  }

  /**
   * lorica.data.{source, train, test, test-fraction, max-test-examples, languages} and, in {@code
   * format} and {@code images}, how rows become records.
   */
  public record DataConfig(
      Source source,
      String train,
      Optional<String> test,
      double testFraction,
      int maxTestExamples,
      List<String> languages,
      RecordFormat format,
      ImageFormat images) {
    public enum Source {
      JDK_LOCALE_NAMES,
      TSV,
      CSV,
      JSONL,
      PARQUET,
      SQUAD,
      ROLES,
      IMAGE_FOLDER,
      IMAGE_CSV,
      IDX,
      CIFAR,
      IMAGE_RECORDS;

      /** Whether records are images. */
      public boolean images() {
        return compareTo(IMAGE_FOLDER) >= 0;
      }
    }

    public DataConfig {
      if (source != Source.JDK_LOCALE_NAMES && train.isBlank()) {
        throw new IllegalArgumentException(
            "lorica.data.train must be set when lorica.data.source = "
                + RunConfigReader.spelled(source)
                + ", for example --set data.train=FILE");
      }
      check(
          testFraction >= 0 && testFraction < 1,
          "lorica.data.test-fraction",
          "in [0, 1)",
          testFraction);
      atLeast(0, "lorica.data.max-test-examples", maxTestExamples);
      languages = List.copyOf(languages);
    }
  }

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
          RunConfigReader.spelled(partitioner));
      check(
          sizes.examples().isPresent() == shared,
          "lorica.clients.examples",
          shared
              ? "set when lorica.clients.records = shared"
              : "null when lorica.clients.records = disjoint (the data is dealt out)",
          sizes.examples().map(Object::toString).orElse("null"));
    }
  }

  /**
   * lorica.federation.{rounds, clients-per-round, participation, local-steps, weights, min-clients,
   * evaluate-every, engine, clients-per-partition, lanes, partitions (0 = by
   * clients-per-partition), tree-depth (0 = by the payload), micro-batch, overlap-evaluation}.
   */
  public record FederationConfig(
      int rounds,
      int clientsPerRound,
      Participation participation,
      int localSteps,
      Weights weights,
      int minClients,
      int evaluateEvery,
      Engine engine,
      Packing packing)
      implements Serializable {
    public enum Participation {
      ROUND_ROBIN,
      POISSON
    }

    public enum Weights {
      UNIFORM,
      EXAMPLES
    }

    public enum Engine {
      SPARK,
      LOCAL
    }

    public record Packing(
        int clientsPerPartition,
        int lanes,
        int partitions,
        int treeDepth,
        int microBatch,
        Overlap overlapEvaluation)
        implements Serializable {
      public Packing {
        atLeast(0, "lorica.federation.clients-per-partition", clientsPerPartition);
        positive("lorica.federation.lanes", lanes);
        atLeast(0, "lorica.federation.partitions", partitions);
        atLeast(0, "lorica.federation.tree-depth", treeDepth);
        positive("lorica.federation.micro-batch", microBatch);
      }
    }

    public FederationConfig {
      positive("lorica.federation.rounds", rounds);
      positive("lorica.federation.clients-per-round", clientsPerRound);
      positive("lorica.federation.local-steps", localSteps);
      atLeast(0, "lorica.federation.min-clients", minClients);
      atLeast(0, "lorica.federation.evaluate-every", evaluateEvery);
    }
  }

  /** lorica.optimizer.{name, learning-rate-a, -b, -head (each defaults to learning-rate)}. */
  public record OptimizerConfig(
      Kind kind, double learningRateA, double learningRateB, double learningRateHead)
      implements Serializable {
    public enum Kind {
      SGD,
      ADAMW
    }

    public OptimizerConfig {
      rate("lorica.optimizer.learning-rate-a", learningRateA);
      rate("lorica.optimizer.learning-rate-b", learningRateB);
      rate("lorica.optimizer.learning-rate-head", learningRateHead);
    }

    /** Zero is allowed: it freezes a factor. */
    static void rate(String key, double found) {
      check(found >= 0 && Double.isFinite(found), key, ">= 0 and finite", found);
    }
  }

  /** lorica.privacy.{mode, …} and lorica.noise.mode. */
  public record PrivacyConfig(Mode mode, Guarantee guarantee, Noise noise, Batches batches) {
    /** DP: differential privacy as the other keys say. NONE: no clip, no noise and no claim. */
    public enum Mode {
      DP,
      NONE
    }

    /**
     * lorica.privacy.{unit, threat-model, epsilon, delta, accountant, participation-cap}. ε is
     * empty where the noise is given or nothing is claimed.
     */
    public record Guarantee(
        Unit unit,
        ThreatModel threatModel,
        OptionalDouble epsilon,
        double delta,
        Accountant accountant,
        Optional<Integer> participationCap) {
      public enum Unit {
        RECORD,
        CLIENT
      }

      public enum ThreatModel {
        SERVER,
        CENTRAL
      }

      public enum Accountant {
        PLD,
        RDP
      }

      public Guarantee {
        epsilon.ifPresent(e -> positive("lorica.privacy.epsilon", e));
        check(delta > 0 && delta < 1, "lorica.privacy.delta", "in (0, 1)", delta);
        participationCap.ifPresent(n -> positive("lorica.privacy.participation-cap", n));
      }
    }

    /** lorica.privacy.{noise-multiplier, max-grad-norm} and lorica.noise.mode. */
    public record Noise(OptionalDouble multiplier, double maxGradNorm, NoiseMode mode) {
      public enum NoiseMode {
        SIMULATION,
        SECURE
      }

      public Noise {
        multiplier.ifPresent(
            s ->
                check(
                    s >= 0 && Double.isFinite(s),
                    "lorica.privacy.noise-multiplier",
                    ">= 0 and finite",
                    s));
        positive("lorica.privacy.max-grad-norm", maxGradNorm);
      }
    }

    /**
     * lorica.privacy.{sampler, sampling-probability | expected-batch-size}. With a sampling
     * probability the expected batch size remains the public denominator.
     */
    public record Batches(
        Sampler sampler, OptionalDouble samplingProbability, int expectedBatchSize) {
      public enum Sampler {
        POISSON,
        FIXED,
        SHUFFLE
      }

      public Batches {
        samplingProbability.ifPresent(
            q -> check(q > 0 && q <= 1, "lorica.privacy.sampling-probability", "in (0, 1]", q));
        positive("lorica.privacy.expected-batch-size", expectedBatchSize);
      }
    }

    public PrivacyConfig {
      if (mode == Mode.DP && guarantee.epsilon().isPresent() == noise.multiplier().isPresent()) {
        throw new IllegalArgumentException(
            "lorica.privacy.epsilon and lorica.privacy.noise-multiplier: exactly one must be set, "
                + (guarantee.epsilon().isPresent() ? "both are" : "neither is"));
      }
    }
  }
}
