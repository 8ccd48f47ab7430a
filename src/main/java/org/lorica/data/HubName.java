package org.lorica.data;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code hf://org/name@revision/file}: a repository of a model hub, and perhaps a file in it; data
 * sets are {@code hf://datasets/org/name…}.
 *
 * @param repository {@code org/name} or {@code datasets/org/name}
 * @param revision branch, tag or commit; main where the name says none
 * @param file path within the repository; empty for all of it
 */
record HubName(String repository, String revision, Optional<String> file) {
  private static final String WORD = "[A-Za-z0-9][A-Za-z0-9._-]*";
  private static final Pattern NAME =
      Pattern.compile(
          "hf://((?:datasets/)?%s/%s)(?:@([A-Za-z0-9][A-Za-z0-9._-]*))?(?:/(.+))?"
              .formatted(WORD, WORD));

  static HubName parse(String text) {
    Matcher matcher = NAME.matcher(text);
    boolean climbs = text.matches(".*(^|/)\\.\\.?(/|$).*");
    if (!matcher.matches() || climbs) {
      throw new IllegalArgumentException(
          "a hub name must be hf://org/name, hf://org/name@revision or"
              + " hf://datasets/org/name@revision/file, got "
              + text);
    }
    String revision = matcher.group(2) == null ? "main" : matcher.group(2);
    return new HubName(matcher.group(1), revision, Optional.ofNullable(matcher.group(3)));
  }

  /** Whether the revision can never mean anything else. */
  boolean pinned() {
    return revision.matches("[0-9a-f]{40}");
  }

  /** Folder of this revision within a cache. */
  String folder() {
    return repository.replace("/", "--") + "/" + revision;
  }
}
