// Databricks notebook source
// MAGIC %md
// MAGIC # Quickstart
// MAGIC Forty clients learn together which language a name is from. Nobody, not even the server, learns whether a given name was in a
// MAGIC client's data: record-level differential privacy with ε = 8.

// COMMAND ----------

import java.nio.file.{Files, Path}
import org.lorica.cli.Notebook

val onDatabricks = sys.env.contains("DATABRICKS_RUNTIME_VERSION")
val home = sys.env.getOrElse("LORICA_HOME", ".") // the folder that holds conf/
val runs = Files.createTempDirectory("lorica-quickstart").toString
println(s"Spark ${spark.version}, ${sc.defaultParallelism} task slots, Databricks: $onDatabricks")

// COMMAND ----------

// MAGIC %md
// MAGIC ## Train
// MAGIC A command of Lorica inside a notebook uses the notebook's own session. `--set` changes any key of `reference.conf`.

// COMMAND ----------

val printed = Notebook.run("train", s"$home/conf/quickstart.conf", "--set", s"model.path=$home/conf/names-base", "--set", s"out=$runs", "--set", "federation.rounds=5")
println(printed)

// COMMAND ----------

// MAGIC %md
// MAGIC ## Every round as a row

// COMMAND ----------

val run = Files.list(Path.of(runs)).findFirst().get()
val rounds = spark.read.json(run.resolve("rounds.jsonl").toUri.toString)
rounds.selectExpr("round", "quality.testLoss", "quality.metricValue AS accuracy", "epsilon", "seconds.train").orderBy("round").show(50, false)

// COMMAND ----------

// MAGIC %md
// MAGIC ## Use the adapter
// MAGIC The run folder's `adapter` is a PEFT adapter: Lorica and Hugging Face's PEFT both read it.

// COMMAND ----------

val names = Path.of(runs, "names.jsonl")
Files.writeString(names, "{\"text\":\"Yhdysvallat\"}\n{\"text\":\"Birleşik Krallık\"}\n")
val answers = Path.of(runs, "answers.jsonl")
Notebook.run("predict", "--model", s"$home/conf/names-base", "--adapter", run.resolve("adapter").toString, "--data", names.toString, "--out", answers.toString)
spark.read.json(answers.toUri.toString).selectExpr("array_position(logits, array_max(logits)) - 1 AS label").show()
