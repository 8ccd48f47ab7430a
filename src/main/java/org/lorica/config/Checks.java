package org.lorica.config;

/** Range checks whose messages start with the key, so that the loader can add file and line. */
final class Checks {
  private Checks() {}

  static void check(boolean holds, String key, String expected, Object found) {
    if (!holds) {
      throw new IllegalArgumentException(key + " must be " + expected + ", got " + found);
    }
  }

  static void atLeast(long minimum, String key, long found) {
    check(found >= minimum, key, ">= " + minimum, found);
  }

  static void positive(String key, long found) {
    check(found > 0, key, "> 0", found);
  }

  /** Also refuses NaN and infinities. */
  static void positive(String key, double found) {
    check(found > 0 && Double.isFinite(found), key, "> 0 and finite", found);
  }

  /** What names a folder. */
  static void folder(String key, String found) {
    check(
        found.matches("[A-Za-z0-9][A-Za-z0-9._-]*"),
        key,
        "letters, digits, '.', '_' or '-' (it names a folder)",
        '"' + found + '"');
  }

  /** A path of a node's own file system; Hadoop reads data files, and nothing else. */
  static void local(String key, String expected, String found) {
    check(!found.matches("[a-z][a-z0-9+.-]+:/.*"), key, expected, found);
  }

  /** Where results go: taken for a path, an address would make a folder of that name. */
  static void localFolder(String key, String found) {
    local(key, "a folder of the driver's own file system", found);
  }

  static void notBlank(String key, String found) {
    check(!found.isBlank(), key, "a non-empty text", '"' + found + '"');
  }
}
