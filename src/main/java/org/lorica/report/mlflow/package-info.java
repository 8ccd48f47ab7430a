/** Runs as an MLflow tracking server keeps them; the files of the run folder are the truth. */
package org.lorica.report.mlflow;
