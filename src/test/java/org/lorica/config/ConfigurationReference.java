package org.lorica.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns {@code reference.conf} with its comments into {@code docs/configuration.md}. */
final class ConfigurationReference {
  private static final Pattern SECTION = Pattern.compile("([a-z0-9-]+)\\s*\\{");
  private static final Pattern KEY = Pattern.compile("([a-z0-9-]+)\\s*=\\s*(.*)");

  private final StringBuilder text = new StringBuilder();
  private final Deque<String> path = new ArrayDeque<>();
  private final List<String> comment = new ArrayList<>();
  private boolean headed = false;
  private boolean used = false; // keys that follow each other share a comment

  private ConfigurationReference() {}

  static String of(List<String> lines) {
    ConfigurationReference reference = new ConfigurationReference();
    reference.text.append(
        """
        # Every setting

        Made from [`reference.conf`](../src/main/resources/reference.conf) by `ConfigurationReferenceTest`, which fails when the two differ; do not edit this page.

        Precedence: `--set key=value`, then the scenario file, then these defaults. `lorica.` may be left out in `--set`. An unknown key is an error that names the nearest known one.
        """);
    lines.forEach(line -> reference.take(line.strip()));
    return reference.text.toString();
  }

  private void take(String line) {
    Matcher section = SECTION.matcher(line);
    Matcher key = KEY.matcher(line);
    if (line.isEmpty()) {
      comment.clear();
    } else if (line.startsWith("#")) {
      if (used) {
        comment.clear();
        used = false;
      }
      comment.add(line.substring(1).strip());
    } else if (section.matches()) {
      path.addLast(section.group(1));
      headed = false;
      comment.clear();
    } else if (line.equals("}")) {
      path.removeLast();
      headed = false;
    } else if (key.matches()) {
      head();
      used = true;
      String value = key.group(2);
      text.append(
          "| `%s` | `%s` | %s |%n"
              .formatted(
                  prefix() + key.group(1),
                  value.replace("|", "\\|"),
                  String.join(" ", comment).replace("|", "\\|")));
    } else {
      throw new IllegalArgumentException("a line of reference.conf is not understood: " + line);
    }
  }

  /** Without {@code lorica}, as after {@code --set}. */
  private String prefix() {
    List<String> parts = new ArrayList<>(path);
    parts.remove(0);
    return parts.isEmpty() ? "" : String.join(".", parts) + ".";
  }

  private void head() {
    if (!headed) {
      String name = prefix().isEmpty() ? "run" : prefix().replaceFirst("\\.$", "");
      text.append("%n## %s%n%n| key | default | meaning |%n|---|---|---|%n".formatted(name));
      headed = true;
    }
  }
}
