// Databricks notebook source
// MAGIC %md
// MAGIC # Your model and your table
// MAGIC Any DataFrame with a column of texts and one of classes (whole numbers from 0) trains any BERT-layout classifier in a folder that driver and
// MAGIC executors can read. Here: names of countries, languages and currencies in five languages stand for your table.

// COMMAND ----------

import java.nio.file.{Files, Path}
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator
import org.lorica.data.LocaleNames
import org.lorica.spark.ml.{FederatedLoraClassifier, FederatedLoraModel}
import scala.jdk.CollectionConverters._

val home = sys.env.getOrElse("LORICA_HOME", ".") // the folder that holds conf/
val model = Path.of(home, "conf", "names-base").toAbsolutePath.toString

// COMMAND ----------

// MAGIC %md
// MAGIC ## The table
// MAGIC With your own: `val table = spark.table("catalog.schema.texts")`. `client` says whose row it is; without such a column, rows are dealt to
// MAGIC simulated clients.

// COMMAND ----------

val languages = Seq("da", "es", "fi", "pl", "tr")
val rows = LocaleNames.privatePart(languages.asJava).asScala.toSeq.zipWithIndex.map { case (r, i) => (r.text, r.label, s"client-${i % 15}") }
val table = spark.createDataFrame(rows).toDF("text", "label", "client")
val Array(training, test) = table.randomSplit(Array(0.8, 0.2), 7L)
table.groupBy("label").count().orderBy("label").show()

// COMMAND ----------

// MAGIC %md
// MAGIC ## Train
// MAGIC Rows stay where they are. The estimator works in a `Pipeline` and under a `CrossValidator`; remember that every fit spends privacy.

// COMMAND ----------

val classifier = new FederatedLoraClassifier().setModelPath(model).setClientCol("client").setRounds(6).setEpsilon(8.0).setSettings("federation.local-steps=3", "privacy.expected-batch-size=32")
val trained = classifier.fit(training)
println(s"spent: ${trained.privacy}")

// COMMAND ----------

// MAGIC %md
// MAGIC ## Judge it

// COMMAND ----------

val scored = trained.transform(test)
val accuracy = new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(scored)
println(f"accuracy $accuracy%.3f on ${test.count()} rows that no client saw; guessing: ${1.0 / languages.size}%.3f")
scored.select("text", "label", "prediction").show(5, false)

// COMMAND ----------

// MAGIC %md
// MAGIC ## Keep it

// COMMAND ----------

val saved = Files.createTempDirectory("lorica-model").resolve("names").toString // on Databricks: a path of a volume
trained.write.overwrite.save(saved)
val again = FederatedLoraModel.load(saved)
println(s"same predictions: ${again.transform(test).select("prediction").collect().toSeq == scored.select("prediction").collect().toSeq}")
