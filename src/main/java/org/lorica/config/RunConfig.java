package org.lorica.config;

import static org.lorica.config.Checks.check;
import static org.lorica.config.Checks.notBlank;

import com.typesafe.config.Config;
import java.io.Serializable;
import java.util.Optional;
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
        federation.packing().lanes() == 1
            || privacy.noise().mode() != PrivacyConfig.Noise.NoiseMode.SECURE,
        "lorica.federation.lanes",
        "1 with lorica.noise.mode = secure: clients that share a pass share its rounding, so that"
            + " one's records would show in another's sum",
        federation.packing().lanes());
    check(
        clients.count() == 0 || federation.clientsPerRound() <= clients.count(),
        "lorica.federation.clients-per-round",
        "<= lorica.clients.count (" + clients.count() + ")",
        federation.clientsPerRound());
    boolean fixed = federation.participation() == FederationConfig.Participation.ROUND_ROBIN;
    int most = fixed ? federation.clientsPerRound() : clients.count();
    check(
        federation.minClients() <= most || most == 0,
        "lorica.federation.min-clients",
        "<= " + most + ", the most clients that a round can have",
        federation.minClients());
    check(
        !Set.of(
                    ClientsConfig.Partitioner.DIRICHLET,
                    ClientsConfig.Partitioner.DIRICHLET_CLIENT,
                    ClientsConfig.Partitioner.PATHOLOGICAL)
                .contains(clients.partitioner())
            || data.source() != DataConfig.Source.ROLES,
        "lorica.clients.partitioner",
        "natural, iid or quantity-skew when lorica.data.source = roles (text without labels)",
        Section.spelled(clients.partitioner()));
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
      Checks.folder("lorica.name", name);
      notBlank("lorica.out", out);
      Checks.localFolder("lorica.out", out);
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
}
