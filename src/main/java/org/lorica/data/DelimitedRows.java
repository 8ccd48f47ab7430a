package org.lorica.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tables with a header line: tab-separated ones, in which every tab separates and quotes mean
 * nothing (as GLUE's files), and comma-separated ones by RFC 4180, whose quoted cells may hold
 * commas, line ends and doubled quotes. Empty lines are passed over.
 */
final class DelimitedRows implements Row.Reader {
  static final DelimitedRows TABS = new DelimitedRows('\t');
  static final DelimitedRows COMMAS = new DelimitedRows(',');

  private final char separator;

  private DelimitedRows(char separator) {
    this.separator = separator;
  }

  @Override
  public void read(String file, Consumer<Row> rows) {
    try (BufferedReader reader = DataFiles.reader(file)) {
      Cursor cursor = new Cursor(file, reader);
      List<String> header = cursor.next();
      if (header == null) {
        return;
      }
      List<String> named = header.stream().filter(name -> !name.isBlank()).toList();
      if (Set.copyOf(named).size() < named.size()) {
        throw Row.bad(
            file + ": line " + cursor.first, "columns of different names", header.toString());
      }
      for (List<String> cells = cursor.next(); cells != null; cells = cursor.next()) {
        String place = file + ": line " + cursor.first;
        if (cells.size() != header.size()) {
          String kind = separator == '\t' ? "tab" : "comma";
          throw Row.bad(
              place, header.size() + " " + kind + "-separated columns", cells.size() + " columns");
        }
        Map<String, String> byName = new HashMap<>();
        for (int i = 0; i < cells.size(); i++) {
          byName.put(header.get(i), cells.get(i));
        }
        rows.accept(new Row(file, "line", cursor.first, byName));
      }
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          file + ": expected UTF-8 text, found bytes that are not", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Where reading has got to. */
  private final class Cursor {
    private final String file;
    private final BufferedReader reader;
    private int line = 0;
    private int first = 0; // line on which the last cells began

    Cursor(String file, BufferedReader reader) {
      this.file = file;
      this.reader = reader;
    }

    /** The cells of the next line that is not empty; null at the end. */
    List<String> next() throws IOException {
      String text;
      do {
        text = reader.readLine();
        line++;
        if (line == 1 && text != null && text.startsWith("\uFEFF")) {
          text = text.substring(1); // byte order mark
        }
      } while (text != null && text.isEmpty());
      first = line;
      if (text == null) {
        return null;
      }
      return separator == '\t' ? List.of(text.split("\t", -1)) : quoted(text);
    }

    private List<String> quoted(String begin) throws IOException {
      List<String> cells = new ArrayList<>();
      StringBuilder cell = new StringBuilder();
      String text = begin;
      boolean inside = false;
      int i = 0;
      while (true) {
        if (i == text.length()) {
          if (!inside) {
            cells.add(cell.toString());
            return cells;
          }
          text = reader.readLine();
          line++;
          if (text == null) {
            throw Row.bad(file + ": line " + first, "a closing quote", "the end of the file");
          }
          cell.append('\n');
          i = 0;
          continue;
        }
        char c = text.charAt(i++);
        if (c == '"' && inside && i < text.length() && text.charAt(i) == '"') {
          cell.append('"');
          i++;
        } else if (c == '"' && (inside || cell.length() == 0)) {
          inside = !inside;
        } else if (c == separator && !inside) {
          cells.add(cell.toString());
          cell.setLength(0);
        } else {
          cell.append(c);
        }
      }
    }
  }
}
