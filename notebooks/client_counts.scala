// Databricks notebook source
// MAGIC %md
// MAGIC # How many clients?
// MAGIC The same training with different numbers of registered clients, in one Spark application: what it costs and what it reaches. A sweep
// MAGIC that was interrupted goes on where it stopped when its cell is run again.

// COMMAND ----------

import java.nio.file.{Files, Path}
import org.lorica.cli.Notebook

val home = sys.env.getOrElse("LORICA_HOME", ".") // the folder that holds conf/
val runs = Files.createTempDirectory("lorica-sweep").toString
val conf = Path.of(home, "conf").toAbsolutePath.normalize

// COMMAND ----------

// MAGIC %md
// MAGIC ## The grid
// MAGIC Every key of `reference.conf` may be an axis. Clients are virtual: each draws its records from the common pool by its own key, so
// MAGIC that a hundred thousand of them cost no more than a hundred.

// COMMAND ----------

val sweep = s"""
sweep {
  name = "clients"
  scenario = "$conf/quickstart.conf"
  out = "$runs"
  set {
    model.path = "$conf/names-base"
    clients.partitioner = "dirichlet-client", clients.records = "shared", clients.examples = 64
    federation.rounds = 2, federation.local-steps = 2, federation.evaluate-every = 0
    federation.clients-per-round = 8, federation.clients-per-partition = 0
    privacy.expected-batch-size = 16, data.max-test-examples = 400
  }
  axes = [
    { clients.count = [100, 10000, 100000] }
    { strategy.name = ["fedask", "ffa"] }
  ]
}
"""
val file = Files.writeString(Path.of(runs, "sweep.conf"), sweep)

// COMMAND ----------

println(Notebook.run("sweep", file.toString))

// COMMAND ----------

// MAGIC %md
// MAGIC ## One table for all sweeps

// COMMAND ----------

val results = spark.read.parquet(s"$runs/results.parquet")
results.selectExpr("settings['clients.count'] AS clients", "settings['strategy.name'] AS strategy", "round(figures['test-accuracy'], 3) AS accuracy", "round(figures['seconds-train'] + figures['seconds-aggregate'], 2) AS seconds").orderBy("cell").show(false)

// COMMAND ----------

// MAGIC %md
// MAGIC ## Pictures

// COMMAND ----------

for (name <- Seq("accuracy", "seconds", "bytes")) displayHTML(Notebook.picture(Path.of(runs, "clients", s"$name.png")))
