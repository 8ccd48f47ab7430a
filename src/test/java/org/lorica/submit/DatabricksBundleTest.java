package org.lorica.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.lorica.cli.Main;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.dataformat.yaml.YAMLMapper;

/** The asset bundle is sound as far as that can be seen without a workspace. */
class DatabricksBundleTest {
  private static final Path BUNDLE = Path.of("submit/databricks");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{var\\.(\\w+)}");

  private static JsonNode read(String file) throws IOException {
    return new YAMLMapper().readTree(Files.readString(BUNDLE.resolve(file)));
  }

  private static JsonNode job(String file, String name) throws IOException {
    JsonNode job = read("resources/" + file).at("/resources/jobs/" + name);
    assertThat(job.isObject()).as(name).isTrue();
    return job;
  }

  private static void isADedicatedClassicCluster(JsonNode job) {
    JsonNode cluster = job.at("/job_clusters/0/new_cluster");
    assertThat(cluster.path("data_security_mode").asText()).isEqualTo("SINGLE_USER");
    assertThat(cluster.at("/spark_env_vars/OMP_NUM_THREADS").asText()).isEqualTo("1");
    assertThat(cluster.path("spark_conf").has("spark.serializer")).isFalse();
    assertThat(job.at("/job_clusters/0/job_cluster_key"))
        .isEqualTo(job.findValue("job_cluster_key"));
  }

  private static void trains(JsonNode task) {
    assertThat(task.at("/spark_jar_task/main_class_name").asText()).isEqualTo(Main.class.getName());
    assertThat(task.at("/spark_jar_task/parameters/0").asText()).isEqualTo("train");
    assertThat(task.at("/libraries/0/jar").asText()).isEqualTo("${var.volume}/lorica.jar");
  }

  @Test
  void trainingRunsTheMainClassOnCpusAndOnGpus() throws IOException {
    for (String name : List.of("train_cpu", "train_gpu")) {
      JsonNode job = job("train.yml", name);
      isADedicatedClassicCluster(job);
      trains(job.at("/tasks/0"));
    }
    String gpu = "/job_clusters/0/new_cluster/spark_conf/spark.task.resource.gpu.amount";
    assertThat(job("train.yml", "train_gpu").at(gpu).isMissingNode()).isFalse();
    assertThat(job("train.yml", "train_cpu").at(gpu).isMissingNode()).isTrue();
  }

  @Test
  void theSweepTrainsOnceForEveryNumberOfClients() throws IOException {
    JsonNode job = job("sweep.yml", "sweep_clients");
    isADedicatedClassicCluster(job);
    JsonNode each = job.at("/tasks/0/for_each_task");
    assertThat(each.path("inputs").asText()).isEqualTo("{{job.parameters.client_counts}}");
    trains(each.path("task"));
    assertThat(each.at("/task/spark_jar_task/parameters").toString())
        .contains("clients.count={{input}}", "federation.clients-per-round={{input}}");
  }

  /** What comes last decides how a job is judged, so it must know how training ended. */
  @Test
  void keepingTheRunsFailsWhereTrainingFailed() throws IOException {
    for (JsonNode job :
        List.of(
            job("train.yml", "train_cpu"),
            job("train.yml", "train_gpu"),
            job("sweep.yml", "sweep_clients"))) {
      JsonNode keep = job.at("/tasks/1");
      String before = job.at("/tasks/0/task_key").asText();
      assertThat(keep.path("run_if").asText()).isEqualTo("ALL_DONE");
      assertThat(keep.at("/depends_on/0/task_key").asText()).isEqualTo(before);
      assertThat(keep.at("/spark_python_task/parameters/2").asText())
          .isEqualTo("{{tasks." + before + ".result_state}}");
      assertThat(BUNDLE.resolve("resources").resolve(keep.findValue("python_file").asText()))
          .isRegularFile();
    }
  }

  @Test
  void everyVariableIsDeclaredAndUsedAndNoHostIsNamed() throws IOException {
    JsonNode declared = read("databricks.yml").path("variables");
    StringBuilder text = new StringBuilder();
    for (String file : List.of("resources/train.yml", "resources/sweep.yml")) {
      text.append(Files.readString(BUNDLE.resolve(file)));
    }
    List<String> used =
        VARIABLE.matcher(text).results().map(MatchResult::group).distinct().toList();
    List<String> known = new ArrayList<>();
    declared.fieldNames().forEachRemaining(name -> known.add("${var." + name + "}"));
    assertThat(used).containsExactlyInAnyOrderElementsOf(known);
    assertThat(text + Files.readString(BUNDLE.resolve("databricks.yml")))
        .doesNotContain("host:", "https://");
  }
}
