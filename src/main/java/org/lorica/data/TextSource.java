package org.lorica.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lorica.config.DataConfig.Source;
import org.lorica.config.RecordFormat;

/** Text records of files, in file order. A bad row is an error that names file and line. */
public final class TextSource {
  private TextSource() {}

  /** By the name's ending, with the usual columns and numbered classes. */
  public static List<TextRecord> read(String name) {
    return read(name, formatOf(name), RecordFormat.usual(RecordFormat.TargetKind.CLASS));
  }

  /** All must be usable. */
  public static List<TextRecord> read(String name, Source source, RecordFormat format) {
    return read(name, source, format, new RecordLog());
  }

  /**
   * Records of a file or of a folder's files.
   *
   * @param log receives what was left out
   */
  public static List<TextRecord> read(
      String name, Source source, RecordFormat format, RecordLog log) {
    List<TextRecord> records = new ArrayList<>();
    RecordMapper mapper = new RecordMapper(format, log);
    for (String file : DataFiles.list(name)) {
      switch (source) {
        case TSV -> DelimitedRows.TABS.read(file, row -> mapper.map(row).ifPresent(records::add));
        case CSV -> DelimitedRows.COMMAS.read(file, row -> mapper.map(row).ifPresent(records::add));
        case JSONL -> new JsonRows().read(file, row -> mapper.map(row).ifPresent(records::add));
        case PARQUET ->
            new ParquetRows().read(file, row -> mapper.map(row).ifPresent(records::add));
        case SQUAD -> records.addAll(SquadFile.read(file, format.badRecords(), log));
        case ROLES -> roles(file, records);
        default -> throw new IllegalArgumentException("data.source = " + source + " has no file");
      }
    }
    if (records.isEmpty()) {
      throw new IllegalArgumentException(
          name
              + ": expected at least one record, found none"
              + (log.skipped() > 0 ? " (data.bad-records = skip left out all)" : ""));
    }
    return records;
  }

  /** The source that a file's ending tells. */
  public static Source formatOf(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    for (Source source : List.of(Source.TSV, Source.CSV, Source.JSONL, Source.PARQUET)) {
      if (plain.endsWith("." + source.name().toLowerCase(Locale.ROOT))) {
        return source;
      }
    }
    if (plain.endsWith(".json")) {
      return Source.SQUAD;
    }
    throw new IllegalArgumentException(
        name
            + ": expected a file that ends with .tsv, .csv, .jsonl or .parquet, or .json (SQuAD),"
            + " perhaps followed by .gz");
  }

  /**
   * Speaking roles, a line each: {@code {"client":…,"utterances":[…]}}; one record an utterance,
   * the role its client.
   */
  private static void roles(String file, List<TextRecord> records) {
    JsonRows.objects(
        file,
        (number, json) -> {
          if (!json.path("client").isTextual() || !json.path("utterances").isArray()) {
            throw Row.bad(
                file + ": line " + number,
                "an object with \"client\" (text) and \"utterances\" (list of texts)",
                json.toString());
          }
          for (JsonNode utterance : json.get("utterances")) {
            records.add(
                new TextRecord(utterance.asText(), Example.NO_LABEL, json.get("client").asText()));
          }
        });
  }
}
