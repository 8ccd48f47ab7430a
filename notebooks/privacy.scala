// Databricks notebook source
// MAGIC %md
// MAGIC # Privacy: explained, computed, attacked
// MAGIC What the printed ε promises and to whom, how much noise it takes, and an attack on a real training that tries to prove more leaked.

// COMMAND ----------

import java.nio.file.{Files, Path}
import org.lorica.cli.Notebook

val home = sys.env.getOrElse("LORICA_HOME", ".") // the folder that holds conf/
val runs = Files.createTempDirectory("lorica-privacy").toString
val scenario = s"$home/conf/quickstart.conf"
val model = s"model.path=$home/conf/names-base"

// COMMAND ----------

// MAGIC %md
// MAGIC ## What would this scenario guarantee?

// COMMAND ----------

println(Notebook.run("privacy", "explain", scenario, "--set", model))

// COMMAND ----------

// MAGIC %md
// MAGIC ## How much noise does a budget take?
// MAGIC σ is the noise's standard deviation divided by the clip norm: 100 steps, every record in a step with probability 0.1.

// COMMAND ----------

val budgets = Seq(1, 2, 4, 8)
val sigmas = budgets.map(e => Notebook.run("privacy", "sigma", "--epsilon", e.toString, "--q", "0.1", "--steps", "100", "--delta", "1e-5").trim)
budgets.zip(sigmas).foreach { case (e, sigma) => println(s"epsilon $e: $sigma") }

// COMMAND ----------

// MAGIC %md
// MAGIC ## Attack it
// MAGIC Canaries, gradients that only one record can cause, are put in by a coin each. From the released updates the attack guesses which were in;
// MAGIC what it can prove must stay below what is claimed.

// COMMAND ----------

val audit = Notebook.run("audit", scenario, "--canaries", "500", "--set", model, "--set", s"out=$runs", "--set", "federation.rounds=2", "--set", "clients.count=10", "--set", "federation.clients-per-round=10")
println(audit)

// COMMAND ----------

val folder = Files.list(Path.of(runs)).findFirst().get()
displayHTML(Notebook.picture(folder.resolve("canaries.png")))
